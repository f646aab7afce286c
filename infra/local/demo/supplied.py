"""What suppliers ask for: one sends a Factur-X, the others paper; each recorded once (SUP-03)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from infra.local.demo import electronic
from infra.local.demo.client import Client
from infra.local.demo.deals import party_of
from infra.local.demo.dollars import FORWARDER, FRENCH, JAPANESE, REFERENCE
from infra.local.demo.people import House
from infra.local.demo.sending import sent
from infra.local.demo.stage import Stage, money

GERMAN = "F003"
PAPER = {
    GERMAN: ("RE-2026/1107", [{"designation": "Segeltuch, 40 m", "unit_price": "612.40", "quantity": "1"}]),
    FORWARDER: (
        "AFF-77310",
        [{"designation": "Ocean freight", "unit_price": "1222.50", "quantity": "1", "kind": "transport"}],
    ),
}
"""The invoices that no order made, by supplier: number and lines."""
_ELECTRONIC, _JAPANESE = "CB-26-00418", "TG 2026-118"


def record_invoices(stage: Stage, house: House, order: str) -> dict[str, dict[str, Any]]:
    """The invoice of each supplier, recorded or found again, by the supplier's code."""
    client = house["manager"]
    suppliers = {code: party_of(client, code) for code in (FRENCH, GERMAN, JAPANESE, FORWARDER)}
    found: dict[str, dict[str, Any]] = {}
    with stage.step("Supplier invoices: a Factur-X, and three by hand"):
        for code, supplier in suppliers.items():
            numbers = {FRENCH: _ELECTRONIC, JAPANESE: _JAPANESE} | {each: PAPER[each][0] for each in PAPER}
            known = _known(client, supplier, numbers[code])
            if known is None:
                asked = _asked(stage, client, order, code, supplier)
                known = client.post("/supplier-invoices", asked, (201,)).body
            told = f"{known['number']} of {known['supplier_name']}: {money(known['totals']['gross'])}"
            stage.tell(f"{told}, {known['format']}, {len(known['differences'])} differences")
            found[code] = known
    return found


def _known(client: Client, supplier: str, number: str) -> dict[str, Any] | None:
    """The invoice as it was recorded before."""
    for one in client.every(f"/parties/{supplier}/supplier-documents"):
        if one["number"] == number and one["status"] == "recorded":
            document: dict[str, Any] = client.get(f"/supplier-documents/{one['id']}").body["document"]
            return document
    return None


def _asked(stage: Stage, client: Client, order: str, code: str, supplier: str) -> dict[str, Any]:
    """What is recorded of a supplier's invoice."""
    if code == FRENCH:
        return _from_file(stage, client, order, supplier)
    day, party = stage.today.isoformat(), client.get(f"/parties/{supplier}").body
    head = {"supplier": supplier, "issue_date": day, "currency": party["currency"]}
    if code == JAPANESE:
        lines = [
            {"source": line["id"], "vat_rate": "0"}
            | {name: line[name] for name in ("designation", "kind", "quantity", "unit", "unit_price")}
            for line in client.get(f"{order}/supplier-requests/{supplier}/lines").body["items"]
        ]
        return head | {"number": _JAPANESE, "order": order.rpartition("/")[2], "lines": lines}
    number, lines = PAPER[code]
    return head | {"number": number, "lines": [line | {"vat_rate": "0"} for line in lines]}


def _from_file(stage: Stage, client: Client, order: str, supplier: str) -> dict[str, Any]:
    """The invoice that the supplier's own file says, kept in the document base of the order and read there."""
    party = client.get(f"/parties/{supplier}").body
    lines = client.get(f"{order}/supplier-requests/{supplier}/lines").body["items"]
    due = stage.today + dt.timedelta(days=30)
    buyer = client.get("/company").body["identity"]
    data = electronic.facturx_file(_ELECTRONIC, stage.today, due, party, buyer, lines)
    file = _sent(client, f"{order}/documents", data)
    read = client.get(f"{order}/documents/{file}/reading").body
    stage.check(f"What does not add up in {_ELECTRONIC}", [], read["breaches"])
    stage.check(f"Sender of {_ELECTRONIC} known by its numbers", supplier, read["supplier"])
    told = read["received"]
    taken = {name: told[name] for name in ("number", "issue_date", "currency", "format", "payment_reference")}
    asked = {name: read[name] for name in ("supplier", "order", "lines", "vat", "dues")}
    return taken | asked | {"file": file}


def _sent(client: Client, base: str, data: bytes) -> str:
    """A supplier's file sent to a document base; its identifier there."""
    told = {
        "filename": "facture.pdf",
        "media_type": "application/pdf",
        "kind": "supplier_invoice",
        "title": f"Facture fournisseur, {REFERENCE}",
    }
    return str(sent(client, base, data, told)["file"])
