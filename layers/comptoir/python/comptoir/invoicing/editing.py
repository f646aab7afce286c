"""What changes and deletes drafts: what they hold moves in the same transaction (INV-01, CRN-05)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import save
from comptoir.access.merging import Merge
from comptoir.access.model import Code
from comptoir.catalogue.pricing import totals
from comptoir.docbase.templates import unknown_template
from comptoir.invoicing.cancelling import lines_of
from comptoir.invoicing.crediting import issued_invoice
from comptoir.invoicing.deductions import fitting
from comptoir.invoicing.drafting import Editing, EnteredOtherwise, TaxFields, find_draft, taxed, usual_rate
from comptoir.invoicing.drafts import direct, of_replaced
from comptoir.invoicing.holding import hold, release
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import MAX_LINES, DirectLine, Document, DocumentStatus, OrderQuantity
from comptoir.invoicing.ordering import invoiceable, part_of
from comptoir.invoicing.rules import moved
from comptoir.invoicing.shares import by_rate, part_totals
from comptoir.invoicing.snapshot import DocumentKind, InvoiceType, Origin
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Paragraph
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import PaymentTerm


class DraftFields(TaxFields):
    """What is entered beside the lines of a draft."""

    wanted_date: dt.date | None = None
    delivery_date: dt.date | None = None
    customer_reference: Label | None = None
    note: Paragraph | None = None
    reason: Paragraph | None = None
    template: Code | None = None
    language: Language
    terms: Annotated[tuple[PaymentTerm, ...], Field(max_length=20)] = ()


class UpdateDraft(Editing, Merge, extra="allow"):
    """Change what is entered beside the lines of a draft (INV-01, CRN-05).

    A document about an invoice keeps that one's language (CRN-06).
    """

    fields: ClassVar[type[Model]] = DraftFields

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        draft = find_draft(tx, ctx, self.document)
        entered: DraftFields = self.merged(draft)
        refuse_if([*_breaches(draft, entered), *unknown_template(tx, ctx.company, entered.template)])
        changed = taxed(tx, ctx, draft.change(**entered.picked(DraftFields.model_fields)))
        if changed.totals != draft.totals:
            release(tx, ctx.company, draft)
            hold(tx, ctx.company, changed)
        return self.keep(tx, ctx, changed, "updated")


def _breaches(draft: Document, entered: DraftFields) -> list[Breach]:
    invoice, found = draft.kind is DocumentKind.INVOICE, []
    if invoice is (entered.reason is not None):
        fr, en = "Un avoir a un motif ; une facture n'en a pas.", "A credit note has a reason; an invoice has none."
        found.append(Breach(code="reason_of_credit_note", fr=fr, en=en, pointer="/reason"))
    if not invoice and entered.language is not draft.language:
        fr, en = "La langue est celle de la facture.", "The language is the invoice's."
        found.append(Breach(code="language_of_invoice", fr=fr, en=en, pointer="/language"))
    if invoice and draft.terms and not entered.terms:
        fr, en = "Une facture a des conditions de règlement.", "An invoice has payment terms."
        found.append(Breach(code="terms_of_invoice", fr=fr, en=en, pointer="/terms"))
    if not invoice and entered.terms:
        fr = "Un avoir n'a pas de conditions de règlement."
        en = "A credit note has no payment terms."
        found.append(Breach(code="terms_of_credit_note", fr=fr, en=en, pointer="/terms"))
    if not invoice:
        fr, en = "La TVA est celle de la facture.", "The VAT is the invoice's."
        changed = [name for name in TaxFields.model_fields if getattr(entered, name) != getattr(draft, name)]
        found += [Breach(code="vat_of_invoice", fr=fr, en=en, pointer=f"/{name}") for name in changed]
    return found


class SetDraftLines(Editing):
    """Replace the lines of a directly entered invoice (INV-01)."""

    lines: Annotated[tuple[DirectLine, ...], Field(min_length=1, max_length=MAX_LINES)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        draft = find_draft(tx, ctx, self.document)
        if draft.kind is not DocumentKind.INVOICE or draft.order:
            raise EnteredOtherwise()
        lines = direct(self.lines, draft.currency, usual_rate(tx, ctx, draft.customer, self.lines))
        summed = totals((line.priced for line in lines), draft.currency)
        return self.keep(tx, ctx, taxed(tx, ctx, draft.change(lines=lines, totals=summed)), "lines_changed")


class SetDraftQuantities(Editing):
    """Change the quantities that a draft invoices of its order; without any, all that remains beside it (INV-01)."""

    quantities: Annotated[tuple[OrderQuantity, ...], Field(min_length=1, max_length=MAX_LINES)] | None = None

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        draft = find_draft(tx, ctx, self.document)
        if draft.kind is not DocumentKind.INVOICE or draft.order is None or _advance(draft):
            raise EnteredOtherwise()
        if draft.replaces:
            changed = taxed(tx, ctx, self._of_replaced(tx, ctx, draft, draft.replaces))
            return self.keep(tx, ctx, changed, "lines_changed")
        order = invoiceable(tx, ctx, draft.order)
        release(tx, ctx.company, draft)
        changed = taxed(tx, ctx, part_of(tx, ctx, draft, order, self.quantities))
        hold(tx, ctx.company, changed)
        return self.keep(tx, ctx, changed, "lines_changed")

    def _of_replaced(self, tx: Transaction, ctx: Context, draft: Document, before: Origin) -> Document:
        """The draft with at most what the invoice that it replaces holds of the order, and what that one deducts."""
        invoice, _, content = issued_invoice(tx, ctx.company, before.document)
        lines = of_replaced(lines_of(invoice, content), self.quantities)
        summed = part_totals((line.priced for line in lines), draft.currency, by_rate(content.totals.rows))
        return draft.change(lines=lines, totals=summed, deductions=fitting(content.deductions, summed))


def _advance(draft: Document) -> bool:
    return draft.invoice_type is InvoiceType.DOWN_PAYMENT


class DeleteDraft(Editing):
    """Delete a draft: it never had a number; what it held is given back (INV-01, CRN-05)."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        gone = delete_draft(tx, ctx, find_draft(tx, ctx, self.document))
        return Reply.of(gone, tx.next_version(keys.document(ctx.company, gone.id)))


def delete_draft(tx: Transaction, ctx: Context, draft: Document) -> Document:
    """Have a draft deleted: what it held is given back. Errors: `NotInStatus` when it is none."""
    gone = moved(draft, DocumentStatus.DELETED)
    release(tx, ctx.company, draft)
    save(tx, ctx, DOCUMENT, keys.document(ctx.company, draft.id), gone, "deleted")
    return gone
