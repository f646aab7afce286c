"""Lists of offers and orders: filters and sorts, every list from an index (LOG-04, ACC-04)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints, model_validator

from comptoir.access.context import Context
from comptoir.access.custom import terms
from comptoir.access.execute import Reply
from comptoir.access.model import Code
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing
from comptoir.access.searching import SearchQuery
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.explain import flaw
from comptoir.kernel.ids import Id
from comptoir.orders.agenda import AgendaSummary, Lateness
from comptoir.orders.due import late_on, team_of
from comptoir.orders.items import CLOSED, FOUND_ORDERS, OPEN, ORDER
from comptoir.orders.model import OrderStatus
from comptoir.orders.summary import OrderSummary
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.record import Key, Record
from comptoir.store.search import Between, Exact, Term, exact, search, sortable
from comptoir.store.store import Page

Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
MOST_MONTHS = 36
Owners = Collection[str] | None
"""The operators whose orders are asked for; None asks for everybody's."""


class Sort(StrEnum):
    """What the orders of a page are sorted by; the list itself goes on from the newest to the oldest."""

    DATE = "date"
    NUMBER = "number"
    CUSTOMER = "customer"
    AMOUNT = "amount"


_SORTS: Mapping[Sort, Callable[[OrderSummary], Any]] = {
    Sort.DATE: lambda order: (order.created_on, order.number),
    Sort.NUMBER: lambda order: order.number,
    Sort.CUSTOMER: lambda order: (order.customer_name.casefold(), order.number),
    Sort.AMOUNT: lambda order: (order.totals.net.currency, order.totals.net.amount, order.number),
}


class ListOrders(SearchQuery):
    """Offers and orders, newest first, that fulfil every filter.

    Dates are those of creation: a `month`, or `since` and `until` (36 months at most). Without dates, open
    orders of the status, customer or search asked for are listed whole; everything else is of this month.
    `operator` is the one on the sales side, `team` stands for those whose manager is the caller;
    `milestone` with its own dates finds orders by a milestone, `lateness` by the worst of their actions.
    A page may hold fewer than `limit`, with a cursor; `sort` puts a page in order.
    """

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    month: Month | None = None
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
        conditions = self._conditions()
        if owners is not None and not owners:
            found: Page[OrderSummary] = Page((), None)
        elif self.lateness:
            found = self._late(ctx, owners)
        elif self.search or conditions:
            found = self._found(ctx, conditions, owners)
        else:
            found = self._listed(ctx, owners)
        items = found.items
        if self.sort or self.ascending:
            items = tuple(sorted(items, key=_SORTS[self.sort or Sort.DATE], reverse=not self.ascending))
        return Reply.of(Listing[OrderSummary](items=items, cursor=found.cursor))

    def _period(self) -> tuple[date | None, date | None]:
        if self.month is None:
            return self.since, self.until
        first = date.fromisoformat(f"{self.month}-01")
        return first, _next_month(first) - timedelta(days=1)

    def _holds(self, order: OrderSummary, owners: Owners) -> bool:
        since, until = self._period()
        return (
            (self.status is None or order.status is self.status)
            and (self.customer is None or order.customer == self.customer)
            and (owners is None or order.sales_operator in owners)
            and (self.logistics_operator is None or order.logistics_operator == self.logistics_operator)
            and (since or date.min) <= order.created_on <= (until or date.max)
        )

    def _keeps(self, owners: Owners) -> Callable[[Record], bool]:
        return lambda record: self._holds(_read(record), owners)

    def _conditions(self) -> list[Term]:
        """What only the search knows: tags, custom fields, dates of milestones, who carries it out."""
        found = terms(self.tag, self.custom)
        if self.milestone:
            bounds = [sortable(day) if day else None for day in (self.milestone_since, self.milestone_until)]
            found.append(Between(f"milestone.{self.milestone}", *bounds))
        logistics = exact("logistics", self.logistics_operator)
        return [*found, *([Exact(logistics)] if logistics else [])]

    def _found(self, ctx: Context, conditions: list[Term], owners: Owners) -> Page[OrderSummary]:
        store, keep = ctx.services.store, self._keeps(owners)
        page = search(store, ctx.company, FOUND_ORDERS, self.search, conditions, self.cursor, self.limit, keep)
        return Page(tuple(map(_read, page.items)), page.cursor)

    def _late(self, ctx: Context, owners: Owners) -> Page[OrderSummary]:
        """Orders by the first day on which something was to be done; the heads of a page in one read."""

        def keeps(record: Record) -> bool:
            agenda = AgendaSummary.model_validate_json(record.summary or "")
            return late_on(agenda.actions, ctx.today) is self.lateness

        pk, _ = keys.due_actions(ctx.company, None, "")
        query = Query(pk=pk, index=1, between=("!", f"{ctx.today}~"))
        page = ctx.services.store.merged([[query]], self.cursor, self.limit, keeps)
        heads = ctx.services.store.backend.get([Key(record.key.pk, "HEAD") for record in page.items])
        read = (ORDER.load(heads[Key(record.key.pk, "HEAD")]) for record in page.items)
        shown = (OrderSummary(**{name: getattr(order, name) for name in OrderSummary.model_fields}) for order in read)
        return Page(tuple(order for order in shown if self._holds(order, owners)), page.cursor)

    def _listed(self, ctx: Context, owners: Owners) -> Page[OrderSummary]:
        steps = self._steps(ctx, owners)
        page = ctx.services.store.merged(steps, self.cursor, self.limit, self._keeps(owners))
        return Page(tuple(map(_read, page.items)), page.cursor)

    def _steps(self, ctx: Context, owners: Owners) -> list[list[Query]]:
        """The lists to read: a customer's, that of an open status, else those of every month of the period."""
        since, until = self._period()
        if self.customer:
            pk, _ = keys.by_party(ctx.company, self.customer, "ORDER", "")
            return [[_dated(pk, 2, since, until)]]
        whose = [None] if owners is None else list(owners)
        index = 1 if owners is None else 3
        if self.status in OPEN:
            lanes = [keys.by_status(ctx.company, owner, self.status, None, "")[0] for owner in whose]
            return [[_dated(pk, index, since, until) for pk in lanes]]
        today = ctx.today
        last = until or max(today, since or today)
        statuses = [] if self.status else [status.value for status in OPEN]
        return [
            [
                _dated(keys.by_status(ctx.company, owner, lane, month, "")[0], index, first, end)
                for owner in whose
                for lane, month in [*((status, None) for status in statuses), (CLOSED, f"{first:%Y-%m}")]
            ]
            for first, end in _months(since or last.replace(day=1), last)
        ]


def _read(record: Record) -> OrderSummary:
    return OrderSummary.model_validate_json(record.summary or "")


def _dated(pk: str, index: int, since: date | None, until: date | None) -> Query:
    """A list by date, newest first, within a period."""
    return Query(pk=pk, index=index, between=(f"{since or '!'}", f"{until or ''}~"), reverse=True)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _months(since: date, until: date) -> list[tuple[date, date]]:
    """The parts of a period that lie in each month, newest first. Errors: `Refused` beyond 36 months."""
    found: list[tuple[date, date]] = []
    start = since
    while start <= until and len(found) <= MOST_MONTHS:
        following = _next_month(start.replace(day=1))
        found.append((start, min(until, following - timedelta(days=1))))
        start = following
    if len(found) > MOST_MONTHS:
        fr, en = f"Une période de {MOST_MONTHS} mois au plus.", f"A period of {MOST_MONTHS} months at most."
        refuse_if([Breach(code="period_too_long", fr=fr, en=en, pointer="/since")])
    return found[::-1]
