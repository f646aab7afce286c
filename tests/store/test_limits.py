"""Counters with a floor, and the sizes that one item, one call and one transaction may have."""

from __future__ import annotations

import random

import pytest

from comptoir.kernel.errors import Conflict, TooLarge
from comptoir.store.backend import MAX_OPERATIONS, Add, Backend, Cancelled, Put
from comptoir.store.record import Record
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction
from tests.store.conftest import store_on
from tests.store.things import PLAIN, THING, Thing, at, number_of, put


def test_counters_add_up_and_keep_their_floor(store: Store) -> None:
    backend, counter = store.backend, at("STOCK")

    class OutOfStock(Conflict):
        code = "out_of_stock"

    def take(amount: int) -> None:
        store.transact(lambda tx: tx.add(counter, -amount, 0, OutOfStock()))

    with pytest.raises(OutOfStock):
        take(1)
    store.transact(lambda tx: tx.add(counter, 10))
    take(7)
    with pytest.raises(OutOfStock):
        take(4)
    take(3)
    assert backend.counter(counter) == 0


def test_two_additions_in_one_transaction_are_one(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.add(at("STOCK"), 10)
        tx.add(at("STOCK"), -4, 0)

    store.transact(work)
    assert store.backend.counter(at("STOCK")) == 6


def test_a_first_addition_below_the_floor_is_refused(backend: Backend) -> None:
    backend.write([Add(at("A"), 5, floor=5)])
    with pytest.raises(Cancelled):
        backend.write([Add(at("B"), 4, floor=5)])
    assert (backend.counter(at("A")), backend.counter(at("B"))) == (5, 0)


def test_a_counter_is_no_record(backend: Backend) -> None:
    store = store_on(backend)
    store.transact(lambda tx: tx.add(at("A", "BALANCE"), 3))
    put(store, "A", 1)
    assert backend.get([at("A", "BALANCE")]) == {}
    assert [r.key.sk for r in store.transact(lambda tx: tx.partition(at("A").pk))] == ["HEAD"]
    with pytest.raises(Cancelled):
        backend.write([Put(THING.record(at("A", "BALANCE"), Thing(), 0))])


def test_a_hundred_operations_go_together_and_no_more(backend: Backend) -> None:
    def puts(count: int, name: str) -> list[Put]:
        return [Put(THING.record(at(name, f"{n:04d}"), Thing(name=f"{name}{n}"), 0)) for n in range(count)]

    backend.write(puts(MAX_OPERATIONS, "A"))
    with pytest.raises(TooLarge):
        backend.write(puts(MAX_OPERATIONS + 1, "B"))
    found = backend.get([at(name, f"{n:04d}") for name in "AB" for n in range(101)])
    assert len(found) == MAX_OPERATIONS


def noise(size: int) -> str:
    """Text that does not compress."""
    return random.Random(size).randbytes(size).hex()


def test_an_item_beyond_400_kb_is_refused_before_the_call(store: Store) -> None:
    store.transact(lambda tx: tx.create(THING, at("FITS"), Thing(body="x" * 2_000_000)))
    with pytest.raises(TooLarge):
        store.transact(lambda tx: tx.create(THING, at("A"), Thing(body=noise(800_000))))
    assert number_of(store, "A") is None


def test_a_transaction_beyond_4_mb_is_refused_before_the_call(store: Store) -> None:
    body = noise(350_000)

    def work(tx: Transaction) -> None:
        for n in range(12):
            tx.create(THING, at("A", f"{n:04d}"), Thing(body=body))

    with pytest.raises(TooLarge):
        store.transact(work)
    assert store.get(THING, at("A", "0000")) is None


def test_many_keys_are_read_at_once(backend: Backend) -> None:
    keys = [at("A", f"{n:04d}") for n in range(250)]
    for start in range(0, 250, 50):
        backend.write([Put(PLAIN.record(key, Thing(), 0)) for key in keys[start : start + 50]])
    found = backend.get([*keys, keys[0], at("ABSENT")])
    assert set(found) == set(keys)
    assert backend.get([]) == {}


def test_expiry_is_stored_for_the_table_to_act_on(store: Store) -> None:
    store.transact(lambda tx: tx.put(PLAIN, at("A"), Thing(), expires=1_800_000_000))
    record: Record = store.backend.get([at("A")])[at("A")]
    assert record.expires == 1_800_000_000
