"""What changes supplier requests: their head, their products, and requests of costs that no line sells (OFF-09)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.items import COMPANY
from comptoir.access.merging import Merge
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency
from comptoir.orders import rules, supplier_rules
from comptoir.orders.commands import OrderCommand, store_lines
from comptoir.orders.items import ORDER, SUPPLIER, load_lines, request_keys, save_treasury
from comptoir.orders.milestones import defined, unknown_milestones
from comptoir.orders.model import MAX_LINES, Order, OrderLine, OrderStatus
from comptoir.orders.purchases import bought, computed, purchase_of
from comptoir.orders.supplier_model import (
    MAX_EXTRAS,
    MAX_SUPPLIERS,
    PurchaseInput,
    PurchaseLine,
    SupplierRequest,
    SupplierRequestFields,
)
from comptoir.orders.suppliers import keep, naming, opened, told, with_costs
from comptoir.parties.items import PARTY
from comptoir.parties.rules import archived_breaches, is_supplier
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class SupplierCommand(OrderCommand):
    """Base of the commands on one supplier request; If-Match is the request's own version."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES

    supplier: Id

    def keys(self, company: str) -> Sequence[Key]:
        request = keys.supplier_request(company, self.order, self.supplier)
        return [*super().keys(company), request, keys.supplier_treasury(company, self.order, self.supplier)]

    def found(self, tx: Transaction, ctx: Context) -> tuple[Order, SupplierRequest]:
        """The order and the request, in the version that the caller means. Errors: as `rules.editable`."""
        key = keys.supplier_request(ctx.company, self.order, self.supplier)
        order, request = tx.require(ORDER, keys.order(ctx.company, self.order)), tx.require(SUPPLIER, key)
        ctx.expect(tx, key)
        rules.editable(order)
        supplier_rules.editable(request)
        return order, request

    def store(
        self, tx: Transaction, ctx: Context, order: Order, request: SupplierRequest, event: str, status: int = 200
    ) -> Reply:
        """Keep the request, its treasury and its history; the order's version guards its requests too."""
        told(tx, ctx, order, event, keep(tx, ctx, order, request))
        save_treasury(tx, ctx, order, "treasury_computed")
        tx.put(ORDER, keys.order(ctx.company, order.id), with_costs(tx, ctx, order))
        key = keys.supplier_request(ctx.company, order.id, request.supplier)
        return Reply.of(request, tx.next_version(key), status)


class UpdateSupplierRequest(SupplierCommand, Merge, extra="allow"):
    """Change the head of a supplier request; totals and treasury follow. A confirmed one keeps what CNF-05 fixes."""

    fields: ClassVar[type[Model]] = SupplierRequestFields

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.party(company, self.supplier), keys.milestones(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order, before = self.found(tx, ctx)
        entered: SupplierRequestFields = self.merged(before)
        old, new = ([milestone.name for milestone in each.milestones] for each in (before, entered))
        unknown = unknown_milestones(defined(tx, ctx.company), old, new, "/milestones/{}/name")
        refuse_if([*supplier_rules.head_breaches(before, entered), *unknown])
        after = before.change(**entered.picked(SupplierRequestFields.model_fields))
        if before.status is OrderStatus.OFFER:
            party = tx.require(PARTY, keys.party(ctx.company, self.supplier))
            after = after.change(supplier_name=party.name, vat_treatment=party.vat_treatment)
            if any(getattr(before, name) != getattr(after, name) for name in _PRICING):
                lines = load_lines(tx, ctx.company, order)
                refuse_if(supplier_rules.left_without_place(after, bought(after, lines)))
                after = computed(after, lines)
        return self.store(tx, ctx, order, after, "supplier_request_updated")


_PRICING = ("incoterm", "incoterm_place", "vat_treatment")
Products = Annotated[tuple[PurchaseInput, ...], Field(max_length=MAX_LINES)]


class AddSupplierRequest(OrderCommand):
    """Open a request for costs that no line of the order sells: transport and services only (CNF-05).

    It is also how costs are added to a supplier of a confirmed order's new request; If-Match is the
    order's version. Errors: `RequestExists`, `Refused`.
    """

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES

    supplier: Id
    currency: Currency | None = None
    lines: Annotated[tuple[PurchaseInput, ...], Field(min_length=1, max_length=MAX_EXTRAS)]

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.party(company, self.supplier), keys.company(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.load(tx, ctx)
        rules.editable(order)
        if self.supplier in order.suppliers:
            raise supplier_rules.RequestExists()
        tx.prefetch(request_keys(ctx.company, order, self.supplier))
        party = tx.get(PARTY, keys.party(ctx.company, self.supplier))
        if party is None or not is_supplier(party):
            raise Refused([_NOT_A_SUPPLIER])
        refuse_if(archived_breaches(party, "/supplier"))
        if len(order.suppliers) >= MAX_SUPPLIERS:
            raise Refused([_TOO_MANY])
        banks = tx.require(COMPANY, keys.company(ctx.company)).identity.bank_accounts
        request = opened(ctx, order, party, len(order.suppliers) + 1, banks)
        refuse_if(supplier_rules.line_breaches(request, (), self.lines))
        extras = tuple(_extra(ctx, line) for line in self.lines)
        request = computed(request.change(currency=self.currency or request.currency, extras=extras), ())
        after = naming(order, [self.supplier])
        told(tx, ctx, after, "supplier_request_added", keep(tx, ctx, after, request))
        save_treasury(tx, ctx, after, "treasury_computed")
        tx.put(ORDER, keys.order(ctx.company, order.id), with_costs(tx, ctx, after))
        key = keys.supplier_request(ctx.company, order.id, self.supplier)
        return Reply.of(request, tx.next_version(key), 201)


def _extra(ctx: Context, line: PurchaseInput) -> PurchaseLine:
    return PurchaseLine.model_validate(line.__dict__ | {"id": line.id or ctx.new_id(), "sold": False})


class SetSupplierLines(SupplierCommand):
    """Change the products of a supplier request: quantities and prices, and costs of its own (CNF-05).

    What is said of a requested product is kept on the order's line. A transport or service of the
    order that is left out is no longer bought from this supplier.
    """

    lines: Products

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order, request = self.found(tx, ctx)
        lines = load_lines(tx, ctx.company, order)
        before = bought(request, lines)
        refuse_if([*supplier_rules.line_breaches(request, before, self.lines), *self._extras_breaches(before)])
        sent = {line.id: line for line in self.lines if line.id}
        after = tuple(_purchased(line, sent.get(line.id), request) for line in lines)
        sold = {line.id for line in before if line.sold}
        extras = tuple(_extra(ctx, line) for line in self.lines if line.id not in sold)
        request = computed(request.change(extras=extras), after)
        told(tx, ctx, order, "supplier_lines_changed", keep(tx, ctx, order, request))
        if after != tuple(lines):
            order = store_lines(tx, ctx, order, lines, after)
        return self.store(tx, ctx, order, request, "supplier_lines_changed")

    def _extras_breaches(self, before: Sequence[PurchaseLine]) -> list[Breach]:
        sold = {line.id for line in before if line.sold}
        return [_TOO_MANY_COSTS] if sum(line.id not in sold for line in self.lines) > MAX_EXTRAS else []


def _purchased(line: OrderLine, sent: PurchaseInput | None, request: SupplierRequest) -> OrderLine:
    """The order's line with what the supplier request now says of its purchase."""
    if line.supplier != request.supplier:
        return line
    if sent is None:
        return line.change(supplier=None, purchase_price=None, purchase_currency=None, purchase_quantity=None)
    was = purchase_of(line)
    fields = {
        "purchase_price": sent.unit_price,
        "purchase_currency": request.currency if sent.unit_price is not None else line.purchase_currency,
        "purchase_quantity": line.purchase_quantity if sent.quantity == was.quantity else sent.quantity,
        "purchase_incoterm": sent.incoterm,
        "purchase_incoterm_place": sent.incoterm_place,
        "purchase_account": sent.account,
        "purchase_vat_rate": line.purchase_vat_rate if sent.vat_rate == was.vat_rate else sent.vat_rate,
    }
    return line if all(getattr(line, name) == value for name, value in fields.items()) else line.change(**fields)


_NOT_A_SUPPLIER = Breach(
    code="not_a_supplier",
    fr="Ce tiers n'est pas un fournisseur.",
    en="This party is not a supplier.",
    pointer="/supplier",
)
_TOO_MANY = Breach(
    code="too_many_suppliers",
    fr=f"Au plus {MAX_SUPPLIERS} fournisseurs par commande.",
    en=f"At most {MAX_SUPPLIERS} suppliers an order.",
    pointer="/supplier",
)
_TOO_MANY_COSTS = Breach(
    code="too_many_costs",
    fr=f"Au plus {MAX_EXTRAS} frais propres à une demande fournisseur.",
    en=f"At most {MAX_EXTRAS} costs of a supplier request's own.",
    pointer="/lines",
)
