"""Dates of an order and all that hangs on them: treasury, actions, completion, in one transaction (LOG-01, LOG-03)."""

from __future__ import annotations

from datetime import date

from comptoir.access.context import Context
from comptoir.access.history import save
from comptoir.orders.agendas import end_actions, keep_agenda
from comptoir.orders.items import OPEN, ORDER, end_treasury, load_requests, save_treasury
from comptoir.orders.milestones import DELIVERY, RECEIPT, with_milestones
from comptoir.orders.model import Milestone, Order, OrderStatus
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.orders.suppliers import follow_status, keep, told
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury, TreasuryStatus
from comptoir.treasury.outside import without_expected

_SETTLED = frozenset({TreasuryStatus.PAID, TreasuryStatus.CREDIT_DEDUCTED, TreasuryStatus.CREDIT_REFUNDED})


def keep_dated(tx: Transaction, ctx: Context, after: Order, event: str) -> Order:
    """Store an order whose dates may have changed, with its treasury and actions; completed when all is done."""
    save(tx, ctx, ORDER, keys.order(ctx.company, after.id), after, event)
    save_treasury(tx, ctx, after, "treasury_computed")
    keep_agenda(tx, ctx, after)
    return complete_when_done(tx, ctx, after)


def date_actual(tx: Transaction, ctx: Context, order: Order, milestone: str, day: date | None, event: str) -> Order:
    """Give a milestone the actual date that something gave it, or take it away; what hangs on it follows (LOG-01).

    An order that is completed or cancelled keeps its treasury and its actions as they are.
    """
    old = next((each for each in order.milestones if each.name == milestone), Milestone(name=milestone))
    after = with_milestones(order, {milestone: old.change(actual=day)})
    if after == order:
        return order
    if order.status in OPEN:
        return keep_dated(tx, ctx, after, event)
    save(tx, ctx, ORDER, keys.order(ctx.company, after.id), after, event)
    return after


def complete_when_done(tx: Transaction, ctx: Context, order: Order) -> Order:
    """Complete the requests that are delivered, invoiced and paid, and the order once all of its requests are (LOG-03).

    To be called by whatever dates a delivery or pays a line. What it waits for is checked when the
    transaction is written: of two that bring the last of it at once, one runs again and completes.
    """
    if order.status is not OrderStatus.CONFIRMED:
        return order
    waiting: list[Key] = []
    changes: dict[str, object] = {}
    for request in load_requests(tx, ctx.company, order):
        if not request.open or not request.lines:
            continue
        theirs = keys.supplier_treasury(ctx.company, order.id, request.supplier)
        treasury = tx.get(TREASURY, theirs) or Treasury()
        if received(order, request) and settled(treasury):
            changes |= keep(tx, ctx, order, request.change(status=OrderStatus.COMPLETED))
            if without_expected(treasury.lines) != treasury.lines:
                tx.put(TREASURY, theirs, treasury.change(lines=without_expected(treasury.lines)))
        else:
            waiting.append(theirs)
    told(tx, ctx, order, "supplier_requests_completed", changes)
    own = keys.order_treasury(ctx.company, order.id)
    delivered = any(milestone.name == DELIVERY and milestone.actual for milestone in order.milestones)
    done = delivered and settled(tx.get(TREASURY, own) or Treasury())
    if done and not waiting:
        return complete(tx, ctx, order)
    # What is not delivered is completed by no money: its delivery changes the order itself.
    for key in (keys.order(ctx.company, order.id), *((own,) if delivered else ()), *(waiting if done else ())):
        tx.check(key)
    return order


def settled(treasury: Treasury) -> bool:
    """Whether all is invoiced and paid: some line is, and none of the products is still expected."""
    lines = without_expected(treasury.lines)
    return bool(lines) and all(line.status in _SETTLED for line in lines)


def is_over(tx: Transaction, ctx: Context, order: Order, request: SupplierRequest) -> bool:
    """Whether a supplier request is received, invoiced and paid."""
    sheet = tx.get(TREASURY, keys.supplier_treasury(ctx.company, order.id, request.supplier))
    return received(order, request) and settled(sheet or Treasury())


def received(order: Order, request: SupplierRequest) -> bool:
    """Whether the goods of a supplier request have come, as its milestones tell."""
    return any(milestone.name == RECEIPT and milestone.actual for milestone in (*order.milestones, *request.milestones))


def complete(tx: Transaction, ctx: Context, order: Order) -> Order:
    """Complete an order with its requests; its open actions alert nobody any more."""
    after = order.change(status=OrderStatus.COMPLETED, completed_on=ctx.today)
    save(tx, ctx, ORDER, keys.order(ctx.company, order.id), after, "completed")
    end_treasury(tx, ctx, order, "treasury_ended", without_expected)
    follow_status(tx, ctx, after)
    end_actions(tx, ctx, after)
    return after
