"""An independent calendar of contracts: every day of ten years is looked at, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """Days that are billed together: the first, the last, and how many the whole period has."""

    first: date
    last: date
    whole: int


def begins(day: date, anchor: date, months: int) -> bool:
    """Whether a period of so many months begins on a day: that of the anchor, or the end of a shorter month."""
    last_of_month = (day + DAY).day == 1
    same_day = day.day == anchor.day or (last_of_month and day.day < anchor.day)
    return same_day and ((day.year - anchor.year) * 12 + day.month - anchor.month) % months == 0


def walk(first: date, until: date) -> Iterator[date]:
    """Every day from one to another."""
    day = first
    while day <= until:
        yield day
        day += DAY


def stretches(start: date, anchor: date, months: int, end: date | None, horizon: date) -> list[Stretch]:
    """The periods of a contract that begin by `horizon`, cut off at its `end`."""
    far = horizon + timedelta(days=31 * (months + 1))
    before = start
    while not begins(before, anchor, months):
        before -= DAY
    marks = [day for day in walk(before, far) if begins(day, anchor, months)]
    found = []
    for here, following in pairwise(marks):
        first, last = max(here, start), following - DAY
        if end is not None:
            last = min(last, end)
        if first <= last and first <= horizon:
            found.append(Stretch(first, last, (following - here).days))
    return found
