"""Search through entries of the table: by words and facets, in step with the things, whatever the order of news."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comptoir.kernel.clock import FixedClock
from comptoir.kernel.errors import Refused
from comptoir.kernel.model import Model
from comptoir.kernel.text import plain_words
from comptoir.store.backend import Backend, Cancelled, Follow, Operation, Query, Reason
from comptoir.store.findable import SHARDS, Findable, alphabetical, exact, judged, ordered, partition, sortable
from comptoir.store.indexing import Change, Indexer, index_again
from comptoir.store.memory import MemoryBackend
from comptoir.store.record import Kind, Record
from comptoir.store.search import Between, Exact, Latest, Term, Word, ranked, search, words
from comptoir.store.store import Store
from tests.store.conftest import store_on
from tests.store.things import COMPANY, at


class Tool(Model):
    """A thing that is found by its name and code."""

    code: str
    name: str
    tags: tuple[str, ...] = ()
    price: Decimal | None = None


def _found(tool: Tool) -> Findable:
    facets = [judged("kind", "Tool"), *(exact("tag", tag) for tag in tool.tags), ordered("price", tool.price)]
    return Findable.of("TOOLS", tool.code, [tool.code, tool.name], facets)


TOOL = Kind("tool", Tool, summarise=lambda tool: tool, search=_found)
CLOCK = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))


def indexer(backend: Backend) -> Indexer:
    return Indexer(backend, CLOCK, lambda _: None)


def save(backend: Backend, tool: Tool | None, before: Record | None = None) -> Record:
    """A version of a tool and its entries."""
    known = tool or TOOL.load(before)  # type: ignore[arg-type]
    record = TOOL.record(at(f"TOOL#{known.code}"), known, before.version if before else 0)
    change = Change.of(before, record)
    assert change is not None
    assert indexer(backend).index([change]) == []
    return record


def codes(store: Store, text: str | None = None, *filters: Term, limit: int = 20) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = search(store, COMPANY, "TOOLS", text, filters, cursor, limit)
        found += [Tool.model_validate_json(record.summary or "").code for record in page.items]
        assert len(page.items) <= limit
        cursor = page.cursor
        if cursor is None:
            return found


SHELF = [
    Tool(code="PAL-500", name="Palan électrique à chaîne 500 kg", tags=("Levage",), price=Decimal("1234.50")),
    Tool(code="PAL-250", name="Palan manuel 250 kg", tags=("Levage", "Promo"), price=Decimal("99.9")),
    Tool(code="ELG2T", name="Élingue ronde polyester", tags=("levage",), price=Decimal(12)),
    Tool(code="VIS-M8", name="Vis inox M8 × 40", tags=("Promo",), price=Decimal("0.45")),
]


@pytest.fixture
def shelf(backend: Backend) -> Store:
    for tool in SHELF:
        save(backend, tool)
    return store_on(backend)


def test_a_newer_record_follows_and_an_older_one_does_not(backend: Backend) -> None:
    key = at("SEARCH#X", "entry")
    backend.write([Follow(Record(key, "search", "3", 3))])
    for outdated in (3, 2):
        with pytest.raises(Cancelled) as cancelled:
            backend.write([Follow(Record(key, "search", str(outdated), outdated))])
        assert cancelled.value.reasons == {0: Reason.CONDITION}
        assert backend.get([key])[key].data == "3"
    backend.write([Follow(Record(key, "search", "5", 5))])
    assert (backend.get([key])[key].data, backend.get([key])[key].version) == ("5", 5)


def test_words_find_by_their_beginning_whatever_accents_and_capitals(shelf: Store) -> None:
    """CAT-05, PTY-05."""
    assert codes(shelf, "pal") == ["PAL-250", "PAL-500"]
    assert codes(shelf, "ÉLEC") == ["PAL-500"]
    assert codes(shelf, "elingue") == ["ELG2T"]
    assert codes(shelf, "pal-5") == codes(shelf, "palan 500") == ["PAL-500"]
    assert codes(shelf, "vis m8") == ["VIS-M8"]
    assert codes(shelf, "palan polyester") == []
    assert codes(shelf, "elg 2t") == ["ELG2T"]


def test_facets_and_bounds_narrow_and_find_alone(shelf: Store) -> None:
    """CAT-05: advanced search."""
    promo = Exact(exact("tag", "PROMO") or "")
    assert codes(shelf, None, promo) == ["PAL-250", "VIS-M8"]
    assert codes(shelf, "palan", promo) == ["PAL-250"]
    cheap = Between("price", None, sortable(Decimal("99.9")))
    assert codes(shelf, None, cheap) == ["VIS-M8", "ELG2T", "PAL-250"]
    assert codes(shelf, "pal", cheap, promo) == ["PAL-250"]
    assert codes(shelf, None, Between("price", sortable(Decimal("99.91")))) == ["PAL-500"]


class Move(Model):
    """A thing that stands in order of days."""

    name: str
    day: date


MOVE = Kind(
    "move",
    Move,
    summarise=lambda move: move,
    search=lambda move: Findable.of("MOVES", str(move.day), [move.name], [exact("sum", "EUR 12.00")]),
)


def test_the_latest_of_a_facet_come_first_between_two_days(backend: Backend) -> None:
    """TRS-04: a page of what moved as much, from a day back, in the order of days whatever the shard."""
    first, moves = date(2026, 10, 1), []
    for number in range(40):
        day = first + timedelta(days=number)
        record = MOVE.record(at(f"MOVE#{number:02d}"), Move(name=f"Lot{number:02d}", day=day), 0)
        moves.append(Change.of(None, record))
    assert indexer(backend).index([change for change in moves if change]) == []
    store, facet = store_on(backend), exact("sum", "EUR 12.00") or ""

    def found(since: int, until: int, *more: Term, limit: int = 10) -> list[int]:
        terms = [Latest(facet, first + timedelta(days=since), first + timedelta(days=until)), *more]
        told, cursor = list[int](), None
        while True:
            page = search(store, COMPANY, "MOVES", None, terms, cursor, limit)
            told += [(Move.model_validate_json(each.summary or "").day - first).days for each in page.items]
            if (cursor := page.cursor) is None:
                return told

    assert found(0, 39) == list(range(39, -1, -1))
    assert found(5, 30, limit=7) == list(range(30, 4, -1))
    assert found(12, 12) == [12]
    assert found(41, 60) == []
    assert (found(0, 39, Word("lot07")), found(8, 39, Word("lot07"))) == ([7], [])


def test_what_most_things_share_narrows_without_entries_of_its_own(shelf: Store, backend: Backend) -> None:
    """CAT-05: nobody pays for a list of everything; alone it finds nothing."""
    tool, other = (Exact(judged("kind", kind) or "") for kind in ("tool", "other"))
    assert codes(shelf, "pal", tool) == ["PAL-250", "PAL-500"]
    assert codes(shelf, "pal", other) == codes(shelf, None, tool) == []
    assert not any("kind" in key.pk for key in _found(SHELF[0]).entries(at("TOOL#PAL-500")))


def test_no_partition_takes_more_than_its_share_of_a_common_word() -> None:
    """CAT-05, PTY-05: what every row of an import holds goes to four partitions alike, and is found in order."""
    backend = MemoryBackend()
    for number in range(400):
        save(backend, Tool(code=f"T{number:03d}", name="palan", tags=("levage",), price=Decimal(number)))
    for begins in ("pal", "tag=levage", "price:"):
        held = [len(backend.query(Query(partition(COMPANY, "TOOLS", begins, shard))).records) for shard in SHARDS]
        assert sum(held) == 400
        assert max(held) <= 400 / len(SHARDS) * 1.25
    everything = [f"T{number:03d}" for number in range(400)]
    assert codes(store_on(backend), "palan") == codes(store_on(backend), None, Exact("tag=levage")) == everything
    assert codes(store_on(backend), None, Between("price", None, sortable(Decimal(99)))) == everything[:100]


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_pages_follow_each_other_without_gap_or_repeat(limit: int) -> None:
    backend = MemoryBackend()
    for number in range(60):
        name = f"palan palette palier {'rouge' if number % 7 == 0 else 'bleu'}"
        save(backend, Tool(code=f"T{number:03d}", name=name))
    store = store_on(backend)
    assert codes(store, "pal", limit=limit) == [f"T{n:03d}" for n in range(60)]
    assert codes(store, "palan rouge", limit=limit) == [f"T{n:03d}" for n in range(0, 60, 7)]


def test_a_rare_word_among_common_ones_reads_few_entries() -> None:
    """CAT-05: the rarest word answers; what is common is judged on its entries."""
    backend = MemoryBackend()
    for number in range(400):
        save(backend, Tool(code=f"T{number:03d}", name=f"extraordinaire {'rouge' if number == 7 else 'bleu'}"))
    read = 0
    plain = backend.query

    def counted(query: Query):  # type: ignore[no-untyped-def]
        nonlocal read
        part = plain(query)
        read += len(part.records)
        return part

    backend.query = counted  # type: ignore[method-assign]
    assert codes(store_on(backend), "extraordinaire rouge") == ["T007"]
    assert read <= 60


def test_fewer_than_three_characters_are_refused() -> None:
    for text in ("", "  ", "ab", "a-b"):
        with pytest.raises(Refused) as refused:
            words(text)
        assert [breach.code for breach in refused.value.breaches] == ["search_too_short"]
    assert words("a-b c") == ["a", "b", "c"]


def test_a_renamed_thing_leaves_its_old_words_and_stale_entries_expire(backend: Backend) -> None:
    first = save(backend, SHELF[0])
    save(backend, SHELF[0].change(name="Treuil électrique", tags=()), first)
    store = store_on(backend)
    assert codes(store, "palan") == codes(store, None, Exact("tag=levage")) == []
    assert codes(store, "treuil") == codes(store, "electrique") == ["PAL-500"]
    pal = (Query(partition(COMPANY, "TOOLS", "pal", shard)) for shard in SHARDS)
    stale = [record for query in pal for record in backend.query(query).records if record.data == ""]
    assert stale
    assert all(record.expires for record in stale)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["palan bleu", "palan rouge", "treuil rouge", "vis"]), min_size=1, max_size=6), st.data()
)
def test_news_told_twice_or_late_leave_what_is_true(names: list[str], data: st.DataObject) -> None:
    """Whatever is repeated, the last version alone is found, by each of its words and by no other."""
    backend = MemoryBackend()
    records = [TOOL.record(at("TOOL#A"), Tool(code="A00", name=name), version) for version, name in enumerate(names)]
    told = [Change.of(before, after) for before, after in zip([None, *records], records, strict=False)]
    news = [change for change in told if change]
    repeated = [*news, *data.draw(st.lists(st.sampled_from(news), max_size=4))]
    for change in repeated:
        indexer(backend).index([change])
    store = store_on(backend)
    for word in ("palan", "bleu", "rouge", "treuil", "vis"):
        assert codes(store, word) == (["A00"] if word in names[-1] else [])


def test_a_batch_of_changes_of_one_thing_is_one_change() -> None:
    backend = MemoryBackend()
    records = [
        TOOL.record(at("TOOL#A"), Tool(code="A00", name=name), n)
        for n, name in enumerate(("un deux", "trois", "quatre"))
    ]
    pairs = zip([None, *records], records, strict=False)
    changes = [change for pair in pairs if (change := Change.of(*pair))]
    indexer(backend).index(changes[:1])
    indexer(backend).index(changes[1:])
    assert [codes(store_on(backend), word) for word in ("deux", "trois", "quatre")] == [[], [], ["A00"]]


class Failing(MemoryBackend):
    """A table that refuses entries whose key holds a word, and keeps all else."""

    def __init__(self, word: str | None) -> None:
        super().__init__()
        self.word = word

    def write(self, operations: Sequence[Operation]) -> None:
        if self.word and any(isinstance(each, Follow) and self.word in each.key.sk for each in operations):
            raise Cancelled({0: Reason.CONTENTION})
        super().write(operations)


def test_what_cannot_be_written_holds_up_nobody_and_is_written_later() -> None:
    backend = Failing(None)
    store = store_on(backend)
    first = save(backend, Tool(code="A00", name="palan"))
    backend.word = "treuil"
    after = TOOL.record(first.key, Tool(code="A00", name="treuil"), 1)
    store.transact(lambda tx: tx.put(TOOL, first.key, Tool(code="A00", name="palan")))
    store.transact(lambda tx: tx.put(TOOL, first.key, Tool(code="A00", name="treuil")))
    other = TOOL.record(at("TOOL#B"), Tool(code="B00", name="vis"), 0)
    changes = [change for pair in ((first, after), (None, other)) if (change := Change.of(*pair))]
    assert indexer(backend).index(changes) == []
    assert codes(store, "vis") == ["B00"]
    assert index_again(store, indexer(backend)) == {"indexed_again": 0, "failed": 1}
    backend.word = None
    assert index_again(store, indexer(backend)) == {"indexed_again": 1, "failed": 0}
    assert (codes(store, "treuil"), codes(store, "palan")) == (["A00"], [])
    assert index_again(store, indexer(backend)) == {"indexed_again": 0, "failed": 0}


class Ship(Model):
    """A thing that is found by nothing and stands in a sorted list."""

    name: str
    tons: Decimal


SHIP = Kind(
    "ship",
    Ship,
    summarise=lambda ship: ship,
    search=lambda ship: Findable.of("SHIPS", ship.name, (), ranks=[f"tons:{sortable(ship.tons)}"]),
)


def launch(backend: Backend, name: str, tons: str, before: Record | None = None) -> Record:
    record = SHIP.record(at(f"SHIP#{name}"), Ship(name=name, tons=Decimal(tons)), before.version if before else 0)
    change = Change.of(before, record)
    assert indexer(backend).index([change] if change else []) == []
    return record


def sorted_ships(backend: Backend, descending: bool = False) -> list[str]:
    records = backend.query(ranked(COMPANY, "SHIPS", "tons", descending)).records
    return [Ship.model_validate_json(record.summary).name for record in records if record.summary]


def test_ranks_are_sorted_lists_that_follow_their_things(backend: Backend) -> None:
    """LOG-04: one entry a thing and a rank, of its summary alone; words and facets know nothing of it."""
    first = launch(backend, "Belem", "406")
    launch(backend, "Étoile", "250.5")
    launch(backend, "Abeille", "3200")
    assert sorted_ships(backend) == ["Étoile", "Belem", "Abeille"]
    assert sorted_ships(backend, descending=True) == ["Abeille", "Belem", "Étoile"]
    launch(backend, "Belem", "12", first)
    assert sorted_ships(backend) == ["Belem", "Étoile", "Abeille"]
    entries = backend.query(ranked(COMPANY, "SHIPS", "tons", False)).records
    assert {record.data for record in entries} == {""}
    assert codes(store_on(backend), "belem") == []


def test_a_change_that_shows_nowhere_writes_nothing(backend: Backend) -> None:
    """What is found and shown is the same: no unit is paid."""
    first = save(backend, SHELF[0])
    again = TOOL.record(first.key, SHELF[0], first.version)
    assert Change.of(first, again) is None
    assert Change.of(first, TOOL.record(first.key, SHELF[0].change(price=Decimal(1)), first.version)) is not None


@given(st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=8))
def test_names_are_sorted_by_their_plain_letters(names: list[str]) -> None:
    texts = [alphabetical(name) for name in names]
    assert all(text.isascii() and "#" not in text and "!" <= text[0] < "~" for text in texts)
    assert alphabetical("Éau") == alphabetical("eau") < alphabetical("Eau de mer") < alphabetical("日本")


numbers = st.decimals(-(10**12), 10**12, places=6, allow_nan=False)


@given(st.lists(numbers, min_size=2, max_size=10))
def test_numbers_sort_as_texts(values: list[Decimal]) -> None:
    assert [sortable(value) for value in sorted(values)] == sorted(sortable(value) for value in values)
    assert sortable(date(2026, 1, 31)) < sortable(date(2026, 2, 1))


held = st.lists(st.sampled_from("palan palans pal vis visserie m8 inox a4".split()), min_size=1, max_size=5)
asked_for = st.lists(st.sampled_from("pal pala vis viss m8 inox a".split()), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None)
@given(st.lists(held, min_size=1, max_size=12), asked_for)
@example([["palan"]] * 4, ["pal", "a"])
def test_search_finds_what_a_plain_look_at_everything_finds(names: list[list[str]], asked: list[str]) -> None:
    """The model: each word asked begins some word of the thing."""
    text = " ".join(asked)
    if len("".join(dict.fromkeys(asked))) < 3:
        return
    backend = MemoryBackend()
    order = list(range(len(names)))
    random.Random(7).shuffle(order)
    for number in order:
        save(backend, Tool(code=f"Z{number:02d}Z", name=" ".join(names[number])))
    expected = {f"Z{n:02d}Z" for n, name in enumerate(names) if all(any(w.startswith(a) for w in name) for a in asked)}
    joined = "".join(dict.fromkeys(asked))
    if not expected:
        expected = {f"Z{n:02d}Z" for n, name in enumerate(names) if any(w.startswith(joined) for w in name)}
    if not any(len(word) >= 3 for word in asked):
        expected &= {f"Z{n:02d}Z" for n, name in enumerate(names) if any(w.startswith(joined) for w in name)}
    found = codes(store_on(backend), text, limit=3)
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert plain_words(text)
