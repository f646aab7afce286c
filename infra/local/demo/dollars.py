"""The offer in US dollars: goods of two suppliers told FOB then CIF, a service above, rates, calculator, totals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from infra.local.demo.client import Answer, Client, Unexpected, download
from infra.local.demo.people import House
from infra.local.demo.stage import Stage, money

REFERENCE, CUSTOMER, TEMPLATE = "DEMO-USD", "C0043", "export"
FRENCH, JAPANESE, FORWARDER = SUPPLIERS = ("F001", "F006", "F012")
"""One asks euros and speaks French, one asks yen and speaks English, one carries the goods."""

_PLACE = "Boston, MA"
_GOODS = (
    # Reference, supplier, quantity, transport price of one unit in dollars.
    ("COR-016", FRENCH, "10", "24.00"),
    ("FIL-050", FRENCH, "12", "9.50"),
    ("MAN-024", FRENCH, "100", "1.80"),
    ("FIL-090", JAPANESE, "8", "9.00"),
    ("CAI-160", JAPANESE, "6", "65.00"),
    ("CHA-020", JAPANESE, "120", "2.40"),
)
_SERVICE = {
    "designation": "Inspection à l'arrivée et mise à poste dans l'entrepôt du client",
    "kind": "service",
    "quantity": "1",
    "unit": "forfait",
    "unit_price": "680.00",
    "incoterm": "DAP",
    "incoterm_place": "Bourne, MA",
}
_SERVICE_EN = {"designation": "Inspection on arrival and handling at the customer's warehouse", "unit": "lump sum"}
_MESSAGES = {
    "fr": "Prix en dollars des États-Unis ; marchandises assurées pour 110 % de leur valeur.",
    "en": "Prices in US dollars; the goods are insured for 110% of their value.",
}
_CALCULATOR = {
    "transport": [{"label": "Fret maritime Le Havre - Boston", "amount": {"amount": "1150.00", "currency": "USD"}}],
    "insurance": [{"label": "Assurance maritime", "rate": "0.4", "base": "sale", "base_percentage": "110"}],
    "extra": [{"label": "Frais de dossier", "amount": {"amount": "90.00", "currency": "EUR"}}],
    "markup_rate": "22",
    "decimals": 2,
}


@dataclass(frozen=True)
class Desk:
    """Where the order is worked on: `path` is the order's, `suppliers` its suppliers by code."""

    house: House
    path: str
    suppliers: Mapping[str, str]

    @property
    def sales(self) -> Client:
        """The sales operator."""
        return self.house["sales"]

    def order(self) -> dict[str, Any]:
        """The order as it is now."""
        return dict(self.sales.get(self.path).body)

    def request(self, code: str) -> str:
        """The path of the request to a supplier."""
        return f"{self.path}/supplier-requests/{self.suppliers[code]}"

    def requests(self) -> list[dict[str, Any]]:
        """The supplier requests, all on one page."""
        return list(self.sales.get(f"{self.path}/supplier-requests").body["items"])

    def lines(self) -> list[dict[str, Any]]:
        """The requested products."""
        return list(self.sales.get(f"{self.path}/lines").body["items"])

    def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Replace what belongs to the order, in the version in which the order now is."""
        return self.sales.put(f"{self.path}{path}", body, version=self.sales.get(self.path).version)

    def patch(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Change part of what belongs to the order, in the version in which the order now is."""
        return self.sales.patch(f"{self.path}{path}", body, version=self.sales.get(self.path).version)

    def change(self, **fields: Any) -> None:
        """Change the head of the order."""
        self.patch("", fields)

    def keep_preview(self, stage: Stage, path: str, name: str) -> None:
        """Leave what a document would look like in `out/previews/`."""
        stage.keep("previews", name, download(self.sales.get(path).body["url"]), kind="preview")

    def linked_prices(self) -> list[dict[str, str]]:
        """The three prices of each line whose transport is told apart: FOB, transport, CIF."""
        return [
            {
                "code": line["code"],
                "goods": line["unit_price"],
                "transport": line["transport_price"],
                "overall": str(Decimal(line["unit_price"]) + Decimal(line["transport_price"])),
            }
            for line in self.lines()
            if Decimal(line["transport_price"])
        ]


def head(stage: Stage, customer: str) -> dict[str, Any]:
    """The offer as it is opened: CIF, transport line by line on FOB; what a term waits for has no date yet."""
    return {
        "customer": customer,
        "customer_reference": REFERENCE,
        "currency": "USD",
        "language": "fr",
        "incoterm": "CIF",
        "incoterm_place": _PLACE,
        "transport": {"detail": "lines", "intermediate_incoterm": "FOB", "intermediate_place": "Le Havre"},
        "terms": [
            {"percentage": "40", "milestone": "order_confirmation"},
            {"percentage": "60", "milestone": "etd", "steps": [{"days": 30}]},
        ],
        "milestones": [
            {"name": "order_confirmation", "forecast": stage.today.isoformat()},
            {"name": "production_end", "forecast": (stage.today + dt.timedelta(days=20)).isoformat()},
        ],
        "message": _MESSAGES["fr"],
    }


def fill(stage: Stage, desk: Desk) -> None:
    """Set the exchange rates, then the lines that the catalogue proposes for each reference and supplier."""
    day = stage.today.isoformat()
    rates = [
        {"base": "EUR", "quote": "USD", "rate": "1.0876", "date": day, "source": "BCE"},
        {"base": "USD", "quote": "JPY", "rate": "154.32", "date": day, "source": "Bank of Japan"},
    ]
    desk.put("/rates", {"rates": rates})
    for rate in rates:
        stage.tell(f"1 {rate['base']} = {rate['rate']} {rate['quote']} ({rate['source']}, {day})")
    goods = [
        _proposed(desk, code, supplier, quantity) | {"quantity": quantity, "transport_price": transport}
        for code, supplier, quantity, transport in _GOODS
    ]
    desk.put("/lines", {"lines": [*goods, _SERVICE]})
    requests = desk.requests()
    for request in requests:
        stage.tell(
            f"request to {request['supplier_name']}: {request['lines']} lines, {money(request['totals']['net'])}"
        )
    stage.check("Supplier requests that saving the lines opened", 2, len(requests))


def _proposed(desk: Desk, code: str, supplier: str, quantity: str) -> dict[str, Any]:
    found = desk.sales.get("/references", search=code).body["items"]
    reference = next((one["id"] for one in found if one["code"] == code), None)
    if reference is None:
        raise Unexpected(f"GET /references?search={code}: the reference was expected, it was not found")
    path = f"{desk.path}/proposals/{reference}"
    line: dict[str, Any] = desk.sales.get(path, quantity=quantity, supplier=desk.suppliers[supplier]).body["line"]
    return line


def price(stage: Stage, desk: Desk) -> None:
    """Compute the prices that leave the wanted markup, apply them, then round one of the linked prices by hand."""
    with stage.step("Price calculator"):
        view = desk.patch("/calculator", _CALCULATOR).body
        solution = view["solution"]
        told = ", ".join(f"{name} {money(solution[name])}" for name in ("purchases", "costs", "sale", "margin"))
        stage.tell(f"{told}; coefficient {solution['coefficient']}")
        _balanced(stage, solution)
        version = desk.sales.get(desk.path).version
        desk.sales.post(f"{desk.path}/calculator/application", {}, (200,), version=version)
        line = desk.lines()[1]
        before = _three(line)
        desk.put(f"/lines/{line['id']}/price", {"changed": "overall", "price": _rounded(before[2])})
        after = _three(desk.lines()[1])
        stage.tell(f"FOB, transport, CIF of {line['code']}: {_shown(before)}, CIF rounded: {_shown(after)}")
        stage.check(f"Transport of {line['code']} once its CIF price is rounded", before[1], after[1])


def _balanced(stage: Stage, solution: Mapping[str, Any]) -> None:
    """The sale price bears its own insurance: purchases, costs and margin make it up to the cent."""
    part = {name: Decimal(solution[name]["amount"]) for name in ("purchases", "costs", "sale", "margin")}
    stage.check("Purchases, costs and margin", part["sale"], part["purchases"] + part["costs"] + part["margin"])
    premium = part["costs"] - Decimal("1150.00") - Decimal("90.00") * Decimal("1.0876")
    expected = part["sale"] * Decimal("1.10") * Decimal("0.004")
    stage.check("Insurance of 110 % of the sale, to the cent", True, abs(premium - expected) <= Decimal("0.01"))


def _three(line: Mapping[str, Any]) -> tuple[Decimal, Decimal, Decimal]:
    goods, transport = Decimal(line["unit_price"]), Decimal(line["transport_price"])
    return goods, transport, goods + transport


def _rounded(price: Decimal) -> str:
    return str(price // 5 * 5)


def _shown(prices: tuple[Decimal, ...]) -> str:
    return " + ".join(map(str, prices[:2])) + f" = {prices[2]}"


def translate(desk: Desk) -> None:
    """Put the order into English: its head, the designations that the catalogue has, its service."""
    desk.change(language="en", message=_MESSAGES["en"])
    suppliers = {identifier: code for code, identifier in desk.suppliers.items()}
    lines = []
    for line in desk.lines():
        words = _SERVICE_EN
        if line["reference"]:
            proposed = _proposed(desk, line["code"], suppliers[line["supplier"]], line["quantity"])
            words = {"designation": proposed["designation"]}
        lines.append(line | words)
    desk.put("/lines", {"lines": lines})


def expect_deposit(stage: Stage, desk: Desk) -> None:
    """Enter money that the order expects beside its products; what it has to pay for these is as before."""
    with stage.step("Deposit expected beside the products"):
        deposit = {"amount": "500.00", "currency": "USD"}
        day = (stage.today + dt.timedelta(days=60)).isoformat()
        line = {"label": "Container deposit", "amount": deposit, "forecast_date": day}
        before = _treasury(desk)
        if not before[True]:
            desk.put("/treasury/outside", {"lines": [line]})
        after = _treasury(desk)
        stage.check("Amounts expected beside the products", [deposit], after[True])
        stage.check("Amounts expected for the products", before[False], after[False])


def _treasury(desk: Desk) -> dict[bool, list[dict[str, str]]]:
    """The amounts of the customer request, by whether they are outside its products."""
    lines = desk.sales.get(f"{desk.path}/treasury").body["lines"]
    return {
        outside: [one["amount"] for one in lines if one["outside_products"] is outside] for outside in (True, False)
    }


def tell_totals(stage: Stage, desk: Desk) -> None:
    """Totals by incoterm, weights, margin and its colour."""
    with stage.step("Totals and margin of the order in USD"):
        totals = desk.sales.get(f"{desk.path}/totals").body
        for group in totals["groups"]:
            stage.tell(f"{group['incoterm']}: {money(group['net'])}")
        stage.tell(
            f"{money(totals['totals']['net'])}, purchases {money(totals['purchase_cost'])}, margin "
            f"{money(totals['margin'])}: {totals['margin_rate']} % of purchases, {totals['markup_rate']} % of sales, "
            f"{totals['colour']}; {totals['gross_weight']} kg gross"
        )
        stage.check("Final incoterm", "DAP", totals["final_incoterm"])
        stage.check("Incoterms of the groups", "FOB, CIF, DAP", ", ".join(one["incoterm"] for one in totals["groups"]))
        stage.record.trade["totals"] = totals
