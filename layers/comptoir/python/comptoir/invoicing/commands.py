"""What drafts invoices: of an order, or by direct entry (INV-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.invoicing.direct import DirectFields, direct_invoice
from comptoir.invoicing.drafting import Making, TaxFields
from comptoir.invoicing.model import MAX_LINES, OrderQuantity
from comptoir.invoicing.ordering import blank, invoiceable, part_of
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Paragraph
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


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
        told = self.picked(("wanted_date", "delivery_date", "note"))
        return self.draft(
            tx, ctx, part_of(tx, ctx, blank(ctx, order, **told, **self.tax_fields), order, self.quantities)
        )


class CreateInvoice(DirectFields, Making):
    """Draft an invoice by direct entry (INV-01)."""

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.party(company, self.customer), keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return self.draft(tx, ctx, direct_invoice(tx, ctx, self))
