"""Purchase orders: each issue freezes a version of a supplier request, whose PDF is rendered right after (CNF-03)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from pydantic import Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Reply
from comptoir.access.history import difference, record
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery
from comptoir.catalogue.incoterms import place_missing
from comptoir.catalogue.items import least_quantities, references_by_id
from comptoir.catalogue.model import Reference
from comptoir.catalogue.pricing import PricedLine
from comptoir.docbase.model import Owner
from comptoir.docbase.previewing import preview
from comptoir.docbase.template import PrintKind
from comptoir.docbase.templates import appearance
from comptoir.kernel.errors import Breach, Conflict, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Line
from comptoir.orders.commands import OrderCommand
from comptoir.orders.items import (
    ORDER,
    PURCHASE_ORDER,
    PURCHASE_ORDER_LINES,
    SUPPLIER,
    chunk_count,
    chunks,
    load_lines,
    request_dates,
)
from comptoir.orders.model import Order, OrderLine, OrderStatus, QuoteChunk, QuoteStatus
from comptoir.orders.purchase_order import (
    PurchaseOrder,
    PurchaseOrderLink,
    PurchaseOrderSnapshot,
    PurchaseOrderView,
    number,
)
from comptoir.orders.purchases import bought, priced
from comptoir.orders.supplier_model import PurchaseLine, SupplierRequest
from comptoir.orders.supplier_queries import SupplierRequestQuery
from comptoir.orders.supplier_rules import minimum_breaches
from comptoir.parties.items import PARTY
from comptoir.parties.sides import buyer, seller
from comptoir.parties.snapshot import Language
from comptoir.store import backend, keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.rules import instalments
from comptoir.treasury.words import terms_in_words


class NotYetOrdered(Conflict):
    """A supplier is ordered from once the customer's order is confirmed (CNF-03)."""

    code = "purchase_order_too_early"
    fr = "La commande n'est pas validée : le bon de commande fournisseur ne peut pas être émis."
    en = "The order is not confirmed: the purchase order cannot be issued."


def draw(
    tx: Transaction, ctx: Context, order: Order, request: SupplierRequest
) -> tuple[PurchaseOrderSnapshot, tuple[PricedLine, ...]]:
    """The content of the next version of a purchase order, without its lines, and the lines. Errors: `Refused`."""
    if not request.lines:
        raise Refused([_NO_LINES])
    party = keys.party(ctx.company, request.supplier)
    tx.prefetch([keys.company(ctx.company), party, keys.default_template(ctx.company)])
    company, version, language = (
        tx.require(COMPANY, keys.company(ctx.company)),
        request.purchase_orders + 1,
        request.language,
    )
    known, previous = request_dates(order, request), number(order.number, request.rank, request.purchase_orders)
    content = PurchaseOrderSnapshot(
        order=order.id,
        order_number=order.number,
        number=number(order.number, request.rank, version),
        version=version,
        replaces=previous if request.purchase_orders else None,
        issue_date=ctx.today,
        issued_at=ctx.now,
        departure=known.get("etd"),
        delivery=known.get("delivery"),
        language=language,
        currency=request.currency,
        company=seller(company, language),
        supplier=buyer(tx.require(PARTY, party)),
        contact=request.contact,
        supplier_reference=request.supplier_reference,
        buyer=ctx.operator.name,
        lines=(),
        totals=request.totals,
        terms=terms_in_words(request.terms, language),
        instalments=instalments(request.terms, request.totals.gross, known, language),
        message=request.message,
        appearance=appearance(tx, ctx.company, None, language, PrintKind.PURCHASE_ORDER),
    )
    lines = priced(request, bought(request, _worded(tx, ctx, order, request)))
    if any(line.incoterm and not line.incoterm_place for line in lines):
        link = f"/orders/{order.id}/supplier-requests/{request.supplier}"
        raise Refused([place_missing("/incoterm_place", link)])
    return content, lines


def _worded(tx: Transaction, ctx: Context, order: Order, request: SupplierRequest) -> Sequence[OrderLine]:
    """The order's lines, those bought here in the words of the catalogue when the supplier's language is another one.

    What somebody wrote instead of the catalogue's own words follows them: it may say more (CAT-01, SUP-01).
    """
    lines = load_lines(tx, ctx.company, order)
    if request.language is order.language:
        return lines
    own = {line.reference for line in lines if line.supplier == request.supplier and line.reference}
    references = references_by_id(tx, ctx.company, own)
    return [_translated(line, references.get(line.reference or ""), request.language) for line in lines]


def _translated(line: OrderLine, reference: Reference | None, language: Language) -> OrderLine:
    words = reference.designations.get(language) if reference else None
    if reference is None or words is None or words == line.designation:
        return line
    known = line.designation in reference.designations.values()
    return line.change(designation=words if known else f"{words}\n{line.designation}"[:_DESIGNATION])


_DESIGNATION = 4000


class IssuePurchaseOrder(OrderCommand):
    """Issue the next version of a supplier's purchase order and have its PDF rendered (CNF-03, DOC-01).

    Asked again while the PDF of an unchanged request is not there yet, it resumes that version.
    `comment` is for the document base, `below_minimum` why less is ordered than the supplier asks for at
    least (SUP-04). Errors: `NotYetOrdered`, `Refused` without products or below the minimum.
    """

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES
    guarded: ClassVar[bool] = False

    supplier: Id
    comment: Line | None = None
    below_minimum: Line | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.order(company, self.order), keys.supplier_request(company, self.order, self.supplier)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.supplier_request(ctx.company, self.order, self.supplier)
        order, request = tx.require(ORDER, keys.order(ctx.company, self.order)), tx.require(SUPPLIER, key)
        if order.status is not OrderStatus.CONFIRMED or request.status is not OrderStatus.CONFIRMED:
            raise NotYetOrdered(status=order.status.value)
        last = keys.purchase_order(ctx.company, order.id, request.supplier, request.purchase_orders)
        pending = tx.get(PURCHASE_ORDER, last)
        if pending and pending.status is QuoteStatus.PENDING and pending.request_version == tx.version(key):
            return Reply.of(pending.view(), status=202)
        # The products are lines of the order: its head's version says that they are still those that were read.
        tx.check(keys.order(ctx.company, order.id))
        return Reply.of(self._freeze(tx, ctx, order, request).view(), status=202)

    def _freeze(self, tx: Transaction, ctx: Context, order: Order, request: SupplierRequest) -> PurchaseOrder:
        """Store the next version: the request that counts it, content, lines in chunks, history."""
        key = keys.supplier_request(ctx.company, order.id, request.supplier)
        content, lines = draw(tx, ctx, order, request)
        if self.below_minimum is None:
            refuse_if(_short(tx, ctx, request, bought(request, load_lines(tx, ctx.company, order))))
        tx.put(SUPPLIER, key, request.change(purchase_orders=content.version))
        return keep_version(tx, ctx, key, content, request, lines, comment=self.comment)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        """The file's data once the PDF stands in the document base (201); else still 202."""
        return Reply.of(*rendered(services, caller, PurchaseOrderView.model_validate_json(reply.body)))


def _short(tx: Transaction, ctx: Context, request: SupplierRequest, lines: Sequence[PurchaseLine]) -> list[Breach]:
    """What falls short of the supplier's minimum order (SUP-04)."""
    party = tx.require(PARTY, keys.party(ctx.company, request.supplier))
    codes = [line.code for line in lines if line.code]
    least = least_quantities(tx, ctx.company, codes, party.id, ctx.today)
    return minimum_breaches(request.totals, party.minimum_order, lines, least)


class Ordered(Protocol):
    """What a purchase order is issued for: a supplier request, or a purchase that no order made."""

    @property
    def supplier(self) -> str: ...

    @property
    def supplier_name(self) -> str: ...


def keep_version(
    tx: Transaction,
    ctx: Context,
    subject: Key,
    content: PurchaseOrderSnapshot,
    ordered: Ordered,
    lines: tuple[PricedLine, ...],
    owner: Owner = Owner.ORDER,
    comment: str | None = None,
) -> PurchaseOrder:
    """Store a version, its lines in chunks, and the history of `subject`, the item that it is issued for."""
    issued = PurchaseOrder(
        order=content.order,
        owner=owner,
        supplier=ordered.supplier,
        supplier_name=ordered.supplier_name,
        version=content.version,
        number=content.number,
        comment=comment,
        language=content.language,
        author=ctx.operator.name,
        created_at=ctx.now,
        totals=content.totals,
        request_version=tx.version(subject) + 1,
        chunks=chunk_count(len(lines)),
        snapshot=content,
    )
    own = (ctx.company, issued.order, issued.supplier, issued.version)
    tx.create(PURCHASE_ORDER, keys.purchase_order(*own), issued)
    for place, part in enumerate(chunks(lines)):
        tx.create(PURCHASE_ORDER_LINES, keys.purchase_order_lines(*own, place), QuoteChunk(lines=part))
    record(tx, ctx, subject.pk, "purchase_order_issued", difference({}, issued.view().model_dump(mode="json")))
    return issued


def rendered(services: Services, caller: Caller, asked: PurchaseOrderView) -> tuple[PurchaseOrderView, None, int]:
    """A version once it was tried to render it, and the status that says whether its PDF is there."""
    key = keys.purchase_order(caller.company, asked.order, asked.supplier, asked.version)
    issued = services.store.require(PURCHASE_ORDER, key).value
    if issued.status is QuoteStatus.PENDING and services.renderer:
        task = {"task": "render_purchase_order", "company": caller.company}
        services.renderer.render(task | asked.model_dump(mode="json", include={"order", "supplier", "version"}))
        issued = services.store.require(PURCHASE_ORDER, key).value
    return issued.view(), None, 201 if issued.status is QuoteStatus.READY else 202


class PreviewPurchaseOrder(SupplierRequestQuery):
    """What the next purchase order would look like (DOC-02): nothing is stored, no version is taken."""

    def read(self, ctx: Context) -> Reply:
        order, request = self.head(ctx).value, self.request(ctx).value
        content, lines = draw(Transaction(ctx.services.store.backend), ctx, order, request)
        return Reply.of(preview(ctx, "purchase_order", content.change(lines=lines, preview=True)))


class ListPurchaseOrders(SupplierRequestQuery, ListQuery):
    """The versions of a supplier's purchase order, newest first."""

    def read(self, ctx: Context) -> Reply:
        self.request(ctx)
        first = keys.purchase_order(ctx.company, self.order, self.supplier, 0)
        query = backend.Query(pk=first.pk, prefix=first.sk.removesuffix("0000"), reverse=True)
        page = ctx.services.store.page(query, self.cursor, self.limit)
        views = tuple(PURCHASE_ORDER.load(record).view() for record in page.items)
        return Reply.of(Listing[PurchaseOrderView](items=views, cursor=page.cursor))


class ReadPurchaseOrder(SupplierRequestQuery):
    """A version of a purchase order and the link to its PDF."""

    version: int = Field(ge=1, le=9999)

    def read(self, ctx: Context) -> Reply:
        key = keys.purchase_order(ctx.company, self.order, self.supplier, self.version)
        return Reply.of(linked(ctx, ctx.services.store.require(PURCHASE_ORDER, key).value))


def linked(ctx: Context, issued: PurchaseOrder) -> PurchaseOrderLink:
    """A version with the link to its PDF, once it is there."""
    ready = issued.status is QuoteStatus.READY and issued.file and ctx.services.files
    url = ctx.services.files.link("files", issued.file.key) if ready and issued.file and ctx.services.files else None
    return PurchaseOrderLink(purchase_order=issued.view(), url=url)


_NO_LINES = Breach(
    code="no_lines",
    fr="La demande fournisseur n'a aucun produit : il n'y a rien à commander.",
    en="The supplier request has no product: there is nothing to order.",
    pointer="/lines",
)
