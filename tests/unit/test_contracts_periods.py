"""The calendar of contracts against one that looks at every day of ten years (CTR-01, CTR-05)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.contracts.model import Billing, Contract, ReminderEvent
from comptoir.contracts.periods import (
    current_end,
    event_day,
    first_regular_end,
    last_notice_day,
    next_period,
    notice_by,
    renewal_on,
    rolls_on,
    term_end,
    terms_over,
    work_on,
)
from comptoir.kernel.spans import Span, Unit, day_after
from tests.unit.contracts_calendar import stretches
from tests.unit.contracts_samples import contract, reminder

TEN_YEARS = timedelta(days=3653)
MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
PERIODS = st.builds(Span, count=st.integers(1, 4), unit=st.sampled_from(list(MONTHS)))
STARTS = st.one_of(
    st.dates(date(2019, 1, 1), date(2032, 12, 31)),
    st.sampled_from([date(2027, 1, 31), date(2028, 2, 29), date(2027, 2, 28), date(2026, 12, 31), date(2026, 8, 30)]),
)
BILLINGS = st.sampled_from(Billing)


def billed(model: Contract, horizon: date) -> list[tuple[date, date, int]]:
    """What a contract bills, period after period, each from where the last one ended."""
    found = []
    while (period := next_period(model)) and period.start <= horizon:
        found.append((period.start, period.end, period.whole_days))
        model = model.change(billed_until=period.end)
    return found


@settings(max_examples=60, deadline=None)
@given(STARTS, PERIODS, st.integers(-800, 800), st.one_of(st.none(), st.integers(0, 3653)))
def test_ctr_05_periods_equal_an_independent_calendar_over_ten_years(
    start: date, period: Span, shift: int, length: int | None
) -> None:
    anchor = start + timedelta(days=shift)
    end = start + timedelta(days=length) if length is not None else None
    model = contract(start=start, anchor=anchor, period=period, end=end)
    months = period.count * MONTHS[period.unit]
    expected = stretches(start, anchor, months, end, start + TEN_YEARS)
    assert billed(model, start + TEN_YEARS) == [(each.first, each.last, each.whole) for each in expected]


@settings(max_examples=40, deadline=None)
@given(STARTS, PERIODS, st.integers(0, 400), st.lists(st.integers(1, 40), max_size=6))
def test_ctr_05_no_day_is_billed_twice_or_left_out(start: date, period: Span, shift: int, waits: list[int]) -> None:
    """However late each run comes, and whether the period changes meanwhile, days follow one another."""
    model = contract(start=start, anchor=start - timedelta(days=shift), period=period)
    expected = start
    for number in range(12):
        found = next_period(model)
        assert found is not None
        assert found.start == expected
        assert found.start <= found.end <= found.whole_end
        assert found.whole_start <= found.start
        expected = day_after(found.end)
        model = model.change(billed_until=found.end)
        if waits and number == 5:
            model = model.change(period=Span(count=waits[0] % 4 + 1), anchor=found.start - timedelta(days=waits[0]))


@pytest.mark.parametrize(
    ("start", "period", "firsts"),
    [
        (date(2027, 1, 31), Span(), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        (
            date(2028, 2, 29),
            Span(unit=Unit.YEAR),
            ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"],
        ),
        (date(2026, 11, 30), Span(unit=Unit.QUARTER), ["2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30"]),
        (date(2026, 8, 31), Span(count=2, unit=Unit.QUARTER), ["2026-08-31", "2027-02-28", "2027-08-31", "2028-02-29"]),
    ],
)
def test_ctr_05_month_ends_and_leap_days_come_from_the_anchor(start: date, period: Span, firsts: list[str]) -> None:
    found = billed(contract(start=start, period=period), start + TEN_YEARS)
    assert [str(first) for first, _, _ in found[: len(firsts)]] == firsts


def test_ctr_05_a_partial_first_period_leads_to_the_anchor() -> None:
    model = contract(start=date(2027, 3, 12), anchor=date(2027, 4, 1))
    first, second = billed(model, date(2027, 5, 1))[:2]
    assert first == (date(2027, 3, 12), date(2027, 3, 31), 31)
    assert second == (date(2027, 4, 1), date(2027, 4, 30), 30)


@given(STARTS, PERIODS, BILLINGS, st.integers(0, 60))
def test_ctr_01_a_period_is_due_at_its_beginning_or_once_it_is_over(
    start: date, period: Span, billing: Billing, lead: int
) -> None:
    ahead = lead if billing is Billing.ADVANCE else 0
    found = next_period(contract(start=start, period=period, billing=billing, lead_days=ahead))
    assert found is not None
    if billing is Billing.ADVANCE:
        assert found.due_on == found.start - timedelta(days=lead)
    else:
        assert found.due_on == day_after(found.end)


def test_ctr_01_terms_are_counted_from_the_start() -> None:
    model = contract(start=date(2027, 1, 31), duration=Span(), tacit_renewal=True)
    ends = [term_end(model, number) for number in range(5)]
    assert [str(end) for end in ends] == ["2027-02-27", "2027-03-30", "2027-04-29", "2027-05-30", "2027-06-29"]


@pytest.mark.parametrize(
    ("given", "number", "expected"),
    [
        ({"duration": Span(count=3, unit=Unit.YEAR)}, 0, date(2029, 12, 31)),
        ({"duration": Span(count=3, unit=Unit.YEAR), "renewal": Span(unit=Unit.YEAR)}, 2, date(2031, 12, 31)),
        ({"duration": Span(count=10, unit=Unit.DAY)}, 1, date(2027, 1, 20)),
        ({"duration": Span(count=1, unit=Unit.YEAR), "renewal": Span(count=10, unit=Unit.DAY)}, 1, date(2028, 1, 10)),
        ({"end": date(2027, 6, 30), "renewal": Span(unit=Unit.YEAR)}, 1, date(2028, 6, 30)),
        ({"end": date(2027, 6, 30)}, 0, date(2027, 6, 30)),
        ({}, 0, None),
    ],
)
def test_ctr_01_the_end_of_a_term(given: dict[str, object], number: int, expected: date | None) -> None:
    assert term_end(contract(start=date(2027, 1, 1), **given), number) == expected


@pytest.mark.parametrize(
    ("end", "notice", "expected"),
    [
        (date(2026, 12, 31), Span(), date(2026, 11, 30)),
        (date(2026, 12, 31), Span(count=3), date(2026, 9, 30)),
        (date(2026, 12, 31), Span(count=30, unit=Unit.DAY), date(2026, 12, 1)),
        (date(2027, 3, 30), Span(), date(2027, 2, 27)),
        (date(2026, 12, 31), None, date(2026, 12, 31)),
    ],
)
def test_ctr_01_the_last_day_for_notice(end: date, notice: Span | None, expected: date) -> None:
    assert last_notice_day(end, notice) == expected


@given(STARTS, st.integers(1, 36), st.integers(1, 6))
def test_ctr_01_a_whole_notice_lies_between_its_last_day_and_the_end(start: date, months: int, notice: int) -> None:
    model = contract(start=start, duration=Span(count=months), notice=Span(count=notice), tacit_renewal=True)
    end, last = current_end(model), notice_by(model)
    assert end is not None
    assert last is not None
    assert Span(count=notice).after(day_after(last)) <= day_after(end)


def test_ctr_01_renewal_is_the_next_term_or_without_terms_the_next_period() -> None:
    yearly = contract(start=date(2027, 1, 1), duration=Span(unit=Unit.YEAR), tacit_renewal=True)
    assert (renewal_on(yearly), rolls_on(yearly)) == (date(2028, 1, 1), date(2028, 1, 1))
    endless = contract(start=date(2027, 1, 1), billed_until=date(2027, 3, 31))
    assert (renewal_on(endless), rolls_on(endless), notice_by(endless)) == (date(2027, 4, 1), None, None)
    arrears = endless.change(billing=Billing.ARREARS)
    assert renewal_on(arrears) == date(2027, 5, 1)


def test_ctr_05_work_is_the_earliest_of_what_is_to_be_done() -> None:
    call = reminder(days_ahead=45)
    model = contract(
        start=date(2027, 1, 1),
        duration=Span(unit=Unit.YEAR),
        tacit_renewal=True,
        period=Span(unit=Unit.YEAR),
        billed_until=date(2027, 12, 31),
        reminders=(call,),
    )
    assert event_day(model, ReminderEvent.RENEWAL) == date(2028, 1, 1)
    assert work_on(model) == date(2027, 11, 17)
    reminded = model.change(reminded={call.id: date(2028, 1, 1)})
    assert work_on(reminded) == date(2028, 1, 1)


def test_ctr_01_a_contract_from_long_ago_stands_in_its_present_term() -> None:
    model = contract(start=date(2020, 2, 29), duration=Span(unit=Unit.YEAR), tacit_renewal=True)
    number = terms_over(model, date(2026, 11, 21))
    assert (number, current_end(model.change(renewals=number))) == (6, date(2027, 2, 27))
    assert terms_over(model.change(tacit_renewal=False), date(2026, 11, 21)) == 0


@pytest.mark.parametrize(
    ("notified", "expected"),
    [(date(2027, 9, 30), date(2027, 12, 31)), (date(2027, 10, 1), date(2028, 12, 31))],
)
def test_ctr_06_notice_that_comes_too_late_ends_the_next_term(notified: date, expected: date) -> None:
    year, three = Span(unit=Unit.YEAR), Span(count=3)
    model = contract(start=date(2027, 1, 1), duration=year, notice=three, tacit_renewal=True)
    assert first_regular_end(model, notified) == expected


def test_ctr_06_without_terms_the_contract_goes_on_for_the_notice() -> None:
    model = contract(start=date(2027, 1, 1), notice=Span(count=2))
    assert first_regular_end(model, date(2027, 5, 10)) == date(2027, 7, 10)
    fixed = contract(start=date(2027, 1, 1), end=date(2027, 6, 30), notice=Span())
    assert first_regular_end(fixed, date(2027, 6, 20)) == date(2027, 6, 30)
