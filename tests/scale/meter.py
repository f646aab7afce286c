"""What calls cost: DynamoDB units from item sizes by AWS's rules, and a tally of who called what.

Read units: a consistent read costs 1 for each 4 KB of the item, rounded up, an absent item 1; a BatchGetItem rounds
every item for itself, a Query the sum of what it read; reading an index is eventually consistent and costs half.

Write units: a put costs 1 for each KB of the larger of the item before and after, rounded up, and twice that in a
transaction; a condition check is counted as a transactional write of the item that it looks at. Each index costs 1 for
each KB of its entry when an entry appears, changes or goes, and both when its key changes; indexes are written after
the transaction, so theirs are not doubled.
"""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from comptoir.store import codec

Item = dict[str, Any]
READ_BLOCK, WRITE_BLOCK = 4096, 1024
PROJECTED = ("pk", "sk", "t", "v", "s")


def read_units(sizes: Sequence[int]) -> float:
    """Units of a consistent read of items fetched by key; size 0 is an absent item."""
    return float(sum(max(1, math.ceil(size / READ_BLOCK)) for size in sizes))


def query_units(sizes: Sequence[int], eventual: bool) -> float:
    """Units of a query that read items of these sizes, eventually consistent (as of an index) or consistent."""
    return max(1, math.ceil(sum(sizes) / READ_BLOCK)) * (0.5 if eventual else 1.0)


def projected(item: Item, index: int) -> Item | None:
    """The entry of an item in an index; None when it has none there."""
    own = (f"g{index}pk", f"g{index}sk")
    return {name: item[name] for name in (*PROJECTED, *own) if name in item} if own[0] in item else None


def write_units(before: Item | None, after: Item | None) -> float:
    """Units of a transactional put (`after`) or check (`after` None), with what it does to the indexes."""
    largest = max(codec.size(item) if item else 1 for item in (before, after))
    units = 2 * math.ceil(largest / WRITE_BLOCK)
    if after is not None:
        units += sum(_index_units(before, after, index) for index in (1, 2, 3))
    return float(units)


def _index_units(before: Item | None, after: Item, index: int) -> int:
    old, new = projected(before, index) if before else None, projected(after, index)
    if old == new:
        return 0
    key = f"g{index}pk", f"g{index}sk"
    moved = old and new and any(old[name] != new[name] for name in key)
    sizes = [codec.size(entry) for entry in (old, new) if entry]
    return sum(math.ceil(size / WRITE_BLOCK) for size in (sizes if moved else [max(sizes)]))


@dataclass(frozen=True)
class Seen:
    """One call: by which function, which operation (`dynamodb.Query`), what it read and what it cost."""

    function: str
    operation: str
    items: int = 0
    read: float = 0.0
    written: float = 0.0


@dataclass
class Tally:
    """Calls in order, and the CPU of each function without that of what it called here."""

    calls: list[Seen] = field(default_factory=list)
    cpu: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    invocations: Counter[str] = field(default_factory=Counter)
    waited: float = 0.0
    _running: list[str] = field(default_factory=list)
    _inner: float = 0.0

    @property
    def function(self) -> str:
        """Who is running."""
        return self._running[-1] if self._running else "test"

    def note(self, operation: str, items: int = 0, read: float = 0.0, written: float = 0.0) -> None:
        """Count a call of whoever is running."""
        self.calls.append(Seen(self.function, operation, items, read, written))

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """Charge the CPU of this block, less that of blocks inside, to `function`."""
        self._running.append(function)
        self.invocations[function] += 1
        with self.apart(function):
            yield
        self._running.pop()

    @contextmanager
    def apart(self, name: str) -> Iterator[None]:
        """Charge the CPU of this block to `name` and not to whoever is running."""
        outer, self._inner, started = self._inner, 0.0, time.process_time()
        try:
            yield
        finally:
            total = time.process_time() - started
            self.cpu[name] += total - self._inner
            self._inner = outer + total

    def total(self, attribute: str, function: str | None = None) -> float:
        """Sum of an attribute of the calls, of one function's or of all: `items`, `read`, `written`."""
        return float(sum(getattr(call, attribute) for call in self.calls if function in (None, call.function)))

    def by_operation(self) -> Counter[str]:
        """How often each operation was called."""
        return Counter(call.operation for call in self.calls)

    def clear(self) -> None:
        """Forget everything counted so far."""
        self.calls.clear()
        self.cpu.clear()
        self.invocations.clear()
        self.waited = 0.0


def counted(tally: Tally, work: Callable[[], object]) -> dict[str, float]:
    """What one piece of work costs: calls, units, operations of its transactions, CPU in ms."""
    tally.clear()
    started = time.process_time()
    work()
    spent = (time.process_time() - started) * 1000
    writes = [call for call in tally.calls if call.operation.endswith("TransactWriteItems")]
    return {
        "calls": float(len(tally.calls)),
        "read units": tally.total("read"),
        "operations": float(sum(call.items for call in writes)),
        "write units": tally.total("written"),
        "CPU ms": spent,
    }
