"""The monthly accounting view: the documents of a month with amounts per rate and state, and totals (INV-10)."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery
from comptoir.invoicing.model import DocumentStatus, DocumentSummary
from comptoir.invoicing.months import MONTH_TOTALS, MonthTotals
from comptoir.invoicing.settlements import with_settlement
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.invoicing.taking_back import place_of
from comptoir.kernel.model import Model
from comptoir.kernel.text import MonthName
from comptoir.store import backend, keys
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction
from comptoir.treasury.settling import SettlementState


class MonthState(StrEnum):
    """Where a document stands: taken back, settled, settled in part, or open."""

    CANCELLED = "cancelled"
    SETTLED = "settled"
    PARTLY = "partly"
    OPEN = "open"


class MonthDocument(Model):
    """A document of the month with its state; `pdf` is the address that gives a short-lived link, once archived."""

    document: DocumentSummary
    state: MonthState
    pdf: str | None = None


class Month(Model):
    """A page of the documents of a month, in the order of their numbers, and the totals of the whole month."""

    month: MonthName
    totals: MonthTotals
    items: tuple[MonthDocument, ...]
    cursor: str | None = None


def month_query(company: str, month: str) -> backend.Query:
    """The documents issued in a month, in the order of their numbers."""
    return backend.Query(pk=keys.by_month(company, "DOC", month, "")[0], index=1)


def month_totals(store: Store, company: str, month: str) -> MonthTotals:
    """What the documents of a month add up to."""
    stored = store.get(MONTH_TOTALS, keys.month_totals(company, month))
    return stored.value if stored else MonthTotals(month=month)


class ReadMonth(ListQuery):
    """The documents of a month with their amounts per rate, their state and the month's totals (INV-10)."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES

    month: MonthName

    def read(self, ctx: Context) -> Reply:
        store, query = ctx.services.store, month_query(ctx.company, self.month)
        page = store.summaries(DocumentSummary, query, self.cursor, self.limit)
        totals = month_totals(store, ctx.company, self.month)
        items = tuple(with_states(store, ctx.company, page.items))
        return Reply.of(Month(month=self.month, totals=totals, items=items, cursor=page.cursor))


def with_states(store: Store, company: str, documents: tuple[DocumentSummary, ...]) -> list[MonthDocument]:
    """Documents with their state, from the treasury of their requests: one read for all."""
    return [_with_state(each) for each in with_settlement(Transaction(store.backend), company, documents)]


def _with_state(document: DocumentSummary) -> MonthDocument:
    archived = document.status is DocumentStatus.ARCHIVED
    pdf = f"{place_of(document.kind, document.id)}/file" if archived else None
    return MonthDocument(document=document, state=_state(document), pdf=pdf)


def _state(document: DocumentSummary) -> MonthState:
    if document.cancelled_by:
        return MonthState.CANCELLED
    if document.kind is DocumentKind.CANCELLATION or document.settlement is None:
        return MonthState.SETTLED
    return _STATES[document.settlement.state]


_STATES = {
    SettlementState.OPEN: MonthState.OPEN,
    SettlementState.PARTLY: MonthState.PARTLY,
    SettlementState.SETTLED: MonthState.SETTLED,
}
