"""Transactions: a pure function over reads and writes, run again on contention.

The engine conditions every put on the version that the function read and every create on
absence. Contention re-runs the function on fresh data; a create that finds its key taken raises
that item's own error. What the function does must depend on the table alone, so that running it
again is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from comptoir.kernel.errors import AlreadyExists, Conflict, DomainError, NotFound, VersionMismatch
from comptoir.store.backend import Add, Backend, Cancelled, Check, Operation, Put, Query, Reason
from comptoir.store.record import Key, Kind, M, Record

T = TypeVar("T")
N = TypeVar("N")


class Transaction:
    """Reads and pending writes of one run of a transactional function."""

    def __init__(self, backend: Backend, known: dict[Key, Record | None] | None = None) -> None:
        self._backend = backend
        self._known: dict[Key, Record | None] = dict(known or {})
        self._writes: dict[Key, Operation] = {}
        self._errors: dict[Key, DomainError] = {}

    @property
    def seen(self) -> list[Key]:
        """Every key that the function has read: fetched in one call when it runs again."""
        return list(self._known)

    @property
    def operations(self) -> list[Operation]:
        """The pending writes, in the order they were first asked for."""
        return list(self._writes.values())

    def prefetch(self, keys: Sequence[Key]) -> None:
        """Read several keys in one call, so that later gets cost nothing."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._known]
        if missing:
            found = self._backend.get(missing)
            self._known.update({key: found.get(key) for key in missing})

    def _record(self, key: Key) -> Record | None:
        pending = self._writes.get(key)
        if isinstance(pending, Put):
            return pending.record
        self.prefetch([key])
        return self._known[key]

    def get(self, kind: Kind[M], key: Key) -> M | None:
        """The value under `key` as this transaction sees it, its own writes included."""
        record = self._record(key)
        return kind.load(record) if record else None

    def require(self, kind: Kind[M], key: Key) -> M:
        """The value under `key`. Errors: `NotFound`."""
        value = self.get(kind, key)
        if value is None:
            raise NotFound()
        return value

    def version(self, key: Key) -> int:
        """The stored version of `key` that this transaction builds on; 0 when absent."""
        self.prefetch([key])
        record = self._known[key]
        return record.version if record else 0

    def next_version(self, key: Key) -> int:
        """The version under which `key` lies once this transaction is written."""
        pending = self._writes.get(key)
        return pending.record.version if isinstance(pending, Put) else self.version(key)

    def expect(self, key: Key, version: int | None) -> None:
        """Refuse when the caller meant another version (If-Match). Errors: `VersionMismatch`."""
        if version is not None and self.version(key) != version:
            raise VersionMismatch(current=self.version(key))

    def partition(self, pk: str, prefix: str = "") -> list[Record]:
        """Every record of a (bounded) partition whose sort key begins with `prefix`, in order."""
        start: tuple[str, ...] | None = None
        while True:
            page = self._backend.query(Query(pk=pk, prefix=prefix or None, start=start))
            for record in page.records:
                self._known.setdefault(record.key, record)
            if page.next is None:
                break
            start = page.next
        for key, pending in self._writes.items():
            if key.pk == pk and key.sk.startswith(prefix) and isinstance(pending, Put):
                self._known.setdefault(key, None)
        keys = sorted(key for key in self._known if key.pk == pk and key.sk.startswith(prefix))
        return [record for record in map(self._record, keys) if record is not None]

    def several(self, kind: Kind[M], places: Mapping[N, Key]) -> dict[N, M]:
        """The values that exist among `places`, by the same names, in one read."""
        self.prefetch(list(places.values()))
        found = {name: self.get(kind, key) for name, key in places.items()}
        return {name: value for name, value in found.items() if value is not None}

    def create(self, kind: Kind[M], key: Key, value: M, error: DomainError | None = None, **options: int) -> None:
        """Store a new value. Errors: `error` (by default `AlreadyExists`) when the key is taken."""
        self._errors[key] = error or AlreadyExists()
        if isinstance(self._writes.get(key), Put) or self._known.get(key) is not None:
            raise self._errors[key]
        self._known.setdefault(key, None)
        self._writes[key] = Put(kind.record(key, value, 0, **options))

    def put(self, kind: Kind[M], key: Key, value: M, **options: int) -> None:
        """Store the successor of what this transaction read under `key`, or a first value."""
        self._writes[key] = Put(kind.record(key, value, self.version(key), **options))

    def check(self, key: Key) -> None:
        """Require that `key` is still as read when the transaction is written."""
        if key not in self._writes:
            self._writes[key] = Check(key, self.version(key))

    def add(self, key: Key, amount: int, floor: int | None = None, error: DomainError | None = None) -> None:
        """Add to a counter without reading it; several additions to one are one.

        Errors: `error` (by default `Conflict`) when it would fall below `floor`, the highest given.
        """
        self._errors[key] = error or Conflict()
        before = self._writes.get(key)
        if isinstance(before, Add):
            floors = [given for given in (before.floor, floor) if given is not None]
            amount, floor = before.amount + amount, max(floors, default=None)
        self._writes[key] = Add(key, amount, floor)

    def failure(self, cancelled: Cancelled) -> DomainError | None:
        """The named error of a cancelled write, or None when running again is right.

        It is right as soon as anything that was read has changed, even when a create failed too: the
        twin of a request with the same Idempotency-Key must find its stored answer, not a taken key.
        """
        if not cancelled.reasons or Reason.CONTENTION in cancelled.reasons.values():
            return None
        operations = self.operations
        errors = [self._errors.get(operations[index].key) for index in sorted(cancelled.reasons)]
        return None if None in errors else errors[0]


Work = Callable[[Transaction], T]
