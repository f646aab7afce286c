"""Time: instants in UTC, business dates in Europe/Paris. The only place that reads the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Clock(Protocol):
    """Gives the present instant, aware, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that tests set and advance."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        return self._instant

    def advance(self, by: timedelta) -> None:
        self._instant += by


def paris_date(instant: datetime) -> date:
    """The business date of an instant: the day in Europe/Paris, daylight saving included."""
    return instant.astimezone(PARIS).date()


def stamp(instant: datetime) -> str:
    """An instant as sortable text to the microsecond, in UTC: `2026-11-21T21:41:12.000123Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
