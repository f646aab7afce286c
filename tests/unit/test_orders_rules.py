"""Rules of orders: prices, what may be entered, what a confirmation fixes (OFF-02, CNF-03, CNF-04)."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.catalogue.pricing import VatCategory, totals
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money
from comptoir.orders import rules
from comptoir.orders.model import (
    CONFIRMATION,
    Confirmation,
    LineInput,
    Milestone,
    Order,
    OrderLine,
    OrderStatus,
)
from comptoir.orders.selling import sold
from comptoir.treasury.model import Treasury

IDS = SequentialIds(1)
DAY = date(2026, 11, 21)

quantities = st.decimals(min_value=Decimal("0.0001"), max_value=10_000, places=4)
prices = st.decimals(min_value=0, max_value=100_000, places=6)
rates = st.sampled_from([Decimal(20), Decimal(10), Decimal("5.5"), Decimal("2.1"), Decimal(0)])
lines = st.builds(
    OrderLine,
    id=st.builds(IDS.new),
    designation=st.just("Article"),
    quantity=quantities,
    unit_price=prices,
    discount_rate=st.decimals(min_value=0, max_value=100, places=2),
    vat_rate=rates,
    free=st.booleans(),
)


def order(**fields: object) -> Order:
    given = {
        "id": IDS.new(),
        "customer": IDS.new(),
        "customer_name": "Épicerie du Léon",
        "number": "C-000012",
        "sales_operator": IDS.new(),
        "sales_name": "Anne Le Goff",
        "created_on": DAY,
        "totals": totals((), "EUR"),
    }
    return Order.model_validate(given | fields)


def half_up(value: Fraction) -> Fraction:
    """The nearest cent of a positive amount, a half going up, in whole numbers alone."""
    return Fraction((value * 200 + 1).__floor__() // 2, 100)


@given(st.lists(lines, max_size=12))
def test_totals_equal_an_independent_computation_in_fractions(entered: list[OrderLine]) -> None:
    """RULES §2.3: a line is rounded once, VAT once per rate on the sum of its nets."""
    bases: dict[Decimal, Fraction] = {}
    for line in entered:
        gross = Fraction(line.quantity) * Fraction(line.unit_price) * (100 - Fraction(line.discount_rate)) / 100
        bases[line.vat_rate] = bases.get(line.vat_rate, Fraction(0)) + (half_up(gross) if not line.free else 0)
    vat = sum((half_up(base * Fraction(rate) / 100) for rate, base in bases.items()), Fraction(0))
    net = sum(bases.values(), Fraction(0))
    found = totals(rules.price(order(), entered), "EUR")
    assert (Fraction(found.net.amount), Fraction(found.vat.amount)) == (net, vat)
    assert found.gross == found.net + found.vat


def test_lines_are_numbered_and_may_be_priced_in_part() -> None:
    line = OrderLine(id=IDS.new(), designation="Fût", quantity=Decimal(10), unit_price=Decimal("3.333"))
    assert [priced.position for priced in rules.price(order(), [line, line])] == [1, 2]
    [(part, source)] = sold(order(), [line], {line.id: Decimal(5)})
    assert (part.position, part.quantity, part.net, source) == (1, Decimal(5), Money.of("16.67", "EUR"), line.id)
    assert part.net.amount == (Decimal(5) * Decimal("3.333")).quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.parametrize(("rate", "category"), [("20", VatCategory.STANDARD), ("0", VatCategory.EXPORT)])
def test_a_line_at_zero_is_what_the_sale_makes_it(rate: str, category: VatCategory) -> None:
    """RULES §1.3."""
    line = OrderLine(id=IDS.new(), designation="Fût", quantity=Decimal(1), vat_rate=Decimal(rate))
    assert rules.price(order(zero_category=VatCategory.EXPORT), [line])[0].vat_category is category


def codes(breaches: list[Breach]) -> list[tuple[str, str | None]]:
    return [(breach.code, breach.pointer) for breach in breaches]


def test_milestones_are_unique_and_the_confirmation_dates_its_own() -> None:
    """CNF-03: « Confirmation de commande » gets its actual date from the confirmation alone."""
    forecast, actual = Milestone(name=CONFIRMATION, forecast=DAY), Milestone(name=CONFIRMATION, actual=DAY)
    etd = Milestone(name="etd", forecast=DAY)
    assert codes(rules.milestone_breaches((), (etd, etd))) == [("duplicate_milestone", "/milestones/1/name")]
    assert rules.milestone_breaches((forecast,), (etd, forecast.change(forecast=None))) == []
    assert codes(rules.milestone_breaches((forecast,), (actual,))) == [("confirmation_milestone", "/milestones")]
    assert rules.milestone_breaches((actual, etd), (etd, actual)) == []
    for changed in ((), (actual.change(forecast=DAY),), (actual.change(actual=date(2026, 1, 1)),), (forecast,)):
        assert codes(rules.milestone_breaches((actual,), changed)) == [("confirmation_milestone", "/milestones")]


def test_confirming_sets_status_and_milestone_and_keeps_the_others() -> None:
    """CNF-03."""
    confirmation = Confirmation(date=DAY, operator=IDS.new(), order_version=3)
    etd = Milestone(name="etd", forecast=DAY)
    bare = rules.confirmed(order(milestones=(etd,)), confirmation)
    assert bare.milestones == (etd, Milestone(name=CONFIRMATION, actual=DAY))
    planned = Milestone(name=CONFIRMATION, forecast=date(2026, 12, 1))
    after = rules.confirmed(order(milestones=(planned, etd)), confirmation)
    assert after.milestones == (planned.change(actual=DAY), etd)
    assert (after.status, after.confirmation) == (OrderStatus.CONFIRMED, confirmation)


def as_input(line: OrderLine, **fields: object) -> LineInput:
    return LineInput.model_validate(line.__dict__ | fields)


def test_a_confirmed_order_fixes_products_and_prices_but_not_quantities() -> None:
    """CNF-04; a quantity stays at or above what invoices have taken."""
    one, two = (
        OrderLine(id=IDS.new(), designation=name, quantity=Decimal(10), unit_price=Decimal(5)) for name in ("A", "B")
    )
    same = (as_input(one), as_input(two))
    assert rules.fixed_line_breaches((one, two), same, Treasury()) == []
    assert rules.fixed_line_breaches((one, two), (same[1], as_input(one, quantity=Decimal(4))), Treasury()) == []
    for other in ((same[0],), (*same, as_input(one, id=None)), (same[0], as_input(two, id=None)), (same[0], same[0])):
        assert codes(rules.fixed_line_breaches((one, two), other, Treasury())) == [("products_fixed", "/lines")]
    priced = as_input(one, unit_price=Decimal(6), discount_rate=Decimal(1))
    assert codes(rules.fixed_line_breaches((one, two), (priced, same[1]), Treasury())) == [
        ("price_fixed", "/lines/0/unit_price"),
        ("price_fixed", "/lines/0/discount_rate"),
    ]
    taken = Treasury(taken={one.id: Decimal(7)})
    less = as_input(one, quantity=Decimal(6))
    assert codes(rules.fixed_line_breaches((one, two), (less, same[1]), taken)) == [
        ("quantity_taken", "/lines/0/quantity")
    ]


def test_lines_name_known_things_once() -> None:
    """OFF-02: what a line newly names must exist; a purchase price has its currency."""
    kept = OrderLine(id=IDS.new(), designation="A", quantity=Decimal(1), reference=IDS.new())
    entered = (
        as_input(kept),
        as_input(kept),
        LineInput(
            designation="B",
            quantity=Decimal(1),
            reference=IDS.new(),
            supplier=IDS.new(),
            purchase_price=Decimal(1),
        ),
        LineInput(id=IDS.new(), designation="C", quantity=Decimal(1)),
    )
    nothing = rules.line_breaches(entered, {kept.id: kept}, VatCategory.ZERO, lambda _: False, lambda _: False)
    assert codes(nothing) == [
        ("unknown_line", "/lines/1/id"),
        ("purchase_currency_missing", "/lines/2/purchase_currency"),
        ("unknown_reference", "/lines/2/reference"),
        ("unknown_supplier", "/lines/2/supplier"),
        ("unknown_line", "/lines/3/id"),
    ]


def test_the_franchise_charges_no_vat() -> None:
    """RULES §1.3: art. 293 B du CGI."""
    line = LineInput(designation="A", quantity=Decimal(1), vat_rate=Decimal(20))
    assert codes(rules.one_line_breaches(line, VatCategory.EXEMPT, "/lines/0")) == [
        ("vat_in_franchise", "/lines/0/vat_rate")
    ]


def test_quotes_are_numbered_after_their_order() -> None:
    assert rules.quote_number(order(), 2) == "D-000012-2"
