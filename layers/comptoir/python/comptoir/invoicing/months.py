"""The documents of a month: what they add up to per rate, kept by the writer that issues them (INV-10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import Field

from comptoir.catalogue.pricing import VatCategory, VatRow
from comptoir.invoicing.deductions import charged
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, Rate
from comptoir.kernel.text import Label
from comptoir.store import keys
from comptoir.store.record import Kind
from comptoir.store.transaction import Transaction


class MonthRow(Model):
    """What the documents of a month charge at one rate in one currency, credit notes and cancellations taken off."""

    currency: Currency
    category: VatCategory
    rate: Rate
    base: Money
    vat: Money


class MonthTotals(Model):
    """The documents issued in a month: how many of each kind, and their turnover rate by rate.

    An invoice that another one replaces is taken off in the month of that one.
    """

    month: Label
    documents: dict[DocumentKind, int] = Field(default_factory=dict)
    rows: tuple[MonthRow, ...] = ()


MONTH_TOTALS = Kind("month_totals", MonthTotals)


@dataclass
class Tally:
    """What the documents of one transaction add to the totals of their months."""

    issued: list[Snapshot] = field(default_factory=list)

    def keep(self, tx: Transaction, company: str) -> None:
        """Add them: one operation for each month."""
        months: dict[str, list[Snapshot]] = {}
        for content in self.issued:
            months.setdefault(f"{content.issue_date:%Y-%m}", []).append(content)
        for month, contents in months.items():
            key = keys.month_totals(company, month)
            before = tx.get(MONTH_TOTALS, key) or MonthTotals(month=month)
            tx.put(MONTH_TOTALS, key, added(before, contents))


def added(totals: MonthTotals, contents: Iterable[Snapshot]) -> MonthTotals:
    """The totals with more documents."""
    documents = dict(totals.documents)
    rows = {(row.currency, row.category, row.rate): row for row in totals.rows}
    for content in contents:
        documents[content.kind] = documents.get(content.kind, 0) + 1
        for row, sign in _turnover(content):
            base, vat = (row.base, row.vat) if sign > 0 else (-row.base, -row.vat)
            key = (content.currency, row.category, row.rate)
            old = rows.get(key)
            told = {"currency": content.currency, "category": row.category, "rate": row.rate}
            rows[key] = MonthRow(base=old.base + base if old else base, vat=old.vat + vat if old else vat, **told)
    return totals.change(documents=documents, rows=tuple(sorted(rows.values(), key=_place)))


def _turnover(content: Snapshot) -> list[tuple[VatRow, int]]:
    own = [(row, content.kind.sign) for row in charged(content.totals, content.deductions).rows]
    return [*own, *((row, -1) for row in replaced_rows(content))]


def replaced_rows(content: Snapshot) -> tuple[VatRow, ...]:
    """What the invoice whose place a document takes had charged."""
    rows = content.turnover.replaced if content.turnover else ()
    return tuple(VatRow(category=row.category, rate=row.rate, base=row.base, vat=row.vat) for row in rows)


def _place(row: MonthRow) -> tuple[object, ...]:
    return (row.currency, -row.rate, row.category)
