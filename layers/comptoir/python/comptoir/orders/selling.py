"""An order as it is sold: priced lines grouped by incoterm, for quotes, totals and invoices (OFF-03, OFF-07)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from comptoir.catalogue.incoterms import level
from comptoir.catalogue.pricing import PricedLine, ProductKind, VatCategory, line_net
from comptoir.kernel.money import Money
from comptoir.orders.incoterms import line_incoterm, order_costs, place_of, transport_of
from comptoir.orders.linked import LinkedPrices
from comptoir.orders.model import Order, OrderLine

MOST = Decimal("1e11")
"""What no line is worth, so that the sum of 5,000 stays within what an amount can hold."""


class Nets(NamedTuple):
    """What a line is worth: its goods, and its transport where that is told apart (OFF-06)."""

    goods: Money
    transport: Money | None = None


class _Part(NamedTuple):
    """What a line sells at one incoterm: the line itself, or its transport."""

    line: OrderLine
    transport: bool
    quantity: Decimal
    net: Money


Worth = Callable[[OrderLine, Decimal], Nets]
"""What a quantity of a line is worth on a document."""


def price(order: Order, lines: Sequence[OrderLine]) -> tuple[PricedLine, ...]:
    """An order as documents price it: by incoterm in ascending level, then in the order of its lines (OFF-03, OFF-07).

    Transport and insurance entered for the whole order come as lines of their own (OFF-06).
    """
    return tuple(priced for priced, _ in sold(order, (*lines, *order_costs(order))))


def sold(
    order: Order,
    lines: Sequence[OrderLine],
    quantities: Mapping[str, Decimal] | None = None,
    worth: Worth | None = None,
) -> list[tuple[PricedLine, str]]:
    """Lines priced for a document, for part of their quantities if told, each with the order's line that it sells.

    `worth` says what a quantity comes to, by default what it is by itself. The transport part of a line
    names its goods, which alone take the quantity.
    """
    worth = worth or (lambda line, quantity: nets(order, line, quantity))
    parts: list[_Part] = []
    for line in lines:
        quantity = (quantities or {}).get(line.id, line.quantity)
        own = worth(line, quantity)
        parts.append(_Part(line, False, quantity, own.goods))
        parts += [_Part(line, True, quantity, own.transport)] if own.transport is not None else []
    parts.sort(key=lambda part: level(_incoterm(order, part)))
    places = {part.line.id: number for number, part in enumerate(parts, 1) if not part.transport}
    return [(_priced(order, part, number, places), part.line.id) for number, part in enumerate(parts, 1)]


def nets(order: Order, line: OrderLine, quantity: Decimal) -> Nets:
    """What a quantity of a line is worth; goods and transport are together worth the whole, to the cent."""

    def net(unit_price: Decimal) -> Money:
        return line_net(quantity, unit_price, line.discount_rate, line.free, order.currency)

    if not line.transport_price:
        return Nets(net(line.unit_price))
    carriage = net(line.transport_price)
    return Nets(net(LinkedPrices(line.unit_price, line.transport_price).overall) - carriage, carriage)


def _incoterm(order: Order, part: _Part) -> str | None:
    return order.incoterm if part.transport else line_incoterm(order, part.line)


def _priced(order: Order, part: _Part, position: int, places: Mapping[str, int]) -> PricedLine:
    line, incoterm = part.line, _incoterm(order, part)
    # The line's values are valid already: validating them again would cost more than pricing them.
    return PricedLine.model_construct(
        position=position,
        kind=ProductKind.TRANSPORT if part.transport else line.kind,
        code=line.code,
        designation=transport_of(line.designation, order.language) if part.transport else line.designation,
        quantity=part.quantity,
        unit=line.unit,
        unit_price=line.transport_price if part.transport else line.unit_price,
        discount_rate=line.discount_rate,
        free=line.free,
        vat_rate=line.vat_rate,
        vat_category=VatCategory.STANDARD if line.vat_rate else order.zero_category,
        net=part.net,
        account=None if part.transport else line.sale_account,
        incoterm=incoterm,
        incoterm_place=line.incoterm_place or place_of(order, incoterm),
        transport_of=places[line.id] if part.transport else None,
    )


def whole_prices(lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    """Lines whose transport is no longer told apart: each at its overall price (OFF-06)."""
    return tuple(
        line.change(unit_price=LinkedPrices(line.unit_price, line.transport_price).overall, transport_price=Decimal(0))
        if line.transport_price
        else line
        for line in lines
    )
