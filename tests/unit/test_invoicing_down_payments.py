"""INV-13: down payments, intermediate and final invoices of an order are asked, deducted and taken back."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.access.queries import Listing
from comptoir.catalogue.pricing import VatRow
from comptoir.invoicing.balances import Billing
from comptoir.invoicing.cancelling import CancelInvoice, ReplaceInvoice
from comptoir.invoicing.commands import InvoiceOrder
from comptoir.invoicing.creditable import ReadRemaining, Remaining
from comptoir.invoicing.deductions import charged
from comptoir.invoicing.down_payments import CreateDownPayment, SetDownPayment
from comptoir.invoicing.drafting import EnteredOtherwise, NotInvoiceable
from comptoir.invoicing.editing import DeleteDraft, SetDraftLines, SetDraftQuantities
from comptoir.invoicing.items import BILLING
from comptoir.invoicing.model import Document, DocumentSummary
from comptoir.invoicing.queries import ListDocuments
from comptoir.invoicing.snapshot import InvoiceType
from comptoir.kernel.errors import DomainError, Refused
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.items import ORDER
from comptoir.orders.model import LineInput, Order, OrderLine
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.treasury.model import INVOICE, DueStep, PaymentTerm
from tests.unit.down_payment_support import ask, product, rows_of
from tests.unit.invoicing_support import Shop, attempt, back, line, open_shop

TODAY = date(2026, 11, 21)
Sale = tuple[Order, tuple[OrderLine, ...]]


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def sale(shop: Shop) -> Sale:
    """800.00 at 20 % in ten units, 200.00 of a service at 5.5 %: 1,171.00 with VAT."""
    return shop.confirmed(product("10", "80"), product("1", "200", vat_rate=Decimal("5.5"), kind="service"))


def advance(
    shop: Shop, order: Order, percentage: str | None = None, amount: str | None = None, **told: Any
) -> Document:
    asked = {
        "percentage": Decimal(percentage) if percentage else None,
        "amount": Decimal(amount) if amount else None,
    }
    return shop.do(CreateDownPayment(order=order.id, **asked, **told))


def billing(shop: Shop, order: Order) -> Billing:
    stored = shop.world.services.store.get(BILLING, keys.order_billing(shop.world.company, order.id))
    return stored.value if stored else Billing()


def worth(rows: tuple[VatRow, ...]) -> list[tuple[Decimal, Decimal, Decimal]]:
    return [(row.rate, row.base.amount, row.vat.amount) for row in rows]


def treasury(shop: Shop, order: Order) -> list[tuple[str, Decimal, date | None]]:
    return sorted((one.status.value, one.amount.amount, one.forecast_date) for one in shop.of_order(order).lines)


def codes(shop: Shop, request: Any, **headers: Any) -> list[tuple[str, str | None]]:
    error = attempt(shop.world, request, **headers)
    assert isinstance(error, Refused)
    return [(breach.code, breach.link or breach.pointer) for breach in error.breaches]


def test_inv_13_a_down_payment_is_a_percentage_of_each_rate(shop: Shop, sale: Sale) -> None:
    order, _ = sale
    draft = advance(shop, order, "30", note="Merci")
    assert (draft.invoice_type, draft.order, draft.note) == (InvoiceType.DOWN_PAYMENT, order.id, "Merci")
    assert worth(draft.totals.rows) == [
        (Decimal(20), Decimal("240.00"), Decimal("48.00")),
        (Decimal("5.5"), Decimal("60.00"), Decimal("3.30")),
    ]
    lines = [one.priced for one in draft.lines]
    assert [(one.designation, one.kind.value, one.unit) for one in lines] == [
        (f"Acompte de 30\u00a0% sur la commande {order.number}", "goods", "forfait"),
        (f"Acompte de 30\u00a0% sur la commande {order.number}", "service", "forfait"),
    ]
    assert dict(shop.of_order(order).taken) == {}
    [issued] = shop.issued(draft)
    content = shop.snapshot(issued)
    assert (content.invoice_type, content.due.amount) == (InvoiceType.DOWN_PAYMENT, Decimal("351.30"))
    assert [(one.due_date, one.amount.amount) for one in content.instalments] == [(TODAY, Decimal("351.30"))]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        (Language.FRENCH, "Acompte de 12,5\u00a0% sur la commande {}"),
        (Language.ENGLISH, "Down payment of 12.5% on order {}"),
        (Language.SPANISH, "Anticipo del 12,5\u00a0% sobre el pedido {}"),
        (Language.GERMAN, "Anzahlung von 12,5\u00a0% auf Auftrag {}"),
    ],
)
def test_inv_13_its_line_speaks_the_language_of_the_order(shop: Shop, language: Language, shown: str) -> None:
    order, _ = shop.confirmed(product("1", "100"), language=language)
    assert advance(shop, order, "12.5").lines[0].priced.designation == shown.format(order.number)


def test_inv_13_an_amount_with_vat_is_shared_over_the_rates(shop: Shop, sale: Sale) -> None:
    """585.50 is half of the order: half of each rate."""
    order, _ = sale
    draft = advance(shop, order, amount="585.50")
    assert worth(draft.totals.rows) == [
        (Decimal(20), Decimal("400.00"), Decimal("80.00")),
        (Decimal("5.5"), Decimal("100.00"), Decimal("5.50")),
    ]
    assert draft.lines[0].priced.designation == f"Acompte sur la commande {order.number}"
    changed = shop.do(SetDownPayment(document=draft.id, percentage=Decimal(10)), if_match=1)
    assert changed.totals.gross.amount == Decimal("117.10")
    assert [one.rows for one in billing(shop, order).down_payments] == [changed.totals.rows]
    shop.do(DeleteDraft(document=draft.id), if_match=2)
    assert billing(shop, order) == Billing()


def test_inv_13_it_falls_due_as_it_says_and_the_first_expected_money_is_invoiced_first(shop: Shop, sale: Sale) -> None:
    """The order expects 30 % at its confirmation and 70 % later; the down payment has its own date."""
    order, _ = sale
    before = treasury(shop, order)
    assert [(status, amount) for status, amount, _ in before] == [
        ("firm", Decimal("351.30")),
        ("firm", Decimal("819.70")),
    ]
    terms = (PaymentTerm(percentage=Decimal(100), milestone=INVOICE, steps=(DueStep(days=8),)),)
    shop.issued(advance(shop, order, "40", terms=terms))
    due = date(2026, 11, 29)
    after = treasury(shop, order)
    assert [one[:2] for one in after] == [
        ("firm", Decimal("702.60")),
        ("invoiced", Decimal("117.10")),
        ("invoiced", Decimal("351.30")),
    ]
    assert [day for status, _, day in after if status == "invoiced"] == [due, due]
    assert {day for status, _, day in after if status == "firm"} == {before[1][2]}


def test_inv_13_the_final_invoice_deducts_every_down_payment(shop: Shop, sale: Sale) -> None:
    """Two down payments, an intermediate invoice, a final one: due and treasury only for the rest."""
    order, (buoys, service) = sale
    first, second = shop.issued(advance(shop, order, "30"), advance(shop, order, amount="100"))
    [middle] = shop.issued(shop.invoice_order(order, quantities=(ask(buoys, "4"),)))
    assert (middle.invoice_type, middle.deductions) == (InvoiceType.STANDARD, ())
    draft = shop.invoice_order(order)
    assert draft.invoice_type is InvoiceType.FINAL
    assert [(one.document, one.number, one.gross) for one in draft.deductions] == [
        (first.id, first.number, first.totals.gross),
        (second.id, second.number, second.totals.gross),
    ]
    assert [one.rows for one in draft.deductions] == [first.totals.rows, second.totals.rows]
    [final] = shop.issued(draft)
    content = shop.snapshot(final)
    assert content.totals.gross.amount == Decimal("1171.00") - middle.totals.gross.amount
    rest = content.totals.gross - first.totals.gross - second.totals.gross
    assert (content.due, sum(one.amount.amount for one in content.instalments)) == (rest, rest.amount)
    invoiced = [(one.document, one.amount.amount) for one in shop.of_order(order).lines]
    assert sum(amount for document, amount in invoiced if document == final.id) == rest.amount
    assert {status for status, _, _ in treasury(shop, order)} == {"invoiced"}
    assert sum(amount for _, amount in invoiced) == Decimal("1171.00")
    assert rows_of(first, second, middle, final) == order.totals.rows
    listed = shop.world.do(Listing[DocumentSummary], ListDocuments()).items
    assert sum(one.gross.amount for one in listed) == Decimal("1171.00")
    assert listed[0].rows == charged(content.totals, content.deductions).rows
    assert codes(shop, InvoiceOrder(order=order.id)) == [("nothing_to_invoice", "/quantities")]
    assert service.quantity == 1


def test_inv_13_a_down_payment_is_deducted_once_and_given_back_with_the_draft(shop: Shop, sale: Sale) -> None:
    order, (buoys, service) = sale
    [payment] = shop.issued(advance(shop, order, "30"))
    final = shop.invoice_order(order)
    assert len(final.deductions) == 1
    most = SetDraftQuantities(document=final.id, quantities=(ask(buoys, "2"), ask(service, "1")))
    assert codes(shop, most, if_match=1) == [("down_payments_exceed_rest", "/quantities")]
    part = shop.do(SetDraftQuantities(document=final.id, quantities=(ask(buoys, "2"),)), if_match=1)
    assert (part.invoice_type, part.deductions) == (InvoiceType.STANDARD, ())
    other = shop.invoice_order(order)
    assert len(other.deductions) == 1
    assert shop.do(SetDraftQuantities(document=final.id), if_match=2).deductions == ()
    shop.do(DeleteDraft(document=other.id), if_match=1)
    assert len(shop.do(SetDraftQuantities(document=final.id), if_match=2).deductions) == 1
    remaining = shop.world.do(Remaining, ReadRemaining(document=payment.id))
    assert (remaining.deducted, remaining.remaining.amount) == (payment.totals.gross, Decimal(0))
    shop.do(DeleteDraft(document=final.id), if_match=3)
    remaining = shop.world.do(Remaining, ReadRemaining(document=payment.id))
    assert (remaining.deducted.amount, remaining.remaining) == (Decimal(0), payment.totals.gross)


def test_inv_13_it_is_deducted_net_of_its_credit_notes(shop: Shop, sale: Sale) -> None:
    """A draft credit note keeps the final invoice waiting: which of both holds the amount would not be known."""
    order, _ = sale
    [payment] = shop.issued(advance(shop, order, "30"))
    note = shop.credit(payment, back(1, amount="40"))
    assert codes(shop, InvoiceOrder(order=order.id)) == [("down_payment_unsettled", f"/invoices/{payment.id}")]
    [note] = shop.issued(note)
    final = shop.invoice_order(order)
    assert worth(final.deductions[0].rows) == [
        (Decimal(20), Decimal("200.00"), Decimal("40.00")),
        (Decimal("5.5"), Decimal("60.00"), Decimal("3.30")),
    ]
    assert codes(shop, shop.credit_request(payment, back(1, amount="1"))) == [("credit_exceeds_invoice", "/lines")]
    [final] = shop.issued(final)
    assert rows_of(payment, note, final) == order.totals.rows
    whole = shop.credit(final, back(1, "10"), back(2, "1"))
    assert whole.totals == order.totals


def test_inv_13_a_draft_or_a_doubtful_down_payment_keeps_the_final_invoice_waiting(shop: Shop, sale: Sale) -> None:
    order, _ = sale
    draft, [issued] = advance(shop, order, "10"), shop.issued(advance(shop, order, "20"))
    doubtful = shop.do(CancelInvoice(document=issued.id, reason="Erreur"))
    assert codes(shop, InvoiceOrder(order=order.id)) == [
        ("down_payment_draft", f"/invoices/{draft.id}"),
        ("down_payment_unsettled", f"/invoices/{issued.id}"),
    ]
    shop.do(DeleteDraft(document=draft.id), if_match=1)
    shop.issued(doubtful)
    assert (shop.invoice_order(order).invoice_type, billing(shop, order).down_payments) == (InvoiceType.STANDARD, ())


def test_inv_13_no_more_is_asked_than_remains_of_the_order(shop: Shop, sale: Sale) -> None:
    order, (buoys, _) = sale
    advance(shop, order, "60")
    error = attempt(shop.world, CreateDownPayment(order=order.id, percentage=Decimal(41)))
    assert isinstance(error, Refused)
    assert [(one.code, one.pointer) for one in error.breaches] == [("down_payment_exceeds_rest", "/percentage")]
    assert "468.40 EUR TTC" in error.breaches[0].fr
    assert codes(shop, CreateDownPayment(order=order.id, amount=Decimal("468.46"))) == [
        ("down_payment_exceeds_rest", "/amount")
    ]
    advance(shop, order, "40")
    request = InvoiceOrder(order=order.id, quantities=(ask(buoys, "1"),))
    assert codes(shop, request) == [("down_payments_exceed_rest", "/quantities")]
    small = Decimal("0.001")
    assert codes(shop, CreateDownPayment(order=order.id, amount=small)) == [("down_payment_of_nothing", "/amount")]


def test_inv_13_what_an_order_shrinks_to_is_all_that_is_deducted(shop: Shop) -> None:
    """CNF-04 lets quantities change: the final invoice never deducts more than it asks."""
    order, (sold,) = shop.confirmed(product("10", "80"))
    [payment] = shop.issued(advance(shop, order, "50"))
    fewer = (LineInput(**sold.__dict__).change(quantity=Decimal(3)),)
    version = shop.world.services.store.require(ORDER, keys.order(shop.world.company, order.id)).version
    shop.world.execute_as("manager", SetOfferLines(order=order.id, lines=fewer), version)
    [final] = shop.issued(shop.invoice_order(order))
    assert (final.totals.gross.amount, final.due.amount) == (Decimal("288.00"), Decimal(0))
    assert final.deductions[0].gross.amount == Decimal("288.00")
    rest = shop.world.do(Remaining, ReadRemaining(document=payment.id)).remaining
    assert rest.amount == Decimal("192.00")
    shop.issued(shop.credit(payment, back(1, amount="160")))


def test_inv_13_a_cancelled_final_invoice_frees_its_down_payments(shop: Shop, sale: Sale) -> None:
    order, lines = sale
    [payment] = shop.issued(advance(shop, order, "30"))
    before = shop.of_order(order), billing(shop, order)
    [final] = shop.issued(shop.invoice_order(order))
    assert codes(shop, CancelInvoice(document=payment.id, reason="Erreur")) == [
        ("down_payment_deducted", f"/invoices/{final.id}")
    ]
    cancellation = shop.do(CancelInvoice(document=final.id, reason="Erreur"))
    assert cancellation.deductions == final.deductions
    [cancellation] = shop.issued(cancellation)
    assert shop.snapshot(cancellation).due == shop.snapshot(final).due
    after = shop.of_order(order), billing(shop, order)
    assert (dict(after[0].taken), after[1]) == (dict(before[0].taken), before[1])
    assert sorted((one.amount.amount, one.status) for one in after[0].lines) == sorted(
        (one.amount.amount, one.status) for one in before[0].lines
    )
    assert rows_of(payment, final, cancellation) == payment.totals.rows
    [again] = shop.issued(shop.invoice_order(order))
    assert again.deductions == final.deductions
    assert {one.id for one in lines} == set(shop.of_order(order).taken)


def test_inv_13_a_replaced_final_invoice_keeps_its_deductions(shop: Shop, sale: Sale) -> None:
    order, (buoys, service) = sale
    [payment] = shop.issued(advance(shop, order, "30"))
    [final] = shop.issued(shop.invoice_order(order))
    draft = shop.do(ReplaceInvoice(document=final.id))
    assert draft.deductions == final.deductions
    fewer = (ask(buoys, "2"), ask(service, "1"))
    draft = shop.do(SetDraftQuantities(document=draft.id, quantities=fewer), if_match=1)
    assert worth(draft.deductions[0].rows) == [
        (Decimal(20), Decimal("160.00"), Decimal("32.00")),
        (Decimal("5.5"), Decimal("60.00"), Decimal("3.30")),
    ]
    [second] = shop.issued(draft)
    assert rows_of(payment, second)[0].base.amount == Decimal("240.00")
    [last] = shop.issued(shop.invoice_order(order))
    assert (last.invoice_type, worth(last.deductions[0].rows)) == (
        InvoiceType.FINAL,
        [(Decimal(20), Decimal("80.00"), Decimal("16.00"))],
    )
    assert rows_of(payment, second, last) == order.totals.rows
    assert codes(shop, ReplaceInvoice(document=payment.id)) == [
        ("down_payment_deducted", f"/invoices/{one.id}") for one in (second, last)
    ]


def test_inv_13_a_down_payment_is_entered_as_one_and_never_replaced(shop: Shop, sale: Sale) -> None:
    order, _ = sale
    draft = advance(shop, order, "30")
    for request in (SetDraftQuantities(document=draft.id), SetDownPayment(document=shop.draft().id, amount=Decimal(1))):
        with pytest.raises(EnteredOtherwise):
            shop.do(request, if_match=1)
    with pytest.raises(EnteredOtherwise):
        shop.do(SetDraftLines(document=draft.id, lines=(line(),)), if_match=1)
    [issued] = shop.issued(draft)
    assert codes(shop, ReplaceInvoice(document=issued.id)) == [("down_payment_not_replaced", "/document")]
    offer, _ = shop.desk.offer("10.00")
    with pytest.raises(NotInvoiceable):
        advance(shop, offer, "30")
    for wrong in ({}, {"percentage": 10, "amount": 10}, {"percentage": 101}, {"amount": 0}):
        with pytest.raises(ValidationError):
            CreateDownPayment.model_validate({"order": order.id, **wrong})


def test_inv_13_two_final_invoices_that_race_deduct_once(shop: Shop, sale: Sale) -> None:
    """And a credit note on the down payment at the same time: one of them is told why not."""
    order, _ = sale
    [payment] = shop.issued(advance(shop, order, "30"))
    whole = InvoiceOrder(order=order.id)
    requests = [whole, whole, shop.credit_request(payment, back(2, amount="60"))]
    barrier, results = threading.Barrier(3), list[Any]([None] * 3)

    def race(place: int) -> None:
        barrier.wait()
        results[place] = attempt(shop.world, requests[place])

    threads = [threading.Thread(target=race, args=(place,)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [
        [breach.code for breach in one.breaches] if isinstance(one, Refused) else isinstance(one, DomainError)
        for one in results
    ]
    finals = [one for one in told[:2] if one is False]
    if told[2] is False:
        assert told[:2] == [["down_payment_unsettled"]] * 2
    else:
        assert told[2] == ["credit_exceeds_invoice"]
        assert (len(finals), ["nothing_to_invoice"] in told[:2]) == (1, True)
