"""Exact amounts: decimals with a currency, rounded half away from zero in this one place.

RULES §2.3 (CIBS L131-2): the nearest value, a half counting for one unit. Currencies keep the
number of decimals that ISO 4217 gives them (JPY 0, EUR 2, TND 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from comptoir.kernel.explain import flaw, shaped
from comptoir.kernel.model import Model

_DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
_MAX = Decimal("1e15")
_EXACT = Context(prec=80)

Currency = Annotated[
    str,
    shaped(
        r"^[A-Z]{3}$",
        "Code de devise ISO 4217 attendu : trois majuscules (EUR).",
        "An ISO 4217 currency code is expected: three capitals (EUR).",
    ),
]


def exponent(currency: str) -> Decimal:
    """The smallest unit of a currency: 0.01 for EUR, 1 for JPY, 0.001 for TND."""
    return Decimal(1).scaleb(-_DECIMALS.get(currency, 2))


def exactly() -> AbstractContextManager[Context]:
    """Arithmetic with digits enough that nothing is rounded, or made a half, before `quantize` rounds it.

    A quotient of numbers of at most 40 digits that is no half differs from one before the 80th.
    """
    return localcontext(_EXACT)


def quantize(value: Decimal, step: Decimal) -> Decimal:
    """`value` on the grid of `step`, a half going away from zero; never `-0`."""
    return _EXACT.add(value.quantize(step, ROUND_HALF_UP, _EXACT), 0)


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        raise flaw(
            "binary_float",
            "Un nombre à virgule s'envoie en chaîne (« 12.50 »), pas en flottant binaire.",
            'A decimal number is sent as a string ("12.50"), not as a binary float.',
        )
    return value


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) >= _MAX:
        raise flaw("out_of_range", "Nombre hors limites.", "The number is out of range.")
    return value


def plain(value: Decimal) -> str:
    """A decimal as text without exponent: `1E+2` reads `100`."""
    return f"{value:f}"


def _places(value: Decimal) -> int:
    """Decimals as written, final zeros included, of a finite number; below 0 when it ends in tens."""
    return -int(value.as_tuple().exponent)


def _at_most(places: int) -> AfterValidator:
    step = Decimal(1).scaleb(-places)

    def check(value: Decimal) -> Decimal:
        _finite(value)
        if _places(value) > places and value != quantize(value, step):
            raise flaw("too_many_decimals", f"Au plus {places} décimales.", f"At most {places} decimals.")
        return value

    return AfterValidator(check)


_AsText = PlainSerializer(plain, return_type=str)
Exact = Annotated[Decimal, BeforeValidator(_exact), AfterValidator(_finite), _AsText]
Quantity = Annotated[Decimal, BeforeValidator(_exact), _at_most(4), _AsText]
UnitPrice = Annotated[Decimal, BeforeValidator(_exact), _at_most(6), _AsText]
Rate = Annotated[Decimal, BeforeValidator(_exact), _at_most(4), Field(ge=0), _AsText]
"""A percentage: 20 means 20 %."""


class Money(Model):
    """An amount in a currency, always on the currency's grid.

    Built from any decimal (`Money.of("12.345", "EUR")` rounds); read back strictly: a stored or
    sent amount with more decimals than its currency has is refused.
    """

    amount: Exact
    currency: Currency

    @model_validator(mode="after")
    def _on_grid(self) -> Money:
        places = _DECIMALS.get(self.currency, 2)
        if _places(self.amount) == places:
            return self
        if self.amount != quantize(self.amount, exponent(self.currency)):
            raise flaw(
                "off_currency_grid",
                f"Un montant en {self.currency} a au plus {places} décimales.",
                f"{self.currency} amounts have at most {places} decimals.",
            )
        object.__setattr__(self, "amount", quantize(self.amount, exponent(self.currency)))
        return self

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """`amount` rounded half up to the currency's decimals."""
        return cls.model_construct(amount=quantize(_finite(Decimal(amount)), exponent(currency)), currency=currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in this currency."""
        return cls.of(0, currency)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money.of(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money.of(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money.of(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def percent(self, rate: Decimal) -> Money:
        """`rate` per cent of this amount, rounded once."""
        with exactly():
            return Money.of(self.amount * rate / 100, self.currency)

    def interest(self, rate: Decimal, days: int) -> Money:
        """What `rate` per cent a year of this amount comes to in so many days, 365 to the year, rounded once."""
        with exactly():
            return Money.of(self.amount * rate * days / 36_500, self.currency)

    def split(self, weights: Sequence[Decimal]) -> list[Money]:
        """Parts in proportion to `weights` that add up to this amount exactly.

        The rounded remainder goes cent by cent through cumulated shares, so that no part is more
        than one smallest unit away from its share. Errors: no weight, a negative one, or all zero.
        """
        parts, seen, given = [], Decimal(0), Money.zero(self.currency)
        with exactly():
            total = sum(weights, Decimal(0))
            if not weights or total <= 0 or min(weights) < 0:
                raise ValueError("weights must be positive")
            for weight in weights:
                seen += weight
                upto = Money.of(self.amount * seen / total, self.currency)
                parts.append(upto - given)
                given = upto
        return parts


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts of one currency; zero of that currency when there is none."""
    result = Decimal(0)
    for money in amounts:
        if money.currency != currency:
            raise ValueError(f"cannot mix {currency} and {money.currency}")
        result += money.amount
    return Money.of(result, currency)
