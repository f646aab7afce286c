"""What keeps the entries of the search in step with the things they lead to, from the table's stream.

Why the stream and not the transaction of the change: a thing has ten to twenty entries, which would
make each change that much larger, slower and dearer, imports most of all, and would cost again at
each try under contention. They are derived, so they may follow: changes come in order for each
thing, each entry carries the version of its thing and is never replaced by an older one, so that a
change may be told twice. What cannot be written is kept, with what it replaces, for the schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from comptoir.kernel.clock import Clock
from comptoir.kernel.errors import DomainError
from comptoir.kernel.model import Model
from comptoir.store import keys
from comptoir.store.backend import MAX_OPERATIONS, Backend, Cancelled, Follow, Put, Reason
from comptoir.store.codec import Item, decode_image
from comptoir.store.findable import Findable
from comptoir.store.record import Index, Key, Kind, Record
from comptoir.store.store import Store

ENTRY = "search"
_ATTEMPTS, _PAUSE = 5, 0.05
_GONE_FOR = timedelta(days=7)
"""A stale entry is kept empty for longer than a stream keeps its records, then it expires."""


@dataclass(frozen=True, slots=True)
class Change:
    """A thing as it was found before, and as it is now."""

    key: Key
    version: int
    before: str | None
    after: str | None
    summary: str | None

    @classmethod
    def of(cls, before: Record | None, after: Record) -> Change | None:
        """The change between two records of a thing; None when no entry of it changes."""
        was = before.search if before else None
        if was == after.search and (was is None or (before and before.summary == after.summary)):
            return None
        return cls(after.key, after.version, was, after.search, after.summary)

    def since(self, earlier: Change) -> Change:
        """Both changes as one; `earlier` came just before."""
        return replace(self, before=earlier.before)


_Prepared = tuple[Change, list[Follow]]


class FailedIndexing(Model):
    """A change whose entries could not be written: which thing, and what it was found by before."""

    pk: str
    sk: str
    before: str | None
    settled: bool = False


def _places(company: str, failed: FailedIndexing) -> dict[int, Index]:
    return {} if failed.settled else {1: keys.due("SEARCH", company, failed.pk)}


FAILED = Kind("failed_indexing", FailedIndexing, index=_places)


class Indexer:
    """Writes entries. `sleep` is replaced in tests."""

    def __init__(self, backend: Backend, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._backend, self._clock, self._sleep = backend, clock, sleep

    def index(self, changes: Sequence[Change]) -> list[Change]:
        """Write the entries of changes that come in order; those that could not be written nor kept are given back."""
        by_thing: dict[Key, Change] = {}
        for change in changes:
            earlier = by_thing.get(change.key)
            by_thing[change.key] = change.since(earlier) if earlier else change
        prepared = [(change, self._prepared(change)) for change in by_thing.values()]
        lost = [change for change, operations in prepared if operations is None and not self._keep(change)]
        ready = [(change, operations) for change, operations in prepared if operations]
        return [*lost, *(change for block in _blocks(ready) for change in self._write(block))]

    def _prepared(self, change: Change) -> list[Follow] | None:
        try:
            return self._operations(change)
        except (ValueError, TypeError):
            return None

    def _operations(self, change: Change) -> list[Follow]:
        now = _entries(change.key, change.after)
        gone = [key for key in _entries(change.key, change.before) if key not in now]
        expires = int((self._clock.now() + _GONE_FOR).timestamp())
        found = [Record(key, ENTRY, judged, change.version, change.summary) for key, judged in now.items()]
        stale = [Record(key, ENTRY, "", change.version, expires=expires) for key in gone]
        return [Follow(record) for record in (*found, *stale)]

    def _write(self, block: Sequence[_Prepared]) -> list[Change]:
        """Write a block; when it fails, its changes one by one, so that a faulty one holds up nobody."""
        try:
            self._all([operation for _, operations in block for operation in operations])
        except Exception:
            if len(block) > 1:
                return [lost for each in block for lost in self._write([each])]
            return [] if self._keep(block[0][0]) else [block[0][0]]
        return []

    def write(self, change: Change) -> None:
        """Write the entries of one change. Errors: what the table says."""
        self._all(self._operations(change))

    def _all(self, operations: Sequence[Follow]) -> None:
        """Write operations, those apart that are outdated."""
        for start in range(0, len(operations), MAX_OPERATIONS):
            part = list(operations[start : start + MAX_OPERATIONS])
            for attempt in range(_ATTEMPTS):
                try:
                    self._backend.write(part)
                    break
                except Cancelled as cancelled:
                    outdated = {n for n, reason in cancelled.reasons.items() if reason is Reason.CONDITION}
                    part = [operation for n, operation in enumerate(part) if n not in outdated]
                    if not part:
                        break
                    if attempt == _ATTEMPTS - 1:
                        raise
                    if not outdated:
                        self._sleep(_PAUSE * 2**attempt)

    def _keep(self, change: Change) -> bool:
        """Keep a change for the schedule; False when even that fails."""
        failed = FailedIndexing(pk=change.key.pk, sk=change.key.sk, before=change.before)
        key = keys.failed_indexing(change.key, change.version)
        try:
            self._backend.write([Put(FAILED.record(key, failed, 0))])
        except Cancelled as cancelled:
            return Reason.CONDITION in cancelled.reasons.values()
        except Exception:
            return False
        return True


def _blocks(prepared: Iterable[_Prepared]) -> Iterator[list[_Prepared]]:
    """Changes together, as many as one transaction takes."""
    block: list[_Prepared] = []
    size = 0
    for change, operations in prepared:
        if block and size + len(operations) > MAX_OPERATIONS:
            yield block
            block, size = [], 0
        block.append((change, operations))
        size += len(operations)
    if block:
        yield block


def _entries(key: Key, found: str | None) -> dict[Key, str]:
    return Findable.read(found).entries(key) if found else {}


def changes(images: Iterable[tuple[Item | None, Item | None]]) -> Iterator[Change]:
    """What the stream's images, before and after, change in what can be found."""
    for before, after in images:
        record = decode_image(after)
        change = Change.of(decode_image(before), record) if record else None
        if change:
            yield change


def index_again(store: Store, indexer: Indexer) -> dict[str, int]:
    """Write the entries of every change that was kept, as its thing is now; for the schedule."""
    counts = {"indexed_again": 0, "failed": 0}
    for record in store.due("SEARCH", 1):
        try:
            counts["indexed_again"] += _settle(store, indexer, record.key)
        except (DomainError, Cancelled):
            counts["failed"] += 1
    return counts


def _settle(store: Store, indexer: Indexer, at: Key) -> bool:
    failed = store.require(FAILED, at).value
    key = Key(failed.pk, failed.sk)
    thing = store.backend.get([key]).get(key)
    if failed.settled or thing is None:
        return False
    indexer.write(Change(key, thing.version, failed.before, thing.search, thing.summary))
    store.transact(lambda tx: tx.put(FAILED, at, failed.change(settled=True)), [at])
    return True
