"""What saves and reads published exchange rates (RULES §2.4, TRS-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.history import record
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery
from comptoir.kernel.errors import Breach, NotFound, refuse_if
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Exact
from comptoir.kernel.text import Label
from comptoir.store import backend, keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.published import EURO, RATES, MonthRates, published, serves


class DayRate(Model):
    """What one euro is worth in a currency."""

    currency: Currency
    rate: Annotated[Exact, Field(gt=0, max_digits=20, decimal_places=12)]


class PublishedRates(Model):
    """Rates as they were saved."""

    rates: tuple[ExchangeRate, ...]


class SaveExchangeRates(Command):
    """Save the rates that one source published for one day; a rate of that day that was known is replaced.

    Issued documents keep the rate that they were issued with.
    """

    permission: ClassVar[Permission] = Permission.CERTIFY_RATES

    date: dt.date
    source: Label = "BCE"
    rates: Annotated[tuple[DayRate, ...], Field(min_length=1, max_length=40)]

    def _key(self, company: str, each: DayRate) -> Key:
        return keys.exchange_rates(company, each.currency, f"{self.date:%Y-%m}")

    def keys(self, company: str) -> Sequence[Key]:
        return [self._key(company, each) for each in self.rates]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        refuse_if(self._breaches(ctx.today))
        saved = []
        for each in self.rates:
            key, month = self._key(ctx.company, each), f"{self.date:%Y-%m}"
            rate = ExchangeRate(base=EURO, quote=each.currency, rate=each.rate, date=self.date, source=self.source)
            known = tx.get(RATES, key) or MonthRates(currency=each.currency, month=month)
            before = known.of(self.date)
            if before != rate:
                tx.put(RATES, key, known.with_rate(rate))
                record(tx, ctx, key.pk, "rate_saved", {f"/{self.date}": [before and _json(before), _json(rate)]})
            saved.append(rate)
        return Reply.of(PublishedRates(rates=tuple(saved)), status=201)

    def _breaches(self, today: dt.date) -> list[Breach]:
        found, currencies = [], [each.currency for each in self.rates]
        if self.date > today:
            found.append(_breach("date_future", "La date est future.", "The date is in the future.", "/date"))
        for number, currency in enumerate(currencies):
            at = f"/rates/{number}/currency"
            if currency == EURO:
                fr, en = "L'euro n'a pas de taux en euros.", "The euro has no rate in euro."
                found.append(_breach("rate_of_euro", fr, en, at))
            elif currency in currencies[:number]:
                found.append(_breach("duplicate_rate", f"Deux taux pour {currency}.", f"Two rates for {currency}.", at))
        return found


def _json(rate: ExchangeRate) -> dict[str, Any]:
    return rate.model_dump(mode="json")


def _breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer)


class ListExchangeRates(ListQuery):
    """The saved rates of a currency, a month each, the latest first."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    currency: Currency
    limit: int = Field(12, ge=1, le=24)

    def read(self, ctx: Context) -> Reply:
        pk = keys.exchange_rates(ctx.company, self.currency, "").pk
        query = backend.Query(pk=pk, prefix=keys.RATES, reverse=True)
        page = ctx.services.store.page(query, self.cursor, self.limit)
        months = tuple(RATES.load(record) for record in page.items)
        return Reply.of(Listing[MonthRates](items=months, cursor=page.cursor))


class ReadExchangeRate(Query):
    """The rate that holds for a day: the last one published up to it. Errors: `NotFound` when none serves."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    currency: Currency
    day: dt.date

    def read(self, ctx: Context) -> Reply:
        rate = published(Transaction(ctx.services.store.backend), ctx.company, self.currency, self.day)
        if rate is None or not serves(rate, self.day):
            raise NotFound()
        return Reply.of(rate)
