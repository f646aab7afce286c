"""What reads milestones: the company's with what hangs on them, and an order's with theirs (LOG-01)."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.model import Code
from comptoir.access.permissions import Permission
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label
from comptoir.orders.agendas import AGENDA
from comptoir.orders.formalities import formalities
from comptoir.orders.items import ORDER
from comptoir.orders.milestones import AUTOMATIC, MilestoneFields, defined, of_route
from comptoir.orders.model import Milestone
from comptoir.orders.queries import OrderQuery
from comptoir.store import keys
from comptoir.store.transaction import Transaction


class MilestoneView(MilestoneFields):
    """A milestone of the company, whether the product dates it, and the formalities that are dated from it."""

    automatic: bool
    formalities: tuple[Code, ...]


class Milestones(Model):
    """The milestones of a company, in the order in which they are shown."""

    items: tuple[MilestoneView, ...]


class ReadMilestones(Query):
    """The milestones of the company; version 0 while they are those that every company begins with."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    def read(self, ctx: Context) -> Reply:
        tx, key = Transaction(ctx.services.store.backend), keys.milestones(ctx.company)
        tx.prefetch([key, keys.formalities(ctx.company)])
        hanging = formalities(tx, ctx.company)
        items = (
            MilestoneView(
                **dict(each),
                automatic=each.code in AUTOMATIC,
                formalities=tuple(f.code for f in hanging if f.when.milestone == each.code),
            )
            for each in defined(tx, ctx.company).milestones
        )
        return Reply.of(Milestones(items=tuple(items)), tx.version(key))


class OrderMilestone(Milestone):
    """A milestone of an order: its names, whether its dates are entered, and what hangs on it.

    `terms` are the places of the payment terms in the order's own, `actions` its actions.
    """

    label: Label
    label_en: Label | None
    automatic: bool
    of_route: bool
    terms: tuple[int, ...]
    actions: tuple[Id, ...]


class OrderMilestones(Model):
    """The milestones of an order, in the company's order; the version is the order's."""

    items: tuple[OrderMilestone, ...]


class ReadOrderMilestones(OrderQuery):
    """The milestones of an order with what hangs on each (LOG-01)."""

    def read(self, ctx: Context) -> Reply:
        tx, place = Transaction(ctx.services.store.backend), keys.order(ctx.company, self.order)
        agenda = keys.order_agenda(ctx.company, self.order)
        tx.prefetch([place, agenda, keys.milestones(ctx.company)])
        order, book, stored = tx.require(ORDER, place), defined(tx, ctx.company), tx.get(AGENDA, agenda)
        given, actions = of_route(order), stored.actions if stored else ()
        items = []
        for milestone in sorted(order.milestones, key=lambda each: book.rank(each.name)):
            name = milestone.name
            known = book.find(name)
            items.append(
                OrderMilestone(
                    **dict(milestone),
                    label=known.label if known else name,
                    label_en=known.label_en if known else None,
                    automatic=name in AUTOMATIC,
                    of_route=name in given,
                    terms=tuple(n for n, term in enumerate(order.terms) if term.milestone == name),
                    actions=tuple(action.id for action in actions if action.when and action.when.milestone == name),
                )
            )
        return Reply.of(OrderMilestones(items=tuple(items)), tx.version(place))
