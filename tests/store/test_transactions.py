"""Transactions: all or nothing, named failures, safe re-run, versions, counters, limits (architecture, The table)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from comptoir.kernel.errors import AlreadyExists, Conflict, Contention, NotFound, VersionMismatch
from comptoir.store.backend import Add, Backend, Cancelled, Check, Operation, Put, Reason
from comptoir.store.memory import MemoryBackend
from comptoir.store.record import Key, Record
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction
from tests.store.conftest import store_on
from tests.store.things import PLAIN, THING, Thing, at, number_of, put


def test_a_value_comes_back_as_it_was_with_its_version(store: Store) -> None:
    thing = Thing(name="Société Générale « é »", number=7, body="x" * 5000)
    store.transact(lambda tx: tx.create(THING, at("A"), thing))
    stored = store.require(THING, at("A"))
    assert (stored.value, stored.version) == (thing, 1)
    store.transact(lambda tx: tx.put(THING, at("A"), thing.change(number=8)))
    stored = store.require(THING, at("A"))
    assert (stored.value.number, stored.version) == (8, 2)


def test_what_was_never_stored_is_absent(store: Store) -> None:
    assert store.get(THING, at("A")) is None
    with pytest.raises(NotFound):
        store.require(THING, at("A"))
    with pytest.raises(NotFound):
        store.transact(lambda tx: tx.require(THING, at("A")))


def test_another_kind_under_the_key_is_never_mistaken(store: Store) -> None:
    store.transact(lambda tx: tx.create(PLAIN, at("A"), Thing()))
    with pytest.raises(TypeError, match="holds plain"):
        store.get(THING, at("A"))


def test_one_failed_condition_leaves_nothing_written(backend: Backend) -> None:
    store = store_on(backend)
    put(store, "TAKEN", 1)
    operations: list[Operation] = [
        Put(THING.record(at("NEW"), Thing(), 0)),
        Add(at("COUNTER"), 5),
        Put(THING.record(at("TAKEN"), Thing(number=2), 0)),
    ]
    with pytest.raises(Cancelled) as cancelled:
        backend.write(operations)
    assert cancelled.value.reasons == {2: Reason.CONDITION}
    assert number_of(store, "NEW") is None
    assert backend.counter(at("COUNTER")) == 0
    assert number_of(store, "TAKEN") == 1


def test_every_failed_operation_is_named(backend: Backend) -> None:
    put(store_on(backend), "TAKEN", 1)
    operations: list[Operation] = [
        Put(THING.record(at("TAKEN"), Thing(), 0)),
        Put(THING.record(at("FREE"), Thing(), 0)),
        Check(at("ABSENT"), 9),
    ]
    with pytest.raises(Cancelled) as cancelled:
        backend.write(operations)
    assert cancelled.value.reasons == {0: Reason.CONDITION, 2: Reason.CONDITION}


def test_a_taken_key_raises_its_own_error(store: Store) -> None:
    class CodeTaken(Conflict):
        code = "code_taken"

    put(store, "CODE", 1)
    reads = 0

    def work(tx: Transaction) -> None:
        nonlocal reads
        reads += 1
        tx.create(THING, at("OTHER"), Thing())
        tx.create(THING, at("CODE"), Thing(), CodeTaken())

    with pytest.raises(CodeTaken):
        store.transact(work)
    assert reads == 1
    with pytest.raises(AlreadyExists):
        store.transact(lambda tx: tx.create(THING, at("CODE"), Thing()))
    assert number_of(store, "OTHER") is None


def test_a_function_runs_again_on_fresh_data_when_what_it_read_changed(store: Store) -> None:
    put(store, "A", 1)
    seen = []

    def work(tx: Transaction) -> int:
        number = tx.require(THING, at("A")).number
        seen.append(number)
        if len(seen) == 1:
            put(store, "A", 10)
        tx.put(THING, at("A"), Thing(number=number + 1))
        return number + 1

    assert store.transact(work) == 11
    assert seen == [1, 10]
    assert number_of(store, "A") == 11


def test_a_second_run_reads_all_it_needs_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = MemoryBackend()
    store = store_on(backend)
    reads: list[int] = []
    put(store, "A", 1)
    get = backend.get

    def counted(keys: Sequence[Key]) -> dict[Key, Record]:
        reads.append(len(keys))
        return get(keys)

    monkeypatch.setattr(backend, "get", counted)

    def work(tx: Transaction) -> None:
        tx.require(THING, at("A"))
        tx.get(THING, at("B"))
        if len(reads) == 2:
            backend.write([Put(THING.record(at("A"), Thing(), 1))])
        tx.put(THING, at("A"), Thing(number=2))

    store.transact(work)
    assert reads == [1, 1, 2]


def test_the_twin_of_a_request_runs_again_though_its_create_failed_too(store: Store) -> None:
    """Both twins create a code and store an answer: the loser must find the answer, not a taken code."""
    runs = 0

    def work(tx: Transaction) -> str:
        nonlocal runs
        runs += 1
        if tx.get(PLAIN, at("ANSWER")):
            return "replayed"
        if runs == 1:
            store.transact(twin)
        tx.create(THING, at("CODE"), Thing())
        tx.put(PLAIN, at("ANSWER"), Thing())
        return "done"

    def twin(tx: Transaction) -> None:
        tx.create(THING, at("CODE"), Thing())
        tx.put(PLAIN, at("ANSWER"), Thing())

    assert store.transact(work) == "replayed"


def test_a_checked_key_that_changes_makes_the_function_run_again(store: Store) -> None:
    put(store, "MONTH", 1)
    seen = []

    def work(tx: Transaction) -> None:
        seen.append(tx.require(THING, at("MONTH")).number)
        tx.check(at("MONTH"))
        if len(seen) == 1:
            put(store, "MONTH", 2)
        tx.create(THING, at("DOCUMENT"), Thing())

    store.transact(work)
    assert seen == [1, 2]


def test_a_check_of_absence_holds_and_a_create_may_follow_it(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.check(at("A"))
        tx.create(THING, at("A"), Thing(number=3))

    store.transact(work)
    assert number_of(store, "A") == 3


def test_endless_contention_writes_nothing_and_says_so(store: Store) -> None:
    pauses: list[float] = []
    store = store_on(store.backend, pauses.append)
    put(store, "A", 0)

    def work(tx: Transaction) -> None:
        number = tx.require(THING, at("A")).number
        put(store, "A", number + 1)
        tx.put(THING, at("A"), Thing(number=-1))

    with pytest.raises(Contention):
        store.transact(work)
    assert number_of(store, "A") == 12
    assert len(pauses) == 12
    assert pauses == sorted(pauses)
    assert max(pauses) <= 0.5


def test_expected_versions_are_held(store: Store) -> None:
    put(store, "A", 1)

    def change(tx: Transaction, version: int | None) -> None:
        tx.expect(at("A"), version)
        tx.put(THING, at("A"), Thing(number=2))

    with pytest.raises(VersionMismatch) as mismatch:
        store.transact(lambda tx: change(tx, 3))
    assert mismatch.value.extra == {"current": 1}
    assert number_of(store, "A") == 1
    store.transact(lambda tx: change(tx, 1))
    assert number_of(store, "A") == 2


def test_a_transaction_sees_its_own_writes(store: Store) -> None:
    put(store, "A", 1)

    def work(tx: Transaction) -> tuple[int, int, list[str]]:
        tx.put(THING, at("A"), Thing(number=5))
        tx.create(THING, at("A", "LINES#2"), Thing(name="new"))
        return tx.require(THING, at("A")).number, tx.next_version(at("A")), [r.key.sk for r in tx.partition(at("A").pk)]

    assert store.transact(work) == (5, 2, ["HEAD", "LINES#2"])
    assert store.transact(lambda tx: [r.key.sk for r in tx.partition(at("A").pk, "LINES#")]) == ["LINES#2"]
