"""The port of the table: what a backend can do. `dynamo` and `memory` are its two adapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from comptoir.store.record import Key, Record

MAX_OPERATIONS = 100
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
MAX_ITEM_BYTES = 400 * 1024
MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class Put:
    """Store `record`, provided that the stored version is the one before (absent for version 1)."""

    record: Record

    @property
    def key(self) -> Key:
        return self.record.key


@dataclass(frozen=True, slots=True)
class Check:
    """Require the stored version to be `version` (0: absent); writes nothing."""

    key: Key
    version: int


@dataclass(frozen=True, slots=True)
class Add:
    """Add `amount` to the counter under `key`, made when absent; the result must stay ≥ `floor`.

    A counter holds nothing else, and `Backend.get` does not see it.
    """

    key: Key
    amount: int
    floor: int | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """Store `record`, whose version is that of what it is derived from, unless as new a one is stored."""

    record: Record

    @property
    def key(self) -> Key:
        return self.record.key


Operation = Put | Check | Add | Follow


class Reason(StrEnum):
    """Why one operation of a cancelled transaction failed."""

    CONDITION = "condition"
    CONTENTION = "contention"


class Cancelled(Exception):
    """Nothing was written; `reasons` maps the index of each failing operation to its reason."""

    def __init__(self, reasons: dict[int, Reason]) -> None:
        super().__init__(str(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Query:
    """One page of a partition, of the table (`index` 0) or of index g1, g2, g3.

    `prefix` or `between` narrow the sort key; `start` is the position after which to go on. A read
    of the table that need not be `consistent` costs half.
    """

    pk: str
    index: int = 0
    prefix: str | None = None
    between: tuple[str, str] | None = None
    reverse: bool = False
    limit: int | None = None
    start: tuple[str, ...] | None = None
    consistent: bool = True


@dataclass(frozen=True, slots=True)
class Slice:
    """What a query read, in order, and the position to go on from (None at the end)."""

    records: tuple[Record, ...]
    next: tuple[str, ...] | None


class Backend(Protocol):
    """The table. Reads of the table are consistent, reads of an index eventually so."""

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        """The records that exist among `keys` (any number)."""
        ...

    def query(self, query: Query) -> Slice:
        """One page: at most `limit` records, and at most what one call gives."""
        ...

    def write(self, operations: Sequence[Operation]) -> None:
        """All or nothing. Errors: `Cancelled`, `TooLarge`."""
        ...

    def counter(self, key: Key) -> int:
        """The counter of an item; 0 when it does not exist."""
        ...
