"""The table as commands and queries use it: transactions that run again, reads and pages."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from comptoir.kernel.errors import Contention, NotFound
from comptoir.kernel.model import Model
from comptoir.store.backend import MAX_PAGE, Backend, Cancelled, Query
from comptoir.store.cursor import CursorSigner, InvalidCursor
from comptoir.store.record import Key, Kind, M, Record
from comptoir.store.transaction import Transaction, Work

T = TypeVar("T")
S = TypeVar("S", bound=Model)
_ATTEMPTS = 12
_MOST_READ = 1000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.5


@dataclass(frozen=True)
class Stored(Generic[M]):
    """A value with the version under which it lies (the ETag)."""

    value: M
    version: int


@dataclass(frozen=True)
class Page(Generic[T]):
    """Part of a list, and the signed cursor of the next part (None at the end)."""

    items: tuple[T, ...]
    cursor: str | None


class Store:
    """One table through a backend. `sleep` and `jitter` are replaced in tests."""

    def __init__(
        self,
        backend: Backend,
        cursors: CursorSigner,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.backend = backend
        self._cursors = cursors
        self._sleep = sleep
        self._jitter = jitter

    def transact(self, work: Work[T], prefetch: Sequence[Key] = ()) -> T:
        """Run `work` and write what it asks in one transaction; on contention, on fresh data again.

        `prefetch` names keys to read in one call beforehand. Errors: those of `work`, the named
        error of a taken key, `TooLarge`, and `Contention` after twelve tries with nothing written.
        """
        keys = list(prefetch)
        for attempt in range(_ATTEMPTS):
            transaction = Transaction(self.backend)
            transaction.prefetch(keys)
            result = work(transaction)
            if not transaction.operations:
                return result
            try:
                self.backend.write(transaction.operations)
                return result
            except Cancelled as cancelled:
                named = transaction.failure(cancelled)
                if named is not None:
                    raise named from cancelled
            keys = transaction.seen
            self._sleep(self._jitter() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt))
        raise Contention()

    def get(self, kind: Kind[M], key: Key) -> Stored[M] | None:
        """The value under `key`, read consistently."""
        record = self.backend.get([key]).get(key)
        return Stored(kind.load(record), record.version) if record else None

    def require(self, kind: Kind[M], key: Key) -> Stored[M]:
        """The value under `key`. Errors: `NotFound`."""
        stored = self.get(kind, key)
        if stored is None:
            raise NotFound()
        return stored

    def records(self, query: Query) -> list[Record]:
        """Every record of a bounded query, page after page."""
        found: list[Record] = []
        while True:
            part = self.backend.query(query)
            found.extend(part.records)
            if part.next is None:
                return found
            query = replace(query, start=part.next)

    def page(
        self, query: Query, cursor: str | None, limit: int, keep: Callable[[Record], bool] | None = None
    ) -> Page[Record]:
        """At most `limit` (≤ 100) records of a query, from a cursor made for the same query.

        With `keep`, those that it keeps: a page then reads at most about a thousand records and may
        hold fewer, even none, with a cursor. Errors: `InvalidCursor` when the cursor was altered or
        belongs to another list.
        """
        scope = _scope(query)
        query = replace(query, start=self._cursors.open(scope, cursor) if cursor else None)
        found: list[Record] = []
        limit, read = max(1, min(limit, MAX_PAGE)), 0
        while True:
            part = self.backend.query(replace(query, limit=MAX_PAGE if keep and read else limit - len(found)))
            read += len(part.records)
            for position, record in enumerate(part.records, 1):
                if keep is None or keep(record):
                    found.append(record)
                if len(found) == limit and position < len(part.records):
                    return Page(tuple(found), self._cursors.seal(scope, _position(query, record)))
            if part.next is None or len(found) >= limit or (keep and read >= _MOST_READ):
                return Page(tuple(found), self._cursors.seal(scope, part.next) if part.next else None)
            query = replace(query, start=part.next)

    def continues(self, query: Query, cursor: str) -> bool:
        """Whether a cursor was made for this query."""
        try:
            self._cursors.open(_scope(query), cursor)
        except InvalidCursor:
            return False
        return True

    def summaries(self, model: type[S], query: Query, cursor: str | None, limit: int) -> Page[S]:
        """A page of an index as the summaries that lists show."""
        page = self.page(query, cursor, limit)
        return Page(tuple(model.model_validate_json(r.summary) for r in page.items if r.summary), page.cursor)


def _scope(query: Query) -> str:
    return f"{query.index}|{query.pk}|{query.prefix}|{query.between}|{query.reverse}"


def _position(query: Query, record: Record) -> tuple[str, ...]:
    """The place of a record in a query, as the backend gives it to go on from."""
    return (*record.key, *(record.indexes[query.index] if query.index else ()))
