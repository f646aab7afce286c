"""What makes, changes and deletes the drafts of invoices and credit notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.model import Code
from comptoir.catalogue.pricing import totals
from comptoir.docbase.templates import unknown_template
from comptoir.invoicing.credits import credit, given_back, taken
from comptoir.invoicing.drafting import Drafting, NotInvoiceable, NotIssued, find_draft
from comptoir.invoicing.drafts import direct, from_order
from comptoir.invoicing.items import BALANCE, DOCUMENT
from comptoir.invoicing.model import (
    MAX_LINES,
    Balance,
    CreditLine,
    CreditType,
    DirectLine,
    Document,
    DocumentStatus,
    DraftLine,
    OrderQuantity,
)
from comptoir.invoicing.rules import moved
from comptoir.invoicing.snapshot import DocumentKind, Origin, Snapshot
from comptoir.kernel.errors import Breach, NotFound, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Currency, Money
from comptoir.kernel.text import Label, Paragraph
from comptoir.ledger.items import ENTRY
from comptoir.ledger.model import ChainName
from comptoir.orders.items import ORDER, load_lines
from comptoir.orders.model import OrderStatus
from comptoir.parties.items import PARTY
from comptoir.parties.model import PartyKind
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import PaymentTerm, Treasury


class InvoiceOrder(Drafting):
    """Draft an invoice of a confirmed order, for all that remains or for given quantities (INV-01)."""

    order: Id
    quantities: Annotated[tuple[OrderQuantity, ...], Field(min_length=1, max_length=MAX_LINES)] | None = None
    wanted_date: dt.date | None = None
    delivery_date: dt.date | None = None
    note: Paragraph | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.order(company, self.order), keys.order_treasury(company, self.order)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = tx.require(ORDER, keys.order(ctx.company, self.order))
        if order.status not in (OrderStatus.CONFIRMED, OrderStatus.COMPLETED):
            raise NotInvoiceable()
        sheet_key = keys.order_treasury(ctx.company, order.id)
        sheet = tx.get(TREASURY, sheet_key) or Treasury()
        lines = from_order(order, load_lines(tx, ctx.company, order), dict(sheet.taken), self.quantities)
        # Lines and status are those of this version of the head, whoever changes it meanwhile.
        tx.check(keys.order(ctx.company, order.id))
        tx.put(TREASURY, sheet_key, sheet.change(taken=_taken(sheet, lines, 1)))
        document = Document(
            id=ctx.new_id(),
            kind=DocumentKind.INVOICE,
            customer=order.customer,
            customer_name=order.customer_name,
            language=order.language,
            currency=order.currency,
            order=order.id,
            order_number=order.number,
            customer_reference=order.customer_reference,
            wanted_date=self.wanted_date,
            delivery_date=self.delivery_date,
            note=self.note,
            template=order.template,
            terms=order.terms,
            lines=lines,
            totals=totals((line.priced for line in lines), order.currency),
            created_on=ctx.today,
        )
        return self.keep(tx, ctx, document, "drafted", 201)


def _taken(sheet: Treasury, lines: Sequence[DraftLine], sign: int) -> dict[str, Decimal]:
    """The quantities that documents hold of the order's lines, once `lines` are taken or given back."""
    taken = dict(sheet.taken)
    for line in lines:
        if line.source:
            taken[line.source] = taken.get(line.source, Decimal(0)) + sign * line.priced.quantity
    return {source: quantity for source, quantity in taken.items() if quantity}


class CreateInvoice(Drafting):
    """Draft an invoice by direct entry (INV-01)."""

    customer: Id
    currency: Currency = "EUR"
    language: Language | None = None
    customer_reference: Label | None = None
    wanted_date: dt.date | None = None
    delivery_date: dt.date | None = None
    note: Paragraph | None = None
    template: Code | None = None
    terms: Annotated[tuple[PaymentTerm, ...], Field(min_length=1, max_length=20)]
    lines: Annotated[tuple[DirectLine, ...], Field(min_length=1, max_length=MAX_LINES)]

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.party(company, self.customer)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        customer = tx.get(PARTY, keys.party(ctx.company, self.customer))
        if customer is None or PartyKind.CUSTOMER not in customer.kinds:
            raise Refused([_UNKNOWN_CUSTOMER])
        refuse_if(unknown_template(tx, ctx.company, self.template))
        lines = direct(self.lines, self.currency)
        document = Document(
            id=ctx.new_id(),
            kind=DocumentKind.INVOICE,
            customer_name=customer.name,
            language=self.language or customer.language,
            totals=totals((line.priced for line in lines), self.currency),
            created_on=ctx.today,
            **{name: getattr(self, name) for name in _COPIED},
            lines=lines,
        )
        return self.keep(tx, ctx, document, "drafted", 201)


_COPIED = ("customer", "currency", "customer_reference", "wanted_date", "delivery_date", "note", "template", "terms")
_UNKNOWN_CUSTOMER = Breach(code="unknown_customer", fr="Client inconnu.", en="Unknown customer.", pointer="/customer")


class CreateCreditNote(Drafting):
    """Draft a credit note on a validated invoice, within what remains of it (CRN-01 to CRN-04)."""

    invoice: Id
    credit_type: CreditType
    reason: Paragraph
    wanted_date: dt.date | None = None
    note: Paragraph | None = None
    lines: Annotated[tuple[CreditLine, ...], Field(min_length=1, max_length=MAX_LINES)]

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.document(company, self.invoice), keys.document_balance(company, self.invoice)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        invoice = tx.require(DOCUMENT, keys.document(ctx.company, self.invoice))
        if invoice.kind is not DocumentKind.INVOICE:
            raise NotFound()
        if not invoice.issued or invoice.sequence is None or invoice.number is None or invoice.issue_date is None:
            raise NotIssued()
        entry = tx.require(ENTRY, keys.chain_entry(ctx.company, ChainName.DOCUMENTS, invoice.sequence))
        balance_key = keys.document_balance(ctx.company, invoice.id)
        balance = tx.get(BALANCE, balance_key) or Balance(credited=Money.zero(invoice.currency))
        lines, summed = credit(Snapshot.model_validate_json(entry.payload), balance, self.credit_type, self.lines)
        document = Document(
            id=ctx.new_id(),
            kind=DocumentKind.CREDIT_NOTE,
            customer=invoice.customer,
            customer_name=invoice.customer_name,
            language=invoice.language,
            currency=invoice.currency,
            order=invoice.order,
            order_number=invoice.order_number,
            customer_reference=invoice.customer_reference,
            template=invoice.template,
            wanted_date=self.wanted_date,
            note=self.note,
            credit_type=self.credit_type,
            reason=self.reason,
            origin=Origin(document=invoice.id, number=invoice.number, issue_date=invoice.issue_date),
            lines=lines,
            totals=summed,
            created_on=ctx.today,
        )
        tx.put(BALANCE, balance_key, taken(balance, document))
        return self.keep(tx, ctx, document, "drafted", 201)


class UpdateDraft(Drafting):
    """Change what is entered beside the lines of a draft (INV-01, CRN-05)."""

    guarded: ClassVar[bool] = True

    document: Id
    wanted_date: dt.date | None = None
    delivery_date: dt.date | None = None
    customer_reference: Label | None = None
    note: Paragraph | None = None
    reason: Paragraph | None = None
    template: Code | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.document(company, self.document)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        draft = find_draft(tx, ctx, self.document)
        if (draft.kind is DocumentKind.CREDIT_NOTE) != (self.reason is not None):
            raise Refused([_REASON])
        refuse_if(unknown_template(tx, ctx.company, self.template))
        return self.keep(tx, ctx, draft.change(**self.model_dump(exclude={"document"})), "updated")


_REASON = Breach(
    code="reason_of_credit_note",
    fr="Un avoir a un motif ; une facture n'en a pas.",
    en="A credit note has a reason; an invoice has none.",
    pointer="/reason",
)


class DeleteDraft(Drafting):
    """Delete a draft: it never had a number; what it held is given back (INV-01, CRN-05)."""

    guarded: ClassVar[bool] = True

    document: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.document(company, self.document)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        draft = find_draft(tx, ctx, self.document)
        if draft.order and draft.kind is DocumentKind.INVOICE:
            key = keys.order_treasury(ctx.company, draft.order)
            sheet = tx.require(TREASURY, key)
            tx.put(TREASURY, key, sheet.change(taken=_taken(sheet, draft.lines, -1)))
        if draft.origin:
            key = keys.document_balance(ctx.company, draft.origin.document)
            tx.put(BALANCE, key, given_back(tx.require(BALANCE, key), draft))
        return self.keep(tx, ctx, moved(draft, DocumentStatus.DELETED), "deleted")
