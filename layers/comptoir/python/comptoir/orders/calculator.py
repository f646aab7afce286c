"""The price calculator: from purchases, forecast costs and a wanted markup to one coefficient (OFF-10).

With P the sale price of the goods, A their purchases, F the fixed costs, p and s the sums of the
percentages of purchase and of sale, and m the wanted markup (*taux de marque*, on sales):

    P = A + F + p·A + s·P + m·P,  hence  P = (A·(1 + p) + F) / (1 − s − m)

Marine insurance on 110 % of the sale price is part of s, so that nothing is iterated.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator

from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.errors import Breach
from comptoir.kernel.exchange import ExchangeRate, worth
from comptoir.kernel.explain import flaw
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Exact, Money, Rate, exactly, quantize
from comptoir.kernel.text import Line
from comptoir.orders.margins import bought_quantity
from comptoir.orders.model import Order, OrderLine
from comptoir.orders.selling import MOST

_SHOWN = Decimal("0.000001")
Coefficient = Annotated[Exact, Field(gt=0, le=1_000_000)]


class CostBase(StrEnum):
    """What a percentage is of."""

    PURCHASE = "purchase"
    SALE = "sale"


class Cost(Model):
    """A forecast cost: an amount in any currency, or `rate` per cent of `base_percentage` per cent of a base.

    Marine insurance at 0.4 % of 110 % of the sale price: rate 0.4, base sale, base percentage 110.
    """

    label: Line
    amount: Money | None = None
    rate: Rate | None = None
    base: CostBase | None = None
    base_percentage: Annotated[Rate, Field(le=1000)] = Decimal(100)

    @model_validator(mode="after")
    def _one_way(self) -> Cost:
        fixed, share = self.amount is not None, self.rate is not None and self.base is not None
        if fixed == share or (fixed and (self.rate is not None or self.base is not None)):
            raise flaw(
                "amount_or_rate",
                "Un coût est un montant, ou un taux et sa base.",
                "A cost is an amount, or a rate and its base.",
            )
        if self.amount is not None and self.amount.amount < 0:
            raise flaw("negative_cost", "Un coût n'est pas négatif.", "A cost is not negative.")
        return self

    @property
    def share(self) -> Decimal:
        """The part of its base that a percentage takes: 0.0044 for 0.4 % of 110 %; 0 for an amount."""
        with exactly():
            return (self.rate or Decimal(0)) * self.base_percentage / 10_000


_Costs = Annotated[tuple[Cost, ...], Field(max_length=30)]


class CalculatorFields(Model):
    """What is entered: costs in their three groups, the wanted markup rate, the decimals of the sale prices."""

    transport: _Costs = ()
    insurance: _Costs = ()
    extra: _Costs = ()
    markup_rate: Rate = Decimal(0)
    decimals: int = Field(4, ge=0, le=6)

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Every cost."""
        return (*self.transport, *self.insurance, *self.extra)


class Calculator(CalculatorFields):
    """The inputs kept with an order; `coefficients` are those of lines that were adjusted when it was applied."""

    coefficients: dict[Id, Coefficient] = Field(default_factory=dict)


class Solution(Model):
    """The sale price of the goods that bears every cost and leaves the markup, and the coefficient that makes it."""

    coefficient: Exact
    purchases: Money
    costs: Money
    sale: Money
    margin: Money


class Basis(NamedTuple):
    """Purchases of the goods in the order's currency, not rounded: all, and those of lines that are sold.

    What is given away is paid by what is sold. `left_out` counts the goods without purchase price.
    """

    purchases: Decimal
    charged: Decimal
    left_out: int
    missing: tuple[str, ...]


def cost_of(line: OrderLine, order: Order) -> Decimal | None:
    """What a line costs to buy in the order's currency, not rounded; None without a price or a rate."""
    if line.purchase_price is None or line.purchase_currency is None:
        return None
    with exactly():
        return worth(bought_quantity(line) * line.purchase_price, line.purchase_currency, order.currency, order.rates)


def is_charged(line: OrderLine) -> bool:
    """Whether a coefficient can price a line: goods that are neither free nor discounted whole."""
    return line.kind is ProductKind.GOODS and not line.free and line.discount_rate < 100


def basis(order: Order, lines: Sequence[OrderLine]) -> Basis:
    """What the coefficient multiplies: transport and service lines are left alone (OFF-10)."""
    goods = [line for line in lines if line.kind is ProductKind.GOODS]
    known = [(line, cost) for line in goods if (cost := cost_of(line, order)) is not None]
    unpriced = [line for line in goods if line.purchase_price is None]
    priced = [line for line in goods if line.purchase_price is not None]
    missing = {line.purchase_currency or "" for line in priced if cost_of(line, order) is None}
    with exactly():
        return Basis(
            purchases=sum((cost for _, cost in known), Decimal(0)),
            charged=sum((cost for line, cost in known if is_charged(line)), Decimal(0)),
            left_out=len(unpriced),
            missing=tuple(sorted(missing)),
        )


def sale_price(inputs: CalculatorFields, found: Basis, order: Order) -> tuple[Decimal | None, list[Breach]]:
    """The sale price of the goods, not rounded, or why there is none."""
    fixed, missing = _fixed(inputs.costs, order.currency, order.rates)
    breaches = [_rate_missing(currency, order) for currency in sorted({*missing, *found.missing})]
    if not found.charged:
        fr = "Aucune marchandise vendue n'a de prix d'achat : il n'y a rien à multiplier."
        en = "No goods that are sold have a purchase price: there is nothing to multiply."
        breaches.append(Breach(code="nothing_to_price", fr=fr, en=en, pointer="/lines"))
    with exactly():
        shares = {base: sum((c.share for c in inputs.costs if c.base is base), Decimal(0)) for base in CostBase}
        left = 1 - shares[CostBase.SALE] - inputs.markup_rate / 100
        if left <= 0:
            fr = "Les pourcentages de la vente et le taux de marque atteignent 100 % : aucun prix de vente ne convient."
            en = "The percentages of sale and the markup rate reach 100%: no sale price fits."
            breaches.append(Breach(code="coefficient_impossible", fr=fr, en=en, pointer="/markup_rate"))
        if breaches:
            return None, breaches
        price = (found.purchases * (1 + shares[CostBase.PURCHASE]) + fixed) / left
    return (None, [OUT_OF_RANGE]) if price >= MOST else (price, [])


def _fixed(costs: Sequence[Cost], currency: str, rates: Sequence[ExchangeRate]) -> tuple[Decimal, set[str]]:
    """The fixed costs in the order's currency, and the currencies without a rate."""
    amounts = [cost.amount for cost in costs if cost.amount is not None]
    values = [(amount.currency, worth(amount.amount, amount.currency, currency, rates)) for amount in amounts]
    with exactly():
        known = sum((value for _, value in values if value is not None), Decimal(0))
    return known, {code for code, value in values if value is None}


def solved(inputs: CalculatorFields, found: Basis, price: Decimal, order: Order) -> Solution:
    """What a sale price amounts to; costs and margin are what is left of it, so that the four agree."""
    sale, bought = Money.of(price, order.currency), Money.of(found.purchases, order.currency)
    margin = sale.percent(inputs.markup_rate)
    with exactly():
        coefficient = quantize(price / found.charged, _SHOWN)
    return Solution(coefficient=coefficient, purchases=bought, costs=sale - margin - bought, sale=sale, margin=margin)


def unit_price(line: OrderLine, coefficient: Decimal, order: Order, decimals: int) -> Decimal | None:
    """The overall unit price of a line whose net is its purchase times the coefficient; None if it has no purchase."""
    cost = cost_of(line, order)
    if cost is None or not is_charged(line):
        return None
    with exactly():
        exact = cost * coefficient * 100 / (line.quantity * (100 - line.discount_rate))
    return quantize(exact, Decimal(1).scaleb(-decimals))


OUT_OF_RANGE = Breach(
    code="amount_out_of_range",
    fr="Le montant calculé est hors limites.",
    en="The computed amount is out of range.",
    pointer="/markup_rate",
)


def _rate_missing(currency: str, order: Order) -> Breach:
    fr = f"Il manque le taux de change entre {currency} et {order.currency}."
    en = f"The exchange rate between {currency} and {order.currency} is missing."
    return Breach(code="rate_missing", fr=fr, en=en, pointer="/rates", link=f"/orders/{order.id}/rates")
