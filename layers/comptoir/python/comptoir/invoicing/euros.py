"""VAT in euro of a document in another currency: at which published rate, row by row (CGI 289 IV, RULES §2.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from comptoir.catalogue.pricing import Totals
from comptoir.invoicing.mentions import nature_of
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind, EuroVat, OperationNature
from comptoir.kernel.errors import Breach
from comptoir.kernel.exchange import ExchangeRate, convert
from comptoir.kernel.money import Money
from comptoir.treasury.published import EURO, rate_breach, serves


def chargeable_on(document: Document, day: date) -> date:
    """When the VAT of an invoice dated `day` falls due, as far as it is known then (CGI art. 269).

    That of goods at their delivery, that of services at the latest when they are invoiced.
    """
    goods = nature_of(line.priced for line in document.lines) is OperationNature.GOODS
    return min(document.delivery_date or day, day) if goods else day


def chosen_rate(
    document: Document, entered: Iterable[ExchangeRate], known: ExchangeRate | None, day: date
) -> ExchangeRate | None:
    """The rate of a document: its own, else the order's where it serves that day, else the last one published."""
    if document.currency == EURO:
        return None
    if document.exchange_rate:
        return document.exchange_rate
    own = (rate for rate in entered if {rate.base, rate.quote} == {EURO, document.currency} and serves(rate, day))
    return max(own, key=lambda rate: rate.date, default=known)


def euro_breaches(document: Document, rate: ExchangeRate | None, day: date) -> list[Breach]:
    """Why VAT cannot be told in euro; a document that takes back an invoice keeps that one's rate, however old."""
    taking_back = document.kind is not DocumentKind.INVOICE or document.replaces is not None
    if document.currency == EURO or (taking_back and rate):
        return []
    if rate and {rate.base, rate.quote} != {EURO, document.currency}:
        fr = f"Le taux de change doit relier l'euro et {document.currency}."
        en = f"The exchange rate has to link the euro and {document.currency}."
        return [Breach(code="rate_of_other_currency", fr=fr, en=en, pointer="/exchange_rate")]
    found = rate_breach(rate, document.currency, day, "/exchange_rate")
    return [found] if found else []


def euro_vat(totals: Totals, rate: ExchangeRate) -> EuroVat:
    """Each row in euro, its base and its VAT rounded once."""
    rows = tuple(row.change(base=_in_euro(row.base, rate), vat=_in_euro(row.vat, rate)) for row in totals.rows)
    return EuroVat(rate=rate, rows=rows)


def _in_euro(amount: Money, rate: ExchangeRate) -> Money:
    found = convert(amount, EURO, [rate])
    if found is None:
        raise ValueError(f"{amount} is beyond what can be converted")
    return found
