"""Undoing a confirmation: the order becomes an offer again, except what is invoiced or paid (CNF-06)."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import difference, record, save
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach, Conflict, Refused
from comptoir.kernel.text import Paragraph
from comptoir.orders import rules
from comptoir.orders.agendas import keep_agenda
from comptoir.orders.commands import OrderCommand
from comptoir.orders.items import ORDER, change_purchases, load_requests, request_dates
from comptoir.orders.model import CONFIRMATION, Order, OrderStatus
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.orders.suppliers import follow_status
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from comptoir.treasury.rules import forecast, redate


class NotConfirmed(Conflict):
    """Only a confirmed order can become an offer again."""

    code = "no_confirmation_to_undo"
    fr = "La commande n'est pas validée : il n'y a pas de confirmation à annuler."
    en = "The order is not confirmed: there is no confirmation to undo."


class UndoRefused(Refused):
    """Something of the order can't go back; each reason is told."""

    status = 409
    code = "undo_refused"
    fr = "La confirmation ne peut pas être annulée."
    en = "The confirmation cannot be undone."


class UndoConfirmation(OrderCommand):
    """Make a confirmed order an offer in progress again (CNF-06).

    The milestone loses its actual date, firm treasury lines become forecast, actions are dated again, and
    the year's totals by supplier go back. Errors: `NotConfirmed`, `UndoRefused` with every reason.
    """

    permission: ClassVar[Permission] = Permission.UNDO_CONFIRMATION

    reason: Paragraph | None = None

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.load(tx, ctx)
        if before.status is not OrderStatus.CONFIRMED:
            raise NotConfirmed(status=before.status.value)
        reasons = [_completed(before, request) for request in load_requests(tx, ctx.company, before) if _ended(request)]
        if reasons:
            raise UndoRefused(reasons)
        after = undone(before)
        key = keys.order(ctx.company, after.id)
        tx.put(ORDER, key, after)
        changes = difference(before.model_dump(mode="json"), after.model_dump(mode="json"))
        record(tx, ctx, key.pk, "confirmation_undone", changes | ({"/reason": self.reason} if self.reason else {}))
        _treasury(tx, ctx, after)
        keep_agenda(tx, ctx, after)
        # Counted back in the year of the confirmation, which only the order before still tells.
        follow_status(tx, ctx, before, OrderStatus.OFFER)
        change_purchases(
            tx,
            ctx,
            after,
            "supplier_treasury_forecast",
            lambda request, lines: redate(forecast(lines), request.terms, request_dates(after, request)),
        )
        return self.reply(tx, ctx, after)


def undone(order: Order) -> Order:
    """The order as an offer again: the milestone stays, with its forecast date alone."""
    milestones = tuple(m.change(actual=None) if m.name == CONFIRMATION else m for m in order.milestones)
    return order.change(status=OrderStatus.OFFER, confirmation=None, milestones=milestones)


def _ended(request: SupplierRequest) -> bool:
    return request.status is OrderStatus.COMPLETED


def _completed(order: Order, request: SupplierRequest) -> Breach:
    return Breach(
        code="request_completed",
        fr=f"La demande au fournisseur « {request.supplier_name} » est terminée : elle ne change plus.",
        en=f'The request to the supplier "{request.supplier_name}" is completed: it no longer changes.',
        pointer="/status",
        link=f"/orders/{order.id}/supplier-requests/{request.supplier}",
    )


def _treasury(tx: Transaction, ctx: Context, order: Order) -> None:
    """Firm lines back to forecast; written even when none is, so that no invoice is issued beside it."""
    key = keys.order_treasury(ctx.company, order.id)
    before = tx.get(TREASURY, key) or Treasury()
    lines = redate(forecast(before.lines), order.terms, rules.dates(order))
    if lines == before.lines:
        tx.put(TREASURY, key, before)
    else:
        save(tx, ctx, TREASURY, key, before.change(lines=lines), "treasury_forecast")
