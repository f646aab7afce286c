"""Recording that the bank rejected transfers of an order, one or all of them (TRS-09)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.banking.ordered import (
    AT_ONCE,
    MOST_TRANSFERS,
    TRANSFER_ORDER,
    Rejecting,
    TransferState,
    view,
)
from comptoir.banking.rejecting import Sent
from comptoir.banking.transfer_commands import OfTransferOrder, TransferFileMissing, driven
from comptoir.kernel.errors import Breach, Conflict, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Line
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class RejectionUnderWay(Conflict):
    """The lines of many transfers are being replaced: what else is rejected is told afterwards."""

    code = "rejection_under_way"
    fr = "Un rejet de cet ordre est en cours d'enregistrement ; réessayez dans un instant."
    en = "A rejection of this order is being recorded; try again in a moment."


class RejectTransfers(OfTransferOrder, Command):
    """Record that the bank rejected transfers of an order, all by default: what they pay waits to be paid anew.

    `lines` are those that the transfers pay, `reason` the bank's code and words. As many as one transaction takes
    are rejected together or not at all; more are, once nothing stands against any, part by part, and a transfer
    that the bank turns out to have made meanwhile is told. Errors: `NotFound`, `VersionMismatch`,
    `TransferFileMissing`, `RejectionUnderWay`, `Refused` with everything that is wrong; then nothing is rejected.
    """

    permission: ClassVar[Permission] = Permission.GENERATE_TRANSFERS
    guarded: ClassVar[bool] = True

    lines: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_TRANSFERS)] | None = None
    reason: Line
    rejected_on: date | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [self.place(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = self.place(ctx.company)
        head = tx.require(TRANSFER_ORDER, key)
        ctx.expect(tx, key)
        if head.state is TransferState.REJECTING:
            raise RejectionUnderWay()
        if head.state is not TransferState.GENERATED:
            raise TransferFileMissing(state=head.state.value)
        sent = Sent.read(tx, ctx.company, head.id, range(head.parts))
        terms = self._terms(ctx, sent)
        found = _date_breaches(terms.rejected_on, ctx.today, head.prepared_on)
        refuse_if([*found, *sent.breaches(self._places(terms.lines))])
        if len(terms.lines) > AT_ONCE:
            after = head.change(state=TransferState.REJECTING, rejecting=terms)
            save(tx, ctx, TRANSFER_ORDER, key, after, "rejecting")
        else:
            sent.reject(tx, ctx, terms.lines, terms)
            after = head.change(rejected=head.rejected + len(terms.lines), breaches=())
            tx.put(TRANSFER_ORDER, key, after)
        return Reply.of(view(after), tx.next_version(key), 201)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        return driven(services, caller.company, self.transfer_order)

    def _terms(self, ctx: Context, sent: Sent) -> Rejecting:
        return Rejecting(
            lines=tuple(sent.paid if self.lines is None else dict.fromkeys(self.lines)),
            reason=self.reason,
            rejected_on=self.rejected_on or ctx.today,
            operator=ctx.operator.id,
            operator_name=ctx.operator.name,
            recorded_at=ctx.now,
        )

    def _places(self, lines: Sequence[Id]) -> list[tuple[Id, str]]:
        """Where the request names each line, if it does."""
        if self.lines is None:
            return [(line, "/lines") for line in lines]
        return [(line, f"/lines/{number}") for number, line in enumerate(self.lines)]


def _date_breaches(day: date, today: date, earliest: date) -> list[Breach]:
    """A bank rejects today or before, and not before the order was made."""
    if day > today:
        fr, en = "La date est future.", "The date is in the future."
        return [Breach(code="date_future", fr=fr, en=en, pointer="/rejected_on")]
    if day < earliest:
        fr = f"La date précède celle de l'ordre, le {earliest:%d/%m/%Y}."
        en = f"The date is before that of the order, {earliest:%Y-%m-%d}."
        return [Breach(code="date_before_order", fr=fr, en=en, pointer="/rejected_on")]
    return []
