"""What things are found by, as it is written beside them: words, facets, their order, and ranks in lists.

A thing has one entry for each of its words, in the partition of the word's first three characters,
under the word: what begins with `pala` is one short query. Facets have entries too: exact ones
(`tag=inox`) a partition each, those with an order (`price:…`) one partition sorted by value. An
entry carries the thing's summary and everything it can be found by, so that further words and
filters are judged on the entry and nothing else is read. Facets that most things share (`?kind=goods`)
are only judged. Ranks (`offer.amount:…`) find nothing: their entries are lists sorted by value, of
summaries alone.

Each partition of words and facets is in four shards, by the thing's identifier, which a search merges:
an import writes the word that all its rows hold to four partitions, whose throughput is apart.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comptoir.kernel.money import exactly
from comptoir.kernel.text import plain_words
from comptoir.store.record import Key

LEAST = 3
"""Characters from which a word can be searched; shorter ones only narrow."""

SHARDS = range(4)
"""The parts of each partition of words and facets."""

JUDGED = "?"
"""What facets begin with that have no entries of their own."""

LONGEST = 60
"""Characters of a word that are kept."""

_WORDS, _FACETS, _ORDER = 40, 60, 60
_OFFSET = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Findable:
    """What a thing is found by: plain words, facets, where it stands among equals, and its ranks in lists."""

    what: str
    order: str
    words: tuple[str, ...]
    facets: tuple[str, ...] = ()
    ranks: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        what: str,
        order: str,
        texts: Iterable[str | None],
        facets: Iterable[str | None] = (),
        ranks: Iterable[str] = (),
    ) -> Findable:
        """What these texts, the most telling first, make findable; a code of several parts also as one word."""
        words: dict[str, None] = {}
        for text in filter(None, texts):
            parts = words_of(text)
            words |= dict.fromkeys(part[:LONGEST] for part in parts)
            if len(parts) > 1 and not any(char.isspace() for char in text):
                words["".join(parts)[:LONGEST]] = None
        kept = list(dict.fromkeys(filter(None, facets)))[:_FACETS]
        return cls(what, ordering(order), tuple(words)[:_WORDS], tuple(kept), tuple(ranks))

    @classmethod
    def read(cls, text: str) -> Findable:
        """What `text` wrote."""
        what, order, words, facets, *ranks = json.loads(text)
        return cls(what, order, tuple(words.split()), tuple(facets), tuple(ranks))

    @property
    def text(self) -> str:
        """As one text, to be stored with the thing."""
        return self._as_text(*self.ranks)

    def _as_text(self, *ranks: str) -> str:
        told = [self.what, self.order, " ".join(self.words), self.facets, *ranks]
        return json.dumps(told, separators=(",", ":"))

    @property
    def listed(self) -> list[str]:
        """The words that have an entry: long enough, and not the beginning of another one."""
        words = sorted(word for word in self.words if len(word) >= LEAST)
        following = [*words[1:], ""][: len(words)]
        return [word for word, after in zip(words, following, strict=True) if not after.startswith(word)]

    def entries(self, key: Key) -> dict[Key, str]:
        """The entries of the thing that lies under `key`, each with what further words are judged by."""
        identifier = key.pk.rpartition("#")[2]
        shard, tail = zlib.crc32(identifier.encode()) % len(SHARDS), f"{self.order}#{identifier}"
        keys = [Key(partition(key.company, self.what, word[:LEAST], shard), f"{word}#{tail}") for word in self.listed]
        keys += [self._place(key.company, facet, tail, shard) for facet in self.facets if facet[0] != JUDGED]
        ranks = {self._place(key.company, rank, tail): "" for rank in self.ranks}
        return dict.fromkeys(keys, self._as_text()) | ranks

    def _place(self, company: str, facet: str, tail: str, shard: int | None = None) -> Key:
        name, _, value = facet.partition(":")
        if "=" in name:
            return Key(partition(company, self.what, facet, shard), tail)
        return Key(partition(company, self.what, f"{name}:", shard), f"{value}#{tail}")


def words_of(text: str) -> list[str]:
    """Plain words; of a text without a Latin letter, its words as they are."""
    return plain_words(text) or text.casefold().replace("#", " ").split()


def ordering(text: str) -> str:
    """Where a thing stands among equals, as its entries are sorted: plain words."""
    return " ".join(words_of(text))[:_ORDER]


def partition(company: str, what: str, begins: str, shard: int | None = None) -> str:
    """The partition of a company's entries that begin so: a shard of words or facets, or the whole of a rank."""
    return f"{company}#SEARCH#{what}#{begins if shard is None else f'{shard}#{begins}'}"


def exact(name: str, value: str | None) -> str | None:
    """A facet that is asked for as it is, accents and capitals apart: `tag=inox`."""
    return f"{name}={' '.join(plain_words(value)) or value.casefold()}" if value else None


def judged(name: str, value: str | None) -> str | None:
    """A facet that most things share: it narrows what other terms find and has no entries of its own."""
    return exact(f"{JUDGED}{name}", value)


def ordered(name: str, value: Decimal | date | None) -> str | None:
    """A facet that is asked for between two values."""
    return None if value is None else f"{name}:{sortable(value)}"


def sortable(value: Decimal | date) -> str:
    """Numbers (to the sixth decimal, below 10^15) and dates as texts in their order."""
    if isinstance(value, date):
        return value.isoformat()
    with exactly():
        return f"{value + _OFFSET:023.6f}"


def alphabetical(text: str) -> str:
    """A text as names are sorted, accents and capitals apart; those without a Latin letter come last."""
    words = "-".join(plain_words(text))
    return (words or f"}}{text.casefold().encode().hex()}")[:_ORDER]
