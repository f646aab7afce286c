"""Totals, weights and margin of an order (OFF-05): computed when its lines are saved, converted when it is read."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from comptoir.access.model import MarginThresholds
from comptoir.catalogue.incoterms import Incoterm
from comptoir.catalogue.pricing import Group, PricedLine, ProductKind, Totals, groups, line_net, totals
from comptoir.kernel.errors import Breach
from comptoir.kernel.exchange import convert
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Exact, Money, exactly, quantize, total
from comptoir.orders import vat
from comptoir.orders.figures import Figures
from comptoir.orders.incoterms import order_costs, warnings
from comptoir.orders.model import Order, OrderLine
from comptoir.orders.selling import price
from comptoir.treasury.delays import delay_warnings

_GRAM = Decimal("0.001")
_LITRE = Decimal("0.001")
_PERCENT = Decimal("0.01")


def computed(order: Order, lines: Sequence[OrderLine]) -> Order:
    """The head of an order with everything that its lines make: count, totals, weights, purchases, subtotals."""
    priced = price(order, lines)
    return order.change(
        lines=len(lines), totals=totals(priced, order.currency), figures=_figures(lines, priced, order.currency)
    )


def bought_quantity(line: OrderLine) -> Decimal:
    """How much of a line is bought: what is sold, unless told otherwise."""
    return line.quantity if line.purchase_quantity is None else line.purchase_quantity


def purchase(line: OrderLine) -> Money | None:
    """What a line costs to buy, in the currency of its purchase price."""
    if line.purchase_price is None or line.purchase_currency is None:
        return None
    return line_net(bought_quantity(line), line.purchase_price, Decimal(0), False, line.purchase_currency)


def by_currency(amounts: Sequence[Money]) -> tuple[Money, ...]:
    """The sum of amounts in each currency, in the order of the codes."""
    currencies = sorted({amount.currency for amount in amounts})
    return tuple(total((one for one in amounts if one.currency == currency), currency) for currency in currencies)


def _figures(lines: Sequence[OrderLine], priced: Sequence[PricedLine], currency: str) -> Figures:
    bought = [purchase(line) for line in lines]
    with exactly():
        weights = {
            name: quantize(sum((line.quantity * (getattr(line, name) or 0) for line in lines), Decimal(0)), step)
            for name, step in (("net_weight", _GRAM), ("gross_weight", _GRAM), ("volume", _LITRE))
        }
    return Figures(
        **weights,
        unweighed=sum(
            line.kind is ProductKind.GOODS and None in (line.net_weight, line.gross_weight, line.volume)
            for line in lines
        ),
        purchases=by_currency([amount for amount in bought if amount]),
        unpriced=bought.count(None),
        groups=groups(priced, currency),
    )


class MarginColour(StrEnum):
    """Green above 5 %, orange from 0 to 5 %, red below 0: by default, the company sets both (OFF-05)."""

    GREEN = "green"
    ORANGE = "orange"
    RED = "red"


class OrderTotals(Model):
    """The totals of an order at any time (OFF-05).

    Weights in kilograms, volume in m³. `purchase_cost` is in the order's currency: it and the margin
    are absent while no line has a purchase price or a rate is missing (`missing_rates`). The margin
    is the sale without VAT minus the purchases; lines without purchase price, of which there are
    `lines_without_purchase_price`, count for nothing in them. `margin_rate` is a percentage of
    purchases, `markup_rate` (*taux de marque*) of sales. `order_costs` are the lines that documents
    add for transport and insurance entered once for the order; `warnings` forbid nothing.
    """

    totals: Totals
    groups: tuple[Group, ...]
    final_incoterm: Incoterm | None
    net_weight: Exact
    gross_weight: Exact
    volume: Exact
    lines_without_weight: int
    purchases: tuple[Money, ...]
    purchase_cost: Money | None
    missing_rates: tuple[Currency, ...]
    lines_without_purchase_price: int
    margin: Money | None
    margin_rate: Exact | None
    markup_rate: Exact | None
    colour: MarginColour | None
    order_costs: tuple[OrderLine, ...]
    warnings: tuple[Breach, ...]


def shown(order: Order, thresholds: MarginThresholds) -> OrderTotals:
    """The totals of an order, from its head alone."""
    figures = order.figures
    purchases = by_currency([*figures.purchases, *order.costs])
    cost, missing = cost_of(purchases, order)
    margin = order.totals.net - cost if cost else None
    delays = delay_warnings(order.terms) if vat.taxed(order.zero_category) else ()
    return OrderTotals(
        totals=order.totals,
        groups=figures.groups,
        final_incoterm=figures.groups[-1].incoterm if figures.groups else order.incoterm,
        net_weight=figures.net_weight,
        gross_weight=figures.gross_weight,
        volume=figures.volume,
        lines_without_weight=figures.unweighed,
        purchases=purchases,
        purchase_cost=cost,
        missing_rates=missing,
        lines_without_purchase_price=figures.unpriced,
        margin=margin,
        margin_rate=_percentage(margin, cost),
        markup_rate=_percentage(margin, order.totals.net),
        colour=colour(margin, cost, thresholds) if margin is not None and cost else None,
        order_costs=order_costs(order),
        warnings=(*warnings(order), *vat.warnings(order), *delays),
    )


def cost_of(purchases: Sequence[Money], order: Order) -> tuple[Money | None, tuple[str, ...]]:
    """Purchases in the order's currency, each currency converted once, and the currencies without a rate.

    None when there is no purchase, or a rate is missing.
    """
    converted = {amount.currency: convert(amount, order.currency, order.rates) for amount in purchases}
    missing = tuple(currency for currency, amount in converted.items() if amount is None)
    known = [amount for amount in converted.values() if amount is not None]
    return (None, missing) if missing or not known else (total(known, order.currency), ())


def _percentage(part: Money | None, whole: Money | None) -> Decimal | None:
    if part is None or not whole:
        return None
    with exactly():
        return quantize(part.amount * 100 / whole.amount, _PERCENT)


def colour(margin: Money, cost: Money, thresholds: MarginThresholds) -> MarginColour:
    """The colour of a margin by its rate on purchases, compared before any rounding (OFF-05)."""
    with exactly():
        reached = margin.amount * 100
        if reached > thresholds.green * cost.amount:
            return MarginColour.GREEN
        return MarginColour.ORANGE if reached >= thresholds.orange * cost.amount else MarginColour.RED
