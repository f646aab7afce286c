"""Invoices that no order stands behind: entered directly, or made of a period of a contract (INV-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.model import Code
from comptoir.catalogue.pricing import totals
from comptoir.docbase.templates import unknown_template
from comptoir.invoicing.drafting import TaxFields, usual_rate
from comptoir.invoicing.drafts import direct
from comptoir.invoicing.model import MAX_LINES, ContractPeriod, DirectLine, Document
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Label, Paragraph
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party, PartyKind
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import PaymentTerm


class DirectFields(TaxFields):
    """What is entered of an invoice without order."""

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


def customer_of(tx: Transaction, ctx: Context, customer: str) -> Party:
    """The customer that is named. Errors: `Refused` when there is none."""
    found = tx.get(PARTY, keys.party(ctx.company, customer))
    if found is None or PartyKind.CUSTOMER not in found.kinds:
        raise Refused([_UNKNOWN_CUSTOMER])
    return found


_UNKNOWN_CUSTOMER = Breach(code="unknown_customer", fr="Client inconnu.", en="Unknown customer.", pointer="/customer")


def direct_invoice(
    tx: Transaction,
    ctx: Context,
    entered: DirectFields,
    contract: ContractPeriod | None = None,
    sources: Sequence[str] = (),
) -> Document:
    """The draft that these fields make, not kept yet; `sources` are the lines of the contract that its own sell.

    Errors: `Refused` with everything that is wrong.
    """
    customer = customer_of(tx, ctx, entered.customer)
    refuse_if(unknown_template(tx, ctx.company, entered.template))
    lines = direct(entered.lines, entered.currency, usual_rate(tx, ctx, entered.customer, entered.lines))
    if sources:
        lines = tuple(line.change(source=source) for line, source in zip(lines, sources, strict=True))
    return Document(
        id=ctx.new_id(),
        kind=DocumentKind.INVOICE,
        customer_name=customer.name,
        language=entered.language or customer.language,
        totals=totals((line.priced for line in lines), entered.currency),
        created_on=ctx.today,
        contract=contract,
        **entered.picked(_COPIED),
        **entered.tax_fields,
        lines=lines,
    )


_COPIED = ("customer", "currency", "customer_reference", "wanted_date", "delivery_date", "note", "template", "terms")
