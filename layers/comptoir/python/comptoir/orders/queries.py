"""What reads orders: heads, lines by chunk, lists by month or customer, treasury, quotes, criteria, history."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import HistoryQuery, Listing, ListQuery
from comptoir.kernel.errors import Breach, NotFound
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.orders.confirming import case
from comptoir.orders.criteria import unmet
from comptoir.orders.items import LINES, ORDER, QUOTE, line_keys
from comptoir.orders.model import Order, OrderLine, QuoteStatus, QuoteView
from comptoir.store import backend, keys
from comptoir.store.store import Stored
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from comptoir.treasury.settling import viewed


class OrderQuery(Query):
    """Base of the queries on one order."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    order: Id

    def head(self, ctx: Context) -> Stored[Order]:
        """The order with its version. Errors: `NotFound`."""
        return ctx.services.store.require(ORDER, keys.order(ctx.company, self.order))


class ReadOrder(OrderQuery):
    """The head of an order, with its stored totals."""

    def read(self, ctx: Context) -> Reply:
        stored = self.head(ctx)
        return Reply.of(stored.value, stored.version)


class ReadOrderLines(OrderQuery):
    """The requested products of an order, a chunk of at most 200 at a time; the version is the head's."""

    chunk: int = Field(0, ge=0, le=9999)

    def read(self, ctx: Context) -> Reply:
        stored = self.head(ctx)
        wanted = line_keys(ctx.company, stored.value)
        if self.chunk >= max(len(wanted), 1):
            raise NotFound()
        found = ctx.services.store.backend.get(wanted[self.chunk : self.chunk + 1])
        lines = tuple(line for record in found.values() for line in LINES.load(record).lines)
        following = self.chunk + 1 if self.chunk + 1 < len(wanted) else None
        return Reply.of(OrderLines(items=lines, total=stored.value.lines, next_chunk=following), stored.version)


class OrderLines(Model):
    """A chunk of an order's lines, how many there are in all, and the chunk to ask for next."""

    items: tuple[OrderLine, ...]
    total: int
    next_chunk: int | None = None


class ReadOrderTreasury(OrderQuery):
    """The treasury lines of an order (TRS-01)."""

    def read(self, ctx: Context) -> Reply:
        self.head(ctx)
        stored = ctx.services.store.get(TREASURY, keys.order_treasury(ctx.company, self.order))
        return Reply.of(viewed(stored.value if stored else Treasury()), stored.version if stored else None)


class ListQuotes(OrderQuery, ListQuery):
    """The versions of an order's quote, newest first (QUO-02)."""

    def read(self, ctx: Context) -> Reply:
        self.head(ctx)
        pk = keys.quote(ctx.company, self.order, 0).pk
        query = backend.Query(pk=pk, prefix=keys.QUOTE, reverse=True)
        page = ctx.services.store.page(query, self.cursor, self.limit)
        views = tuple(QUOTE.load(record).view() for record in page.items)
        return Reply.of(Listing[QuoteView](items=views, cursor=page.cursor))


class QuoteLink(Model):
    """A version of a quote with a short-lived link to its PDF, absent until it is rendered (DOC-01)."""

    quote: QuoteView
    url: str | None = None


class ReadQuote(OrderQuery):
    """A version of a quote and the link to its PDF; without a version, the last one."""

    version: int | None = Field(None, ge=1, le=9999)

    def read(self, ctx: Context) -> Reply:
        version = self.version or self.head(ctx).value.quotes
        quote = ctx.services.store.require(QUOTE, keys.quote(ctx.company, self.order, version)).value
        url = None
        if quote.status is QuoteStatus.READY and quote.file and ctx.services.files:
            url = ctx.services.files.link("files", quote.file.key)
        return Reply.of(QuoteLink(quote=quote.view(), url=url))


class Criteria(Model):
    """Whether an order may be confirmed by who asks, and everything that is unmet (CNF-01, WEB-03)."""

    ready: bool
    breaches: tuple[Breach, ...]


class ReadConfirmationCriteria(OrderQuery):
    """Every unmet criterion of the confirmation at once, for the operator who asks."""

    def read(self, ctx: Context) -> Reply:
        stored = self.head(ctx)
        permitted = ctx.may(Permission.CONFIRM_ORDER)
        reader = Transaction(ctx.services.store.backend)
        breaches = unmet(case(reader, ctx.company, stored.value, permitted))
        return Reply.of(Criteria(ready=not breaches, breaches=breaches), stored.version)


class ReadOrderHistory(HistoryQuery):
    """The history of an order, newest first (ACC-06)."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    order: Id

    def read(self, ctx: Context) -> Reply:
        key = keys.order(ctx.company, self.order)
        ctx.services.store.require(ORDER, key)
        return self.history(ctx, key.pk)
