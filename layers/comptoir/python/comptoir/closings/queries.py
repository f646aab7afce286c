"""Reading closings, and what may still be dated when (FIS-03)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery
from comptoir.closings.calendar import fiscal_year, next_due
from comptoir.closings.first_use import first_use
from comptoir.closings.items import CLOSING, bucket
from comptoir.closings.model import ClosingSummary, FiscalYear, PeriodKind
from comptoir.kernel.explain import shaped
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label
from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.store import backend, keys


class NextClosing(Model):
    """The period that is closed next."""

    kind: PeriodKind
    name: Label
    start: date
    end: date


class PeriodsView(Periods):
    """How far periods are closed, the first day that is open, what is to be closed next, the fiscal year of today."""

    first_open: date | None
    due: NextClosing | None
    fiscal_year: FiscalYear


class ReadPeriods(Query):
    """What is closed and what is open."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES

    def read(self, ctx: Context) -> Reply:
        store = ctx.services.store
        stored = store.get(PERIODS, keys.periods(ctx.company))
        periods = stored.value if stored else Periods()
        first_month = store.require(COMPANY, keys.company(ctx.company)).value.fiscal_year_start
        since = periods.since or first_use(store, ctx.company)
        due = next_due(periods, first_month, since, ctx.today) if since else None
        through = periods.through
        return Reply.of(
            PeriodsView(
                **dict(periods),
                first_open=through + timedelta(days=1) if through else None,
                due=NextClosing(kind=due.kind, name=due.period, start=due.start, end=due.end) if due else None,
                fiscal_year=fiscal_year(periods, first_month, ctx.today),
            )
        )


class ReadClosing(Query):
    """One closing, as it was computed once. Errors: `NotFound` while the period is open."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES
    kind: PeriodKind
    name: str = Field(max_length=10)

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(CLOSING, keys.closing(ctx.company, self.kind, self.name))
        return Reply.of(stored.value)


_Within = Annotated[
    str,
    shaped(
        r"^\d{4}(-\d{2})?$",
        "Une année ou un mois est attendu (AAAA ou AAAA-MM).",
        "A year or a month is expected (YYYY or YYYY-MM).",
    ),
]


class ListClosings(ListQuery):
    """Closings of a kind, newest first: days of a month or months of a year (`within`), or all fiscal years.

    Without `within` those of this month, or of this year.
    """

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES
    kind: PeriodKind = PeriodKind.MONTHLY
    within: _Within | None = None

    def read(self, ctx: Context) -> Reply:
        where = bucket(self.kind, self.within or f"{ctx.today:%Y-%m}")
        pk = keys.by_month(ctx.company, f"CLOSING#{self.kind}", where, "")[0]
        query = backend.Query(pk=pk, index=1, reverse=True)
        return self.summaries(ctx, ClosingSummary, query)
