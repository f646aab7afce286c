"""Revision of the prices of a contract: a fixed percentage, or a published index (CTR-01).

Nothing cumulates: each price is that of the contract times the whole factor, rounded once, half up, to the
decimals that the contract's price is written with, two at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from comptoir.access.model import Code
from comptoir.kernel.explain import flaw
from comptoir.kernel.model import Model
from comptoir.kernel.money import Exact, exactly, quantize
from comptoir.kernel.text import Line

OLDEST = timedelta(days=366)
"""How long before a revision the last value of an index may be: most are published each month or quarter."""

_LEAST, _MOST = 2, 6
IndexFigure = Annotated[Exact, Field(gt=0, max_digits=15, decimal_places=6)]
"""A value of an index, in its own base."""


class Every(StrEnum):
    """How often prices are revised: on each anniversary of the start, or with each period."""

    YEAR = "year"
    PERIOD = "period"


class Indexation(Model):
    """How prices are revised: by `rate` per cent each time, or as `index` stands to its value `base`.

    A year's revision holds for the periods that begin on the anniversary of the contract's start or later.
    """

    every: Every = Every.YEAR
    rate: Annotated[Exact, Field(ge=-50, le=100, decimal_places=4)] | None = None
    index: Code | None = None
    base: IndexFigure | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Indexation:
        by_rate, by_index = self.rate is not None, self.index is not None and self.base is not None
        if by_rate == by_index or (by_rate and (self.index or self.base)):
            raise flaw(
                "one_indexation",
                "Une indexation est un taux, ou un indice avec sa valeur de base.",
                "An indexation is a rate, or an index with its base value.",
            )
        return self


class IndexValue(Model):
    """The value of an index for the month or quarter that begins on a date."""

    date: date
    value: IndexFigure


class PriceIndex(Model):
    """A published index (Syntec, ILC, ICC …) with the values that the company has entered, oldest first."""

    code: Code
    name: Line
    values: Annotated[tuple[IndexValue, ...], Field(max_length=600)] = ()

    def at(self, day: date) -> IndexValue | None:
        """The last value dated `day` or before; None when it is too old to stand for that day."""
        known = [value for value in self.values if value.date <= day]
        last = max(known, key=lambda value: value.date, default=None)
        return last if last and day - last.date <= OLDEST else None


class Revision(Model):
    """A revision as it was made: how many the contract had by then, and the value of the index, if it follows one.

    It is kept with the contract, so that the periods of a year share it whatever is published meanwhile.
    """

    count: Annotated[int, Field(ge=1)]
    day: date
    value: IndexValue | None = None


def indexed(price: Decimal, indexation: Indexation, revision: Revision) -> Decimal:
    """A price after a revision."""
    with exactly():
        if indexation.rate is not None:
            factor = ((100 + indexation.rate) / Decimal(100)) ** revision.count
        elif revision.value and indexation.base:
            factor = revision.value.value / indexation.base
        else:
            raise ValueError("the revision has no value of the index")
        return quantize(price * factor, Decimal(1).scaleb(-_places(price)))


def _places(price: Decimal) -> int:
    return min(max(-int(price.as_tuple().exponent), _LEAST), _MOST)


def in_order(values: Sequence[IndexValue]) -> tuple[IndexValue, ...]:
    """Values by date."""
    return tuple(sorted(values, key=lambda value: value.date))
