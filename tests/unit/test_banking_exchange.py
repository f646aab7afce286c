"""Entries that settle documents in another currency than the account's, at the bank's rate (TRS-04, TRS-05, TRS-09)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.access.execute import Request
from comptoir.accounting.chart import Chart
from comptoir.accounting.exporting import Rates
from comptoir.accounting.settlements import settlement
from comptoir.banking.invoice_matches import AcceptMatch, AcceptSupplierMatch
from comptoir.banking.ordered import StoredTransferOrder
from comptoir.banking.reconciling import AcceptRefund, AcceptReturn
from comptoir.banking.stored import EntryState
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.payments.queries import ReadPayment
from comptoir.purchasing.model import SupplierDocument
from comptoir.treasury.model import Side, TreasuryStatus
from comptoir.treasury.payment import Payment, PaymentFact
from tests.unit.cash_recomputed import recomputed, stored
from tests.unit.counter_support import Counter, open_counter
from tests.unit.invoicing_support import line
from tests.unit.owing_support import share
from tests.unit.payments_support import TODAY, part, verified_payments
from tests.unit.purchasing_support import item
from tests.unit.test_accounting_settlements import certify, fec, of
from tests.unit.transfer_support import Treasurer
from tests.unit.treasury_support import eur

DAY = date(2026, 11, 20)
SOME = "01KASXPZ5CF1A3H9QJ4M7R2W8T"


@pytest.fixture
def counter() -> Counter:
    return open_counter()


@pytest.fixture
def treasurer(counter: Counter) -> Treasurer:
    return counter.treasurer()


def usd(amount: str | int) -> Money:
    return Money.of(Decimal(amount), "USD")


def ordered(treasurer: Treasurer) -> tuple[SupplierDocument, StoredTransferOrder]:
    """An invoice of 100 USD, and the order that transfers them from the account in EUR."""
    document = treasurer.invoice(treasurer.abroad())
    return document, treasurer.generate(document)


def matching(entry: str, document: SupplierDocument, order: StoredTransferOrder, **more: Any) -> AcceptSupplierMatch:
    """The match of an entry with the 100 USD of the order's transfer."""
    [transfer] = order.order.transfers
    whole = share(document, "100.00", end_to_end=transfer.end_to_end)
    return AcceptSupplierMatch(**({"entry": entry, "allocations": (whole,)} | more))


def refusal(counter: Counter, request: Request) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as caught:
        counter.world.execute_as("manager", request)
    return [(breach.code, breach.pointer) for breach in caught.value.breaches]


def last_payment(counter: Counter, entry: str) -> Payment:
    payment = counter.entry(entry).payments[-1].payment
    return counter.world.do(Payment, ReadPayment(payment=payment))


def test_trs_09_a_transfer_in_dollars_is_paid_by_the_euros_that_the_bank_booked(
    counter: Counter, treasurer: Treasurer
) -> None:
    document, order = ordered(treasurer)
    entry = counter.came("-92.31")
    assert refusal(counter, matching(entry, document, order)) == [("other_currency", "/booked")]
    counter.world.execute_as("manager", matching(entry, document, order, booked="92.31"))
    matched = counter.entry(entry)
    assert (matched.state, matched.left) == (EntryState.MATCHED, eur(0))
    payment = last_payment(counter, entry)
    assert (payment.amount, payment.booked, payment.date, payment.entry) == (usd(-100), eur("-92.31"), DAY, entry)
    [paid] = treasurer.lines(document)
    assert (paid.status, paid.amount, paid.payment) == (TreasuryStatus.PAID, usd(100), payment.id)
    assert verified_payments(counter.world).intact
    assert stored(counter.world, "USD") == recomputed(counter.world, "USD")


def test_an_entry_is_taken_in_parts_and_no_further_than_it_goes(counter: Counter, treasurer: Treasurer) -> None:
    """TRS-04: the bank books several transfers together, or its fees with one."""
    document, order = ordered(treasurer)
    entry = counter.came("-95.00")
    assert refusal(counter, matching(entry, document, order, booked="95.01")) == [("match_exceeds_entry", "/booked")]
    assert refusal(counter, matching(entry, document, order, booked="92.311")) == [("off_currency_grid", "/booked")]
    credit = counter.came("95.00")
    assert refusal(counter, matching(credit, document, order, booked="92.31")) == [("entry_is_credit", "/entry")]
    counter.world.execute_as("manager", matching(entry, document, order, booked="92.31"))
    assert (counter.entry(entry).state, counter.entry(entry).left) == (EntryState.OPEN, eur("-2.69"))


def test_what_was_booked_is_told_for_one_supplier_in_another_currency_only(
    counter: Counter, treasurer: Treasurer
) -> None:
    entry = counter.came("-500.00")
    ours = counter.purse.record(item("50.00", vat_rate="0"))
    first = treasurer.invoice(treasurer.abroad("ONE"), "F-11")
    second = treasurer.invoice(treasurer.abroad("TWO"), "F-12")

    def asking(*parts: SupplierDocument, **more: Any) -> AcceptSupplierMatch:
        return AcceptSupplierMatch(entry=entry, allocations=tuple(share(each, "50.00") for each in parts), **more)

    assert refusal(counter, asking(ours, booked="50.00")) == [("booked_in_same_currency", "/booked")]
    assert refusal(counter, asking(first, second, booked="92.00")) == [("booked_for_several_suppliers", "/booked")]
    assert refusal(counter, asking(first, second)) == [("other_currency", "/booked")]
    assert refusal(counter, asking(ours, first)) == [("other_currency", "/allocations/1/invoice")]
    sold = counter.till.invoice(line("100"))
    unknown = AcceptSupplierMatch(entry=entry, allocations=(part(sold, "50.00"),), booked="46.00")
    assert refusal(counter, unknown) == [("unknown_invoice", "/allocations/0/invoice")]
    assert counter.entry(entry).left == eur(-500)


def test_a_match_in_another_currency_is_undone(counter: Counter, treasurer: Treasurer) -> None:
    document, order = ordered(treasurer)
    entry = counter.came("-92.31")
    counter.world.execute_as("manager", matching(entry, document, order, booked="92.31"))
    payment = last_payment(counter, entry)
    assert counter.undo(entry, payment.id).left == eur("-92.31")
    taken_back = counter.world.do(Payment, ReadPayment(payment=payment.id)).reversed_by
    counter_entry = counter.world.do(Payment, ReadPayment(payment=taken_back or ""))
    assert (counter_entry.amount, counter_entry.booked) == (usd(100), eur("92.31"))
    counter.world.execute_as("manager", matching(entry, document, order, booked="92.31"))
    assert counter.entry(entry).state is EntryState.MATCHED


def test_what_comes_back_does_so_at_the_rate_of_its_day(counter: Counter, treasurer: Treasurer) -> None:
    """TRS-03: the counter-entry books what the bank gave back; the transfer failed and may be made anew."""
    document, order = ordered(treasurer)
    entry = counter.came("-92.31")
    counter.world.execute_as("manager", matching(entry, document, order, booked="92.31"))
    payment = last_payment(counter, entry)
    again, back = counter.came("-91.80", text="VIR"), counter.came("91.80", text="RETOUR VIR")
    wrong = AcceptReturn(entry=again, payment=payment.id, reason="Rejet")
    assert refusal(counter, wrong) == [("entry_is_debit", "/entry")]
    assert counter.returned(back, payment.id).state is EntryState.MATCHED
    returned = last_payment(counter, back)
    assert (returned.amount, returned.booked) == (usd(100), eur("91.80"))
    assert all(not each.frozen for each in treasurer.lines(document) if each.status is not TreasuryStatus.PAID)
    assert verified_payments(counter.world).intact
    assert stored(counter.world, "USD") == recomputed(counter.world, "USD")


def test_euros_of_a_customer_pay_dollars_and_the_difference_is_one_of_exchange(counter: Counter) -> None:
    """RULES §4: the money is worth what the bank booked, without a rate of its own to certify."""
    till = counter.till
    invoice = till.invoice_in("USD", "100")
    certify(till, invoice, "1.25")
    entry = counter.came("97.00")
    told = AcceptMatch(entry=entry, customer=till.customer.id, allocations=(part(invoice, "120.00"),), booked="97.00")
    counter.world.execute_as("manager", told)
    assert last_payment(counter, entry).booked == eur(97)
    assert of(fec(till), "BQ") == [
        ("512000", Decimal("97.00")),
        ("411000", Decimal("-96.00")),
        ("756000", Decimal("-1.00")),
    ]


def test_a_credit_note_in_dollars_is_paid_back_in_euros(counter: Counter) -> None:
    till = counter.till
    note = till.note(till.invoice_in("USD", "100"), "12.00")
    entry = counter.came("-10.00")
    told: dict[str, Any] = {"entry": entry, "side": Side.CUSTOMER, "credit_note": note.id, "amount": "12.00"}
    assert refusal(counter, AcceptRefund(**told)) == [("other_currency", "/booked")]
    counter.world.execute_as("manager", AcceptRefund(**told, booked="9.60"))
    payment = last_payment(counter, entry)
    assert (payment.amount, payment.booked) == (usd(-12), eur("-9.60"))
    assert counter.entry(entry).left == eur("-0.40")


AMOUNTS = st.decimals("0.01", "9999999.99", places=2)


@given(
    amount=AMOUNTS,
    booked=AMOUNTS,
    rate=st.decimals("0.01", "500", places=6),
    out=st.booleans(),
)
def test_whatever_the_bank_booked_is_on_its_account_and_the_entry_balances(
    amount: Decimal, booked: Decimal, rate: Decimal, out: bool
) -> None:
    sign = -1 if out else 1
    moved = {"document": SOME, "number": "F-1", "amount": usd(str(sign * amount))}
    fact = PaymentFact.model_validate(
        {
            "id": SOME,
            "kind": "payment",
            "date": DAY,
            "side": "supplier" if out else "customer",
            "party": SOME,
            "party_name": "Pacific",
            "amount": moved["amount"],
            "means": "transfer",
            "booked": eur(str(sign * booked)),
            "allocations": [moved],
            "operator": SOME,
            "operator_name": "Op",
            "recorded_at": f"{TODAY}T10:00:00Z",
            "version": "1",
        }
    )
    entry = settlement(fact, 1, "C1", Chart(), "EUR", Rates(own=Decimal(7), settled=rate))
    assert entry is not None
    balances = {each.account: each.debit - each.credit for each in entry.lines}
    assert balances["512000"] == sign * booked
    assert sum(balances.values()) == 0
