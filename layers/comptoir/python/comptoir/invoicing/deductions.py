"""Down payments that a final invoice deducts, and what is left for it to charge (INV-13)."""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.catalogue.pricing import Totals, VatRow, sum_rows
from comptoir.invoicing.shares import by_rate, place, rests, rows_moved
from comptoir.invoicing.snapshot import Deduction


def charged(totals: Totals, deductions: Sequence[Deduction]) -> Totals:
    """What a document charges: its totals less the down payments that it deducts, rate by rate (INV-13)."""
    if not deductions:
        return totals
    left = rests(totals.rows, taken_off(deductions))
    return sum_rows(tuple(left.values()), totals.currency)


def taken_off(deductions: Sequence[Deduction]) -> tuple[VatRow, ...]:
    """The bases and VAT that deductions take off, rate by rate."""
    rows: tuple[VatRow, ...] = ()
    for deduction in deductions:
        rows = rows_moved(rows, deduction.rows, 1)
    return rows


def fitting(deductions: Sequence[Deduction], totals: Totals) -> tuple[Deduction, ...]:
    """The deductions in their order, as far as the totals hold them, rate by rate: never more than what they ask."""
    left, found = totals.rows, []
    for deduction in deductions:
        rows = within(deduction.rows, left)
        left = rows_moved(left, rows, -1)
        if rows:
            found.append(deduction.change(rows=rows, gross=sum_rows(rows, totals.currency).gross))
    return tuple(found)


def within(rows: Sequence[VatRow], left: Sequence[VatRow]) -> tuple[VatRow, ...]:
    """The part of `rows` that `left` has room for, rate by rate."""
    room = by_rate(left)
    found = []
    for row in rows:
        most = room.get(place(room, row))
        if most and most.base.amount > 0:
            found.append(row.change(base=min(row.base, most.base), vat=min(row.vat, most.vat)))
    return tuple(found)
