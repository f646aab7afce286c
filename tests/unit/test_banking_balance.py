"""The bank balances at every step of any history: matched + unmatched entries = balance (TRS-02 to TRS-04, TRS-11)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from comptoir.banking.invoice_matches import AcceptSupplierMatch
from comptoir.banking.ordered import StoredTransferOrder
from comptoir.banking.rejection_commands import RejectTransfers
from comptoir.banking.stored import EntryState, StoredEntry
from comptoir.invoicing.model import DirectLine
from comptoir.kernel.errors import DomainError, Refused
from comptoir.kernel.money import Money, total
from comptoir.payments.queries import ReadPayment
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.received import ReceivedKind
from comptoir.treasury.payment import Payment, PaymentFact, PaymentKind
from tests.unit.cash_recomputed import recomputed, stored
from tests.unit.counter_support import Counter, open_counter
from tests.unit.invoicing_support import line
from tests.unit.owing_support import share
from tests.unit.payments_support import chain, part, verified_payments
from tests.unit.purchasing_support import item
from tests.unit.treasury_support import eur

AMOUNTS = st.sampled_from(["12.00", "24.00", "60.00"])
PICK = st.integers(0, 50)


def _sold(amount: str) -> DirectLine:
    """A line of this amount with its VAT."""
    return line(str(Decimal(amount) / Decimal("1.2")))


class Bank(RuleBasedStateMachine):
    """Customers and suppliers invoice and credit; the bank tells and rejects; entries are matched, undone, returned."""

    counter: Counter

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.bought: list[SupplierDocument] = []

    @initialize()
    def opens(self) -> None:
        self.counter = open_counter()
        self.treasurer = self.counter.treasurer()
        self.hanse = self.treasurer.supplier()
        self.transferred: list[SupplierDocument] = []
        self.orders: list[StoredTransferOrder] = []

    def _numbered(self) -> str:
        self.number += 1
        return f"F-{self.number}"

    def _entries(self) -> list[StoredEntry]:
        return [self.counter.entry(each.id) for each in self.counter.bank.entries()]

    def _payment(self, identifier: str) -> Payment:
        return self.counter.world.do(Payment, ReadPayment(payment=identifier))

    @rule(amount=AMOUNTS, credited=st.booleans())
    def sells(self, amount: str, credited: bool) -> None:
        invoice = self.counter.till.invoice(_sold(amount))
        if credited:
            self.counter.till.pay(invoice, "1.00")
            self.counter.till.note(invoice, "6.00")

    @rule(amount=AMOUNTS, credited=st.booleans())
    def buys(self, amount: str, credited: bool) -> None:
        invoice = self.counter.purse.record(item(amount, vat_rate="0"), number=self._numbered())
        self.bought.append(invoice)
        if credited:
            note = self.counter.purse.credit(invoice, item("5.00", vat_rate="0"), number=self._numbered())
            self.bought.append(note)

    @rule(pick=PICK, which=PICK, back=st.booleans())
    def deducts(self, pick: int, which: int, back: bool) -> None:
        """A supplier's credit note covers as much as it can of an invoice, and perhaps gives it back."""
        notes = [one for one in self.bought if one.kind is ReceivedKind.CREDIT_NOTE and self._open(one)]
        invoices = [one for one in self.bought if one.kind is ReceivedKind.INVOICE and self._open(one)]
        if notes and invoices:
            note, invoice = notes[pick % len(notes)], invoices[which % len(invoices)]
            amount = min(self._open(note), self._open(invoice))
            deduction = self.counter.purse.deduct(note, invoice=invoice.id, amount=amount)
            if back:
                self.counter.purse.reverse(deduction)

    def _open(self, document: SupplierDocument) -> Decimal:
        return self.counter.purse.view(document).settlement.open.amount

    @rule(amount=AMOUNTS, out=st.booleans(), less=st.sampled_from(["0", "3.00", "-2.00"]))
    def bank_tells(self, amount: str, out: bool, less: str) -> None:
        moved = Decimal(amount) + Decimal(less)
        self.counter.came(str(-moved if out else moved))

    @rule(pick=PICK, which=PICK)
    def accepts(self, pick: int, which: int) -> None:
        """A proposal, or as much of it as the entry holds."""
        waits = [each for each in self._entries() if each.left]
        if not waits:
            return
        entry = waits[pick % len(waits)]
        found = self.counter.proposed(entry.id).proposals
        if found:
            first, *others = found[which % len(found)].parts
            least = min(first.amount, entry.left if entry.left.amount > 0 else -entry.left)
            self.counter.accept(entry.id, *((first, *others) if others else (first.change(amount=least),)))

    @rule(pick=PICK, amount=st.sampled_from(["1.00", "7.00"]))
    def accepts_a_part(self, pick: int, amount: str) -> None:
        """Whatever is open, by hand, of an entry that need not be for it: taken, or refused whole."""
        waits = [each for each in self._entries() if each.left]
        if not waits:
            return
        entry = waits[pick % len(waits)]
        invoice = self.counter.purse.record(item(amount, vat_rate="0"), number=self._numbered())
        paid = self.counter.purse.payment(share(invoice, amount))
        fits = -entry.left.amount >= Decimal(amount)
        request = AcceptSupplierMatch(entry=entry.id, allocations=paid.allocations)
        try:
            self.counter.world.execute_as("manager", request)
        except DomainError:
            assert not fits
        else:
            assert fits

    @rule(pick=PICK, which=PICK)
    def undoes(self, pick: int, which: int) -> None:
        matched = [each for each in self._entries() if each.payments]
        if not matched:
            return
        entry = matched[pick % len(matched)]
        payment = self._payment(entry.payments[which % len(entry.payments)].payment)
        final = payment.kind is PaymentKind.COUNTER_ENTRY or payment.reversed_by
        try:
            self.counter.undo(entry.id, payment.id)
        except DomainError:
            assert final
        else:
            assert not final

    @rule(amount=AMOUNTS, made=st.booleans())
    def transfers(self, amount: str, made: bool) -> None:
        """An invoice is sent to the bank, which makes the transfer, or not yet."""
        invoice = self.treasurer.invoice(self.hanse, self._numbered(), amount)
        self.transferred.append(invoice)
        self.orders.append(self.treasurer.generate(invoice))
        if made:
            self.counter.came(f"-{amount}", end_to_end=self.orders[-1].order.transfers[0].end_to_end)

    @rule(pick=PICK)
    def bank_rejects(self, pick: int) -> None:
        """TRS-09: what no match says is made may be rejected, once; what it pays waits anew."""
        if not self.orders:
            return
        place = pick % len(self.orders)
        order, document = self.treasurer.order(self.orders[place]), self.transferred[place]
        held = [line for line in self.treasurer.lines(document) if line.transfer and line.transfer.order == order.id]
        request = RejectTransfers(transfer_order=order.id, reason="AC04")
        if held and all(line.frozen for line in held):
            self.treasurer.reject(request)
            assert not [line for line in self.treasurer.lines(document) if line.frozen]
        else:
            with pytest.raises(Refused, match="transfer_matched" if held else "transfer_rejected|transfer_ended"):
                self.treasurer.reject(request)

    @rule(pick=PICK)
    def bank_returns(self, pick: int) -> None:
        """A payment that the bank told of comes back."""
        told = [self._payment(each.payment) for entry in self._entries() for each in entry.payments]
        standing = [each for each in told if not each.reversed_by and each.kind is not PaymentKind.COUNTER_ENTRY]
        if standing:
            payment = standing[pick % len(standing)]
            self.counter.returned(self.counter.came(str(-payment.amount.amount)), payment.id)

    @rule(amount=AMOUNTS)
    def is_paid_by_hand(self, amount: str) -> None:
        """Money that no statement tells of yet changes nothing of the bank."""
        before = self.counter.bank.now().balance
        invoice = self.counter.till.invoice(_sold(amount))
        self.counter.till.settle(self.counter.till.payment(part(invoice, "1.00")))
        assert self.counter.bank.now().balance == before

    @invariant()
    def the_bank_balances(self) -> None:
        if not hasattr(self, "counter"):
            return
        entries, balance = self._entries(), self.counter.bank.now().balance
        matched, unmatched = eur(0), eur(0)
        for entry in entries:
            taken = total((each.amount for each in entry.payments), "EUR")
            matched, unmatched = matched + taken, unmatched + entry.left
            assert taken + entry.left == entry.entry.amount
            assert (entry.state is EntryState.MATCHED) is (entry.left == Money.zero("EUR"))
            for each in entry.payments:
                payment = self._payment(each.payment)
                assert (payment.entry, payment.amount) == (entry.id, each.amount)
        assert matched + unmatched == balance
        assert stored(self.counter.world, "EUR") == recomputed(self.counter.world, "EUR")
        waiting = {each.id for each in self.counter.bank.entries(unmatched=True)}
        assert waiting == {entry.id for entry in entries if entry.left}

    @invariant()
    def what_suppliers_are_owed_is_conserved(self) -> None:
        """CRN-13: what is open, paid and covered of a document is its total, on its lines as on the chain."""
        if not hasattr(self, "counter"):
            return
        settled: dict[str, Decimal] = {}
        for entry in chain(self.counter.world):
            for told in PaymentFact.model_validate_json(entry.payload).allocations:
                settled[told.document] = settled.get(told.document, Decimal(0)) + told.amount.amount
        for document in [*self.bought, *self.transferred]:
            shown = self.counter.purse.view(document).settlement
            assert shown.open + shown.paid + shown.deducted == document.totals.gross
            sign = -1 if document.kind is ReceivedKind.INVOICE else 1
            assert settled.get(document.id, Decimal(0)) == sign * (shown.paid + shown.deducted).amount

    def teardown(self) -> None:
        if hasattr(self, "counter"):
            assert verified_payments(self.counter.world).intact


TestBank = Bank.TestCase
TestBank.settings = settings(max_examples=15, stateful_step_count=16, deadline=None)
