"""What hangs on a party at one look: orders, documents and money, newest first (PTY-04)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, TypeVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.contracts.items import ContractSummary
from comptoir.invoicing.model import DocumentSummary
from comptoir.invoicing.settlements import with_settlement
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.orders.items import ORDERED
from comptoir.orders.summary import OrderSummary
from comptoir.orders.supplier_model import SupplierRequestSummary
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.purchasing.items import PURCHASES, RECORDED
from comptoir.purchasing.model import SupplierDocumentSummary
from comptoir.purchasing.purchase import PurchaseSummary
from comptoir.store import backend, keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import CREDITS, OPEN, TREASURY
from comptoir.treasury.model import OpenRequest, Side, TreasuryLine

S = TypeVar("S", bound=Model)


class Movement(Model):
    """A treasury line with the order, the purchase or the document that it hangs on."""

    order: Id | None = None
    purchase: Id | None = None
    document: Id | None = None
    line: TreasuryLine


class PartyPage(Model):
    """A party with its latest orders, requests, purchases and documents, and the money of all of these.

    Its contracts are those that renew first (CTR-02).

    Of a customer also the requests that owe something and those with credit notes to deduct, oldest first
    (PTY-02); of a supplier those that something is owed of, those with credit notes, and what confirmed
    orders of this year have ordered, without VAT, by currency (PTY-03). A list that the operator has no
    right to read is empty; longer ones are read by their own routes.
    """

    party: Party
    orders: tuple[OrderSummary, ...] = ()
    supplier_requests: tuple[SupplierRequestSummary, ...] = ()
    purchases: tuple[PurchaseSummary, ...] = ()
    contracts: tuple[ContractSummary, ...] = ()
    documents: tuple[DocumentSummary, ...] = ()
    supplier_documents: tuple[SupplierDocumentSummary, ...] = ()
    treasury: tuple[Movement, ...] = ()
    open_requests: tuple[OpenRequest, ...] = ()
    available_credits: tuple[OpenRequest, ...] = ()
    owed_requests: tuple[OpenRequest, ...] = ()
    supplier_credits: tuple[OpenRequest, ...] = ()
    ordered: tuple[Money, ...] = ()


class ReadPartyPage(Query):
    """The page of a party: at most `limit` of each list, newest first (PTY-04)."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES

    party: Id
    limit: int = Field(20, ge=1, le=50)

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        lists = {**self._sold(ctx), **self._bought(ctx), **self._agreed(ctx)}
        page = PartyPage(party=stored.value, **lists)
        reader = Transaction(ctx.services.store.backend)
        treasury = tuple(_newest_first(_money(reader, ctx.company, page)))
        documents = with_settlement(reader, ctx.company, page.documents)
        return Reply.of(page.change(treasury=treasury, documents=documents), stored.version)

    def _sold(self, ctx: Context) -> dict[str, tuple[Any, ...]]:
        """What was offered and sold to the party, as far as it may be read."""
        found: dict[str, tuple[Any, ...]] = {}
        if ctx.may(Permission.READ_ORDERS):
            found["orders"] = self._latest(ctx, OrderSummary, "ORDER")
            found["supplier_requests"] = self._latest(ctx, SupplierRequestSummary, "PURCHASE")
            year = ctx.services.store.get(ORDERED, keys.ordered(ctx.company, self.party, ctx.today.year))
            found["ordered"] = year.value.amounts if year else ()
        if ctx.may(Permission.READ_INVOICES):
            found["documents"] = self._latest(ctx, DocumentSummary, "DOC")
            found["open_requests"] = self._open(ctx, 2, OPEN[Side.CUSTOMER])
            found["available_credits"] = self._open(ctx, 1, CREDITS[Side.CUSTOMER])
        return found

    def _bought(self, ctx: Context) -> dict[str, tuple[Any, ...]]:
        """What was bought from the party and what it invoiced, as far as it may be read."""
        if not ctx.may(Permission.READ_PURCHASES):
            return {}
        return {
            "purchases": self._latest(ctx, PurchaseSummary, PURCHASES),
            "supplier_documents": self._latest(ctx, SupplierDocumentSummary, RECORDED),
            "owed_requests": self._open(ctx, 2, OPEN[Side.SUPPLIER]),
            "supplier_credits": self._open(ctx, 1, CREDITS[Side.SUPPLIER]),
        }

    def _agreed(self, ctx: Context) -> dict[str, tuple[Any, ...]]:
        """The contracts with the party, as far as they may be read."""
        if not ctx.may(Permission.READ_CONTRACTS):
            return {}
        query = backend.Query(pk=keys.by_party(ctx.company, self.party, "CONTRACT", "")[0], index=2)
        found = ctx.services.store.summaries(ContractSummary, query, None, self.limit).items
        return {"contracts": tuple(each.flagged(ctx.today) for each in found)}

    def _latest(self, ctx: Context, model: type[S], what: str) -> tuple[S, ...]:
        pk, _ = keys.by_party(ctx.company, self.party, what, "")
        query = backend.Query(pk=pk, index=2, reverse=True)
        return ctx.services.store.summaries(model, query, None, self.limit).items

    def _open(self, ctx: Context, index: int, what: str) -> tuple[OpenRequest, ...]:
        query = backend.Query(pk=keys.by_party(ctx.company, self.party, what, "")[0], index=index)
        return ctx.services.store.summaries(OpenRequest, query, None, self.limit).items


def _money(reader: Transaction, company: str, page: PartyPage) -> list[Movement]:
    """The treasury lines of orders, requests and purchases, and of documents that none of these made, in one read."""
    places: dict[Key, dict[str, str]] = {}
    for order in page.orders:
        places[keys.order_treasury(company, order.id)] = {"order": order.id}
    for request in page.supplier_requests:
        places[keys.supplier_treasury(company, request.order, request.supplier)] = {"order": request.order}
    for purchase in page.purchases:
        places[keys.supplier_treasury(company, purchase.id, purchase.supplier)] = {"purchase": purchase.id}
    alone = [each.id for each in page.documents if each.order is None]
    for document in (*alone, *(each.id for each in page.supplier_documents if each.order is None)):
        places[keys.document_treasury(company, document)] = {"document": document}
    reader.prefetch(list(places))
    return [
        Movement.model_validate({**owner, "line": line})
        for key, owner in places.items()
        if (treasury := reader.get(TREASURY, key))
        for line in treasury.lines
    ]


def _newest_first(movements: Iterable[Movement]) -> list[Movement]:
    """By actual date, else by forecast; those without any date first, since they are yet to come."""
    return sorted(movements, key=lambda m: m.line.actual_date or m.line.forecast_date or date.max, reverse=True)
