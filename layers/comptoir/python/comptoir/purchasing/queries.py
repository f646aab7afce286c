"""What reads supplier invoices and credit notes: one, lists by month, by supplier, and what is owed."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery
from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import MonthName
from comptoir.orders.dating import received
from comptoir.orders.items import ORDER, SUPPLIER
from comptoir.parties.items import PARTY
from comptoir.payments.queries import ListOpen
from comptoir.purchasing.items import PURCHASE, RECORDED, SUPPLIER_DOCUMENT, sheet_of
from comptoir.purchasing.model import Difference, SupplierDocument, SupplierDocumentSummary, SupplierStatus
from comptoir.purchasing.purchase import PurchaseStatus
from comptoir.purchasing.received import ReceivedKind
from comptoir.store import backend, keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import CREDITS, OPEN, TREASURY
from comptoir.treasury.model import Side
from comptoir.treasury.settling import Settlement, settlement


class SupplierDocumentView(Model):
    """A supplier's document, how far it is paid, covered and credited, and where it departs from its request.

    `differences` are those found when it was recorded, and that its goods have not come as long as they have not.
    """

    document: SupplierDocument
    settlement: Settlement
    differences: tuple[Difference, ...] = ()


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
        shown = settlement(lines, found.id, found.currency)
        missing = (GOODS_NOT_RECEIVED,) if _awaits_goods(Transaction(store.backend), ctx.company, found) else ()
        view = SupplierDocumentView(document=found, settlement=shown, differences=(*found.differences, *missing))
        return Reply.of(view, stored.version)


GOODS_NOT_RECEIVED = Difference(
    code="goods_not_received",
    fr="Les marchandises facturées ne sont pas encore reçues.",
    en="The goods that are invoiced have not been received yet.",
)


def _awaits_goods(tx: Transaction, company: str, document: SupplierDocument) -> bool:
    """Whether an invoice in force asks for goods of a request that have not come (SUP-03)."""
    goods = any(line.priced.kind is ProductKind.GOODS for line in document.lines)
    if document.kind is not ReceivedKind.INVOICE or document.status is SupplierStatus.CANCELLED or not goods:
        return False
    if document.purchase:
        return tx.require(PURCHASE, keys.purchase(company, document.purchase)).status is not PurchaseStatus.RECEIVED
    if document.order is None:
        return False
    places = keys.order(company, document.order), keys.supplier_request(company, document.order, document.supplier)
    tx.prefetch(list(places))
    return not received(tx.require(ORDER, places[0]), tx.require(SUPPLIER, places[1]))


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
        return self.summaries(ctx, SupplierDocumentSummary, query)


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
