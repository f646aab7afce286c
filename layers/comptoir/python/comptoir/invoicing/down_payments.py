"""Down-payment invoices of an order (*acomptes*): a percentage or an amount, a line for each VAT rate (INV-13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.catalogue.pricing import LUMP_SUM, PricedLine, ProductKind, VatRow
from comptoir.invoicing.balances import Billing
from comptoir.invoicing.billing import open_rows
from comptoir.invoicing.drafting import Editing, EnteredOtherwise, Making, find_draft
from comptoir.invoicing.holding import billing_of, hold, release
from comptoir.invoicing.model import Document, DraftLine
from comptoir.invoicing.ordering import blank, invoiceable
from comptoir.invoicing.shares import by_rate, part_totals
from comptoir.invoicing.snapshot import InvoiceType
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.explain import flaw
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, Rate, UnitPrice, exactly, total
from comptoir.kernel.text import Paragraph
from comptoir.orders.incoterms import order_costs
from comptoir.orders.items import load_lines
from comptoir.orders.model import Order, OrderLine
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import INVOICE, PaymentMeans, PaymentTerm
from comptoir.treasury.words import percentage_in_words

MOST = 20
"""Down payments of one order, drafts included: a final invoice reads them all."""

_ON_ORDER = {
    Language.FRENCH: "Acompte sur la commande {}",
    Language.ENGLISH: "Down payment on order {}",
    Language.SPANISH: "Anticipo sobre el pedido {}",
    Language.GERMAN: "Anzahlung auf Auftrag {}",
}
_OF_ORDER = {
    Language.FRENCH: "Acompte de {1} sur la commande {0}",
    Language.ENGLISH: "Down payment of {1} on order {0}",
    Language.SPANISH: "Anticipo del {1} sobre el pedido {0}",
    Language.GERMAN: "Anzahlung von {1} auf Auftrag {0}",
}


class Asked(Model):
    """How much is asked beforehand: a percentage of the order, or an amount with VAT in its currency."""

    percentage: Annotated[Rate, Field(gt=0, le=100)] | None = None
    amount: Annotated[UnitPrice, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Asked:
        if (self.percentage is None) == (self.amount is None):
            raise flaw(
                "percentage_or_amount",
                "Indiquez un pourcentage ou un montant TTC, l'un des deux.",
                "Give a percentage or an amount with VAT, one of the two.",
            )
        return self


class CreateDownPayment(Making, Asked):
    """Draft a down-payment invoice of a confirmed order; by default all of it is due at once.

    VAT is that of each rate in proportion to the order. Errors: `NotInvoiceable`, `Refused` with what
    remains when the order holds less.
    """

    order: Id
    wanted_date: dt.date | None = None
    note: Paragraph | None = None
    terms: Annotated[tuple[PaymentTerm, ...], Field(min_length=1, max_length=20)] | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.order(company, self.order), keys.order_billing(company, self.order)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = invoiceable(tx, ctx, self.order)
        told = {"terms": self.terms or _at_once(order), "wanted_date": self.wanted_date, "note": self.note}
        empty = blank(ctx, order, invoice_type=InvoiceType.DOWN_PAYMENT, **told)
        return self.draft(tx, ctx, _filled(tx, ctx, empty, order, self))


class SetDownPayment(Editing, Asked):
    """Change how much a draft down payment asks."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        draft = find_draft(tx, ctx, self.document)
        if draft.invoice_type is not InvoiceType.DOWN_PAYMENT or draft.order is None:
            raise EnteredOtherwise()
        order = invoiceable(tx, ctx, draft.order)
        release(tx, ctx.company, draft)
        changed = _filled(tx, ctx, draft, order, self)
        hold(tx, ctx.company, changed)
        return self.keep(tx, ctx, changed, "lines_changed")


def _at_once(order: Order) -> tuple[PaymentTerm, ...]:
    means = order.terms[0].means if order.terms else PaymentMeans.TRANSFER
    account = order.terms[0].bank_account if order.terms else None
    return (PaymentTerm(percentage=Decimal(100), means=means, milestone=INVOICE, bank_account=account),)


def _filled(tx: Transaction, ctx: Context, draft: Document, order: Order, asked: Asked) -> Document:
    """The draft with a line for each rate, within what remains of the order beside its other invoices."""
    billing = billing_of(tx, ctx.company, order.id)
    refuse_if(_too_many(billing))
    left = by_rate(open_rows(order, billing))
    bases = _bases(order, asked)
    short = any(left[key].base < base for key, base in zip(by_rate(order.totals.rows), bases, strict=True))
    refuse_if([_exceeded(order, tuple(left.values()), asked)] if short else [])
    lines = _lines(order, (*load_lines(tx, ctx.company, order), *order_costs(order)), bases, asked)
    summed = part_totals((line.priced for line in lines), order.currency, left)
    refuse_if([] if summed.gross else [_WORTH_NOTHING])
    return draft.change(lines=lines, totals=summed)


def _bases(order: Order, asked: Asked) -> list[Money]:
    """What is asked of each rate of the order, without VAT.

    An amount with VAT is shared over the rates in proportion, then brought back to its base: the VAT of a
    rate is that of its base (RULES §2.3), so that the sum may lie a cent beside what was asked.
    """
    rows = order.totals.rows
    if asked.percentage is not None:
        return [row.base.percent(asked.percentage) for row in rows]
    worth = [max((row.base + row.vat).amount, Decimal(0)) for row in rows]
    if not any(worth):
        return [Money.zero(order.currency) for _ in rows]
    parts = Money.of(asked.amount or 0, order.currency).split(worth)
    with exactly():
        return [
            Money.of(part.amount * 100 / (100 + row.rate), order.currency)
            for part, row in zip(parts, rows, strict=True)
        ]


def _lines(order: Order, sold: Sequence[OrderLine], bases: Sequence[Money], asked: Asked) -> tuple[DraftLine, ...]:
    goods = {line.vat_rate for line in sold if line.kind is ProductKind.GOODS}
    of, on = _OF_ORDER[order.language], _ON_ORDER[order.language]
    words = on.format(order.number)
    if asked.percentage is not None:
        words = of.format(order.number, percentage_in_words(asked.percentage, order.language))
    asked_rows = [(row, base) for row, base in zip(order.totals.rows, bases, strict=True) if base]
    return tuple(
        DraftLine(
            priced=PricedLine(
                position=number,
                kind=ProductKind.GOODS if row.rate in goods else ProductKind.SERVICE,
                designation=words,
                quantity=Decimal(1),
                unit=LUMP_SUM[order.language],
                unit_price=base.amount,
                vat_rate=row.rate,
                vat_category=row.category,
                net=base,
            )
        )
        for number, (row, base) in enumerate(asked_rows, 1)
    )


def _too_many(billing: Billing) -> list[Breach]:
    if len(billing.down_payments) < MOST:
        return []
    fr, en = f"Une commande a au plus {MOST} acomptes.", f"An order has at most {MOST} down payments."
    return [Breach(code="too_many_down_payments", fr=fr, en=en, pointer="/order")]


def _exceeded(order: Order, left: Sequence[VatRow], asked: Asked) -> Breach:
    rest = total((row.base + row.vat for row in left), order.currency)
    return Breach(
        code="down_payment_exceeds_rest",
        fr=f"Il reste {rest.amount} {rest.currency} TTC à facturer, acomptes et brouillons compris.",
        en=f"{rest.amount} {rest.currency} with VAT remain to be invoiced, down payments and drafts included.",
        pointer="/percentage" if asked.percentage is not None else "/amount",
    )


_WORTH_NOTHING = Breach(
    code="down_payment_of_nothing",
    fr="L'acompte doit être positif.",
    en="The down payment must be positive.",
    pointer="/amount",
)
