"""The exchange rates of an order (OFF-12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comptoir.kernel.errors import Breach
from comptoir.kernel.exchange import ExchangeRate

MAX_RATES = 30


def naming(rates: Iterable[ExchangeRate], currency: str) -> tuple[ExchangeRate, ...]:
    """The rates that still serve an order in this currency."""
    return tuple(rate for rate in rates if rate.other(currency))


def rate_breaches(rates: Sequence[ExchangeRate], currency: str) -> list[Breach]:
    """Each rate links another currency to the order's, once."""
    found, seen = [], set()
    for number, rate in enumerate(rates):
        other = rate.other(currency)
        if other is None:
            fr, en = f"Ce taux ne concerne pas {currency}.", f"This rate does not name {currency}."
            found.append(Breach(code="rate_of_other_currency", fr=fr, en=en, pointer=f"/rates/{number}/quote"))
        elif other in seen:
            fr, en = f"Deux taux pour {other}.", f"Two rates for {other}."
            found.append(Breach(code="duplicate_rate", fr=fr, en=en, pointer=f"/rates/{number}"))
        seen.add(other)
    return found
