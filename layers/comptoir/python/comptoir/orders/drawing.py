"""What a quote freezes: the content of its PDF, drawn alike for a version and for a preview (QUO-01, DOC-02)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from comptoir.access.context import Context
from comptoir.access.items import COMPANY
from comptoir.catalogue.pricing import PricedLine
from comptoir.catalogue.vat_sales import Sale
from comptoir.docbase.items import PORTRAIT
from comptoir.docbase.template import PrintKind
from comptoir.docbase.templates import appearance, looks
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.orders import rules, vat
from comptoir.orders.items import load_lines
from comptoir.orders.model import Order
from comptoir.orders.quote import Amended, QuoteSnapshot
from comptoir.orders.repricing import customer_of
from comptoir.orders.withdrawal import withdrawal
from comptoir.parties.sides import buyer, seller, standing_mentions
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.rules import instalments
from comptoir.treasury.words import terms_in_words


def sources(company: str, order: Order) -> list[Key]:
    """What drawing reads beside the order and its lines, in one call."""
    own = [keys.company(company), keys.party(company, order.customer), keys.portrait(company, order.sales_operator)]
    return [*own, *([keys.template(company, order.template)] if order.template else looks(company))]


def draw(
    tx: Transaction, ctx: Context, order: Order, proforma: bool, valid_until: date | None = None
) -> tuple[QuoteSnapshot, tuple[PricedLine, ...]]:
    """The content of the next version of an order's quote, without its lines, and the lines.

    It holds until a day, by default as long as the company's quotes do. Once a quote is signed the next
    one is an amendment to it (QUO-04). Errors: `Refused` without lines or customer, or with a past day.
    """
    refuse_if([*([] if order.lines else [_NO_LINES]), *([_PAST] if valid_until and valid_until < ctx.today else [])])
    tx.prefetch(sources(ctx.company, order))
    customer = customer_of(tx, ctx, order.customer)
    company = tx.require(COMPANY, keys.company(ctx.company))
    priced = rules.price(order, load_lines(tx, ctx.company, order))
    lines, sums = vat.reasoned(priced, order.totals, Sale.of(company, customer), order.language, ctx.today)
    portrait = tx.get(PORTRAIT, keys.portrait(ctx.company, order.sales_operator))
    account = next((term.bank_account for term in order.terms if term.bank_account), None)
    kind = PrintKind.PROFORMA if proforma else PrintKind.QUOTE
    content = QuoteSnapshot(
        **_next(ctx, order, proforma),
        valid_until=valid_until or ctx.today + timedelta(days=company.terms.quote_validity_days),
        language=order.language,
        currency=order.currency,
        seller=seller(company, order.language, account),
        buyer=buyer(customer),
        sales_person=order.sales_name,
        customer_reference=order.customer_reference,
        lines=(),
        totals=sums,
        terms=terms_in_words(order.terms, order.language),
        instalments=instalments(order.terms, order.totals.gross, rules.dates(order), order.language),
        message=order.message,
        mentions=standing_mentions(company.identity, order.language),
        withdrawal=withdrawal(order, customer, lines, ctx.today),
        works=order.works,
        portrait=portrait.picture if portrait else None,
        appearance=appearance(tx, ctx.company, order.template, order.language, kind),
    )
    return content, lines


def _next(ctx: Context, order: Order, proforma: bool) -> dict[str, Any]:
    """What the next version of a quote is called: a version of its own, and of a signed one an amendment."""
    version, signed = order.quotes + 1, None if proforma else order.signed
    number = rules.quote_number(order, version)
    return {
        "order": order.id,
        "number": f"A{number[1:]}" if signed else number,
        "version": version,
        "proforma": proforma,
        "issue_date": ctx.today,
        "issued_at": ctx.now,
        "amends": Amended(**signed.model_dump(include=set(Amended.model_fields))) if signed else None,
    }


_PAST = Breach(
    code="date_past",
    fr="La date de validité du devis est passée.",
    en="The quote's validity date is past.",
    pointer="/valid_until",
)
_NO_LINES = Breach(
    code="no_lines",
    fr="L'offre n'a aucun produit : il n'y a rien à proposer.",
    en="The offer has no product: there is nothing to quote.",
    pointer="/lines",
)
