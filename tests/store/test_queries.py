"""Queries, pages and signed cursors: bounded reads in order, and a cursor good for its own list only."""

from __future__ import annotations

import base64
import random

import pytest

from comptoir.store.backend import Backend, Put, Query
from comptoir.store.cursor import CursorSigner, InvalidCursor
from comptoir.store.store import Store
from tests.store.conftest import store_on
from tests.store.things import COMPANY, THING, Thing, ThingSummary, at

NAMES = [f"n{n:02d}" for n in range(23)]
BY_NAME = Query(pk=f"{COMPANY}#THINGS", index=1)
LINES = Query(pk=at("A").pk)


@pytest.fixture
def filled(backend: Backend) -> Store:
    """Lines n00 to n22 of one partition, listed by name, beside the line of another one."""
    backend.write([Put(THING.record(at("A", name), Thing(name=name, body="b"), 0)) for name in reversed(NAMES)])
    backend.write([Put(THING.record(at("B", "n00"), Thing(name="z"), 0))])
    return store_on(backend)


def names(store: Store, query: Query) -> list[str]:
    return [record.key.sk for record in store.records(query)]


def pages(store: Store, query: Query, limit: int) -> list[list[str]]:
    found, cursor = [], None
    while True:
        page = store.page(query, cursor, limit)
        found.append([record.key.sk for record in page.items])
        cursor = page.cursor
        if cursor is None:
            return found


def test_a_partition_reads_in_order_and_backwards(filled: Store) -> None:
    assert names(filled, LINES) == NAMES
    assert names(filled, Query(pk=LINES.pk, reverse=True)) == NAMES[::-1]
    assert names(filled, Query(pk=at("NONE").pk)) == []


def test_prefix_and_between_narrow_the_sort_key(filled: Store) -> None:
    assert names(filled, Query(pk=LINES.pk, prefix="n1")) == NAMES[10:20]
    assert names(filled, Query(pk=LINES.pk, between=("n05", "n07"))) == ["n05", "n06", "n07"]
    assert names(filled, Query(pk=LINES.pk, between=("n07", "n07"), reverse=True)) == ["n07"]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("limit", [1, 5, 23, 100])
def test_pages_follow_each_other_without_gap_or_repeat(filled: Store, limit: int, reverse: bool) -> None:
    for query in (Query(pk=LINES.pk, reverse=reverse), Query(pk=BY_NAME.pk, index=1, reverse=reverse)):
        found = pages(filled, query, limit)
        everything = [name for page in found for name in page]
        expected = NAMES if query.index == 0 else [*NAMES, "n00"]
        assert everything == (expected[::-1] if reverse else expected)
        assert all(len(page) <= limit for page in found)


def test_a_page_holds_at_most_a_hundred(backend: Backend) -> None:
    for start in (0, 60):
        records = [THING.record(at("A", f"{n:04d}"), Thing(name=str(n)), 0) for n in range(start, start + 60)]
        backend.write([Put(record) for record in records])
    assert [len(page) for page in pages(store_on(backend), LINES, 10_000)] == [100, 20]


def test_an_index_gives_summaries_only(filled: Store) -> None:
    records = filled.records(BY_NAME)
    assert {record.data for record in records} == {""}
    assert {record.type for record in records} == {"thing"}
    page = filled.summaries(ThingSummary, BY_NAME, None, 3)
    assert [summary.name for summary in page.items] == ["n00", "n01", "n02"]
    assert page.cursor


def test_an_index_follows_a_changed_value(filled: Store) -> None:
    filled.transact(lambda tx: tx.put(THING, at("A", "n00"), Thing(name="zz")))
    listed = [summary.name for summary in filled.summaries(ThingSummary, BY_NAME, None, 100).items]
    assert listed == [*NAMES[1:], "z", "zz"]


def test_large_partitions_come_in_several_calls(backend: Backend) -> None:
    """One call gives 1 MB at most: `records` and `page` go on by themselves."""
    for n in range(6):
        body = random.Random(n).randbytes(350_000).hex()
        backend.write([Put(THING.record(at("A", f"{n}"), Thing(body=body), 0))])
    store = store_on(backend)
    assert names(store, LINES) == list("012345")
    assert pages(store, LINES, 100) == [list("012345")]


def test_a_cursor_is_good_for_its_own_list_only(filled: Store) -> None:
    """ACC-05: neither another list nor another company's accepts it."""
    cursor = filled.page(LINES, None, 5).cursor
    assert cursor
    for other in (
        Query(pk=at("B").pk),
        Query(pk=LINES.pk, reverse=True),
        Query(pk=LINES.pk, prefix="n"),
        Query(pk=LINES.pk, between=("n00", "n20")),
        Query(pk=LINES.pk, index=1),
        Query(pk=f"{'1' * 26}#A"),
    ):
        with pytest.raises(InvalidCursor):
            filled.page(other, cursor, 5)


def test_an_altered_cursor_is_refused_whatever_was_altered() -> None:
    signer = CursorSigner(lambda: b"secret")
    cursor = signer.seal("list", ("pk", "sk"))
    assert signer.open("list", cursor) == ("pk", "sk")
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for position in range(len(raw)):
        altered = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        with pytest.raises(InvalidCursor):
            signer.open("list", base64.urlsafe_b64encode(altered).decode())
    for nonsense in ("", "x", "é", "====", cursor[:-4], cursor + "AAAA"):
        with pytest.raises(InvalidCursor):
            signer.open("list", nonsense)
    with pytest.raises(InvalidCursor):
        CursorSigner(lambda: b"another").open("list", cursor)


def test_the_cursor_secret_is_read_once_and_only_when_needed() -> None:
    reads = []

    def secret() -> bytes:
        reads.append(1)
        return b"secret"

    signer = CursorSigner(secret)
    assert not reads
    signer.open("list", signer.seal("list", ("a",)))
    assert len(reads) == 1
