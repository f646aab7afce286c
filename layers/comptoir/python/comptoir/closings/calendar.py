"""Which period is to be closed next: every day once it is over, then its month and its fiscal year (RULES §3.3)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from comptoir.closings.model import FiscalYear, PeriodKind
from comptoir.ledger.model import Periods

_DAY = timedelta(days=1)
_RANK = {PeriodKind.DAILY: 0, PeriodKind.MONTHLY: 1, PeriodKind.ANNUAL: 2}


@dataclass(frozen=True)
class Due:
    """A period to close, both days included."""

    kind: PeriodKind
    start: date
    end: date

    @property
    def period(self) -> str:
        """Its name: the day, the month, or the last month of the fiscal year."""
        return name_of(self.kind, self.end)

    @property
    def rank(self) -> tuple[date, int]:
        """Its place in the order of closings."""
        return self.end, _RANK[self.kind]


def name_of(kind: PeriodKind, end: date) -> str:
    """How the period of a kind that ends on a day is called."""
    return f"{end:%Y-%m-%d}" if kind is PeriodKind.DAILY else f"{end:%Y-%m}"


def month_end(day: date) -> date:
    """The last day of a month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def end_of(kind: PeriodKind, period: str) -> date:
    """The last day of the period of that name. Errors: `ValueError` when it names none."""
    if kind is PeriodKind.DAILY:
        return date.fromisoformat(period)
    if len(period) != len("2026-11"):
        raise ValueError(period)
    return month_end(date.fromisoformat(f"{period}-01"))


def fiscal_end(first_month: int, day: date) -> date:
    """The last day of the fiscal year in which a day lies, when years begin with `first_month`."""
    last = (first_month - 2) % 12 + 1
    return month_end(date(day.year + (day.month > last), last, 1))


def fiscal_year(periods: Periods, first_month: int, day: date) -> FiscalYear:
    """The fiscal year that a day belongs to: it begins after the last one that is closed.

    So a company that changes when its years end has one shorter or longer year, and no day without a year.
    """
    end = fiscal_end(first_month, day)
    if periods.years_through and periods.years_through < day:
        return FiscalYear(start=periods.years_through + _DAY, end=end)
    return FiscalYear(start=fiscal_end(first_month, _year_before(end)) + _DAY, end=end)


def _year_before(end: date) -> date:
    return date(end.year - 1, end.month, 1)


def next_due(periods: Periods, first_month: int, first_use: date, today: date) -> Due | None:
    """The period to be closed next; None while what is open is not over. Today never is."""
    through = periods.through
    if through and through == month_end(through):
        if not periods.months_through or periods.months_through < through:
            return Due(PeriodKind.MONTHLY, through.replace(day=1), through)
        year = fiscal_year(periods, first_month, through)
        if through == year.end and (not periods.years_through or periods.years_through < through):
            return Due(PeriodKind.ANNUAL, year.start, year.end)
    day = through + _DAY if through else first_use
    return Due(PeriodKind.DAILY, day, day) if day < today else None
