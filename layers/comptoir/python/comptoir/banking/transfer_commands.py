"""Transfers asked for, seen beforehand, made once, and their files (TRS-06 to TRS-09)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery, OfThing, ThingHistory
from comptoir.banking.advice import advice
from comptoir.banking.credit_transfer import preview
from comptoir.banking.driving import take_on
from comptoir.banking.gathering import gather
from comptoir.banking.holding import hold
from comptoir.banking.model import TransferOrder
from comptoir.banking.ordered import (
    ORDERS,
    TRANSFER_ORDER,
    TRANSFER_PART,
    StoredTransferOrder,
    TransferFields,
    TransferOrderView,
    TransferState,
    cut,
    transfer_file_at,
    view,
    whole,
)
from comptoir.banking.scribe import Change
from comptoir.kernel.errors import Breach, Conflict, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import MonthName
from comptoir.store import backend, keys
from comptoir.store.record import AnyKind, Key
from comptoir.store.transaction import Transaction

LINK_SECONDS = 300


class TransferPreview(Model):
    """What would be sent: the order, texts that banks take otherwise, what to know, and all for which it is refused."""

    order: TransferOrder | None
    changes: tuple[Change, ...]
    warnings: tuple[Breach, ...]
    breaches: tuple[Breach, ...]


class PreviewTransfers(TransferFields, Query):
    """What an order of these lines would be; nothing is kept of it."""

    permission: ClassVar[Permission] = Permission.GENERATE_TRANSFERS

    def read(self, ctx: Context) -> Reply:
        found = gather(Transaction(ctx.services.store.backend), ctx, self)
        order = found.order.order if found.order else None
        changes = tuple(preview(order)) if order else ()
        warnings = tuple(advice(found.order)) if found.order else ()
        seen = TransferPreview(order=order, changes=changes, warnings=warnings, breaches=tuple(found.breaches))
        return Reply.of(seen)


class GenerateTransfers(TransferFields, Command):
    """Make transfers of lines that are owed: each line once, ever; they are held, then the file is written (TRS-09).

    More than one transaction holds are held part by part; if a line is lost meanwhile, none is. 201 once the file is
    there, 202 while it is not. Errors: `Refused` with every reason at once.
    """

    permission: ClassVar[Permission] = Permission.GENERATE_TRANSFERS

    def keys(self, company: str) -> Sequence[Key]:
        documents = [keys.supplier_document(company, each.document) for each in self.transfers]
        return [keys.company(company), *dict.fromkeys(documents)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        found = gather(tx, ctx, self)
        refuse_if(found.breaches)
        if found.order is None:
            raise TypeError("nothing is wrong and there is no order")
        return _asked(tx, ctx, found.order)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        return driven(services, caller.company, TransferOrderView.model_validate_json(reply.body).id)


def _asked(tx: Transaction, ctx: Context, order: StoredTransferOrder) -> Reply:
    """Keep an order: held at once where that fits, else to be held part by part."""
    head, parts = cut(order)
    if len(parts) > 1:
        head = head.change(state=TransferState.GATHERING)
    else:
        hold(tx, ctx, head.id, parts[0])
        parts = [parts[0].change(held=True)]
    key = keys.transfer_order(ctx.company, head.id)
    save(tx, ctx, TRANSFER_ORDER, key, head, head.state.value)
    for number, part in enumerate(parts):
        tx.create(TRANSFER_PART, keys.transfer_order_part(ctx.company, head.id, number), part)
    return Reply.of(view(head), tx.next_version(key), 202)


def driven(services: Services, company: str, order: Id) -> Reply:
    """Do what is left to do of an order, and show it. Errors: `Refused` when nothing came of it."""
    head = take_on(services, company, order)
    if head.state is TransferState.REFUSED:
        raise Refused(head.breaches)
    tx, key = Transaction(services.store.backend), keys.transfer_order(company, order)
    status = 201 if head.state is TransferState.GENERATED else 202
    return Reply.of(whole(tx, company, order), tx.version(key), status)


class OfTransferOrder(OfThing):
    """A request on one order."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    kind: ClassVar[AnyKind] = TRANSFER_ORDER
    transfer_order: Id

    def place(self, company: str) -> Key:
        return keys.transfer_order(company, self.transfer_order)


class ReadTransferOrder(OfTransferOrder, Query):
    """An order, and what its transfers pay. Errors: `NotFound`."""

    def read(self, ctx: Context) -> Reply:
        tx = Transaction(ctx.services.store.backend)
        return Reply.of(whole(tx, ctx.company, self.transfer_order), tx.version(self.place(ctx.company)))


class ReadTransferOrderHistory(OfTransferOrder, ThingHistory):
    """What happened to an order, newest first."""


class WriteTransfers(OfTransferOrder, Command):
    """Have the file of an order written, if it was left without; done again, it answers the same.

    Errors: `NotFound`, `Refused` when no bank could take the file.
    """

    permission: ClassVar[Permission] = Permission.GENERATE_TRANSFERS
    natural: ClassVar[bool] = True

    def keys(self, company: str) -> Sequence[Key]:
        return [self.place(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        head = tx.require(TRANSFER_ORDER, self.place(ctx.company))
        return Reply.of(view(head), tx.version(self.place(ctx.company)), 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        return driven(services, caller.company, self.transfer_order)


class TransferFileMissing(Conflict):
    """The file of an order is not written yet, or never will be."""

    code = "transfer_file_missing"
    fr = "Le fichier de cet ordre n'est pas écrit."
    en = "The file of this order is not written."


class TransferFileLink(Model):
    """A short-lived link to the file to send to the bank, and the hash and size of its bytes."""

    url: str
    expires_in: int
    sha256: str
    size: int


class ReadTransferFile(OfTransferOrder, Query):
    """The link to the file of an order: each time the same bytes. Errors: `NotFound`, `TransferFileMissing`."""

    permission: ClassVar[Permission] = Permission.GENERATE_TRANSFERS

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(TRANSFER_ORDER, self.place(ctx.company)).value
        if stored.file is None or ctx.services.files is None:
            raise TransferFileMissing(state=stored.state.value)
        url = ctx.services.files.link("archive", transfer_file_at(ctx.company, stored.id), LINK_SECONDS)
        told = {"sha256": stored.file.sha256, "size": stored.file.size}
        return Reply.of(TransferFileLink(url=url, expires_in=LINK_SECONDS, **told))


class ListTransferOrders(ListQuery):
    """The orders made in a month, the last first; this month by default."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    month: MonthName | None = None

    def read(self, ctx: Context) -> Reply:
        month = self.month or f"{ctx.today:%Y-%m}"
        pk = keys.by_month(ctx.company, ORDERS, month, "")[0]
        query = backend.Query(pk=pk, index=1, reverse=True)
        return self.summaries(ctx, TransferOrderView, query)
