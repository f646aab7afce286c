"""The table in memory: the faithful twin of DynamoDB for tests and figures.

It keeps encoded items, so that sizes and projections are the real ones, and it is atomic between
threads, which moto is not.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import replace

from comptoir.kernel.errors import TooLarge
from comptoir.store import codec
from comptoir.store.backend import (
    MAX_OPERATIONS,
    MAX_TRANSACTION_BYTES,
    Add,
    Cancelled,
    Check,
    Follow,
    Operation,
    Put,
    Query,
    Reason,
    Slice,
)
from comptoir.store.record import Key, Record

_PAGE_BYTES = 1024 * 1024


Stream = Callable[[Sequence[tuple[codec.Item | None, codec.Item | None]]], object]
"""Takes the items that a transaction changed, before and after, as the table's stream carries them."""


class MemoryBackend:
    """Items by key, and sorted keys by partition for the table and each index."""

    def __init__(self, stream: Stream | None = None) -> None:
        self.stream = stream
        self._items: dict[Key, codec.Item] = {}
        self._counters: dict[Key, int] = {}
        self._sorted: dict[tuple[int, str], list[tuple[str, Key]]] = {}
        self._lock = threading.RLock()

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        with self._lock:
            return {key: codec.decode(self._items[key]) for key in keys if key in self._items}

    def counter(self, key: Key) -> int:
        with self._lock:
            return self._counters.get(key, 0)

    def query(self, query: Query) -> Slice:
        with self._lock:
            entries = self._range(query)
            records: list[Record] = []
            read = 0
            for position, (sk, key) in enumerate(entries):
                item = self._items[key]
                record = codec.decode(item)
                records.append(record if query.index == 0 else replace(record, data=""))
                read += codec.size(item)
                full = len(records) == query.limit or read >= _PAGE_BYTES
                if full and position < len(entries) - 1:
                    return Slice(tuple(records), (*key, *((query.pk, sk) if query.index else ())))
            return Slice(tuple(records), None)

    def _range(self, query: Query) -> list[tuple[str, Key]]:
        entries = self._sorted.get((query.index, query.pk), [])
        low, high = query.between or ("", "\U0010ffff")
        if query.prefix:
            low, high = query.prefix, query.prefix + "\U0010ffff"
        chosen = entries[bisect_left(entries, (low,)) : bisect_left(entries, (high + "\x00",))]
        if query.reverse:
            chosen = chosen[::-1]
        if query.start:
            last = Key(query.start[0], query.start[1])
            sk = query.start[3] if query.index else last.sk
            after = (sk, last)
            chosen = [e for e in chosen if (e < after if query.reverse else e > after)]
        return chosen

    def write(self, operations: Sequence[Operation]) -> None:
        encoded = {op.key: codec.encode(op.record) for op in operations if isinstance(op, Put | Follow)}
        if len(operations) > MAX_OPERATIONS or sum(map(codec.size, encoded.values())) > MAX_TRANSACTION_BYTES:
            raise TooLarge(operations=len(operations))
        with self._lock:
            failed = {n: Reason.CONDITION for n, op in enumerate(operations) if not self._holds(op)}
            if failed:
                raise Cancelled(failed)
            changed = [(self._items.get(key), item) for key, item in encoded.items()]
            for operation in operations:
                if isinstance(operation, Put | Follow):
                    self._store(operation.key, encoded[operation.key])
                elif isinstance(operation, Add):
                    self._counters[operation.key] = self._counters.get(operation.key, 0) + operation.amount
        if self.stream:
            self.stream(changed)

    def _holds(self, operation: Operation) -> bool:
        if isinstance(operation, Add):
            result = self._counters.get(operation.key, 0) + operation.amount
            return operation.floor is None or result >= operation.floor
        if operation.key in self._counters:
            return False
        item = self._items.get(operation.key)
        stored = int(item["v"]["N"]) if item else 0
        if isinstance(operation, Follow):
            return stored < operation.record.version
        wanted = operation.version if isinstance(operation, Check) else operation.record.version - 1
        return stored == wanted

    def _store(self, key: Key, item: codec.Item) -> None:
        for index, pk, sk in _places(self._items.get(key)):
            self._sorted[(index, pk)].remove((sk, key))
        self._items[key] = item
        for index, pk, sk in _places(item):
            insort(self._sorted.setdefault((index, pk), []), (sk, key))


def _places(item: codec.Item | None) -> list[tuple[int, str, str]]:
    if item is None:
        return []
    places = [(0, item["pk"]["S"], item["sk"]["S"])]
    places += [(n, item[f"g{n}pk"]["S"], item[f"g{n}sk"]["S"]) for n in (1, 2, 3) if f"g{n}pk" in item]
    return places
