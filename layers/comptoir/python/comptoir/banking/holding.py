"""The lines of a sheet as transfers hold them, let go of them or are replaced: kept with what happened (TRS-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from comptoir.access.context import Context
from comptoir.access.history import difference, record
from comptoir.kernel.ids import Id
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import TreasuryLine


def keep_lines(
    tx: Transaction,
    ctx: Context,
    sheet: Key,
    lines: Sequence[TreasuryLine],
    event: str,
    order: Id,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Write the lines of a sheet, and in its history the order, what changed and what else is `told`."""
    before = tx.require(TREASURY, sheet)
    after = before.change(lines=tuple(lines))
    tx.put(TREASURY, sheet, after)
    changes = difference(before.model_dump(mode="json"), after.model_dump(mode="json"))
    record(tx, ctx, sheet.pk, event, {"/transfer_order": order, **(told or {}), **changes})
