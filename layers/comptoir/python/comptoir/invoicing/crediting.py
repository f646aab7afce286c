"""What drafts credit notes and changes their lines (CRN-01 to CRN-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.items import COMPANY
from comptoir.invoicing.credits import credit, year_breaches
from comptoir.invoicing.drafting import Editing, EnteredOtherwise, Making, NotIssued, find_draft
from comptoir.invoicing.holding import balance_of, hold, release
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.kept_vat import credited, promised
from comptoir.invoicing.model import MAX_LINES, CreditLine, CreditType, Document
from comptoir.invoicing.snapshot import DocumentKind, Origin, Snapshot
from comptoir.invoicing.taking_back import taken_breaches
from comptoir.kernel.errors import Breach, NotFound, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Paragraph
from comptoir.ledger.items import ENTRY
from comptoir.ledger.model import ChainName
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

CreditLines = Annotated[tuple[CreditLine, ...], Field(min_length=1, max_length=MAX_LINES)]


def issued_invoice(tx: Transaction, company: str, document: str) -> tuple[Document, Origin, Snapshot]:
    """An issued invoice, how documents refer to it, and its frozen content. Errors: `NotFound`, `NotIssued`."""
    invoice = tx.require(DOCUMENT, keys.document(company, document))
    if invoice.kind is not DocumentKind.INVOICE:
        raise NotFound()
    if not invoice.issued or invoice.sequence is None or invoice.number is None or invoice.issue_date is None:
        raise NotIssued()
    origin = Origin(document=invoice.id, number=invoice.number, issue_date=invoice.issue_date)
    return invoice, origin, content_of(tx, company, invoice)


def content_of(tx: Transaction, company: str, document: Document) -> Snapshot:
    """The frozen content of an issued document. Errors: `NotFound` for a draft."""
    entry = tx.require(ENTRY, keys.chain_entry(company, ChainName.DOCUMENTS, document.sequence or 0))
    return Snapshot.model_validate_json(entry.payload)


def _of_year(tx: Transaction, ctx: Context, kind: CreditType, invoice: Origin, wanted: dt.date | None) -> list[Breach]:
    company = tx.require(COMPANY, keys.company(ctx.company))
    return year_breaches(kind, company, invoice.issue_date, wanted or ctx.today)


class CreditFields(Model):
    """What is entered of a credit note on a validated invoice.

    With `vat_kept` the VAT of the invoice is not corrected: the credit note is net of tax (RULES §1.4).
    """

    invoice: Id
    credit_type: CreditType
    reason: Paragraph
    wanted_date: dt.date | None = None
    note: Paragraph | None = None
    vat_kept: bool | None = None
    lines: CreditLines


def credit_note(tx: Transaction, ctx: Context, entered: CreditFields) -> Document:
    """The draft that these fields make, not kept yet, within what remains of the invoice.

    Errors: `NotFound`, `NotIssued`, `Refused` with everything that is wrong.
    """
    invoice, origin, content = issued_invoice(tx, ctx.company, entered.invoice)
    balance = balance_of(tx, ctx.company, invoice.id, invoice.currency)
    refuse_if(taken_breaches(tx, ctx.company, invoice, balance.closed_by))
    refuse_if(_of_year(tx, ctx, entered.credit_type, origin, entered.wanted_date))
    lines, summed = credit(content, balance, entered.credit_type, entered.lines)
    kept = promised(content, entered.credit_type) if entered.vat_kept is None else entered.vat_kept
    return Document(
        id=ctx.new_id(),
        kind=DocumentKind.CREDIT_NOTE,
        origin=origin,
        **credited(content, lines, summed, kept, ctx.today),
        created_on=ctx.today,
        **invoice.picked(_OF_INVOICE),
        **entered.picked(_ENTERED),
    )


_OF_INVOICE = (
    "customer customer_name language currency order order_number contract customer_reference exchange_rate "
    "delivery_date period template"
).split()
_ENTERED = "wanted_date note credit_type reason".split()


class CreateCreditNote(CreditFields, Making):
    """Draft a credit note on a validated invoice, within what remains of it (CRN-01 to CRN-04)."""

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.document(company, self.invoice), keys.document_balance(company, self.invoice)]
        return [*own, keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return self.draft(tx, ctx, credit_note(tx, ctx, self))


class SetCreditLines(Editing):
    """Change the type and the lines of a draft credit note, within what remains beside it (CRN-05)."""

    credit_type: CreditType
    lines: CreditLines

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        draft = find_draft(tx, ctx, self.document)
        if draft.kind is not DocumentKind.CREDIT_NOTE or draft.origin is None:
            raise EnteredOtherwise()
        _, origin, content = issued_invoice(tx, ctx.company, draft.origin.document)
        refuse_if(_of_year(tx, ctx, self.credit_type, origin, draft.wanted_date))
        release(tx, ctx.company, draft)
        balance = balance_of(tx, ctx.company, draft.origin.document, draft.currency)
        lines, summed = credit(content, balance, self.credit_type, self.lines)
        own = credited(content, lines, summed, draft.vat_kept, ctx.today)
        changed = draft.change(credit_type=self.credit_type, **own)
        hold(tx, ctx.company, changed)
        return self.keep(tx, ctx, changed, "lines_changed")
