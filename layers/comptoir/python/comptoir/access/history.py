"""History: every change of a business object, written with it in the same transaction (ACC-06)."""

from __future__ import annotations

from typing import Any

from comptoir.access.acting import who
from comptoir.access.context import Context
from comptoir.access.items import HISTORY
from comptoir.access.model import HistoryEntry
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import DomainError
from comptoir.store import keys
from comptoir.store.record import Key, Kind, M
from comptoir.store.transaction import Transaction


def save(
    tx: Transaction, ctx: Context, kind: Kind[M], key: Key, value: M, event: str, taken: DomainError | None = None
) -> None:
    """Store `value` under `key`, created or changed, and its history entry with what changed.

    Saving an equal value writes nothing. Errors: `taken` when a new key turns out to exist.
    """
    before = tx.get(kind, key)
    if before == value:
        return
    if before is None:
        tx.create(kind, key, value, taken)
    else:
        tx.put(kind, key, value)
    old = before.model_dump(mode="json") if before else {}
    record(tx, ctx, key.pk, event, difference(old, value.model_dump(mode="json")))


def record(tx: Transaction, ctx: Context, pk: str, event: str, changes: dict[str, Any]) -> None:
    """Append a history entry to the object in partition `pk`."""
    at = stamp(ctx.now)
    by, name = who(ctx.operator), ctx.operator.name
    entry = HistoryEntry(at=at, operator=by, operator_name=name, event=event, changes=changes)
    tx.create(HISTORY, keys.history(pk, at, ctx.new_id()), entry)


def difference(before: Any, after: Any, path: str = "") -> dict[str, Any]:
    """What changed between two JSON values: JSON pointer → [before, after].

    Lists of objects with an `id` are compared element by element, so that one changed line of a
    thousand makes one entry.
    """
    if before == after:
        return {}
    if isinstance(before, dict) and isinstance(after, dict):
        changes: dict[str, Any] = {}
        for name in before.keys() | after.keys():
            changes |= difference(before.get(name), after.get(name), f"{path}/{name}")
        return dict(sorted(changes.items()))
    if _identified(before) and _identified(after):
        return difference({e["id"]: e for e in before}, {e["id"]: e for e in after}, path) or {path: "reordered"}
    return {path or "/": [before, after]}


def _identified(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(e, dict) and "id" in e for e in value)
