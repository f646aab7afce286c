"""Completed orders and requests that are open again: by hand, or because money came back (LOG-03)."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import record, save
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Conflict
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Paragraph
from comptoir.orders.commands import OrderCommand
from comptoir.orders.dating import is_over
from comptoir.orders.items import ORDER, SUPPLIER, load_requests, save_treasury
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.suppliers import keep, told
from comptoir.store import keys
from comptoir.store.transaction import Transaction


class NotCompleted(Conflict):
    """Only what is completed can be open again."""

    code = "not_completed"
    fr = "Ni la commande ni la demande n'est au statut « Terminée »."
    en = "It is not completed."


def reopen(tx: Transaction, ctx: Context, order: Order, suppliers: Collection[str]) -> Order:
    """Make a completed order confirmed again, with the requests to these suppliers that are completed."""
    changes: dict[str, object] = {}
    for request in load_requests(tx, ctx.company, order):
        if request.supplier in suppliers and request.status is OrderStatus.COMPLETED:
            changes |= keep(tx, ctx, order, request.change(status=OrderStatus.CONFIRMED))
    told(tx, ctx, order, "supplier_requests_reopened", changes)
    if order.status is not OrderStatus.COMPLETED:
        return order
    after = order.change(status=OrderStatus.CONFIRMED, completed_on=None)
    save(tx, ctx, ORDER, keys.order(ctx.company, order.id), after, "reopened")
    save_treasury(tx, ctx, after, "treasury_computed")
    return after


class ReopenOrder(OrderCommand):
    """Make a completed order confirmed again, with its supplier requests that are not received and paid (LOG-03).

    What completed it by itself does so again at the next date or payment. Its actions stay closed.
    """

    reason: Paragraph | None = None

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        if before.status is not OrderStatus.COMPLETED:
            raise NotCompleted(status=before.status.value)
        requests = load_requests(tx, ctx.company, before)
        after = reopen(tx, ctx, before, [each.supplier for each in requests if not is_over(tx, ctx, before, each)])
        if self.reason:
            record(tx, ctx, keys.order(ctx.company, after.id).pk, "reopened_by_hand", {"/reason": self.reason})
        return self.reply(tx, ctx, after)


class ReopenSupplierRequest(OrderCommand):
    """Make a completed supplier request confirmed again; If-Match is the order's version (LOG-03)."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES

    supplier: Id

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order = self.load(tx, ctx)
        key = keys.supplier_request(ctx.company, self.order, self.supplier)
        request = tx.require(SUPPLIER, key)
        if request.status is not OrderStatus.COMPLETED:
            raise NotCompleted(status=request.status.value)
        after = reopen(tx, ctx, order, [self.supplier])
        # The order's version guards its requests too.
        tx.put(ORDER, keys.order(ctx.company, order.id), after)
        return Reply.of(tx.require(SUPPLIER, key), tx.next_version(key))
