"""The purchase order as strings, in the supplier's language (CNF-03, SUP-01)."""

from __future__ import annotations

from comptoir.documents.party_blocks import address_lines, seller_block
from comptoir.documents.purchase_words import WORDS, Words
from comptoir.documents.texts import TEXTS, Texts
from comptoir.documents.views import (
    PLAIN,
    Block,
    Column,
    Grid,
    Row,
    View,
    arranged,
    dress,
    groups,
    schedule_grid,
    table,
    total_lines,
    vat_grid,
)
from comptoir.orders.purchase_order import PurchaseOrderSnapshot


def purchase_order_view(order: PurchaseOrderSnapshot) -> View:
    """Everything that a purchase order prints; without VAT it says nothing of VAT."""
    texts, words = TEXTS[order.language], WORDS[order.language]
    look = dress(order.appearance, texts)
    lines = arranged(order.lines)
    columns, rows = _table(order, *table(lines, order.currency, texts, 1, look.get("look", PLAIN)))
    return View(
        tag=texts.tag,
        created=order.issued_at,
        author=order.company.name,
        heading=words.title if order.preview else words.heading.format(order.number),
        title=words.title,
        number=texts.draft if order.preview else texts.number.format(order.number),
        warning="",
        seller=seller_block(order.company, order.supplier, order.language),
        buyer=_supplier(order, words),
        buyer_facts=(texts.vat_number.format(order.supplier.vat_number),) if order.supplier.vat_number else (),
        delivery=None,
        facts=_facts(order, texts, words),
        notices=_notices(order, words),
        decimal=texts.decimal,
        columns=columns,
        rows=rows,
        carried=texts.carried,
        brought=texts.brought,
        vat=vat_grid(order.totals, texts, 1) if order.totals.vat else Grid((), ()),
        totals=_totals(order, texts, words),
        schedule=schedule_grid(order.instalments, texts, 1),
        bank=None,
        terms=Block(texts.terms, order.terms) if order.terms else None,
        note=None,
        mentions=_mentions(order, words),
        agreement=Block(words.acceptance, words.acceptance_lines),
        legal_line=order.company.legal_line,
        page=texts.page,
        groups=groups(lines, order.currency, texts, 1),
        watermark=texts.preview if order.preview else "",
        **{**look, "annexes": ()},
    )


def _supplier(order: PurchaseOrderSnapshot, words: Words) -> Block:
    home = order.company.address.country
    attention = (words.attention.format(order.contact),) if order.contact else ()
    return Block(
        words.supplier, (order.supplier.name, *attention, *address_lines(order.supplier.address, home, order.language))
    )


def _facts(order: PurchaseOrderSnapshot, texts: Texts, words: Words) -> tuple[tuple[str, str], ...]:
    facts = (
        (texts.issue_date, texts.day(order.issue_date)),
        (words.departure, texts.day(order.departure) if order.departure else ""),
        (words.delivery, texts.day(order.delivery) if order.delivery else ""),
        (words.our_reference, order.order_number),
        (words.your_reference, order.supplier_reference or ""),
        (words.buyer, order.buyer),
    )
    return tuple(fact for fact in facts if fact[1])


def _notices(order: PurchaseOrderSnapshot, words: Words) -> tuple[Block, ...]:
    replaced = (Block("", (words.replaces.format(order.replaces),)),) if order.replaces else ()
    return (*replaced, *((Block("", (order.message,)),) if order.message else ()))


def _table(
    order: PurchaseOrderSnapshot, columns: tuple[Column, ...], rows: tuple[Row, ...]
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """The line table, without the VAT column when the supplier charges none."""
    if order.totals.vat:
        return columns, rows
    kept = [number for number, column in enumerate(columns) if column.key != "vat"]
    return (
        tuple(columns[number] for number in kept),
        tuple(row._replace(cells=tuple(row.cells[number] for number in kept)) for row in rows),
    )


def _totals(order: PurchaseOrderSnapshot, texts: Texts, words: Words) -> tuple[tuple[str, str], ...]:
    if order.totals.vat:
        return total_lines(order.totals, texts, 1)
    return ((words.total, texts.money(order.totals.net)),)


def _mentions(order: PurchaseOrderSnapshot, words: Words) -> tuple[str, ...]:
    """The template's own, and the number to quote; general terms of sale have no place on a purchase."""
    own = order.appearance.mentions if order.appearance else ()
    quoted = () if order.preview else (words.quoted.format(order.number),)
    return tuple(dict.fromkeys((*quoted, *own)))
