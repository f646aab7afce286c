"""Many transfers that the bank rejects at once: each line replaced once, wherever it stops (TRS-09)."""

from __future__ import annotations

from typing import Any

import pytest

from comptoir.banking import driving, rejecting
from comptoir.banking.driving import resume_transfers
from comptoir.banking.ordered import (
    StoredTransferOrder,
    TransferState,
)
from comptoir.banking.reconciling import Matching
from comptoir.banking.rejection_commands import RejectionUnderWay, RejectTransfers
from comptoir.kernel.errors import Refused
from comptoir.purchasing.model import SupplierDocument
from comptoir.treasury.model import TreasuryStatus
from tests.unit.cash_recomputed import recomputed, stored
from tests.unit.counter_support import Counter, accepting
from tests.unit.large_orders import FEW, frozen, history, invoices, only, open_large
from tests.unit.transfer_support import Killed, Treasurer


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    return open_large(monkeypatch)


@pytest.fixture
def treasurer(counter: Counter) -> Treasurer:
    return counter.treasurer()


@pytest.fixture
def documents(treasurer: Treasurer) -> list[SupplierDocument]:
    return invoices(treasurer)


def test_trs_09_transfers_of_a_large_order_are_rejected_in_any_of_its_parts(
    treasurer: Treasurer, documents: list[SupplierDocument]
) -> None:
    """As many as fit one transaction are rejected in one."""
    order = treasurer.generate(*documents)
    first, *_, last = (each.line for each in order.paid)
    seen = treasurer.reject(RejectTransfers(transfer_order=order.id, lines=(last, first), reason="AC04"))
    assert [each.line for each in seen.rejections] == [first, last]
    assert seen == treasurer.order(order)
    assert only(treasurer).rejected == 2
    assert frozen(treasurer, documents) == [order.id] * (FEW - 2)
    assert not history(treasurer, documents[1], "transfer_rejected")
    everything = RejectTransfers(transfer_order=order.id, reason="AC04")
    with pytest.raises(Refused) as caught:
        treasurer.reject(everything)
    assert [(breach.code, breach.pointer) for breach in caught.value.breaches] == [("transfer_rejected", "/lines")] * 2
    rest = tuple(each.line for each in order.paid[1:-1])
    assert len(treasurer.reject(everything.change(lines=rest)).rejections) == FEW


@pytest.mark.parametrize("commits", range(1, 6))
def test_trs_09_killed_between_any_two_steps_the_rejection_of_a_whole_file_goes_on(
    treasurer: Treasurer, documents: list[SupplierDocument], commits: int
) -> None:
    """Recorded, three parts, told: every line is replaced once, in the name of who recorded it."""
    order = treasurer.generate(*documents)
    request, read = RejectTransfers(transfer_order=order.id, reason="AC04"), treasurer.order_version(order.id)
    with treasurer.killed_after(commits), pytest.raises(Killed):
        treasurer.world.execute_as("manager", request, read, idempotency_key="k")
    if commits < 5:
        assert only(treasurer).state is TransferState.REJECTING
        with pytest.raises(RejectionUnderWay):
            treasurer.reject(request)
    assert resume_transfers(treasurer.world.services)["failed"] == 0
    told = treasurer.world.execute_as("manager", request, read, idempotency_key="k")
    seen = StoredTransferOrder.model_validate_json(told.body)
    assert (told.status, seen.state, seen.breaches) == (201, TransferState.GENERATED, ())
    assert [each.line for each in seen.rejections] == [each.line for each in order.paid]
    assert not frozen(treasurer, documents)
    anew = [(line.id,) for document in documents for line in treasurer.lines(document)]
    assert [each.replaced_by for each in seen.rejections] == anew
    told_of = [history(treasurer, document, "transfer_rejected") for document in documents]
    assert [[entry.operator for entry in each] for each in told_of] == [[order.operator]] * FEW
    assert stored(treasurer.world, "EUR") == recomputed(treasurer.world, "EUR")
    assert resume_transfers(treasurer.world.services) == {"transfers_resumed": 0, "failed": 0}
    assert treasurer.generate(*documents).state is TransferState.GENERATED


@pytest.mark.parametrize("commits", range(1, 4))
def test_trs_09_what_the_bank_made_after_all_is_not_rejected_with_the_rest(
    counter: Counter, treasurer: Treasurer, documents: list[SupplierDocument], commits: int
) -> None:
    """A match comes between two parts: that transfer is paid, the others are rejected, and the order tells which."""
    order = treasurer.generate(*documents)
    match = made(counter, order)
    request = RejectTransfers(transfer_order=order.id, reason="AC04")
    with treasurer.at_commit(commits, lambda: counter.world.execute_as("manager", match)):
        seen = treasurer.reject(request)
    assert [each.line for each in seen.rejections] == [each.line for each in order.paid[:-1]]
    [breach] = seen.breaches
    assert (seen.state, breach.code, breach.pointer) == (
        TransferState.GENERATED,
        "transfer_matched",
        "/order/transfers/4",
    )
    [paid] = treasurer.lines(documents[-1])
    assert (paid.status, paid.id) == (TreasuryStatus.PAID, order.paid[-1].line)


def made(counter: Counter, order: StoredTransferOrder) -> Matching:
    """The request that matches the last transfer of an order with an entry of the bank."""
    last = order.order.transfers[-1]
    entry = counter.came(str(-last.amount.amount), end_to_end=last.end_to_end)
    return accepting(entry, *counter.proposed(entry).proposals[0].parts)


def test_trs_09_what_is_open_again_while_the_rest_is_rejected_is_rejected_by_the_clock(
    counter: Counter, treasurer: Treasurer, documents: list[SupplierDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Matched before its part is rejected, and the match undone before the rejection is told: nothing is forgotten."""
    order = treasurer.generate(*documents)
    match = made(counter, order)

    def undo_first(*told: Any) -> None:
        counter.undo(match.entry, counter.entry(match.entry).payments[0].payment)
        rejecting.all_rejected(*told)

    request = RejectTransfers(transfer_order=order.id, reason="AC04")
    with monkeypatch.context() as patch, treasurer.at_commit(1, lambda: counter.world.execute_as("manager", match)):
        patch.setattr(driving, "all_rejected", undo_first)
        reply = treasurer.world.execute_as("manager", request, treasurer.order_version(order.id))
    assert (reply.status, only(treasurer).state) == (202, TransferState.REJECTING)
    assert resume_transfers(treasurer.world.services) == {"transfers_resumed": 1, "failed": 0}
    seen = treasurer.order(order)
    assert (seen.state, seen.breaches, len(seen.rejections)) == (TransferState.GENERATED, (), FEW)
    assert not frozen(treasurer, documents)
