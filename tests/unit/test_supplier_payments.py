"""Suppliers paid, their credit notes deducted or paid back, all of it taken back: TRS-03, CRN-13, FIS-01, FIS-03."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest

from comptoir.access.commands import SetTestMode
from comptoir.access.execute import Request
from comptoir.access.queries import Listing
from comptoir.kernel.errors import DomainError, Forbidden
from comptoir.kernel.ids import derived_id
from comptoir.kernel.money import Money
from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.orders.actions import AddAction
from comptoir.orders.agenda import Role
from comptoir.orders.following import SetMilestone
from comptoir.orders.milestones import DELIVERY, RECEIPT
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.queries import ReadOrder
from comptoir.payments.queries import ListPartyPayments, ListPayments
from comptoir.payments.rules import InvoicePart
from comptoir.purchasing.cancelling import CancelSupplierDocument
from comptoir.purchasing.model import SupplierStatus
from comptoir.purchasing.party_page import PartyPage, ReadPartyPage
from comptoir.purchasing.queries import ListOwed, ListSupplierCredits
from comptoir.purchasing.settling import MAX_INVOICES, DeductSupplierCreditNote
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import OpenRequest, PaymentMeans, Side, Transferred, TreasuryStatus
from comptoir.treasury.payment import PaymentKind, PaymentSummary
from comptoir.treasury.settling import SettlementState
from tests.unit.owing_support import ACCOUNT, Purse, open_purse, settled_amounts, share
from tests.unit.payments_support import chain, verified_payments
from tests.unit.purchasing_support import TODAY, amounts, item
from tests.unit.suppliers_support import bought
from tests.unit.test_following_completion import turn
from tests.unit.treasury_support import eur

ROUNDS = 6


@pytest.fixture
def purse() -> Purse:
    return open_purse()


def close(purse: Purse, through: date) -> None:
    key, periods = keys.periods(purse.world.company), Periods(through=through)
    purse.world.services.store.transact(lambda tx: tx.put(PERIODS, key, periods))


def owed(purse: Purse) -> list[tuple[str, Decimal]]:
    """What the list of what is owed to the French supplier tells."""
    page = purse.world.do(Listing[OpenRequest], ListOwed(party=purse.france.id))
    return [(each.number, each.amount.amount) for request in page.items for each in request.due]


def test_trs_03_one_transfer_pays_several_invoices_and_a_part_of_one(purse: Purse) -> None:
    first, second = purse.record(), purse.record(item("50.00"), number="F-2")
    request = purse.payment(share(first, "120.00"), share(second, "20.00"), reference="VIR 12", note="Acompte")
    payment = purse.settle(request)
    assert (payment.kind, payment.side, payment.amount) == (PaymentKind.PAYMENT, Side.SUPPLIER, eur(-140))
    assert (payment.party, payment.party_name) == (purse.france.id, purse.france.name)
    assert settled_amounts([payment]) == [("F-1", Decimal("-120.00")), ("F-2", Decimal("-20.00"))]
    [paid] = purse.sheet(first).lines
    assert (paid.status, paid.payment, paid.actual_date) == (TreasuryStatus.PAID, payment.id, TODAY)
    assert (paid.bank_account, paid.means) == (ACCOUNT, PaymentMeans.TRANSFER)
    assert purse.view(first).settlement.state is SettlementState.SETTLED
    assert amounts(purse.sheet(second)) == [("invoiced", Decimal("40.00")), ("paid", Decimal("20.00"))]
    assert owed(purse) == [("F-2", Decimal("40.00"))]


def test_fis_01_payments_of_both_sides_stand_in_one_signed_chain_and_its_lists(purse: Purse) -> None:
    payment = purse.pay(purse.record(), "120.00")
    [entry] = chain(purse.world)
    assert (entry.kind, entry.sequence) == ("payment", payment.sequence)
    assert verified_payments(purse.world).intact
    for query in (ListPayments(), ListPartyPayments(party=purse.france.id)):
        [shown] = purse.world.do(Listing[PaymentSummary], query).items
        assert (shown.id, shown.side, shown.amount, shown.documents) == (
            payment.id,
            Side.SUPPLIER,
            eur(-120),
            ("F-1",),
        )


def test_trs_03_everything_wrong_is_told_at_once(purse: Purse) -> None:
    invoice = purse.record()
    note = purse.credit(invoice)
    dollars = purse.record(item("10.00", vat_rate="0"), number="F-3", supplier=purse.china.id, currency="USD")
    gone = purse.cancel(purse.record(number="F-4"))
    parts = (
        share(invoice, "130.00"),
        share(note, "1.00"),
        share(dollars, "1.00"),
        share(gone, "1.00"),
        share(invoice, "0.001"),
        InvoicePart(invoice=derived_id("nothing"), amount=Decimal(1)),
    )
    request = purse.payment(*parts, amount=eur("150.00"), date=TODAY + timedelta(days=1), bank_account=None)
    assert purse.wrong(request) == [
        ("bank_account_missing", "/bank_account"),
        ("date_future", "/date"),
        ("allocations_differ", "/amount"),
        ("payment_exceeds_due", "/allocations/0/amount"),
        ("unknown_invoice", "/allocations/1/invoice"),
        ("other_supplier", "/allocations/2/invoice"),
        ("other_currency", "/allocations/2/invoice"),
        ("invoice_cancelled", "/allocations/3/invoice"),
        ("off_currency_grid", "/allocations/4/amount"),
        ("unknown_invoice", "/allocations/5/invoice"),
    ]
    assert chain(purse.world) == []


def test_trs_03_a_counter_entry_opens_what_was_paid_again_and_is_final(purse: Purse) -> None:
    invoice = purse.record()
    before = purse.sheet(invoice)
    payment = purse.pay(invoice, "50.00")
    counter = purse.reverse(payment)
    assert (counter.kind, counter.amount, counter.side) == (PaymentKind.COUNTER_ENTRY, eur(50), Side.SUPPLIER)
    assert settled_amounts([counter]) == [("F-1", Decimal("50.00"))]
    assert purse.sheet(invoice) == before
    assert owed(purse) == [("F-1", Decimal("120.00"))]
    with pytest.raises(DomainError, match="payment_reversed"):
        purse.reverse(payment)
    with pytest.raises(DomainError, match="payment_not_reversible"):
        purse.reverse(counter)


def test_fis_03_a_closed_period_takes_neither_payment_nor_counter_entry(purse: Purse) -> None:
    invoice = purse.record()
    payment = purse.pay(invoice, "10.00")
    close(purse, TODAY)
    assert purse.error(purse.payment(share(invoice, "10.00"))) == "period_closed"
    with pytest.raises(DomainError, match="period_closed"):
        purse.reverse(payment)


def test_inv_11_no_supplier_is_paid_in_test_mode_nor_without_the_permission(purse: Purse) -> None:
    """ACC-01: what money moves needs its own permission."""
    request = purse.payment(share(purse.record(), "10.00"))
    with pytest.raises(Forbidden):
        purse.world.execute_as("purchasing", request)
    version = purse.world.services.store.backend.get([key := keys.company(purse.world.company)])[key].version
    purse.world.execute_as("administrator", SetTestMode(test_mode=True), version)
    assert purse.wrong(request) == [("company_in_test_mode", None)]


def test_trs_09_what_a_transfer_pays_waits_for_the_bank(purse: Purse) -> None:
    """It is neither paid by hand nor covered by a credit note; the rest of the invoice is."""
    invoice = purse.record()
    payment = purse.pay(invoice, "20.00")
    key = keys.document_treasury(purse.world.company, invoice.id)
    open_line = next(line for line in purse.sheet(invoice).lines if line.status is TreasuryStatus.INVOICED)
    transfer = Transferred(order=payment.id, end_to_end="E2E-1")
    held = open_line.change(amount=eur(60), id=derived_id("held"), transfer=transfer)
    sheet = purse.sheet(invoice)
    lines = (*(line for line in sheet.lines if line != open_line), open_line.change(amount=eur(40)), held)

    def hold(tx: Transaction) -> None:
        tx.require(TREASURY, key)
        tx.put(TREASURY, key, sheet.change(lines=lines))

    purse.world.services.store.transact(hold)
    assert purse.error(purse.payment(share(invoice, "40.01"))) == "line_transferred"
    for named in ({"line": held.id}, {"end_to_end": "E2E-1"}):
        assert purse.error(purse.payment(share(invoice, "60.00", **named))) == "line_transferred"
    note = purse.credit(invoice, item("50.00"))
    assert purse.wrong(DeductSupplierCreditNote(credit_note=note.id, invoice=invoice.id)) == [
        ("due_too_small", "/invoice")
    ]
    purse.pay(invoice, "40.00")
    assert owed(purse) == [("F-1", Decimal("60.00"))]


def test_log_03_the_payment_of_a_request_completes_it_and_its_reversal_opens_it_again(purse: Purse) -> None:
    order, _ = purse.confirmed()
    invoice = purse.record(*purse.lines_of(order, purse.france), order=order.id)
    received = SetMilestone(order=order.id, milestone=RECEIPT, actual=TODAY)
    purse.world.execute_as("manager", received, purse.order_version(order))
    due = purse.view(invoice).settlement.open.amount
    payment = purse.pay(invoice, due)
    [part] = payment.allocations
    assert (part.order, part.order_number, part.amount.amount) == (order.id, order.number, -due)
    assert purse.request(order, purse.france).status is OrderStatus.COMPLETED
    purse.reverse(payment)
    assert purse.request(order, purse.france).status is OrderStatus.CONFIRMED
    assert purse.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.CONFIRMED


def test_crn_13_a_credit_note_is_deducted_from_another_invoice_and_linked_both_ways(purse: Purse) -> None:
    first, second = purse.record(), purse.record(number="F-2")
    note = purse.credit(first)
    deduction = purse.deduct(note, invoice=second.id)
    assert (deduction.kind, deduction.side, deduction.amount) == (PaymentKind.DEDUCTION, Side.SUPPLIER, eur(0))
    assert settled_amounts([deduction]) == [("A-1", Decimal("12.00")), ("F-2", Decimal("-12.00"))]
    [used] = [line for line in purse.sheet(first).lines if line.document == note.id]
    [covered] = [line for line in purse.sheet(second).lines if line.link]
    assert used.link is not None
    assert covered.link is not None
    assert (used.link.document, used.link.number, used.link.line) == (second.id, "F-2", covered.id)
    assert (covered.link.document, covered.link.number, covered.link.line) == (note.id, "A-1", used.id)
    assert used.label == covered.label == "Avoir déduit"
    assert owed(purse) == [("F-1", Decimal("120.00")), ("F-2", Decimal("108.00"))]
    assert purse.error(DeductSupplierCreditNote(credit_note=note.id, invoice=second.id)) == "credit_note_used"


def test_crn_13_a_credit_note_is_deducted_from_the_request_of_an_order_oldest_first(purse: Purse) -> None:
    order, _ = purse.confirmed()
    invoice = purse.record(*purse.lines_of(order, purse.france), order=order.id)
    note = purse.credit(invoice)
    deduction = purse.deduct(note, order=order.id)
    assert {part.order for part in deduction.allocations} == {order.id}
    oldest = min(line.forecast_date or date.max for line in purse.sheet(invoice).lines if not line.credited)
    assert [line.forecast_date for line in purse.sheet(invoice).lines if line.link and not line.credited] == [oldest]


def test_crn_13_where_it_cannot_be_deducted_is_told(purse: Purse) -> None:
    note = purse.credit(purse.record())
    dollars = purse.record(item("10.00", vat_rate="0"), number="F-3", supplier=purse.china.id, currency="USD")
    order, _ = purse.confirmed()
    for fields, told in (
        ({"invoice": dollars.id}, [("other_supplier", "/invoice"), ("other_currency", "/invoice")]),
        ({"invoice": note.id}, [("unknown_target", "/invoice")]),
        ({"order": derived_id("nothing")}, [("unknown_target", "/order")]),
        ({"order": order.id}, [("due_too_small", "/order")]),
    ):
        assert purse.wrong(DeductSupplierCreditNote(credit_note=note.id, **fields)) == told


def test_crn_13_what_was_deducted_is_given_back_and_the_credit_note_cancelled(purse: Purse) -> None:
    """A deduction is taken back by a counter-entry; then the credit note can be cancelled as one never used."""
    first, second = purse.record(), purse.record(number="F-2")
    before = purse.sheet(first), purse.sheet(second)
    note = purse.credit(first)
    deduction = purse.deduct(note, invoice=second.id, amount=Decimal("7.00"))
    with pytest.raises(DomainError, match="credit_note_used"):
        purse.cancel(note)
    counter = purse.reverse(deduction, reason="Avoir saisi par erreur")
    assert (counter.kind, counter.amount) == (PaymentKind.COUNTER_ENTRY, eur(0))
    assert settled_amounts([deduction, counter]) == [
        ("A-1", Decimal("7.00")),
        ("F-2", Decimal("-7.00")),
        ("A-1", Decimal("-7.00")),
        ("F-2", Decimal("7.00")),
    ]
    credits = purse.world.do(Listing[OpenRequest], ListSupplierCredits(party=purse.france.id)).items
    assert [each.amount for request in credits for each in request.credits] == [eur(-12)]
    purse.cancel(note)
    assert (purse.sheet(first), purse.sheet(second)) == before
    assert verified_payments(purse.world).intact


def test_crn_13_a_credit_note_is_paid_back_by_the_supplier(purse: Purse) -> None:
    invoice = purse.record()
    note = purse.credit(invoice)
    refund = purse.refund(note, amount=Decimal("5.00"))
    assert (refund.kind, refund.amount, refund.bank_account) == (PaymentKind.REFUND, eur(5), ACCOUNT)
    assert purse.view(note).settlement.open == eur(7)
    purse.reverse(refund)
    assert purse.view(note).settlement.open == eur(12)
    purse.cancel(note)
    gone = purse.view(note).document
    assert purse.error(DeductSupplierCreditNote(credit_note=gone.id, invoice=invoice.id)) == "not_found"


def test_pty_04_the_page_of_a_supplier_shows_what_was_paid_and_what_is_owed(purse: Purse) -> None:
    invoice = purse.record()
    purse.pay(invoice, "100.00")
    page = purse.world.do(PartyPage, ReadPartyPage(party=purse.france.id))
    assert [(each.line.status, each.line.amount) for each in page.treasury] == [
        (TreasuryStatus.INVOICED, eur(20)),
        (TreasuryStatus.PAID, eur(100)),
    ]
    assert [due.amount for request in page.owed_requests for due in request.due] == [eur(20)]


def at_once(purse: Purse, *asked: Request) -> Counter[str]:
    """What becomes of requests that are made at the same instant, on first versions where they guard them."""

    def ask(request: Request) -> str:
        version = 1 if isinstance(request, CancelSupplierDocument) else None
        try:
            purse.world.execute_as("manager", request, version)
        except DomainError as error:
            return error.breaches[0].code if hasattr(error, "breaches") else error.code
        return "done"

    with ThreadPoolExecutor(len(asked)) as pool:
        return Counter(pool.map(ask, asked))


@pytest.mark.parametrize("credited", [False, True])
def test_trs_03_two_operators_at_once_never_settle_more_than_is_owed(purse: Purse, credited: bool) -> None:
    """TRS-03, CRN-13: a payment meets a payment, or the deduction of a credit note, of the same last amount."""
    for number in range(ROUNDS):
        invoice = purse.record(number=f"R-{number}")
        other: Request = purse.payment(share(invoice, "120.00"))
        if credited:
            note = purse.credit(invoice, item("100.00"), number=f"N-{number}")
            other = DeductSupplierCreditNote(credit_note=note.id, invoice=invoice.id)
        told = at_once(purse, purse.payment(share(invoice, "120.00")), other)
        assert told["done"] == 1, told
        assert purse.view(invoice).settlement.open == Money.zero("EUR")
    assert verified_payments(purse.world).intact


def test_crn_13_a_payment_meets_the_cancellation_of_its_invoice(purse: Purse) -> None:
    """Either it is paid and stays, or it is cancelled and takes no money."""
    for number in range(ROUNDS):
        invoice = purse.record(number=f"C-{number}")
        cancelling = CancelSupplierDocument(document=invoice.id, reason="Saisie en double")
        told = at_once(purse, purse.payment(share(invoice, "12.00")), cancelling)
        assert told["done"] == 1, told
        shown = purse.view(invoice)
        cancelled = shown.document.status is SupplierStatus.CANCELLED
        # Who read the invoice before its cancellation and its money after it is told that nothing is due.
        lost = ("invoice_cancelled", "payment_exceeds_due") if cancelled else ("invoice_paid",)
        assert sum(told[code] for code in lost) == 1, told
        assert shown.settlement.paid == eur(0 if cancelled else 12)
    assert verified_payments(purse.world).intact


def test_as_many_invoices_as_one_payment_takes_fit_one_transaction_each_of_an_order_of_its_own(purse: Purse) -> None:
    """TRS-03: all or nothing, whatever else hangs on the orders."""
    invoices = []
    for number in range(MAX_INVOICES):
        order, _ = purse.confirmed()
        lines = purse.lines_of(order, purse.france)
        invoices.append(purse.record(*lines, order=order.id, number=f"M-{number}"))
    payment = purse.settle(purse.payment(*(share(invoice, "1.00") for invoice in invoices)))
    assert payment.amount == eur(-MAX_INVOICES)


def test_a_payment_that_completes_too_many_orders_at_once_is_refused_by_name(purse: Purse) -> None:
    """TRS-03, LOG-03: nothing is written, and fewer invoices are paid as ever."""
    orders, invoices = [], []
    for number in range(MAX_INVOICES):
        order, version = purse.confirmed(bought(purse.france, "X", "1", "2.00", "1.00", "EUR"))
        invoices.append(purse.record(*purse.lines_of(order, purse.france), order=order.id, number=f"M-{number}"))
        turn(purse.world, keys.order_treasury(purse.world.company, order.id), TreasuryStatus.PAID)
        purse.world.execute_as("manager", AddAction(order=order.id, label="Relancer", role=Role.SALES))
        for milestone in (RECEIPT, DELIVERY):
            request = SetMilestone(order=order.id, milestone=milestone, actual=TODAY)
            version = purse.world.execute_as("manager", request, version).version or 0
        orders.append(order)
    parts = [share(invoice, invoice.totals.gross.amount) for invoice in invoices]
    assert purse.wrong(purse.payment(*parts)) == [("payment_changes_too_much", "/allocations")]
    assert {purse.view(invoice).settlement.paid for invoice in invoices} == {eur(0)}
    paid = purse.settle(purse.payment(*parts[:10]))
    read = [purse.world.do(Order, ReadOrder(order=order.id)).status for order in orders]
    assert read == [OrderStatus.COMPLETED] * 10 + [OrderStatus.CONFIRMED] * (MAX_INVOICES - 10)
    purse.reverse(paid)
    assert {purse.world.do(Order, ReadOrder(order=order.id)).status for order in orders} == {OrderStatus.CONFIRMED}
