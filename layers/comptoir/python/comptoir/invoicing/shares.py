"""Parts of a whole, to the cent: of an invoice by credit notes, of an order by invoices (CRN-01, INV-13).

Parts are rounded one by one, so that without care a hundred of them would not add up to their whole.
One rule keeps every sum exact, for a line's net and for the VAT of a rate alike: a part has its own
rounding, never takes more than what remains, and the part that exhausts the whole takes all that
remains. So the whole can be brought to exactly zero, and never below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from comptoir.catalogue.pricing import PricedLine, Totals, VatCategory, VatRow, sum_rows, totals
from comptoir.kernel.money import Money

Rated = tuple[VatCategory, Decimal]
"""What VAT is computed by: category and rate."""


def share(own: Money, rest: Money, last: bool) -> Money:
    """What a part takes of a whole: its own rounding within what remains, and the last part all of it."""
    left = max(rest, Money.zero(rest.currency))
    return left if last else min(own, left)


def by_rate(rows: Iterable[VatRow]) -> dict[Rated, VatRow]:
    """VAT rows by category and rate."""
    return {(row.category, row.rate): row for row in rows}


def place(rows: Mapping[Rated, VatRow], row: VatRow) -> Rated:
    """Where a row stands among others: at its category and rate, else at its rate alone.

    What a rate of nothing is called may be decided anew between two documents of one sale.
    """
    key = (row.category, row.rate)
    if key in rows:
        return key
    return next((other for other in rows if other[1] == row.rate), key)


def rows_moved(held: Sequence[VatRow], rows: Iterable[VatRow], sign: int) -> tuple[VatRow, ...]:
    """`held` once `rows` are added to it (`sign` 1) or taken off (−1); rates of which nothing is held go."""
    found = by_rate(held)
    for row in rows:
        key = (row.category, row.rate) if sign > 0 else place(found, row)
        base, vat = (row.base, row.vat) if sign > 0 else (-row.base, -row.vat)
        before = found.get(key)
        found[key] = (before or row).change(
            base=before.base + base if before else base, vat=before.vat + vat if before else vat
        )
    return tuple(row for row in found.values() if row.base or row.vat)


def rests(whole: Iterable[VatRow], held: Iterable[VatRow]) -> dict[Rated, VatRow]:
    """What remains of each rate of a whole once `held` is taken of it."""
    left = by_rate(whole)
    for row in held:
        key = place(left, row)
        if key in left:
            before = left[key]
            left[key] = before.change(base=before.base - row.base, vat=before.vat - row.vat)
    return left


def part_totals(lines: Iterable[PricedLine], currency: str, left: Mapping[Rated, VatRow]) -> Totals:
    """The totals of lines that are a part of a whole: VAT within what remains of each rate, its reason kept."""
    rows = []
    for row in totals(lines, currency).rows:
        rest = left.get(place(left, row))
        own = rest.change(base=row.base) if rest and rest.category is row.category else row
        rows.append(own.change(vat=share(row.vat, rest.vat, row.base == rest.base)) if rest else row)
    return sum_rows(rows, currency)
