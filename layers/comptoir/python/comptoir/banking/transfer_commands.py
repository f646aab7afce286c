"""Transfers asked for, seen beforehand, made once, and their files (TRS-06 to TRS-09)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from comptoir.access.codes import CodeTaken, claim
from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery, OfThing, ReadThing, ThingHistory
from comptoir.banking.advice import advice
from comptoir.banking.credit_transfer import preview
from comptoir.banking.gathering import Chosen, gather, known_reference
from comptoir.banking.holding import keep_lines
from comptoir.banking.model import TransferOrder
from comptoir.banking.ordered import (
    DUE_FILES,
    ORDERS,
    TRANSFER_ORDER,
    StoredTransferOrder,
    TransferFields,
    TransferOrderView,
    TransferState,
    transfer_file_at,
)
from comptoir.banking.scribe import Change
from comptoir.kernel.errors import Breach, Conflict, DomainError, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.store import backend, keys
from comptoir.store.record import AnyKind, Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Transferred, TreasuryLine
from comptoir.treasury.settling import replaced

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


class ReferenceTaken(CodeTaken):
    """Another transfer has the reference; only if it took it at the same instant."""

    code = "end_to_end_taken"
    fr = "Cette référence de bout en bout vient d'être prise par un autre virement."
    en = "This end-to-end reference has just been taken by another transfer."
    pointer = "/transfers"


class GenerateTransfers(TransferFields, Command):
    """Make transfers of lines that are owed: each line once, ever; they are held, then the file is written (TRS-09).

    201 once the file is there, 202 while it is not. Errors: `Refused` with every reason at once.
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
        order = found.order.order
        references = {transfer.id: transfer.end_to_end for transfer in order.transfers}
        _hold(tx, ctx, order, found.chosen, references)
        for line, reference in references.items():
            claim(tx, keys.end_to_end(ctx.company, known_reference(reference)), line, ReferenceTaken())
        key = keys.transfer_order(ctx.company, order.id)
        save(tx, ctx, TRANSFER_ORDER, key, found.order, "prepared")
        return Reply.of(found.order, tx.next_version(key), 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        return _written(services, caller.company, StoredTransferOrder.model_validate_json(reply.body).id)


def _hold(
    tx: Transaction, ctx: Context, order: TransferOrder, chosen: Sequence[Chosen], references: dict[str, str]
) -> None:
    """Mark each line with its transfer: from here on nobody changes it, and no other order has it."""
    for key in dict.fromkeys(each.sheet for each in chosen):
        made: dict[Id, tuple[TreasuryLine, ...]] = {
            each.line.id: (each.line.change(transfer=Transferred(order=order.id, end_to_end=references[each.line.id])),)
            for each in chosen
            if each.sheet == key
        }
        lines = replaced(tx.require(TREASURY, key).lines, made)
        keep_lines(tx, ctx, key, lines, "transferred", order.id)


def _written(services: Services, company: str, order: Id) -> Reply:
    """Have the file of an order written by the function that may, and show the order. Errors: `Refused`."""
    key = keys.transfer_order(company, order)
    if services.bank:
        services.bank.render({"task": "write_transfers", "company": company, "order": order})
    stored = services.store.require(TRANSFER_ORDER, key)
    if stored.value.state is TransferState.REFUSED:
        raise Refused(stored.value.breaches)
    return Reply.of(stored.value, stored.version, 201 if stored.value.state is TransferState.GENERATED else 202)


def resume_transfers(services: Services) -> dict[str, int]:
    """Have the file of every order that was left without one written; for the schedule."""
    counts = {"transfers_resumed": 0, "failed": 0}
    for shard in keys.SHARDS:
        for found in services.store.records(backend.Query(pk=keys.due_partition(DUE_FILES, shard), index=3)):
            order = services.store.require(TRANSFER_ORDER, found.key).value
            try:
                _written(services, found.key.company, order.id)
                counts["transfers_resumed"] += 1
            except (DomainError, RuntimeError):
                # One that the function breaks on keeps no other waiting.
                counts["failed"] += 1
    return counts


class OfTransferOrder(OfThing):
    """A request on one order."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    kind: ClassVar[AnyKind] = TRANSFER_ORDER
    transfer_order: Id

    def place(self, company: str) -> Key:
        return keys.transfer_order(company, self.transfer_order)


class ReadTransferOrder(OfTransferOrder, ReadThing):
    """An order, and what its transfers pay."""


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
        stored = tx.require(TRANSFER_ORDER, self.place(ctx.company))
        return Reply.of(stored, tx.version(self.place(ctx.company)), 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        return _written(services, caller.company, self.transfer_order)


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
    month: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] | None = None

    def read(self, ctx: Context) -> Reply:
        month = self.month or f"{ctx.today:%Y-%m}"
        pk = keys.by_month(ctx.company, ORDERS, month, "")[0]
        query = backend.Query(pk=pk, index=1, reverse=True)
        page = ctx.services.store.summaries(TransferOrderView, query, self.cursor, self.limit)
        return Reply.of(Listing[TransferOrderView].of(page))
