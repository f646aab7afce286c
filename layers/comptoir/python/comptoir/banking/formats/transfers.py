"""The one file of a transfer order: written, checked as a bank does, kept under lock, then told (TRS-08, TRS-09)."""

from __future__ import annotations

import io
from typing import Any

from comptoir.access.acting import by_itself
from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.banking.formats.check import check
from comptoir.banking.formats.pain import write
from comptoir.banking.formats.tasks import Bucket, Event
from comptoir.banking.model import TransferOrder
from comptoir.banking.ordered import (
    TRANSFER_ORDER,
    TransferFile,
    TransferState,
    transfer_file_at,
    whole,
)
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.text import sha256
from comptoir.store import keys
from comptoir.store.transaction import Transaction

_MOST_BYTES = 10_000_000


def write_transfers(services: Services, event: Event, files: Bucket, archive: Bucket) -> dict[str, Any]:
    """Write the file of a prepared order; run again, it ends what was begun, with the same bytes.

    A file that no bank could take is not kept: the order tells why, and its lines are to be freed.
    Errors: `NotFound`.
    """
    company, identifier = event["company"], event["order"]
    stored = whole(Transaction(services.store.backend), company, identifier)
    if stored.state is not TransferState.PREPARED:
        return {"outcome": stored.state.value}
    key, ctx = transfer_file_at(company, stored.id), by_itself(services, company)
    content = archive.read(key, _MOST_BYTES)
    if content is None:
        made = written(stored.order)
        if breaches := check(made):
            return _conclude(ctx, stored.id, TransferState.RELEASING, breaches=tuple(breaches))
        archive.put(key, made, "application/xml", f"{stored.order.execution_date}-{stored.id}.xml")
        content = archive.read(key, _MOST_BYTES) or made
    file = TransferFile(sha256=sha256(content), size=len(content))
    return _conclude(ctx, stored.id, TransferState.GENERATED, file=file)


def written(order: TransferOrder) -> bytes:
    """The bytes of an order's message."""
    file = io.BytesIO()
    write(order, file)
    return file.getvalue()


def _conclude(
    ctx: Context,
    order: Id,
    state: TransferState,
    file: TransferFile | None = None,
    breaches: tuple[Breach, ...] = (),
) -> dict[str, Any]:
    """Tell what became of an order, unless another run has."""
    key = keys.transfer_order(ctx.company, order)

    def work(tx: Transaction) -> str:
        head = tx.require(TRANSFER_ORDER, key)
        if head.state is not TransferState.PREPARED:
            return head.state.value
        save(tx, ctx, TRANSFER_ORDER, key, head.change(state=state, file=file, breaches=breaches), state.value)
        return state.value

    return {"outcome": ctx.services.store.transact(work, [key])}
