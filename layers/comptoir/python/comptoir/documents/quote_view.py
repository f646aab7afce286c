"""The quote, its amendment and the pro forma as strings (QUO-01, QUO-04, QUO-05, RULES §1.5)."""

from __future__ import annotations

from collections.abc import Collection

from comptoir.catalogue.pricing import VatCategory
from comptoir.documents.party_blocks import (
    address_lines,
    bank_block,
    billing_block,
    buyer_block,
    buyer_facts,
    delivery_block,
    seller_block,
)
from comptoir.documents.texts import TEXTS, Texts
from comptoir.documents.views import (
    PLAIN,
    Block,
    View,
    arranged,
    dress,
    groups,
    schedule_grid,
    table,
    total_lines,
    untaxed,
    vat_grid,
)
from comptoir.documents.works import works_block
from comptoir.orders.quote import QuoteSnapshot


def quote_view(quote: QuoteSnapshot) -> View:
    """Everything that a quote prints; a pro forma says that it is no document of account."""
    texts = TEXTS[quote.language]
    home = quote.seller.address.country
    look = dress(quote.appearance, texts)
    lines, unshown = arranged(quote.lines), untaxed(quote.totals)
    columns, rows = table(lines, quote.currency, texts, 1, look.get("look", PLAIN), unshown)
    account = quote.seller.bank_account
    title, heading = _names(quote, texts)
    return View(
        tag=texts.tag,
        created=quote.issued_at,
        author=quote.seller.name,
        heading=heading,
        title=title,
        number=_number(quote, texts),
        warning=texts.proforma_warning if quote.proforma else "",
        seller=seller_block(quote.seller, quote.buyer, quote.language),
        buyer=buyer_block(quote.buyer, home, quote.language),
        buyer_facts=buyer_facts(quote.buyer, texts),
        delivery=delivery_block(quote.buyer, home, quote.language),
        billing=billing_block(quote.buyer, home, quote.language),
        facts=_facts(quote, texts),
        notices=_notices(quote, texts),
        decimal=texts.decimal,
        columns=columns,
        rows=rows,
        carried=texts.carried,
        brought=texts.brought,
        vat=vat_grid(quote.totals, texts, 1, unshown),
        totals=_totals(quote, texts, unshown),
        schedule=schedule_grid(quote.instalments, texts, 1),
        bank=bank_block(account, texts) if account else None,
        terms=Block(texts.terms, quote.terms) if quote.terms else None,
        note=_withdrawal(quote, texts),
        mentions=_mentions(quote, texts),
        agreement=Block(texts.agreement, (texts.copies, *texts.agreement_lines)),
        legal_line=quote.seller.legal_line,
        page=texts.page,
        groups=groups(lines, quote.currency, texts, 1),
        portrait=quote.portrait,
        watermark=texts.preview if quote.preview else "",
        **{**look, "annexes": (*look.get("annexes", ()), *_form(quote, texts))},
    )


def _totals(quote: QuoteSnapshot, texts: Texts, unshown: Collection[VatCategory]) -> tuple[tuple[str, str], ...]:
    """Without VAT, VAT, and with VAT; the first alone where nothing is said of VAT (CGI art. 293 B)."""
    sums = total_lines(quote.totals, texts, 1)
    return sums[:1] if all(row.category in unshown for row in quote.totals.rows) else sums


def _names(quote: QuoteSnapshot, texts: Texts) -> tuple[str, str]:
    """The title, and what every page is called."""
    if quote.proforma:
        title, heading = texts.proforma, texts.proforma_heading
    elif quote.amends:
        title, heading = texts.amendment, texts.amendment_heading
    else:
        title, heading = texts.quote, texts.quote_heading
    return title, title if quote.preview else heading.format(quote.number)


def _number(quote: QuoteSnapshot, texts: Texts) -> str:
    if quote.preview:
        return texts.draft
    return (texts.reference if quote.proforma else texts.number).format(quote.number)


def _facts(quote: QuoteSnapshot, texts: Texts) -> tuple[tuple[str, str], ...]:
    facts = (
        (texts.issue_date, texts.day(quote.issue_date)),
        (texts.valid_until, texts.day(quote.valid_until)),
        (texts.customer_reference, quote.customer_reference or ""),
        (texts.sales_person, quote.sales_person),
    )
    return tuple(fact for fact in facts if fact[1])


def _notices(quote: QuoteSnapshot, texts: Texts) -> tuple[Block, ...]:
    """The sales person's message, beside the picture if there is one, what an amendment changes, and works."""
    notices = []
    if quote.message or quote.portrait:
        notices.append(Block(quote.sales_person if quote.portrait else "", (quote.message,) if quote.message else ()))
    if quote.amends:
        signed = quote.amends
        head = texts.amends.format(signed.number, texts.day(signed.issue_date), texts.day(signed.signed_on))
        notices.append(Block(head, ()))
    if quote.works:
        notices.append(works_block(quote.works, quote.currency, quote.language, texts))
    return tuple(notices)


def _withdrawal(quote: QuoteSnapshot, texts: Texts) -> Block | None:
    """The right of withdrawal with its computed date (QUO-05; C. conso. art. L221-5, L221-18)."""
    right = quote.withdrawal
    if right is None:
        return None
    words = texts.withdrawal_goods if right.goods else texts.withdrawal_services
    told = words.format(texts.day(right.start), texts.day(right.until))
    return Block(texts.withdrawal, (f"{told} {texts.withdrawal_how}",))


def _form(quote: QuoteSnapshot, texts: Texts) -> tuple[Block, ...]:
    """The standard form (C. conso. annexe à l'art. R221-1)."""
    if quote.withdrawal is None:
        return ()
    seller = quote.seller
    reach = (*address_lines(seller.address, "", quote.language), seller.phone or "", seller.email or "")
    to = ", ".join(part for part in (seller.name, *reach) if part)
    # Room to write under each line that asks for something.
    lines = (part for line in texts.withdrawal_lines for part in (line.format(to), *("  " if line[-1] == ":" else " ")))
    return (Block(texts.withdrawal_form, tuple(lines)),)


def _mentions(quote: QuoteSnapshot, texts: Texts) -> tuple[str, ...]:
    """Exemptions, insurance and association of the seller, the template's own, and that general terms are attached."""
    own = quote.appearance.mentions if quote.appearance else ()
    attached = quote.appearance is not None and quote.appearance.general_terms is not None
    exemptions = (row.exemption for row in quote.totals.rows if row.exemption)
    return tuple(
        dict.fromkeys((*exemptions, *quote.mentions, *own, *((texts.general_terms_attached,) if attached else ())))
    )
