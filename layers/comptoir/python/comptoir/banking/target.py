"""The days on which TARGET moves euro: neither weekends nor its six closing days (RULES §5.3)."""

from __future__ import annotations

from datetime import date, timedelta

_FIXED = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})
_DAY = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday of a year of the Gregorian calendar (the anonymous algorithm of 1876)."""
    golden, century, short = year % 19, *divmod(year, 100)
    leap, rest = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * rest + 2 * (short // 4) - moon - short % 4) % 7
    shift = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def is_target_day(day: date) -> bool:
    """Whether TARGET is open: 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December it is not."""
    if day.weekday() >= 5 or (day.month, day.day) in _FIXED:
        return False
    return day - easter(day.year) not in (-2 * _DAY, _DAY)


def target_day(day: date) -> date:
    """The first TARGET day from `day` on, itself included."""
    while not is_target_day(day):
        day += _DAY
    return day
