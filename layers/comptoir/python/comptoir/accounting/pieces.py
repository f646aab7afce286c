"""What the books are made from: issued documents in the order of their chain, each with the rate that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comptoir.access.context import Services
from comptoir.accounting.chart import Chart
from comptoir.accounting.marks import posted_rate
from comptoir.accounting.model import Entry
from comptoir.accounting.sales import sale
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.errors import Breach, Refused
from comptoir.ledger.model import ChainName
from comptoir.ledger.reading import entries, first_that
from comptoir.store import keys
from comptoir.treasury.items import TREASURY
from comptoir.treasury.rates import average_rate


@dataclass(frozen=True)
class Piece:
    """A source of one entry: `make` gives it at a rate, `rate` finds the certified one of its request.

    Errors of `rate`: `Refused`, telling what is to be certified.
    """

    source: str
    sequence: int
    at: str
    make: Callable[[Decimal], Entry | None]
    rate: Callable[[], Decimal]


_ONE = Decimal(1)


def documents(services: Services, company: str, chart: Chart, start: date, end: date, books: str) -> Iterator[Piece]:
    """The documents issued from `start` to `end` in the order of validation; dates never fall along the chain."""
    chain = ChainName.DOCUMENTS
    first = first_that(services.store, company, chain, lambda entry: _content(entry.payload).issue_date >= start)
    for entry in entries(services.store, company, chain, first):
        content = _content(entry.payload)
        if content.issue_date > end:
            return
        yield _document(services, company, chart, content, entry.sequence, entry.at, books)


def _content(payload: str) -> Snapshot:
    return Snapshot.model_validate_json(payload)


def _document(
    services: Services, company: str, chart: Chart, content: Snapshot, sequence: int, at: str, books: str
) -> Piece:
    def rate() -> Decimal:
        return _ONE if content.currency == books else _certified(services, company, content, books)

    def make(value: Decimal) -> Entry | None:
        return sale(content, sequence, chart, books, value)

    return Piece(ChainName.DOCUMENTS.value, sequence, at, make, rate)


def _certified(services: Services, company: str, content: Snapshot, books: str) -> Decimal:
    """The average rate of the customer request, all of whose lines are certified; a cancellation takes its invoice's.

    Errors: `Refused` with the document and where its rates are certified (CRN-12).
    """
    taken_back = content.origin.document if content.kind is DocumentKind.CANCELLATION and content.origin else None
    head = services.store.require(DOCUMENT, keys.document(company, taken_back or content.document)).value
    if taken_back and head.sequence:
        known = posted_rate(services.store, company, ChainName.DOCUMENTS.value, head.sequence)
        if known is not None:
            return known
    origin = head.origin.document if head.origin and head.kind is not DocumentKind.INVOICE else head.id
    place = keys.order_treasury(company, head.order) if head.order else keys.document_treasury(company, origin)
    sheet = services.store.get(TREASURY, place)
    try:
        return average_rate(sheet.value.lines if sheet else (), books)
    except (Refused, ValueError) as error:
        raise Refused([_uncertified(content, head.order)]) from error


def _uncertified(content: Snapshot, order: str | None) -> Breach:
    fr = f"{content.number} ({content.currency}) : les taux de change de la demande ne sont pas tous certifiés."
    en = f"{content.number} ({content.currency}): not every exchange rate of the request is certified."
    link = f"/orders/{order}" if order else f"/invoices/{content.document}"
    return Breach(code="rate_not_certified", fr=fr, en=en, link=link)


Source = Callable[[Services, str, Chart, date, date, str], Iterator[Piece]]
SOURCES: tuple[Source, ...] = (documents,)
"""Everything that makes entries; each in the order of validation."""
