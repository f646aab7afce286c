"""What periods of contracts come to: parts by the day, revisions by rate and by index (CTR-01, CTR-05)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from comptoir.catalogue.pricing import line_net
from comptoir.contracts.indexation import Every, Indexation, IndexValue, PriceIndex, Revision, indexed
from comptoir.contracts.model import Contract
from comptoir.contracts.periods import Period, next_period, period_from
from comptoir.contracts.pricing import priced, prorated, revised_on, revisions, worth
from comptoir.kernel.money import Money
from comptoir.kernel.spans import Span, Unit
from comptoir.parties.snapshot import Language
from tests.unit.contracts_samples import contract, contract_line

PRICES = st.decimals(Decimal("0.01"), Decimal(99_999), places=2)
YEAR = Span(unit=Unit.YEAR)


def cents(value: Fraction) -> Decimal:
    """A fraction rounded half up to the cent, by integers alone."""
    return Decimal((2 * value.numerator * 100 + value.denominator) // (2 * value.denominator)).scaleb(-2)


def first(model: Contract) -> Period:
    period = next_period(model)
    assert period is not None
    return period


def net(model: Contract, period: Period) -> Decimal:
    lines = priced(model, period, None, Language.FRENCH)
    return worth([line for _, line in lines], model.currency).amount


@given(PRICES, st.integers(1, 20_000), st.integers(0, 99), st.integers(1, 30))
def test_ctr_05_a_part_of_a_period_is_worth_its_days_to_the_cent(
    price: Decimal, quantity: int, discount: int, missing: int
) -> None:
    """A line of a partial period against exact fractions, whatever its quantity."""
    line = contract_line(price, str(quantity), discount_rate=Decimal(discount))
    anchor = date(2027, 2, 1)
    model = contract(start=anchor - timedelta(days=missing), anchor=anchor, lines=(line,))
    period = first(model)
    whole = cents(Fraction(price) * quantity * (100 - discount) / 100)
    assert (period.days, period.whole_days) == (missing, 31)
    assert net(model, period) == cents(Fraction(whole) * missing / 31)


@pytest.mark.parametrize(
    ("quantity", "price", "shown"),
    [("3", "100", ("3", "64.516667", "193.55")), ("47000", "0.37", ("1", "11219.35", "11219.35"))],
)
def test_ctr_05_a_part_keeps_its_quantity_where_six_decimals_can_tell_its_price(
    quantity: str, price: str, shown: tuple[str, str, str]
) -> None:
    model = contract(start=date(2027, 3, 12), anchor=date(2027, 4, 1), lines=(contract_line(price, quantity),))
    [(_, line)] = priced(model, first(model), None, Language.FRENCH)
    amount = line_net(line.quantity, line.unit_price, line.discount_rate, line.free, "EUR").amount
    assert (str(line.quantity), str(line.unit_price), str(amount)) == shown
    assert line.designation == "Maintenance (prorata 20/31 jours)"


def test_ctr_01_a_whole_period_is_billed_as_agreed() -> None:
    model = contract(lines=(contract_line("12.5", "3"), contract_line("1", "1", 2, free=True)))
    lines = priced(model, first(model), None, Language.FRENCH)
    assert [(line.designation, line.unit_price, line.quantity) for _, line in lines] == [
        ("Maintenance", Decimal("12.5"), Decimal(3)),
        ("Maintenance", Decimal(1), Decimal(1)),
    ]
    assert [source for source, _ in lines] == [line.id for line in model.lines]


@given(st.decimals(0, 1_000_000, places=2), st.integers(1, 366), st.integers(1, 366))
def test_ctr_06_what_is_used_and_what_is_credited_make_the_whole(amount: Decimal, used: int, more: int) -> None:
    whole = Money.of(amount, "EUR")
    part = prorated(whole, used, used + more)
    assert part + (whole - part) == whole
    assert Money.zero("EUR") <= part <= whole


@given(PRICES, st.decimals(-50, 100, places=2), st.integers(1, 30))
def test_ctr_01_a_rate_is_compounded_exactly_and_rounded_once(price: Decimal, rate: Decimal, count: int) -> None:
    found = indexed(price, Indexation(rate=rate), Revision(count=count, day=date(2027, 1, 1)))
    assert found == cents(Fraction(price) * (1 + Fraction(rate) / 100) ** count)


@given(PRICES, st.decimals(Decimal("50"), Decimal("400"), places=1), st.decimals(Decimal(50), Decimal(400), places=1))
def test_ctr_01_an_index_is_a_ratio_rounded_once(price: Decimal, base: Decimal, value: Decimal) -> None:
    revision = Revision(count=7, day=date(2027, 1, 1), value=IndexValue(date=date(2026, 10, 1), value=value))
    found = indexed(price, Indexation(index="syntec", base=base), revision)
    assert found == cents(Fraction(price) * Fraction(value) / Fraction(base))


def test_ctr_01_an_indexed_price_keeps_the_decimals_that_it_was_agreed_with() -> None:
    revision = Revision(count=1, day=date(2027, 1, 1))
    prices = [Decimal("0.0045"), Decimal(7), Decimal("10.5")]
    found = [str(indexed(price, Indexation(rate=Decimal(3)), revision)) for price in prices]
    assert found == ["0.0046", "7.21", "10.82"]
    assert Decimal("10.815").quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("10.82")


@pytest.mark.parametrize(
    ("every", "day", "expected"),
    [
        (Every.YEAR, date(2027, 3, 31), 0),
        (Every.YEAR, date(2028, 1, 31), 0),
        (Every.YEAR, date(2028, 2, 1), 0),
        (Every.YEAR, date(2028, 3, 1), 1),
        (Every.YEAR, date(2030, 3, 1), 3),
        (Every.PERIOD, date(2027, 2, 15), 0),
        (Every.PERIOD, date(2027, 3, 1), 0),
        (Every.PERIOD, date(2027, 4, 1), 1),
        (Every.PERIOD, date(2028, 3, 1), 12),
    ],
)
def test_ctr_01_prices_are_revised_on_anniversaries_or_with_each_period(every: Every, day: date, expected: int) -> None:
    """A month whose anniversary lies within it is revised with the next one."""
    rate = Indexation(rate=Decimal(2), every=every)
    model = contract(start=date(2027, 2, 15), anchor=date(2027, 3, 1), indexation=rate)
    period = period_from(model, day)
    assert period is not None
    count = revisions(model, period)
    assert count == expected
    if every is Every.YEAR and count:
        assert revised_on(model, period, count).day == date(2027 + count, 2, 15)


def test_ctr_01_lines_that_are_not_indexed_keep_their_price() -> None:
    lines = (contract_line("100"), contract_line("50", number=2, indexed=False))
    model = contract(lines=lines, indexation=Indexation(rate=Decimal(10)))
    found = priced(model, first(model), Revision(count=1, day=date(2028, 1, 1)), Language.FRENCH)
    assert [line.unit_price for _, line in found] == [Decimal("110.00"), Decimal(50)]


def test_ctr_01_the_value_of_an_index_is_the_last_one_that_is_not_too_old() -> None:
    values = tuple(IndexValue(date=date(year, 10, 1), value=Decimal(300 + year - 2020)) for year in (2024, 2025))
    index = PriceIndex(code="syntec", name="Syntec", values=values)
    assert index.at(date(2024, 9, 30)) is None
    assert index.at(date(2025, 9, 30)) == values[0]
    assert index.at(date(2025, 10, 1)) == values[1]
    assert index.at(date(2026, 10, 3)) is None


@pytest.mark.parametrize(
    "given", [{}, {"rate": "2", "index": "syntec", "base": "100"}, {"index": "syntec"}, {"rate": "2", "base": "3"}]
)
def test_ctr_01_an_indexation_is_a_rate_or_an_index_with_its_base(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="An indexation is a rate, or an index with its base value"):
        Indexation.model_validate(given)


def test_ctr_01_a_yearly_period_takes_each_anniversary() -> None:
    model = contract(start=date(2028, 2, 29), period=YEAR, indexation=Indexation(rate=Decimal(5)))
    periods = [period_from(model, day) for day in (date(2028, 2, 29), date(2029, 2, 28), date(2032, 2, 29))]
    assert [revisions(model, period) for period in periods if period] == [0, 1, 4]
