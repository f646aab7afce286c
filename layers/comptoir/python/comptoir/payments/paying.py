"""Recording money, on either side: payments of invoices, and credit notes paid back (TRS-03)."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.items import COMPANY
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.identity import Iban
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money, total
from comptoir.kernel.text import Label, Paragraph
from comptoir.payments.rules import (
    InvoicePart,
    Positive,
    account,
    date_breaches,
    exceeded,
    no_transfer,
    part_breaches,
    sum_breaches,
)
from comptoir.payments.settled import Settled
from comptoir.payments.settling import OfSide, asked, settling
from comptoir.payments.sheets import Lines, Sheets
from comptoir.store import keys
from comptoir.store.backend import MAX_OPERATIONS
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import PaymentMeans, TreasuryLine
from comptoir.treasury.payment import PaymentKind
from comptoir.treasury.settling import Receipt, open_lines, pay, size, to_deduct
from comptoir.treasury.transferring import require_free

MAX_INVOICES = 30
"""Invoices that one payment settles: with their treasury and history they fit one transaction."""
_LEFT = 3
"""What of a transaction is left to the entry that the payment is matched with, and to the answer of the request."""
_TOO_MUCH = Breach(
    code="payment_changes_too_much",
    fr="Trop de commandes changent avec ce règlement pour l'enregistrer en une fois : réglez moins de factures.",
    en="Too many orders change with this payment to record it at once: settle fewer invoices.",
    pointer="/allocations",
)


class Paying(OfSide):
    """Base of the payments of one or several invoices of a party: the sum of `allocations` is `amount`, to the cent."""

    event: ClassVar[str]

    date: dt.date
    amount: Money
    means: PaymentMeans = PaymentMeans.TRANSFER
    bank_account: Iban | None = None
    reference: Label | None = None
    note: Paragraph | None = None
    allocations: Annotated[tuple[InvoicePart, ...], Field(min_length=1, max_length=MAX_INVOICES)]

    @abstractmethod
    def party(self) -> Id:
        """Who pays or is paid."""

    def keys(self, company: str) -> Sequence[Key]:
        own = [self.document_key(company, part.invoice) for part in self.allocations]
        return [*super().keys(company), *own]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return self.pay(tx, ctx)

    def pay(self, tx: Transaction, ctx: Context, entry: Id | None = None, booked: Money | None = None) -> Reply:
        """Record the payment; with the bank's `entry` that tells of it, lines that transfers pay are paid (TRS-09).

        `booked` is what the bank booked for it in another currency.
        """
        documents = self.documents(tx, ctx.company, [part.invoice for part in self.allocations])
        company = tx.require(COMPANY, keys.company(ctx.company))
        moved_on, found = account(company, self.means, self.bank_account)
        found += [*date_breaches(self.date, ctx.today), *sum_breaches(self.amount, self.allocations)]
        sheets, receipt = Sheets(tx, ctx), Receipt(ctx.new_id(), self.date, self.means, moved_on)
        for number, part in enumerate(self.allocations):
            document = documents.get(part.invoice)
            wrong = part_breaches(part, number, self.side, self.party(), self.amount.currency, document)
            found += wrong
            if document and not wrong:
                found += self._settle(ctx, sheets, document, number, receipt, told=entry is not None)
        refuse_if(found)
        self.require_real(tx, ctx, self.date)
        parts = [
            documents[part.invoice].allocation(Money.of(part.amount, self.amount.currency)) for part in self.allocations
        ]
        fields = settling(
            ctx,
            PaymentKind.PAYMENT,
            documents[self.allocations[0].invoice],
            id=receipt.payment,
            amount=total((part.amount for part in parts), self.amount.currency),
            bank_account=moved_on,
            entry=entry,
            booked=booked,
            allocations=parts,
            **self.picked(("date", "means", "reference", "note")),
        )
        reply = self.record(tx, ctx, sheets, self.event, fields)
        refuse_if([_TOO_MUCH] if len(tx.operations) > MAX_OPERATIONS - _LEFT else [])
        return reply

    def _settle(
        self, ctx: Context, sheets: Sheets, document: Settled, number: int, receipt: Receipt, *, told: bool
    ) -> list[Breach]:
        """Pay a part on the sheet of its request; or say how much can be. Errors: `LineTransferred` if not `told`."""
        part, lines = self.allocations[number], sheets.lines(document.sheet)
        amount, chosen = Money.of(part.amount, document.currency), _chosen(lines, part, told=told)
        if part.end_to_end and not chosen:
            return [no_transfer(f"/allocations/{number}/end_to_end")]
        left = size(chosen, document.currency)
        if left < amount:
            if not told:
                require_free(open_lines(lines, part.invoice, part.line))
            return [exceeded("payment_exceeds_due", left, f"/allocations/{number}/amount")]
        if not told:
            require_free(chosen)
        sheets.set(document.sheet, pay(lines, chosen, amount, receipt, ctx.new_id))
        return []


def _chosen(lines: Lines, part: InvoicePart, *, told: bool) -> list[TreasuryLine]:
    """The lines that a part pays: those that it names, else what no transfer pays.

    What transfers pay comes last when the bank tells of the money.
    """
    found = open_lines(lines, part.invoice, part.line)
    if part.end_to_end:
        return [line for line in found if line.transfer and line.transfer.end_to_end == part.end_to_end]
    if part.line:
        return found
    held = [line for line in found if line.frozen] if told else []
    return [*(line for line in found if not line.frozen), *held]


class Refunding(OfSide):
    """Base of what pays back what is left of a credit note, or a part of it, instead of deducting it."""

    event: ClassVar[str] = "credit_note_refunded"

    credit_note: Id
    date: dt.date
    amount: Positive | None = None
    means: PaymentMeans = PaymentMeans.TRANSFER
    bank_account: Iban | None = None
    reference: Label | None = None
    note: Paragraph | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), self.document_key(company, self.credit_note)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return self.give_back(tx, ctx)

    def give_back(self, tx: Transaction, ctx: Context, entry: Id | None = None, booked: Money | None = None) -> Reply:
        """Record the refund, with the bank's `entry` that tells of it and what it `booked` in another currency."""
        note = self.credit_note_of(tx, ctx, self.credit_note)
        sheets = Sheets(tx, ctx)
        lines = sheets.lines(note.sheet)
        chosen = to_deduct(lines, note.id)
        amount, found = asked(note, size(chosen, note.currency), self.amount)
        company = tx.require(COMPANY, keys.company(ctx.company))
        moved_on, wrong = account(company, self.means, self.bank_account)
        refuse_if([*found, *wrong, *date_breaches(self.date, ctx.today)])
        self.require_real(tx, ctx, self.date)
        receipt = Receipt(ctx.new_id(), self.date, self.means, moved_on)
        sheets.set(note.sheet, pay(lines, chosen, amount, receipt, ctx.new_id))
        fields = settling(
            ctx,
            PaymentKind.REFUND,
            note,
            id=receipt.payment,
            amount=note.moves(amount),
            bank_account=moved_on,
            entry=entry,
            booked=booked,
            allocations=[note.allocation(amount)],
            **self.picked(("date", "means", "reference", "note")),
        )
        return self.record(tx, ctx, sheets, self.event, fields)
