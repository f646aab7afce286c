"""INV-02: 64 validations of one company at once, undisturbed and while everything fails at random."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

import pytest

from comptoir.invoicing.model import Document, DocumentStatus
from tests.unit.invoicing_support import line
from tests.workflow.validation_support import Rig

COUNT = 64


def run_all(rig: Rig, documents: Sequence[Document], times: int = 1) -> None:
    """Start every document's workflow, so many times each, all at once, and wait for the last."""
    payloads = [(rig.payload(document), f"{document.id}-{time}") for document in documents for time in range(times)]
    threads = [threading.Thread(target=rig.machine.start, args=payload) for payload in payloads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def drafts(rig: Rig, count: int = COUNT) -> list[Document]:
    return [rig.shop.draft(line(str(number + 1))) for number in range(count)]


def test_inv_02_sixty_four_at_once_make_consecutive_numbers_without_a_wasted_try(rig: Rig) -> None:
    """One chain, each with its PDF; every block is committed at its first attempt, up to ten documents in each."""
    documents = drafts(rig)
    run_all(rig, documents)
    rig.assert_sound(*documents)
    assert rig.table.cancelled == 0
    assert sum(rig.queue.batches) == COUNT
    assert max(rig.queue.batches) <= 10
    calls = rig.table.calls
    assert (calls["issue: get"], calls["issue: write"]) == (len(rig.queue.batches), len(rig.queue.batches))
    assert calls["archive: write"] == COUNT
    assert sum(entry.signature is not None for entry in rig.shop.entries()) == len(rig.queue.batches)


def test_inv_02_invoices_and_credit_notes_at_once_share_the_sequence(rig: Rig) -> None:
    invoices = drafts(rig, 8)
    run_all(rig, invoices)
    notes = [rig.shop.credit(rig.shop.read(invoice)) for invoice in invoices]
    others = drafts(rig, 8)
    run_all(rig, [*notes, *others])
    rig.assert_sound(*invoices, *notes, *others)
    assert rig.table.cancelled == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_inv_02_sixty_four_started_twice_while_everything_fails_at_random(rig: Rig, seed: int) -> None:
    """A fault at one border in twelve; what ends without its PDF heals, and nothing is lost, doubled or skipped."""
    documents = drafts(rig)
    rig.faults.rate, rig.faults.chance = 0.08, random.Random(seed)
    rig.queue.duplicate = seed == 2
    run_all(rig, documents, times=2)
    assert rig.faults.broken > COUNT
    assert rig.vault.clashes == []
    rig.recover(*documents)
    rig.assert_sound(*documents)


def test_inv_02_healing_fails_too_and_goes_on_until_all_is_archived(rig: Rig) -> None:
    """The schedule runs again and again; one execution that fails keeps no other from it."""
    documents = drafts(rig, 16)
    rig.shop.issued(*documents)
    rig.faults.rate, rounds = 0.3, 0
    while any(rig.shop.read(one).status is not DocumentStatus.ARCHIVED for one in documents):
        rig.heal()
        rounds += 1
        assert rounds < 30
    rig.faults.clear()
    rig.assert_sound(*documents)
