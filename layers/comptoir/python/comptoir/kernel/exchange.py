"""Exchange rates, with their date and source, and the one conversion of amounts (OFF-12, TRS-05)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from comptoir.kernel.explain import flaw
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Exact, Money, exactly
from comptoir.kernel.text import Label

_MOST = Decimal("1e14")


class ExchangeRate(Model):
    """One unit of `base` is worth `rate` units of `quote`, as `source` published it for `date`.

    Kept the way round that it was published (`1 EUR = 1.0876 USD`, BCE): inverting it would round it.
    """

    base: Currency
    quote: Currency
    rate: Annotated[Exact, Field(gt=0, max_digits=20, decimal_places=12)]
    date: date
    source: Label

    @model_validator(mode="after")
    def _two_currencies(self) -> ExchangeRate:
        if self.base == self.quote:
            raise flaw(
                "same_currency",
                "Un taux de change relie deux devises différentes.",
                "An exchange rate links two different currencies.",
            )
        return self

    def other(self, currency: str) -> str | None:
        """The currency that the rate links to this one, None when it does not name it."""
        return {self.base: self.quote, self.quote: self.base}.get(currency)


def worth(value: Decimal, currency: str, wanted: str, rates: Iterable[ExchangeRate]) -> Decimal | None:
    """`value` in another currency, not rounded; None without a rate between the two, or beyond any amount."""
    if currency == wanted:
        return value
    rate = next((rate for rate in rates if rate.other(currency) == wanted), None)
    if rate is None:
        return None
    with exactly():
        found = value * rate.rate if rate.base == currency else value / rate.rate
    return found if abs(found) < _MOST else None


def convert(amount: Money, wanted: str, rates: Iterable[ExchangeRate]) -> Money | None:
    """An amount in another currency, rounded once; None without a rate."""
    value = worth(amount.amount, amount.currency, wanted, rates)
    return None if value is None else Money.of(value, wanted)
