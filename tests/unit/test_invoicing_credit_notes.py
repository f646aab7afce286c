"""CRN-01 to CRN-06: what may be credited of an invoice, how, by whom, and what a credit note becomes."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest

from comptoir.access.queries import Listing
from comptoir.catalogue.pricing import ProductKind
from comptoir.invoicing.creditable import ReadRemaining, Remaining
from comptoir.invoicing.crediting import CreateCreditNote
from comptoir.invoicing.drafting import NotIssued
from comptoir.invoicing.editing import DeleteDraft, UpdateDraft
from comptoir.invoicing.model import CreditLine, CreditType, Document, DocumentStatus, DocumentSummary
from comptoir.invoicing.queries import ListDocuments, ReadCreditNote, ReadInvoice
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.invoicing.validation import ValidateCreditNote, ValidateInvoice
from comptoir.kernel.errors import Forbidden, NotFound, Refused
from comptoir.orders.model import LineInput
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import TreasuryStatus
from tests.unit.invoicing_support import Shop, attempt, back, codes, line, open_shop

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def invoice(shop: Shop) -> Document:
    """10 × 12.50 at 20 %, 4 × 25 at 5.5 %, and a free line: 255.50 with VAT."""
    return shop.invoice(line("12.5", "10"), line("25", "4", "5.5", kind=ProductKind.SERVICE), line("9", free=True))


def remaining(shop: Shop, invoice: Document) -> Remaining:
    return shop.world.do(Remaining, ReadRemaining(document=invoice.id))


def rebate(amount: str, rate: str) -> CreditLine:
    return CreditLine(amount=Decimal(amount), vat_rate=Decimal(rate))


def pointed(shop: Shop, request: CreateCreditNote) -> list[tuple[str, str | None]]:
    error = attempt(shop.world, request)
    assert isinstance(error, Refused)
    return [(breach.code, breach.pointer) for breach in error.breaches]


def test_crn_01_drafts_count_and_more_than_remains_is_refused_with_what_remains(shop: Shop, invoice: Document) -> None:
    first = shop.credit(invoice, back(1, "6"))
    assert remaining(shop, invoice).model_dump(mode="json") == {
        "invoiced": {"amount": "255.50", "currency": "EUR"},
        "credited": {"amount": "90.00", "currency": "EUR"},
        "deducted": {"amount": "0.00", "currency": "EUR"},
        "remaining": {"amount": "165.50", "currency": "EUR"},
        "credit_notes": [first.id],
    }
    request = shop.credit_request(invoice, rebate("50.01", "20"), credit_type=CreditType.GLOBAL_REBATE)
    error = attempt(shop.world, request)
    assert isinstance(error, Refused)
    [breach] = error.breaches
    assert breach.code == "credit_exceeds_invoice"
    assert "165.50 EUR TTC, dont 50.00 EUR HT à 20 % de TVA" in breach.fr
    assert "165.50 EUR with VAT, of which 50.00 EUR without VAT at 20%" in breach.en
    shop.credit(invoice, rebate("50", "20"), rebate("100", "5.5"), credit_type=CreditType.GLOBAL_REBATE)
    assert remaining(shop, invoice).remaining.amount == 0
    assert shop.refused(shop.credit_request(invoice, back(3, "1"))) == ["credit_of_nothing"]


def test_crn_01_a_deleted_draft_gives_back_what_it_held(shop: Shop, invoice: Document) -> None:
    kept, gone = shop.credit(invoice, back(2, "1")), shop.credit(invoice, back(1, "10"), back(2, amount="75"))
    before = shop.balance(invoice)
    assert before.documents == (kept.id, gone.id)
    shop.do(DeleteDraft(document=gone.id), if_match=1)
    assert remaining(shop, invoice).credited == kept.totals.gross
    assert remaining(shop, invoice).credit_notes == (kept.id,)
    shop.credit(invoice, back(1, "10"), back(2, "3"))
    assert remaining(shop, invoice).remaining.amount == 0


def test_crn_01_two_credit_notes_that_race_never_exceed_the_invoice(shop: Shop, invoice: Document) -> None:
    """Ten threads credit 3 of 10 at once: three get it."""
    barrier, results = threading.Barrier(10), []

    def race() -> None:
        barrier.wait()
        results.append(attempt(shop.world, shop.credit_request(invoice, back(1, "3"))))

    threads = [threading.Thread(target=race) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 7
    assert {breach.code for error in refused for breach in error.breaches} == {"quantity_exceeded"}
    assert remaining(shop, invoice).credited.amount == Decimal("135.00")
    assert len(remaining(shop, invoice).credit_notes) == 3


def test_crn_01_only_an_issued_invoice_is_credited(shop: Shop, invoice: Document) -> None:
    draft = shop.draft()
    with pytest.raises(NotIssued):
        shop.credit(draft)
    [note] = shop.issued(shop.credit(invoice))
    for other in (note, shop.read(draft).change(id=shop.customer.id)):
        with pytest.raises(NotFound):
            shop.credit(other)


def test_crn_01_what_is_credited_of_a_line_is_counted_over_all_credit_notes(shop: Shop, invoice: Document) -> None:
    shop.credit(invoice, back(1, "8"), back(2, amount="60"))
    asked = (back(1, "2.5"), back(2, amount="40.01"), back(2, "2"), back(3, "1.5"))
    assert pointed(shop, shop.credit_request(invoice, *asked)) == [
        ("quantity_exceeded", "/lines/0/quantity"),
        ("amount_exceeded", "/lines/1/amount"),
        ("amount_exceeded", "/lines/2/quantity"),
        ("quantity_exceeded", "/lines/3/quantity"),
    ]
    twice = shop.credit_request(invoice, back(1, "1.5"), back(1, "0.6"))
    assert pointed(shop, twice) == [("quantity_exceeded", "/lines/1/quantity")]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (TODAY + timedelta(days=1), ["date_future"]),
        (TODAY - timedelta(days=1), ["date_before_invoice", "date_before_last_document"]),
        (TODAY, []),
        (None, []),
    ],
)
def test_crn_02_its_date_is_between_the_invoice_s_and_today(
    shop: Shop, invoice: Document, wanted: date | None, expected: list[str]
) -> None:
    note = shop.credit(invoice, wanted_date=wanted)
    assert codes(shop.issue(note)) == [expected]
    assert shop.read(note).issue_date == (None if expected else TODAY)


def test_crn_02_it_is_kept_positive_and_shown_negative_with_its_reason_and_invoice(
    shop: Shop, invoice: Document
) -> None:
    [note] = shop.issued(shop.credit(invoice, back(1, "2"), reason="Deux bouées percées"))
    content = shop.snapshot(note)
    assert (content.kind, content.totals.gross.amount) == (DocumentKind.CREDIT_NOTE, Decimal("30.00"))
    assert (content.reason, content.currency) == ("Deux bouées percées", invoice.currency)
    assert content.origin is not None
    assert (content.origin.number, content.origin.issue_date) == (invoice.number, TODAY)
    assert content.instalments == ()
    listed = shop.world.do(Listing[DocumentSummary], ListDocuments()).items
    assert [(one.kind.value, one.net.amount, one.vat.amount, one.gross.amount) for one in listed] == [
        ("credit_note", Decimal("-25.00"), Decimal("-5.00"), Decimal("-30.00")),
        ("invoice", Decimal("225.00"), Decimal("30.50"), Decimal("255.50")),
    ]


def test_crn_03_a_global_rebate_is_amounts_at_rates_of_the_invoice(shop: Shop, invoice: Document) -> None:
    kind = CreditType.GLOBAL_REBATE
    note = shop.credit(invoice, rebate("10", "20"), rebate("4", "5.5"), credit_type=kind)
    assert [(one.priced.designation, one.priced.net.amount, one.origin) for one in note.lines] == [
        ("Remise", Decimal("10.00"), None),
        ("Remise", Decimal("4.00"), None),
    ]
    assert (note.totals.vat.amount, note.totals.gross.amount) == (Decimal("2.22"), Decimal("16.22"))
    asked = (back(1, "1"), CreditLine(vat_rate=Decimal(20)), CreditLine(amount=Decimal(1)), rebate("1", "10"))
    assert pointed(shop, shop.credit_request(invoice, *asked, credit_type=kind)) == [
        ("position_of_type", "/lines/0/position"),
        ("rebate_incomplete", "/lines/1/amount"),
        ("rebate_incomplete", "/lines/2/vat_rate"),
        ("rate_not_invoiced", "/lines/3/vat_rate"),
    ]


def test_crn_04_a_quantity_is_worth_the_line_s_price_and_an_amount_is_a_rebate_on_it(shop: Shop) -> None:
    invoice = shop.invoice(line("10", "3", discount_rate=Decimal(15), code="BOU-1"), language=Language.ENGLISH)
    note = shop.credit(invoice, back(1, "2"), back(1, amount="3.4"))
    quantity, amount = (one.priced for one in note.lines)
    assert (quantity.quantity, quantity.unit_price, quantity.net.amount) == (Decimal(2), Decimal(10), Decimal("17.00"))
    assert (quantity.code, quantity.discount_rate, quantity.position) == ("BOU-1", Decimal(15), 1)
    assert (amount.designation, amount.unit, amount.net.amount) == ("Rebate: Bouée", "lump sum", Decimal("3.40"))
    assert [(one.origin, one.rebate) for one in note.lines] == [(1, False), (1, True)]
    wrong = (back(2, "1"), back(1), back(1, "1", "1"))
    assert pointed(shop, shop.credit_request(invoice, *wrong)) == [
        ("unknown_position", "/lines/0/position"),
        ("quantity_or_amount", "/lines/1/quantity"),
        ("quantity_or_amount", "/lines/2/quantity"),
    ]


def test_crn_04_lines_of_an_order_s_credit_note_are_the_invoice_s_not_the_order_s(shop: Shop) -> None:
    buoys = LineInput(designation="Bouée", quantity=Decimal(10), unit_price=Decimal("12.5"))
    order, [product] = shop.confirmed(buoys)
    [invoice] = shop.issued(shop.invoice_order(order))
    [note] = shop.issued(shop.credit(invoice, back(1, "4")))
    assert (note.order, note.order_number, shop.snapshot(note).order_number) == (order.id, order.number, order.number)
    # CRN-07: a line to deduct, beside what is invoiced; CRN-11: nothing of the order can be invoiced again.
    [line] = [one for one in shop.of_order(order).lines if one.status is TreasuryStatus.CREDIT_TO_DEDUCT]
    assert (line.amount.amount, line.forecast_date, line.actual_date) == (Decimal("-60.00"), TODAY, None)
    assert (line.label, line.outside_products, line.document) == ("Avoir à déduire", True, note.id)
    assert dict(shop.of_order(order).taken) == {product.id: Decimal(10)}


def test_crn_05_drafting_needs_no_right_to_cancel_but_validating_does(shop: Shop, invoice: Document) -> None:
    note = shop.do(shop.credit_request(invoice), "assistant")
    changed = UpdateDraft(document=note.id, reason="Autre motif", wanted_date=TODAY)
    assert shop.do(changed, "assistant", if_match=1).reason == "Autre motif"
    without = UpdateDraft.model_validate({"document": note.id, "reason": None})
    assert shop.refused(without, if_match=2) == ["reason_of_credit_note"]
    with pytest.raises(Forbidden) as caught:
        shop.do(ValidateCreditNote(document=note.id), "sales", if_match=2)
    assert caught.value.extra == {"permission": "cancel_invoice"}
    gone = shop.do(DeleteDraft(document=note.id), "assistant", if_match=2)
    assert gone.status is DocumentStatus.DELETED


def test_crn_05_validating_invoices_is_not_validating_credit_notes(shop: Shop, invoice: Document) -> None:
    """One kind's identifier is unknown under the other's routes."""
    note = shop.credit(invoice)
    with pytest.raises(NotFound):
        shop.do(ValidateInvoice(document=note.id), if_match=1)
    with pytest.raises(NotFound):
        shop.world.execute_as("manager", ReadInvoice(document=note.id))
    with pytest.raises(NotFound):
        shop.world.execute_as("manager", ReadCreditNote(document=invoice.id))


def test_crn_06_it_takes_its_number_in_the_sequence_of_invoices_in_the_invoice_s_language(shop: Shop) -> None:
    first = shop.invoice(language=Language.ENGLISH)
    [note, second] = shop.issued(shop.credit(first), shop.draft())
    assert [one.number for one in (first, note, second)] == ["FA2026-000001", "FA2026-000002", "FA2026-000003"]
    content = shop.snapshot(note)
    assert content.language is Language.ENGLISH
    assert [mention.code for mention in content.mentions] == [m.code for m in shop.snapshot(first).mentions]
    assert shop.verdict().intact
    [line] = [one for one in shop.of_document(first).lines if one.status is TreasuryStatus.CREDIT_TO_DEDUCT]
    assert line.document == note.id
    assert remaining(shop, first).remaining.amount == 0
