"""Amounts of a document in the currency of the books, without a cent lost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from comptoir.accounting.model import Posting
from comptoir.kernel.money import Money, exactly, exponent, quantize


class Conversion(NamedTuple):
    """From the document's currency to that of the books: one unit is worth `rate`."""

    currency: str
    books: str
    rate: Decimal

    @property
    def same(self) -> bool:
        """Whether there is nothing to convert."""
        return self.currency == self.books

    def of(self, amount: Money) -> Decimal:
        """An amount in the books."""
        if self.same:
            return amount.amount
        with exactly():
            return quantize(amount.amount * self.rate, exponent(self.books))

    def posting(self, account: str, amount: Money, sign: int = 1) -> Posting:
        """An amount of the document on an account."""
        return Posting(account, sign * self.of(amount), sign * amount.amount)


def spread(worth: Decimal, nets: Sequence[Decimal], step: Decimal) -> list[Decimal]:
    """`worth` over amounts in proportion; what rounding leaves goes to the largest."""
    whole = sum(nets, Decimal(0))
    if not whole:
        return [Decimal(0) for _ in nets]
    with exactly():
        parts = [quantize(worth * net / whole, step) for net in nets]
    largest = max(range(len(parts)), key=lambda number: abs(parts[number]))
    parts[largest] += worth - sum(parts, Decimal(0))
    return parts
