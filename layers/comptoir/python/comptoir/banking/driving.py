"""Transfer orders taken on, from wherever they were left, until they have their file or all lines are free (TRS-09).

An order of more transfers than one transaction holds is asked for as a whole, then held part by part. Each step is a
transaction that looks at the order's state and leaves what is done already: killed between any two, it goes on from
there; driven twice at once, one of both does each step. A line that was lost meanwhile turns it back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from comptoir.access.acting import PRODUCT, by_itself
from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.banking.holding import hold, let_go, lost
from comptoir.banking.ordered import (
    AT_ONCE,
    DUE_FILES,
    TRANSFER_ORDER,
    TRANSFER_PART,
    TransferOrderHead,
    TransferState,
    parts_of,
)
from comptoir.banking.rejecting import all_rejected, reject_part
from comptoir.kernel.errors import Breach, DomainError
from comptoir.kernel.ids import Id
from comptoir.store import keys
from comptoir.store.transaction import Transaction


def take_on(services: Services, company: str, order: Id) -> TransferOrderHead:
    """Do what is left to do of an order, and tell how far it is. Errors: those of the function that writes files."""
    key = keys.transfer_order(company, order)
    head = services.store.require(TRANSFER_ORDER, key).value
    for state, step in _STEPS:
        if head.state is state:
            step(services, company, head)
            head = services.store.require(TRANSFER_ORDER, key).value
    return head


def resume_transfers(services: Services) -> dict[str, int]:
    """Take every order on that was left under way; for the schedule."""
    counts = {"transfers_resumed": 0, "failed": 0}
    for found in services.store.due(DUE_FILES, 3):
        order = services.store.require(TRANSFER_ORDER, found.key).value
        try:
            take_on(services, found.key.company, order.id)
            counts["transfers_resumed"] += 1
        except (DomainError, RuntimeError):
            # One that the function breaks on keeps no other waiting.
            counts["failed"] += 1
    return counts


def _gather(services: Services, company: str, head: TransferOrderHead) -> None:
    """Hold the lines, a part at a time, in the name of who asked; or turn back at the first part that lost some."""
    ctx = _as(services, company, head.operator, head.prepared_by)
    for number in range(head.parts):
        missing = services.store.transact(partial(_hold_part, ctx, head.id, number))
        if missing:
            services.store.transact(partial(_turn_back, ctx, head.id, missing))
            return
    services.store.transact(partial(_all_held, ctx, head.id))


def _hold_part(ctx: Context, order: Id, number: int, tx: Transaction) -> list[Breach]:
    """Hold the lines of a part, unless they are; or all for which it cannot be."""
    key, place = keys.transfer_order(ctx.company, order), keys.transfer_order_part(ctx.company, order, number)
    tx.prefetch([key, place])
    head, part = tx.require(TRANSFER_ORDER, key), tx.require(TRANSFER_PART, place)
    if head.state is not TransferState.GATHERING or part.held:
        return []
    if missing := list(lost(tx, ctx.company, head, part, number * AT_ONCE)):
        return missing
    # Who turns the order back meanwhile makes this run again, and leave it.
    tx.check(key)
    hold(tx, ctx, order, part)
    tx.put(TRANSFER_PART, place, part.change(held=True))
    return []


def _turn_back(ctx: Context, order: Id, missing: Sequence[Breach], tx: Transaction) -> None:
    """Tell everything that was lost of an order, in all of its parts; from here on its lines are freed."""
    head = tx.require(TRANSFER_ORDER, keys.transfer_order(ctx.company, order))
    if head.state is not TransferState.GATHERING:
        return
    parts = parts_of(tx, ctx.company, head)
    told = [
        breach
        for number, part in enumerate(parts)
        if not part.held
        for breach in lost(tx, ctx.company, head, part, number * AT_ONCE)
    ]
    # What came back in the meantime was missing all the same.
    _conclude(tx, ctx, head.change(state=TransferState.RELEASING, breaches=tuple(told or missing)))


def _all_held(ctx: Context, order: Id, tx: Transaction) -> None:
    head = tx.require(TRANSFER_ORDER, keys.transfer_order(ctx.company, order))
    if head.state is TransferState.GATHERING and all(part.held for part in parts_of(tx, ctx.company, head)):
        _conclude(tx, ctx, head.change(state=TransferState.PREPARED))


def _write(services: Services, company: str, head: TransferOrderHead) -> None:
    """Have the file written by the function that may."""
    if services.bank:
        services.bank.render({"task": "write_transfers", "company": company, "order": head.id})


def _release(services: Services, company: str, head: TransferOrderHead) -> None:
    """Free the lines, a part at a time."""
    ctx = by_itself(services, company)
    for number in range(head.parts):
        services.store.transact(partial(_release_part, ctx, head.id, number))
    services.store.transact(partial(_all_free, ctx, head.id))


def _release_part(ctx: Context, order: Id, number: int, tx: Transaction) -> None:
    key, place = keys.transfer_order(ctx.company, order), keys.transfer_order_part(ctx.company, order, number)
    tx.prefetch([key, place])
    head, part = tx.require(TRANSFER_ORDER, key), tx.require(TRANSFER_PART, place)
    if head.state is TransferState.RELEASING and part.held:
        let_go(tx, ctx, order, part)
        tx.put(TRANSFER_PART, place, part.change(held=False))


def _all_free(ctx: Context, order: Id, tx: Transaction) -> None:
    head = tx.require(TRANSFER_ORDER, keys.transfer_order(ctx.company, order))
    if head.state is TransferState.RELEASING and not any(part.held for part in parts_of(tx, ctx.company, head)):
        _conclude(tx, ctx, head.change(state=TransferState.REFUSED))


def _reject(services: Services, company: str, head: TransferOrderHead) -> None:
    """Replace the lines of many transfers that the bank rejected, a part at a time, in the name of who recorded it."""
    if head.rejecting is None:
        raise TypeError("an order is rejecting, and nothing is rejected")
    ctx = _as(services, company, head.rejecting.operator, head.rejecting.operator_name)
    for number in range(head.parts):
        services.store.transact(partial(reject_part, ctx, head.id, number))
    services.store.transact(partial(all_rejected, ctx, head.id))


def _as(services: Services, company: str, operator: Id, name: str) -> Context:
    """A context without any permission, in the name of the operator whose request is carried out."""
    return replace(by_itself(services, company), operator=PRODUCT.change(id=operator, name=name))


def _conclude(tx: Transaction, ctx: Context, head: TransferOrderHead) -> None:
    save(tx, ctx, TRANSFER_ORDER, keys.transfer_order(ctx.company, head.id), head, head.state.value)


_STEPS: tuple[tuple[TransferState, Callable[[Services, str, TransferOrderHead], None]], ...] = (
    (TransferState.GATHERING, _gather),
    (TransferState.PREPARED, _write),
    (TransferState.RELEASING, _release),
    (TransferState.REJECTING, _reject),
)
