"""Line nets and totals against whole-number arithmetic (INV-04, RULES §2.3)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from comptoir.catalogue.pricing import (
    Exemption,
    PricedLine,
    ProductKind,
    VatCase,
    VatCategory,
    line_net,
    sum_rows,
    totals,
)
from comptoir.kernel.money import Money, plain

PLACES = {"EUR": 2, "JPY": 0, "TND": 3}
RATES = [Decimal(text) for text in ("20", "10", "5.5", "2.1", "8.5", "0")]


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low * 10**places, high * 10**places).map(lambda units: Decimal(units).scaleb(-places))


def half_up(value: Fraction, places: int) -> int:
    scale: int = 10**places
    scaled = abs(value) * scale
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    rounded = whole + (2 * rest >= scaled.denominator)
    return -rounded if value < 0 else rounded


def units(money: Money) -> int:
    return int(plain(money.amount).replace(".", ""))


lines = st.tuples(decimals(-1000, 100_000, 4), decimals(0, 100_000, 6), decimals(0, 100, 4), st.booleans())


@given(lines, st.sampled_from(sorted(PLACES)))
@example((Decimal("99999.9999"), Decimal("99999.999999"), Decimal("33.3333"), False), "TND")
@example((Decimal(1), Decimal("0.005"), Decimal(0), False), "EUR")
def test_a_net_is_rounded_once(line: tuple[Decimal, Decimal, Decimal, bool], currency: str) -> None:
    quantity, price, discount, free = line
    exact = Fraction(0) if free else Fraction(quantity) * Fraction(price) * (100 - Fraction(discount)) / 100
    assert units(line_net(quantity, price, discount, free, currency)) == half_up(exact, PLACES[currency])


def _priced(position: int, entry: tuple[Any, ...], currency: str) -> PricedLine:
    (quantity, price, discount, free), rate = entry
    category = VatCategory.STANDARD if rate else VatCategory.EXPORT
    return PricedLine(
        position=position,
        kind=ProductKind.GOODS,
        designation="Cordage",
        quantity=quantity,
        unit="pièce",
        unit_price=price,
        discount_rate=discount,
        free=free,
        vat_rate=rate,
        vat_category=category,
        net=line_net(quantity, price, discount, free, currency),
    )


@given(st.lists(st.tuples(lines, st.sampled_from(RATES)), max_size=25), st.sampled_from(sorted(PLACES)))
def test_vat_is_computed_once_a_rate_on_the_sum(entries: list[tuple[Any, ...]], currency: str) -> None:
    priced = [_priced(number, entry, currency) for number, entry in enumerate(entries, 1)]
    found = totals(priced, currency, {VatCategory.EXPORT: Exemption(VatCase.EXPORT, "VATEX-EU-G", "Exonération")})
    bases: dict[Decimal, int] = {}
    for line in priced:
        bases[line.vat_rate] = bases.get(line.vat_rate, 0) + units(line.net)
    scale = 10 ** PLACES[currency]
    taxes = {
        rate: half_up(Fraction(base, scale) * Fraction(rate) / 100, PLACES[currency]) for rate, base in bases.items()
    }
    assert {row.rate: (units(row.base), units(row.vat)) for row in found.rows} == {
        rate: (bases[rate], taxes[rate]) for rate in bases
    }
    assert [row.rate for row in found.rows] == sorted(bases, reverse=True)
    assert (units(found.net), units(found.vat)) == (sum(bases.values()), sum(taxes.values()))
    assert units(found.gross) == units(found.net) + units(found.vat)
    assert all((row.exemption is None) == (row.category is VatCategory.STANDARD) for row in found.rows)


def test_the_sum_of_line_taxes_is_not_the_tax() -> None:
    """Three lines of 0.33 at 20 %: 0.20 on the sum, where 0.07 a line would make 0.21."""
    priced = [_priced(n, ((Decimal(1), Decimal("0.33"), Decimal(0), False), Decimal(20)), "EUR") for n in range(3)]
    assert totals(priced, "EUR").vat == Money.of("0.20", "EUR")


def test_no_line_costs_nothing() -> None:
    found = totals([], "EUR")
    assert (found.net, found.vat, found.gross, found.rows) == (*[Money.zero("EUR")] * 3, ())
    assert found.currency == "EUR"
    assert sum_rows(found.rows, "EUR") == found


def test_one_rate_in_two_categories_stays_two_rows() -> None:
    line = _priced(1, ((Decimal(1), Decimal(100), Decimal(0), False), Decimal(0)), "EUR")
    other = line.change(vat_category=VatCategory.EXEMPT)
    assert [(row.category, str(row.base.amount)) for row in totals([line, other], "EUR").rows] == [
        (VatCategory.EXEMPT, "100.00"),
        (VatCategory.EXPORT, "100.00"),
    ]
