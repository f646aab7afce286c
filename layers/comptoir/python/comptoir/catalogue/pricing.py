"""Priced lines and their totals: the one computation that quotes, orders and invoices share.

RULES §2.3: a line's net is rounded once; VAT is computed once per (category, rate) on the sum of
the nets of that rate, never line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from comptoir.catalogue.incoterms import Incoterm
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, Quantity, Rate, UnitPrice, exactly, total
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.parties.snapshot import Language

LUMP_SUM = {
    Language.FRENCH: "forfait",
    Language.ENGLISH: "lump sum",
    Language.SPANISH: "tanto alzado",
    Language.GERMAN: "pauschal",
}
"""The unit of what is priced as a whole."""


class ProductKind(StrEnum):
    """What a line sells; goods take the sale incoterm, the two others may stand above it."""

    GOODS = "goods"
    TRANSPORT = "transport"
    SERVICE = "service"


class VatCategory(StrEnum):
    """EN 16931 VAT categories (UNCL 5305)."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE_SCOPE = "O"


class VatCase(StrEnum):
    """Why a sale charges no VAT; `vat_cases` has the category, code and mention of each (RULES §1.3)."""

    FRANCHISE = "franchise"
    BUILDING = "building"
    SERVICES_IN_UNION = "services_in_union"
    INTRA_COMMUNITY = "intra_community"
    EXPORT = "export"
    SERVICES_OUTSIDE_UNION = "services_outside_union"
    SECOND_HAND = "second_hand"
    WORKS_OF_ART = "works_of_art"
    ANTIQUES = "antiques"
    TRAVEL_AGENCY = "travel_agency"
    VAT_KEPT = "vat_kept"


class Exemption(NamedTuple):
    """What a VAT row says of its case: the case, its code in electronic invoices, and the mention of the law."""

    case: VatCase
    vatex: str
    mention: str


class PricedLine(Model):
    """A line of a priced document; `net` = quantity × unit price − discount, rounded once.

    `unit_price` is without VAT in the document's currency, `discount_rate` a percentage. A free
    line is explicitly so, is worth nothing and prints « gratuit ». `incoterm` is the group in which
    documents print it (OFF-07), None for a sale without incoterms. A goods line whose transport is told
    apart (OFF-06) is two priced lines whose nets add up to that of the whole: the transport's is rounded
    by itself, the goods' is the rest; `transport_of` is the position of the goods that it carries.
    `account` is that of the sale where the reference names one.
    """

    position: int
    kind: ProductKind
    code: Label | None = None
    designation: Paragraph
    quantity: Quantity
    unit: Label
    unit_price: UnitPrice
    discount_rate: Rate = Decimal(0)
    free: bool = False
    vat_rate: Rate
    vat_category: VatCategory = VatCategory.STANDARD
    net: Money
    account: Label | None = None
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    transport_of: int | None = None


class VatRow(Model):
    """The base and the VAT of one (category, rate); without VAT, why: case, VATEX code and mention."""

    category: VatCategory
    rate: Rate
    base: Money
    vat: Money
    exemption: Line | None = None
    case: VatCase | None = None
    vatex: Label | None = None

    def reasoned(self, exemption: Exemption | None) -> VatRow:
        """The row with what is said of its case."""
        case, vatex, mention = exemption or (None, None, None)
        return self.change(case=case, vatex=vatex, exemption=mention)


class Totals(Model):
    """Without VAT, VAT, and with VAT; `rows` in descending rate."""

    net: Money
    vat: Money
    gross: Money
    rows: tuple[VatRow, ...]

    @property
    def currency(self) -> Currency:
        """The currency of every amount here."""
        return self.net.currency


class Group(Model):
    """The lines of one incoterm and place, with their subtotal without VAT (OFF-07)."""

    incoterm: Incoterm | None
    place: Line | None
    net: Money


def groups(lines: Iterable[PricedLine], currency: str) -> tuple[Group, ...]:
    """The subtotals of a document's lines by incoterm, in the order in which they come."""
    nets: dict[tuple[str | None, str | None], list[Money]] = {}
    for line in lines:
        nets.setdefault((line.incoterm, line.incoterm_place), []).append(line.net)
    return tuple(Group(incoterm=code, place=place, net=total(part, currency)) for (code, place), part in nets.items())


def line_net(quantity: Decimal, unit_price: Decimal, discount_rate: Decimal, free: bool, currency: str) -> Money:
    """The net amount of a line, rounded half up once (RULES §2.3)."""
    if free:
        return Money.zero(currency)
    with exactly():
        return Money.of(quantity * unit_price * (100 - discount_rate) / 100, currency)


def totals(
    lines: Iterable[PricedLine], currency: str, exemptions: Mapping[VatCategory, Exemption] | None = None
) -> Totals:
    """Totals of lines: VAT once per (category, rate) on the sum of its nets (INV-04)."""
    bases: dict[tuple[VatCategory, Decimal], list[Money]] = {}
    for line in lines:
        bases.setdefault((line.vat_category, line.vat_rate), []).append(line.net)
    rows = []
    for (category, rate), nets in sorted(bases.items(), key=lambda entry: (-entry[0][1], entry[0][0])):
        base = total(nets, currency)
        row = VatRow(category=category, rate=rate, base=base, vat=base.percent(rate))
        reason = (exemptions or {}).get(category)
        rows.append(row.reasoned(reason) if reason else row)
    return sum_rows(rows, currency)


def sum_rows(rows: Sequence[VatRow], currency: str) -> Totals:
    """The totals of given VAT rows."""
    net = total((row.base for row in rows), currency)
    vat = total((row.vat for row in rows), currency)
    return Totals(net=net, vat=vat, gross=net + vat, rows=tuple(rows))
