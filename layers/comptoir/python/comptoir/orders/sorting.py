"""How lists of orders are sorted: by which index, or gathered and put in order while they are short (LOG-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from comptoir.kernel.errors import Breach, refuse_if
from comptoir.orders.agendas import FOUND_AGENDAS, due_rank
from comptoir.orders.items import CLOSED, FOUND_ORDERS, OPEN, RANKS, by_number, rank
from comptoir.orders.model import OrderStatus
from comptoir.orders.summary import OrderSummary
from comptoir.store import keys
from comptoir.store.backend import MAX_PAGE, Query
from comptoir.store.search import ranked
from comptoir.store.store import Page

MOST_MONTHS = 36
MOST_GATHERED = 1000
_MOST_PAGES = 12
"""Pages that gathering reads, each of a thousand records at most."""

Owners = Sequence[str] | None
"""The sales operators whose orders are asked for; None asks for everybody's."""

Period = tuple[date | None, date | None]


class Sort(StrEnum):
    """What a list of orders is sorted by."""

    DATE = "date"
    NUMBER = "number"
    CUSTOMER = "customer"
    AMOUNT = "amount"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Row:
    """An order in a list, and the first day on which something is to be done on it where that was asked for."""

    order: OrderSummary
    due: date | None = None


_KEYS: Mapping[Sort, Callable[[Row], str]] = {
    Sort.DATE: lambda row: f"{row.order.created_on}",
    Sort.NUMBER: lambda row: "",
    Sort.CUSTOMER: lambda row: RANKS["customer"](row.order),
    Sort.AMOUNT: lambda row: RANKS["amount"](row.order),
    Sort.DUE: lambda row: f"{row.due}",
}


def sort_key(row: Row, sort: Sort) -> str:
    """Where a row stands, as a text that no other row has."""
    return f"{_KEYS[sort](row)}#{by_number(row.order.number)}"


def gathered(read: Callable[[str | None, int], Page[Row]]) -> list[Row]:
    """Every row of a list that is short enough to be put in order. Errors: `Refused` when it is not."""
    found: list[Row] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = read(cursor, MAX_PAGE)
        found += page.items
        cursor = page.cursor
        if cursor is None and len(found) <= MOST_GATHERED:
            return found
        if len(found) > MOST_GATHERED:
            break
    fr = f"Plus de {MOST_GATHERED} commandes à trier : restreignez les filtres, ou retirez le tri."
    en = f"More than {MOST_GATHERED} orders to sort: narrow the filters, or leave out the sort."
    refuse_if([Breach(code="too_many_to_sort", fr=fr, en=en, pointer="/sort")])
    return found


def of_customer(company: str, customer: str, period: Period, ascending: bool) -> list[list[Query]]:
    """The orders of a customer, by date."""
    return [[_dated(keys.by_party(company, customer, "ORDER", "")[0], 2, period, ascending)]]


def by_date(
    company: str, status: OrderStatus | None, owners: Owners, period: Period, today: date, ascending: bool
) -> list[list[Query]]:
    """Lists by date, a step for each month where closed orders are among them."""
    index = 1 if owners is None else 3
    whose = [None] if owners is None else list(owners)
    if status in OPEN:
        lanes = [keys.by_status(company, owner, status, None, "")[0] for owner in whose]
        return [[_dated(pk, index, period, ascending) for pk in lanes]]
    steps = [
        [
            _dated(keys.by_status(company, owner, lane, month, "")[0], index, part, ascending)
            for owner in whose
            for lane, month in [*((lane, None) for lane in _open(status)), (CLOSED, f"{part[0]:%Y-%m}")]
        ]
        for part in _months(period, today)
    ]
    return steps if ascending else steps[::-1]


def by_rank(
    company: str, sort: Sort, status: OrderStatus | None, owners: Owners, period: Period, today: date, ascending: bool
) -> list[list[Query]]:
    """The same lists as one that is sorted by something else than the date."""
    months = [] if status in OPEN else [f"{first:%Y-%m}" for first, _ in _months(period, today)]
    lanes = [*((lane, None) for lane in _open(status)), *((CLOSED, month) for month in months)]
    return [
        [
            ranked(company, FOUND_ORDERS, rank(sort.value, lane, month, owner), not ascending)
            for owner in ([None] if owners is None else owners)
            for lane, month in lanes
        ]
    ]


def by_due(company: str, owners: Owners, last: date | None, ascending: bool) -> list[list[Query]]:
    """Orders with something to be done until `last`, by the first day; of all, or of sales operators."""
    if owners is None:
        lists = [Query(keys.due_actions(company, None, "")[0], index=1, reverse=not ascending)]
    else:
        lists = [ranked(company, FOUND_AGENDAS, due_rank(owner), not ascending) for owner in owners]
    return [[replace(each, between=("!", f"{last or ''}~")) for each in lists]]


def _open(status: OrderStatus | None) -> list[str]:
    if status is None:
        return [each.value for each in OPEN]
    return [status.value] if status in OPEN else []


def _dated(pk: str, index: int, period: Period, ascending: bool) -> Query:
    since, until = period
    return Query(pk=pk, index=index, between=(f"{since or '!'}", f"{until or ''}~"), reverse=not ascending)


def next_month(first: date) -> date:
    """The first day of the month after the one that begins on `first`."""
    return (first + timedelta(days=31)).replace(day=1)


def _months(period: Period, today: date) -> list[tuple[date, date]]:
    """The parts of a period that lie in each month; by default of this month. Errors: `Refused` beyond 36 months."""
    since, until = period
    last = until or max(today, since or today)
    start = since or last.replace(day=1)
    found: list[tuple[date, date]] = []
    while start <= last and len(found) <= MOST_MONTHS:
        following = next_month(start.replace(day=1))
        found.append((start, min(last, following - timedelta(days=1))))
        start = following
    if len(found) > MOST_MONTHS:
        fr, en = f"Une période de {MOST_MONTHS} mois au plus.", f"A period of {MOST_MONTHS} months at most."
        refuse_if([Breach(code="period_too_long", fr=fr, en=en, pointer="/since")])
    return found
