"""The cash to come by week and account, the next trough, and its five levels (TRS-11, IND-08)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.banking.cash_forecast import WEEKS, Trough, Weather, WeeklyFlow, cash_forecast, weather
from comptoir.kernel.money import Money, total
from comptoir.treasury.expected import monday

TODAY = date(2026, 11, 26)
MAIN, OTHER = "00000000000000000000000001", "00000000000000000000000002"


def euros(amount: int) -> Money:
    return Money.of(amount, "EUR")


def flow(weeks: int, amount: int, account: str | None = MAIN) -> WeeklyFlow:
    """What is expected so many weeks from now."""
    return WeeklyFlow(week=monday(TODAY) + timedelta(weeks=weeks), account=account, amount=euros(amount))


def test_balances_of_each_week_follow_from_what_stands_and_what_is_expected() -> None:
    flows = [
        flow(0, -100),
        flow(1, 50),
        flow(1, -20, OTHER),
        flow(3, 10, None),
        flow(2, 5, "00000000000000000000000009"),
    ]
    found = cash_forecast({MAIN: euros(1000), OTHER: euros(200)}, flows, TODAY, weeks=4)
    main, other = found.accounts
    assert [week.balance for week in main.weeks] == [euros(900), euros(950), euros(950), euros(950)]
    assert [week.balance for week in other.weeks] == [euros(200), euros(180), euros(180), euros(180)]
    assert [week.balance for week in found.total.weeks] == [euros(1100), euros(1130), euros(1135), euros(1145)]
    assert [week.number for week in main.weeks] == [48, 49, 50, 51]


def test_what_should_have_come_in_the_past_counts_now_and_what_lies_far_ahead_does_not() -> None:
    found = cash_forecast({MAIN: euros(0)}, [flow(-9, -7), flow(-1, 2), flow(WEEKS, 99)], TODAY)
    assert found.total.weeks[0].movement == euros(-5)
    assert len(found.total.weeks) == WEEKS
    assert found.total.weeks[-1].balance == euros(-5)


@pytest.mark.parametrize(
    ("opening", "moves", "week", "balance", "lowest"),
    [
        (1000, {2: -300, 3: 500}, 2, 700, 2),
        (1000, {2: -300, 3: 500, 6: -400}, 2, 700, 2),
        (1000, {2: -300, 3: 500, 6: -600}, 6, 600, 6),
        (1000, {1: -1200, 2: -100, 4: 500, 8: -2000}, 1, -300, 2),
        (-50, {3: 500}, 0, -50, 0),
        (1000, {5: -10}, 5, 990, 5),
    ],
)
def test_the_next_trough_is_the_first_stretch_below_zero_or_else_the_lowest_week(
    opening: int, moves: dict[int, int], week: int, balance: int, lowest: int
) -> None:
    found = cash_forecast({MAIN: euros(opening)}, [flow(*move) for move in moves.items()], TODAY).accounts[0].trough
    assert found
    assert (found.week, found.lowest_week) == tuple(
        monday(TODAY) + timedelta(weeks=number) for number in (week, lowest)
    )
    assert found.balance == euros(balance)
    assert found.number == found.week.isocalendar().week


@pytest.mark.parametrize("moves", [{}, {3: 100}, {3: 100, 5: -50}])
def test_cash_that_never_falls_below_what_stands_has_no_trough(moves: dict[int, int]) -> None:
    found = cash_forecast({MAIN: euros(10)}, [flow(*move) for move in moves.items()], TODAY)
    assert found.total.trough is None
    assert found.total.weather is Weather.SUN


@pytest.mark.parametrize(
    ("days", "level"),
    [
        (-3, Weather.RED_LIGHTNING),
        (0, Weather.RED_LIGHTNING),
        (6, Weather.RED_LIGHTNING),
        (7, Weather.ORANGE_LIGHTNING),
        (13, Weather.ORANGE_LIGHTNING),
        (14, Weather.BLACK_CLOUD),
        (20, Weather.BLACK_CLOUD),
        (21, Weather.GREY_CLOUD),
        (30, Weather.GREY_CLOUD),
        (31, Weather.SUN),
        (200, Weather.SUN),
    ],
)
def test_five_levels_tell_how_near_it_is(days: int, level: Weather) -> None:
    """A month after 26 November is 26 December, thirty days away."""
    day = TODAY + timedelta(days=days)
    assert weather(Trough(week=day, number=1, balance=euros(-1), lowest_week=day), TODAY) is level


@pytest.mark.parametrize(
    ("today", "week", "level"),
    [
        ("2027-01-31", "2027-02-28", Weather.GREY_CLOUD),
        ("2027-01-31", "2027-03-01", Weather.SUN),
        ("2028-01-31", "2028-02-29", Weather.GREY_CLOUD),
        ("2026-12-15", "2027-01-15", Weather.GREY_CLOUD),
    ],
)
def test_a_month_ends_with_the_month(today: str, week: str, level: Weather) -> None:
    day = date.fromisoformat(week)
    trough = Trough(week=day, number=1, balance=euros(-1), lowest_week=day)
    assert weather(trough, date.fromisoformat(today)) is level


def test_a_forecast_of_no_account_is_that_of_what_is_expected() -> None:
    found = cash_forecast({}, [flow(1, -5, None)], TODAY)
    assert found.accounts == ()
    assert found.total.trough
    assert found.total.trough.balance == euros(-5)


_FLOWS = st.lists(
    st.tuples(st.integers(-5, 40), st.integers(-(10**9), 10**9), st.sampled_from([MAIN, OTHER])), max_size=40
)


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), _FLOWS)
def test_no_cent_is_lost_and_the_total_is_the_sum_of_the_accounts(
    one: int, two: int, moves: list[tuple[int, int, str]]
) -> None:
    flows = [flow(*move) for move in moves]
    found = cash_forecast({MAIN: euros(one), OTHER: euros(two)}, flows, TODAY)
    for place, week in enumerate(found.total.weeks):
        assert week.balance == total((each.weeks[place].balance for each in found.accounts), "EUR")
    within = [each.amount for each in flows if each.week and each.week < monday(TODAY) + timedelta(weeks=WEEKS)]
    assert found.total.weeks[-1].balance == euros(one + two) + total(within, "EUR")
    lowest = min(week.balance.amount for week in found.total.weeks)
    trough = found.total.trough
    assert (trough is None) == (lowest >= 0 and lowest >= found.total.opening.amount)
    if trough:
        assert trough.balance.amount >= lowest
