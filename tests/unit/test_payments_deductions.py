"""Credit notes deducted from what a customer owes: CRN-07 to CRN-11, PTY-02, LOG-03."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.invoicing.creditable import ReadRemaining, Remaining
from comptoir.invoicing.model import Document, OrderQuantity
from comptoir.kernel.ids import derived_id
from comptoir.orders.following import SetMilestone
from comptoir.orders.model import LineInput, Order, OrderStatus
from comptoir.orders.queries import ReadOrder, ReadOrderHistory, ReadOrderTreasury
from comptoir.parties.model import Party
from comptoir.payments.commands import ReversePayment
from comptoir.payments.deducting import DeductCreditNote
from comptoir.payments.queries import ListAvailableCredits, ListOpen, ReadInvoiceTreasury
from comptoir.treasury.model import OpenRequest, TreasuryStatus
from comptoir.treasury.payment import PaymentKind
from comptoir.treasury.settling import SettlementState, TreasuryView
from tests.unit.invoicing_support import back, line
from tests.unit.orders_support import customer_request, head
from tests.unit.payments_support import TODAY, Till, open_till, verified_payments
from tests.unit.treasury_support import ACCOUNT, OTHER, eur


@pytest.fixture
def till() -> Till:
    return open_till()


def ordered(till: Till, *amounts: str) -> tuple[Order, list[Document]]:
    """A confirmed order and an issued invoice for each of these amounts without VAT."""
    lines = [LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(amount)) for amount in amounts]
    order, products = till.confirmed(*lines)
    parts = [(OrderQuantity(line=product.id, quantity=Decimal(1)),) for product in products]
    return order, till.issued(*(till.invoice_order(order, quantities=part) for part in parts))


def request(note: Document, **fields: Any) -> DeductCreditNote:
    return DeductCreditNote(credit_note=note.id, **fields)


def test_crn_10_both_requests_change_and_name_each_other(till: Till) -> None:
    order, [credited] = ordered(till, "100")
    till.pay(credited, "120.00", bank_account=OTHER.iban)
    note, target = till.note(credited, "60.00"), till.invoice(line("75"))
    deduction = till.deduct(note, invoice=target.id)
    assert (deduction.kind, deduction.amount, deduction.means) == (PaymentKind.DEDUCTION, eur(0), None)
    assert [(each.number, each.amount, each.order_number) for each in deduction.allocations] == [
        (note.number, eur(-60), order.number),
        (target.number, eur(60), None),
    ]
    ours = [one for one in till.of_order(order).lines if one.document == note.id]
    theirs = {one.id: one for one in till.sheet(target).lines if one.status is TreasuryStatus.CREDIT_DEDUCTED}
    assert {one.status for one in ours} == {TreasuryStatus.CREDIT_DEDUCTED}
    for one in ours:
        assert one.link is not None
        other = theirs.pop(one.link.line)
        assert (other.amount, other.bank_account, other.actual_date) == (-one.amount, OTHER, TODAY)
        assert (one.link.document, one.link.number, one.link.order) == (target.id, target.number, None)
        assert other.link is not None
        assert (other.link.document, other.link.number, other.link.order) == (note.id, note.number, order.id)
        assert (other.document, other.payment, one.payment) == (target.id, deduction.id, deduction.id)
    assert not theirs
    assert till.standing(target).open == eur(30)
    assert till.standing(note).state is SettlementState.SETTLED
    assert verified_payments(till.world).entries == 2


def test_crn_10_never_twice(till: Till) -> None:
    credited, target = till.invoice(line("100")), till.invoice(line("100"))
    note = till.note(credited, "60.00")
    till.deduct(note, invoice=target.id)
    for fields in ({"invoice": target.id}, {"invoice": credited.id}):
        assert till.error(request(note, **fields)) == "credit_note_used"
    assert till.standing(target).deducted == eur(60)


def test_crn_10_its_own_request_included(till: Till) -> None:
    """Nothing was paid: no account, and the credit note's own date."""
    invoice = till.invoice(line("100"))
    note = till.note(invoice, "36.00")
    till.deduct(note, invoice=invoice.id)
    shown = {
        (one.status.value, one.amount.amount, one.bank_account, one.actual_date) for one in till.sheet(invoice).lines
    }
    assert shown == {
        ("invoiced", Decimal("84.00"), None, None),
        ("credit_deducted", Decimal("36.00"), None, TODAY),
        ("credit_deducted", Decimal("-36.00"), None, TODAY),
    }
    till.pay(invoice, "84.00")
    assert till.standing(invoice).state is SettlementState.SETTLED


def test_crn_10_of_an_order_the_oldest_due_date_first_of_an_invoice_its_own_lines(till: Till) -> None:
    order, [first, second] = ordered(till, "100", "100")
    credited = till.invoice(line("300"))
    note = till.note(credited, "200.00")
    till.deduct(note, invoice=second.id, amount="50.00")
    assert (till.standing(first).deducted, till.standing(second).deducted) == (eur(0), eur(50))
    deduction = till.deduct(note, order=order.id)
    covered = {one.document for one in till.of_order(order).lines if one.payment == deduction.id}
    assert covered == {first.id, second.id}
    left = [one for one in till.of_order(order).lines if one.status is TreasuryStatus.INVOICED]
    paid = [one for one in till.of_order(order).lines if one.payment == deduction.id]
    assert max(str(one.forecast_date) for one in paid) <= min(str(one.forecast_date) for one in left)
    assert sum(each.amount.amount for each in deduction.allocations) == 0


def test_crn_10_in_parts(till: Till) -> None:
    """COMPLAINTS 15: a part here, a part there, the rest paid back; each piece once."""
    credited, target = till.invoice(line("100")), till.invoice(line("100"))
    till.pay(credited, "120.00")
    note = till.note(credited, "100.00")
    till.deduct(note, invoice=target.id, amount="33.33")
    assert till.standing(note).open == eur("66.67")
    till.deduct(note, invoice=target.id, amount="6.67")
    refund = till.refund(note)
    assert refund.amount == eur(-60)
    standing = till.standing(note)
    assert (standing.open, standing.deducted, standing.paid) == (eur(0), eur(40), eur(60))


def test_crn_10_what_is_due_must_hold_it_and_the_rest_is_told(till: Till) -> None:
    credited, small = till.invoice(line("100")), till.invoice(line("10"))
    order, _ = till.confirmed(LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)))
    note = till.note(credited, "60.00")
    assert till.wrong(request(note, invoice=small.id)) == [("due_too_small", "/invoice")]
    # Nothing of it is invoiced yet.
    assert till.wrong(request(note, order=order.id)) == [("due_too_small", "/order")]
    assert till.wrong(request(note, invoice=small.id, amount="60.01")) == [
        ("amount_exceeds_credit", "/amount"),
        ("due_too_small", "/invoice"),
    ]
    assert till.wrong(request(note, invoice=small.id, amount="0.001")) == [("off_currency_grid", "/amount")]


def test_crn_10_of_the_same_customer_in_the_same_currency(till: Till) -> None:
    credited = till.invoice(line("100"))
    note = till.note(credited, "60.00")
    other = till.world.do(Party, customer_request(code="AUTRE"))
    theirs, dollars = till.invoice(line("500"), customer=other.id), till.invoice_in("USD", "500")
    assert till.wrong(request(note, invoice=theirs.id)) == [("other_customer", "/invoice")]
    assert till.wrong(request(note, invoice=dollars.id)) == [("other_currency", "/invoice")]
    for fields in ({"invoice": note.id}, {"invoice": till.draft().id}, {"order": derived_id("nothing")}):
        [(code, _)] = till.wrong(request(note, **fields))
        assert code == "unknown_target"
    for identifier in (credited.id, till.credit(credited, back(1, amount="1")).id, derived_id("nothing")):
        assert till.error(DeductCreditNote(credit_note=identifier, invoice=credited.id)) == "not_found"
    with pytest.raises(ValueError, match="one of the two"):
        request(note)


def test_crn_10_a_deduction_stands(till: Till) -> None:
    credited = till.invoice(line("100"))
    deduction = till.deduct(till.note(credited, "60.00"), invoice=credited.id)
    assert till.error(ReversePayment(payment=deduction.id, date=TODAY, reason="x")) == "payment_not_reversible"


def test_fis_03_nothing_is_deducted_in_a_closed_period(till: Till) -> None:
    credited = till.invoice(line("100"))
    note = till.note(credited, "60.00")
    till.close(TODAY)
    assert till.error(request(note, invoice=credited.id)) == "period_closed"


def test_crn_08_the_credit_note_is_split_as_it_is_issued(till: Till) -> None:
    """Partly paid: the unpaid part first, then the payments by date on their accounts; the rest of the next one too."""
    invoice = till.invoice(line("100"))
    till.pay(invoice, "50.00", bank_account=OTHER.iban)
    till.pay(invoice, "40.00")
    first, second = till.note(invoice, "60.00"), till.note(invoice, "48.00")
    split = {
        note.number: [
            (one.amount.amount, one.bank_account) for one in till.sheet(invoice).lines if one.document == note.id
        ]
        for note in (first, second)
    }
    assert split[first.number] == [(Decimal("-30.00"), None), (Decimal("-30.00"), OTHER)]
    assert split[second.number] == [(Decimal("-20.00"), OTHER), (Decimal("-28.00"), ACCOUNT)]


def test_crn_11_a_total_credit_note_leaves_lines_to_deduct_and_the_order_invoiced(till: Till) -> None:
    order, [invoice] = ordered(till, "100")
    till.note(invoice, "120.00")
    lines = till.of_order(order).lines
    assert {one.status for one in lines} == {TreasuryStatus.INVOICED, TreasuryStatus.CREDIT_TO_DEDUCT}
    remaining = till.world.do(Remaining, ReadRemaining(document=invoice.id))
    assert remaining.remaining == eur(0)
    with pytest.raises(Exception, match="nothing_to_invoice"):
        till.invoice_order(order)


def listed(till: Till, what: ListOpen) -> list[OpenRequest]:
    return list(till.world.do(Listing[OpenRequest], what, "accountant").items)


def test_pty_02_what_a_customer_owes_and_the_credit_notes_available_are_listed(till: Till) -> None:
    order, [invoice] = ordered(till, "100")
    other = till.invoice(line("50"))
    note = till.note(invoice, "30.00")
    owing, credits = ListOpen(party=till.customer.id), ListAvailableCredits(party=till.customer.id)
    shown = {each.debtor and (each.debtor.order or each.debtor.invoice): each for each in listed(till, owing)}
    assert set(shown) == {order.id, other.id}
    assert sum(each.amount.amount for each in shown[order.id].due) == Decimal("120.00")
    assert [(each.number, each.amount) for each in shown[other.id].due] == [(other.number, eur(60))]
    [available] = listed(till, credits)
    assert [(each.document, each.number, each.amount) for each in available.credits] == [
        (note.id, note.number, eur(-30))
    ]
    assert available.debtor is not None
    assert (available.debtor.order, available.debtor.order_number) == (order.id, order.number)
    till.deduct(note, invoice=other.id, amount="10.00")
    [available] = listed(till, credits)
    assert [each.amount for each in available.credits] == [eur(-20)]
    till.deduct(note, invoice=other.id)
    till.pay(other, "30.00")
    assert listed(till, credits) == []
    assert [each.debtor and each.debtor.order for each in listed(till, owing)] == [order.id]


def test_crn_09_the_treasury_tells_what_remains_due_without_the_credit_note(till: Till) -> None:
    """Of the order what is not invoiced yet too; it falls once the credit note is deducted."""
    lines = [LineInput(designation="Bouée", quantity=Decimal(2), unit_price=Decimal(100))]
    order, [product] = till.confirmed(*lines)
    part = (OrderQuantity(line=product.id, quantity=Decimal(1)),)
    [invoice] = till.issued(till.invoice_order(order, quantities=part))
    till.pay(invoice, "20.00")
    note = till.note(invoice, "60.00")
    shown = till.world.do(TreasuryView, ReadOrderTreasury(order=order.id))
    assert (shown.remaining_due, shown.invoiced_due, shown.to_deduct) == (eur(220), eur(100), eur(60))
    till.deduct(note, order=order.id)
    shown = till.world.do(TreasuryView, ReadInvoiceTreasury(invoice=invoice.id))
    assert (shown.remaining_due, shown.invoiced_due, shown.to_deduct) == (eur(160), eur(40), eur(0))
    empty, _ = till.desk.offer()
    assert till.world.do(TreasuryView, ReadOrderTreasury(order=empty.id)).remaining_due is None


def test_acc_06_both_histories_tell_the_deduction(till: Till) -> None:
    first, [credited] = ordered(till, "100")
    second, _ = ordered(till, "100")
    deduction = till.deduct(till.note(credited, "60.00"), order=second.id)
    for order in (first, second):
        entry = till.world.do(Listing[HistoryEntry], ReadOrderHistory(order=order.id)).items[0]
        assert (entry.event, entry.changes["/payment"]) == ("credit_note_deducted", deduction.id)


def test_log_03_a_deduction_completes_the_orders_that_it_settles(till: Till) -> None:
    first, [credited] = ordered(till, "100")
    second, _ = ordered(till, "50")
    for order in (first, second):
        delivery = SetMilestone(order=order.id, milestone="delivery", actual=TODAY)
        till.world.execute_as("manager", delivery, head(till.desk, order).version)
    till.pay(credited, "120.00")
    till.deduct(till.note(credited, "60.00"), order=second.id)
    for order in (first, second):
        assert till.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.COMPLETED
