"""What drafts invoices: of an order, or by direct entry (INV-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.model import Code
from comptoir.catalogue.pricing import totals
from comptoir.docbase.templates import unknown_template
from comptoir.invoicing.drafting import Making, TaxFields, usual_rate
from comptoir.invoicing.drafts import direct
from comptoir.invoicing.model import MAX_LINES, DirectLine, Document, OrderQuantity
from comptoir.invoicing.ordering import blank, invoiceable, part_of
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Label, Paragraph
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party, PartyKind
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import PaymentTerm


def customer_of(tx: Transaction, ctx: Context, customer: str) -> Party:
    """The customer that is named. Errors: `Refused` when there is none."""
    found = tx.get(PARTY, keys.party(ctx.company, customer))
    if found is None or PartyKind.CUSTOMER not in found.kinds:
        raise Refused([_UNKNOWN_CUSTOMER])
    return found


_UNKNOWN_CUSTOMER = Breach(code="unknown_customer", fr="Client inconnu.", en="Unknown customer.", pointer="/customer")


class InvoiceOrder(TaxFields, Making):
    """Draft an invoice of a confirmed order, for all that remains or for given quantities (INV-01).

    The one that leaves nothing of the order deducts its down payments (INV-13).
    """

    order: Id
    quantities: Annotated[tuple[OrderQuantity, ...], Field(min_length=1, max_length=MAX_LINES)] | None = None
    wanted_date: dt.date | None = None
    delivery_date: dt.date | None = None
    note: Paragraph | None = None

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.order_treasury(company, self.order), keys.order_billing(company, self.order)]
        return [keys.order(company, self.order), *own]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = invoiceable(tx, ctx, self.order)
        told = {name: getattr(self, name) for name in ("wanted_date", "delivery_date", "note")}
        return self.draft(
            tx, ctx, part_of(tx, ctx, blank(ctx, order, **told, **self.tax_fields), order, self.quantities)
        )


class CreateInvoice(TaxFields, Making):
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
        customer = customer_of(tx, ctx, self.customer)
        refuse_if(unknown_template(tx, ctx.company, self.template))
        lines = direct(self.lines, self.currency, usual_rate(tx, ctx, self.customer, self.lines))
        document = Document(
            id=ctx.new_id(),
            kind=DocumentKind.INVOICE,
            customer_name=customer.name,
            language=self.language or customer.language,
            totals=totals((line.priced for line in lines), self.currency),
            created_on=ctx.today,
            **{name: getattr(self, name) for name in _COPIED},
            **self.tax_fields,
            lines=lines,
        )
        return self.draft(tx, ctx, document)


_COPIED = ("customer", "currency", "customer_reference", "wanted_date", "delivery_date", "note", "template", "terms")
