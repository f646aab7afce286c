"""Deducting a credit note from what is due of the same party, on any of its requests (CRN-10, CRN-13)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import model_validator

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.explain import flaw
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money
from comptoir.orders.items import ORDER
from comptoir.payments.rules import Positive, breach, exceeded, other_party
from comptoir.payments.settled import Settled
from comptoir.payments.settling import OfCustomers, OfSide, asked, settling
from comptoir.payments.sheets import Sheets
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.credits import Place, deduct
from comptoir.treasury.model import Side
from comptoir.treasury.payment import PaymentKind
from comptoir.treasury.recording import covered
from comptoir.treasury.settling import open_lines, replaced, size, to_deduct


@dataclass(frozen=True)
class Target:
    """The request where a credit note is deducted."""

    sheet: Key
    place: Place
    party: Id
    currency: str
    pointer: str


class Deducting(OfSide):
    """Base of the deductions of credit notes: of an order or of an invoice, in the same currency.

    All that is left of it by default. Of an order the oldest due dates are covered first, whatever the invoice;
    `invoice` chooses one.
    """

    event: ClassVar[str] = "credit_note_deducted"

    credit_note: Id
    order: Id | None = None
    invoice: Id | None = None
    amount: Positive | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Deducting:
        if (self.order is None) == (self.invoice is None):
            raise flaw(
                "one_target",
                "Indiquez une commande ou une facture, l'une des deux.",
                "Name an order or an invoice, one of the two.",
            )
        return self

    def keys(self, company: str) -> Sequence[Key]:
        own = [self.document_key(company, each) for each in (self.credit_note, self.invoice) if each]
        if self.order:
            own.append(keys.order(company, self.order))
        return [*super().keys(company), *own]

    @abstractmethod
    def of_order(self, tx: Transaction, ctx: Context, order: Id, note: Settled) -> Target | None:
        """The request of the credit note's party in an order, if there is one."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        note = self.credit_note_of(tx, ctx, self.credit_note)
        sheets = Sheets(tx, ctx)
        credits = to_deduct(sheets.lines(note.sheet), note.id)
        amount, found = asked(note, size(credits, note.currency), self.amount)
        target, wrong = self._target(tx, ctx, note)
        if target is None:
            raise Refused([*found, *wrong])
        dues = [line for line in open_lines(sheets.lines(target.sheet), self.invoice) if not line.frozen]
        left = size(dues, note.currency)
        refuse_if([*found, *([exceeded("due_too_small", left, target.pointer)] if left < amount else [])])
        self.require_real(tx, ctx, ctx.today)
        identifier = ctx.new_id()
        made = deduct(credits, dues, amount, identifier, (note.place, target.place), ctx.new_id)
        for key in dict.fromkeys((note.sheet, target.sheet)):
            sheets.set(key, replaced(sheets.lines(key), made))
        sign = 1 if self.side is Side.CUSTOMER else -1
        fields = settling(
            ctx,
            PaymentKind.DEDUCTION,
            note,
            id=identifier,
            date=ctx.today,
            amount=Money.zero(note.currency),
            allocations=[
                note.allocation(amount),
                *covered(sheets.lines(target.sheet), identifier, target.place, sign),
            ],
        )
        return self.record(tx, ctx, sheets, self.event, fields)

    def _target(self, tx: Transaction, ctx: Context, note: Settled) -> tuple[Target | None, list[Breach]]:
        """The request where the credit note is to be deducted, or why it cannot be there."""
        found = self.of_order(tx, ctx, self.order, note) if self.order else self._of_invoice(tx, ctx)
        if found is None:
            fr, en = "Commande ou facture validée inconnue.", "Unknown order or valid invoice."
            return None, [breach("unknown_target", fr, en, "/order" if self.order else "/invoice")]
        wrong = []
        if found.party != note.party:
            wrong.append(other_party(self.side, "L'avoir est celui", "The credit note is", found.pointer))
        if found.currency != note.currency:
            fr, en = f"L'avoir est en {note.currency}.", f"The credit note is in {note.currency}."
            wrong.append(breach("other_currency", fr, en, found.pointer))
        return None if wrong else found, wrong

    def _of_invoice(self, tx: Transaction, ctx: Context) -> Target | None:
        identifier = self.invoice or ""
        invoice = self.documents(tx, ctx.company, [identifier]).get(identifier)
        if invoice is None or invoice.credit_note:
            return None
        return Target(invoice.sheet, invoice.place, invoice.party, invoice.currency, "/invoice")


class DeductCreditNote(OfCustomers, Deducting):
    """Deduct a credit note from an order or an invoice of the same customer, in the same currency (CRN-10).

    All that is left of it by default. Of an order the oldest due dates are covered first, whatever the invoice;
    `invoice` chooses one. Errors: `NotFound`, `CreditNoteUsed` (never twice), `Refused` with everything that is
    wrong, `PeriodClosed`.
    """

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), *([keys.order_treasury(company, self.order)] if self.order else [])]

    def of_order(self, tx: Transaction, ctx: Context, order: Id, note: Settled) -> Target | None:
        found = tx.get(ORDER, keys.order(ctx.company, order))
        if found is None:
            return None
        sheet = keys.order_treasury(ctx.company, found.id)
        return Target(sheet, Place(found.id, found.number), found.customer, found.currency, "/order")
