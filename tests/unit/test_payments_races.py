"""Payments, deductions, cancellations, closings at once: one wins, the other gets its named error (TRS-03, CRN-10)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from comptoir.access.execute import Call, Request, execute
from comptoir.invoicing.cancelling import CancelInvoice
from comptoir.invoicing.issue import issue
from comptoir.invoicing.model import Document
from comptoir.kernel.errors import DomainError, Refused, VersionMismatch
from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.orders.following import SetMilestone
from comptoir.orders.model import LineInput, Order, OrderStatus
from comptoir.orders.queries import ReadOrder
from comptoir.payments.commands import RefundCreditNote, ReversePayment
from comptoir.payments.deducting import DeductCreditNote
from comptoir.store import keys
from comptoir.store.backend import Operation
from comptoir.store.record import Key
from comptoir.treasury.model import TreasuryStatus
from tests.unit import conservation
from tests.unit.invoicing_support import codes, line, stored, wrap
from tests.unit.orders_support import head
from tests.unit.payments_support import TODAY, Till, chain, open_till, part, verified_payments
from tests.unit.treasury_support import ACCOUNT, eur

ROUNDS = 5
"""How often threads meet: the order in which they come differs from one round to the next."""


@pytest.fixture
def till() -> Till:
    return open_till()


def code(error: DomainError) -> str:
    """What a refusal names: its breach, else itself."""
    return error.breaches[0].code if isinstance(error, Refused) else error.code


def at_once(*works: Callable[[], object]) -> Counter[str]:
    """What becomes of works that begin together: `done`, or the code of the refusal."""
    barrier, told = threading.Barrier(len(works)), Counter[str]()

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            work()
        except DomainError as error:
            told[code(error)] += 1
        else:
            told["done"] += 1

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def asks(till: Till, request: Request) -> Callable[[], object]:
    """An operator's request, to be made by a thread of its own."""
    call: Call = till.world.call("manager", request)
    return lambda: execute(call, till.world.services)


def conserved(till: Till) -> None:
    """Both chains are whole, and say what the customer's lists say."""
    books, left = conservation.by_chains(till)
    shown, _ = conservation.by_lists(till, till.customer.id)
    assert shown == {document: amount for document, amount in left.items() if amount}
    assert all(books.balance(account) == due for account, due in books.due.items())
    assert till.verdict().intact
    assert verified_payments(till.world).intact


def test_crn_10_two_operators_deduct_one_credit_note_at_once(till: Till) -> None:
    for _ in range(ROUNDS):
        credited, *targets = till.issued(*(till.draft(line("100")) for _ in range(3)))
        note = till.note(credited, "60.00")
        works = (asks(till, DeductCreditNote(credit_note=note.id, invoice=target.id)) for target in targets)
        assert at_once(*works) == {"done": 1, "credit_note_used": 1}
        assert sorted(till.standing(target).open.amount for target in targets) == [60, 120]
    conserved(till)


def test_crn_10_parts_of_one_credit_note_never_exceed_it(till: Till) -> None:
    """Deductions and a refund of 25.00 each, of a credit note of 60.00: two fit, whichever they are."""
    credited, target = till.invoice(line("100")), till.invoice(line("100"))
    note = till.note(credited, "60.00")
    deduction = DeductCreditNote(credit_note=note.id, invoice=target.id, amount="25.00")
    refund = RefundCreditNote(credit_note=note.id, date=TODAY, amount="25.00", bank_account=ACCOUNT.iban)
    told = at_once(asks(till, deduction), asks(till, refund), asks(till, deduction), asks(till, refund))
    assert told == {"done": 2, "amount_exceeds_credit": 2}
    assert till.standing(note).open == eur(10)
    conserved(till)


def test_crn_10_two_credit_notes_race_for_what_is_due(till: Till) -> None:
    for _ in range(ROUNDS):
        credited, target = till.invoice(line("100")), till.invoice(line("50"))
        notes = [till.note(credited, "48.00") for _ in range(2)]
        works = (asks(till, DeductCreditNote(credit_note=note.id, invoice=target.id)) for note in notes)
        assert at_once(*works) == {"done": 1, "due_too_small": 1}
        assert till.standing(target).open == eur(12)
    conserved(till)


def test_trs_03_one_invoice_is_paid_once_whoever_records_it(till: Till) -> None:
    for _ in range(ROUNDS):
        invoice = till.invoice(line("100"))
        request = till.payment(part(invoice, "120.00"))
        assert at_once(*[asks(till, request)] * 4) == {"done": 1, "payment_exceeds_due": 3}
        assert till.standing(invoice).paid == eur(120)
    conserved(till)


def test_fis_01_payments_at_once_make_one_chain(till: Till) -> None:
    invoices = till.issued(*(till.draft(line("10")) for _ in range(8)))
    told = at_once(*(asks(till, till.payment(part(invoice, "12.00"))) for invoice in invoices))
    # Whoever runs again does so because another one has written: eight need at most eight tries.
    assert told == {"done": 8}
    assert verified_payments(till.world).entries == 8
    conserved(till)


def test_trs_03_a_payment_is_reversed_once(till: Till) -> None:
    for _ in range(ROUNDS):
        invoice = till.invoice(line("100"))
        payment = till.pay(invoice, "70.00")
        request = ReversePayment(payment=payment.id, date=TODAY, reason="Chèque sans provision")
        assert at_once(*[asks(till, request)] * 3) == {"done": 1, "payment_reversed": 2}
        assert till.standing(invoice).open == eur(120)
    conserved(till)


def issues(till: Till, draft: Document) -> Callable[[], object]:
    """The writer, handed a draft; a refusal is raised as its first breach."""
    request = till.request(draft)

    def work() -> None:
        [outcome] = issue(till.world.services, till.world.signer, till.world.company, [request])
        if outcome.breaches:
            raise Refused(outcome.breaches)

    return work


def test_inv_09_a_payment_meets_the_cancellation_of_its_invoice(till: Till) -> None:
    """Either it is paid and stays, or it is cancelled and takes no money."""
    outcomes = Counter[str]()
    for _ in range(2 * ROUNDS):
        invoice = till.invoice(line("100"))
        draft = till.do(CancelInvoice(document=invoice.id, reason="Erreur"))
        told = at_once(asks(till, till.payment(part(invoice, "12.00"))), issues(till, draft))
        assert told["done"] == 1
        cancelled = till.read(invoice).cancelled_by is not None
        # Who read the invoice before its cancellation and its money after it is told that nothing is due.
        lost = ("invoice_cancelled", "payment_exceeds_due") if cancelled else ("invoice_paid",)
        assert sum(told[code] for code in lost) == 1, told
        assert till.standing(invoice).paid == eur(0 if cancelled else 12)
        outcomes["cancelled" if cancelled else "paid"] += 1
    assert sum(outcomes.values()) == 2 * ROUNDS
    conserved(till)


def before_write(till: Till, key: Key, happens: Callable[[], object]) -> None:
    """Have something happen, once, just before the first transaction that writes or checks `key`."""
    done: list[bool] = []

    def act(operations: Sequence[Operation]) -> None:
        if not done and any(operation.key == key for operation in operations):
            done.append(True)
            happens()

    wrap(till, act)


def test_inv_09_whichever_comes_first_the_other_is_told(till: Till) -> None:
    """The same, in both orders for certain: what was read is no longer true when it is written."""
    invoice = till.invoice(line("100"))
    draft = till.do(CancelInvoice(document=invoice.id, reason="Erreur"))
    before_write(till, keys.document_treasury(till.world.company, invoice.id), issues(till, draft))
    assert till.wrong(till.payment(part(invoice, "12.00"))) == [("invoice_cancelled", "/allocations/0/invoice")]
    other = till.invoice(line("100"))
    draft = till.do(CancelInvoice(document=other.id, reason="Erreur"))
    key = keys.document_treasury(till.world.company, other.id)
    before_write(till, key, asks(till, till.payment(part(other, "12.00"))))
    assert codes(till.issue(draft)) == [["invoice_paid"]]
    assert till.read(other).cancelled_by is None


def test_crn_08_a_credit_note_meets_a_payment_and_takes_of_what_is_there(till: Till) -> None:
    """Unpaid when it was begun, paid when it is written: it is on the account of the payment."""
    invoice = till.invoice(line("100"))
    draft = till.credit(invoice)
    key = keys.document_treasury(till.world.company, invoice.id)
    before_write(till, key, asks(till, till.payment(part(invoice, "120.00"))))
    till.issued(draft)
    [credit] = (one for one in till.sheet(invoice).lines if one.status is TreasuryStatus.CREDIT_TO_DEDUCT)
    assert credit.bank_account == ACCOUNT
    conserved(till)


def test_inv_15_a_discount_meets_the_payment_of_all(till: Till) -> None:
    invoice = till.invoice(line("100"))
    draft = till.discount(invoice, "2")
    key = keys.document_treasury(till.world.company, invoice.id)
    before_write(till, key, asks(till, till.payment(part(invoice, "120.00"))))
    assert codes(till.issue(draft)) == [["discount_exceeds_due"]]
    assert len(till.entries()) == 1
    conserved(till)


@pytest.mark.parametrize("what", ["payment", "reversal", "refund", "deduction"])
def test_fis_03_a_period_that_closes_meanwhile_is_seen_and_nothing_is_half_done(till: Till, what: str) -> None:
    invoice = till.invoice(line("100"))
    payment, note = till.pay(invoice, "60.00"), till.note(invoice, "24.00")
    requests: dict[str, Request] = {
        "payment": till.payment(part(invoice, "60.00")),
        "reversal": ReversePayment(payment=payment.id, date=TODAY, reason="Erreur"),
        "refund": RefundCreditNote(credit_note=note.id, date=TODAY, bank_account=ACCOUNT.iban),
        "deduction": DeductCreditNote(credit_note=note.id, invoice=invoice.id),
    }
    key, store = keys.periods(till.world.company), till.world.services.store
    closed = Periods(through=TODAY)
    before = stored(till)
    before_write(till, key, lambda: store.transact(lambda tx: tx.put(PERIODS, key, closed)))
    assert till.error(requests[what]) == "period_closed"
    store.transact(lambda tx: tx.put(PERIODS, key, Periods()))
    after = stored(till)
    assert len(chain(till.world)) == 1
    # Nothing else differs: the periods alone were written, and are open again.
    assert _without(after, key) == _without(before, key)


def _without(table: str, key: Key) -> list[str]:
    return [item for item in table.split("(Key(") if key.pk not in item]


def test_fis_03_a_month_closes_while_payments_are_recorded(till: Till) -> None:
    """Each is recorded before the closing, or refused by name."""
    invoices = till.issued(*(till.draft(line("10")) for _ in range(5)))
    key, store = keys.periods(till.world.company), till.world.services.store

    def close() -> None:
        store.transact(lambda tx: tx.put(PERIODS, key, Periods(through=TODAY)))

    works = [asks(till, till.payment(part(invoice, "12.00"))) for invoice in invoices]
    told = at_once(*works, close)
    assert told["done"] - 1 + told["period_closed"] == len(invoices)
    assert len(chain(till.world)) == told["done"] - 1
    conserved(till)


@pytest.mark.parametrize("last", ["payment", "delivery"])
def test_log_03_the_last_two_things_at_once_complete_an_order(till: Till, last: str) -> None:
    """Neither saw the other: whichever is written second runs again, and completes the order."""
    order, _ = till.confirmed(LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)))
    [invoice] = till.issued(till.invoice_order(order))
    payment = till.payment(part(invoice, "120.00"))
    delivery = SetMilestone(order=order.id, milestone="delivery", actual=TODAY)
    version = head(till.desk, order).version
    calls = {"payment": till.world.call("manager", payment), "delivery": till.world.call("manager", delivery, version)}
    own, first = till.world.services, "delivery" if last == "payment" else "payment"
    before_write(till, keys.order(till.world.company, order.id), lambda: execute(calls[first], own))
    execute(calls[last], till.world.services)
    assert till.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.COMPLETED


def test_log_03_an_order_is_not_completed_by_a_delivery_while_its_payment_is_taken_back(till: Till) -> None:
    """Who delivers read the money as paid: once it no longer is, the order waits for it."""
    order, _ = till.confirmed(LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(100)))
    [invoice] = till.issued(till.invoice_order(order))
    payment = till.pay(invoice, "120.00")
    delivery = SetMilestone(order=order.id, milestone="delivery", actual=TODAY)
    delivering = till.world.call("manager", delivery, head(till.desk, order).version)
    back = asks(till, ReversePayment(payment=payment.id, date=TODAY, reason="Chèque sans provision"))
    before_write(till, keys.order(till.world.company, order.id), back)
    with pytest.raises(VersionMismatch):
        execute(delivering, till.world.services)
    assert till.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.CONFIRMED
    till.world.execute_as("manager", delivery, head(till.desk, order).version)
    assert till.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.CONFIRMED
    till.pay(invoice, "120.00")
    assert till.world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.COMPLETED
