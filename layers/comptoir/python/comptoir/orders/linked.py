"""Three linked unit prices: goods, transport, and the overall price, which is their sum (OFF-06)."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from comptoir.kernel.money import exactly


class Linked(StrEnum):
    """One of the three prices."""

    GOODS = "goods"
    TRANSPORT = "transport"
    OVERALL = "overall"


class LinkedPrices(NamedTuple):
    """The goods price at the intermediate incoterm and the transport price; neither is negative."""

    goods: Decimal
    transport: Decimal

    @property
    def overall(self) -> Decimal:
        """The price at the sale incoterm: never stored apart, so that the three cannot disagree."""
        with exactly():
            return self.goods + self.transport


def adjust(prices: LinkedPrices, changed: Linked, price: Decimal) -> LinkedPrices:
    """The three prices once one of them is `price`: the transport price is kept first (OFF-06).

    A goods or a transport price moves the overall one. An overall price moves the goods price alone,
    and takes from the transport only what the goods price cannot give.
    """
    if changed is Linked.GOODS:
        return LinkedPrices(price, prices.transport)
    if changed is Linked.TRANSPORT:
        return LinkedPrices(prices.goods, price)
    transport = min(prices.transport, price)
    with exactly():
        return LinkedPrices(price - transport, transport)
