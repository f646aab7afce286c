"""RULES §2.4, TRS-05: published exchange rates, and the one that holds for a day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.access.queries import Listing
from comptoir.kernel.errors import NotFound, Refused
from comptoir.kernel.exchange import ExchangeRate
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.transaction import Transaction
from comptoir.treasury.published import OLDEST, MonthRates, last, published, rate_breach, serves
from comptoir.treasury.publishing import (
    DayRate,
    ListExchangeRates,
    PublishedRates,
    ReadExchangeRate,
    SaveExchangeRates,
)
from tests.world import World

FRIDAY = date(2026, 11, 20)


def rate(day: date, value: str = "1.0876", currency: str = "USD") -> ExchangeRate:
    return ExchangeRate(base="EUR", quote=currency, rate=Decimal(value), date=day, source="BCE")


def save(world: World, day: date, **rates: str) -> PublishedRates:
    asked = tuple(DayRate(currency=currency, rate=Decimal(value)) for currency, value in rates.items())
    return world.do(PublishedRates, SaveExchangeRates(date=day, rates=asked), "manager")


def of_day(world: World, day: date, currency: str = "USD") -> ExchangeRate:
    return world.do(ExchangeRate, ReadExchangeRate(currency=currency, day=day), "manager")


def test_the_rate_of_a_day_is_the_last_one_published_up_to_it(world: World) -> None:
    """Across a week-end and across a month's end; a later one never counts."""
    save(world, date(2026, 10, 30), USD="1.0801")
    save(world, FRIDAY, USD="1.0876", JPY="168.42")
    assert of_day(world, date(2026, 11, 2)).rate == Decimal("1.0801")
    assert of_day(world, FRIDAY + timedelta(days=1)).rate == Decimal("1.0876")
    assert of_day(world, FRIDAY, "JPY").rate == Decimal("168.42")
    with pytest.raises(NotFound):
        of_day(world, date(2026, 10, 29))
    with pytest.raises(NotFound):
        of_day(world, FRIDAY + OLDEST + timedelta(days=1))
    with pytest.raises(NotFound):
        of_day(world, FRIDAY, "GBP")


def test_a_rate_saved_again_replaces_that_of_its_day_and_leaves_its_trace(world: World) -> None:
    """ACC-06: who, when, and both values; saving the same again leaves none."""
    for value in ("1.0876", "1.0976", "1.0976"):
        save(world, FRIDAY, USD=value)
    assert of_day(world, FRIDAY).rate == Decimal("1.0976")
    pk = keys.exchange_rates(world.company, "USD", "").pk
    entries = world.services.store.backend.query(Query(pk=pk, prefix="HISTORY#")).records
    assert len(entries) == 2
    assert '"1.0876"' in entries[1].data
    assert '"1.0976"' in entries[1].data


def test_rates_of_a_currency_are_listed_month_by_month(world: World) -> None:
    days = [date(2026, 9, 30), date(2026, 11, 19), date(2026, 10, 1), FRIDAY]
    for day in days:
        save(world, day, USD="1.0876")
    listed = world.do(Listing[MonthRates], ListExchangeRates(currency="USD", limit=2), "accountant")
    assert [month.month for month in listed.items] == ["2026-11", "2026-10"]
    assert [each.date for each in listed.items[0].rates] == [date(2026, 11, 19), FRIDAY]
    rest = world.do(Listing[MonthRates], ListExchangeRates(currency="USD", cursor=listed.cursor), "accountant")
    assert [month.month for month in rest.items] == ["2026-09"]


def test_everything_that_is_wrong_with_rates_is_told_at_once(world: World) -> None:
    asked: tuple[Any, ...] = tuple(DayRate(currency=c, rate=Decimal(1)) for c in ("USD", "EUR", "USD"))
    with pytest.raises(Refused) as refused:
        world.do(PublishedRates, SaveExchangeRates(date=date(2026, 11, 22), rates=asked), "manager")
    assert [(breach.code, breach.pointer) for breach in refused.value.breaches] == [
        ("date_future", "/date"),
        ("rate_of_euro", "/rates/1/currency"),
        ("duplicate_rate", "/rates/2/currency"),
    ]


def test_another_company_s_rates_are_not_read(world: World, other: World) -> None:
    save(world, FRIDAY, USD="1.0876")
    assert published(Transaction(other.services.store.backend), other.company, "USD", FRIDAY) is None


def test_what_keeps_a_rate_from_serving_is_named() -> None:
    known = rate(FRIDAY)
    found = {
        "missing": rate_breach(None, "USD", FRIDAY, "/currency"),
        "served": rate_breach(known, "USD", FRIDAY + OLDEST),
        "old": rate_breach(known, "USD", FRIDAY + OLDEST + timedelta(days=1)),
    }
    assert {name: breach and (breach.code, breach.link) for name, breach in found.items()} == {
        "missing": ("exchange_rate_missing", "/exchange-rates/USD"),
        "served": None,
        "old": ("exchange_rate_not_of_day", "/exchange-rates/USD"),
    }


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(st.lists(days, max_size=12), days)
def test_no_later_and_no_better_rate_exists(published_on: list[date], day: date) -> None:
    """What is found is at most the day's, and nothing lies between."""
    found = last([rate(each) for each in published_on], day)
    before = [each for each in published_on if each <= day]
    assert (found.date if found else None) == max(before, default=None)
    if found:
        assert serves(found, day) == (day - found.date <= OLDEST)
