"""What the books are made from: what is issued and paid, in the order of its chain, with the rates that it needs."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from comptoir.access.context import Services
from comptoir.accounting.bought import SOURCE, place, purchase
from comptoir.accounting.chart import Chart
from comptoir.accounting.currency import of_document, of_payment, of_purchase
from comptoir.accounting.exporting import Rates
from comptoir.accounting.model import Entry
from comptoir.accounting.sales import sale
from comptoir.accounting.settlements import settlement
from comptoir.closings.calendar import name_of
from comptoir.closings.items import CLOSING
from comptoir.closings.model import PeriodKind
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.clock import paris_date, stamp
from comptoir.ledger.model import ChainName
from comptoir.ledger.reading import entries, first_that
from comptoir.parties.items import PARTY
from comptoir.purchasing.items import CANCELLED, RECORDED, SUPPLIER_DOCUMENT
from comptoir.purchasing.model import SupplierDocument
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.treasury.payment import PaymentFact


@dataclass(frozen=True)
class Piece:
    """A source of one entry: `make` gives it at its rates, `rates` finds the certified ones.

    Errors of `rates`: `Refused`, telling what is to be certified.
    """

    source: str
    sequence: int
    at: str
    make: Callable[[Rates], Entry | None]
    rates: Callable[[], Rates]


@dataclass(frozen=True)
class Scope:
    """Whose books, on which accounts, over which days (both included), in which currency."""

    services: Services
    company: str
    chart: Chart
    start: date
    end: date
    books: str


def documents(scope: Scope) -> Iterator[Piece]:
    """The documents issued in the period in the order of validation; dates never fall along the chain."""
    store, chain = scope.services.store, ChainName.DOCUMENTS
    first = first_that(store, scope.company, chain, lambda entry: _document(entry.payload).issue_date >= scope.start)
    for entry in entries(store, scope.company, chain, first):
        content = _document(entry.payload)
        if content.issue_date > scope.end:
            return
        yield _sale(scope, content, entry.sequence, entry.at)


def _document(payload: str) -> Snapshot:
    return Snapshot.model_validate_json(payload)


def _sale(scope: Scope, content: Snapshot, sequence: int, at: str) -> Piece:
    return Piece(
        source=ChainName.DOCUMENTS.value,
        sequence=sequence,
        at=at,
        make=lambda rates: sale(content, sequence, scope.chart, scope.books, rates.own),
        rates=lambda: of_document(scope.services, scope.company, content, scope.books),
    )


def payments(scope: Scope) -> Iterator[Piece]:
    """Payments, refunds and counter-entries dated in the period, in the order in which they were recorded.

    A payment is recorded on its day or later: so those of a period begin where its first day does, and end where
    the closing of its last day says that they do.
    """
    store, chain, codes = scope.services.store, ChainName.PAYMENTS, dict[str, str]()
    first = first_that(
        store, scope.company, chain, lambda entry: paris_date(datetime.fromisoformat(entry.at)) >= scope.start
    )
    for entry in entries(store, scope.company, chain, first, _complete(scope, chain)):
        fact = PaymentFact.model_validate_json(entry.payload)
        if scope.start <= fact.date <= scope.end:
            yield _settlement(scope, fact, entry.sequence, entry.at, _code(scope, fact.party, codes))


def _complete(scope: Scope, chain: ChainName) -> int | None:
    """Up to where a chain holds what is dated in the period; None while its last day is open."""
    name = name_of(PeriodKind.DAILY, scope.end)
    closed = scope.services.store.get(CLOSING, keys.closing(scope.company, PeriodKind.DAILY, name))
    return closed.value.closing.complete.get(chain.value) if closed else None


def _code(scope: Scope, party: str, known: dict[str, str]) -> str:
    if party not in known:
        known[party] = scope.services.store.require(PARTY, keys.party(scope.company, party)).value.code
    return known[party]


def _settlement(scope: Scope, fact: PaymentFact, sequence: int, at: str, code: str) -> Piece:
    return Piece(
        source=ChainName.PAYMENTS.value,
        sequence=sequence,
        at=at,
        make=lambda rates: settlement(fact, sequence, code, scope.chart, scope.books, rates),
        rates=lambda: of_payment(scope.services, scope.company, fact, scope.books),
    )


def purchases(scope: Scope) -> Iterator[Piece]:
    """Supplier documents booked in the period, and those taken back in it, in the order of the register."""
    recorded = _booked(scope, RECORDED, 1, cancelled=False)
    taken_back = _booked(scope, CANCELLED, 3, cancelled=True)
    return heapq.merge(recorded, taken_back, key=lambda piece: piece.sequence)


def _booked(scope: Scope, what: str, index: int, *, cancelled: bool) -> Iterator[Piece]:
    """The months of one list at once: each is in the order of the register, so they are merged, not sorted."""
    months = (_month(scope, what, index, month, cancelled) for month in _months(scope.start, scope.end))
    return heapq.merge(*months, key=lambda piece: piece.sequence)


def _months(start: date, end: date) -> Iterator[str]:
    first = start.replace(day=1)
    while first <= end:
        yield f"{first:%Y-%m}"
        first = (first + timedelta(days=32)).replace(day=1)


def _month(scope: Scope, what: str, index: int, month: str, cancelled: bool) -> Iterator[Piece]:
    store = scope.services.store
    query: Query | None = Query(pk=keys.by_month(scope.company, what, month, "")[0], index=index, limit=100)
    while query:
        part = store.backend.query(query)
        found = store.backend.get([record.key for record in part.records])
        for record in part.records:
            document = SUPPLIER_DOCUMENT.load(found[record.key])
            if scope.start <= place(document, cancelled)[0] <= scope.end:
                yield _purchase(scope, document, cancelled)
        query = replace(query, start=part.next) if part.next else None


def _purchase(scope: Scope, document: SupplierDocument, cancelled: bool) -> Piece:
    _, at, sequence = place(document, cancelled)
    return Piece(
        source=SOURCE,
        sequence=sequence,
        at=stamp(at),
        make=lambda rates: purchase(document, scope.chart, scope.books, rates.own, cancelled=cancelled),
        rates=lambda: of_purchase(scope.services, scope.company, document, scope.books, cancelled=cancelled),
    )


SOURCES: tuple[Callable[[Scope], Iterator[Piece]], ...] = (documents, payments, purchases)
"""Everything that makes entries; each in the order of validation."""


def pieces(scope: Scope) -> Iterator[Piece]:
    """Every piece of the period, in the order of validation over all sources."""
    sources = (source(scope) for source in SOURCES)
    return heapq.merge(*sources, key=lambda piece: (piece.at, piece.source, piece.sequence))
