"""Amounts against an independent computation in whole numbers (RULES §2.3, CIBS L131-2)."""

from __future__ import annotations

from decimal import Decimal, getcontext, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from comptoir.kernel.money import Exact, Money, Quantity, Rate, UnitPrice, exactly, exponent, plain, quantize, total

CURRENCIES = {"EUR": 2, "JPY": 0, "TND": 3, "USD": 2, "XPF": 0, "KWD": 3}
currencies = st.sampled_from(sorted(CURRENCIES))
amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6)
rates = st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=100, places=4)
weights = st.lists(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**6, places=4), min_size=1
)


def half_up(value: Fraction, places: int) -> int:
    """`value` in smallest units, the nearest one, a half away from zero: whole numbers only."""
    scale: int = 10**places
    scaled = abs(value) * scale
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return -units if value < 0 else units


def units(money: Money) -> int:
    """An amount in the smallest units of its currency, from its text."""
    text = plain(money.amount)
    whole, _, decimals = text.partition(".")
    assert len(decimals) == CURRENCIES[money.currency]
    return int(whole + decimals)


@given(amounts, currencies)
@example(Decimal("0.005"), "EUR")
@example(Decimal("-0.005"), "EUR")
@example(Decimal("-0.004"), "EUR")
@example(Decimal("0.5"), "JPY")
@example(Decimal("2.0005"), "TND")
def test_an_amount_is_rounded_half_away_from_zero(value: Decimal, currency: str) -> None:
    money = Money.of(value, currency)
    assert units(money) == half_up(Fraction(value), CURRENCIES[currency])
    assert not (money.amount.is_zero() and money.amount.is_signed())


@given(amounts, rates, currencies)
def test_a_percentage_is_rounded_once(value: Decimal, rate: Decimal, currency: str) -> None:
    base = Money.of(value, currency)
    expected = half_up(Fraction(units(base), 10 ** CURRENCIES[currency]) * Fraction(rate) / 100, CURRENCIES[currency])
    assert units(base.percent(rate)) == expected


@given(amounts, weights, currencies)
def test_a_split_loses_nothing_and_is_fair_to_the_unit(value: Decimal, shares: list[Decimal], currency: str) -> None:
    money = Money.of(value, currency)
    if not sum(shares):
        with pytest.raises(ValueError, match="weights"):
            money.split(shares)
        return
    parts = money.split(shares)
    assert sum(map(units, parts)) == units(money)
    whole = sum(map(Fraction, shares))
    for part, share in zip(parts, shares, strict=True):
        assert abs(units(part) - units(money) * Fraction(share) / whole) <= 1


def test_a_quotient_that_is_nearly_a_half_is_not_taken_for_one() -> None:
    """28 digits would round 0.00499…9 up to a half cent first."""
    weight = Decimal(10**30)
    with exactly():
        weights = [weight - 1, weight + 1]
    first, _ = Money.of("0.01", "EUR").split(weights)
    assert first == Money.zero("EUR")


@given(st.lists(amounts), currencies)
def test_a_sum_is_the_sum_of_its_units(values: list[Decimal], currency: str) -> None:
    money = [Money.of(value, currency) for value in values]
    assert units(total(money, currency)) == sum(map(units, money))


@given(amounts, amounts, currencies)
def test_amounts_add_compare_and_turn_like_whole_numbers(a: Decimal, b: Decimal, currency: str) -> None:
    x, y = Money.of(a, currency), Money.of(b, currency)
    assert units(x + y) == units(x) + units(y)
    assert units(x - y) == units(x) - units(y)
    assert units(-x) == -units(x)
    assert ((x < y), (x <= y), bool(x)) == (units(x) < units(y), units(x) <= units(y), units(x) != 0)


@given(amounts, currencies)
def test_an_amount_reads_back_from_its_json(value: Decimal, currency: str) -> None:
    money = Money.of(value, currency)
    text = money.model_dump_json()
    assert Money.model_validate_json(text) == money
    assert f'"amount":"{plain(money.amount)}"' in text
    assert "E" not in plain(money.amount)


def test_currencies_never_mix() -> None:
    euro, yen = Money.of(1, "EUR"), Money.of(1, "JPY")
    for mixed in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen, lambda: total([yen], "EUR")):
        with pytest.raises(ValueError, match="cannot mix"):
            mixed()


@pytest.mark.parametrize("amount", ["1.005", "0.0001", 1.5, "NaN", "Infinity", "1e15", "-1e15", True, None, "1,5", ""])
def test_a_sent_amount_off_its_grid_is_refused_not_rounded(amount: object) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount, "currency": "EUR"})


def test_a_sent_amount_gets_all_its_decimals() -> None:
    assert plain(Money.model_validate({"amount": "5", "currency": "EUR"}).amount) == "5.00"
    assert plain(Money.model_validate({"amount": "5E+1", "currency": "JPY"}).amount) == "50"


@pytest.mark.parametrize(
    ("kind", "places"), [(Quantity, 4), (UnitPrice, 6), (Rate, 4)], ids=["quantity", "unit price", "rate"]
)
def test_finer_numbers_have_their_own_limits(kind: Any, places: int) -> None:
    adapter: TypeAdapter[Decimal] = TypeAdapter(kind)
    finest = Decimal(1).scaleb(-places)
    assert adapter.validate_python(str(finest)) == finest
    assert adapter.validate_python(plain(finest) + "000") == finest
    for refused in (str(finest / 2), 0.5, "1e15", "NaN"):
        with pytest.raises(ValidationError):
            adapter.validate_python(refused)


def test_a_rate_is_never_negative() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Rate).validate_python("-1")


@given(amounts)
def test_an_exact_number_keeps_every_digit(value: Decimal) -> None:
    adapter: TypeAdapter[Decimal] = TypeAdapter(Exact)
    assert adapter.validate_json(adapter.dump_json(value)) == value


def test_smallest_units_are_those_of_iso_4217() -> None:
    assert [str(exponent(c)) for c in ("EUR", "JPY", "TND", "CHF", "BHD", "XAF")] == [
        "0.01",
        "1",
        "0.001",
        "0.01",
        "0.001",
        "1",
    ]


def test_results_do_not_depend_on_the_callers_context() -> None:
    expected = Money.of("123456789.125", "EUR").percent(Decimal("20"))
    with localcontext() as context:
        context.prec = 5
        assert Money.of("123456789.125", "EUR").percent(Decimal("20")) == expected
        assert quantize(Decimal("123456789.125"), Decimal("0.01")) == Decimal("123456789.13")
    assert getcontext().prec == 28
