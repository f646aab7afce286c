"""Invoices and credit notes: drafts, validation, archived PDFs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from infra.local.demo.client import Answer, Client, download
from infra.local.demo.people import House
from infra.local.demo.stage import Stage, money, until

_COLLECTIONS = {"invoice": "invoices", "credit_note": "credit-notes", "cancellation": "cancellations"}


def invoice_in_two(stage: Stage, house: House, order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Invoice half of each line's whole quantity, then what remains; each is drafted, validated and archived."""
    made = _of_order(house, order, "invoice")
    with stage.step(f"Invoice part of {order['customer_reference']}"):
        first = _drafted(house["assistant"], made[0]) if made else _invoice(house, order, _half(house, order))
        if first.body["status"] == "draft":
            refused = house["assistant"].post(
                f"/invoices/{first.body['id']}/validation", {}, (403,), version=first.version
            )
            stage.refused("Assistant validates an invoice", refused, "forbidden")
        part = validate(stage, house, first)
    with stage.step(f"Invoice the rest of {order['customer_reference']}"):
        second = _drafted(house["assistant"], made[1]) if made[1:] else _invoice(house, order, None)
        rest = validate(stage, house, second)
    total = sum(Decimal(one["totals"]["net"]["amount"]) for one in (part, rest))
    stage.tell(f"both: {total} EUR without VAT, the order {money(order['totals']['net'])}")
    return [part, rest]


def invoice_whole(stage: Stage, house: House, order: Mapping[str, Any]) -> dict[str, Any]:
    """Invoice an order at once."""
    with stage.step(f"Invoice {order['customer_reference']}"):
        made = _of_order(house, order, "invoice")
        return validate(stage, house, _drafted(house["assistant"], made[0]) if made else _invoice(house, order, None))


def credit_in_part(stage: Stage, house: House, invoice: Mapping[str, Any]) -> dict[str, Any]:
    """Credit one line's quantity and a rebate on another, after asking for too much."""
    made = [one for one in _of_order(house, invoice, "credit_note", invoice["order"]) if one["origin"] == invoice["id"]]
    with stage.step(f"Credit part of {invoice['number']}"):
        draft = _drafted(house["assistant"], made[0]) if made else _credit(stage, house, invoice)
        credit = validate(stage, house, draft)
        left = house["accountant"].get(f"/invoices/{invoice['id']}/remaining").body
        stage.tell(
            f"{money(left['credited'])} credited of {money(left['invoiced'])}, {money(left['remaining'])} remain"
        )
    return credit


def _credit(stage: Stage, house: House, invoice: Mapping[str, Any]) -> Answer:
    assistant = house["assistant"]
    snapshot = assistant.get(f"/invoices/{invoice['id']}").body["snapshot"]
    paid = [line for line in snapshot["lines"] if not line["free"] and Decimal(line["net"]["amount"]) > 10]
    asked = {
        "invoice": invoice["id"],
        "credit_type": "invoicing_error",
        "reason": "Un article livré endommagé, et une remise commerciale oubliée.",
        "lines": [
            {"position": paid[0]["position"], "quantity": "1"},
            {"position": paid[1]["position"], "amount": "5.00"},
        ],
    }
    line = {"position": paid[0]["position"], "quantity": str(Decimal(paid[0]["quantity"]) + 1)}
    refused = assistant.post("/credit-notes", {**asked, "lines": [line]}, (422,))
    stage.refused("Crediting more than was invoiced", refused, "quantity_exceeded")
    return assistant.post("/credit-notes", asked, (201,))


def validate(stage: Stage, house: House, draft: Answer) -> dict[str, Any]:
    """Validate a document unless it is, wait for its archive, and leave its PDF in `out/`."""
    document = archived(stage, house["manager"], draft)
    _keep(stage, house["accountant"], path_of(document), document)
    net, gross = document["totals"]["net"], document["totals"]["gross"]
    stage.tell(f"{document['number']} of {document['issue_date']}: {money(net)} without VAT, {money(gross)} with")
    return document


def path_of(document: Mapping[str, Any]) -> str:
    """Where the API shows a document."""
    return f"/{_COLLECTIONS[document['kind']]}/{document['id']}"


def archived(stage: Stage, manager: Client, draft: Answer) -> dict[str, Any]:
    """A document once it is validated, by `manager` unless it was, and archived; a TEST once it is rendered."""
    path, done = path_of(draft.body), "tested" if draft.body["test"] else "archived"
    if draft.body["status"] != done:
        answer = manager.post(f"{path}/validation", {}, (200, 202), version=draft.version)
        if answer.status == 202:
            _drive_again(stage)
    ended = until(lambda: manager.get(path), lambda came: _filed(came.body["document"], done), path)
    return dict(ended.body["document"])


def _filed(document: Mapping[str, Any], status: str) -> bool:
    return document["status"] == status and document["file"] is not None


def _drive_again(stage: Stage) -> None:
    """Start now, as the deployer may, the job that the clock starts: it archives what is numbered without its PDF.

    A workflow that the last stop of this machine killed is not taken up by anything else.
    """
    stage.tell(f"not archived yet, the healing job was started: {stage.job('heal')}")


def _keep(stage: Stage, accountant: Client, path: str, document: Mapping[str, Any]) -> None:
    link = accountant.get(f"{path}/file").body
    content = download(link["url"])
    folder = _COLLECTIONS[document["kind"]]
    name = f"{document['number'].replace('/', '-')}.pdf"
    about = {name: document[name] for name in ("kind", "number")}
    stage.keep(folder, name, content, **about)
    stage.check(f"SHA-256 of {document['number']}", link["sha256"], stage.record.files[-1]["sha256"])
    shown = {name: document[name] for name in ("id", "kind", "number", "sequence", "issue_date", "customer_name")}
    # As lists show them, the amounts of a credit note are negative.
    sign = "-" if document["kind"] == "credit_note" else ""
    totals = {name: sign + document["totals"][name]["amount"] for name in ("net", "vat", "gross")}
    stage.record.documents.append(
        shown
        | {"order": document["order_number"], "currency": document["currency"], **totals}
        | {"file": f"{folder}/{name}", "sha256": link["sha256"]}
    )


def _invoice(house: House, order: Mapping[str, Any], quantities: list[dict[str, str]] | None) -> Answer:
    asked = {"quantities": quantities, "delivery_date": order["created_on"]}
    return house["assistant"].post(f"/orders/{order['id']}/invoices", asked, (201,))


def _half(house: House, order: Mapping[str, Any]) -> list[dict[str, str]]:
    """Half of each line, in whole units; lines of one unit come with the rest."""
    path, chunk, wanted = f"/orders/{order['id']}/lines", 0, []
    while chunk is not None:
        page = house["assistant"].get(path, chunk=chunk).body
        for line in page["items"]:
            half = Decimal(line["quantity"]) // 2
            if half:
                wanted.append({"line": line["id"], "quantity": str(half)})
        chunk = page["next_chunk"]
    return wanted


def _of_order(house: House, order: Mapping[str, Any], kind: str, identifier: str | None = None) -> list[dict[str, Any]]:
    """The order's documents of a kind, oldest first; a credit note with the invoice that it corrects as `origin`."""
    found = []
    for one in house["manager"].every(f"/parties/{order['customer']}/documents"):
        if one["kind"] == kind and one["order"] == (identifier or order["id"]):
            document = house["manager"].get(f"/{_COLLECTIONS[kind]}/{one['id']}").body["document"]
            origin = document["origin"] or {}
            found.append({**one, "origin": origin.get("document")})
    return found[::-1]


def _drafted(client: Client, document: Mapping[str, Any]) -> Answer:
    """A document that an earlier run made, as drafting it answered."""
    found = client.get(f"/{_COLLECTIONS[document['kind']]}/{document['id']}")
    return Answer(found.status, found.body["document"], found.version)
