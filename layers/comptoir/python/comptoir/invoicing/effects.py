"""What issuing a document does beside its number: treasury, and the invoice that it credits or takes back.

Everything that could be refused was judged before; here nothing is, so that no document of a block
leaves half of its effects.
"""

from __future__ import annotations

from dataclasses import dataclass

from comptoir.invoicing.cancelling import lines_of
from comptoir.invoicing.crediting import content_of
from comptoir.invoicing.holding import billing_of, hold_of_order, treasury_key
from comptoir.invoicing.items import BILLING, DOCUMENT
from comptoir.invoicing.model import Document
from comptoir.invoicing.shares import rows_moved
from comptoir.invoicing.snapshot import DocumentKind, InvoiceType, Origin, Snapshot
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.rules import expected_dates
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.advances import invoice_ahead
from comptoir.treasury.credits import credit
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Debtor, Treasury, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import Issued, NewId, invoice, recompute
from comptoir.treasury.settling import uninvoice


@dataclass(frozen=True)
class Effects:
    """The effects of documents of one company, in the transaction that numbers them."""

    tx: Transaction
    company: str
    new_id: NewId

    def of(self, draft: Document, content: Snapshot, order: Order | None) -> None:
        """Have the effects of a draft that becomes `content`; `order` is the one that it belongs to."""
        told = Issued(draft.id, content.number)
        if draft.taken_back:
            self._take_back(draft, content, order)
        if draft.kind is DocumentKind.INVOICE:
            bill = invoice_ahead if draft.invoice_type is InvoiceType.DOWN_PAYMENT else invoice
            lines = bill(self._lines(draft), content.due, told, content.instalments, self.new_id, draft.terms)
            self._keep(draft, lines)
        elif draft.kind is DocumentKind.CREDIT_NOTE and draft.origin:
            before, amount = self._lines(draft), content.totals.gross
            made = credit(before, draft.origin.document, amount, told, content.issue_date, self.new_id)
            self._keep(draft, (*before, *made))
            self._credit_down_payment(draft)

    def _lines(self, document: Document) -> tuple[TreasuryLine, ...]:
        return self._sheet(document).lines

    def _sheet(self, document: Document) -> Treasury:
        return self.tx.get(TREASURY, treasury_key(self.company, document)) or Treasury()

    def _keep(self, document: Document, lines: tuple[TreasuryLine, ...]) -> None:
        after = self._sheet(document).change(lines=lines, debtor=_debtor(document))
        self.tx.put(TREASURY, treasury_key(self.company, document), after)

    def _take_back(self, draft: Document, content: Snapshot, order: Order | None) -> None:
        """The invoice as if it had not been made: treasury firm, quantities and down payments free (INV-09)."""
        about = draft.taken_back
        if about is None:
            return
        key = keys.document(self.company, about.document)
        before = self.tx.require(DOCUMENT, key)
        lines = uninvoice(self._lines(before), before.id, ordered=order is not None)
        self._keep(before, _expected(lines, order, self.new_id) if order else lines)
        if before.order:
            # A cancellation has the very lines of its invoice; a replacement may have changed them.
            cancelled = draft.kind is DocumentKind.CANCELLATION
            sold = draft.lines if cancelled else lines_of(before, content_of(self.tx, self.company, before))
            hold_of_order(self.tx, self.company, before.change(lines=sold), -1)
        if draft.kind is DocumentKind.INVOICE:
            hold_of_order(self.tx, self.company, draft, 1)
        by = Origin(document=draft.id, number=content.number, issue_date=content.issue_date)
        self.tx.put(DOCUMENT, key, before.change(cancelled_by=by))

    def _credit_down_payment(self, note: Document) -> None:
        """What a final invoice may still deduct of a down payment falls by its credit notes (INV-13)."""
        if note.order is None or note.origin is None:
            return
        billing, credited = billing_of(self.tx, self.company, note.order), note.origin.document
        if all(payment.document != credited for payment in billing.down_payments):
            return
        after = tuple(
            payment.change(rows=rows_moved(payment.rows, note.totals.rows, -1))
            if payment.document == credited
            else payment
            for payment in billing.down_payments
        )
        self.tx.put(BILLING, keys.order_billing(self.company, note.order), billing.change(down_payments=after))


def _expected(lines: tuple[TreasuryLine, ...], order: Order, new_id: NewId) -> tuple[TreasuryLine, ...]:
    """The lines with what the order's terms expect for what is no longer invoiced."""
    status = TreasuryStatus.FORECAST if order.status is OrderStatus.OFFER else TreasuryStatus.FIRM
    return recompute(lines, order.terms, expected_dates(order), order.totals.gross, status, new_id)


def _debtor(document: Document) -> Debtor:
    """Whose request a document belongs to."""
    alone = document.origin.document if document.origin else document.id
    told = {"order": document.order, "order_number": document.order_number}
    return Debtor(customer=document.customer, invoice=None if document.order else alone, **told)
