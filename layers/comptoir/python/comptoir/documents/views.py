"""View models: what a document says, as strings only, in its language. Layouts place them, nothing more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import compress, groupby
from typing import Any, NamedTuple

from comptoir.catalogue.incoterms import level
from comptoir.catalogue.pricing import PricedLine, Totals, VatCase, VatCategory
from comptoir.catalogue.vat_cases import MARGIN
from comptoir.docbase.template import Appearance, Look, OptionalColumn, Picture
from comptoir.documents.texts import Texts
from comptoir.documents.units import unit_in
from comptoir.kernel.money import Money
from comptoir.treasury.model import Instalment

PLAIN = Look()


class Block(NamedTuple):
    """A titled group of lines."""

    label: str
    lines: tuple[str, ...]


class Column(NamedTuple):
    """A column of the line table; `key` is what a layout knows it by."""

    key: str
    label: str


class Row(NamedTuple):
    """A line of the document: one cell per column, and the net total up to here for the page breaks."""

    cells: tuple[str, ...]
    running: str


class Group(NamedTuple):
    """The lines of one incoterm, from `first` up to the next group: their heading, and the total down to here."""

    first: int
    heading: str
    continued: str
    label: str
    total: str


class Grid(NamedTuple):
    """A small table."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A whole document as strings. `heading` names it on every page; the last of `totals` is the one that counts.

    `deductions` and `footnotes` stand under the totals; `annexes` are printed after everything else, in
    columns, each from a new page.
    """

    tag: str
    created: datetime
    author: str
    heading: str
    title: str
    number: str
    warning: str
    seller: Block
    buyer: Block
    buyer_facts: tuple[str, ...]
    delivery: Block | None
    facts: tuple[tuple[str, str], ...]
    notices: tuple[Block, ...]
    decimal: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    carried: str
    brought: str
    vat: Grid
    totals: tuple[tuple[str, str], ...]
    schedule: Grid | None
    bank: Block | None
    terms: Block | None
    note: Block | None
    mentions: tuple[str, ...]
    agreement: Block | None
    legal_line: str
    page: str
    look: Look = PLAIN
    logo: Picture | None = None
    header: str = ""
    footer: str = ""
    groups: tuple[Group, ...] = ()
    billing: Block | None = None
    deductions: Grid | None = None
    footnotes: tuple[str, ...] = ()
    portrait: Picture | None = None
    annexes: tuple[Block, ...] = ()
    watermark: str = ""


def arranged(lines: Iterable[PricedLine]) -> tuple[PricedLine, ...]:
    """The lines as documents print them: by ascending incoterm, as entered within one (OFF-03, OFF-07).

    Lines that stand outside every incoterm of the sale come last.
    """
    kept = tuple(lines)
    places = {key: number for number, key in enumerate(dict.fromkeys(map(_incoterm, kept)))}
    if len(places) == 1:
        return kept
    return tuple(sorted(kept, key=lambda line: (not line.incoterm, level(line.incoterm), places[_incoterm(line)])))


def _incoterm(line: PricedLine) -> str:
    return f"{line.incoterm} {line.incoterm_place or ''}".rstrip() if line.incoterm else ""


def groups(lines: Sequence[PricedLine], currency: str, texts: Texts, sign: int) -> tuple[Group, ...]:
    """The groups of arranged lines, each with the price at its incoterm: its lines and those of the lower ones.

    So the total of the highest is that of the sale (« Total CIF New York »). None without any incoterm.
    """
    if not any(line.incoterm for line in lines):
        return ()
    found, first, running = [], 0, Money.zero(currency).amount
    for incoterm, group in groupby(lines, _incoterm):
        nets = [sign * line.net.amount for line in group]
        running = sum(nets, running if incoterm else Decimal(0))
        heading = texts.incoterm.format(incoterm) if incoterm else texts.without_incoterm
        label = texts.incoterm_total.format(incoterm or texts.without_incoterm)
        total = texts.amount_of(Money.of(running, currency).amount)
        found.append(Group(first, heading, texts.continued.format(heading), label, total))
        first += len(nets)
    return tuple(found)


def table(
    lines: Sequence[PricedLine],
    currency: str,
    texts: Texts,
    sign: int,
    look: Look = PLAIN,
    unshown: Collection[VatCategory] = (),
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """The line table: columns that hold something, cells, and the net carried from page to page.

    `sign` is −1 for a credit note, whose prices and amounts print negative (CRN-02). `look` leaves out
    columns that the law does not ask for; lines of a category `unshown` show no VAT rate.
    """
    wanted = set(look.columns)
    shown = {
        "position": (texts.position, OptionalColumn.POSITION in wanted),
        "code": (texts.code, OptionalColumn.CODE in wanted and any(line.code for line in lines)),
        "designation": (texts.designation, True),
        "quantity": (texts.quantity, True),
        "unit": (texts.unit, OptionalColumn.UNIT in wanted),
        "price": (texts.unit_price, True),
        "discount": (texts.discount, any(line.discount_rate for line in lines)),
        "vat": (texts.vat, any(line.vat_category not in unshown for line in lines)),
        "net": (f"{texts.net} ({texts.symbols.get(currency, currency)})", True),
    }
    columns = tuple(Column(key, label) for key, (label, used) in shown.items() if used)
    keep = [used for _, used in shown.values()]
    units = {unit: unit_in(unit, texts) for unit in {line.unit for line in lines}}
    quantities = {quantity: texts.figure(quantity) for quantity in {line.quantity for line in lines}}
    rates = {rate: texts.rate(rate) for line in lines for rate in (line.vat_rate, line.discount_rate)}
    rows, running = [], Money.zero(currency).amount
    for line in lines:
        running += sign * line.net.amount
        cells = (
            str(line.position),
            line.code or "",
            line.designation,
            quantities[line.quantity],
            units[line.unit],
            texts.price(sign * line.unit_price, currency) if line.unit_price else "",
            rates[line.discount_rate] if line.discount_rate else "",
            rates[line.vat_rate] if line.vat_category not in unshown else "",
            texts.free if line.free else texts.amount_of(sign * line.net.amount),
        )
        rows.append(Row(tuple(compress(cells, keep)), texts.amount_of(running)))
    return columns, tuple(rows)


def dress(appearance: Appearance | None, texts: Texts) -> dict[str, Any]:
    """What a view takes of its template; without one, the looks of the first of the ready-made."""
    if appearance is None:
        return {}
    annex = Block(texts.general_terms, (appearance.general_terms,)) if appearance.general_terms else None
    return {
        "look": appearance.look,
        "logo": appearance.logo,
        "header": appearance.header or "",
        "footer": appearance.footer or "",
        "annexes": (annex,) if annex else (),
    }


_UNTAXED = MARGIN | {VatCase.FRANCHISE, VatCase.SERVICES_OUTSIDE_UNION}


def untaxed(totals: Totals) -> frozenset[VatCategory]:
    """The categories that show neither a rate nor an amount of VAT (RULES §1.3)."""
    return frozenset(row.category for row in totals.rows if row.case in _UNTAXED)


def vat_grid(totals: Totals, texts: Texts, sign: int, unshown: Collection[VatCategory] = ()) -> Grid:
    """Base and VAT per rate (242 nonies A, I 11°); of a category `unshown` the base alone, or nothing if all are."""
    if all(row.category in unshown for row in totals.rows):
        return Grid((), ())
    header = (texts.vat_rate, texts.vat_base, texts.vat_amount)
    rows = tuple(
        (_NONE, texts.money(signed(row.base, sign)), _NONE)
        if row.category in unshown
        else (texts.rate(row.rate), texts.money(signed(row.base, sign)), texts.money(signed(row.vat, sign)))
        for row in totals.rows
    )
    return Grid(header, rows)


_NONE = "\u2013"
"""In place of a rate and of a tax that are not shown."""


def total_lines(totals: Totals, texts: Texts, sign: int) -> tuple[tuple[str, str], ...]:
    """Totals without VAT, VAT, and with VAT."""
    return (
        (texts.total_net, texts.money(signed(totals.net, sign))),
        (texts.total_vat, texts.money(signed(totals.vat, sign))),
        (texts.total_gross, texts.money(signed(totals.gross, sign))),
    )


def schedule_grid(instalments: Sequence[Instalment], texts: Texts, sign: int) -> Grid | None:
    """Each due date with its amount and means."""
    if not instalments:
        return None
    rows = ((texts.day(i.due_date), i.means, texts.money(signed(i.amount, sign))) for i in instalments)
    return Grid((texts.schedule, texts.means, texts.amount), tuple(rows))


def signed(money: Money, sign: int) -> Money:
    """An amount as it is shown."""
    return money if sign > 0 else -money
