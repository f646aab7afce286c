"""What reads supplier invoices and credit notes: one, lists by month, by supplier, and what is owed."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import MonthName
from comptoir.parties.items import PARTY
from comptoir.payments.queries import ListOpen
from comptoir.purchasing.items import RECORDED, SUPPLIER_DOCUMENT, sheet_of
from comptoir.purchasing.model import SupplierDocument, SupplierDocumentSummary
from comptoir.store import backend, keys
from comptoir.treasury.items import CREDITS, OPEN, TREASURY
from comptoir.treasury.model import Side
from comptoir.treasury.settling import Settlement, settlement


class SupplierDocumentView(Model):
    """A supplier's document, and how far it is paid, covered and credited."""

    document: SupplierDocument
    settlement: Settlement


class ReadSupplierDocument(Query):
    """An invoice or credit note of a supplier."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES

    document: Id

    def read(self, ctx: Context) -> Reply:
        store = ctx.services.store
        stored = store.require(SUPPLIER_DOCUMENT, keys.supplier_document(ctx.company, self.document))
        found = stored.value
        sheet = store.get(TREASURY, sheet_of(ctx.company, found))
        lines = sheet.value.lines if sheet else ()
        view = SupplierDocumentView(document=found, settlement=settlement(lines, found.id, found.currency))
        return Reply.of(view, stored.version)


class ListSupplierDocuments(ListQuery):
    """What is booked in a month, the last recorded first; this month by default."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES
    month: MonthName | None = None

    def read(self, ctx: Context) -> Reply:
        month = self.month or f"{ctx.today:%Y-%m}"
        return self.listing(ctx, 1, keys.by_month(ctx.company, RECORDED, month, "")[0])

    def listing(self, ctx: Context, index: int, pk: str) -> Reply:
        """A page of summaries of one index partition, the last recorded first."""
        query = backend.Query(pk=pk, index=index, reverse=True)
        page = ctx.services.store.summaries(SupplierDocumentSummary, query, self.cursor, self.limit)
        return Reply.of(Listing[SupplierDocumentSummary].of(page))


class ListPartySupplierDocuments(ListSupplierDocuments):
    """The documents of a supplier, the last recorded first (PTY-04)."""

    party: Id

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        return self.listing(ctx, 2, keys.by_party(ctx.company, self.party, RECORDED, "")[0])


class ListOwed(ListOpen):
    """Requests to a supplier that something is owed of, the oldest due date first."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES
    what: ClassVar[str] = OPEN[Side.SUPPLIER]


class ListSupplierCredits(ListOpen):
    """Requests to a supplier with credit notes to deduct, the oldest first, with what is left."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES
    index: ClassVar[int] = 1
    what: ClassVar[str] = CREDITS[Side.SUPPLIER]
