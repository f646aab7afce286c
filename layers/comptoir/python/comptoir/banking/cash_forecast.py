"""The cash to come, week by week, an account at a time and in all; and its next trough (TRS-11).

Made from weekly sums that are kept in step with the treasury, never by reading its lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from itertools import dropwhile, takewhile

from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.treasury.expected import monday

_WEEK = timedelta(days=7)
WEEKS = 26
"""Half a year: what payment terms reach."""


class Weather(StrEnum):
    """How near the next trough is, as the indicator shows it (IND-08)."""

    SUN = "sun"
    GREY_CLOUD = "grey_cloud"
    BLACK_CLOUD = "black_cloud"
    ORANGE_LIGHTNING = "orange_lightning"
    RED_LIGHTNING = "red_lightning"


class WeeklyFlow(Model):
    """What is expected on an account in the week of a Monday; either is absent for lines without one."""

    week: date | None
    account: Id | None = None
    amount: Money


class WeekBalance(Model):
    """What moves in a week and what stands at its end; `number` is that of ISO 8601."""

    week: date
    number: int
    movement: Money
    balance: Money


class Trough(Model):
    """The next trough: the Monday and number of the week in which it begins, and how low it goes.

    `lowest_week` is the week of that lowest balance: a stretch below zero may last.
    """

    week: date
    number: int
    balance: Money
    lowest_week: date


class Forecast(Model):
    """The weeks of an account, or of all of them in one currency, and the next trough."""

    account: Id | None = None
    opening: Money
    weeks: tuple[WeekBalance, ...]
    trough: Trough | None
    weather: Weather


class CashForecast(Model):
    """The forecast in all, and of each account; `undated` is what is expected on no known day, counted nowhere."""

    undated: Money
    total: Forecast
    accounts: tuple[Forecast, ...]


def cash_forecast(
    balances: Mapping[str, Money], flows: Iterable[WeeklyFlow], today: date, currency: str = "EUR", weeks: int = WEEKS
) -> CashForecast:
    """The forecast of accounts of one currency from what stands on them (`balances`, by account) and weekly sums.

    What was expected in past weeks and is still open is due now: it counts in the present week.
    Flows without an account, or on an account that is not among `balances`, count in the total only.
    """
    start, undated = monday(today), Money.zero(currency)
    moves: dict[str | None, list[Money]] = {name: _nothing(currency, weeks) for name in balances}
    everything = _nothing(currency, weeks)
    for flow in flows:
        if flow.week is None:
            undated += flow.amount
            continue
        place = max(0, (flow.week - start).days // 7)
        if place >= weeks:
            continue
        everything[place] += flow.amount
        if flow.account in moves:
            moves[flow.account][place] += flow.amount
    opening = Money.zero(currency)
    for balance in balances.values():
        opening += balance
    return CashForecast(
        undated=undated,
        total=_forecast(None, opening, everything, today),
        accounts=tuple(_forecast(name, balances[name], moves[name], today) for name in balances),
    )


def _nothing(currency: str, weeks: int) -> list[Money]:
    return [Money.zero(currency)] * weeks


def _forecast(account: str | None, opening: Money, moves: list[Money], today: date) -> Forecast:
    found, balance = [], opening
    for place, movement in enumerate(moves):
        week = monday(today) + place * _WEEK
        balance += movement
        found.append(WeekBalance(week=week, number=week.isocalendar().week, movement=movement, balance=balance))
    trough = _trough(opening, found)
    return Forecast(account=account, opening=opening, weeks=tuple(found), trough=trough, weather=weather(trough, today))


def _trough(opening: Money, weeks: list[WeekBalance]) -> Trough | None:
    """The first stretch below zero; where cash stays positive, its lowest week; none when it never falls."""
    overdrawn = list(takewhile(_below_zero, dropwhile(lambda week: not _below_zero(week), weeks)))
    stretch = overdrawn or [min(weeks, key=lambda week: (week.balance.amount, week.week))]
    lowest = min(stretch, key=lambda week: (week.balance.amount, week.week))
    if not overdrawn and lowest.balance.amount >= opening.amount:
        return None
    first = stretch[0]
    return Trough(week=first.week, number=first.number, balance=lowest.balance, lowest_week=lowest.week)


def _below_zero(week: WeekBalance) -> bool:
    return week.balance.amount < 0


def weather(trough: Trough | None, today: date) -> Weather:
    """The level of a trough by the days to the week in which it falls (TRS-11)."""
    if trough is None:
        return Weather.SUN
    days = (trough.week - today).days
    for limit, level in _LEVELS:
        if days < limit:
            return level
    return Weather.GREY_CLOUD if trough.week <= _a_month_after(today) else Weather.SUN


_LEVELS = ((7, Weather.RED_LIGHTNING), (14, Weather.ORANGE_LIGHTNING), (21, Weather.BLACK_CLOUD))


def _a_month_after(day: date) -> date:
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (following + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return following.replace(day=min(day.day, last.day))
