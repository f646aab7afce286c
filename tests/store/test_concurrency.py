"""Many writers at once on the backends that are atomic between threads: nothing lost, nothing twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from comptoir.kernel.errors import AlreadyExists, Contention
from comptoir.store.backend import Backend
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction
from tests.store.conftest import store_on
from tests.store.things import PLAIN, THING, Thing, at

WRITERS = 32
ROUNDS = 3


def together(work: Callable[[int], None]) -> None:
    """Run `work` in 32 threads that start at once; the first failure is raised."""
    start = threading.Barrier(WRITERS)

    def run(writer: int) -> None:
        start.wait()
        work(writer)

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(run, writer) for writer in range(WRITERS)]:
            done.result()


def persist(store: Store, work: Callable[[Transaction], None]) -> None:
    """As a caller does who is told to try again."""
    while True:
        try:
            return store.transact(work)
        except Contention:
            continue


def test_a_head_loses_no_update_and_its_entries_have_no_gap(atomic: Backend) -> None:
    """The numbering primitive: head n → n+1 and entry n in one transaction, conditioned on the head alone."""
    store = store_on(atomic, time.sleep)

    def take(tx: Transaction) -> None:
        head = tx.get(THING, at("HEAD")) or Thing()
        tx.put(THING, at("HEAD"), head.change(number=head.number + 1))
        tx.create(PLAIN, at("ENTRY", f"{head.number + 1:06d}"), Thing(number=head.number + 1))

    def work(writer: int) -> None:
        for _ in range(ROUNDS):
            persist(store, take)

    together(work)
    assert store.require(THING, at("HEAD")).value.number == WRITERS * ROUNDS
    entries = store.transact(lambda tx: tx.partition(at("ENTRY").pk))
    assert [PLAIN.load(entry).number for entry in entries] == list(range(1, WRITERS * ROUNDS + 1))


def test_counters_lose_no_addition_and_keep_their_floor(atomic: Backend) -> None:
    store = store_on(atomic, time.sleep)
    store.transact(lambda tx: tx.add(at("STOCK"), 40))
    refused = []

    def work(writer: int) -> None:
        for _ in range(2):
            try:
                persist(store, lambda tx: tx.add(at("STOCK"), -1, 0, AlreadyExists()))
            except AlreadyExists:
                refused.append(writer)

    together(work)
    assert atomic.counter(at("STOCK")) == 0
    assert len(refused) == 2 * WRITERS - 40


def test_one_of_many_creates_wins(atomic: Backend) -> None:
    store = store_on(atomic, time.sleep)
    winners = []

    def work(writer: int) -> None:
        try:
            persist(store, lambda tx: tx.create(THING, at("CODE"), Thing(number=writer)))
            winners.append(writer)
        except AlreadyExists:
            return

    together(work)
    assert [store.require(THING, at("CODE")).value.number] == winners


def test_transfers_between_two_records_keep_their_sum(atomic: Backend) -> None:
    store = store_on(atomic, time.sleep)
    accounts = [at("FROM"), at("TO")]
    for key in accounts:
        store.transact(lambda tx, key=key: tx.put(THING, key, Thing(number=100)))  # type: ignore[misc]

    def work(writer: int) -> None:
        source, target = accounts if writer % 2 else accounts[::-1]

        def move(tx: Transaction) -> None:
            tx.prefetch(accounts)
            first, second = tx.require(THING, source), tx.require(THING, target)
            tx.put(THING, source, first.change(number=first.number - writer))
            tx.put(THING, target, second.change(number=second.number + writer))

        persist(store, move)

    together(work)
    moved = sum(writer if writer % 2 else -writer for writer in range(WRITERS))
    assert [store.require(THING, key).value.number for key in accounts] == [100 - moved, 100 + moved]
