"""Published exchange rates, which fix VAT in euro and the worth of treasury lines."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.kernel.exchange import ExchangeRate
from comptoir.treasury.published import MonthRates
from comptoir.treasury.publishing import ListExchangeRates, PublishedRates, ReadExchangeRate, SaveExchangeRates

from ..routing import Route

RATES_EXAMPLE = {
    "date": "2026-11-20",
    "source": "BCE",
    "rates": [{"currency": "USD", "rate": "1.0876"}, {"currency": "JPY", "rate": "168.42"}],
}

ROUTES = (
    Route("POST", "/exchange-rates", SaveExchangeRates, PublishedRates, 201, example=RATES_EXAMPLE),
    Route("GET", "/exchange-rates/{currency}", ListExchangeRates, Listing[MonthRates]),
    Route("GET", "/exchange-rates/{currency}/{day}", ReadExchangeRate, ExchangeRate),
)
