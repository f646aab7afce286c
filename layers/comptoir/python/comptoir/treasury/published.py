"""Published exchange rates of the euro, and which one holds for a day (CGI 266-1 bis, RULES §2.4, TRS-05).

The rate of a day is the last one published up to it. Central banks publish on working days, so that a
rate is at most a long week-end old: an older one means that some are missing, and serves no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from comptoir.kernel.errors import Breach
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Label
from comptoir.store import keys
from comptoir.store.record import Key, Kind
from comptoir.store.transaction import Transaction

EURO = "EUR"
OLDEST = timedelta(days=10)
"""How long the last published rate serves."""


class MonthRates(Model):
    """The rates of a currency published in a month, by day: one euro is worth so much of it."""

    currency: Currency
    month: Label
    rates: tuple[ExchangeRate, ...] = ()

    def of(self, day: date) -> ExchangeRate | None:
        """The rate published for a day."""
        return next((rate for rate in self.rates if rate.date == day), None)

    def with_rate(self, rate: ExchangeRate) -> MonthRates:
        """These rates with that of a day, instead of the one that it had."""
        others = (known for known in self.rates if known.date != rate.date)
        return self.change(rates=tuple(sorted((*others, rate), key=lambda each: each.date)))


RATES = Kind("exchange_rates", MonthRates)


def serves(rate: ExchangeRate, day: date) -> bool:
    """Whether a rate may be used for a day: published by then, and not too long before."""
    return rate.date <= day <= rate.date + OLDEST


def last(rates: Iterable[ExchangeRate], day: date) -> ExchangeRate | None:
    """The last rate published up to a day, however old."""
    return max((rate for rate in rates if rate.date <= day), key=lambda rate: rate.date, default=None)


def rate_keys(company: str, currency: str, day: date) -> list[Key]:
    """What is read to find the rate of a day: its month and the one before."""
    before = day.replace(day=1) - timedelta(days=1)
    return [keys.exchange_rates(company, currency, f"{each:%Y-%m}") for each in (before, day)]


def published(tx: Transaction, company: str, currency: str, day: date) -> ExchangeRate | None:
    """The last rate published up to a day that the company has, from this month or the one before."""
    places = rate_keys(company, currency, day)
    tx.prefetch(places)
    months = [tx.get(RATES, key) for key in places]
    return last((rate for month in months if month for rate in month.rates), day)


def rate_breach(rate: ExchangeRate | None, currency: str, day: date, pointer: str | None = None) -> Breach | None:
    """Why the last known rate cannot be used for a day; None when it serves."""
    at, link = f"{day:%d/%m/%Y}", f"/exchange-rates/{currency}"
    if rate is None:
        fr = f"Aucun taux de change de l'euro en {currency} publié au {at} n'est connu."
        en = f"No euro exchange rate for {currency} published by {day:%Y-%m-%d} is known."
        return Breach(code="exchange_rate_missing", fr=fr, en=en, pointer=pointer, link=link)
    if serves(rate, day):
        return None
    fr = f"Le dernier taux de change connu en {currency} date du {rate.date:%d/%m/%Y} : il ne vaut plus le {at}."
    en = f"The last known {currency} exchange rate is of {rate.date:%Y-%m-%d}: it does not hold on {day:%Y-%m-%d}."
    return Breach(code="exchange_rate_not_of_day", fr=fr, en=en, pointer=pointer, link=link)
