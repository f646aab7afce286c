"""What records money: payments received, refunds of credit notes, and counter-entries (TRS-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import record
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.invoicing.holding import treasury_key
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.errors import Breach, Conflict, NotFound, refuse_if
from comptoir.kernel.identity import Iban
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money
from comptoir.kernel.text import Label, Paragraph
from comptoir.ledger.model import ChainName
from comptoir.ledger.periods import require_open
from comptoir.payments.rules import (
    TEST_MODE,
    InvoicePart,
    Positive,
    account,
    date_breaches,
    exceeded,
    on_grid,
    part_breaches,
    sum_breaches,
)
from comptoir.payments.sheets import Sheets, issued_documents
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import PAYMENT
from comptoir.treasury.model import PaymentMeans
from comptoir.treasury.payment import Allocation, Payment, PaymentFields, PaymentKind, Reversed
from comptoir.treasury.recording import record_payment
from comptoir.treasury.settling import Receipt, open_lines, pay, reverse, size, to_deduct

MAX_INVOICES = 30
"""Invoices that one payment settles: with their treasury and history they fit one transaction."""


class CreditNoteUsed(Conflict):
    """Nothing is left of a credit note: it was deducted or given back (CRN-10)."""

    code = "credit_note_used"
    fr = "Il ne reste rien de cet avoir : il est déjà déduit ou remboursé."
    en = "Nothing is left of this credit note: it has been deducted or paid back."


class AlreadyReversed(Conflict):
    """A payment is reversed once."""

    code = "payment_reversed"
    fr = "Ce règlement est déjà extourné."
    en = "This payment has been reversed already."


class NotReversible(Conflict):
    """Only money that moved can be reversed: a counter-entry is final, and a deduction stands (CRN-10)."""

    code = "payment_not_reversible"
    fr = "Seul un règlement ou un remboursement s'extourne."
    en = "Only a payment or a refund can be reversed."


class Settling(Command):
    """Base of the commands that settle documents: they write the chain of payments, where it can be signed."""

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS
    chained: ClassVar[bool] = True

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.company(company), keys.periods(company), keys.chain_head(company, ChainName.PAYMENTS)]

    def require_real(self, tx: Transaction, ctx: Context, day: dt.date) -> None:
        """Nothing enters the chain in a closed period, nor in TEST mode (INV-11). Errors: `PeriodClosed`, `Refused`."""
        refuse_if([TEST_MODE] if tx.require(COMPANY, keys.company(ctx.company)).test_mode else [])
        require_open(tx, ctx.company, day)

    def record(self, tx: Transaction, ctx: Context, sheets: Sheets, event: str, fields: PaymentFields) -> Reply:
        """Chain and keep what settles, with the treasury that it changes."""
        payment = record_payment(tx, ctx.company, ctx.services.payments, ctx.now, fields)
        record(tx, ctx, keys.payment(ctx.company, payment.id).pk, event, {})
        sheets.keep(event, payment.id)
        return Reply.of(payment, 1, 201)


def settling(ctx: Context, kind: PaymentKind, customer: Document | Payment, **fields: Any) -> PaymentFields:
    """What is recorded of a payment, by the operator who asks, of the customer of a document or payment."""
    whose = {"customer": customer.customer, "customer_name": customer.customer_name}
    who = {"operator": ctx.operator.id, "operator_name": ctx.operator.name, "recorded_at": ctx.now}
    return PaymentFields.model_validate({"kind": kind, **whose, **who, **fields})


def allocation(document: Document, amount: Money) -> Allocation:
    """What is settled of a document."""
    return Allocation(
        document=document.id,
        number=document.number or "",
        order=document.order,
        order_number=document.order_number,
        credited=document.origin.document if document.origin else None,
        amount=amount,
    )


class RecordPayment(Settling):
    """Record money received of a customer, for one or several invoices (TRS-03).

    The sum of `allocations` is the amount, to the cent. A line that is paid in part is split. Errors: `Refused`
    with everything that is wrong, `PeriodClosed`.
    """

    customer: Id
    date: dt.date
    amount: Money
    means: PaymentMeans = PaymentMeans.TRANSFER
    bank_account: Iban | None = None
    reference: Label | None = None
    note: Paragraph | None = None
    allocations: Annotated[tuple[InvoicePart, ...], Field(min_length=1, max_length=MAX_INVOICES)]

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.document(company, part.invoice) for part in self.allocations]
        return [*super().keys(company), *own]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        documents = issued_documents(tx, ctx.company, [part.invoice for part in self.allocations])
        company = tx.require(COMPANY, keys.company(ctx.company))
        into, found = account(company, self.means, self.bank_account)
        found += [*date_breaches(self.date, ctx.today), *sum_breaches(self.amount, self.allocations)]
        sheets, receipt = Sheets(tx, ctx), Receipt(ctx.new_id(), self.date, self.means, into)
        for number, part in enumerate(self.allocations):
            wrong = part_breaches(part, number, self.customer, self.amount.currency, documents)
            found += wrong or self._pay(ctx, sheets, documents[part.invoice], number, receipt)
        refuse_if(found)
        self.require_real(tx, ctx, self.date)
        currency = self.amount.currency
        fields = settling(
            ctx,
            PaymentKind.PAYMENT,
            documents[self.allocations[0].invoice],
            id=receipt.payment,
            bank_account=into,
            allocations=[
                allocation(documents[part.invoice], Money.of(part.amount, currency)) for part in self.allocations
            ],
            **{name: getattr(self, name) for name in ("date", "amount", "means", "reference", "note")},
        )
        return self.record(tx, ctx, sheets, "payment_recorded", fields)

    def _pay(self, ctx: Context, sheets: Sheets, document: Document, number: int, receipt: Receipt) -> list[Breach]:
        """Pay a part on the sheet of its request; or say how much can be."""
        part, key = self.allocations[number], treasury_key(ctx.company, document)
        lines, amount = sheets.lines(key), Money.of(part.amount, document.currency)
        chosen = open_lines(lines, document.id, part.line)
        left = size(chosen, document.currency)
        if left < amount:
            return [exceeded("payment_exceeds_due", left, f"/allocations/{number}/amount")]
        sheets.set(key, pay(lines, chosen, amount, receipt, ctx.new_id))
        return []


class RefundCreditNote(Settling):
    """Pay what is left of a credit note back to the customer, or a part of it, instead of deducting it (TRS-03).

    Errors: `NotFound`, `CreditNoteUsed`, `Refused` with everything that is wrong, `PeriodClosed`.
    """

    credit_note: Id
    date: dt.date
    amount: Positive | None = None
    means: PaymentMeans = PaymentMeans.TRANSFER
    bank_account: Iban | None = None
    reference: Label | None = None
    note: Paragraph | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.document(company, self.credit_note)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        note = credit_note(tx, ctx, self.credit_note)
        sheets, key = Sheets(tx, ctx), treasury_key(ctx.company, note)
        lines = sheets.lines(key)
        chosen = to_deduct(lines, note.id)
        amount, found = asked(note, size(chosen, note.currency), self.amount)
        company = tx.require(COMPANY, keys.company(ctx.company))
        out_of, wrong = account(company, self.means, self.bank_account)
        refuse_if([*found, *wrong, *date_breaches(self.date, ctx.today)])
        self.require_real(tx, ctx, self.date)
        receipt = Receipt(ctx.new_id(), self.date, self.means, out_of)
        sheets.set(key, pay(lines, chosen, amount, receipt, ctx.new_id))
        fields = settling(
            ctx,
            PaymentKind.REFUND,
            note,
            id=receipt.payment,
            amount=-amount,
            bank_account=out_of,
            allocations=[allocation(note, -amount)],
            **{name: getattr(self, name) for name in ("date", "means", "reference", "note")},
        )
        return self.record(tx, ctx, sheets, "credit_note_refunded", fields)


def credit_note(tx: Transaction, ctx: Context, identifier: Id) -> Document:
    """An issued credit note. Errors: `NotFound`."""
    found = issued_documents(tx, ctx.company, [identifier]).get(identifier)
    if found is None or found.kind is not DocumentKind.CREDIT_NOTE:
        raise NotFound()
    return found


def asked(note: Document, left: Money, amount: Positive | None) -> tuple[Money, list[Breach]]:
    """How much of a credit note is to be used, all that is left by default. Errors: `CreditNoteUsed`."""
    if not left:
        raise CreditNoteUsed()
    if amount is None:
        return left, []
    wanted, off = Money.of(amount, note.currency), on_grid(amount, note.currency, "/amount")
    if not off and left < wanted:
        off = [exceeded("amount_exceeds_credit", left, "/amount")]
    return wanted, off


class ReversePayment(Settling):
    """Take back a payment or a refund by a counter-entry; what it settled is open again (TRS-03, FIS-04).

    The payment itself stays as it was recorded. Errors: `NotFound`, `NotReversible`, `AlreadyReversed`,
    `Refused`, `PeriodClosed`.
    """

    payment: Id
    date: dt.date
    reason: Paragraph

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.payment(company, self.payment)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.payment(ctx.company, self.payment)
        payment = tx.require(PAYMENT, key)
        if payment.kind not in (PaymentKind.PAYMENT, PaymentKind.REFUND):
            raise NotReversible()
        if payment.reversed_by:
            raise AlreadyReversed(payment=payment.reversed_by)
        refuse_if(date_breaches(self.date, ctx.today, payment.date))
        self.require_real(tx, ctx, self.date)
        sheets = Sheets(tx, ctx)
        places = list(dict.fromkeys(each.sheet(ctx.company) for each in payment.allocations))
        orders = [keys.order(ctx.company, each.order) for each in payment.allocations if each.order]
        tx.prefetch([*places, *orders])
        for place in places:
            sheets.set(place, reverse(sheets.lines(place), payment.id))
        counter = self._counter_entry(ctx, payment)
        tx.put(PAYMENT, key, payment.change(reversed_by=counter.id))
        record(tx, ctx, key.pk, "payment_reversed", {"/reversed_by": [None, counter.id], "/reason": self.reason})
        return self.record(tx, ctx, sheets, "counter_entry_recorded", counter)

    def _counter_entry(self, ctx: Context, payment: Payment) -> PaymentFields:
        return settling(
            ctx,
            PaymentKind.COUNTER_ENTRY,
            payment,
            id=ctx.new_id(),
            date=self.date,
            reason=self.reason,
            amount=-payment.amount,
            reverses=Reversed(payment=payment.id, sequence=payment.sequence, date=payment.date),
            allocations=[each.change(amount=-each.amount) for each in payment.allocations],
            **{name: getattr(payment, name) for name in ("means", "bank_account", "reference")},
        )
