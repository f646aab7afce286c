"""The memory twin is faithful: random operations give the same on it, on moto and on the local AWS."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.store.backend import Add, Backend, Cancelled, Check, Operation, Put, Query
from comptoir.store.memory import MemoryBackend
from comptoir.store.record import Key, Record

PARTITIONS = ["P", "Q"]
SORTS = ["A", "A#1", "B", "É", "\U0001f600", "a"]
records = st.tuples(st.sampled_from(PARTITIONS), st.sampled_from(SORTS))
counters = st.sampled_from(["N1", "N2"])


def record(place: tuple[str, str], version: int, listed: str | None, data: str) -> Put:
    pk, sk = place
    indexes = {1: (f"LIST#{listed}", f"{pk}#{sk}"), 3: ("ALL", f"{sk}#{pk}")} if listed else {}
    summary = f'"{data[:3]}"' if listed else None
    return Put(Record(Key(pk, sk), "t", data, version, summary, indexes))


versions = st.integers(1, 3)
puts = st.builds(record, records, versions, st.sampled_from([None, "x", "y"]), st.sampled_from(["1", "22", "3" * 4000]))
checks = st.builds(lambda place, version: Check(Key(*place), version), records, st.integers(0, 3))
floors = st.one_of(st.none(), st.integers(-2, 4))
adds = st.builds(lambda name, amount, floor: Add(Key(name, "N"), amount, floor), counters, st.integers(-3, 3), floors)
transactions = st.lists(st.one_of(puts, puts, checks, adds), min_size=1, max_size=5, unique_by=lambda op: op.key)
queries = st.builds(
    lambda place, prefix, between, reverse, limit: Query(
        place[1],
        place[0],
        prefix=prefix,
        between=None if prefix else between,
        reverse=reverse,
        limit=limit,
    ),
    st.sampled_from([(0, "P"), (0, "Q"), (1, "LIST#x"), (1, "LIST#y"), (3, "ALL"), (2, "ALL")]),
    st.sampled_from([None, None, "A", "P#", "B#"]),
    st.sampled_from([None, ("A", "B"), ("A#1", "É"), ("P#A", "Q")]),
    st.booleans(),
    st.sampled_from([None, 1, 2, 100]),
)
_runs = itertools.count()


def scoped(operation: Any, scope: str) -> Any:
    """The operation in partitions of this run alone, so that one table serves all runs."""
    if isinstance(operation, Put):
        found = operation.record
        indexes = {n: (scope + pk, sk) for n, (pk, sk) in found.indexes.items()}
        return Put(replace(found, key=Key(scope + found.key.pk, found.key.sk), indexes=indexes))
    if isinstance(operation, Query):
        return replace(operation, pk=scope + operation.pk)
    return replace(operation, key=Key(scope + operation.key.pk, operation.key.sk))


def outcome(backend: Backend, operations: list[Operation]) -> object:
    try:
        backend.write(operations)
    except Cancelled as cancelled:
        return cancelled.reasons
    return "written"


def read(backend: Backend, query: Query) -> list[Record]:
    """Every page of a query; what an index does not project is not compared."""
    found: list[Record] = []
    while True:
        part = backend.query(query)
        found += part.records
        assert query.limit is None or len(part.records) <= query.limit
        if part.next is None:
            return [replace(r, indexes={}) if query.index else r for r in found]
        query = replace(query, start=part.next)


@pytest.mark.parametrize("other", ["on_moto", "on_ministack"])
def test_random_operations_give_the_same_on_both(other: str, request: pytest.FixtureRequest) -> None:
    make: Callable[[], Backend] = request.getfixturevalue(other)
    real, twin = make(), MemoryBackend()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(transactions, min_size=1, max_size=8), st.lists(queries, max_size=6))
    def same(written: list[list[Operation]], asked: list[Query]) -> None:
        scope = f"{next(_runs)}#"
        for operations in written:
            mine = [scoped(operation, scope) for operation in operations]
            assert outcome(twin, mine) == outcome(real, mine)
        keys = [Key(scope + pk, sk) for pk in PARTITIONS for sk in SORTS]
        assert twin.get(keys) == real.get(keys)
        for name in ("N1", "N2"):
            assert twin.counter(Key(scope + name, "N")) == real.counter(Key(scope + name, "N"))
        for query in (scoped(query, scope) for query in asked):
            assert read(twin, query) == read(real, query)

    same()
