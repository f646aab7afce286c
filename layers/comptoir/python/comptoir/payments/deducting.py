"""Deducting a credit note from what a customer owes, on any of its requests (CRN-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import model_validator

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.invoicing.holding import treasury_key
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.explain import flaw
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money
from comptoir.orders.items import ORDER
from comptoir.payments.commands import Settling, allocation, asked, credit_note, settling
from comptoir.payments.rules import Positive, breach, exceeded
from comptoir.payments.sheets import Sheets, issued_documents
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.credits import Place, deduct
from comptoir.treasury.payment import PaymentKind
from comptoir.treasury.recording import covered
from comptoir.treasury.settling import open_lines, replaced, size, to_deduct


class DeductCreditNote(Settling):
    """Deduct a credit note from an order or an invoice of the same customer, in the same currency (CRN-10).

    All that is left of it by default. Of an order the oldest due dates are covered first, whatever the invoice;
    `invoice` chooses one. Errors: `NotFound`, `CreditNoteUsed` (never twice), `Refused` with everything that is
    wrong, `PeriodClosed`.
    """

    credit_note: Id
    order: Id | None = None
    invoice: Id | None = None
    amount: Positive | None = None

    @model_validator(mode="after")
    def _one_target(self) -> DeductCreditNote:
        if (self.order is None) == (self.invoice is None):
            raise flaw(
                "one_target",
                "Indiquez une commande ou une facture, l'une des deux.",
                "Name an order or an invoice, one of the two.",
            )
        return self

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.document(company, each) for each in (self.credit_note, self.invoice) if each]
        if self.order:
            own += [keys.order(company, self.order), keys.order_treasury(company, self.order)]
        return [*super().keys(company), *own]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        note = credit_note(tx, ctx, self.credit_note)
        sheets, origin = Sheets(tx, ctx), treasury_key(ctx.company, note)
        credits = to_deduct(sheets.lines(origin), note.id)
        amount, found = asked(note, size(credits, note.currency), self.amount)
        target, wrong = self._target(tx, ctx, note)
        if target is None:
            raise Refused([*found, *wrong])
        dues = open_lines(sheets.lines(target.key), self.invoice)
        left = size(dues, note.currency)
        refuse_if([*found, *([exceeded("due_too_small", left, target.pointer)] if left < amount else [])])
        self.require_real(tx, ctx, ctx.today)
        identifier = ctx.new_id()
        places = (Place(note.order, note.order_number), target.place)
        made = deduct(credits, dues, amount, identifier, places, ctx.new_id)
        for key in dict.fromkeys((origin, target.key)):
            sheets.set(key, replaced(sheets.lines(key), made))
        fields = settling(
            ctx,
            PaymentKind.DEDUCTION,
            note,
            id=identifier,
            date=ctx.today,
            amount=Money.zero(note.currency),
            allocations=[allocation(note, -amount), *covered(sheets.lines(target.key), identifier, target.place)],
        )
        return self.record(tx, ctx, sheets, "credit_note_deducted", fields)

    def _target(self, tx: Transaction, ctx: Context, note: Document) -> tuple[_Target | None, list[Breach]]:
        """The request where the credit note is to be deducted, or why it cannot be there."""
        found = _order(tx, ctx, self.order) if self.order else _invoice(tx, ctx, self.invoice or "")
        if found is None:
            fr, en = "Commande ou facture validée inconnue.", "Unknown order or valid invoice."
            return None, [breach("unknown_target", fr, en, "/order" if self.order else "/invoice")]
        wrong = []
        if found.customer != note.customer:
            fr, en = "L'avoir est celui d'un autre client.", "The credit note is another customer's."
            wrong.append(breach("other_customer", fr, en, found.pointer))
        if found.currency != note.currency:
            fr, en = f"L'avoir est en {note.currency}.", f"The credit note is in {note.currency}."
            wrong.append(breach("other_currency", fr, en, found.pointer))
        return None if wrong else found, wrong


@dataclass(frozen=True)
class _Target:
    """The request where a credit note is deducted."""

    key: Key
    place: Place
    customer: Id
    currency: str
    pointer: str


def _order(tx: Transaction, ctx: Context, identifier: Id) -> _Target | None:
    order = tx.get(ORDER, keys.order(ctx.company, identifier))
    if order is None:
        return None
    key = keys.order_treasury(ctx.company, order.id)
    return _Target(key, Place(order.id, order.number), order.customer, order.currency, "/order")


def _invoice(tx: Transaction, ctx: Context, identifier: Id) -> _Target | None:
    invoice = issued_documents(tx, ctx.company, [identifier]).get(identifier)
    if invoice is None or invoice.kind is not DocumentKind.INVOICE:
        return None
    place = Place(invoice.order, invoice.order_number)
    return _Target(treasury_key(ctx.company, invoice), place, invoice.customer, invoice.currency, "/invoice")
