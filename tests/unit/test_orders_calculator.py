"""The price calculator: costs, wanted markup, coefficient solved in closed form, applied to goods (OFF-10)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.money import Money
from comptoir.orders import rules
from comptoir.orders.calculation import ApplyCalculator, CalculatorView, ReadCalculator, SaveCalculator
from comptoir.orders.calculator import CalculatorFields, Cost, CostBase, basis, sale_price, solved, unit_price
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.desk import SetOrderRates
from comptoir.orders.items import read_lines
from comptoir.orders.model import LineInput, Order, OrderLine
from tests.unit.orders_support import Desk, events, head, open_desk, refusal, refused
from tests.unit.test_orders_incoterms import BY_LINE, CFR, line
from tests.unit.test_orders_rules import order
from tests.world import World

USD = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0876"), date=date(2026, 11, 20), source="BCE")
MARINE = Cost(label="Assurance maritime", rate=Decimal("0.4"), base=CostBase.SALE, base_percentage=Decimal(110))
FREIGHT = Cost(label="Fret", amount=Money.of("850.00", "USD"))
DEAR: dict[str, Any] = {"purchase_price": Decimal(10**9), "purchase_currency": "EUR"}
CUSTOMS = Cost(label="Transit", rate=Decimal(2), base=CostBase.PURCHASE)
INPUTS = CalculatorFields(
    transport=(FREIGHT,), insurance=(MARINE,), extra=(CUSTOMS,), markup_rate=Decimal(20), decimals=4
)


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


percentages = st.decimals(min_value=0, max_value=30, places=2)
costs = st.one_of(
    st.builds(
        Cost,
        label=st.just("Forfait"),
        amount=st.builds(
            Money.of, st.decimals(min_value=0, max_value=10_000, places=2), st.sampled_from(["EUR", "USD"])
        ),
    ),
    st.builds(
        Cost,
        label=st.just("Taux"),
        rate=percentages,
        base=st.sampled_from(CostBase),
        base_percentage=st.sampled_from([Decimal(100), Decimal(110)]),
    ),
)
inputs_drawn = st.builds(
    CalculatorFields,
    transport=st.lists(costs, max_size=2),
    insurance=st.lists(costs, max_size=2),
    extra=st.lists(costs, max_size=1),
    markup_rate=percentages,
    decimals=st.sampled_from([2, 4]),
)
goods = st.builds(
    line,
    quantity=st.decimals(min_value=Decimal("0.01"), max_value=1000, places=2),
    purchase_price=st.decimals(min_value=Decimal("0.01"), max_value=1000, places=4),
    purchase_currency=st.sampled_from(["EUR", "USD"]),
    discount_rate=st.sampled_from([Decimal(0), Decimal(10), Decimal("33.33")]),
    free=st.sampled_from([False, False, False, True]),
)


def value(cost: Cost, purchases: Fraction, sale: Fraction) -> Fraction:
    """What a forecast cost comes to, computed apart."""
    if cost.amount is not None:
        worth = Fraction(cost.amount.amount)
        return worth / Fraction(USD.rate) if cost.amount.currency == "USD" else worth
    of = purchases if cost.base is CostBase.PURCHASE else sale
    return of * Fraction(cost.rate or 0) / 100 * Fraction(cost.base_percentage) / 100


def purchases_of(lines: list[OrderLine]) -> Fraction:
    rates = {"EUR": Fraction(1), "USD": 1 / Fraction(USD.rate)}
    return sum(
        (
            Fraction(one.quantity) * Fraction(one.purchase_price or 0) * rates[one.purchase_currency or ""]
            for one in lines
        ),
        Fraction(0),
    )


@given(inputs_drawn, st.lists(goods, min_size=1, max_size=5))
def test_the_markup_that_results_is_the_one_wanted(inputs: CalculatorFields, lines: list[OrderLine]) -> None:
    """OFF-10: once every cost is paid, what is left is the wanted part of the sale, within the rounding of prices."""
    assume(any(not one.free for one in lines))
    head = order(rates=(USD,))
    price, breaches = sale_price(inputs, basis(head, lines), head)
    assume(price is not None)
    assert breaches == []
    coefficient = price / basis(head, lines).charged  # type: ignore[operator]
    sale, slack = Fraction(0), Fraction(0)
    for one in lines:
        unit = unit_price(one, coefficient, head, inputs.decimals)
        if unit is None:
            assert one.free
            continue
        sale += Fraction(one.quantity) * Fraction(unit) * (100 - Fraction(one.discount_rate)) / 100
        slack += Fraction(one.quantity) / (2 * 10**inputs.decimals)
    bought = purchases_of(lines)
    paid = bought + sum((value(cost, bought, sale) for cost in inputs.costs), Fraction(0))
    left = sale - paid - sale * Fraction(inputs.markup_rate) / 100
    assert abs(left) <= slack + Fraction(1, 10**9) * sale


@given(inputs_drawn, st.lists(goods, min_size=1, max_size=5))
def test_the_closed_form_is_what_an_iteration_comes_to(inputs: CalculatorFields, lines: list[OrderLine]) -> None:
    """OFF-10: the circular insurance solved, checked against going round until nothing moves."""
    head = order(rates=(USD,))
    price, _ = sale_price(inputs, basis(head, lines), head)
    assume(price is not None)
    shares = sum((cost.share for cost in inputs.costs if cost.base is CostBase.SALE), Decimal(0))
    assume(shares + inputs.markup_rate / 100 < Decimal("0.9"))
    bought = purchases_of(lines)
    fixed = bought + sum((value(cost, bought, Fraction(0)) for cost in inputs.costs), Fraction(0))
    with localcontext(prec=40):
        start = Decimal(fixed.numerator) / Decimal(fixed.denominator)
        found = start
        for _ in range(900):
            found = start + found * (shares + inputs.markup_rate / 100)
        assert price is not None
        assert abs(found - price) <= price * Decimal("1e-20")


def test_marine_insurance_on_110_percent_of_the_sale() -> None:
    """OFF-10, RULES §10: P = 1.10·r·P + costs, by hand: 1000 / (1 − 0.0044 − 0.2) = 1256.91."""
    head, lines = order(), [line(quantity=Decimal(10), purchase_price=Decimal(100), purchase_currency="EUR")]
    inputs = CalculatorFields(insurance=(MARINE,), markup_rate=Decimal(20))
    found = basis(head, lines)
    price, _ = sale_price(inputs, found, head)
    assert price is not None
    solution = solved(inputs, found, price, head)
    assert (solution.sale, solution.margin) == (Money.of("1256.91", "EUR"), Money.of("251.38", "EUR"))
    assert (solution.purchases, solution.costs) == (Money.of(1000, "EUR"), Money.of("5.53", "EUR"))
    assert solution.coefficient == Decimal("1.256913")
    assert unit_price(lines[0], price / 1000, head, 2) == Decimal("125.69")


@pytest.mark.parametrize(("markup", "fits"), [("99.55", True), ("99.56", False), ("100", False)])
def test_percentages_that_leave_nothing_are_told(markup: str, fits: bool) -> None:
    """OFF-10: 1 − s − m ≤ 0 has no solution; the breach names the markup."""
    head, lines = order(), [line(purchase_price=Decimal(100), purchase_currency="EUR")]
    inputs = CalculatorFields(insurance=(MARINE,), markup_rate=Decimal(markup))
    price, breaches = sale_price(inputs, basis(head, lines), head)
    expected = [] if fits else [("coefficient_impossible", "/markup_rate")]
    assert [(breach.code, breach.pointer) for breach in breaches] == expected
    assert (price is not None) == fits


def test_every_reason_without_coefficient_is_told_at_once() -> None:
    """OFF-10, OFF-12."""
    lines = [line(), line(free=True, purchase_price=Decimal(1), purchase_currency="EUR")]
    priced = line(kind="service", purchase_price=Decimal(9), purchase_currency="CHF")
    gbp = line(purchase_price=Decimal(1), purchase_currency="GBP")
    _, breaches = sale_price(INPUTS.change(markup_rate=Decimal(100)), basis(order(), [*lines, priced, gbp]), order())
    assert [breach.code for breach in breaches] == [
        "rate_missing",
        "rate_missing",
        "nothing_to_price",
        "coefficient_impossible",
    ]
    assert ["GBP" in breaches[0].fr, "USD" in breaches[1].fr] == [True, True]
    assert basis(order(), lines).left_out == 1


def test_a_cost_is_an_amount_or_a_percentage() -> None:
    base, rate, amount = ("base", "sale"), ("rate", Decimal(1)), ("amount", Money.of(1, "EUR"))
    negative = ("amount", Money.of(-1, "EUR"))
    for fields in ((), (rate,), (base,), (amount, rate, base), (amount, base), (negative,)):
        with pytest.raises(ValidationError):
            Cost.model_validate(dict([("label", "A"), *fields]))


def opened(desk: Desk, *lines: LineInput, **fields: Any) -> tuple[Order, int]:
    offer, version = desk.offer(**fields)
    desk.world.execute_as("sales", SetOfferLines(order=offer.id, lines=lines), version)
    reply = desk.world.execute_as("sales", SetOrderRates(order=offer.id, rates=(USD,)), version + 1)
    return Order.model_validate_json(reply.body), reply.version or 0


def entered(name: str, **fields: Any) -> LineInput:
    return LineInput.model_validate({"designation": name, "quantity": Decimal(10)} | fields)


def save_of(offer: Order, inputs: CalculatorFields) -> SaveCalculator:
    return SaveCalculator(order=offer.id, **inputs.__dict__)


def prices(desk: Desk, offer: Order) -> list[tuple[Decimal, Decimal]]:
    lines = read_lines(desk.world.services.store, desk.world.company, offer)
    return [(one.unit_price, one.transport_price) for one in lines]


def test_inputs_are_kept_and_applied_to_goods_alone(desk: Desk) -> None:
    """OFF-10: kept with the order; transport, services, free lines and goods without purchase price keep theirs."""
    offer, version = opened(
        desk,
        entered("Café", purchase_price=Decimal(100), purchase_currency="EUR"),
        entered("Thé", unit_price=Decimal(7)),
        entered("Fret", kind="transport", unit_price=Decimal(3), purchase_price=Decimal(2), purchase_currency="EUR"),
        entered("Échantillon", free=True),
    )
    empty = desk.world.do(CalculatorView, ReadCalculator(order=offer.id), "sales")
    assert (empty.inputs.costs, empty.solution and empty.solution.coefficient) == ((), Decimal(1))
    inputs = CalculatorFields(insurance=(MARINE,), markup_rate=Decimal(20), decimals=2)
    reply = desk.world.execute_as("sales", save_of(offer, inputs), version)
    assert reply.version == version + 1
    view = desk.world.do(CalculatorView, ReadCalculator(order=offer.id), "sales")
    assert view == CalculatorView.model_validate_json(reply.body)
    assert (view.lines_left_out, view.inputs.insurance) == (2, (MARINE,))
    desk.world.execute_as("sales", ApplyCalculator(order=offer.id), version + 1)
    offer = Order.model_validate_json(head(desk, offer).body)
    assert [price for price, _ in prices(desk, offer)] == [Decimal("125.69"), Decimal(7), Decimal(3), Decimal(0)]
    assert offer.totals.net == Money.of(Decimal("1256.90") + 70 + 30, "EUR")
    assert "calculator_saved" in events(desk, offer)


def test_a_line_may_have_a_coefficient_of_its_own(desk: Desk) -> None:
    """OFF-10: adjusted line by line, and kept; a line that is not there is told."""
    offer, version = opened(
        desk,
        *(entered(name, purchase_price=Decimal(100), purchase_currency="EUR") for name in ("A", "B")),
    )
    one, _ = read_lines(desk.world.services.store, desk.world.company, offer)
    desk.world.execute_as("sales", save_of(offer, CalculatorFields(markup_rate=Decimal(20))), version)
    other = "Z" * 26
    request = ApplyCalculator(order=offer.id, coefficients={one.id: Decimal("1.5"), other: Decimal(1)})
    assert refused(desk, request, version + 1) == [("unknown_line", f"/coefficients/{other}")]
    request = ApplyCalculator(order=offer.id, coefficients={one.id: Decimal("1.5")})
    desk.world.execute_as("sales", request, version + 1)
    assert [price for price, _ in prices(desk, offer)] == [Decimal(150), Decimal(125)]
    view = desk.world.do(CalculatorView, ReadCalculator(order=offer.id), "sales")
    assert view.inputs.coefficients == {one.id: Decimal("1.5")}


def test_a_price_told_apart_keeps_its_transport_first(desk: Desk) -> None:
    """OFF-06, OFF-10: the coefficient makes the overall price."""
    offer, version = opened(
        desk,
        entered("A", transport_price=Decimal(30), purchase_price=Decimal(100), purchase_currency="EUR"),
        entered("B", transport_price=Decimal(30), purchase_price=Decimal(10), purchase_currency="EUR"),
        **CFR,
        transport=BY_LINE,
    )
    desk.world.execute_as("sales", save_of(offer, CalculatorFields(markup_rate=Decimal(20))), version)
    desk.world.execute_as("sales", ApplyCalculator(order=offer.id), version + 1)
    assert prices(desk, offer) == [(Decimal(95), Decimal(30)), (Decimal(0), Decimal("12.5"))]


def test_purchases_in_another_currency_are_converted_before_the_coefficient(desk: Desk) -> None:
    """OFF-12: rounded once, on the unit price."""
    offer, version = opened(desk, entered("A", purchase_price=Decimal("0.3333"), purchase_currency="USD"))
    desk.world.execute_as("sales", save_of(offer, CalculatorFields(decimals=6)), version)
    desk.world.execute_as("sales", ApplyCalculator(order=offer.id), version + 1)
    [(price, _)] = prices(desk, offer)
    assert abs(Fraction(price) - Fraction("0.3333") / Fraction("1.0876")) <= Fraction(1, 2 * 10**6)


def test_the_calculator_is_for_offers_and_says_why_it_gives_nothing(desk: Desk) -> None:
    """OFF-10, CNF-04: prices of a confirmed order are fixed."""
    offer, version = desk.quoted("1.00")
    refusals = refused(desk, ApplyCalculator(order=offer.id), version)
    assert refusals == [("nothing_to_price", "/lines")]
    desk.confirm(offer, version)
    for request in (ApplyCalculator(order=offer.id), save_of(offer, INPUTS)):
        assert isinstance(refusal(desk, request, version + 1), rules.NotAnOffer)


def test_a_price_beyond_what_a_line_can_hold_is_told(desk: Desk) -> None:
    big = Cost(label="A", amount=Money.of(10**12, "EUR"))
    offer, version = opened(desk, entered("A", purchase_price=Decimal(1), purchase_currency="EUR"))
    desk.world.execute_as("sales", save_of(offer, CalculatorFields(extra=(big,))), version)
    assert refused(desk, ApplyCalculator(order=offer.id), version + 1) == [("amount_out_of_range", "/markup_rate")]
    [one] = read_lines(desk.world.services.store, desk.world.company, offer)
    desk.world.execute_as("sales", save_of(offer, CalculatorFields()), version + 1)
    own = {one.id: Decimal(10**6)}
    desk.world.execute_as("sales", SetOfferLines(order=offer.id, lines=(entered("A", id=one.id, **DEAR),)), version + 2)
    request = ApplyCalculator(order=offer.id, coefficients=own)
    assert refused(desk, request, version + 3) == [("amount_out_of_range", "/markup_rate")]
    cheap = entered("A", id=one.id, purchase_price=Decimal(1), purchase_currency="EUR")
    desk.world.execute_as("sales", SetOfferLines(order=offer.id, lines=(cheap,)), version + 3)
    reply = desk.world.execute_as("sales", request, version + 4)
    assert Order.model_validate_json(reply.body).totals.net == Money.of(10**7, "EUR")
