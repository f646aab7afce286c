"""Entries matched with what they pay: accepted in a click, in parts, undone until the closing (TRS-04).

Accepting records a payment dated by the bank, chained and signed as any other; undoing it is a
counter-entry, and the entry waits again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import save
from comptoir.banking.accounts import ACCOUNT
from comptoir.banking.stored import ENTRY, EntryPayment, StoredEntry
from comptoir.kernel.errors import Breach, Conflict, NotFound, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money
from comptoir.kernel.text import Paragraph
from comptoir.ledger.periods import require_open
from comptoir.payments.commands import RecordPayment, ReversePayment
from comptoir.payments.paying import MAX_INVOICES
from comptoir.payments.rules import InvoicePart
from comptoir.payments.settling import Settling
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import PaymentMeans
from comptoir.treasury.payment import Payment


class EntryMatched(Conflict):
    """All of an entry is matched already."""

    code = "entry_matched"
    fr = "Cette écriture est déjà rapprochée en entier."
    en = "This entry is matched in full already."


class AcceptMatch(Settling):
    """Match an entry, or a part of it, with invoices of a customer: the payment is recorded at the bank's date.

    What the invoices take may be less than the entry: the rest waits for another match. Errors:
    `NotFound`, `EntryMatched`, those of a payment.
    """

    entry: Id
    customer: Id
    means: PaymentMeans = PaymentMeans.TRANSFER
    note: Paragraph | None = None
    allocations: Annotated[tuple[InvoicePart, ...], Field(min_length=1, max_length=MAX_INVOICES)]

    def keys(self, company: str) -> Sequence[Key]:
        invoices = [keys.document(company, part.invoice) for part in self.allocations]
        return [*super().keys(company), keys.bank_entry(company, self.entry), *invoices]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.bank_entry(ctx.company, self.entry)
        stored = tx.require(ENTRY, key)
        account = tx.require(ACCOUNT, keys.bank_account(ctx.company, stored.account))
        if not stored.left:
            raise EntryMatched()
        amount = self._amount(stored)
        refuse_if(_fits(stored, amount))
        reference = stored.entry.end_to_end or stored.entry.reference or stored.entry.bank_reference
        payment = RecordPayment(
            customer=self.customer,
            date=stored.entry.booking_date,
            amount=amount,
            means=self.means,
            bank_account=account.account.iban,
            reference=reference[:80] if reference else None,
            note=self.note,
            allocations=self.allocations,
        )
        recorded = Payment.model_validate_json(payment.pay(tx, ctx, stored.id).body)
        kept = (*stored.payments, EntryPayment(payment=recorded.id, amount=amount))
        save(tx, ctx, ENTRY, key, stored.matched_with(kept), "matched")
        return Reply.of(tx.require(ENTRY, key), tx.next_version(key), 201)

    def _amount(self, stored: StoredEntry) -> Money:
        currency = stored.entry.amount.currency
        amount = Money.zero(currency)
        for part in self.allocations:
            amount += Money.of(part.amount, currency)
        return amount


def _fits(stored: StoredEntry, amount: Money) -> list[Breach]:
    """An entry that came in pays invoices, with no more than is left of it."""
    if stored.entry.amount.amount < 0:
        fr, en = (
            "Cette écriture est un débit : elle ne paie pas de facture.",
            "This entry is a debit: it pays no invoice.",
        )
        return [Breach(code="entry_is_debit", fr=fr, en=en, pointer="/entry")]
    if amount <= stored.left:
        return []
    left = f"{stored.left.amount} {stored.left.currency}"
    return [
        Breach(
            code="match_exceeds_entry",
            fr=f"Il ne reste que {left} de cette écriture.",
            en=f"Only {left} of this entry is left.",
            pointer="/allocations",
        )
    ]


class UndoMatch(Settling):
    """Take a match back: its payment is reversed by a counter-entry, and the entry waits again.

    Not once the period of the bank's date is closed. Errors: `NotFound`, `PeriodClosed`, those of a counter-entry.
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
