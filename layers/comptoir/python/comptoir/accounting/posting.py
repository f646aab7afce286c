"""Which entries an export takes: each leaves once, and what it took can be read again as it was.

Marks lie in blocks of a hundred entries. They are written before the file, each transaction only where
no other export took the entry, and the file is made from them: a run that was cut short goes on, and a
file written again has the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from comptoir.accounting.exporting import BookExport, Mark, Posted
from comptoir.accounting.items import POSTED
from comptoir.accounting.marks import Reader
from comptoir.accounting.model import Entry
from comptoir.accounting.pieces import Piece
from comptoir.kernel.errors import Breach, Refused
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction

_BLOCKS = 50
"""Blocks of marks in a transaction."""

_MOST_BREACHES = 1000
Marks = dict[Key, dict[int, Mark]]


def to_post(store: Store, company: str, export: BookExport, pieces: Iterable[Piece]) -> Marks:
    """The marks of what an export takes, and no other took. Errors: `Refused`, naming every rate missing."""
    reader, marks, found = Reader(store, company), Marks(), list[Breach]()
    for piece in pieces:
        mark = reader.of(piece.source, piece.sequence)
        if mark and mark.export != export.id:
            continue
        try:
            mark = mark or Mark(export=export.id, rates=piece.rates())
        except Refused as refused:
            found += refused.breaches[: _MOST_BREACHES - len(found)]
            continue
        if piece.make(mark.rates):
            marks.setdefault(keys.posted(company, piece.source, piece.sequence), {})[piece.sequence] = mark
    if found:
        raise Refused(found)
    return marks


def post(store: Store, marks: Mapping[Key, Mapping[int, Mark]]) -> None:
    """Write marks; an entry that another export took meanwhile stays its own."""
    blocks = iter(marks.items())
    while part := dict(islice(blocks, _BLOCKS)):
        store.transact(lambda tx, part=part: _mark(tx, part), list(part))  # type: ignore[misc]


def _mark(tx: Transaction, part: Mapping[Key, Mapping[int, Mark]]) -> None:
    for key, marks in part.items():
        before = tx.get(POSTED, key) or Posted()
        new = {sequence: mark for sequence, mark in marks.items() if sequence not in before.marks}
        if new:
            tx.put(POSTED, key, Posted(marks=before.marks | new))


def taken(store: Store, company: str, export: BookExport, pieces: Iterable[Piece]) -> Iterator[Entry]:
    """The entries that an export took, in order, at the rates that they went into the books at."""
    reader = Reader(store, company)
    for piece in pieces:
        mark = reader.of(piece.source, piece.sequence)
        entry = piece.make(mark.rates) if mark and mark.export == export.id else None
        if entry:
            yield entry


def all_entries(store: Store, company: str, pieces: Iterable[Piece]) -> Iterator[Entry]:
    """Every entry of a period: at the rate that it was exported at, else at the certified one. Errors: `Refused`."""
    reader = Reader(store, company)
    for piece in pieces:
        mark = reader.of(piece.source, piece.sequence)
        entry = piece.make(mark.rates if mark else piece.rates())
        if entry:
            yield entry
