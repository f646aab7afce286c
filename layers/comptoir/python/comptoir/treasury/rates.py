"""Exchange rates of treasury lines: what may be set, and the average of a request (TRS-05, CRN-12)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from comptoir.kernel.errors import Breach, Refused
from comptoir.kernel.exchange import ExchangeRate, worth
from comptoir.kernel.money import exactly, quantize
from comptoir.treasury.model import TreasuryLine

_DECIMALS = Decimal("1e-12")


class RatesNotCertified(Refused):
    """The average rate of a request waits for every line of it to be certified."""

    status = 409
    code = "rates_not_certified"
    fr = "Le taux moyen exige que toutes les lignes de trésorerie de la demande soient certifiées."
    en = "The average rate needs every treasury line of the request to be certified."


def rate_breaches(line: TreasuryLine, rate: ExchangeRate | None, currency: str) -> list[Breach]:
    """Why a rate cannot be that of a line, in a company that counts in `currency`."""
    own = line.amount.currency
    if own == currency:
        fr, en = f"Une ligne en {own} n'a pas de taux de change.", f"A line in {own} needs no exchange rate."
        return [Breach(code="rate_needless", fr=fr, en=en, pointer="/rate")]
    if rate and rate.other(own) != currency:
        fr = f"Le taux doit relier {own} et {currency}."
        en = f"The rate has to link {own} and {currency}."
        return [Breach(code="rate_of_other_currency", fr=fr, en=en, pointer="/rate")]
    return []


def average_rate(lines: Sequence[TreasuryLine], currency: str) -> Decimal:
    """What one unit of a request's currency is worth in `currency`, to 12 decimals: weighted by the amounts.

    Lines outside the requested products, such as credit notes, have to be certified but weigh nothing (CRN-12).
    Errors: `RatesNotCertified`, naming every line that is not; `ValueError` for a request that is worth nothing.
    """
    missing = [
        _uncertified(number)
        for number, line in enumerate(lines)
        if line.amount.currency != currency and not line.certified
    ]
    if missing:
        raise RatesNotCertified(missing)
    products = [line for line in lines if not line.outside_products]
    weight = sum((line.amount.amount for line in products), Decimal(0))
    if not weight:
        raise ValueError("the request is worth nothing")
    with exactly():
        value = sum((_worth(line, currency) for line in products), Decimal(0))
        return quantize(value / weight, _DECIMALS)


def _worth(line: TreasuryLine, currency: str) -> Decimal:
    found = worth(line.amount.amount, line.amount.currency, currency, [line.rate] if line.rate else [])
    if found is None:
        raise ValueError(f"the rate of line {line.id} does not lead to {currency}")
    return found


def _uncertified(number: int) -> Breach:
    fr, en = "Le taux de cette ligne n'est pas certifié.", "The rate of this line is not certified."
    return Breach(code="rate_not_certified", fr=fr, en=en, pointer=f"/lines/{number}/certified")
