"""Finding things by the words and facets they hold, through entries of the one table: never a scan.

`findable` says what entries a thing has; a search reads along one of its conditions, the shards merged, and
judges the others on what each entry carries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from comptoir.kernel.errors import Breach, refuse_if
from comptoir.store.backend import Query
from comptoir.store.findable import JUDGED, LEAST, LONGEST, SHARDS, Findable, ordering, partition, words_of
from comptoir.store.record import Key, Record
from comptoir.store.store import Page, Store

_PROBE = 13
"""Entries of each term that are looked at first in one shard: a term with fewer answers the whole question."""


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
        return ordering(str(self.since)), ordering(str(self.until))


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
    found = list(dict.fromkeys(word[:LONGEST] for word in words_of(text)))
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
    joined = _narrowed(store, company, what, [Word("".join(parts)[:LONGEST]), *filters], after, limit, keep)
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
    return not (isinstance(term, Exact) and term.facet[0] == JUDGED)


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
