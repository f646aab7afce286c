"""Several lists read as one: steps after each other, the queries of a step merged by sort key, page after page."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.store.backend import Backend, Put, Query, Slice
from comptoir.store.cursor import CursorSigner, InvalidCursor
from comptoir.store.memory import MemoryBackend
from comptoir.store.record import Record
from comptoir.store.store import Store
from tests.store.conftest import store_on
from tests.store.things import THING, Thing, at


def fill(backend: Backend, lists: dict[str, list[int]]) -> Store:
    """Lists of numbers; the sort key of a number is the same in all."""
    for name, numbers in lists.items():
        backend.write([Put(THING.record(at(name, f"n{n:04d}"), Thing(number=n), 0)) for n in numbers])
    return store_on(backend)


def whole(
    store: Store, steps: list[list[Query]], limit: int, keep: Callable[[Record], bool] = lambda _: True
) -> list[int]:
    """Every number of the merged lists, page after page."""
    found, cursor = [], None
    while True:
        page = store.merged(steps, cursor, limit, keep)
        assert len(page.items) <= limit
        found += [int(record.key.sk[1:]) for record in page.items]
        cursor = page.cursor
        if cursor is None:
            return found


def of(*names: str, reverse: bool = False, **narrowed: tuple[str, str]) -> list[Query]:
    return [Query(pk=at(name).pk, reverse=reverse, **narrowed) for name in names]  # type: ignore[arg-type]


def test_lists_are_merged_in_order_on_every_backend(backend: Backend) -> None:
    store = fill(backend, {"A": [1, 4, 5, 9], "B": [2, 3, 8], "C": [6, 7]})
    assert whole(store, [of("A", "B", "NONE")], 2) == [1, 2, 3, 4, 5, 8, 9]
    assert whole(store, [of("A", "B", reverse=True), of("C", reverse=True)], 3) == [9, 8, 5, 4, 3, 2, 1, 7, 6]
    assert whole(store, [of("A", "B", between=("n0003", "n0005"))], 2) == [3, 4, 5]
    assert whole(store, [of("A", "B"), of("C")], 2, lambda record: int(record.key.sk[1:]) % 2 == 0) == [2, 4, 8, 6]
    assert whole(store, [], 2) == []


numbers = st.sets(st.integers(0, 9999), max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=4), st.integers(1, 30), st.booleans(), st.integers(1, 5))
def test_nothing_is_lost_nor_told_twice_whatever_the_lists(
    lists: list[set[int]], limit: int, reverse: bool, every: int
) -> None:
    told: set[int] = set()
    parts = []
    for each in lists:
        parts.append(sorted(each - told))
        told |= each
    store = fill(MemoryBackend(), {f"L{n}": part for n, part in enumerate(parts)})
    step = of(*(f"L{n}" for n in range(len(parts))), reverse=reverse)
    kept = [number for number in sorted(told, reverse=reverse) if number % every == 0]
    assert whole(store, [step], limit, lambda record: int(record.key.sk[1:]) % every == 0) == kept


def test_a_page_of_few_reads_about_a_thousand_and_goes_on() -> None:
    """Bounded, however little is kept."""
    backend = MemoryBackend()
    for start in range(0, 3000, 100):
        backend.write([Put(THING.record(at("A", f"n{n:04d}"), Thing(number=n), 0)) for n in range(start, start + 100)])
    store = store_on(backend)
    page = store.merged([of("A")], None, 10, lambda record: record.key.sk == "n2999")
    assert page.items == ()
    assert page.cursor is not None
    assert whole(store, [of("A")], 10, lambda record: record.key.sk == "n2999") == [2999]


def test_a_cursor_is_good_for_its_own_lists_only() -> None:
    store = fill(MemoryBackend(), {"A": [1, 2, 3], "B": [4]})
    cursor = store.merged([of("A", "B")], None, 1, lambda _: True).cursor
    with pytest.raises(InvalidCursor):
        store.merged([of("A")], cursor, 1, lambda _: True)


@given(st.sets(st.text("abc", min_size=1, max_size=4), max_size=20), st.integers(1, 7), st.booleans())
def test_gathered_rows_are_paged_by_their_keys(names: set[str], limit: int, ascending: bool) -> None:
    store, found, cursor = store_on(MemoryBackend()), list[str](), None
    while True:
        page = store.part("LIST", {name: name for name in names}, cursor, limit, ascending)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
    assert found == sorted(names, reverse=not ascending)


def test_a_cursor_of_gathered_rows_is_of_one_list() -> None:
    store = store_on(MemoryBackend())
    cursor = store.part("LIST", {"a": 1, "b": 2}, None, 1).cursor
    with pytest.raises(InvalidCursor):
        store.part("OTHER", {"a": 1, "b": 2}, cursor, 1)
    # What left the list meanwhile takes nothing else with it.
    assert store.part("LIST", {"b": 2, "c": 3}, cursor, 5).items == (2, 3)


def test_lists_that_are_read_together_make_the_same_pages(backend: Backend) -> None:
    """On every backend, clients shared by threads included."""
    lists = {name: list(range(place, 60, 4)) for place, name in enumerate("ABCD")}
    fill(backend, lists)
    store = Store(backend, CursorSigner(lambda: b"secret"), at_once=4)
    assert whole(store, [of("A", "B", "C", "D")], 7) == list(range(60))
    assert whole(store, [of("A", "B", "C", "D", reverse=True)], 100) == list(range(59, -1, -1))


def test_lists_are_asked_for_together() -> None:
    """Each waits for the others: one after the other they would never be answered."""
    backend = MemoryBackend()
    fill(backend, {name: [number] for number, name in enumerate("ABCD")})
    together, plain = threading.Barrier(4, timeout=10), backend.query

    def waiting(query: Query) -> Slice:
        together.wait()
        return plain(query)

    backend.query = waiting  # type: ignore[method-assign]
    store = Store(backend, CursorSigner(lambda: b"secret"), at_once=4)
    assert len(store.merged([of("A", "B", "C", "D")], None, 10, lambda _: True).items) == 4
