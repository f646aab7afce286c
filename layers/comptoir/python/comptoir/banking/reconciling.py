"""Entries matched with credit notes paid back and payments returned, and what all matches share (TRS-04).

Accepting records a payment dated by the bank, chained and signed as any other; undoing it is a
counter-entry, and the entry waits again.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import save
from comptoir.banking.accounts import ACCOUNT
from comptoir.banking.stored import ENTRY, EntryPayment, StoredEntry
from comptoir.kernel.errors import Breach, Conflict, NotFound, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money
from comptoir.kernel.text import Paragraph
from comptoir.ledger.periods import require_open
from comptoir.payments.commands import RefundCreditNote, ReversePayment
from comptoir.payments.rules import Positive, on_grid
from comptoir.payments.settled import Settled
from comptoir.payments.settling import Settling
from comptoir.purchasing.settling import RefundSupplierCreditNote
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import PAYMENT
from comptoir.treasury.model import PaymentMeans, Side
from comptoir.treasury.payment import Payment


class EntryMatched(Conflict):
    """All of an entry is matched already."""

    code = "entry_matched"
    fr = "Cette écriture est déjà rapprochée en entier."
    en = "This entry is matched in full already."


class Matching(Settling):
    """Base of what matches an entry, or a part of it, with what it settles: recorded at the bank's date.

    What is settled may be less than the entry: the rest waits for another match.
    """

    asks: ClassVar[str] = "/allocations"
    """Where the request says how much."""

    entry: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.bank_entry(company, self.entry)]

    @abstractmethod
    def moved(self, tx: Transaction, ctx: Context, left: Money) -> Money:
        """What it takes of the entry, of which so much is `left`: positive when it came in."""

    @abstractmethod
    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any], moved: Money) -> Iterator[Reply]:
        """Record what settles, with what the bank tells of it: date, account, reference."""

    def asked_at(self) -> str:
        """Where the request says how much it takes."""
        return self.asks

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.bank_entry(ctx.company, self.entry)
        stored = tx.require(ENTRY, key)
        account = tx.require(ACCOUNT, keys.bank_account(ctx.company, stored.account))
        if not stored.left:
            raise EntryMatched()
        moved = self.moved(tx, ctx, stored.left)
        refuse_if(_fits(stored, moved, self.asked_at()))
        reference = stored.entry.end_to_end or stored.entry.reference or stored.entry.bank_reference
        told = {
            "date": stored.entry.booking_date,
            "bank_account": account.account.iban,
            "reference": reference[:80] if reference else None,
        }
        payments = [Payment.model_validate_json(reply.body) for reply in self.settle(tx, ctx, told, moved)]
        made = (EntryPayment(payment=payment.id, amount=payment.booked or payment.amount) for payment in payments)
        save(tx, ctx, ENTRY, key, stored.matched_with((*stored.payments, *made)), "matched")
        return Reply.of(tx.require(ENTRY, key), tx.next_version(key), 201)


def _fits(stored: StoredEntry, amount: Money, pointer: str) -> list[Breach]:
    """Money that came in settles what brings some in, with no more than is left of the entry; so does what went out."""
    if (stored.left.amount > 0) is not (amount.amount > 0):
        came, went = ("crédit", "credit") if stored.left.amount > 0 else ("débit", "debit")
        fr = f"Cette écriture est un {came} : elle ne règle pas cela."
        return [
            Breach(
                code=f"entry_is_{went}",
                fr=fr,
                en=f"This entry is a {went}: it settles no such thing.",
                pointer="/entry",
            )
        ]
    left = stored.left if stored.left.amount > 0 else -stored.left
    if abs(amount.amount) <= left.amount:
        return []
    fr = f"Il ne reste que {left.amount} {left.currency} de cette écriture."
    en = f"Only {left.amount} {left.currency} of this entry is left."
    return [Breach(code="match_exceeds_entry", fr=fr, en=en, pointer=pointer)]


class Exchanging(Matching):
    """Base of what may settle documents in another currency than the account's: the request says what was `booked`.

    That is what it takes of the entry, without sign and in the entry's currency; the other amounts are in that of the
    documents. Nothing is converted: the bank's rate is between the two.
    """

    booked: Positive | None = None

    @abstractmethod
    def settled(self, tx: Transaction, ctx: Context) -> Collection[Settled]:
        """The documents that it names, as far as they are known."""

    @abstractmethod
    def wanted(self, currency: str) -> Money:
        """The money that it says has moved for the documents, in their currency: positive when it came in."""

    def asked_at(self) -> str:
        return "/booked" if self.booked else self.asks

    def currency(self, tx: Transaction, ctx: Context, account: str) -> str:
        """The currency of the documents where something was booked for them, else that of the account."""
        documents = self.settled(tx, ctx) if self.booked else ()
        return next((document.currency for document in documents), account)

    def moved(self, tx: Transaction, ctx: Context, left: Money) -> Money:
        wanted = self.wanted(self.currency(tx, ctx, left.currency))
        if self.booked is None:
            refuse_if(self._not_booked(tx, ctx, left.currency))
            return wanted
        refuse_if(on_grid(self.booked, left.currency, "/booked") + self.not_exchanged(tx, ctx, left.currency))
        booked = Money.of(self.booked, left.currency)
        return booked if wanted.amount > 0 else -booked

    def not_exchanged(self, tx: Transaction, ctx: Context, account: str) -> list[Breach]:
        """Why nothing can have been booked for the documents in another currency."""
        same = any(document.currency == account for document in self.settled(tx, ctx))
        return [_SAME_CURRENCY] if same else []

    def _not_booked(self, tx: Transaction, ctx: Context, account: str) -> list[Breach]:
        """Documents that are all in another currency want what was booked; mixed ones are told each at its place."""
        [first, *others] = {document.currency for document in self.settled(tx, ctx)} or {account}
        if others or first == account:
            return []
        fr = f"La pièce est en {first}, le compte en {account} : indiquez le montant passé en banque."
        en = f"The document is in {first}, the account in {account}: say what was booked."
        return [Breach(code="other_currency", fr=fr, en=en, pointer="/booked")]

    def exchanged(self, moved: Money) -> Money | None:
        """What was booked for the documents in another currency than theirs."""
        return moved if self.booked else None


_SAME_CURRENCY = Breach(
    code="booked_in_same_currency",
    fr="La pièce est dans la devise du compte : le montant passé en banque est celui qui la règle.",
    en="The document is in the currency of the account: what was booked is what settles it.",
    pointer="/booked",
)


class AcceptRefund(Exchanging):
    """Match an entry, or a part of it, with a credit note that is paid back: to a customer, or by a supplier (TRS-04).

    `amount` is in the currency of the credit note; where the account has another, `booked` is what it takes of the
    entry. Errors: `NotFound`, `EntryMatched`, `CreditNoteUsed`, those of a refund.
    """

    asks: ClassVar[str] = "/amount"

    side: Side
    credit_note: Id
    amount: Positive
    means: PaymentMeans = PaymentMeans.TRANSFER
    note: Paragraph | None = None

    def settled(self, tx: Transaction, ctx: Context) -> Collection[Settled]:
        return _REFUNDS[self.side].documents(tx, ctx.company, [self.credit_note]).values()

    def wanted(self, currency: str) -> Money:
        amount = Money.of(self.amount, currency)
        return amount if self.side is Side.SUPPLIER else -amount

    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any], moved: Money) -> Iterator[Reply]:
        own = self.picked(("credit_note", "amount", "means", "note"))
        yield _REFUNDS[self.side](**own, **told).give_back(tx, ctx, self.entry, self.exchanged(moved))


_REFUNDS: dict[Side, type[RefundCreditNote] | type[RefundSupplierCreditNote]] = {
    Side.CUSTOMER: RefundCreditNote,
    Side.SUPPLIER: RefundSupplierCreditNote,
}


class AcceptReturn(Matching):
    """Match an entry by which the bank returns a payment: a counter-entry at the bank's date (TRS-03, TRS-04).

    The payment's own entry stays matched: both movements happened. What was booked in the account's currency for a
    payment in another one comes back at the bank's rate of the day: all that is left of the entry. Errors:
    `NotFound`, `EntryMatched`, those of a counter-entry.
    """

    asks: ClassVar[str] = "/payment"

    payment: Id
    reason: Paragraph

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.payment(company, self.payment)]

    def moved(self, tx: Transaction, ctx: Context, left: Money) -> Money:
        payment = tx.require(PAYMENT, keys.payment(ctx.company, self.payment))
        if payment.amount.currency == left.currency:
            refuse_if([] if payment.amount else [_NOT_RETURNED])
            return -payment.amount
        if payment.booked is None or payment.booked.currency != left.currency:
            raise Refused([_NOT_RETURNED])
        back = left if left.amount > 0 else -left
        return back if payment.booked.amount < 0 else -back

    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any], moved: Money) -> Iterator[Reply]:
        payment = tx.require(PAYMENT, keys.payment(ctx.company, self.payment))
        returned = ReversePayment(payment=self.payment, date=told["date"], reason=self.reason)
        booked = None if payment.amount.currency == moved.currency else moved
        yield returned.take_back(tx, ctx, self.entry, booked)


_NOT_RETURNED = Breach(
    code="payment_not_of_entry",
    fr="Ce règlement n'a pas fait bouger d'argent dans la devise de l'écriture.",
    en="This payment moved no money in the currency of the entry.",
    pointer="/payment",
)


class UndoMatch(Settling):
    """Take a match back: its payment is reversed by a counter-entry, and the entry waits again.

    Not once the period of the bank's date is closed, nor once the bank returned the payment. Errors: `NotFound`,
    `PeriodClosed`, those of a counter-entry.
    """

    entry: Id
    payment: Id
    reason: Paragraph

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.bank_entry(company, self.entry), keys.payment(company, self.payment)]
        return [*super().keys(company), *own]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.bank_entry(ctx.company, self.entry)
        stored = tx.require(ENTRY, key)
        if self.payment not in {each.payment for each in stored.payments}:
            raise NotFound()
        require_open(tx, ctx.company, stored.entry.booking_date)
        ReversePayment(payment=self.payment, date=ctx.today, reason=self.reason).take_back(tx, ctx)
        kept = tuple(each for each in stored.payments if each.payment != self.payment)
        save(tx, ctx, ENTRY, key, stored.matched_with(kept), "match_undone")
        return Reply.of(tx.require(ENTRY, key), tx.next_version(key))
