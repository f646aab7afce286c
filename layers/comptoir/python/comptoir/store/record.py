"""What lies in the table: keys, records, and how a model becomes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from comptoir.kernel.model import Model

M = TypeVar("M", bound=Model)
Index = tuple[str, str]
"""The partition and sort key that a record takes in one of the secondary indexes g1, g2, g3."""


class HasText(Protocol):
    """What is stored as one text."""

    @property
    def text(self) -> str: ...


class Key(NamedTuple):
    """A primary key: partition (always beginning with the company) and sort key."""

    pk: str
    sk: str

    @property
    def company(self) -> str:
        """The company that owns the partition."""
        return self.pk.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Record:
    """One stored item. `data` and `summary` are JSON texts; `version` is 0 before it is stored.

    Read through an index, `data` is empty: only the summary is projected there. `search` is what
    the record is found by, as `store.findable` writes it.
    """

    key: Key
    type: str
    data: str
    version: int = 0
    summary: str | None = None
    indexes: Mapping[int, Index] = field(default_factory=dict)
    expires: int | None = None
    search: str | None = None


@dataclass(frozen=True)
class Kind(Generic[M]):
    """How a model of type `M` lies in the table.

    `summarise` makes what lists show, `index` gives, from the company and the model, the places in
    the secondary indexes; lists read summaries only, never whole documents. `search` gives what it
    is found by (`store.findable.Findable`), or None while it is not to be found.
    """

    name: str
    model: type[M]
    summarise: Callable[[M], Model] | None = None
    index: Callable[[str, M], Mapping[int, Index]] | None = None
    search: Callable[[M], HasText | None] | None = None

    def record(self, key: Key, value: M, version: int, expires: int | None = None) -> Record:
        """The record that stores `value` as the successor of `version`."""
        found = self.search(value) if self.search else None
        return Record(
            key=key,
            type=self.name,
            data=value.model_dump_json(),
            version=version + 1,
            summary=self.summarise(value).model_dump_json() if self.summarise else None,
            indexes=self.index(key.company, value) if self.index else {},
            expires=expires,
            search=found.text if found else None,
        )

    def load(self, record: Record) -> M:
        """The model that a record holds. Errors: `TypeError` when the key holds another kind."""
        if record.type != self.name:
            raise TypeError(f"{record.key} holds {record.type}, not {self.name}")
        return self.model.model_validate_json(record.data)


AnyKind = Kind[Any]
