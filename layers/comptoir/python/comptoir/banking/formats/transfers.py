"""The one file of a transfer order: written, checked as a bank does, kept under lock, then told (TRS-08, TRS-09)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from comptoir.access.acting import by_itself
from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.banking.formats.check import check
from comptoir.banking.formats.pain import write
from comptoir.banking.formats.tasks import Bucket, Event
from comptoir.banking.holding import keep_lines
from comptoir.banking.model import TransferOrder
from comptoir.banking.ordered import (
    TRANSFER_ORDER,
    StoredTransferOrder,
    TransferFile,
    TransferState,
    transfer_file_at,
)
from comptoir.kernel.errors import Breach
from comptoir.kernel.text import sha256
from comptoir.purchasing.items import SUPPLIER_DOCUMENT, sheet_of
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY

_MOST_BYTES = 10_000_000


def write_transfers(services: Services, event: Event, files: Bucket, archive: Bucket) -> dict[str, Any]:
    """Write the file of a prepared order; run again, it ends what was begun, with the same bytes.

    A file that no bank could take is not kept: the order tells why, and its lines are free again.
    Errors: `NotFound`.
    """
    company, identifier = event["company"], event["order"]
    stored = services.store.require(TRANSFER_ORDER, keys.transfer_order(company, identifier)).value
    if stored.state is not TransferState.PREPARED:
        return {"outcome": stored.state.value}
    key, ctx = transfer_file_at(company, stored.id), by_itself(services, company)
    content = archive.read(key, _MOST_BYTES)
    if content is None:
        made = written(stored.order)
        if breaches := check(made):
            return _conclude(ctx, stored, TransferState.REFUSED, breaches=tuple(breaches))
        archive.put(key, made, "application/xml", f"{stored.order.execution_date}-{stored.id}.xml")
        content = archive.read(key, _MOST_BYTES) or made
    file = TransferFile(sha256=sha256(content), size=len(content))
    return _conclude(ctx, stored, TransferState.GENERATED, file=file)


def written(order: TransferOrder) -> bytes:
    """The bytes of an order's message."""
    file = io.BytesIO()
    write(order, file)
    return file.getvalue()


def _conclude(
    ctx: Context,
    stored: StoredTransferOrder,
    state: TransferState,
    file: TransferFile | None = None,
    breaches: Sequence[Breach] = (),
) -> dict[str, Any]:
    """Tell what became of an order, unless another run has."""
    key = keys.transfer_order(ctx.company, stored.id)

    def work(tx: Transaction) -> str:
        now = tx.require(TRANSFER_ORDER, key)
        if now.state is not TransferState.PREPARED:
            return now.state.value
        if state is TransferState.REFUSED:
            _let_go(tx, ctx, now)
        after = now.change(state=state, file=file, breaches=tuple(breaches))
        save(tx, ctx, TRANSFER_ORDER, key, after, state.value)
        return state.value

    return {"outcome": ctx.services.store.transact(work, [key])}


def _let_go(tx: Transaction, ctx: Context, stored: StoredTransferOrder) -> None:
    """Free the lines of an order of which nothing was sent."""
    documents = tx.several(
        SUPPLIER_DOCUMENT, {each.document: keys.supplier_document(ctx.company, each.document) for each in stored.paid}
    )
    for sheet in dict.fromkeys(sheet_of(ctx.company, document) for document in documents.values()):
        lines = tuple(
            line.change(transfer=None) if line.transfer and line.transfer.order == stored.id else line
            for line in tx.require(TREASURY, sheet).lines
        )
        keep_lines(tx, ctx, sheet, lines, "transfer_refused", stored.id)
