"""The right of withdrawal of a consumer who buys at a distance (QUO-05; C. conso. art. L221-18 to L221-21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from comptoir.catalogue.pricing import PricedLine, ProductKind
from comptoir.orders.milestones import DELIVERY, ETA
from comptoir.orders.model import Order
from comptoir.orders.quote import Withdrawal
from comptoir.orders.rules import dates
from comptoir.parties.model import Party

PERIOD = timedelta(days=14)
_DELIVERIES = (DELIVERY, ETA)
"""Milestones whose date is that of the reception."""
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)
"""Easter Monday, Ascension, Whit Monday."""


def withdrawal(order: Order, customer: Party, lines: Sequence[PricedLine], accepted: date) -> Withdrawal | None:
    """The right that a sale gives, for an acceptance on `accepted`; None for a professional or a sale in presence.

    With goods among the lines the period runs from their reception, on its forecast date if there is one.
    """
    if not order.distance_selling or customer.professional:
        return None
    goods = any(line.kind is ProductKind.GOODS for line in lines)
    known = dates(order)
    received = next((known[name] for name in _DELIVERIES if name in known), accepted)
    start = max(received, accepted) if goods else accepted
    return Withdrawal(goods=goods, start=start, until=last_day(start))


def last_day(start: date) -> date:
    """The last day of the period: the fourteenth after `start`, which is not counted itself.

    One that ends on a Saturday, a Sunday or a public holiday goes on to the next working day (art. L221-19).
    """
    day = start + PERIOD
    while day.weekday() >= 5 or _holiday(day):
        day += timedelta(days=1)
    return day


def _holiday(day: date) -> bool:
    """A public holiday of the whole of France (C. trav. art. L3133-1)."""
    moving = {_easter(day.year) + timedelta(days=offset) for offset in _AFTER_EASTER}
    return (day.month, day.day) in _FIXED or day in moving


def _easter(year: int) -> date:
    """Easter Sunday of a Gregorian year (the algorithm of Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
