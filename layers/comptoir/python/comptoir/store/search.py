"""Finding things by the words they hold, through entries of the one table: never a scan.

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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.money import exactly
from comptoir.kernel.text import plain_words
from comptoir.store.backend import Query
from comptoir.store.record import Key, Record
from comptoir.store.store import Page, Store

LEAST = 3
"""Characters from which a word can be searched; shorter ones only narrow."""

SHARDS = range(4)
"""The parts of each partition of words and facets."""

_WORDS, _FACETS, _LONGEST, _ORDER = 40, 60, 60, 60
_PROBE = 13
"""Entries of each term that are looked at first in one shard: a term with fewer answers the whole question."""

_JUDGED = "?"

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
            parts = _parts(text)
            words |= dict.fromkeys(part[:_LONGEST] for part in parts)
            if len(parts) > 1 and not any(char.isspace() for char in text):
                words["".join(parts)[:_LONGEST]] = None
        kept = list(dict.fromkeys(filter(None, facets)))[:_FACETS]
        return cls(what, " ".join(_parts(order))[:_ORDER], tuple(words)[:_WORDS], tuple(kept), tuple(ranks))

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
        keys += [self._place(key.company, facet, tail, shard) for facet in self.facets if facet[0] != _JUDGED]
        ranks = {self._place(key.company, rank, tail): "" for rank in self.ranks}
        return dict.fromkeys(keys, self._as_text()) | ranks

    def _place(self, company: str, facet: str, tail: str, shard: int | None = None) -> Key:
        name, _, value = facet.partition(":")
        if "=" in name:
            return Key(partition(company, self.what, facet, shard), tail)
        return Key(partition(company, self.what, f"{name}:", shard), f"{value}#{tail}")


def _parts(text: str) -> list[str]:
    """Plain words; of a text without a Latin letter, its words as they are."""
    return plain_words(text) or text.casefold().replace("#", " ").split()


def partition(company: str, what: str, begins: str, shard: int | None = None) -> str:
    """The partition of a company's entries that begin so: a shard of words or facets, or the whole of a rank."""
    return f"{company}#SEARCH#{what}#{begins if shard is None else f'{shard}#{begins}'}"


def exact(name: str, value: str | None) -> str | None:
    """A facet that is asked for as it is, accents and capitals apart: `tag=inox`."""
    return f"{name}={' '.join(plain_words(value)) or value.casefold()}" if value else None


def judged(name: str, value: str | None) -> str | None:
    """A facet that most things share: it narrows what other terms find and has no entries of its own."""
    return exact(f"{_JUDGED}{name}", value)


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


def ranked(company: str, what: str, rank: str, descending: bool) -> Query:
    """The things that have a rank, sorted by its value."""
    return Query(partition(company, what, f"{rank}:"), reverse=descending, consistent=False)


class Term(Protocol):
    """One condition of a search."""

    def query(self, company: str, what: str, shard: int) -> Query: ...

    def holds(self, found: Findable) -> bool: ...

    def shows(self, found: Findable, entry: Key) -> bool: ...


@dataclass(frozen=True, slots=True)
class Word:
    """Some word begins so."""

    begins: str

    def query(self, company: str, what: str, shard: int) -> Query:
        """The entries of a shard that hold it."""
        return Query(partition(company, what, self.begins[:LEAST], shard), prefix=self.begins, consistent=False)

    def holds(self, found: Findable) -> bool:
        """Whether the thing fulfils it."""
        return any(word.startswith(self.begins) for word in found.words)

    def shows(self, found: Findable, entry: Key) -> bool:
        """Whether this is the first entry of the thing that fulfils it: the thing is shown once."""
        first = next((word for word in found.listed if word.startswith(self.begins)), None)
        return entry.sk.partition("#")[0] == first


@dataclass(frozen=True, slots=True)
class Exact:
    """The thing has this facet."""

    facet: str

    def query(self, company: str, what: str, shard: int) -> Query:
        """The entries of a shard that hold it."""
        return Query(partition(company, what, self.facet, shard), consistent=False)

    def holds(self, found: Findable) -> bool:
        """Whether the thing fulfils it."""
        return self.facet in found.facets

    def shows(self, found: Findable, entry: Key) -> bool:
        """A facet has one entry."""
        return True


@dataclass(frozen=True, slots=True)
class Latest:
    """The thing has this facet, and it stands in order of days: at one of these, both included, the latest first."""

    facet: str
    since: date
    until: date

    def query(self, company: str, what: str, shard: int) -> Query:
        """The entries of a shard that hold it."""
        low, high = self._bounds
        bounds = (low, f"{high}~")
        return Query(partition(company, what, self.facet, shard), between=bounds, reverse=True, consistent=False)

    def holds(self, found: Findable) -> bool:
        """Whether the thing fulfils it."""
        low, high = self._bounds
        return self.facet in found.facets and low <= found.order <= high

    def shows(self, found: Findable, entry: Key) -> bool:
        """A facet has one entry."""
        return True

    @property
    def _bounds(self) -> tuple[str, str]:
        return " ".join(_parts(str(self.since))), " ".join(_parts(str(self.until)))


@dataclass(frozen=True, slots=True)
class Between:
    """A facet with an order lies between two values, both included; None is no bound."""

    name: str
    low: str | None = None
    high: str | None = None

    def query(self, company: str, what: str, shard: int) -> Query:
        """The entries of a shard that hold it."""
        bounds = (self.low or "!", f"{self.high or ''}~")
        return Query(partition(company, what, f"{self.name}:", shard), between=bounds, consistent=False)

    def holds(self, found: Findable) -> bool:
        """Whether the thing fulfils it."""
        begins = f"{self.name}:"
        values = [facet.removeprefix(begins) for facet in found.facets if facet.startswith(begins)]
        return any((self.low or "") <= value <= (self.high or "~") for value in values)

    def shows(self, found: Findable, entry: Key) -> bool:
        """A facet has one entry."""
        return True


def words(text: str) -> list[str]:
    """The plain words of a search. Errors: `Refused` when they are too short for any to be searched."""
    found = list(dict.fromkeys(word[:_LONGEST] for word in _parts(text)))
    if len("".join(found)) < LEAST:
        fr, en = f"Saisissez au moins {LEAST} caractères.", f"Enter at least {LEAST} characters."
        refuse_if([Breach(code="search_too_short", fr=fr, en=en, pointer="/search")])
    return found


Keep = Callable[[Record], bool]


def search(
    store: Store,
    company: str,
    what: str,
    text: str | None,
    filters: Sequence[Term],
    cursor: str | None,
    limit: int,
    keep: Keep = lambda _: True,
) -> Page[Record]:
    """A page of the entries of things that hold every word and filter; at least one of both is needed.

    `keep` judges the summaries of what is left, for what has no entries of its own. A page may hold fewer
    than `limit`, even none, with a cursor: at most a thousand entries are looked at for one. What several
    words do not find, they find written as one: `PAL 500` is PAL500.
    """
    parts = words(text) if text else []
    terms: list[Term] = [*(Word(part) for part in parts), *filters]
    as_one = cursor is not None and cursor.startswith(_AS_ONE)
    if not as_one:
        page = _narrowed(store, company, what, terms, cursor, limit, keep) if _drivers(terms) else Page((), None)
        if page.items or page.cursor or cursor or len(parts) < 2:
            return page
    after = cursor.removeprefix(_AS_ONE) if cursor else None
    joined = _narrowed(store, company, what, [Word("".join(parts)[:_LONGEST]), *filters], after, limit, keep)
    return Page(joined.items, joined.cursor and f"{_AS_ONE}{joined.cursor}")


_AS_ONE = "1."
"""What the cursors of words written as one begin with: no other one holds a full stop so early."""


def _drivers(terms: Sequence[Term]) -> list[Term]:
    """The terms that have entries, those that promise fewest first: long words, then facets."""
    able = [term for term in terms if _has_entries(term)]
    return sorted(able, key=lambda term: -len(term.begins) if isinstance(term, Word) else 0)


def _has_entries(term: Term) -> bool:
    if isinstance(term, Word):
        return len(term.begins) >= LEAST
    return not (isinstance(term, Exact) and term.facet[0] == _JUDGED)


def _narrowed(
    store: Store, company: str, what: str, terms: Sequence[Term], cursor: str | None, limit: int, keep: Keep
) -> Page[Record]:
    """A page read along one term; the others are judged on its entries."""

    def along(term: Term) -> list[list[Query]]:
        return [[term.query(company, what, shard) for shard in SHARDS]]

    drivers = _drivers(terms)
    driver = drivers[0]
    if cursor:
        driver = next((term for term in drivers if store.continues(along(term), cursor)), driver)
    elif len(drivers) > 1:
        probes = (term for term in drivers if _few(store, term.query(company, what, SHARDS[0])))
        driver = next(probes, driver)

    def keeps(entry: Record) -> bool:
        if entry.summary is None:
            return False
        found = Findable.read(entry.data)
        return driver.shows(found, entry.key) and all(term.holds(found) for term in terms) and keep(entry)

    return store.merged(along(driver), cursor, limit, keeps, first=2 * limit // len(SHARDS) + 1)


def _few(store: Store, query: Query) -> bool:
    return store.backend.query(replace(query, limit=_PROBE)).next is None
