"""The quote and the pro forma as strings (QUO-01, RULES §1.5)."""

from __future__ import annotations

from comptoir.documents.texts import TEXTS, Texts
from comptoir.documents.views import (
    Block,
    View,
    bank_block,
    buyer_block,
    buyer_facts,
    delivery_block,
    schedule_grid,
    seller_block,
    table,
    total_lines,
    vat_grid,
)
from comptoir.orders.quote import QuoteSnapshot


def quote_view(quote: QuoteSnapshot) -> View:
    """Everything that a quote prints; a pro forma says that it is no document of account."""
    texts = TEXTS[quote.language]
    home = quote.seller.address.country
    columns, rows = table(quote.lines, quote.currency, texts, 1)
    account = quote.seller.bank_account
    return View(
        tag=texts.tag,
        created=quote.issued_at,
        author=quote.seller.name,
        heading=(texts.proforma_heading if quote.proforma else texts.quote_heading).format(quote.number),
        title=texts.proforma if quote.proforma else texts.quote,
        number=(texts.reference if quote.proforma else texts.number).format(quote.number),
        warning=texts.proforma_warning if quote.proforma else "",
        seller=seller_block(quote.seller, quote.buyer, quote.language),
        buyer=buyer_block(quote.buyer, home, quote.language),
        buyer_facts=buyer_facts(quote.buyer, texts),
        delivery=delivery_block(quote.buyer, home, quote.language),
        facts=_facts(quote, texts),
        notices=(Block("", (quote.message,)),) if quote.message else (),
        decimal=texts.decimal,
        columns=columns,
        rows=rows,
        carried=texts.carried,
        brought=texts.brought,
        vat=vat_grid(quote.totals, texts, 1),
        totals=total_lines(quote.totals, texts, 1),
        schedule=schedule_grid(quote.instalments, texts, 1),
        bank=bank_block(account, texts) if account else None,
        terms=Block(texts.terms, quote.terms) if quote.terms else None,
        note=None,
        mentions=tuple(row.exemption for row in quote.totals.rows if row.exemption),
        agreement=Block(texts.agreement, texts.agreement_lines),
        legal_line=quote.seller.legal_line,
        page=texts.page,
    )


def _facts(quote: QuoteSnapshot, texts: Texts) -> tuple[tuple[str, str], ...]:
    facts = (
        (texts.issue_date, texts.day(quote.issue_date)),
        (texts.valid_until, texts.day(quote.valid_until)),
        (texts.customer_reference, quote.customer_reference or ""),
        (texts.sales_person, quote.sales_person),
    )
    return tuple(fact for fact in facts if fact[1])
