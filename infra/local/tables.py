"""Table items survive, transactions are atomic against workflows, and streams go on where they were."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.durability import Store

# Reads hold the lock too: a query walks the dictionaries that a workflow's thread changes.
_OPERATIONS = (
    "_put_item",
    "_update_item",
    "_delete_item",
    "_batch_write_item",
    "_transact_write_items",
    "_get_item",
    "_query",
    "_scan",
    "_batch_get_item",
    "_transact_get_items",
)


class Tables:
    """Journals the item that each write leaves, or its absence; the stream is emitted again on replay."""

    kind = "item"

    def __init__(self, emulator: SimpleNamespace) -> None:
        self._tables: Any = emulator.dynamodb
        self._functions: Any = emulator.lambda_svc
        self._scope: Any = emulator.responses.request_scope
        self._set: Callable[..., Any] = emulator.dynamodb._set_item
        self._remove: Callable[..., Any] = emulator.dynamodb._remove_item

    def install(self, store: Store) -> None:
        """HTTP requests, workflows and the expiry thread all end in `_set_item` and `_remove_item`."""
        dynamodb = self._tables

        def set_item(table: Any, pk: Any, sk: Any, item: Any) -> Any:
            with store.lock:
                previous = self._set(table, pk, sk, item)
                store.record(self.kind, table["TableArn"], pk, sk, item, store.in_operation)
                return previous

        def remove_item(table: Any, pk: Any, sk: Any) -> Any:
            with store.lock:
                previous = self._remove(table, pk, sk)
                if previous is not None:
                    store.record(self.kind, table["TableArn"], pk, sk, None, store.in_operation)
                return previous

        dynamodb._set_item, dynamodb._remove_item = set_item, remove_item
        dynamodb._lock = store.lock
        for name in _OPERATIONS:
            setattr(dynamodb, name, _serialised(getattr(dynamodb, name), store))

    def apply(self, arn: str, pk: Any, sk: Any, item: Any, streamed: bool) -> None:
        """Put or remove one item; what expired by itself goes without a stream record, as it did."""
        region, account, table_name = _table_of(arn)
        table = self._tables._tables.get_scoped(account, region, table_name)
        if table is None:
            return
        previous = self._remove(table, pk, sk) if item is None else self._set(table, pk, sk, item)
        if streamed and (previous is not None or item is not None):
            event = "REMOVE" if item is None else "INSERT" if previous is None else "MODIFY"
            with self._scope(account, region):
                self._tables._emit_stream_event(table_name, event, previous, item, replicate=False)

    def restored(self) -> None:
        """Nothing more to do."""

    # MiniStack keeps the position of each consumer of a stream but not the stream: without the two functions below
    # the first changes after a restart would be skipped, as many as were read before it.

    def stream_state(self) -> list[list[Any]]:
        """For each table: name, position of the first record kept, records that some consumer has not read."""
        return [
            [account, region, name, first, records]
            for (account, region, name), kept in self._tables._stream_records.all_items()
            for first, records in [self._unread(account, region, name, kept)]
        ]

    def restore_streams(self, state: list[list[Any]]) -> None:
        """Put back what `stream_state` told."""
        for account, region, name, first, records in state:
            self._tables._stream_records.set_scoped(account, region, name, records)
            self._tables._stream_trimmed.set_scoped(account, region, name, first)

    def _unread(self, account: str, region: str, name: str, kept: list[Any]) -> tuple[int, list[Any]]:
        start = self._tables._stream_trimmed.get_scoped(account, region, name, 0)
        positions = [
            self._functions._dynamodb_stream_positions.get_scoped(account, region, identifier, start)
            for (owner, place, identifier), mapping in self._functions._esms.all_items()
            if (owner, place) == (account, region) and f"table/{name}/stream/" in mapping.get("EventSourceArn", "")
        ]
        first = max(start, min(positions, default=start + len(kept)))
        return first, kept[first - start :]


def _table_of(arn: str) -> tuple[str, str, str]:
    _, _, _, region, account, resource = arn.split(":", 5)
    return region, account, resource.partition("/")[2]


def _serialised(operation: Callable[[Any], Any], store: Store) -> Callable[[Any], Any]:
    def serialised(data: Any) -> Any:
        with store.operation():
            return operation(data)

    return serialised
