"""What hangs on a party at one look: orders, documents and money, newest first (PTY-04)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar, TypeVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.invoicing.model import DocumentSummary
from comptoir.invoicing.settlements import with_settlement
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.orders.summary import OrderSummary
from comptoir.orders.supplier_model import SupplierRequestSummary
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.store import backend, keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import CREDITS, OPEN, TREASURY
from comptoir.treasury.model import OpenRequest, Side, TreasuryLine

S = TypeVar("S", bound=Model)


class Movement(Model):
    """A treasury line with the order or the document that it hangs on."""

    order: Id | None = None
    document: Id | None = None
    line: TreasuryLine


class PartyPage(Model):
    """A party with its latest orders, supplier requests and documents, and the money of all of these.

    Of a customer also the requests that owe something and those with credit notes to deduct, oldest first (PTY-02).
    A list that the operator has no right to read is empty; longer ones are read by their own routes.
    """

    party: Party
    orders: tuple[OrderSummary, ...] = ()
    supplier_requests: tuple[SupplierRequestSummary, ...] = ()
    documents: tuple[DocumentSummary, ...] = ()
    treasury: tuple[Movement, ...] = ()
    open_requests: tuple[OpenRequest, ...] = ()
    available_credits: tuple[OpenRequest, ...] = ()


class ReadPartyPage(Query):
    """The page of a party: at most `limit` of each list, newest first (PTY-04)."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES

    party: Id
    limit: int = Field(20, ge=1, le=50)

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        ordering, invoicing = ctx.may(Permission.READ_ORDERS), ctx.may(Permission.READ_INVOICES)
        orders = self._latest(ctx, OrderSummary, "ORDER") if ordering else ()
        requests = self._latest(ctx, SupplierRequestSummary, "PURCHASE") if ordering else ()
        documents = self._latest(ctx, DocumentSummary, "DOC") if invoicing else ()
        reader = Transaction(ctx.services.store.backend)
        page = PartyPage(
            party=stored.value,
            orders=orders,
            supplier_requests=requests,
            treasury=tuple(_newest_first(_money(reader, ctx.company, orders, requests, documents))),
            documents=with_settlement(reader, ctx.company, documents),
            open_requests=self._open(ctx, 2, OPEN[Side.CUSTOMER]) if invoicing else (),
            available_credits=self._open(ctx, 1, CREDITS[Side.CUSTOMER]) if invoicing else (),
        )
        return Reply.of(page, stored.version)

    def _latest(self, ctx: Context, model: type[S], what: str) -> tuple[S, ...]:
        pk, _ = keys.by_party(ctx.company, self.party, what, "")
        query = backend.Query(pk=pk, index=2, reverse=True)
        return ctx.services.store.summaries(model, query, None, self.limit).items

    def _open(self, ctx: Context, index: int, what: str) -> tuple[OpenRequest, ...]:
        query = backend.Query(pk=keys.by_party(ctx.company, self.party, what, "")[0], index=index)
        return ctx.services.store.summaries(OpenRequest, query, None, self.limit).items


def _money(
    reader: Transaction,
    company: str,
    orders: Iterable[OrderSummary],
    requests: Iterable[SupplierRequestSummary],
    documents: Iterable[DocumentSummary],
) -> list[Movement]:
    """The treasury lines of orders, of requests, and of the documents that no order made, in one read."""
    places: dict[Key, tuple[str | None, str | None]] = {
        **{keys.order_treasury(company, each.id): (each.id, None) for each in orders},
        **{keys.supplier_treasury(company, each.order, each.supplier): (each.order, None) for each in requests},
        **{keys.document_treasury(company, each.id): (None, each.id) for each in documents if each.order is None},
    }
    reader.prefetch(list(places))
    return [
        Movement(order=order, document=document, line=line)
        for key, (order, document) in places.items()
        if (treasury := reader.get(TREASURY, key))
        for line in treasury.lines
    ]


def _newest_first(movements: Iterable[Movement]) -> list[Movement]:
    """By actual date, else by forecast; those without any date first, since they are yet to come."""
    return sorted(movements, key=lambda m: m.line.actual_date or m.line.forecast_date or date.max, reverse=True)
