"""A document of every kind: down payment and final invoice, replacement, cancellation, credit notes, deduction, TEST.

INV-07 to INV-15, CRN-01 to CRN-11.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from infra.local.demo import billing
from infra.local.demo.client import Answer, download
from infra.local.demo.deals import found_again, generate_quote
from infra.local.demo.stage import money, until
from infra.local.demo.workshop import Workshop, lines_of, written

_TERMS = [{"percentage": "100", "milestone": "invoice", "steps": [{"days": 30}]}]
_ADDRESS = {"lines": ["21 quai Malbert"], "postcode": "29200", "city": "Brest", "country": "FR"}
_CUSTOMER: dict[str, Any] = {
    "address": _ADDRESS,
    "siren": "552100554",
    "vat_number": "FR96552100554",
    "contacts": [{"name": "Katell Guen", "email": "katell.guen@client.example"}],
}
_REFERENCE = "CHANTIER-12"


def play_kinds(workshop: Workshop, last: Mapping[str, Any]) -> None:
    """Every kind in turn, or what an earlier run made of it; `last` is an invoice of the year before."""
    _advance(workshop)
    _taken_back(workshop)
    _credited(workshop, last)
    _discounted(workshop)
    _tried(workshop)
    _month(workshop)


def _customer(workshop: Workshop, code: str, name: str) -> str:
    return workshop.customer(code, {"name": name, **_CUSTOMER})


def _invoice(workshop: Workshop, customer: str, *lines: Mapping[str, Any], **fields: Any) -> Answer:
    asked = {"customer": customer, "terms": _TERMS, "lines": list(lines_of(*lines)), **fields}
    return workshop.client.post("/invoices", asked, (201,))


def _sold(
    workshop: Workshop, code: str, name: str, case: str, *lines: Mapping[str, Any], **fields: Any
) -> dict[str, Any]:
    """The first invoice of a customer of its own, validated."""
    customer = _customer(workshop, code, name)
    made = workshop.documents(customer)
    return workshop.settle(made[0] if made else _invoice(workshop, customer, *lines, **fields), case)


def begin_last_year(workshop: Workshop) -> dict[str, Any]:
    """An invoice of the fiscal year before, the first of the company's, to be credited in this one (CRN-03)."""
    with workshop.stage.step("An invoice of last year"):
        line, day = _line("Bouées de régate", "38.00", quantity="10"), workshop.stage.today.replace(month=1, day=1)
        last = (day - timedelta(days=1)).isoformat()
        return _sold(workshop, "GENRE-AN-DERNIER", "Régates de Lanvéoc", "last-year", line, wanted_date=last)


def _line(designation: str, price: str, **more: Any) -> dict[str, Any]:
    return {"designation": designation, "unit_price": price, "vat_rate": "20", **more}


def _advance(workshop: Workshop) -> None:
    """A down payment of an order, paid, and the final invoice that deducts it (INV-13)."""
    client, stage = workshop.client, workshop.stage
    with stage.step("Down payment and final invoice"):
        customer = _customer(workshop, "GENRE-ACOMPTE", "Chantier de l'Aber")
        path = _confirmed(workshop, customer)
        made = workshop.documents(customer, invoice_type="down_payment")
        asked = {"percentage": "30"}
        draft = made[0] if made else client.post(f"{path}/down-payments", asked, (201,))
        first = workshop.settle(draft, "down-payment")
        if not client.get(f"/parties/{customer}/payments").body["items"]:
            _pay(workshop, first, first["totals"]["gross"]["amount"])
        made = workshop.documents(customer, invoice_type="final")
        final = made[0] if made else client.post(f"{path}/invoices", {"delivery_date": stage.today.isoformat()}, (201,))
        last = workshop.settle(final, "final-invoice")
        due = client.get(f"/invoices/{last['id']}").body["settlement"]["open"]
        stage.tell(f"{last['number']} deducts {first['number']}: {money(due)} are due")
        workshop.told["down_payment"] = {"number": first["number"], "final": last["number"], "due": due}


def _confirmed(workshop: Workshop, customer: str) -> str:
    client, today = workshop.client, workshop.stage.today.isoformat()
    found = found_again(workshop.stage, client, customer, _REFERENCE)
    if found is None:
        offer = {"customer": customer, "customer_reference": _REFERENCE, "terms": _TERMS}
        milestones = [{"name": name, "forecast": today} for name in ("order_confirmation", "invoice")]
        found = client.post("/orders", offer | {"milestones": milestones}, (201,))
    path = f"/orders/{found.body['id']}"
    if not found.body["lines"]:
        line = {"designation": "Gréement complet", "quantity": "1", "unit_price": "5400.00", "vat_rate": "20"}
        client.put(f"{path}/lines", {"lines": [line]}, version=found.version)
    if client.get(path).body["status"] == "offer":
        generate_quote(workshop.stage, client, path, "Gréement")
        client.post(f"{path}/confirmation", {}, (200, 202), version=client.get(path).version)
        until(lambda: client.get(path), lambda came: came.body["status"] == "confirmed", path)
    return path


def _pay(workshop: Workshop, invoice: Mapping[str, Any], amount: str) -> None:
    account = workshop.client.get("/company").body["identity"]["bank_accounts"][0]["iban"]
    asked = {
        "customer": invoice["customer"],
        "date": workshop.stage.today.isoformat(),
        "amount": {"amount": amount, "currency": invoice["currency"]},
        "bank_account": account,
        "allocations": [{"invoice": invoice["id"], "amount": amount}],
    }
    workshop.client.post("/payments", asked, (201,))


def _taken_back(workshop: Workshop) -> None:
    """An invoice that is replaced, and one that is cancelled (INV-09)."""
    with workshop.stage.step("Replacement and cancellation"):
        line = _line("Poches ostréicoles", "4.10", quantity="80")
        replaced = _sold(workshop, "GENRE-REMPLACEMENT", "Ostréiculture de l'Élorn", "replaced", line)
        made = workshop.documents(replaced["customer"], invoice_type="replacement")
        path = f"/invoices/{replaced['id']}"
        again = made[0] if made else workshop.client.post(f"{path}/replacement", {"note": "Adresse corrigée"}, (201,))
        workshop.settle(again, "replacement")
        line = _line("Caisses isothermes", "55.00", quantity="3")
        invoice = _sold(workshop, "GENRE-ANNULATION", "Mareyage de Recouvrance", "cancelled", line)
        made = workshop.documents(invoice["customer"], "cancellation")
        asked = {"reason": "Facturée par erreur : livraison refusée."}
        path = f"/invoices/{invoice['id']}/cancellation"
        workshop.settle(made[0] if made else workshop.client.post(path, asked, (201,)), "cancellation")


_CREDITS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("invoicing-error", {"credit_type": "invoicing_error", "lines": [{"position": 1, "quantity": "1"}]}),
    ("rebate-this-year", {"credit_type": "rebate_this_year", "lines": [{"position": 2, "percentage": "10"}]}),
    (
        "rebate-by-unit",
        {"credit_type": "rebate_this_year", "lines": [{"position": 3, "quantity": "5", "rebate_price": "0.40"}]},
    ),
    (
        "global-rebate",
        {
            "credit_type": "global_rebate",
            "lines": [{"amount": "25.00", "vat_rate": "20", "designation": "Remise de fin d'année"}],
        },
    ),
    (
        "net-of-tax",
        {"credit_type": "invoicing_error", "vat_kept": True, "lines": [{"position": 1, "amount": "15.00"}]},
    ),
)
"""Credit notes of one invoice: each type and each way to enter a line."""
_LAST_YEAR = {"credit_type": "rebate_last_year", "lines": [{"position": 1, "percentage": "5"}]}


def _credited(workshop: Workshop, last: Mapping[str, Any]) -> None:
    """Credit notes of one invoice, and one of them deducted from another (CRN-03, CRN-04, CRN-10)."""
    with workshop.stage.step("Credit notes of every type, and a deduction"):
        lines = (
            _line("Filet droit", "210.00", quantity="4"),
            _line("Montage", "180.00", kind="service"),
            _line("Flotteur", "3.60", quantity="50"),
        )
        invoice = _sold(workshop, "GENRE-AVOIR", "Pêcheries du Goulet", "credited", *lines)
        customer = invoice["customer"]
        settled = [_note(workshop, invoice, name, number, asked) for number, (name, asked) in enumerate(_CREDITS)]
        _note(workshop, last, "rebate-last-year", 0, _LAST_YEAR)
        made = workshop.documents(customer)
        second = made[1] if made[1:] else _invoice(workshop, customer, _line("Ancre", "640.00"))
        target = workshop.settle(second, "deducted-from")
        _deduct(workshop, settled[0], target)


def _note(
    workshop: Workshop, invoice: Mapping[str, Any], name: str, number: int, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """The credit note of this rank on an invoice, validated."""
    made = workshop.documents(invoice["customer"], "credit_note")
    told = {"invoice": invoice["id"], "reason": "Accord commercial du mois.", **asked}
    return workshop.settle(made[number] if made[number:] else workshop.client.post("/credit-notes", told, (201,)), name)


def _deduct(workshop: Workshop, note: Mapping[str, Any], invoice: Mapping[str, Any]) -> None:
    client = workshop.client
    left = client.get(f"/credit-notes/{note['id']}").body["settlement"]
    if Decimal(left["open"]["amount"]):
        client.post(f"/credit-notes/{note['id']}/deductions", {"invoice": invoice["id"]}, (201,))
    again = client.post(f"/credit-notes/{note['id']}/deductions", {"invoice": invoice["id"]}, (409,))
    workshop.stage.refused(f"Deducting {note['number']} twice", again, "credit_note_used")
    standing = client.get(f"/invoices/{invoice['id']}").body["settlement"]
    workshop.stage.tell(f"{note['number']} deducted of {invoice['number']}: {money(standing['open'])} left due")
    workshop.told["deduction"] = {"credit_note": note["number"], "invoice": invoice["number"], "due": standing["open"]}


def _discounted(workshop: Workshop) -> None:
    """A customer who pays early: the discount is credited and deducted at once (INV-15)."""
    client = workshop.client
    with workshop.stage.step("Early-payment discount"):
        line = _line("Bâche sur mesure", "500.00")
        invoice = _sold(workshop, "GENRE-ESCOMPTE", "Transports du Ponant", "early-payment", line)
        made = workshop.documents(invoice["customer"], "credit_note")
        asked = {
            "invoice": invoice["id"],
            "credit_type": "early_payment_discount",
            "reason": "Escompte de 2 % pour règlement sous dix jours.",
            "lines": [{"amount": "10.00", "vat_rate": "20"}],
        }
        workshop.settle(made[0] if made else client.post("/credit-notes", asked, (201,)), "discount")
        due = client.get(f"/invoices/{invoice['id']}").body["settlement"]["open"]
        workshop.stage.tell(f"{invoice['number']}: {money(due)} are due once the discount is deducted")


def _tried(workshop: Workshop) -> None:
    """A TEST document: stamped, without number, in no list but its own (INV-11)."""
    client, stage = workshop.client, workshop.stage
    with stage.step("TEST document"):
        customer = _customer(workshop, "GENRE-TEST", "Essai de facturation")
        known = [one for one in client.every("/test-documents") if one["customer"] == customer]
        draft = (
            workshop.read("invoice", known[0]["id"])
            if known
            else _invoice(workshop, customer, _line("Essai", "1.00"), test=True)
        )
        last = client.get("/ledger/documents/head").body["sequence"]
        tested = billing.archived(stage, client, draft)
        link = client.get(f"/invoices/{tested['id']}/file").body
        stage.keep("test-mode", "invoice-test.pdf", download(link["url"]), kind="test", number="TEST")
        stage.check("Number of a TEST document", None, tested["number"])
        now = client.get("/ledger/documents/head").body["sequence"]
        stage.check("Last entry of the chain once it is validated", last, now)
        listed = [one["id"] for one in client.every(f"/parties/{customer}/documents")]
        stage.check("Documents of its customer", [], listed)
        workshop.told["test"] = {"id": tested["id"], "file": "test-mode/invoice-test.pdf"}


def _month(workshop: Workshop) -> None:
    """The month as the accountant sees it, and its one download (INV-10)."""
    client, stage = workshop.client, workshop.stage
    with stage.step("Monthly view and its download"):
        month = f"{stage.today:%Y-%m}"
        view = client.get(f"/accounting/months/{month}").body
        # An export is an event of the chain: played again within the day, the same one is read again.
        started = client.post(f"/accounting/months/{month}/exports", {}, (201, 202), key=f"demo-month-{month}").body
        ended = written(client, f"/exports/{started['id']}")
        name = f"documents-{month}.zip"
        content = download(ended["url"])
        stage.keep("exports", name, content, kind="month")
        stage.check(f"SHA-256 of {name}", ended["sha256"], stage.record.files[-1]["sha256"])
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        stage.tell(f"{name}: {len(names)} files")
        workshop.told["month"] = {"month": month, "view": view, "file": f"exports/{name}", "names": names}
