"""Entries matched with what they settle: accepted in a click, in parts, undone until the closing (TRS-04).

Accepting records a payment dated by the bank, chained and signed as any other; undoing it is a
counter-entry, and the entry waits again.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import save
from comptoir.banking.accounts import ACCOUNT
from comptoir.banking.stored import ENTRY, EntryPayment, StoredEntry
from comptoir.kernel.errors import Breach, Conflict, NotFound, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money, total
from comptoir.kernel.text import Paragraph
from comptoir.ledger.periods import require_open
from comptoir.payments.commands import RecordPayment, RefundCreditNote, ReversePayment
from comptoir.payments.paying import MAX_INVOICES
from comptoir.payments.rules import InvoicePart, Positive
from comptoir.payments.settling import Settling
from comptoir.purchasing.items import SUPPLIER_DOCUMENT
from comptoir.purchasing.settling import Parts, RecordSupplierPayment, RefundSupplierCreditNote
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
    def moved(self, tx: Transaction, ctx: Context, currency: str) -> Money:
        """The money that it says has moved: positive when it came in."""

    @abstractmethod
    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any]) -> Iterator[Reply]:
        """Record what settles, with what the bank tells of it: date, account, reference."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.bank_entry(ctx.company, self.entry)
        stored = tx.require(ENTRY, key)
        account = tx.require(ACCOUNT, keys.bank_account(ctx.company, stored.account))
        if not stored.left:
            raise EntryMatched()
        refuse_if(_fits(stored, self.moved(tx, ctx, stored.entry.amount.currency), self.asks))
        reference = stored.entry.end_to_end or stored.entry.reference or stored.entry.bank_reference
        told = {
            "date": stored.entry.booking_date,
            "bank_account": account.account.iban,
            "reference": reference[:80] if reference else None,
        }
        payments = [Payment.model_validate_json(reply.body) for reply in self.settle(tx, ctx, told)]
        made = (EntryPayment(payment=payment.id, amount=payment.amount) for payment in payments)
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


def _sum(parts: Sequence[InvoicePart], currency: str) -> Money:
    return total((Money.of(part.amount, currency) for part in parts), currency)


class AcceptMatch(Matching):
    """Match an entry that came in, or a part of it, with invoices of a customer (TRS-04).

    What the invoices take may be less than the entry: the rest waits for another match. Errors:
    `NotFound`, `EntryMatched`, those of a payment.
    """

    customer: Id
    means: PaymentMeans = PaymentMeans.TRANSFER
    note: Paragraph | None = None
    allocations: Annotated[tuple[InvoicePart, ...], Field(min_length=1, max_length=MAX_INVOICES)]

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), *(keys.document(company, part.invoice) for part in self.allocations)]

    def moved(self, tx: Transaction, ctx: Context, currency: str) -> Money:
        return _sum(self.allocations, currency)

    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any]) -> Iterator[Reply]:
        own = self.picked(("customer", "means", "note", "allocations"))
        amount = _sum(self.allocations, _currency(tx, ctx, self.entry))
        yield RecordPayment(amount=amount, **own, **told).pay(tx, ctx, self.entry)


class AcceptSupplierMatch(Matching):
    """Match an entry that went out, or a part of it, with invoices of suppliers: a payment for each supplier (TRS-04).

    `end_to_end` of a part names the transfer that the bank made. Errors: `NotFound`, `EntryMatched`, those of a
    payment.
    """

    means: PaymentMeans = PaymentMeans.TRANSFER
    note: Paragraph | None = None
    allocations: Parts

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), *(keys.supplier_document(company, part.invoice) for part in self.allocations)]

    def moved(self, tx: Transaction, ctx: Context, currency: str) -> Money:
        return -_sum(self.allocations, currency)

    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any]) -> Iterator[Reply]:
        currency, own = _currency(tx, ctx, self.entry), {"means": self.means, "note": self.note}
        for supplier, places in self._by_supplier(tx, ctx).items():
            parts = [self.allocations[place] for place in places]
            paying = RecordSupplierPayment(
                supplier=supplier, allocations=parts, amount=_sum(parts, currency), **own, **told
            )
            try:
                yield paying.pay(tx, ctx, self.entry)
            except Refused as refusal:
                raise Refused([_placed(breach, places) for breach in refusal.breaches]) from refusal

    def _by_supplier(self, tx: Transaction, ctx: Context) -> dict[Id, list[int]]:
        """The places of the parts of each supplier; an unknown invoice goes with the first, which tells of it."""
        places = [keys.supplier_document(ctx.company, part.invoice) for part in self.allocations]
        tx.prefetch(places)
        found = [tx.get(SUPPLIER_DOCUMENT, place) for place in places]
        first = next((document.supplier for document in found if document), self.entry)
        grouped: dict[Id, list[int]] = {}
        for place, document in enumerate(found):
            grouped.setdefault(document.supplier if document else first, []).append(place)
        return grouped


def _placed(breach: Breach, places: Sequence[int]) -> Breach:
    """A breach of one supplier's payment, told at its place in the request."""
    begins, _, rest = (breach.pointer or "").removeprefix("/").partition("/")
    number, _, field = rest.partition("/")
    if begins != "allocations" or not number.isdigit():
        return breach
    pointer = f"/allocations/{places[int(number)]}/{field}"
    return Breach(code=breach.code, fr=breach.fr, en=breach.en, pointer=pointer, link=breach.link)


def _currency(tx: Transaction, ctx: Context, entry: Id) -> str:
    return tx.require(ENTRY, keys.bank_entry(ctx.company, entry)).entry.amount.currency


class AcceptRefund(Matching):
    """Match an entry, or a part of it, with a credit note that is paid back: to a customer, or by a supplier (TRS-04).

    Errors: `NotFound`, `EntryMatched`, `CreditNoteUsed`, those of a refund.
    """

    asks: ClassVar[str] = "/amount"

    side: Side
    credit_note: Id
    amount: Positive
    means: PaymentMeans = PaymentMeans.TRANSFER
    note: Paragraph | None = None

    def moved(self, tx: Transaction, ctx: Context, currency: str) -> Money:
        amount = Money.of(self.amount, currency)
        return amount if self.side is Side.SUPPLIER else -amount

    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any]) -> Iterator[Reply]:
        kind = _REFUNDS[self.side]
        own = self.picked(("credit_note", "amount", "means", "note"))
        yield kind(**own, **told).give_back(tx, ctx, self.entry)


_REFUNDS: dict[Side, type[RefundCreditNote] | type[RefundSupplierCreditNote]] = {
    Side.CUSTOMER: RefundCreditNote,
    Side.SUPPLIER: RefundSupplierCreditNote,
}


class AcceptReturn(Matching):
    """Match an entry by which the bank returns a payment: a counter-entry at the bank's date (TRS-03, TRS-04).

    The payment's own entry stays matched: both movements happened. Errors: `NotFound`, `EntryMatched`, those of a
    counter-entry.
    """

    asks: ClassVar[str] = "/payment"

    payment: Id
    reason: Paragraph

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.payment(company, self.payment)]

    def moved(self, tx: Transaction, ctx: Context, currency: str) -> Money:
        amount = -tx.require(PAYMENT, keys.payment(ctx.company, self.payment)).amount
        refuse_if([] if amount and amount.currency == currency else [_NOT_RETURNED])
        return amount

    def settle(self, tx: Transaction, ctx: Context, told: dict[str, Any]) -> Iterator[Reply]:
        returned = ReversePayment(payment=self.payment, date=told["date"], reason=self.reason)
        yield returned.take_back(tx, ctx, self.entry)


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
