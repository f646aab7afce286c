"""The table as commands and queries use it: transactions that run again, reads and pages."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from comptoir.kernel.errors import Contention, NotFound
from comptoir.kernel.model import Model
from comptoir.kernel.text import sha256
from comptoir.store import keys
from comptoir.store.backend import MAX_PAGE, Backend, Cancelled, Query, Slice
from comptoir.store.cursor import CursorSigner, InvalidCursor
from comptoir.store.record import Key, Kind, M, Record
from comptoir.store.transaction import Transaction, Work

T = TypeVar("T")
S = TypeVar("S", bound=Model)
_ATTEMPTS = 12
_MOST_READ = 1000
_PER_QUERY = 10
"""What asking counts beside what is read: a page asks a hundred times at most."""

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
    """One table through a backend; `at_once` is how many lists it may ask for together. `sleep` and `jitter` are
    replaced in tests.
    """

    def __init__(
        self,
        backend: Backend,
        cursors: CursorSigner,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        at_once: int = 1,
    ) -> None:
        self.backend = backend
        self._at_once = at_once
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

    def due(self, what: str, index: int) -> Iterator[Record]:
        """Every record of all companies that waits for `what`, shard after shard; for schedules."""
        for shard in keys.SHARDS:
            yield from self.records(Query(pk=keys.due_partition(what, shard), index=index))

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

    def merged(
        self,
        steps: Sequence[Sequence[Query]],
        cursor: str | None,
        limit: int,
        keep: Callable[[Record], bool],
        first: int | None = None,
    ) -> Page[Record]:
        """A page of several lists as one: steps follow each other, the queries of a step are merged by sort key.

        All queries run the same way round, and within a step no two records share a sort key. A page
        reads about a thousand records at most and may hold fewer than `limit`, even none, with a cursor.
        `first` is what each query is asked for at first, where they are known to hold alike (`limit`).
        Errors: `InvalidCursor`.
        """
        scope = _merged_scope(steps)
        place, last = self._cursors.open(scope, cursor) if cursor else ("0", "")
        step, found, read = int(place), list[Record](), 0
        limit = max(1, min(limit, MAX_PAGE))
        size = min(first or limit, limit)
        while step < len(steps):
            rows, more = _front(steps[step], self._parts([_after(query, last, size) for query in steps[step]]))
            size = min(2 * size, MAX_PAGE)
            for position, (order, record) in enumerate(rows, 1):
                last = order
                found += [record] if keep(record) else []
                if len(found) == limit and (more or position < len(rows) or step + 1 < len(steps)):
                    return Page(tuple(found), self._cursors.seal(scope, (str(step), last)))
            read += _PER_QUERY * len(steps[step]) + len(rows)
            if not more:
                step, last = step + 1, ""
            if read >= _MOST_READ and step < len(steps):
                return Page(tuple(found), self._cursors.seal(scope, (str(step), last)))
        return Page(tuple(found), None)

    def _parts(self, queries: Sequence[Query]) -> list[Slice]:
        """A page of each query, in their order."""
        if len(queries) < 2 or self._at_once < 2:
            return [self.backend.query(query) for query in queries]
        with ThreadPoolExecutor(min(len(queries), self._at_once)) as pool:
            return list(pool.map(self.backend.query, queries))

    def part(
        self, scope: str, rows: Mapping[str, T], cursor: str | None, limit: int, ascending: bool = True
    ) -> Page[T]:
        """A page of gathered rows, in the order of their keys; `scope` names the list. Errors: `InvalidCursor`."""
        last = self._cursors.open(scope, cursor)[0] if cursor else None
        order = sorted(rows, reverse=not ascending)
        left = [key for key in order if last is None or (key > last if ascending else key < last)]
        shown = left[: max(1, min(limit, MAX_PAGE))]
        more = len(shown) < len(left)
        return Page(tuple(rows[key] for key in shown), self._cursors.seal(scope, (shown[-1],)) if more else None)

    def continues(self, steps: Sequence[Sequence[Query]], cursor: str) -> bool:
        """Whether a cursor was made for these lists, read as one."""
        try:
            self._cursors.open(_merged_scope(steps), cursor)
        except InvalidCursor:
            return False
        return True

    def summaries(self, model: type[S], query: Query, cursor: str | None, limit: int) -> Page[S]:
        """A page of an index as the summaries that lists show."""
        page = self.page(query, cursor, limit)
        return Page(tuple(model.model_validate_json(r.summary) for r in page.items if r.summary), page.cursor)


def _front(step: Sequence[Query], parts: Sequence[Slice]) -> tuple[list[tuple[str, Record]], bool]:
    """What comes next in the merged queries, as far as these pages tell it, and whether there is more.

    Where a query was cut off, what the others hold beyond its end is left for the next round.
    """
    rows, ends = [], []
    for query, part in zip(step, parts, strict=True):
        placed = [(_position(query, record)[-1], record) for record in part.records]
        rows += placed
        ends += [placed[-1][0]] if part.next else []
    backwards = step[0].reverse
    rows.sort(key=lambda row: row[0], reverse=backwards)
    if ends:
        end = max(ends) if backwards else min(ends)
        rows = [row for row in rows if (row[0] >= end if backwards else row[0] <= end)]
    return rows, bool(ends)


def _after(query: Query, last: str, limit: int) -> Query:
    """What of a query comes after the sort key `last`, that one left out.

    In an index, where a place to start from tells the key of the table too, the bounds are moved
    instead: sort keys of indexes are printable ASCII, from ! to ~.
    """
    if not query.index:
        return replace(query, start=(query.pk, last) if last else None, limit=limit)
    low, high = query.between or ("!", "~")
    if last and query.reverse:
        high = f"{last[:-1]}{chr(ord(last[-1]) - 1)}~"
    elif last:
        low = f"{last}!"
    return replace(query, between=(low, high), limit=limit)


def _scope(query: Query) -> str:
    return f"{query.index}|{query.pk}|{query.prefix}|{query.between}|{query.reverse}"


def _merged_scope(steps: Sequence[Sequence[Query]]) -> str:
    return sha256("&".join(_scope(query) for step in steps for query in step).encode())


def _position(query: Query, record: Record) -> tuple[str, ...]:
    """The place of a record in a query, as the backend gives it to go on from."""
    return (*record.key, *(record.indexes[query.index] if query.index else ()))
