"""What records money of customers, and counter-entries on either side (TRS-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import record
from comptoir.kernel.errors import Conflict, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money
from comptoir.kernel.text import Paragraph
from comptoir.payments.paying import Paying, Refunding
from comptoir.payments.rules import date_breaches
from comptoir.payments.settling import OfCustomers, Settling, recorded_by
from comptoir.payments.sheets import Sheets
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import PAYMENT
from comptoir.treasury.model import Side
from comptoir.treasury.payment import Payment, PaymentFields, PaymentKind, Reversed
from comptoir.treasury.settling import reverse
from comptoir.treasury.transferring import freed


class RecordPayment(OfCustomers, Paying):
    """Record money received of a customer, for one or several invoices (TRS-03).

    The sum of `allocations` is the amount, to the cent. A line that is paid in part is split. Errors: `Refused`
    with everything that is wrong, `PeriodClosed`.
    """

    event: ClassVar[str] = "payment_recorded"

    customer: Id

    def party(self) -> Id:
        return self.customer


class RefundCreditNote(OfCustomers, Refunding):
    """Pay what is left of a credit note back to the customer, or a part of it, instead of deducting it (TRS-03).

    Errors: `NotFound`, `CreditNoteUsed`, `Refused` with everything that is wrong, `PeriodClosed`.
    """


class AlreadyReversed(Conflict):
    """A payment is reversed once."""

    code = "payment_reversed"
    fr = "Ce règlement est déjà extourné."
    en = "This payment has been reversed already."


class NotReversible(Conflict):
    """A counter-entry is final, and so is what is deducted from a customer (CRN-10)."""

    code = "payment_not_reversible"
    fr = "Seul un règlement, un remboursement ou la déduction d'un avoir fournisseur s'extourne."
    en = "Only a payment, a refund or the deduction of a supplier's credit note can be reversed."


class PaymentMatched(Conflict):
    """The bank told of the payment: as long as its entry is matched with it, the payment stands (TRS-04)."""

    code = "payment_matched"
    fr = "Ce règlement est rapproché du relevé : défaites le rapprochement, ou rapprochez l'écriture qui le rend."
    en = "This payment is matched with the statement: undo the match, or match the entry that returns it."


class ReversePayment(Settling):
    """Take back a payment or a refund by a counter-entry; what it settled is open again (TRS-03, FIS-04).

    So is the deduction of a supplier's credit note (CRN-13). The payment itself stays as it was recorded. Errors:
    `NotFound`, `NotReversible`, `AlreadyReversed`, `PaymentMatched`, `Refused`, `PeriodClosed`.
    """

    payment: Id
    date: dt.date
    reason: Paragraph

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.payment(company, self.payment)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        payment = tx.require(PAYMENT, keys.payment(ctx.company, self.payment))
        if payment.entry and not payment.reversed_by:
            raise PaymentMatched(entry=payment.entry)
        return self.take_back(tx, ctx)

    def take_back(self, tx: Transaction, ctx: Context, entry: Id | None = None, booked: Money | None = None) -> Reply:
        """Record the counter-entry, with the bank's `entry` that returns the money: its transfers failed.

        `booked` is what this entry booked in another currency; without an entry, what the payment's own had.
        """
        key = keys.payment(ctx.company, self.payment)
        payment = tx.require(PAYMENT, key)
        if not _reversible(payment):
            raise NotReversible()
        if payment.reversed_by:
            raise AlreadyReversed(payment=payment.reversed_by)
        refuse_if(date_breaches(self.date, ctx.today, payment.date))
        self.require_real(tx, ctx, self.date)
        sheets = Sheets(tx, ctx)
        places = list(dict.fromkeys(payment.sheet(ctx.company, each) for each in payment.allocations))
        orders = [keys.order(ctx.company, each.order) for each in payment.allocations if each.order]
        tx.prefetch([*places, *orders])
        for place in places:
            lines = sheets.lines(place)
            if entry:
                lines = freed(lines, lambda line: line.payment == payment.id, ctx.new_id)
            sheets.set(place, reverse(lines, payment.id))
        counter = self._counter_entry(ctx, payment, entry, booked if entry or not payment.booked else -payment.booked)
        tx.put(PAYMENT, key, payment.change(reversed_by=counter.id))
        record(tx, ctx, key.pk, "payment_reversed", {"/reversed_by": [None, counter.id], "/reason": self.reason})
        return self.record(tx, ctx, sheets, "counter_entry_recorded", counter)

    def _counter_entry(self, ctx: Context, payment: Payment, entry: Id | None, booked: Money | None) -> PaymentFields:
        told = ("side", "party", "party_name", "means", "bank_account", "reference")
        return PaymentFields(
            id=ctx.new_id(),
            kind=PaymentKind.COUNTER_ENTRY,
            date=self.date,
            reason=self.reason,
            amount=-payment.amount,
            entry=entry,
            booked=booked,
            reverses=Reversed(payment=payment.id, sequence=payment.sequence, date=payment.date),
            allocations=tuple(each.change(amount=-each.amount) for each in payment.allocations),
            **payment.picked(told),
            **recorded_by(ctx),
        )


def _reversible(payment: Payment) -> bool:
    """Money that moved, and what was deducted from a supplier: a customer's deduction stands."""
    if payment.kind is PaymentKind.DEDUCTION:
        return payment.side is Side.SUPPLIER
    return payment.kind in (PaymentKind.PAYMENT, PaymentKind.REFUND)
