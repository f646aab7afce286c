"""What reads supplier requests: of an order, of a supplier, and the year's total (PTY-03, PTY-04)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery
from comptoir.kernel.errors import NotFound
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.orders.items import CHUNK, ORDERED, SUPPLIER, read_lines
from comptoir.orders.purchases import bought
from comptoir.orders.queries import OrderQuery
from comptoir.orders.supplier_model import Ordered, PurchaseLine, SupplierRequest, SupplierRequestSummary
from comptoir.parties.items import PARTY
from comptoir.store import backend, keys
from comptoir.store.store import Stored
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from comptoir.treasury.settling import viewed


class ListSupplierRequests(OrderQuery):
    """The supplier requests of an order, in the order of their rank; at most twenty."""

    def read(self, ctx: Context) -> Reply:
        order = self.head(ctx).value
        places = [keys.supplier_request(ctx.company, order.id, supplier) for supplier in order.suppliers]
        found = ctx.services.store.backend.get(places)
        requests = tuple(SUPPLIER.load(found[place]) for place in places)
        return Reply.of(Listing[SupplierRequest](items=requests))


class SupplierRequestQuery(OrderQuery):
    """Base of the queries on one supplier request."""

    supplier: Id

    def request(self, ctx: Context) -> Stored[SupplierRequest]:
        """The request with its version. Errors: `NotFound`."""
        return ctx.services.store.require(SUPPLIER, keys.supplier_request(ctx.company, self.order, self.supplier))


class ReadSupplierRequest(SupplierRequestQuery):
    """One supplier request, with its stored totals."""

    def read(self, ctx: Context) -> Reply:
        stored = self.request(ctx)
        return Reply.of(stored.value, stored.version)


class PurchaseLines(Model):
    """A part of a request's products, how many there are in all, and the chunk to ask for next."""

    items: tuple[PurchaseLine, ...]
    total: int
    next_chunk: int | None = None


class ReadSupplierLines(SupplierRequestQuery):
    """The products of a supplier request, at most 200 at a time; the version is the request's."""

    chunk: int = Field(0, ge=0, le=9999)

    def read(self, ctx: Context) -> Reply:
        stored = self.request(ctx)
        lines = bought(stored.value, read_lines(ctx.services.store, ctx.company, self.head(ctx).value))
        start = self.chunk * CHUNK
        if self.chunk and start >= len(lines):
            raise NotFound()
        following = self.chunk + 1 if start + CHUNK < len(lines) else None
        part = PurchaseLines(items=lines[start : start + CHUNK], total=len(lines), next_chunk=following)
        return Reply.of(part, stored.version)


class ReadSupplierTreasury(SupplierRequestQuery):
    """The treasury lines of a supplier request (TRS-01)."""

    def read(self, ctx: Context) -> Reply:
        self.request(ctx)
        stored = ctx.services.store.get(TREASURY, keys.supplier_treasury(ctx.company, self.order, self.supplier))
        return Reply.of(viewed(stored.value if stored else Treasury()), stored.version if stored else None)


class PartyQuery(Query):
    """Base of the queries on what hangs on a party."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    party: Id

    def known(self, ctx: Context) -> None:
        """Errors: `NotFound`, also for another company's (ACC-05)."""
        ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))


class ListPartyRequests(PartyQuery, ListQuery):
    """The requests to a supplier, newest order first (PTY-04)."""

    def read(self, ctx: Context) -> Reply:
        self.known(ctx)
        pk, _ = keys.by_party(ctx.company, self.party, "PURCHASE", "")
        query = backend.Query(pk=pk, index=2, reverse=True)
        return self.summaries(ctx, SupplierRequestSummary, query)


class ReadOrdered(PartyQuery):
    """What confirmed orders of a year, this one by default, have ordered from a supplier (PTY-03)."""

    year: int | None = Field(None, ge=2000, le=9999)

    def read(self, ctx: Context) -> Reply:
        self.known(ctx)
        year = self.year or ctx.today.year
        stored = ctx.services.store.get(ORDERED, keys.ordered(ctx.company, self.party, year))
        return Reply.of(stored.value if stored else Ordered(supplier=self.party, year=year))
