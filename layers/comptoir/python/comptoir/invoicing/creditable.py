"""What can still be credited of an invoice: the whole, and line by line in the invoice's order (CRN-01, CRN-04)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.catalogue.pricing import PricedLine
from comptoir.invoicing.balances import LineCredit
from comptoir.invoicing.credit_lines import held_of
from comptoir.invoicing.crediting import issued_invoice
from comptoir.invoicing.holding import balance_of
from comptoir.invoicing.queries import OfDocument
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, Quantity, total
from comptoir.kernel.text import Line, plain_words
from comptoir.store.transaction import Transaction


class Remaining(Model):
    """What remains of an invoice to credit: its total less its credit notes, drafts included (CRN-01).

    Of a down payment what final invoices deduct is no longer credited apart (INV-13).
    """

    invoiced: Money
    credited: Money
    deducted: Money
    remaining: Money
    credit_notes: tuple[Id, ...]


class ReadRemaining(OfDocument):
    """What can still be credited of an invoice (CRN-01)."""

    kind: ClassVar[DocumentKind] = DocumentKind.INVOICE

    def read(self, ctx: Context) -> Reply:
        document, _ = self.find(ctx)
        tx = Transaction(ctx.services.store.backend)
        balance = balance_of(tx, ctx.company, document.id, document.currency)
        taken = total((row.base + row.vat for row in balance.rows), document.currency)
        return Reply.of(
            Remaining(
                invoiced=document.totals.gross,
                credited=balance.credited,
                deducted=taken - balance.credited,
                remaining=document.totals.gross - taken,
                credit_notes=balance.documents,
            )
        )


class CreditableLine(Model):
    """A line of an invoice, and what credit notes, drafts included, leave of it; `transport` is the line of its own."""

    line: PricedLine
    quantity: Quantity
    remaining: Money
    transport: int | None = None


class CreditableLines(Model):
    """Lines of an invoice in its order; `next` is the position to go on from, absent at the end."""

    items: tuple[CreditableLine, ...]
    next: int | None = None


class ListCreditableLines(OfDocument):
    """The lines of an issued invoice for a credit note, in the invoice's order (CRN-04).

    `search` keeps those that hold each of its words in code or designation.
    """

    kind: ClassVar[DocumentKind] = DocumentKind.INVOICE

    search: Line | None = None
    first: int = Field(1, ge=1)
    limit: int = Field(100, ge=1, le=100)

    def read(self, ctx: Context) -> Reply:
        self.find(ctx)
        tx = Transaction(ctx.services.store.backend)
        invoice, _, content = issued_invoice(tx, ctx.company, self.document)
        held = balance_of(tx, ctx.company, invoice.id, invoice.currency).lines
        carried = {line.transport_of: line.position for line in content.lines if line.transport_of}
        wanted = plain_words(self.search or "")
        found = [line for line in content.lines if line.position >= self.first and _has(line, wanted)]
        shown = found[: self.limit]
        items = tuple(
            _left(line, held_of(held, line.position, invoice.currency), carried.get(line.position)) for line in shown
        )
        return Reply.of(
            CreditableLines(items=items, next=found[len(shown)].position if len(found) > len(shown) else None)
        )


def _has(line: PricedLine, words: list[str]) -> bool:
    text = " ".join(plain_words(f"{line.code or ''} {line.designation}"))
    return all(word in text for word in words)


def _left(line: PricedLine, held: LineCredit, transport: int | None) -> CreditableLine:
    return CreditableLine(
        line=line,
        quantity=line.quantity - held.quantity,
        remaining=line.net - held.returned - held.rebate,
        transport=transport,
    )
