"""Totals at any time: weights, purchases in several currencies, margin, its rates and its colour (OFF-05, OFF-12)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from comptoir.access.commands import UpdateCompany
from comptoir.access.model import MarginThresholds
from comptoir.kernel.exchange import ExchangeRate, convert, worth
from comptoir.kernel.money import Money
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.currency import naming, rate_breaches
from comptoir.orders.desk import ReadOrderTotals, SetOrderRates
from comptoir.orders.margins import MarginColour, OrderTotals, colour, computed, shown
from comptoir.orders.model import LineInput, Order
from tests.unit.orders_support import Counted, Desk, head, inputs, on_backend, open_desk, refused, update
from tests.unit.test_orders_incoterms import line
from tests.unit.test_orders_rules import order
from tests.world import IDENTITY, TERMS, World

DEFAULT = MarginThresholds()
USD = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=date(2026, 11, 20), source="BCE")
GBP = ExchangeRate(base="GBP", quote="EUR", rate=Decimal("1.15"), date=date(2026, 11, 20), source="Banque")


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def bought(price: str, currency: str = "EUR", **fields: Any) -> dict[str, Any]:
    return {"purchase_price": Decimal(price), "purchase_currency": currency, "unit_price": Decimal(100)} | fields


def totals_of(desk: Desk, opened: Order) -> OrderTotals:
    return desk.world.do(OrderTotals, ReadOrderTotals(order=opened.id), "sales")


def test_totals_tell_weight_volume_and_margin() -> None:
    """OFF-05: margin rate on purchases, markup rate on sales; what a line lacks is counted, not guessed."""
    lines = [
        line(**bought("60"), quantity=Decimal(3), net_weight=Decimal("1.5"), gross_weight=Decimal(2), volume="0.01"),
        line(unit_price=Decimal(50), net_weight=Decimal("0.25")),
        line(kind="service", unit_price=Decimal(10)),
    ]
    found = shown(computed(order(), lines), DEFAULT)
    assert (found.net_weight, found.gross_weight, found.volume) == (Decimal("4.75"), Decimal(6), Decimal("0.03"))
    assert (found.lines_without_weight, found.lines_without_purchase_price) == (1, 2)
    assert (found.totals.net, found.totals.gross) == (Money.of(360, "EUR"), Money.of(432, "EUR"))
    assert (found.purchase_cost, found.margin) == (Money.of(180, "EUR"), Money.of(180, "EUR"))
    assert (found.margin_rate, found.markup_rate, found.colour) == (Decimal(100), Decimal(50), MarginColour.GREEN)


def test_without_purchase_price_there_is_no_margin() -> None:
    """OFF-02, OFF-05: the purchase price is optional."""
    found = shown(computed(order(), [line(unit_price=Decimal(50))]), DEFAULT)
    nothing = (found.purchase_cost, found.margin, found.margin_rate, found.markup_rate, found.colour)
    assert nothing == (None, None, None, None, None)
    given_away = shown(computed(order(), [line(**bought("60"), free=True)]), DEFAULT)
    assert (given_away.margin, given_away.markup_rate, given_away.colour) == (
        Money.of(-60, "EUR"),
        None,
        MarginColour.RED,
    )


def test_purchases_in_other_currencies_need_their_rate() -> None:
    """OFF-12: each currency is converted once, whichever way round its rate was published."""
    lines = [line(**bought("10", "USD", quantity=Decimal("0.333"))) for _ in range(3)]
    lines += [line(**bought("20", "GBP")), line(**bought("1.5"))]
    opened = computed(order(), lines)
    found = shown(opened, DEFAULT)
    assert (found.purchase_cost, found.margin, found.missing_rates) == (None, None, ("GBP", "USD"))
    assert found.purchases == (Money.of("1.50", "EUR"), Money.of(20, "GBP"), Money.of("9.99", "USD"))
    found = shown(opened.change(rates=(USD, GBP)), DEFAULT)
    assert found.purchase_cost == Money.of(Decimal("1.50") + Decimal(23) + Decimal("7.99"), "EUR")
    assert found.missing_rates == ()


def test_what_is_bought_may_differ_from_what_is_sold() -> None:
    """OFF-05: the cost is that of the quantity bought."""
    found = shown(
        computed(order(), [line(**bought("2"), quantity=Decimal(10), purchase_quantity=Decimal(12))]), DEFAULT
    )
    assert found.purchase_cost == Money.of(24, "EUR")


@pytest.mark.parametrize(
    ("margin", "expected"),
    [("5.01", "green"), ("5.00", "orange"), ("0.00", "orange"), ("-0.01", "red")],
)
def test_the_colour_is_green_above_five_orange_from_zero_red_below(margin: str, expected: str) -> None:
    """OFF-05: exactly at the thresholds."""
    assert colour(Money.of(margin, "EUR"), Money.of(100, "EUR"), DEFAULT) == expected


amounts = st.decimals(min_value=Decimal("0.01"), max_value=10**7, places=2)


@given(st.decimals(min_value=-(10**7), max_value=10**7, places=2), amounts)
def test_colours_and_rates_follow_the_ratio_before_rounding(margin: Decimal, cost: Decimal) -> None:
    """OFF-05: a margin of 5.004 % is green though it shows as 5.00 %."""
    rate = Fraction(margin) / Fraction(cost) * 100
    expected = "green" if rate > 5 else "orange" if rate >= 0 else "red"
    assert colour(Money.of(margin, "EUR"), Money.of(cost, "EUR"), DEFAULT) == expected
    assume(margin + cost >= 0)
    made = computed(order(), [line(unit_price=margin + cost, purchase_price=cost, purchase_currency="EUR")])
    found = shown(made, DEFAULT)
    assert found.margin_rate is not None
    assert abs(Fraction(found.margin_rate) - rate) <= Fraction(1, 200)
    if found.markup_rate is not None:
        assert abs(Fraction(found.markup_rate) - Fraction(margin) / Fraction(margin + cost) * 100) <= Fraction(1, 200)


def test_thresholds_are_settings_of_the_company(desk: Desk) -> None:
    """OFF-05."""
    opened, version = desk.offer()
    entered = LineInput(designation="A", quantity=Decimal(1), **bought("90"))
    desk.world.execute_as("sales", SetOfferLines(order=opened.id, lines=(entered,)), version)
    assert totals_of(desk, opened).colour is MarginColour.GREEN
    thresholds = MarginThresholds(green=Decimal(20), orange=Decimal(12))
    wanted = UpdateCompany(
        identity=IDENTITY, terms=TERMS, numbering={"prefix": "FA{YYYY}-"}, margin_thresholds=thresholds
    )
    desk.world.execute_as("administrator", wanted, 1)
    assert totals_of(desk, opened).colour is MarginColour.RED
    with pytest.raises(ValidationError):
        MarginThresholds(green=Decimal(1), orange=Decimal(2))


def test_rates_are_kept_with_date_and_source(desk: Desk) -> None:
    """OFF-12: the margin follows the rates without reading a line; a rate names the order's currency, once."""
    opened, version = desk.offer()
    entered = LineInput(designation="A", quantity=Decimal(1), **bought("50", "USD"))
    desk.world.execute_as("sales", SetOfferLines(order=opened.id, lines=(entered,)), version)
    assert totals_of(desk, opened).missing_rates == ("USD",)
    other = USD.change(base="JPY")
    request = SetOrderRates(order=opened.id, rates=(USD, other, USD))
    assert refused(desk, request, version + 1) == [
        ("rate_of_other_currency", "/rates/1/quote"),
        ("duplicate_rate", "/rates/2"),
    ]
    desk.world.execute_as("sales", SetOrderRates(order=opened.id, rates=(USD, GBP)), version + 1)
    stored = Order.model_validate_json(head(desk, opened).body)
    assert stored.rates == (USD, GBP)
    assert totals_of(desk, opened).purchase_cost == Money.of(40, "EUR")
    desk.world.execute_as("sales", update(stored, currency="USD"), version + 2)
    turned = Order.model_validate_json(head(desk, opened).body)
    assert (turned.rates, totals_of(desk, opened).purchase_cost) == ((USD,), Money.of(50, "USD"))


rates = st.builds(
    ExchangeRate,
    base=st.just("EUR"),
    quote=st.just("USD"),
    rate=st.decimals(min_value=Decimal("0.000001"), max_value=10_000, places=6),
    date=st.just(date(2026, 11, 20)),
    source=st.just("BCE"),
)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), rates)
def test_a_conversion_rounds_once(amount: Decimal, rate: ExchangeRate) -> None:
    """OFF-12: to the nearest cent, in either direction, never through an inverted rate."""
    there = convert(Money.of(amount, "EUR"), "USD", [rate])
    back = convert(Money.of(amount, "USD"), "EUR", [rate])
    assert there is not None
    assert abs(Fraction(there.amount) - Fraction(amount) * Fraction(rate.rate)) <= Fraction(1, 200)
    exact = Fraction(amount) / Fraction(rate.rate)
    assert (back is None) == (abs(exact) >= 10**14)
    assert back is None or abs(Fraction(back.amount) - exact) <= Fraction(1, 200)
    assert convert(Money.of(amount, "EUR"), "EUR", []) == Money.of(amount, "EUR")
    assert convert(Money.of(amount, "EUR"), "GBP", [rate]) is None


def test_rates_that_serve_no_more_go() -> None:
    assert naming((USD, GBP), "USD") == (USD,)
    assert [breach.code for breach in rate_breaches((GBP,), "USD")] == ["rate_of_other_currency"]
    assert worth(Decimal(5), "USD", "GBP", [USD, GBP]) is None
    for fields in ({"quote": "EUR"}, {"rate": Decimal(0)}, {"rate": Decimal("0.0000000000001")}):
        with pytest.raises(ValidationError):
            ExchangeRate.model_validate(USD.__dict__ | fields)


def test_totals_cost_the_same_calls_whatever_the_lines(desk: Desk) -> None:
    """OFF-05: they are made at save, and read from the head alone."""
    spy = Counted(desk.world.services.store.backend)
    desk.world.services = on_backend(desk.world.services, spy)
    for count in (1, 1000):
        opened, _ = desk.offer(*["1.00"] * count)
        spy.calls.clear()
        assert totals_of(desk, opened).totals.net == Money.of(count, "EUR")
        assert spy.calls == ["get", "get"]
        spy.calls.clear()
        desk.world.execute_as("sales", SetOrderRates(order=opened.id, rates=(USD,)), 2)
        assert spy.calls == ["get", "write"]


def test_amounts_beyond_what_an_order_can_hold_are_told(desk: Desk) -> None:
    """A line is worth, costs and weighs less than a hundred billion: its sums never overflow."""
    opened, version = desk.offer()
    huge = Decimal(10**7)
    for fields in ({"unit_price": huge}, bought("10000000"), {"net_weight": huge}, {"volume": huge}):
        entered = LineInput(designation="A", quantity=Decimal(10**4), **fields)
        request = SetOfferLines(order=opened.id, lines=(entered,))
        assert refused(desk, request, version) == [("amount_out_of_range", "/lines/0/quantity")]
    assert inputs(desk, opened) == []
