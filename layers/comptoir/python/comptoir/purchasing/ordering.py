"""Purchase orders of purchases that no order made, and what reads these purchases (SUP-01)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Query, Reply
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery
from comptoir.docbase.model import Owner
from comptoir.docbase.previewing import preview
from comptoir.docbase.template import PrintKind
from comptoir.docbase.templates import appearance
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Line
from comptoir.orders.items import PURCHASE_ORDER
from comptoir.orders.purchase_order import PurchaseOrderSnapshot, PurchaseOrderView
from comptoir.orders.purchasing import keep_version, linked, rendered
from comptoir.parties.items import PARTY
from comptoir.parties.sides import buyer, seller
from comptoir.purchasing.buying import Buying
from comptoir.purchasing.items import PURCHASE, PURCHASES
from comptoir.purchasing.purchase import Purchase, PurchaseStatus, PurchaseSummary, dates, priced_lines
from comptoir.store import backend, keys
from comptoir.store.store import Stored
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from comptoir.treasury.rules import instalments
from comptoir.treasury.words import terms_in_words


def draw(tx: Transaction, ctx: Context, purchase: Purchase) -> PurchaseOrderSnapshot:
    """The content of the next version of the purchase order, without its lines."""
    company, language = tx.require(COMPANY, keys.company(ctx.company)), purchase.language
    known, version = dates(purchase), purchase.purchase_orders + 1
    return PurchaseOrderSnapshot(
        order=purchase.id,
        order_number=purchase.number,
        number=_number(purchase, version),
        version=version,
        replaces=_number(purchase, version - 1) if version > 1 else None,
        issue_date=ctx.today,
        issued_at=ctx.now,
        delivery=known.get("delivery"),
        language=language,
        currency=purchase.currency,
        company=seller(company, language),
        supplier=buyer(tx.require(PARTY, keys.party(ctx.company, purchase.supplier))),
        contact=purchase.contact,
        supplier_reference=purchase.supplier_reference,
        buyer=ctx.operator.name,
        lines=(),
        totals=purchase.totals,
        terms=terms_in_words(purchase.terms, language),
        instalments=instalments(purchase.terms, purchase.totals.gross, known, language),
        message=purchase.message,
        appearance=appearance(tx, ctx.company, None, language, PrintKind.PURCHASE_ORDER),
    )


def _number(purchase: Purchase, version: int) -> str:
    return purchase.number if version == 1 else f"{purchase.number}-{version}"


class OrderPurchase(Buying):
    """Issue the next version of the purchase order and have its PDF rendered in the supplier's language (SUP-01)."""

    comment: Line | None = None

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.found(tx, ctx, PurchaseStatus.VALIDATED, PurchaseStatus.RECEIVED)
        content, lines = draw(tx, ctx, before), priced_lines(before)
        key = keys.purchase(ctx.company, before.id)
        tx.put(PURCHASE, key, before.change(purchase_orders=content.version))
        issued = keep_version(tx, ctx, key, content, before, lines, Owner.PURCHASE, self.comment)
        return Reply.of(issued.view(), tx.next_version(key), 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        """The file's data once the PDF stands in the document base (201); else still 202."""
        return Reply.of(*rendered(services, caller, PurchaseOrderView.model_validate_json(reply.body)))


class PreviewPurchase(Query):
    """What the next purchase order would look like (DOC-02): nothing is stored, no version is taken."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES
    purchase: Id

    def read(self, ctx: Context) -> Reply:
        tx = Transaction(ctx.services.store.backend)
        purchase = tx.require(PURCHASE, keys.purchase(ctx.company, self.purchase))
        content = draw(tx, ctx, purchase).change(lines=priced_lines(purchase), preview=True)
        return Reply.of(preview(ctx, "purchase_order", content))


class PurchaseQuery(Query):
    """Base of the queries on one purchase."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES
    purchase: Id

    def found(self, ctx: Context) -> Stored[Purchase]:
        """The purchase and its version. Errors: `NotFound`."""
        return ctx.services.store.require(PURCHASE, keys.purchase(ctx.company, self.purchase))


class ReadPurchase(PurchaseQuery):
    """A purchase."""

    def read(self, ctx: Context) -> Reply:
        stored = self.found(ctx)
        return Reply.of(stored.value, stored.version)


class ReadPurchaseTreasury(PurchaseQuery):
    """The treasury lines of a purchase (TRS-01)."""

    def read(self, ctx: Context) -> Reply:
        purchase = self.found(ctx).value
        stored = ctx.services.store.get(TREASURY, keys.supplier_treasury(ctx.company, purchase.id, purchase.supplier))
        return Reply.of(stored.value if stored else Treasury(), stored.version if stored else None)


class ReadPurchaseOrderFile(PurchaseQuery):
    """A version of the purchase order and the link to its PDF."""

    version: int = Field(ge=1, le=9999)

    def read(self, ctx: Context) -> Reply:
        purchase = self.found(ctx).value
        key = keys.purchase_order(ctx.company, purchase.id, purchase.supplier, self.version)
        issued = ctx.services.store.require(PURCHASE_ORDER, key).value
        return Reply.of(linked(ctx, issued))


class ListPurchases(ListQuery):
    """Purchases that no order made, the last opened first."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES

    def read(self, ctx: Context) -> Reply:
        return self.listing(ctx, 1, keys.by_kind(ctx.company, PURCHASES, "")[0])

    def listing(self, ctx: Context, index: int, pk: str) -> Reply:
        """A page of summaries of one index partition, the last opened first."""
        query = backend.Query(pk=pk, index=index, reverse=True)
        return self.summaries(ctx, PurchaseSummary, query)


class ListPartyPurchases(ListPurchases):
    """The purchases from a supplier that no order made, the last opened first (SUP-01)."""

    party: Id

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        return self.listing(ctx, 2, keys.by_party(ctx.company, self.party, PURCHASES, "")[0])
