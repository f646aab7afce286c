"""INV-09, CRN-11: what a cancellation and a replacement undo, and when they are refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from comptoir.access.execute import Request
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.invoicing.balances import Billing
from comptoir.invoicing.cancelling import CancelInvoice, ReplaceInvoice
from comptoir.invoicing.commands import InvoiceOrder
from comptoir.invoicing.drafting import NotIssued
from comptoir.invoicing.editing import DeleteDraft, SetDraftLines, SetDraftQuantities, UpdateDraft
from comptoir.invoicing.items import BILLING
from comptoir.invoicing.model import DocumentStatus, DocumentSummary, OrderQuantity
from comptoir.invoicing.queries import ListDocuments, ReadCancellation, ReadInvoice, ReadInvoiceHistory
from comptoir.invoicing.snapshot import DocumentKind, InvoiceType
from comptoir.invoicing.tasks import check_document
from comptoir.invoicing.validation import ValidateCancellation, ValidateInvoice
from comptoir.kernel.errors import Forbidden, NotFound, Refused
from comptoir.kernel.money import Money, total
from comptoir.orders.model import LineInput, Order, OrderLine
from comptoir.store import keys
from tests.unit.cancelling_support import REASON, TODAY, by_status, cancel, pay
from tests.unit.invoicing_support import Shop, attempt, back, codes, line, open_shop


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def sale(shop: Shop) -> tuple[Order, tuple[OrderLine, ...]]:
    """A confirmed order of 10 × 12.50 at 20 % and 3 × 0.335 at 5.5 %: 151.07 with VAT."""
    return shop.confirmed(
        LineInput(designation="Bouée", quantity=Decimal(10), unit_price=Decimal("12.5")),
        LineInput(designation="Vis", quantity=Decimal(3), unit_price=Decimal("0.335"), vat_rate=Decimal("5.5")),
    )


def billing(shop: Shop, order: Order) -> Billing:
    stored = shop.world.services.store.get(BILLING, keys.order_billing(shop.world.company, order.id))
    return stored.value if stored else Billing()


def test_inv_09_a_cancellation_undoes_the_invoice_of_an_order(
    shop: Shop, sale: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    """Numbered in the same sequence; treasury firm again, quantities free, and the invoice can be made again."""
    order, lines = sale
    before = shop.of_order(order)
    [invoice] = shop.issued(shop.invoice_order(order))
    draft = cancel(shop, invoice)
    assert (draft.kind, draft.status, draft.totals, draft.reason) == (
        DocumentKind.CANCELLATION,
        DocumentStatus.DRAFT,
        invoice.totals,
        REASON,
    )
    assert by_status(shop.of_order(order)) == {"invoiced": Decimal("151.07")}
    [cancellation] = shop.issued(draft)
    assert (invoice.number, cancellation.number) == ("FA2026-000001", "FA2026-000002")
    content = shop.snapshot(cancellation)
    assert (content.kind, content.totals, content.lines) == (
        DocumentKind.CANCELLATION,
        invoice.totals,
        shop.snapshot(invoice).lines,
    )
    assert content.origin is not None
    assert (content.origin.number, content.reason, content.instalments) == (invoice.number, REASON, ())
    after = shop.read(invoice)
    assert after.cancelled_by is not None
    assert (after.cancelled_by.document, after.cancelled_by.number) == (cancellation.id, cancellation.number)
    history = shop.world.do(Listing[HistoryEntry], ReadInvoiceHistory(document=invoice.id)).items
    assert [(one.event, one.changes) for one in history[:1]] == [
        ("cancelled", {"/cancelled_by": [None, cancellation.number]})
    ]
    treasury = shop.of_order(order)
    assert by_status(treasury) == {"firm": Decimal("151.07")}
    assert sorted((one.amount.amount, one.forecast_date, one.term) for one in treasury.lines) == sorted(
        (one.amount.amount, one.forecast_date, one.term) for one in before.lines
    )
    assert (dict(treasury.taken), billing(shop, order)) == ({}, Billing())
    [again] = shop.issued(shop.invoice_order(order))
    assert again.totals == order.totals
    assert by_status(shop.of_order(order)) == {"invoiced": Decimal("151.07")}
    assert dict(shop.of_order(order).taken) == {one.id: one.quantity for one in lines}
    assert shop.verdict().intact


def test_inv_09_part_of_an_order_is_given_back_beside_other_invoices(
    shop: Shop, sale: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    order, (buoys, screws) = sale
    part = (OrderQuantity(line=screws.id, quantity=Decimal(1)), OrderQuantity(line=buoys.id, quantity=Decimal(4)))
    [first, rest] = shop.issued(shop.invoice_order(order, quantities=part), shop.invoice_order(order))
    shop.issued(cancel(shop, first))
    assert dict(shop.of_order(order).taken) == {buoys.id: Decimal(6), screws.id: Decimal(2)}
    assert by_status(shop.of_order(order)) == {
        "firm": first.totals.gross.amount,
        "invoiced": rest.totals.gross.amount,
    }
    again = shop.invoice_order(order)
    assert again.totals.gross + rest.totals.gross == order.totals.gross
    assert billing(shop, order).rows == order.totals.rows


def test_inv_09_a_direct_invoice_leaves_no_treasury(shop: Shop) -> None:
    invoice, other = shop.invoice(line("5")), shop.invoice(line("7"))
    [cancellation] = shop.issued(cancel(shop, invoice))
    assert shop.of_document(invoice).lines == ()
    assert by_status(shop.of_document(other)) == {"invoiced": Decimal("8.40")}
    shown = shop.world.do(Listing[DocumentSummary], ListDocuments()).items
    assert [(one.kind.value, one.gross.amount, one.cancelled_by) for one in shown] == [
        ("cancellation", Decimal("-6.00"), None),
        ("invoice", Decimal("8.40"), None),
        ("invoice", Decimal("6.00"), cancellation.number),
    ]
    assert total((one.gross for one in shown), "EUR") == Money.of("8.40", "EUR")


def test_inv_09_it_is_refused_once_paid_or_credited_by_name(shop: Shop) -> None:
    """Drafts of credit notes count, and each one is named with its place."""
    paid, credited = shop.invoice(line("5")), shop.invoice(line("7", "3"))
    pay(shop, paid)
    assert shop.refused(CancelInvoice(document=paid.id, reason=REASON)) == ["invoice_paid"]
    [note], draft = shop.issued(shop.credit(credited, back(1, "1"))), shop.credit(credited, back(1, "1"))
    error = attempt(shop.world, CancelInvoice(document=credited.id, reason=REASON))
    assert isinstance(error, Refused)
    assert [(one.code, one.link) for one in error.breaches] == [
        ("invoice_credited", f"/credit-notes/{note.id}"),
        ("invoice_credited", f"/credit-notes/{draft.id}"),
    ]
    assert note.number is not None
    assert [word in error.breaches[number].fr for number, word in enumerate((note.number, "8.40 EUR"))] == [True, True]
    assert shop.refused(ReplaceInvoice(document=credited.id)) == ["invoice_credited"] * 2


def test_inv_09_an_invoice_is_cancelled_once(shop: Shop) -> None:
    invoice = shop.invoice()
    draft = cancel(shop, invoice)
    for request in (CancelInvoice(document=invoice.id, reason=REASON), ReplaceInvoice(document=invoice.id)):
        error = attempt(shop.world, request)
        assert isinstance(error, Refused)
        assert [(one.code, one.link) for one in error.breaches] == [
            ("invoice_being_cancelled", f"/cancellations/{draft.id}")
        ]
    assert shop.refused(shop.credit_request(invoice)) == ["invoice_being_cancelled"]
    [done] = shop.issued(draft)
    later: tuple[Request, ...] = (
        CancelInvoice(document=invoice.id, reason=REASON),
        ReplaceInvoice(document=invoice.id),
        shop.credit_request(invoice),
    )
    for again in later:
        error = attempt(shop.world, again)
        assert isinstance(error, Refused)
        assert [(one.code, one.link) for one in error.breaches] == [("invoice_cancelled", f"/cancellations/{done.id}")]
        assert done.number is not None
        assert done.number in error.breaches[0].fr


def test_inv_09_a_deleted_draft_of_a_cancellation_leaves_the_invoice_as_it_was(shop: Shop) -> None:
    invoice = shop.invoice()
    draft = cancel(shop, invoice)
    changed = shop.do(UpdateDraft(document=draft.id, reason="Autre", wanted_date=TODAY), if_match=1)
    assert (changed.reason, changed.wanted_date) == ("Autre", TODAY)
    shop.do(DeleteDraft(document=draft.id), if_match=2)
    assert shop.credit(invoice).status is DocumentStatus.DRAFT
    assert shop.read(invoice).cancelled_by is None


def test_inv_09_only_issued_invoices_are_cancelled_between_their_date_and_today(shop: Shop) -> None:
    draft = shop.draft()
    with pytest.raises(NotIssued):
        cancel(shop, draft)
    [note] = shop.issued(shop.credit(shop.invoice()))
    with pytest.raises(NotFound):
        cancel(shop, note)
    shop.world.wait(days=2)
    invoice = shop.invoice()
    late = cancel(shop, invoice)
    for wanted, expected in ((1, ["date_future"]), (-1, ["date_before_invoice", "date_before_last_document"])):
        day = TODAY + timedelta(days=2 + wanted)
        shop.do(UpdateDraft(document=late.id, reason=REASON, wanted_date=day), if_match=shop.version(late))
        assert codes(shop.issue(late)) == [expected]


def test_inv_09_validating_it_needs_the_right_to_cancel(shop: Shop) -> None:
    """An assistant drafts it, a manager validates it; other routes do not know it."""
    draft = shop.do(CancelInvoice(document=shop.invoice().id, reason=REASON), "assistant")
    with pytest.raises(Forbidden) as caught:
        shop.do(ValidateCancellation(document=draft.id), "sales", if_match=1)
    assert caught.value.extra == {"permission": "cancel_invoice"}
    for request in (ValidateInvoice(document=draft.id), ReadInvoice(document=draft.id)):
        with pytest.raises(NotFound):
            shop.world.execute_as("manager", request, 1)
    shop.issued(draft)
    assert shop.world.execute_as("manager", ReadCancellation(document=draft.id)).status == 200


def test_inv_09_what_is_paid_between_draft_and_validation_stays(
    shop: Shop, sale: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    """Told by the check and by the writer; nothing moved."""
    order, _ = sale
    [invoice] = shop.issued(shop.invoice_order(order))
    draft = cancel(shop, invoice)
    pay(shop, invoice)
    before = shop.of_order(order), billing(shop, order)
    request = shop.request(draft)
    event = {"company": shop.world.company, "request": request.model_dump(mode="json")}
    checked = check_document(shop.world.services, event)
    assert [one["code"] for one in checked["breaches"]] == ["invoice_paid"]
    assert codes(shop.issue(draft)) == [["invoice_paid"]]
    assert (shop.of_order(order), billing(shop, order)) == before
    assert shop.read(invoice).cancelled_by is None


def test_crn_11_a_total_credit_note_is_not_a_cancellation(
    shop: Shop, sale: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    """The one leaves a credit to deduct and a taken order, the other neither."""
    order, lines = sale
    [invoice] = shop.issued(shop.invoice_order(order))
    [note] = shop.issued(shop.credit(invoice, back(1, "10"), back(2, "3")))
    assert note.totals == invoice.totals
    assert by_status(shop.of_order(order)) == {"invoiced": Decimal("151.07"), "credit_to_deduct": Decimal("-151.07")}
    assert dict(shop.of_order(order).taken) == {one.id: one.quantity for one in lines}
    assert shop.read(invoice).cancelled_by is None
    error = attempt(shop.world, InvoiceOrder(order=order.id))
    assert [one.code for one in getattr(error, "breaches", ())] == ["nothing_to_invoice"]
    assert shop.refused(CancelInvoice(document=invoice.id, reason=REASON)) == ["invoice_credited"]


def test_inv_09_a_replacement_cancels_the_first_and_takes_its_place(
    shop: Shop, sale: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    """RULES §1.4: « annule et remplace », type 384, in one transaction; what it leaves can be invoiced again."""
    order, (buoys, screws) = sale
    [invoice] = shop.issued(shop.invoice_order(order))
    draft = shop.do(ReplaceInvoice(document=invoice.id))
    assert (draft.kind, draft.invoice_type, draft.totals) == (
        DocumentKind.INVOICE,
        InvoiceType.REPLACEMENT,
        invoice.totals,
    )
    more = (OrderQuantity(line=buoys.id, quantity=Decimal(11)),)
    assert shop.refused(SetDraftQuantities(document=draft.id, quantities=more), if_match=1) == ["quantity_exceeded"]
    fewer = tuple(
        OrderQuantity(line=one.id, quantity=Decimal(quantity)) for one, quantity in ((buoys, "4"), (screws, "3"))
    )
    draft = shop.do(SetDraftQuantities(document=draft.id, quantities=fewer), if_match=1)
    assert [row.vat.amount for row in draft.totals.rows] == [Decimal("10.00"), Decimal("0.06")]
    # Until it is validated the first one stands.
    assert dict(shop.of_order(order).taken) == {buoys.id: Decimal(10), screws.id: Decimal(3)}
    [after] = shop.issued(draft)
    content = shop.snapshot(after)
    assert content.replaces is not None
    assert (content.invoice_type, content.replaces.number) == (InvoiceType.REPLACEMENT, invoice.number)
    first = shop.read(invoice)
    assert first.cancelled_by is not None
    assert first.cancelled_by.number == after.number
    assert dict(shop.of_order(order).taken) == {buoys.id: Decimal(4), screws.id: Decimal(3)}
    assert by_status(shop.of_order(order)) == {
        "invoiced": after.totals.gross.amount,
        "firm": order.totals.gross.amount - after.totals.gross.amount,
    }
    rest = shop.invoice_order(order)
    assert rest.totals.gross + after.totals.gross == order.totals.gross
    assert shop.refused(shop.credit_request(invoice)) == ["invoice_cancelled"]
    assert shop.credit(after).origin is not None


def test_inv_09_a_direct_invoice_is_replaced_with_other_lines_and_again(shop: Shop) -> None:
    invoice = shop.invoice(line("5"), note="Merci")
    draft = shop.do(ReplaceInvoice(document=invoice.id))
    assert (draft.terms, draft.note) == (invoice.terms, "Merci")
    draft = shop.do(SetDraftLines(document=draft.id, lines=(line("6"),)), if_match=1)
    [second] = shop.issued(draft)
    assert shop.of_document(invoice).lines == ()
    assert by_status(shop.of_document(second)) == {"invoiced": Decimal("7.20")}
    [third] = shop.issued(shop.do(ReplaceInvoice(document=second.id)))
    assert shop.of_document(second).lines == ()
    assert by_status(shop.of_document(third)) == {"invoiced": Decimal("7.20")}
    assert [shop.read(one).cancelled_by is None for one in (invoice, second, third)] == [False, False, True]
    shop.issued(cancel(shop, third))
    assert shop.of_document(third).lines == ()


def test_inv_09_a_deleted_draft_of_a_replacement_leaves_the_invoice_as_it_was(
    shop: Shop, sale: tuple[Order, tuple[OrderLine, ...]]
) -> None:
    order, _ = sale
    [invoice] = shop.issued(shop.invoice_order(order))
    before = shop.of_order(order), billing(shop, order)
    draft = shop.do(ReplaceInvoice(document=invoice.id))
    shop.do(DeleteDraft(document=draft.id), if_match=1)
    assert (shop.of_order(order), billing(shop, order)) == before
    assert cancel(shop, invoice).kind is DocumentKind.CANCELLATION
