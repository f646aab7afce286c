"""No cent is made or lost, whatever is done in whatever order (CRN-07 to CRN-11, INV-09, INV-15, TRS-03).

Per customer and currency: invoiced − credited − paid = due, on lines, on documents, on lists and on the chains.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from comptoir.access.execute import Request
from comptoir.invoicing.cancelling import CancelInvoice
from comptoir.invoicing.model import CreditLine, CreditType, Document, OrderQuantity
from comptoir.kernel.errors import Conflict, Refused
from comptoir.kernel.money import Money, exponent
from comptoir.orders.following import SetMilestone
from comptoir.orders.model import LineInput, Order, OrderLine
from comptoir.parties.model import Party
from comptoir.payments.commands import RefundCreditNote
from comptoir.payments.deducting import DeductCreditNote
from comptoir.treasury.rules import balance
from comptoir.treasury.settling import settlement
from tests.unit import cash_recomputed, conservation
from tests.unit.invoicing_support import line
from tests.unit.orders_support import customer_request, head
from tests.unit.payments_support import TODAY, open_till, part, verified_payments
from tests.unit.treasury_support import ACCOUNT, OTHER

CURRENCIES = ("EUR", "USD", "JPY")
picks = st.integers(0, 10**6)
prices = st.integers(1, 10**5)


class Conservation(RuleBasedStateMachine):
    """Two customers, three currencies, an order each, and everything that settles; `left` is a count of its own."""

    @initialize()
    def begin(self) -> None:
        """Two customers with an order of ten pieces each."""
        self.till = open_till()
        self.customers = [self.till.customer, self.till.world.do(Party, customer_request(code="AUTRE", name="Autre"))]
        for currency in CURRENCIES[1:]:
            self.till.publish(currency, "1.0876", TODAY)
        self.orders: list[tuple[Order, OrderLine]] = []
        for customer in self.customers:
            product = LineInput(designation="Bouée", quantity=Decimal(10), unit_price=Decimal("33.33"))
            order, [ordered] = self.till.confirmed(product, customer=customer.id)
            self.orders.append((order, ordered))
        self.invoices: list[Document] = []
        self.notes: list[Document] = []
        self.payments: list[tuple[Any, dict[str, Decimal]]] = []
        self.left: dict[str, Decimal] = {}
        self.closed: set[str] = set()
        self.gone: set[str] = set()

    # What happens

    @rule(who=st.integers(0, 1), currency=st.sampled_from(CURRENCIES), price=prices)
    def invoice(self, who: int, currency: str, price: int) -> None:
        """A direct invoice."""
        amount = Decimal(price) * exponent(currency)
        self._issued(self.till.draft(line(amount), customer=self.customers[who].id, currency=currency))

    @rule(who=st.integers(0, 1), quantity=st.integers(1, 3))
    def invoice_order(self, who: int, quantity: int) -> None:
        """A part of an order, while some is left."""
        order, product = self.orders[who]
        asked = (OrderQuantity(line=product.id, quantity=Decimal(quantity)),)
        try:
            draft = self.till.invoice_order(order, quantities=asked)
        except Refused:
            return
        self._issued(draft)

    @precondition(lambda self: self.invoices)
    @rule(first=picks, share=st.integers(1, 100), count=st.integers(1, 3), account=st.sampled_from((ACCOUNT, OTHER)))
    def pay(self, first: int, share: int, count: int, account: Any) -> None:
        """One payment of up to three invoices of a customer, or too much of one."""
        chosen = self.invoices[first % len(self.invoices)]
        alike = [one for one in self.invoices if (one.customer, one.currency) == (chosen.customer, chosen.currency)]
        parts = {one.id: self._share(one, share) for one in alike[:count] if self.left[one.id]}
        amount = sum(parts.values(), Decimal(0))
        if not amount:
            request = self._payment(chosen, {chosen.id: self.left[chosen.id] + exponent(chosen.currency)}, account)
            self._refused(request)
            return
        recorded = self.till.settle(self._payment(chosen, parts, account))
        self.payments.append((recorded, parts))
        for identifier, paid in parts.items():
            self.left[identifier] -= paid

    @precondition(lambda self: self.payments)
    @rule(which=picks)
    def reverse(self, which: int) -> None:
        """A counter-entry."""
        payment, parts = self.payments.pop(which % len(self.payments))
        self.till.reverse(payment)
        for identifier, paid in parts.items():
            self.left[identifier] += paid

    @precondition(lambda self: self.invoices)
    @rule(which=picks, share=st.integers(1, 100))
    def credit(self, which: int, share: int) -> None:
        """A credit note on an invoice, within what remains of it."""
        self._credit(which, share, CreditType.GLOBAL_REBATE)

    @precondition(lambda self: self.invoices)
    @rule(which=picks)
    def credit_whole(self, which: int) -> None:
        """A credit note on all of an invoice (CRN-11)."""
        self._credit(which, 100, CreditType.GLOBAL_REBATE)

    @precondition(lambda self: self.invoices)
    @rule(which=picks, share=st.integers(1, 30))
    def discount(self, which: int, share: int) -> None:
        """An early-payment discount, deducted at once: its own invoice first, then the rest of its order."""
        self._credit(which, share, CreditType.EARLY_PAYMENT_DISCOUNT)

    @precondition(lambda self: self.notes and self.invoices)
    @rule(note=picks, aimed=picks, share=st.integers(1, 100), whole=st.booleans())
    def deduct(self, note: int, aimed: int, share: int, whole: bool) -> None:
        """A credit note, or a part of it, from whatever invoice or order: taken, or refused and nothing done."""
        used = self._open_note(note)
        alike = [one for one in self.invoices if (one.customer, one.currency) == (used.customer, used.currency)]
        among = alike if alike and aimed % 5 else self.invoices
        aim = among[aimed % len(among)]
        amount = -self.left[used.id] if share > 50 else self._share(used, share)
        named = {"order": aim.order} if whole and aim.order else {"invoice": aim.id}
        within = [one for one in self.invoices if one.id == aim.id or ("order" in named and one.order == aim.order)]
        due = sum((self.left[one.id] for one in within), Decimal(0))
        request = DeductCreditNote(credit_note=used.id, amount=amount or None, **named)
        if not amount or aim not in alike or due < amount:
            self._refused(request)
            return
        deduction = self.till.settle(request)
        taken = {each.document: each.amount.amount for each in deduction.allocations}
        assert taken.pop(used.id) == -amount
        assert sum(taken.values()) == amount
        assert set(taken) <= {one.id for one in within}
        self.left[used.id] += amount
        for identifier, covered in taken.items():
            self.left[identifier] -= covered

    @precondition(lambda self: self.invoices)
    @rule(which=picks, aimed=picks, share=st.integers(1, 60), whole=st.booleans())
    def credit_and_deduct(self, which: int, aimed: int, share: int, whole: bool) -> None:
        """A credit note that is used at once, mostly on the first invoices, which owe most."""
        before = len(self.notes)
        self._credit(which, share, CreditType.GLOBAL_REBATE)
        if len(self.notes) > before:
            self.deduct(5 * before + 1, aimed, share, whole)

    @precondition(lambda self: self.notes)
    @rule(note=picks, share=st.integers(1, 100))
    def refund(self, note: int, share: int) -> None:
        """A credit note paid back, in whole or in part."""
        used = self._open_note(note)
        amount = -self.left[used.id] if share > 50 else self._share(used, share)
        request = RefundCreditNote(credit_note=used.id, date=TODAY, amount=amount or None, bank_account=ACCOUNT.iban)
        if not amount:
            self._refused(request)
            return
        self.payments.append((self.till.settle(request), {used.id: -amount}))
        self.left[used.id] += amount

    @precondition(lambda self: len(self.invoices) > 3)
    @rule(which=picks)
    def cancel(self, which: int) -> None:
        """A cancellation: only of what is neither paid, covered nor credited."""
        invoice = self.invoices[which % len(self.invoices)]
        request = CancelInvoice(document=invoice.id, reason="Erreur")
        touched = self.left[invoice.id] != invoice.due.amount or invoice.id in self.closed
        if touched:
            self._refused(request)
            return
        [_] = self.till.issued(self.till.do(request))
        self.invoices.remove(invoice)
        self.gone.add(invoice.id)
        self.left[invoice.id] = Decimal(0)

    @rule(who=st.integers(0, 1), days=st.integers(0, 99))
    def redate(self, who: int, days: int) -> None:
        """A milestone moves: what is still expected is computed again, and nothing else."""
        order = self.orders[who][0]
        forecast = SetMilestone(order=order.id, milestone="eta", forecast=TODAY + timedelta(days=days))
        self.till.world.execute_as("manager", forecast, head(self.till.desk, order).version)

    # What holds

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        """On lines, on documents and in the cash to come (TRS-11), against the count kept here."""
        sheets = self._sheets()
        lines = [each for sheet in sheets for each in sheet]
        found = conservation.by_lines(lines)
        assert {key: amount for key, amount in found.items() if amount} == {
            key: amount for key, amount in self.left.items() if amount
        }
        for sheet in sheets:
            conservation.check_lines(sheet)
        for currency in CURRENCIES:
            assert cash_recomputed.stored(self.till.world, currency) == cash_recomputed.recomputed(
                self.till.world, currency
            )
        conservation.check_pairs(lines)
        for document in (*self.invoices, *self.notes):
            told = settlement(tuple(lines), document.id, document.currency)
            assert told.open + told.paid + told.deducted == document.due
        for order, _ in self.orders:
            assert balance(self.till.of_order(order).lines, order.currency) == order.totals.gross

    def teardown(self) -> None:
        """On the chains and on the lists."""
        if not hasattr(self, "left"):
            return
        books, left = conservation.by_chains(self.till)
        assert {key: amount for key, amount in left.items() if amount} == {
            key: amount for key, amount in self.left.items() if amount
        }
        for account, due in books.due.items():
            assert books.balance(account) == due
        for customer in self.customers:
            shown, paid = conservation.by_lists(self.till, customer.id)
            own = [one.id for one in (*self.invoices, *self.notes) if one.customer == customer.id]
            assert shown == {key: self.left[key] for key in own if self.left[key]}
            assert paid == sum((paid for (name, _), paid in books.paid.items() if name == customer.name), Decimal(0))
        assert self.till.verdict().intact
        assert verified_payments(self.till.world).intact

    # Helpers

    def _issued(self, draft: Document) -> None:
        [document] = self.till.issued(draft)
        self.invoices.append(document)
        self.left[document.id] = document.due.amount

    def _share(self, document: Document, share: int) -> Decimal:
        """So many per cent of what is left, at least the smallest unit."""
        left = abs(self.left[document.id])
        part = Money.of(left * share / 100, document.currency).amount
        return min(left, max(part, exponent(document.currency)))

    def _open_note(self, note: int) -> Document:
        """A credit note, mostly one of which something is left."""
        left = [one for one in self.notes if self.left[one.id]]
        among = left if left and note % 5 else self.notes
        return among[note % len(among)]

    def _payment(self, chosen: Document, parts: dict[str, Decimal], account: Any) -> Request:
        known = {one.id: one for one in self.invoices}
        given = [part(known[identifier], amount) for identifier, amount in parts.items()]
        return self.till.payment(*given, customer=chosen.customer, currency=chosen.currency, bank_account=account.iban)

    def _credit(self, which: int, share: int, kind: CreditType) -> None:
        invoice = self.invoices[which % len(self.invoices)]
        net = Money.of(invoice.totals.net.amount * share / 100, invoice.currency).amount
        asked = CreditLine(amount=max(net, exponent(invoice.currency)), vat_rate=Decimal(20))
        try:
            draft = self.till.credit(invoice, asked, credit_type=kind, reason="Remise")
        except Refused:
            return
        self.closed.add(invoice.id)
        [outcome] = self.till.issue(draft)
        amount = draft.totals.gross.amount
        own = [one for one in self.invoices if one.id == invoice.id or (one.order and one.order == invoice.order)]
        due = sum((self.left[one.id] for one in own), Decimal(0))
        if kind is CreditType.EARLY_PAYMENT_DISCOUNT and due < amount:
            assert [breach.code for breach in outcome.breaches] == ["discount_exceeds_due"]
            return
        assert outcome.breaches == ()
        note = self.till.read(draft)
        self.notes.append(note)
        self.left[note.id] = Decimal(0) if kind is CreditType.EARLY_PAYMENT_DISCOUNT else -amount
        if kind is CreditType.EARLY_PAYMENT_DISCOUNT:
            covered = {each.document: each.amount.amount for each in self.till.facts()[-1].allocations}
            assert covered.pop(note.id) == -amount
            assert covered.get(invoice.id, Decimal(0)) == min(amount, self.left[invoice.id])
            for identifier, taken in covered.items():
                self.left[identifier] -= taken

    def _refused(self, request: Request) -> None:
        """The request is refused, by name, and writes nothing."""
        try:
            self.till.world.execute_as("manager", request)
        except (Refused, Conflict):
            return
        raise AssertionError(f"{request} was accepted")

    def _sheets(self) -> list[tuple[Any, ...]]:
        alone = [one for one in self.invoices if one.order is None]
        return [
            *(self.till.of_order(order).lines for order, _ in self.orders),
            *(self.till.of_document(invoice).lines for invoice in alone),
        ]


Conservation.TestCase.settings = settings(
    max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestConservation = Conservation.TestCase
