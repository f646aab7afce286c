"""INV-02, FIS-01, FIS-03: issuing while drafts change, days close, writers meet, and nothing fits or signs."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from comptoir.access.execute import execute
from comptoir.invoicing.editing import DeleteDraft, UpdateDraft
from comptoir.invoicing.issue import IssueRequest, issue
from comptoir.invoicing.model import DocumentStatus
from comptoir.kernel.errors import DomainError, TooLarge
from comptoir.kernel.ids import derived_id
from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.store import keys
from comptoir.store.backend import Operation
from tests.unit.invoicing_support import Shop, codes, drafts, open_shop, stored, wrap

TODAY = date(2026, 11, 21)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def test_fis_03_a_day_that_closes_meanwhile_is_seen(shop: Shop) -> None:
    """The transaction fails on the periods that it checked, runs again, and refuses."""
    draft, store = shop.draft(), shop.world.services.store
    key = keys.periods(shop.world.company)

    def close(operations: Sequence[Operation]) -> None:
        if any(operation.key == key for operation in operations):
            store.transact(lambda tx: tx.put(PERIODS, key, Periods(through=TODAY)))

    wrap(shop, close)
    assert codes(shop.issue(draft)) == [["period_closed"]]
    assert shop.head() is None


def test_inv_02_a_draft_that_changed_since_it_was_asked_for_is_refused(shop: Shop) -> None:
    edited, deleted, kept = drafts(shop, 3)
    requests = [shop.request(one) for one in (edited, deleted, kept)]
    shop.do(UpdateDraft(document=edited.id, note="autre"), if_match=1)
    shop.do(DeleteDraft(document=deleted.id), if_match=1)
    requests.append(shop.request(deleted))
    outcomes = issue(shop.world.services, shop.world.signer, shop.world.company, requests)
    assert codes(outcomes) == [["changed_meanwhile"], ["changed_meanwhile"], [], ["changed_meanwhile"]]
    assert shop.read(deleted).status is DocumentStatus.DELETED
    assert shop.numbers() == ["FA2026-000001"]


def test_inv_02_an_edit_while_the_block_is_written_makes_it_run_again(shop: Shop) -> None:
    """Nothing is lost and nothing counted twice: the edited one is refused, the other gets the number."""
    edited, kept = drafts(shop, 2)
    services, asked = shop.world.services, [shop.request(one) for one in (edited, kept)]
    manager = shop.world.call("manager", UpdateDraft(document=edited.id, note="autre"), 1)
    done: list[bool] = []

    def edit(operations: Sequence[Operation]) -> None:
        if not done:
            done.append(True)
            execute(manager, services)

    counted = wrap(shop, edit)
    outcomes = issue(shop.world.services, shop.world.signer, shop.world.company, asked)
    assert codes(outcomes) == [["changed_meanwhile"], []]
    assert counted.calls.count("write") == 2
    assert shop.verdict().entries == 1


def test_inv_02_an_unknown_document_is_refused_by_name(shop: Shop) -> None:
    known = shop.request(shop.draft())
    requests = [known.change(document=derived_id("nothing")), known]
    outcomes = issue(shop.world.services, shop.world.signer, shop.world.company, requests)
    assert codes(outcomes) == [["not_found"], []]


def test_inv_02_what_exceeds_a_transaction_goes_in_halves_in_the_same_order(shop: Shop) -> None:
    documents = drafts(shop, 10)

    def small(operations: Sequence[Operation]) -> None:
        if len(operations) > 3 * 3 + 3:
            raise TooLarge()

    counted = wrap(shop, small)
    outcomes = shop.issue(*documents)
    assert [one.number for one in outcomes] == [f"FA2026-{n:06d}" for n in range(1, 11)]
    assert counted.calls.count("write") == 4
    assert shop.verdict().intact


def test_inv_02_one_document_that_fits_no_transaction_is_refused_alone(shop: Shop) -> None:
    documents = drafts(shop, 4)

    def large(operations: Sequence[Operation]) -> None:
        key = keys.document(shop.world.company, documents[2].id)
        if any(operation.key == key for operation in operations):
            raise TooLarge()

    wrap(shop, large)
    assert codes(shop.issue(*documents)) == [[], [], ["too_large"], []]
    assert shop.numbers() == ["FA2026-000001", "FA2026-000002", "FA2026-000003"]


class Unreachable(DomainError):
    """The signing key is out of reach."""


class NoKey:
    """A signer whose key is out of reach."""

    key_id = "gone"

    def sign(self, digest: bytes) -> bytes:
        raise Unreachable()


def test_fis_01_without_the_key_nothing_is_written(shop: Shop) -> None:
    bad = shop.draft(wanted_date=TODAY + timedelta(days=1))
    requests = [shop.request(one) for one in (*drafts(shop, 3), bad)]
    before = stored(shop)
    with pytest.raises(Unreachable):
        issue(shop.world.services, NoKey(), shop.world.company, requests)
    assert stored(shop) == before


def test_inv_02_writers_at_once_make_one_chain(shop: Shop) -> None:
    """The queue lets one write at a time; the head's condition holds without it too."""
    shares = [[shop.request(one) for one in drafts(shop, 5)] for _ in range(8)]
    world, numbers = shop.world, []

    def write(share: list[IssueRequest]) -> None:
        outcomes = issue(world.services, world.signer, world.company, share)
        numbers.append([one.sequence or 0 for one in outcomes])

    threads = [threading.Thread(target=write, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for share in numbers for number in share) == list(range(1, 41))
    assert all(share == list(range(share[0], share[0] + 5)) for share in numbers)
    assert shop.verdict().intact
