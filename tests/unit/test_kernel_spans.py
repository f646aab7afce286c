"""Months, quarters and years as they are counted: month ends, leap years, there and back."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.spans import Span, Unit, days_in, months_after, months_between

DAYS = st.dates(date(1950, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2027, 1, 31), 2, date(2027, 3, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2027, 3, 31), -1, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


@given(DAYS, st.integers(-600, 600))
def test_months_after_keeps_the_day_wherever_the_month_has_it(day: date, months: int) -> None:
    found = months_after(day, months)
    assert found.day == min(day.day, monthrange(found.year, found.month)[1])
    assert (found.year - day.year) * 12 + found.month - day.month == months


@given(DAYS, DAYS)
def test_months_between_are_the_whole_ones(first: date, last: date) -> None:
    months = months_between(first, last)
    assert months_after(first, months) <= last < months_after(first, months + 1)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(count=30, unit=Unit.DAY), date(2027, 3, 2)),
        (Span(count=1, unit=Unit.MONTH), date(2027, 2, 28)),
        (Span(count=1, unit=Unit.QUARTER), date(2027, 4, 30)),
        (Span(count=2, unit=Unit.QUARTER), date(2027, 7, 31)),
        (Span(count=1, unit=Unit.YEAR), date(2028, 1, 31)),
    ],
)
def test_a_span_is_counted_in_its_own_unit(span: Span, expected: date) -> None:
    assert span.after(date(2027, 1, 31)) == expected


def test_days_count_both_ends() -> None:
    assert days_in(date(2028, 2, 1), date(2028, 2, 29)) == 29
    assert days_in(date(2028, 2, 1), date(2028, 2, 1)) == 1
    assert date(2028, 2, 1) + timedelta(days=28) == date(2028, 2, 29)
