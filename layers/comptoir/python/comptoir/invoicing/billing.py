"""What invoices take of an order, and at which amounts, so that together they are worth it (INV-01, INV-13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from comptoir.catalogue.pricing import PricedLine, Totals
from comptoir.invoicing.model import Billing, DraftLine
from comptoir.invoicing.shares import part_totals, rests, rows_moved, share
from comptoir.kernel.money import Money
from comptoir.orders.model import Order, OrderLine
from comptoir.orders.selling import Nets, Worth, nets

Taken = Mapping[str, Decimal]
"""The quantities that documents hold of an order's lines."""


def worth(order: Order, taken: Taken, billing: Billing) -> Worth:
    """What a quantity of a line comes to beside what documents hold of it: the last one takes all that remains."""

    def of(line: OrderLine, quantity: Decimal) -> Nets:
        own, whole = nets(order, line, quantity), nets(order, line, line.quantity)
        last = taken.get(line.id, Decimal(0)) + quantity == line.quantity

        def part(mine: Money, all_of_it: Money, held: Mapping[str, Decimal]) -> Money:
            return share(mine, all_of_it - Money.of(held.get(line.id, 0), order.currency), last)

        goods = part(own.goods, whole.goods, billing.nets)
        if own.transport is None or whole.transport is None:
            return Nets(goods)
        return Nets(goods, part(own.transport, whole.transport, billing.transports))

    return of


def billed(order: Order, billing: Billing, lines: Sequence[DraftLine]) -> Totals:
    """The totals of an invoice of an order: the one that exhausts a rate takes all the VAT that remains of it."""
    left = rests(order.totals.rows, billing.rows)
    return part_totals((line.priced for line in lines), order.currency, left)


def quantities_moved(taken: Taken, lines: Sequence[DraftLine], sign: int) -> dict[str, Decimal]:
    """The quantities held once `lines` are taken (`sign` 1) or given back (−1)."""
    found = dict(taken)
    for line in lines:
        if line.source and line.priced.transport_of is None:
            found[line.source] = found.get(line.source, Decimal(0)) + sign * line.priced.quantity
    return {source: quantity for source, quantity in found.items() if quantity}


def billing_moved(billing: Billing, lines: Sequence[DraftLine], totals: Totals, sign: int) -> Billing:
    """The amounts held once a document of `lines` takes its part (`sign` 1) or gives it back (−1)."""
    sold, carried = dict(billing.nets), dict(billing.transports)
    for line in lines:
        if line.source:
            _add(carried if _carries(line.priced) else sold, line.source, sign * line.priced.net.amount)
    return billing.change(nets=sold, transports=carried, rows=rows_moved(billing.rows, totals.rows, sign))


def _carries(line: PricedLine) -> bool:
    return line.transport_of is not None


def _add(held: dict[str, Decimal], source: str, amount: Decimal) -> None:
    """Lines of which nothing is held go."""
    after = held.pop(source, Decimal(0)) + amount
    if after:
        held[source] = after
