"""An order as it is sold: priced lines grouped by incoterm, for quotes, totals and invoices (OFF-03, OFF-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class _Part(NamedTuple):
    """What a line sells at one incoterm; `source` is the line whose quantity it takes."""

    line: OrderLine
    kind: ProductKind
    designation: str
    quantity: Decimal
    unit_price: Decimal
    net: Money
    incoterm: str | None
    source: str | None


def price(order: Order, lines: Sequence[OrderLine]) -> tuple[PricedLine, ...]:
    """An order as documents price it: by incoterm in ascending level, then in the order of its lines (OFF-03, OFF-07).

    Transport and insurance entered for the whole order come as lines of their own (OFF-06).
    """
    return tuple(priced for priced, _ in sold(order, (*lines, *order_costs(order))))


def sold(
    order: Order, lines: Sequence[OrderLine], quantities: Mapping[str, Decimal] | None = None
) -> list[tuple[PricedLine, str | None]]:
    """Lines priced for a document, for part of their quantities if told, each with the line that it takes from.

    The transport part of a line goes with its goods, which alone take the quantity: it has no source.
    """
    parts = [part for line in lines for part in _parts(order, line, (quantities or {}).get(line.id, line.quantity))]
    parts.sort(key=lambda part: level(part.incoterm))
    return [(_priced(order, part, number), part.source) for number, part in enumerate(parts, 1)]


def _parts(order: Order, line: OrderLine, quantity: Decimal) -> list[_Part]:
    """One part, or goods and transport when the price is split: together worth the whole, to the cent."""
    own, code = line.unit_price, line_incoterm(order, line)

    def net(unit_price: Decimal) -> Money:
        return line_net(quantity, unit_price, line.discount_rate, line.free, order.currency)

    if not line.transport_price:
        return [_Part(line, line.kind, line.designation, quantity, own, net(own), code, line.id)]
    carriage, whole = net(line.transport_price), net(LinkedPrices(own, line.transport_price).overall)
    words = transport_of(line.designation, order.language)
    return [
        _Part(line, line.kind, line.designation, quantity, own, whole - carriage, code, line.id),
        _Part(line, ProductKind.TRANSPORT, words, quantity, line.transport_price, carriage, order.incoterm, None),
    ]


def _priced(order: Order, part: _Part, position: int) -> PricedLine:
    line = part.line
    # The line's values are valid already: validating them again would cost more than pricing them.
    return PricedLine.model_construct(
        position=position,
        kind=part.kind,
        code=line.code,
        designation=part.designation,
        quantity=part.quantity,
        unit=line.unit,
        unit_price=part.unit_price,
        discount_rate=line.discount_rate,
        free=line.free,
        vat_rate=line.vat_rate,
        vat_category=VatCategory.STANDARD if line.vat_rate else order.zero_category,
        net=part.net,
        account=line.sale_account if part.kind is line.kind else None,
        incoterm=part.incoterm,
        incoterm_place=line.incoterm_place or place_of(order, part.incoterm),
    )


def whole_prices(lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    """Lines whose transport is no longer told apart: each at its overall price (OFF-06)."""
    return tuple(
        line.change(unit_price=LinkedPrices(line.unit_price, line.transport_price).overall, transport_price=Decimal(0))
        if line.transport_price
        else line
        for line in lines
    )
