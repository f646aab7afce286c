"""Reading a chain from end to end, block by block, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName, Entry
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.store import Store


def last_sequence(store: Store, company: str, chain: ChainName) -> int:
    """The sequence of the last entry; 0 for a chain that has none."""
    head = store.get(HEAD, keys.chain_head(company, chain))
    return head.value.sequence if head else 0


def entries(store: Store, company: str, chain: ChainName, first: int = 1, last: int | None = None) -> Iterator[Entry]:
    """The entries of a chain in order, from `first` to `last` (by default the last there is)."""
    end = last_sequence(store, company, chain) if last is None else last
    start = first
    while start <= end:
        stop = min(end, (start // keys.BLOCK + 1) * keys.BLOCK - 1)
        pk = keys.chain_block(company, chain, start)
        for record in store.records(Query(pk=pk, between=(f"{start:012d}", f"{stop:012d}"))):
            yield ENTRY.load(record)
        start = stop + 1


def first_that(store: Store, company: str, chain: ChainName, holds: Callable[[Entry], bool]) -> int:
    """The sequence of the first entry that `holds`, in about twenty reads; one past the last when none does.

    `holds` never turns false again along the chain, as a date on or after another one.
    """
    low, high = 1, last_sequence(store, company, chain) + 1
    while low < high:
        middle = (low + high) // 2
        if holds(store.require(ENTRY, keys.chain_entry(company, chain, middle)).value):
            high = middle
        else:
            low = middle + 1
    return low
