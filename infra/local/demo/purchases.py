"""The purchase side of the order in US dollars: requests, purchase orders, and when a confirmation can be undone."""

from __future__ import annotations

from typing import Any

from infra.local.demo.client import Client, download
from infra.local.demo.dollars import FORWARDER, FRENCH, JAPANESE, Desk
from infra.local.demo.stage import Stage, money, until

_FREIGHT = (
    {"kind": "transport", "designation": "Sea freight Le Havre - Boston, 2 pallets", "unit_price": "1150.00"},
    {"kind": "service", "designation": "Marine cargo insurance, 110% of CIF value", "unit_price": "72.50"},
)
_LEFT = "Kenji Watanabe"
"""A contact who no longer works there."""


def unsettle(stage: Stage, desk: Desk) -> None:
    """Open a request for the freight, and leave that of the Japanese supplier with two flaws."""
    if desk.suppliers[FORWARDER] not in desk.order()["suppliers"]:
        lines = [{"quantity": "1", "unit": "lump sum", **line} for line in _FREIGHT]
        asked = {"supplier": desk.suppliers[FORWARDER], "lines": lines}
        version = desk.sales.get(desk.path).version
        request = desk.sales.post(f"{desk.path}/supplier-requests", asked, (201,), version=version).body
        stage.tell(f"request to {request['supplier_name']}: {money(request['totals']['net'])}")
    _change(desk, JAPANESE, contact=_LEFT, terms=[{"percentage": "30", "milestone": "order_confirmation"}])


def settle(stage: Stage, desk: Desk) -> None:
    """Mend the request: whom it is sent to, and the balance; the purchase is paid as the sale is shipped."""
    contact = desk.sales.get(f"/parties/{desk.suppliers[JAPANESE]}").body["contacts"][0]["name"]
    terms = [
        {"percentage": "30", "milestone": "order_confirmation"},
        {"percentage": "70", "milestone": "etd", "steps": [{"days": 15}]},
    ]
    _change(
        desk,
        JAPANESE,
        contact=contact,
        terms=terms,
        incoterm="FOB",
        incoterm_place="Tōkyō",
        message="Please send the packing list and the certificate of origin with the goods.",
    )
    stage.tell(f"{JAPANESE}: contact {contact}, terms of 100 %")


def _change(desk: Desk, code: str, **fields: Any) -> None:
    """Change the head of a request; its payment terms keep the company's account."""
    read = desk.sales.get(desk.request(code))
    account = read.body["terms"][0]["bank_account"]
    terms = [{"bank_account": account, **term} for term in fields.get("terms", read.body["terms"])]
    desk.sales.patch(desk.request(code), fields | {"terms": terms}, version=read.version)


def issue(stage: Stage, desk: Desk) -> None:
    """Issue the purchase orders of the two suppliers, after a look at one, and leave them in `out/`."""
    with stage.step("Purchase orders"):
        desk.keep_preview(stage, f"{desk.request(JAPANESE)}/purchase-orders/preview", "purchase-order-en.pdf")
        told = stage.record.trade["purchase_orders"] = []
        for code in (FRENCH, JAPANESE):
            path = f"{desk.request(code)}/purchase-orders"
            if not list(desk.sales.every(path)):
                _issue(desk.sales, path)
            for order in desk.sales.every(path):
                told.append(_kept(stage, desk, f"{path}/{order['version']}/file"))
        stage.record.trade["requests"] = _requests(desk)


def _issue(sales: Client, path: str) -> None:
    issued = sales.post(path, {"comment": "Envoyé par courriel"}, (201, 202)).body
    file = f"{path}/{issued['version']}/file"
    until(lambda: sales.get(file), lambda came: came.body["url"] is not None, file)


def _kept(stage: Stage, desk: Desk, path: str) -> dict[str, Any]:
    link = desk.sales.get(path).body
    order = link["purchase_order"]
    name = f"{order['number']}.pdf"
    stage.keep("purchase-orders", name, download(link["url"]), kind="purchase_order", number=order["number"])
    stage.check(f"SHA-256 of {order['number']}", order["file"]["sha256"], stage.record.files[-1]["sha256"])
    shown = {name: order[name] for name in ("number", "version", "language", "supplier_name")}
    total = order["totals"]["net"]
    return shown | {"net": total["amount"], "currency": total["currency"], "file": f"purchase-orders/{name}"}


def _requests(desk: Desk) -> list[dict[str, Any]]:
    return [
        {name: one[name] for name in ("supplier", "supplier_name", "language", "currency", "lines", "final_incoterm")}
        | {"net": one["totals"]["net"]["amount"]}
        for one in desk.requests()
    ]


def undo_too_early(stage: Stage, desk: Desk) -> None:
    """Nothing to undo on an offer."""
    version = desk.sales.get(desk.path).version
    answer = desk.house["manager"].post(f"{desk.path}/confirmation/undo", {}, (409,), version=version)
    stage.refused("Undoing the confirmation of an offer", answer, "no_confirmation_to_undo")


def undo(stage: Stage, desk: Desk) -> None:
    """The manager may make it an offer again, the sales operator may not."""
    path, asked = f"{desk.path}/confirmation/undo", {"reason": "Prix à revoir"}
    version = desk.sales.get(desk.path).version
    stage.refused("Sales undoes a confirmation", desk.sales.post(path, asked, (403,), version=version), "forbidden")
    answer = desk.house["manager"].post(path, asked, (200,), version=version)
    stage.check("Status once the manager has undone the confirmation", "offer", answer.body["status"])


def refuse_undo(stage: Stage, desk: Desk) -> None:
    """Once a supplier request is completed, the confirmation can't be undone any more."""
    with stage.step("Undo refused once a supplier request is completed"):
        request = desk.sales.get(desk.request(FRENCH))
        if request.body["status"] == "confirmed":
            desk.sales.post(f"{desk.request(FRENCH)}/completion", {}, (200,), version=request.version)
        version = desk.sales.get(desk.path).version
        answer = desk.house["manager"].post(f"{desk.path}/confirmation/undo", {}, (409,), version=version)
        stage.refused("Undoing beside a completed supplier request", answer, "request_completed")
        for sentence in answer.sentences:
            stage.tell(sentence)
