"""A small kind of record to try the table engine with."""

from __future__ import annotations

from comptoir.kernel.model import Model
from comptoir.store.record import Key, Kind
from comptoir.store.store import Store

COMPANY = "0" * 26


class ThingSummary(Model):
    """A thing in a list."""

    name: str


class Thing(Model):
    """A thing: a name that lists show, a number, and a body that they do not."""

    name: str = "a"
    number: int = 0
    body: str = ""


THING = Kind(
    "thing",
    Thing,
    summarise=lambda thing: ThingSummary(name=thing.name),
    index=lambda company, thing: {1: (f"{company}#THINGS", thing.name)},
)
PLAIN = Kind("plain", Thing)


def at(partition: str, sk: str = "HEAD") -> Key:
    """A key of the company's."""
    return Key(f"{COMPANY}#{partition}", sk)


def number_of(store: Store, partition: str) -> int | None:
    """The number of the thing at the head of a partition."""
    stored = store.get(THING, at(partition))
    return stored.value.number if stored else None


def put(store: Store, partition: str, number: int) -> None:
    """Store a thing with this number at the head of a partition."""
    store.transact(lambda tx: tx.put(THING, at(partition), Thing(number=number)))
