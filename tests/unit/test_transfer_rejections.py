"""What the bank rejects without ever booking it is paid anew, and never by the same line or reference (TRS-09)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from comptoir.access.items import HISTORY
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.banking.invoice_matches import AcceptSupplierMatch
from comptoir.banking.ordered import AT_ONCE, StoredTransferOrder, TransferOrderView
from comptoir.banking.payable import ListPayableLines, PayableLine
from comptoir.banking.rejection_commands import RejectTransfers
from comptoir.banking.transfer_commands import ListTransferOrders, ReadTransferOrderHistory
from comptoir.kernel.errors import DomainError, Forbidden, NotFound, Refused
from comptoir.purchasing.items import sheet_of
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.memory import MemoryBackend
from comptoir.treasury.model import Transferred, TreasuryStatus
from tests.unit.cash_recomputed import recomputed, stored
from tests.unit.counter_support import Counter, accepting, open_counter
from tests.unit.owing_support import share
from tests.unit.transfer_support import Treasurer, halves
from tests.world import another_company

TODAY = date(2026, 11, 21)
CODE = "AC04 Compte clos"
UNKNOWN = "01KASXPZ5CF1A3H9QJ4M7R2W8T"


@pytest.fixture
def counter() -> Counter:
    return open_counter()


@pytest.fixture
def treasurer(counter: Counter) -> Treasurer:
    return counter.treasurer()


def rejecting(order: StoredTransferOrder, *lines: str, **told: Any) -> RejectTransfers:
    """The request that rejects the transfers of these lines, of all for none."""
    return RejectTransfers(transfer_order=order.id, lines=lines or None, **({"reason": CODE} | told))


def reject(treasurer: Treasurer, order: StoredTransferOrder, *lines: str, **told: Any) -> StoredTransferOrder:
    return treasurer.reject(rejecting(order, *lines, **told))


def refusal(treasurer: Treasurer, order: StoredTransferOrder, *lines: str, **told: Any) -> list[tuple[str, str | None]]:
    """Everything for which a rejection is refused, nothing being left of it."""
    backend = treasurer.world.services.store.backend
    assert isinstance(backend, MemoryBackend)
    before = dict(backend._items)
    with pytest.raises(DomainError) as caught:
        reject(treasurer, order, *lines, **told)
    assert backend._items == before
    if isinstance(caught.value, Refused):
        return [(breach.code, breach.pointer) for breach in caught.value.breaches]
    return [(caught.value.code, None)]


def test_trs_09_what_a_rejected_transfer_should_have_paid_is_paid_anew(counter: Counter, treasurer: Treasurer) -> None:
    """A new line in its place with all that it had; the other transfer of the order stays under way."""
    supplier = treasurer.supplier()
    first, second = treasurer.invoice(supplier, "F-77"), treasurer.invoice(supplier, "F-78", "50.00")
    order = treasurer.generate(first, second)
    [held], [other] = treasurer.lines(first), treasurer.lines(second)
    assert held.transfer == Transferred(order=order.id, end_to_end="F-77")
    seen = reject(treasurer, order, held.id, rejected_on=TODAY)
    [waits] = treasurer.lines(first)
    assert waits == held.change(id=waits.id, transfer=None)
    assert waits.id != held.id
    assert treasurer.lines(second) == [other]
    [told] = seen.rejections
    assert (told.line, told.replaced_by, told.reason, told.rejected_on) == (held.id, (waits.id,), CODE, TODAY)
    assert told.operator_name
    assert seen == treasurer.order(order)
    [listed] = counter.world.do(Listing[TransferOrderView], ListTransferOrders()).items
    assert (listed.transfers, listed.rejected) == (2, 1)
    assert stored(counter.world, "EUR") == recomputed(counter.world, "EUR") != {}
    payable = {each.line: each for each in counter.world.do(Listing[PayableLine], ListPayableLines()).items}
    assert payable[waits.id].breaches == ()
    assert [breach.code for breach in payable[other.id].breaches] == ["line_transferred"]
    again = treasurer.generate(first)
    [sent] = again.order.transfers
    assert (sent.id, sent.amount) == (waits.id, held.amount)
    assert sent.end_to_end == f"F-77-{waits.id[-10:]}"


def test_trs_09_a_rejection_is_told_in_the_history_of_the_order_and_of_each_sheet(treasurer: Treasurer) -> None:
    document = treasurer.invoice(treasurer.supplier())
    order = treasurer.generate(document)
    [held] = treasurer.lines(document)
    seen = reject(treasurer, order)
    [waits] = treasurer.lines(document)
    events = treasurer.world.do(Listing[HistoryEntry], ReadTransferOrderHistory(transfer_order=order.id)).items
    [rejected] = [entry for entry in events if entry.event == "rejected"]
    assert rejected.changes["/rejections"] == [each.model_dump(mode="json") for each in seen.rejections]
    sheet = sheet_of(treasurer.world.company, document).pk
    found = treasurer.world.services.store.records(Query(pk=sheet, prefix=keys.HISTORY))
    [told] = [entry for record in found if (entry := HISTORY.load(record)).event == "transfer_rejected"]
    assert (told.changes["/transfer_order"], told.changes["/reason"]) == (order.id, CODE)
    assert told.changes[f"/lines/{held.id}"] == [held.model_dump(mode="json"), None]
    assert told.changes[f"/lines/{waits.id}"] == [None, waits.model_dump(mode="json")]


def test_trs_09_a_whole_file_is_rejected_in_one_transaction(treasurer: Treasurer) -> None:
    """As many transfers as are held at once, each on its own sheet."""
    supplier = treasurer.supplier()
    documents = [treasurer.invoice(supplier, f"F-{number}") for number in range(AT_ONCE)]
    order = treasurer.generate(*documents)
    seen = reject(treasurer, order)
    assert [each.line for each in seen.rejections] == [each.line for each in order.paid]
    assert not [line for document in documents for line in treasurer.lines(document) if line.transfer]
    assert refusal(treasurer, order) == [("transfer_rejected", "/lines")] * AT_ONCE


def test_trs_09_a_part_is_rejected_and_the_other_stays(treasurer: Treasurer) -> None:
    """TRS-10: two transfers of one invoice, on one sheet; together the lines stay the invoice."""
    document = treasurer.invoice(treasurer.supplier(), dues=halves())
    first, second = treasurer.lines(document)
    order = treasurer.generate(treasurer.wanted(document), treasurer.wanted(document).change(line=second.id))
    reject(treasurer, order, second.id)
    kept, waits = treasurer.lines(document)
    assert (kept.id, kept.frozen, waits.frozen, waits.amount) == (first.id, True, False, second.amount)
    assert waits.id not in (first.id, second.id)


def test_trs_09_every_reason_against_a_rejection_is_told_at_once_and_nothing_is_rejected(
    counter: Counter, treasurer: Treasurer
) -> None:
    """Matched, rejected already, of no transfer of this order, dated before it: each at its place."""
    supplier = treasurer.supplier()
    documents = [treasurer.invoice(supplier, f"F-{number}", "10.00") for number in range(3)]
    stranger = treasurer.invoice(supplier, "F-9")
    order, other = treasurer.generate(*documents), treasurer.generate(stranger)
    matched, rejected, free = (each.line for each in order.paid)
    entry = counter.came("-10.00", end_to_end=order.order.transfers[0].end_to_end)
    counter.accept(entry, *counter.proposed(entry).proposals[0].parts)
    reject(treasurer, order, rejected)
    asked = (matched, rejected, free, other.paid[0].line, UNKNOWN)
    assert refusal(treasurer, order, *asked, rejected_on=TODAY - timedelta(days=1)) == [
        ("date_before_order", "/rejected_on"),
        ("transfer_matched", "/lines/0"),
        ("transfer_rejected", "/lines/1"),
        ("unknown_line", "/lines/3"),
        ("unknown_line", "/lines/4"),
    ]
    assert refusal(treasurer, order) == [("transfer_matched", "/lines"), ("transfer_rejected", "/lines")]
    assert refusal(treasurer, order, free, rejected_on=TODAY + timedelta(days=1)) == [("date_future", "/rejected_on")]
    assert reject(treasurer, order, free, free).rejections[1].line == free


def test_trs_09_what_was_matched_in_part_or_returned_is_not_rejected(counter: Counter, treasurer: Treasurer) -> None:
    """Once the match is undone it is; what the bank made and sent back waits already."""
    supplier = treasurer.supplier()
    document, sent_back = treasurer.invoice(supplier, "F-1"), treasurer.invoice(supplier, "F-2")
    order = treasurer.generate(document, sent_back)
    first, second = order.order.transfers
    part = AcceptSupplierMatch(
        entry=counter.came("-40.00"), allocations=(share(document, "40.00").change(end_to_end=first.end_to_end),)
    )
    counter.world.execute_as("manager", part)
    assert refusal(treasurer, order, first.id) == [("transfer_matched", "/lines/0")]
    counter.undo(part.entry, counter.entry(part.entry).payments[0].payment)
    entry = counter.came("-100.00", end_to_end=second.end_to_end)
    matched = counter.accept(entry, *counter.proposed(entry).proposals[0].parts)
    counter.returned(counter.came("100.00"), matched.payments[0].payment)
    assert refusal(treasurer, order) == [("transfer_ended", "/lines")]
    treasurer.office.cancel(sent_back)
    assert refusal(treasurer, order, second.id) == [("transfer_ended", "/lines/0")]
    reject(treasurer, order, first.id)
    [waits] = treasurer.lines(document)
    assert (waits.amount, waits.transfer) == (document.totals.gross, None)


def test_trs_09_an_order_without_file_has_nothing_to_reject(treasurer: Treasurer) -> None:
    left = treasurer.left_without_file(treasurer.invoice(treasurer.supplier()))
    assert refusal(treasurer, left) == [("transfer_file_missing", None)]
    treasurer.write_again(left.id)
    assert len(reject(treasurer, left).rejections) == 1


def test_trs_09_a_rejection_sent_again_is_the_same_and_needs_the_version_that_was_read(treasurer: Treasurer) -> None:
    order = treasurer.generate(treasurer.invoice(treasurer.supplier()))
    request, read = rejecting(order), treasurer.order_version(order.id)
    for wrong, code in ((None, "precondition_required"), (read + 1, "version_mismatch")):
        with pytest.raises(DomainError) as caught:
            treasurer.world.execute_as("manager", request, wrong)
        assert caught.value.code == code
    first, second = (treasurer.world.execute_as("manager", request, read, idempotency_key="k") for _ in range(2))
    assert first.body == second.body
    assert len(treasurer.order(order).rejections) == 1


@pytest.mark.parametrize("profile", ["sales", "logistics", "purchasing", "accountant", "assistant"])
def test_acc_03_rejections_take_the_permission_of_transfers(treasurer: Treasurer, profile: str) -> None:
    document = treasurer.invoice(treasurer.supplier())
    order = treasurer.generate(document)
    with pytest.raises(Forbidden):
        treasurer.world.execute_as(profile, rejecting(order), 2)
    assert treasurer.lines(document)[0].frozen


def test_acc_05_another_company_s_order_is_an_unknown_one(treasurer: Treasurer) -> None:
    order = treasurer.generate(treasurer.invoice(treasurer.supplier()))
    with pytest.raises(NotFound):
        another_company(treasurer.world).execute_as("manager", rejecting(order), 2)


def test_trs_04_a_rejected_transfer_is_proposed_no_more(counter: Counter, treasurer: Treasurer) -> None:
    """Nor is it paid by its reference, whatever was proposed before; the invoice itself may be."""
    document = treasurer.invoice(treasurer.supplier(), "F-2026-77")
    order = treasurer.generate(document)
    reference = order.order.transfers[0].end_to_end
    entry = counter.came("-100.00", end_to_end=reference)
    [proposed] = counter.proposed(entry).proposals[0].parts
    assert proposed.transfer
    reject(treasurer, order)
    parts = [part for each in counter.proposed(entry).proposals for part in each.parts]
    assert not [part for part in parts if part.transfer]
    by_order = counter.came("-100.00", payment_id=order.id, text="VIREMENTS")
    assert not [part for each in counter.proposed(by_order).proposals for part in each.parts if part.transfer]
    with pytest.raises(Refused) as caught:
        counter.accept(entry, proposed)
    [breach] = caught.value.breaches
    assert (breach.code, breach.pointer) == ("no_transfer_under_way", "/allocations/0/end_to_end")
    counter.accept(entry, proposed.change(transfer=None))
    assert [line.status for line in treasurer.lines(document)] == [TreasuryStatus.PAID]


def test_trs_09_a_rejection_and_a_match_of_one_transfer_at_once_are_one_of_both() -> None:
    """Whoever comes second is told what became of the transfer: nothing is paid and rejected."""
    counter = open_counter()
    treasurer, supplier = counter.treasurer(), counter.treasurer().supplier()
    for number in range(12):
        document = treasurer.invoice(supplier, f"F-{number}")
        order = treasurer.generate(document)
        entry = counter.came("-100.00", end_to_end=order.order.transfers[0].end_to_end, text=f"{number}")
        match = accepting(entry, *counter.proposed(entry).proposals[0].parts)
        asked: list[tuple[str, Callable[[], object]]] = [
            ("matched", partial(counter.world.execute_as, "manager", match)),
            ("rejected", partial(reject, treasurer, order)),
        ]
        barrier = Barrier(2)

        def attempt(one: tuple[str, Callable[[], object]], barrier: Barrier = barrier) -> str:
            barrier.wait()
            try:
                one[1]()
            except Refused as error:
                return error.breaches[0].code
            return one[0]

        with ThreadPoolExecutor(2) as pool:
            outcomes = set(pool.map(attempt, asked if number % 2 else reversed(asked)))
        [line] = treasurer.lines(document)
        if line.transfer:
            assert (outcomes, line.status) == ({"matched", "transfer_matched"}, TreasuryStatus.PAID)
            assert treasurer.order(order).rejections == ()
        else:
            assert (outcomes, line.status) == ({"rejected", "no_transfer_under_way"}, TreasuryStatus.INVOICED)
            assert treasurer.order(order).rejections[0].replaced_by == (line.id,)
    assert stored(counter.world, "EUR") == recomputed(counter.world, "EUR")


def test_trs_09_rejections_at_once_are_one(treasurer: Treasurer) -> None:
    """Everybody read the same order; whoever comes later is told that it changed, or that the transfer ended."""
    document = treasurer.invoice(treasurer.supplier())
    order = treasurer.generate(document)
    request, read = rejecting(order), treasurer.order_version(order.id)

    def attempt(_: int) -> str:
        try:
            treasurer.world.execute_as("manager", request, read)
        except Refused as error:
            return error.breaches[0].code
        except DomainError as error:
            return error.code
        return "rejected"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert outcomes.count("rejected") == 1
    assert set(outcomes) <= {"rejected", "version_mismatch", "transfer_ended"}
    assert len(treasurer.order(order).rejections) == len(treasurer.lines(document)) == 1
