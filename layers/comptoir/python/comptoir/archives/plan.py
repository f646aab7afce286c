"""What goes into an archive, in which order: pieces that are written one by one, each within seconds (RULES §3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from comptoir.archives.model import Archive
from comptoir.closings.calendar import name_of
from comptoir.closings.counting import CHAINS, read_entries
from comptoir.closings.items import CLOSING
from comptoir.closings.model import ClosedPeriod, PeriodKind
from comptoir.ledger.model import ChainName, Head
from comptoir.store import keys
from comptoir.store.store import Store

PART, BATCH = 5000, 500
"""Entries in a file of a chain, and documents whose PDFs are one piece."""


@dataclass(frozen=True)
class Reach:
    """Which entries of a chain are in the archive; none when `first` is None."""

    first: int | None
    last: int | None

    def json(self) -> dict[str, int | None]:
        """As the manifest tells it."""
        return {"first": self.first, "last": self.last}

    def parts(self, size: int) -> list[tuple[int, int]]:
        """The same in parts."""
        if self.first is None or self.last is None:
            return []
        return [(n, min(n + size - 1, self.last)) for n in range(self.first, self.last + 1, size)]


@dataclass(frozen=True)
class Piece:
    """One piece: `what` names who writes it, `first` and `last` the entries or files that it is about."""

    what: str
    first: int = 0
    last: int = 0
    chain: ChainName | None = None
    number: int = 1


@dataclass(frozen=True)
class Plan:
    """The closing that is archived, how far its chains reach, and the pieces in their order."""

    closed: ClosedPeriod
    reaches: dict[ChainName, Reach]
    pieces: tuple[Piece, ...]

    @property
    def heads(self) -> tuple[Head, ...]:
        """The heads that the closing seals."""
        return self.closed.closing.heads

    def chains(self) -> dict[str, Any]:
        """As the manifest tells how far chains reach."""
        return {chain: reach.json() for chain, reach in self.reaches.items()}


def plan(store: Store, company: str, archive: Archive, others: int) -> Plan:
    """The plan of an archive: the same whenever it is asked for. `others` is how many files other contexts add."""
    closed = store.require(CLOSING, keys.closing(company, archive.kind, archive.name)).value
    before = store.get(CLOSING, keys.closing(company, PeriodKind.DAILY, _day_before(archive)))
    reaches = {chain: _signed(store, company, chain, closed) for chain in CHAINS}
    reaches[ChainName.CLOSINGS] = Reach(before.value.sequence if before else 1, closed.sequence)
    reaches[ChainName.EVENTS] = _events(closed, before.value if before else None)
    pieces = [Piece("notice"), *(Piece("other", number, number) for number in range(others))]
    for chain, reach in reaches.items():
        parts = enumerate(reach.parts(PART), 1)
        pieces += [Piece("chain", first, last, chain, number) for number, (first, last) in parts]
    counted = closed.closing.spans[ChainName.DOCUMENTS]
    pieces += [Piece("documents", *part) for part in Reach(counted.first, counted.last).parts(BATCH)]
    return Plan(closed, reaches, tuple(pieces))


def _day_before(archive: Archive) -> str:
    return name_of(PeriodKind.DAILY, archive.start - timedelta(days=1))


def _signed(store: Store, company: str, chain: ChainName, closed: ClosedPeriod) -> Reach:
    """The entries that the closing counts, and on to the next one that is signed, which covers them."""
    span = closed.closing.spans[chain]
    if span.first is None or span.last is None:
        return Reach(None, None)
    end = next(head.sequence for head in closed.closing.heads if head.chain is chain)
    place = span.last
    while place < end:
        for entry in read_entries(store, company, chain, place, end):
            if entry.signature:
                return Reach(span.first, entry.sequence)
            place = entry.sequence + 1
    return Reach(span.first, end)


def _events(closed: ClosedPeriod, before: ClosedPeriod | None) -> Reach:
    """The technical events between two closings."""
    first, last = (_head(closing, ChainName.EVENTS) for closing in (before, closed))
    return Reach(first + 1, last) if last > first else Reach(None, None)


def _head(closed: ClosedPeriod | None, chain: ChainName) -> int:
    heads = closed.closing.heads if closed else ()
    return next((head.sequence for head in heads if head.chain is chain), 0)
