"""What follows an order once it is opened: dates, route, tracking, operators, completion (LOG-01, LOG-03, ACC-04)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.custom import Subject, custom_breaches, customisation
from comptoir.access.execute import Reply
from comptoir.access.history import record, save
from comptoir.access.items import OPERATOR
from comptoir.access.merging import Merge
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach, Conflict, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Paragraph
from comptoir.orders import rules, supplier_rules
from comptoir.orders.agendas import keep_agenda
from comptoir.orders.commands import OrderCommand
from comptoir.orders.dating import complete, keep_dated
from comptoir.orders.items import ORDER, SUPPLIER
from comptoir.orders.milestones import date_breaches, route_breaches, routed, with_milestones
from comptoir.orders.model import Milestone, MilestoneDates, OrderLabels, OrderOperators, OrderStatus
from comptoir.orders.route import Route, TrackingLinks
from comptoir.orders.suppliers import keep, told
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class NotConfirmedYet(Conflict):
    """Only a confirmed order is completed; an offer is cancelled."""

    code = "order_not_confirmed"
    fr = "La commande n'est pas au statut « Commande validée »."
    en = "The order is not confirmed."


class FollowingCommand(OrderCommand):
    """Base of the commands that move the dates of an order."""

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.order_agenda(company, self.order), keys.milestones(company)]
        return [*super().keys(company), *own]


class SetMilestone(FollowingCommand, Merge, extra="allow"):
    """Set the forecast and the actual date of a milestone (LOG-01); treasury and actions follow (TRS-01, LOG-02)."""

    fields: ClassVar[type[Model]] = MilestoneDates

    milestone: Label

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        rules.editable(before)
        known = next((each for each in before.milestones if each.name == self.milestone), MilestoneDates())
        entered: MilestoneDates = self.merged(known)
        new = Milestone(name=self.milestone, forecast=entered.forecast, actual=entered.actual)
        after = with_milestones(before, {new.name: new})
        refuse_if([_here(breach) for breach in date_breaches(tx, ctx, before, after.milestones)])
        return self.reply(tx, ctx, keep_dated(tx, ctx, after, "milestone_set"))


def _here(breach: Breach) -> Breach:
    """The breach with the pointer of this command's own field."""
    field = (breach.pointer or "").rpartition("/")[2]
    pointer = "/actual" if field == "actual" else "/milestone"
    return Breach(code=breach.code, fr=breach.fr, en=breach.en, pointer=pointer, link=breach.link)


class SetRoute(FollowingCommand):
    """Set the legs of the route with their dates; its first ETD and last ETA are milestones of the order (LOG-01)."""

    route: Route

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        rules.editable(before)
        refuse_if(route_breaches(self.route, before.route, ctx.today))
        after = routed(before, self.route)
        return self.reply(tx, ctx, keep_dated(tx, ctx, after, "route_set"))


class SetTracking(OrderCommand):
    """Set where the shipments of an order can be tracked (LOG-01); also once it is completed."""

    links: TrackingLinks

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        after = self.load(tx, ctx).change(tracking=self.links)
        save(tx, ctx, ORDER, keys.order(ctx.company, after.id), after, "tracking_set")
        return self.reply(tx, ctx, after)


class AssignOrder(OrderCommand, Merge, extra="allow"):
    """Say which operators answer for an order, on the sales and on the logistics side (ACC-04, LOG-02)."""

    fields: ClassVar[type[Model]] = OrderOperators

    def keys(self, company: str) -> Sequence[Key]:
        named = self.named(*OrderOperators.model_fields)
        own = [keys.order(company, self.order), keys.order_agenda(company, self.order)]
        return [*own, *(keys.operator(company, each) for each in named)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        entered: OrderOperators = self.merged(before)
        changed: dict[str, str | None] = {}
        found = []
        for side in ("sales", "logistics"):
            field = f"{side}_operator"
            named = getattr(entered, field)
            if named == getattr(before, field):
                continue
            operator = tx.get(OPERATOR, keys.operator(ctx.company, named)) if named else None
            changed |= {field: named, f"{side}_name": operator.name if operator else None}
            if named and not (operator and operator.active):
                fr, en = "Opérateur inconnu ou inactif.", "Unknown or inactive operator."
                found.append(Breach(code="unknown_operator", fr=fr, en=en, pointer=f"/{field}"))
        refuse_if(found)
        after = before.change(**changed)
        save(tx, ctx, ORDER, keys.order(ctx.company, after.id), after, "assigned")
        keep_agenda(tx, ctx, after, "actions_assigned")
        return self.reply(tx, ctx, after)


class CompleteOrder(FollowingCommand):
    """Complete a confirmed order by hand, with its supplier requests (LOG-03)."""

    reason: Paragraph | None = None

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        if before.status is not OrderStatus.CONFIRMED:
            raise NotConfirmedYet(status=before.status.value)
        after = complete(tx, ctx, before)
        if self.reason:
            record(tx, ctx, keys.order(ctx.company, after.id).pk, "completed_by_hand", {"/reason": self.reason})
        return self.reply(tx, ctx, after)


class CompleteSupplierRequest(OrderCommand):
    """Complete one supplier request of a confirmed order by hand; If-Match is the request's version (LOG-03)."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES

    supplier: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [*super().keys(company), keys.supplier_request(company, self.order, self.supplier)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = tx.require(ORDER, keys.order(ctx.company, self.order))
        key = keys.supplier_request(ctx.company, self.order, self.supplier)
        request = tx.require(SUPPLIER, key)
        ctx.expect(tx, key)
        supplier_rules.editable(request)
        if request.status is not OrderStatus.CONFIRMED:
            raise NotConfirmedYet(status=request.status.value)
        after = request.change(status=OrderStatus.COMPLETED)
        told(tx, ctx, order, "supplier_request_completed", keep(tx, ctx, order, after))
        # The order's version guards its requests too.
        tx.put(ORDER, keys.order(ctx.company, order.id), order)
        return Reply.of(after, tx.next_version(key))


class LabelOrder(OrderCommand, Merge, extra="allow"):
    """Set the tags and the custom fields of an order, whatever its status (ACC-07)."""

    fields: ClassVar[type[Model]] = OrderLabels

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.order(company, self.order), keys.customisation(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        known = customisation(tx, ctx.company)
        entered: OrderLabels = self.merged(before)
        refuse_if(custom_breaches(known, Subject.ORDER, entered.custom, entered.tags, before.custom))
        after = before.change(tags=tuple(dict.fromkeys(entered.tags)), custom=entered.custom)
        save(tx, ctx, ORDER, keys.order(ctx.company, after.id), after, "labelled")
        return self.reply(tx, ctx, after)
