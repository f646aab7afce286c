"""Money that went out matched with what it paid; refunds and returns either way (TRS-04, TRS-09, CRN-13)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest

from comptoir.access.execute import Request
from comptoir.banking.invoice_matches import AcceptSupplierMatch
from comptoir.banking.matching import Criterion
from comptoir.banking.ordered import AT_ONCE
from comptoir.banking.reconciling import AcceptRefund, AcceptReturn
from comptoir.banking.statement import BatchDetail
from comptoir.banking.stored import ENTRY, EntryState
from comptoir.kernel.errors import DomainError, NotFound, Refused
from comptoir.payments.commands import ReversePayment
from comptoir.payments.queries import ReadPayment
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.settling import MAX_INVOICES
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import Side, TreasuryStatus
from comptoir.treasury.payment import Payment, PaymentKind
from tests.unit.counter_support import Counter, accepting, open_counter
from tests.unit.invoicing_support import line
from tests.unit.owing_support import settled_amounts, share
from tests.unit.payments_support import TODAY, verified_payments
from tests.unit.purchasing_support import item
from tests.unit.suppliers_support import bought
from tests.unit.treasury_support import eur
from tests.world import another_company

DAY = date(2026, 11, 20)


@pytest.fixture
def counter() -> Counter:
    return open_counter()


def payment_of(counter: Counter, identifier: str) -> Payment:
    return counter.world.do(Payment, ReadPayment(payment=identifier))


def refusal(counter: Counter, request: Request) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as caught:
        counter.world.execute_as("manager", request)
    return [(breach.code, breach.pointer) for breach in caught.value.breaches]


def test_the_invoice_that_a_debit_names_is_proposed_and_paid_at_the_banks_date(counter: Counter) -> None:
    other, invoice = counter.purse.record(number="F-20261"), counter.purse.record(number="F-20262")
    name = counter.purse.france.name
    entry = counter.came("-120.00", text="VIR F-20262", counterparty=name)
    found = counter.proposed(entry)
    assert found.certain
    [part] = found.proposals[0].parts
    assert (part.document, part.side, part.amount, part.party_name) == (invoice.id, Side.SUPPLIER, eur(120), name)
    assert {reason.criterion for reason in found.proposals[0].reasons} >= {Criterion.NUMBER, Criterion.AMOUNT}
    assert [each.parts[0].document for each in found.proposals] == [invoice.id, other.id]
    matched = counter.accept(entry, part)
    assert (matched.state, matched.left) == (EntryState.MATCHED, eur(0))
    payment = payment_of(counter, matched.payments[0].payment)
    assert (payment.date, payment.amount, payment.side, payment.entry) == (DAY, eur(-120), Side.SUPPLIER, entry)
    [paid] = counter.purse.sheet(invoice).lines
    assert (paid.status, paid.actual_date) == (TreasuryStatus.PAID, DAY)
    assert verified_payments(counter.world).intact


def test_a_debit_never_pays_by_its_amount_alone_nor_what_a_customer_owes(counter: Counter) -> None:
    counter.till.invoice(line("100"))
    counter.purse.record()
    found = counter.proposed(counter.came("-120.00"))
    assert [part.side for each in found.proposals for part in each.parts] == [Side.SUPPLIER]
    assert not found.certain
    [credit] = counter.proposed(counter.came("120.00")).proposals
    assert [part.side for part in credit.parts] == [Side.CUSTOMER]


def test_a_debit_is_split_between_suppliers_and_undone(counter: Counter) -> None:
    """A payment for each supplier, together in one click; what is undone waits again."""
    first = counter.purse.record(item("100.00", vat_rate="0"))
    second = counter.purse.record(item("50.00", vat_rate="0"), supplier=counter.purse.china.id, number="F-2")
    entry = counter.came("-170.00")
    together = AcceptSupplierMatch(entry=entry, allocations=(share(second, "50.00"), share(first, "100.00")))
    counter.world.execute_as("manager", together)
    stored = counter.entry(entry)
    assert [each.amount for each in stored.payments] == [eur(-50), eur(-100)]
    assert (stored.state, stored.left) == (EntryState.OPEN, eur(-20))
    undone = counter.undo(entry, stored.payments[0].payment)
    assert undone.left == eur(-70)
    assert counter.purse.view(second).settlement.open == eur(50)
    assert counter.purse.view(first).settlement.open == eur(0)
    assert verified_payments(counter.world).intact


def test_what_does_not_fit_a_debit_is_told_at_its_place(counter: Counter) -> None:
    first = counter.purse.record(item("100.00", vat_rate="0"))
    second = counter.purse.record(item("50.00", vat_rate="0"), supplier=counter.purse.china.id, number="F-2")
    debit, credit = counter.came("-200.00"), counter.came("80.00")

    def asking(entry: str, *parts: tuple[object, str]) -> AcceptSupplierMatch:
        return AcceptSupplierMatch(entry=entry, allocations=tuple(share(one, amount) for one, amount in parts))  # type: ignore[arg-type]

    assert refusal(counter, asking(credit, (first, "80.00"))) == [("entry_is_credit", "/entry")]
    assert refusal(counter, asking(debit, (first, "100.00"), (second, "100.01"))) == [
        ("match_exceeds_entry", "/allocations")
    ]
    assert refusal(counter, asking(debit, (first, "10.00"), (second, "50.01"))) == [
        ("payment_exceeds_due", "/allocations/1/amount")
    ]
    invoice = counter.till.invoice(line("100"))
    assert refusal(counter, asking(debit, (invoice, "10.00"))) == [("unknown_invoice", "/allocations/0/invoice")]
    with pytest.raises(NotFound):
        another_company(counter.world).execute_as("administrator", asking(debit, (first, "1.00")))


def test_trs_09_a_transfer_is_found_by_its_reference_and_paid_on_reconciliation_alone(counter: Counter) -> None:
    treasurer = counter.treasurer()
    supplier = treasurer.supplier()
    invoice = treasurer.invoice(supplier, "F-77")
    treasurer.generate(invoice)
    [held] = treasurer.lines(invoice)
    assert held.transfer
    entry = counter.came("-100.00", end_to_end=held.transfer.end_to_end)
    found = counter.proposed(entry)
    assert found.certain
    [part] = found.proposals[0].parts
    assert part.transfer == held.transfer
    counter.accept(entry, part)
    [paid] = treasurer.lines(invoice)
    assert (paid.status, paid.transfer) == (TreasuryStatus.PAID, held.transfer)
    counter.undo(entry, counter.entry(entry).payments[0].payment)
    assert treasurer.lines(invoice) == [held]
    unnamed = AcceptSupplierMatch(entry=entry, allocations=(share(invoice, "100.00"),))
    counter.world.execute_as("manager", unnamed)
    assert [line.status for line in treasurer.lines(invoice)] == [TreasuryStatus.PAID]


def test_trs_09_what_a_returned_transfer_should_have_paid_is_paid_anew(counter: Counter) -> None:
    """The bank sends the money back: the line waits under another identifier, for another transfer or any means."""
    treasurer = counter.treasurer()
    invoice = treasurer.invoice(treasurer.supplier(), "F-77")
    treasurer.generate(invoice)
    [held] = treasurer.lines(invoice)
    assert held.transfer
    entry = counter.came("-100.00", end_to_end=held.transfer.end_to_end)
    matched = counter.accept(entry, *counter.proposed(entry).proposals[0].parts)
    back = counter.came("100.00", text="REJET VIREMENT COMPTE CLOS")
    assert counter.returned(back, matched.payments[0].payment).state is EntryState.MATCHED
    [waits] = treasurer.lines(invoice)
    assert (waits.status, waits.transfer, waits.id == held.id) == (TreasuryStatus.INVOICED, None, False)
    again = treasurer.generate(invoice)
    assert again.order.transfers[0].end_to_end != held.transfer.end_to_end


def detailed(counter: Counter, amount: str, *paid: SupplierDocument) -> str:
    """An entry whose details name the transfers of documents, and not their order."""
    lines = [line for each in paid for line in counter.treasurer().lines(each)]
    details = tuple(
        BatchDetail(end_to_end=line.transfer.end_to_end, amount=-line.amount) for line in lines if line.transfer
    )
    entry = counter.came(amount)
    key = keys.bank_entry(counter.world.company, entry)

    def keep(tx: Transaction) -> None:
        stored = tx.require(ENTRY, key)
        tx.put(ENTRY, key, stored.change(entry=stored.entry.change(details=details)))

    counter.world.services.store.transact(keep)
    return entry


@pytest.mark.parametrize("told", ["order", "details"])
def test_trs_09_a_batch_that_the_bank_books_at_once_is_one_proposal(counter: Counter, told: str) -> None:
    """By the order with its label, or by the references of its transfers."""
    treasurer = counter.treasurer()
    one, other = treasurer.supplier(), treasurer.supplier("KAI")
    first, second = treasurer.invoice(one, "F-77"), treasurer.invoice(other, "F-78", "50.00")
    order = treasurer.generate(first, second)
    if told == "order":
        entry = counter.came("-150.00", payment_id=f"{order.id}-FOURNIS")
    else:
        entry = detailed(counter, "-150.00", first, second)
    best = counter.proposed(entry).proposals[0]
    assert (best.difference, len(best.parts)) == (eur(0), 2)
    matched = counter.accept(entry, *best.parts)
    assert matched.state is EntryState.MATCHED
    assert {each.amount for each in matched.payments} == {eur(-100), eur(-50)}


def test_a_customers_credit_note_is_paid_back_and_a_suppliers_comes_back(counter: Counter) -> None:
    """CRN-13, TRS-04: refunds are proposed by amount and number, and recorded at the bank's date."""
    note = counter.till.note(counter.till.invoice(line("100")), "24.00")
    theirs = counter.purse.credit(counter.purse.record(), item("30.00", vat_rate="0"), number="AV-20261")
    for amount, document, side in (("-24.00", note.id, Side.CUSTOMER), ("30.00", theirs.id, Side.SUPPLIER)):
        entry = counter.came(amount)
        [proposal] = counter.proposed(entry).proposals
        [part] = proposal.parts
        assert (part.document, part.side, part.credit_note) == (document, side, True)
        matched = counter.accept(entry, part)
        assert matched.state is EntryState.MATCHED
        refund = payment_of(counter, matched.payments[0].payment)
        assert (refund.kind, str(refund.amount.amount), refund.date) == (PaymentKind.REFUND, amount, DAY)
    came = counter.came("5.00")
    wrong = AcceptRefund(entry=came, side=Side.CUSTOMER, credit_note=note.id, amount=Decimal(5))
    assert refusal(counter, wrong) == [("entry_is_credit", "/entry")]
    much = AcceptRefund(entry=came, side=Side.SUPPLIER, credit_note=theirs.id, amount=Decimal(6))
    assert refusal(counter, much) == [("match_exceeds_entry", "/amount")]


def test_trs_03_what_the_bank_returns_is_a_counter_entry_matched_with_its_own_entry(counter: Counter) -> None:
    """A cheque that bounces later: both movements happened, both entries are matched, the invoice is due again."""
    invoice = counter.till.invoice(line("100"))
    paid = counter.came("120.00")
    matched = counter.accept(paid, counter.proposed(paid).proposals[0].parts[0])
    payment = matched.payments[0].payment
    with pytest.raises(DomainError, match="payment_matched"):
        counter.world.execute_as("manager", ReversePayment(payment=payment, date=TODAY, reason="Rejet"))
    small = AcceptReturn(entry=counter.came("-100.00"), payment=payment, reason="Rejet")
    assert refusal(counter, small) == [("match_exceeds_entry", "/payment")]
    back = counter.came("-120.00")
    returned = counter.returned(back, payment)
    assert (returned.state, counter.entry(paid).state) == (EntryState.MATCHED, EntryState.MATCHED)
    entry = payment_of(counter, returned.payments[0].payment)
    assert (entry.kind, entry.entry, entry.date) == (PaymentKind.COUNTER_ENTRY, back, DAY)
    assert counter.till.standing(invoice).open == eur(120)
    with pytest.raises(DomainError, match="payment_reversed"):
        counter.undo(paid, payment)
    with pytest.raises(DomainError, match="payment_not_reversible"):
        counter.undo(back, entry.id)


def test_two_operators_who_accept_one_supplier_line_pay_it_once(counter: Counter) -> None:
    """COMPLAINTS 23: two debits of one amount are accepted for one invoice at the same instant."""
    invoice = counter.purse.record()
    entries = [counter.came("-120.00"), counter.came("-120.00", text="bis")]
    asked = [accepting(entry, counter.proposed(entry).proposals[0].parts[0]) for entry in entries]

    def accept(number: int) -> str:
        try:
            counter.world.execute_as("manager", asked[number])
        except Refused as error:
            return error.breaches[0].code
        return "matched"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(accept, range(2)))
    assert outcomes == ["matched", "payment_exceeds_due"]
    assert counter.purse.view(invoice).settlement.paid == eur(120)
    made = [payment_of(counter, each.payment) for entry in entries for each in counter.entry(entry).payments]
    assert settled_amounts(made) == [("F-1", Decimal("-120.00"))]


def test_a_batch_of_as_many_suppliers_as_one_match_takes_fits_one_transaction(counter: Counter) -> None:
    """TRS-09: a payment for each supplier, in one click."""
    treasurer = counter.treasurer()
    suppliers = [treasurer.supplier(f"S-{number}") for number in range(MAX_INVOICES)]
    invoices = [treasurer.invoice(supplier, "F-1") for supplier in suppliers]
    order = treasurer.generate(*invoices)
    entry = counter.came(f"-{MAX_INVOICES}00.00", payment_id=order.id)
    matched = counter.accept(entry, *counter.proposed(entry).proposals[0].parts)
    assert (matched.state, len(matched.payments)) == (EntryState.MATCHED, MAX_INVOICES)
    assert verified_payments(counter.world).intact


def test_a_match_of_as_many_suppliers_each_of_an_order_of_its_own_fits_one_transaction(counter: Counter) -> None:
    """TRS-04, TRS-03: paid in full, whatever else these orders wait for."""
    purse, treasurer, parts = counter.purse, counter.treasurer(), []
    for number in range(MAX_INVOICES):
        supplier = treasurer.supplier(f"S-{number}", currency="EUR")
        order, _ = purse.confirmed(bought(supplier, "X", "1", "2.00", "1.00", "EUR"))
        invoice = purse.record(*purse.lines_of(order, supplier), order=order.id, supplier=supplier.id)
        parts.append(share(invoice, invoice.totals.gross.amount))
    entry = counter.came("-100.00")
    counter.world.execute_as("manager", AcceptSupplierMatch(entry=entry, allocations=tuple(parts)))
    assert len(counter.entry(entry).payments) == MAX_INVOICES
    assert {each.amount for each in counter.entry(entry).payments} == {-invoice.totals.gross}


@pytest.mark.parametrize("told", ["order", "details"])
def test_trs_09_a_large_batch_that_the_bank_books_at_once_is_matched_in_several_goes(
    counter: Counter, told: str
) -> None:
    """More transfers than one match takes: each proposal is accepted as it is, and what is left proposes the next."""
    treasurer = counter.treasurer()
    supplier = treasurer.supplier()
    invoices = [treasurer.invoice(supplier, f"F-2026-{number:04d}", "10.00") for number in range(AT_ONCE + 10)]
    order = treasurer.generate(*invoices)
    amount = f"-{len(invoices)}0.00"
    entry = counter.came(amount, payment_id=order.id) if told == "order" else detailed(counter, amount, *invoices)
    goes, left = 0, len(invoices)
    while counter.entry(entry).left:
        best = counter.proposed(entry).proposals[0]
        left -= len(best.parts)
        assert best.difference == eur(-10 * left)
        counter.accept(entry, *best.parts)
        goes += 1
    assert goes == -(-len(invoices) // MAX_INVOICES)
    assert counter.entry(entry).state is EntryState.MATCHED
    assert {line.status for each in invoices for line in treasurer.lines(each)} == {TreasuryStatus.PAID}
