"""Counting the entries of a day, as many at a time as are asked for, in constant memory (FIS-03).

Entries are counted by the day that they are dated, each once: the closing of a day takes what is dated up to it and
was not counted before. Documents are in the order of their dates; payments need not be, so that those after the first
one of a later day are looked at again when that day closes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from comptoir.closings.model import Closing, Progress
from comptoir.ledger.items import ENTRY
from comptoir.ledger.model import ChainName, Entry
from comptoir.ledger.offline.closings import COUNTED, Tally
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.store import Store

CHAINS = tuple(ChainName(chain) for chain in COUNTED)


@dataclass
class Counting:
    """The tally of a day under way: each chain is read from `next` on, `complete` is all counted without a gap.

    Once `settled`, a document of a later day was met: no other of this day can follow.
    """

    day: date
    since: date | None
    tally: Tally = field(default_factory=Tally)
    next: dict[str, int] = field(default_factory=dict)
    complete: dict[str, int] = field(default_factory=dict)
    settled: bool = False

    @classmethod
    def after(cls, previous: Closing | None, day: date) -> Counting:
        """Nothing counted yet of the day that follows a closing; the first closing counts from the beginning."""
        done = {chain: previous.complete.get(chain, 0) if previous else 0 for chain in COUNTED}
        return cls(day, previous.end if previous else None, next={c: n + 1 for c, n in done.items()}, complete=done)

    @classmethod
    def of(cls, progress: Progress) -> Counting:
        """What was counted so far."""
        tally = Tally.of(json.loads(progress.tally))
        return cls(progress.day, progress.since, tally, dict(progress.next), dict(progress.complete), progress.settled)

    def kept(self) -> Progress:
        """To go on from later."""
        told = {name: getattr(self, name) for name in ("day", "since", "next", "complete", "settled")}
        return Progress(tally=json.dumps(self.tally.json()), **told)

    def advance(self, store: Store, company: str, heads: Mapping[ChainName, int], most: int) -> bool:
        """Count at most about `most` entries, up to the heads; whether all of the day is counted now."""
        for chain in CHAINS:
            last = heads.get(chain, 0)
            while self.next[chain] <= last and not self._settled(chain):
                if most <= 0:
                    return False
                entries = read_entries(store, company, chain, self.next[chain], last)
                most -= len(entries)
                for entry in entries:
                    if not self._settled(chain):
                        self._count(chain, entry)
        return True

    def _settled(self, chain: ChainName) -> bool:
        return self.settled and chain is ChainName.DOCUMENTS

    def _count(self, chain: ChainName, entry: Entry) -> None:
        payload = json.loads(entry.payload)
        day = date.fromisoformat(payload[COUNTED[chain]])
        later = day > self.day
        if not later and (self.since is None or day > self.since):
            self.tally.entry(chain, entry.sequence, payload)
        if not later and self.complete[chain] == entry.sequence - 1:
            self.complete[chain] = entry.sequence
        self.settled = self.settled or (later and chain is ChainName.DOCUMENTS)
        self.next[chain] = entry.sequence + 1


def read_entries(store: Store, company: str, chain: ChainName, first: int, last: int) -> list[Entry]:
    """Entries of one block from `first` on, `last` at most. Errors: `LookupError` when one is missing."""
    end = min(last, (first // keys.BLOCK + 1) * keys.BLOCK - 1)
    between = (f"{first:012d}", f"{end:012d}")
    found = store.records(Query(pk=keys.chain_block(company, chain, first), between=between))
    entries = [ENTRY.load(record) for record in found]
    if [entry.sequence for entry in entries] != list(range(first, end + 1)):
        raise LookupError(f"{chain}: entries {first} to {end} are not all there")
    return entries
