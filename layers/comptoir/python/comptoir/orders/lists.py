"""Lists of offers and orders: filters and sorts, every list from an index (LOG-04, ACC-04)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import ClassVar

from pydantic import model_validator

from comptoir.access.context import Context
from comptoir.access.custom import terms
from comptoir.access.execute import Reply
from comptoir.access.model import Code
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing
from comptoir.access.searching import SearchQuery
from comptoir.kernel.explain import flaw
from comptoir.kernel.ids import Id
from comptoir.kernel.text import MonthName
from comptoir.orders.agenda import Action, AgendaSummary, Lateness, Role
from comptoir.orders.agendas import AGENDA
from comptoir.orders.due import late_on, team_of
from comptoir.orders.items import FOUND_ORDERS, ORDER, summary
from comptoir.orders.model import OrderStatus
from comptoir.orders.sorting import (
    Owners,
    Period,
    Row,
    Sort,
    by_date,
    by_due,
    by_rank,
    gathered,
    next_month,
    of_customer,
    sort_key,
)
from comptoir.orders.summary import OrderSummary
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.findable import exact, sortable
from comptoir.store.record import Record
from comptoir.store.search import Between, Exact, Term, search
from comptoir.store.store import Page

Read = Callable[[str | None, int], Page[Row]]
"""Reads a page of a list from a cursor."""


class ListOrders(SearchQuery):
    """Offers and orders that fulfil every filter, newest first unless `sort` says otherwise.

    Dates are those of creation: a `month`, or `since` and `until` (36 months at most). Without dates, open
    orders of the status, customer or search asked for are listed whole; everything else is of this month.
    `operator` is the one on the sales side, `team` stands for those whose manager is the caller;
    `milestone` with its own dates finds orders by a milestone, `lateness` by the worst of their actions.
    A list is sorted whole, not page by page: by date, number, customer, amount without VAT (by currency), or
    `due`, the first day on which something is to be done, which lists the orders that have one. What a search,
    a customer, tags, milestones or a lateness narrow is sorted up to 1,000 orders. A page may hold fewer than
    `limit`, with a cursor.
    """

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    month: MonthName | None = None
    since: date | None = None
    until: date | None = None
    status: OrderStatus | None = None
    customer: Id | None = None
    operator: Id | None = None
    team: bool = False
    logistics_operator: Id | None = None
    milestone: Code | None = None
    milestone_since: date | None = None
    milestone_until: date | None = None
    lateness: Lateness | None = None
    sort: Sort | None = None
    ascending: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> ListOrders:
        if self.month and (self.since or self.until):
            fr, en = "Un mois ou deux dates, pas les deux.", "A month or two dates, not both."
            raise flaw("one_period", fr, en)
        if (self.milestone_since or self.milestone_until) and not self.milestone:
            fr, en = "Ces dates vont avec une date-repère.", "These dates go with a milestone."
            raise flaw("milestone_missing", fr, en)
        if self.operator and self.team:
            fr, en = "Un opérateur ou l'équipe, pas les deux.", "An operator or the team, not both."
            raise flaw("one_owner", fr, en)
        return self

    def read(self, ctx: Context) -> Reply:
        owners = team_of(ctx) if self.team else [self.operator] if self.operator else None
        page = Page[OrderSummary]((), None) if owners == [] else self._page(ctx, owners)
        return Reply.of(Listing[OrderSummary].of(page))

    def _page(self, ctx: Context, owners: Owners) -> Page[OrderSummary]:
        """A page read along an index in its own order, or of what is gathered to be sorted."""
        sort = self.sort or (Sort.DATE if self.ascending else None)
        read, order = self._source(ctx, owners, sort)
        if sort is None or sort in order:
            page = read(self.cursor, self.limit)
            return Page(tuple(row.order for row in page.items), page.cursor)
        rows = {sort_key(row, sort): row.order for row in gathered(read)}
        scope = self.model_dump_json(exclude={"cursor", "limit"})
        return ctx.services.store.part(f"{ctx.company}#ORDERS#{scope}", rows, self.cursor, self.limit, self.ascending)

    def _source(self, ctx: Context, owners: Owners, sort: Sort | None) -> tuple[Read, Collection[Sort]]:
        """What gives the rows that fulfil every filter, and what it may be sorted by as it is read."""
        company, today, period, up = ctx.company, ctx.today, self._period(), self.ascending
        if self.search or self._conditions():
            return self._searched(ctx, owners), ()
        if self.lateness or sort is Sort.DUE:
            last, up = (today if self.lateness else None), up if sort is Sort.DUE else True
            return self._due(ctx, owners, by_due(company, owners, last, up)), [Sort.DUE]
        if self.customer:
            return self._merged(ctx, owners, of_customer(company, self.customer, period, up)), _DATED
        if sort in (Sort.CUSTOMER, Sort.AMOUNT):
            return self._merged(ctx, owners, by_rank(company, sort, self.status, owners, period, today, up)), [sort]
        return self._merged(ctx, owners, by_date(company, self.status, owners, period, today, up)), _DATED

    def _merged(self, ctx: Context, owners: Owners, steps: Sequence[Sequence[Query]]) -> Read:
        def read(cursor: str | None, limit: int) -> Page[Row]:
            page = ctx.services.store.merged(steps, cursor, limit, self._keeps(owners))
            return Page(tuple(Row(_read(record)) for record in page.items), page.cursor)

        return read

    def _searched(self, ctx: Context, owners: Owners) -> Read:
        """What words and conditions find; the actions of a page in one read where they are asked for."""

        def read(cursor: str | None, limit: int) -> Page[Row]:
            store, keep, conditions = ctx.services.store, self._keeps(owners), self._conditions()
            page = search(store, ctx.company, FOUND_ORDERS, self.search, conditions, cursor, limit, keep)
            rows = tuple(Row(_read(record)) for record in page.items)
            if self.lateness or self.sort is Sort.DUE:
                rows = self._with_actions(ctx, rows)
            return Page(rows, page.cursor)

        return read

    def _with_actions(self, ctx: Context, rows: Sequence[Row]) -> tuple[Row, ...]:
        places = [keys.order_agenda(ctx.company, row.order.id) for row in rows]
        found = ctx.services.store.backend.get(places)
        agendas = ((row, AGENDA.load(found[place])) for row, place in zip(rows, places, strict=True) if place in found)
        dated = ((row, agenda.first(*Role), agenda.actions) for row, agenda in agendas)
        return tuple(Row(row.order, day) for row, day, actions in dated if day and self._late(actions, ctx.today))

    def _late(self, actions: Iterable[Action], today: date) -> bool:
        return self.lateness is None or late_on(actions, today) is self.lateness

    def _due(self, ctx: Context, owners: Owners, steps: Sequence[Sequence[Query]]) -> Read:
        """Orders by the first day on which something was to be done; the heads of a page in one read."""

        def late(record: Record) -> bool:
            return record.summary is not None and self._late(_agenda(record).actions, ctx.today)

        def read(cursor: str | None, limit: int) -> Page[Row]:
            store = ctx.services.store
            page = store.merged(steps, cursor, limit, late)
            agendas = {keys.order(ctx.company, agenda.order): agenda for agenda in map(_agenda, page.items)}
            heads = store.backend.get(list(agendas))
            rows = (Row(summary(ORDER.load(heads[key])), _first(agenda)) for key, agenda in agendas.items())
            return Page(tuple(row for row in rows if self._holds(row.order, owners)), page.cursor)

        return read

    def _period(self) -> Period:
        if self.month is None:
            return self.since, self.until
        first = date.fromisoformat(f"{self.month}-01")
        return first, next_month(first) - timedelta(days=1)

    def _holds(self, order: OrderSummary, owners: Owners) -> bool:
        since, until = self._period()
        return (
            (self.status is None or order.status is self.status)
            and (self.customer is None or order.customer == self.customer)
            and (owners is None or order.sales_operator in owners)
            and (self.logistics_operator is None or order.logistics_operator == self.logistics_operator)
            and (since or date.min) <= order.created_on <= (until or date.max)
        )

    def _conditions(self) -> list[Term]:
        """What only the search knows: tags, custom fields, dates of milestones, who carries it out."""
        found = terms(self.tag, self.custom)
        if self.milestone:
            bounds = [sortable(day) if day else None for day in (self.milestone_since, self.milestone_until)]
            found.append(Between(f"milestone.{self.milestone}", *bounds))
        logistics = exact("logistics", self.logistics_operator)
        return [*found, *([Exact(logistics)] if logistics else [])]

    def _keeps(self, owners: Owners) -> Callable[[Record], bool]:
        """What judges entries of a list; one without summary is stale."""
        return lambda record: record.summary is not None and self._holds(_read(record), owners)


_DATED = (Sort.DATE, Sort.NUMBER)


def _read(record: Record) -> OrderSummary:
    return OrderSummary.model_validate_json(record.summary or "")


def _agenda(record: Record) -> AgendaSummary:
    return AgendaSummary.model_validate_json(record.summary or "")


def _first(agenda: AgendaSummary) -> date | None:
    return min((action.first for action in agenda.actions if action.first), default=None)
