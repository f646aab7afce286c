"""What changes an order before and after its confirmation: opening, head, lines, cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import difference, record, save
from comptoir.access.items import COMPANY
from comptoir.access.merging import Merge
from comptoir.access.model import Code
from comptoir.access.permissions import Permission
from comptoir.catalogue.incoterms import Incoterm
from comptoir.catalogue.items import references_by_id
from comptoir.catalogue.pricing import totals
from comptoir.docbase.templates import unknown_template
from comptoir.kernel.errors import refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.orders import incoterms, locks, margins, rules, suppliers, vat
from comptoir.orders.agendas import end_actions
from comptoir.orders.carriage import Transport
from comptoir.orders.dating import keep_dated
from comptoir.orders.items import ORDER, end_treasury, load_lines, load_requests, next_number, save_lines, save_treasury
from comptoir.orders.milestones import date_breaches, route_breaches, routed
from comptoir.orders.model import (
    MAX_LINES,
    LineInput,
    Milestone,
    OfferFields,
    Order,
    OrderLine,
    OrderStatus,
)
from comptoir.orders.proposals import archived_reference, looks_up, taken
from comptoir.orders.repricing import customer_of, repriced
from comptoir.orders.route import Route
from comptoir.orders.works import Works
from comptoir.parties.rules import archived_breaches
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import PaymentTerm, Treasury
from comptoir.treasury.rules import over
from comptoir.treasury.transferring import require_free


class OrderCommand(Command):
    """Base of the commands on one order."""

    permission: ClassVar[Permission] = Permission.EDIT_ORDERS
    guarded: ClassVar[bool] = True

    order: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.order(company, self.order), keys.order_treasury(company, self.order)]

    def load(self, tx: Transaction, ctx: Context) -> Order:
        """The order, in the version that the caller means. Errors: `NotFound`, `VersionMismatch`."""
        key = keys.order(ctx.company, self.order)
        order = tx.require(ORDER, key)
        ctx.expect(tx, key)
        return order

    def reply(self, tx: Transaction, ctx: Context, order: Order, status: int = 200) -> Reply:
        """The order as it lies once the transaction is written."""
        return Reply.of(order, tx.next_version(keys.order(ctx.company, order.id)), status)


class OpenOffer(Command):
    """Open an offer for a customer (OFF-01); what is not said comes from the customer (PTY-02)."""

    permission: ClassVar[Permission] = Permission.EDIT_ORDERS

    customer: Id
    contact: Line | None = None
    currency: Currency | None = None
    language: Language | None = None
    customer_reference: Label | None = None
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    transport: Transport = Transport()
    terms: Annotated[tuple[PaymentTerm, ...], Field(max_length=20)] = ()
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=50)] = ()
    route: Route = ()
    message: Paragraph | None = None
    distance_selling: bool = False
    works: Works | None = None
    template: Code | None = None

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.party(company, self.customer), keys.company(company), keys.counter(company, "orders")]
        return [*own, keys.milestones(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        customer = customer_of(tx, ctx, self.customer)
        refuse_if(archived_breaches(customer, "/customer"))
        company = tx.require(COMPANY, keys.company(ctx.company))
        currency, zero = self.currency or customer.currency, rules.zero_category(company, customer)
        given = self.picked(OfferFields.model_fields)
        order = Order.model_validate(
            given
            | {
                "contact": self.contact or next((contact.name for contact in customer.contacts), None),
                "currency": currency,
                "language": self.language or customer.language,
                "id": ctx.new_id(),
                "number": next_number(tx, ctx, "C-"),
                "customer_name": customer.name,
                "sales_operator": ctx.operator.id,
                "sales_name": ctx.operator.name,
                "created_on": ctx.today,
                "zero_category": zero,
                "totals": totals((), currency),
            }
        )
        order = routed(order, self.route)
        refuse_if(
            [
                *date_breaches(tx, ctx, None, self.milestones),
                *route_breaches(self.route, (), ctx.today),
                *incoterms.head_breaches(order, currency, zero),
                *unknown_template(tx, ctx.company, self.template),
            ]
        )
        key = keys.order(ctx.company, order.id)
        tx.create(ORDER, key, order)
        record(tx, ctx, key.pk, "opened", difference({}, order.model_dump(mode="json")))
        return Reply.of(order, tx.next_version(key), 201)


class UpdateOffer(OrderCommand, Merge, extra="allow"):
    """Change the head of an order; totals and treasury follow. A confirmed one keeps what CNF-04 fixes.

    When transport is no longer told line by line, each line keeps its overall price (OFF-06). When the sale
    begins to bear VAT or ceases to, by its customer or by how that one is taxed now, its lines follow (PTY-02).
    """

    fields: ClassVar[type[Model]] = OfferFields

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.order_agenda(company, self.order), keys.milestones(company), keys.company(company)]
        return [*super().keys(company), *own, *(keys.party(company, each) for each in self.named("customer"))]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        rules.editable(before)
        treasury = tx.get(TREASURY, keys.order_treasury(ctx.company, before.id)) or Treasury()
        entered: OfferFields = self.merged(before)
        found = [*rules.fixed_head_breaches(before, entered), *locks.invoiced_head_breaches(before, entered, treasury)]
        found += unknown_template(tx, ctx.company, entered.template)
        refuse_if([*found, *date_breaches(tx, ctx, before, entered.milestones)])
        after = before.change(**entered.picked(OfferFields.model_fields))
        if before.status is OrderStatus.OFFER:
            after = repriced(tx, ctx, before, after, locks.invoiced(treasury))
        return self.reply(tx, ctx, keep_dated(tx, ctx, after, "updated"))


class SetOfferLines(OrderCommand):
    """Replace the table of requested products (OFF-02, OFF-03).

    Lines sent with their `id` keep it, so that what is invoiced of them stays known; only chunks
    that changed are rewritten. Once confirmed, quantities alone may change (CNF-04).
    """

    lines: Annotated[tuple[LineInput, ...], Field(max_length=MAX_LINES)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.load(tx, ctx)
        rules.editable(order)
        before = load_lines(tx, ctx.company, order)
        lines = vat.as_before(self.lines, before)
        if order.status is OrderStatus.CONFIRMED:
            treasury = tx.get(TREASURY, keys.order_treasury(ctx.company, order.id)) or Treasury()
            fixed = rules.fixed_line_breaches(before, lines, treasury)
            refuse_if([*fixed, *locks.fixed_purchase_breaches(before, lines)])
        return self.reply(tx, ctx, replace_lines(tx, ctx, order, before, lines))


def replace_lines(
    tx: Transaction, ctx: Context, order: Order, before: Sequence[OrderLine], lines: Sequence[LineInput]
) -> Order:
    """Check a set of lines and store it with the totals and the treasury that follow; the new head."""
    known = {line.id: line for line in before}
    tx.prefetch([key for line in lines for key in _new_links(ctx.company, line, known.get(line.id or ""))])
    named = {line.reference for line in lines if line.reference and looks_up(line, known.get(line.id or ""))}
    references = references_by_id(tx, ctx.company, named)
    found = rules.line_breaches(
        lines,
        known,
        order.zero_category,
        lambda reference: reference in references,
        lambda party: tx.version(keys.party(ctx.company, party)) > 0,
    )
    if order.status is OrderStatus.OFFER:
        found += incoterms.line_breaches(order, lines)
    after = []
    for number, line in enumerate(lines):
        at, old = f"/lines/{number}", known.get(line.id or "")
        found += archived_reference(line, old, references.get(line.reference or ""), at)
        fields, wrong = taken(line, old, references.get(line.reference or ""), order.zero_category, at)
        found += wrong
        after.append(rules.entered(line, old, line.id or ctx.new_id(), fields))
        found += rules.size_breaches(after[-1], at) if fields and line.reference else []
    refuse_if(found)
    return store_lines(tx, ctx, order, before, tuple(after))


def store_lines(
    tx: Transaction, ctx: Context, order: Order, before: Sequence[OrderLine], after: Sequence[OrderLine]
) -> Order:
    """Store lines that are right, with the totals and the treasury that follow; the new head."""
    treasury = tx.get(TREASURY, keys.order_treasury(ctx.company, order.id)) or Treasury()
    refuse_if(locks.invoiced_line_breaches(order, before, after, treasury))
    after = suppliers.pinned(order, before, after)
    changed = suppliers.follow(tx, ctx, margins.computed(order, after), before, after)
    if after != tuple(before):
        save_lines(tx, ctx, order, before, after)
        # The head's version guards the lines: it changes with any of them, be the totals the same.
        key = keys.order(ctx.company, order.id)
        tx.put(ORDER, key, changed)
        moved = difference(order.model_dump(mode="json"), changed.model_dump(mode="json"))
        if moved:
            record(tx, ctx, key.pk, "totals_computed", moved)
        save_treasury(tx, ctx, changed, "treasury_computed")
    return changed


def _new_links(company: str, line: LineInput, before: OrderLine | None) -> list[Key]:
    """The catalogue and party items that a line newly names."""
    links = []
    if line.reference and looks_up(line, before):
        links.append(keys.reference(company, line.reference))
    if line.supplier and (before is None or before.supplier != line.supplier):
        links.append(keys.party(company, line.supplier))
    return links


def _require_untransferred(tx: Transaction, company: str, order: Order) -> None:
    """Errors: `LineTransferred` while a transfer pays one of the order's suppliers; none is made meanwhile."""
    for request in load_requests(tx, company, order):
        sheet = keys.supplier_treasury(company, order.id, request.supplier)
        require_free((tx.get(TREASURY, sheet) or Treasury()).lines)
        tx.check(sheet)


class CancelOffer(OrderCommand):
    """Cancel an offer in progress; its file is kept (LOG-03).

    Errors: `NotAnOffer`, `AlreadyInvoiced`, `LineTransferred` while a transfer pays a supplier of it (TRS-09).
    """

    reason: Paragraph | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.order_agenda(company, self.order)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        if before.status is not OrderStatus.OFFER:
            raise rules.NotAnOffer(status=before.status.value)
        if locks.invoiced(tx.get(TREASURY, keys.order_treasury(ctx.company, before.id)) or Treasury()):
            raise locks.AlreadyInvoiced()
        _require_untransferred(tx, ctx.company, before)
        after = before.change(status=OrderStatus.CANCELLED, cancel_reason=self.reason)
        save(tx, ctx, ORDER, keys.order(ctx.company, after.id), after, "cancelled")
        end_treasury(tx, ctx, after, "treasury_ended", over)
        suppliers.follow_status(tx, ctx, after)
        end_actions(tx, ctx, after)
        return self.reply(tx, ctx, after)
