"""Lengths of time as contracts and laws count them: so many days, months, quarters or years."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.kernel.model import Model

_DAY = timedelta(days=1)


class Unit(StrEnum):
    """What a length of time is counted in."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Unit.DAY: 0, Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}


class Span(Model):
    """So many days, months, quarters or years."""

    count: Annotated[int, Field(ge=1, le=1200)] = 1
    unit: Unit = Unit.MONTH

    @property
    def months(self) -> int:
        """Its length in months; 0 when it is counted in days."""
        return self.count * _MONTHS[self.unit]

    def after(self, day: date, times: int = 1) -> date:
        """The day that lies so many times this span after `day`, before it when `times` is negative."""
        if self.unit is Unit.DAY:
            return day + timedelta(days=self.count * times)
        return months_after(day, self.months * times)

    def before(self, day: date) -> date:
        """The day from which this span leads to `day`."""
        return self.after(day, -1)


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, in a shorter month its last day (C. civ. art. 641).

    Two steps are not the sum of them: what recurs is counted from its first day each time. Errors:
    `ValueError` beyond the year 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def months_between(first: date, last: date) -> int:
    """How many whole months from `first` are over on `last`; negative when `last` comes before."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if months_after(first, months) <= last else months - 1


def day_after(day: date) -> date:
    """The next day."""
    return day + _DAY


def day_before(day: date) -> date:
    """The day before."""
    return day - _DAY


def days_in(first: date, last: date) -> int:
    """How many days a period has, both ends included."""
    return (last - first).days + 1
