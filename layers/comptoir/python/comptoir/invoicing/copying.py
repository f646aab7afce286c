"""Duplicating an invoice to a new draft, for the same customer or another (INV-08)."""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.catalogue.pricing import totals
from comptoir.invoicing.crediting import content_of
from comptoir.invoicing.direct import customer_of
from comptoir.invoicing.drafting import Making
from comptoir.invoicing.drafts import direct
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import DirectLine, Document, DocumentStatus, DraftLine
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.invoicing.taxing import named_case
from comptoir.kernel.errors import NotFound
from comptoir.kernel.ids import Id
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import INVOICE, PaymentTerm

_KEPT = ("currency", "customer_reference", "note", "template", "vat_case", "dwelling_works")


class DuplicateInvoice(Making):
    """Draft an invoice with the lines of another one, issued or draft; no order stands behind it (INV-08).

    Its lines are priced again, at today's VAT decision for the customer; its terms count from its own
    date. Another customer brings language and terms of its own.
    """

    document: Id
    customer: Id | None = None

    def keys(self, company: str) -> Sequence[Key]:
        known = [keys.party(company, self.customer)] if self.customer else []
        return [keys.document(company, self.document), *known]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        source = tx.require(DOCUMENT, keys.document(ctx.company, self.document))
        if source.kind is not DocumentKind.INVOICE or source.status is DocumentStatus.DELETED:
            raise NotFound()
        customer = customer_of(tx, ctx, self.customer or source.customer)
        same = customer.id == source.customer
        lines = direct([_entered(line) for line in _lines(tx, ctx.company, source)], source.currency)
        copy = Document(
            id=ctx.new_id(),
            kind=DocumentKind.INVOICE,
            customer=customer.id,
            customer_name=customer.name,
            language=source.language if same else customer.language,
            terms=_terms(source, customer),
            lines=lines,
            totals=totals((line.priced for line in lines), source.currency),
            created_on=ctx.today,
            **{name: getattr(source, name) for name in _KEPT if same or name != "customer_reference"},
        )
        return self.draft(tx, ctx, copy)


def _lines(tx: Transaction, company: str, source: Document) -> tuple[DraftLine, ...]:
    """The lines of a draft or of an issued invoice, with the VAT cases that somebody named."""
    if source.sequence is None:
        return source.lines
    content = content_of(tx, company, source)
    return tuple(DraftLine(priced=line, vat_case=named_case(content, line)) for line in content.lines)


def _entered(line: DraftLine) -> DirectLine:
    fields = {name: getattr(line.priced, name) for name in DirectLine.model_fields if name != "vat_case"}
    return DirectLine.model_validate(fields | {"vat_case": line.vat_case})


def _terms(source: Document, customer: Party) -> tuple[PaymentTerm, ...]:
    """The customer's own for another customer that has any; every term counts from the invoice's date."""
    terms = source.terms if customer.id == source.customer or not customer.terms else customer.terms
    return tuple(term.change(milestone=INVOICE) for term in terms)
