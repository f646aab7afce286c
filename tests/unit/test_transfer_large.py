"""Orders of more transfers than one transaction holds: all of their lines or none, wherever they stop (TRS-09)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from pydantic import ValidationError

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.banking.driving import resume_transfers
from comptoir.banking.formats import transfers as tasks
from comptoir.banking.ordered import (
    MOST_TRANSFERS,
    StoredTransferOrder,
    TransferFields,
    TransferOrderView,
    TransferState,
    WantedTransfer,
)
from comptoir.banking.rejection_commands import RejectTransfers
from comptoir.banking.transfer_commands import ListTransferOrders, ReadTransferOrderHistory
from comptoir.kernel.errors import Breach, DomainError, Refused
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.paying import SetSupplierDocumentMeans, SplitSupplierDocumentLine
from comptoir.store import codec
from comptoir.store.backend import MAX_ITEM_BYTES
from comptoir.store.memory import MemoryBackend
from comptoir.treasury.model import PaymentMeans
from tests.unit.cash_recomputed import recomputed, stored
from tests.unit.counter_support import Counter
from tests.unit.large_orders import FEW, frozen, history, invoices, only, open_large
from tests.unit.owing_support import Purse
from tests.unit.transfer_support import Killed, Treasurer, halves, open_treasurer

STEPS = 7
"""Transactions of such an order: asked for, three parts, all held, the file, and the file told."""


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    return open_large(monkeypatch)


@pytest.fixture
def treasurer(counter: Counter) -> Treasurer:
    return counter.treasurer()


@pytest.fixture
def documents(treasurer: Treasurer) -> list[SupplierDocument]:
    return invoices(treasurer)


def test_trs_09_the_largest_order_is_one_file_of_items_that_fit() -> None:
    """Its lines, references and history are held by as many as fit; nothing in the table comes near 400 KB."""
    treasurer = open_treasurer()
    supplier = treasurer.supplier()
    documents = [treasurer.invoice(supplier, f"F-{number}", "1.00") for number in range(MOST_TRANSFERS)]
    order = treasurer.generate(*documents)
    assert (order.state, len(order.order.transfers)) == (TransferState.GENERATED, MOST_TRANSFERS)
    assert [each.id for each in order.order.transfers] == [each.line for each in order.paid]
    data = treasurer.file(order)
    assert data.count(f"<NbOfTxs>{MOST_TRANSFERS}<".encode()) == 2
    assert data.count(b"<CdtTrfTxInf>") == MOST_TRANSFERS
    assert frozen(treasurer, documents) == [order.id] * MOST_TRANSFERS
    seen = treasurer.reject(RejectTransfers(transfer_order=order.id, reason="AM04 Provision insuffisante"))
    assert (seen.state, len(seen.rejections)) == (TransferState.GENERATED, MOST_TRANSFERS)
    assert not frozen(treasurer, documents)
    listed = only(treasurer)
    assert (listed.transfers, listed.total.amount) == (MOST_TRANSFERS, Decimal(MOST_TRANSFERS))
    backend = treasurer.world.services.store.backend
    assert isinstance(backend, MemoryBackend)
    assert max(codec.size(item) for item in backend._items.values()) < MAX_ITEM_BYTES // 10
    wanted = WantedTransfer(document=order.id, line=order.id)
    with pytest.raises(ValidationError):
        TransferFields(transfers=(wanted,) * (MOST_TRANSFERS + 1))


def test_trs_09_a_large_order_is_told_in_the_name_of_who_asked_for_it(
    treasurer: Treasurer, documents: list[SupplierDocument]
) -> None:
    order = treasurer.generate(*documents)
    events = treasurer.world.do(Listing[HistoryEntry], ReadTransferOrderHistory(transfer_order=order.id)).items
    assert sorted(entry.event for entry in events) == ["gathering", "generated", "prepared"]
    told = history(treasurer, documents[-1], "transferred")
    assert [(entry.operator, entry.changes["/transfer_order"]) for entry in told] == [(order.operator, order.id)]


@pytest.mark.parametrize("commits", range(1, STEPS))
@pytest.mark.parametrize("by", ["clock", "client"])
def test_trs_09_killed_between_any_two_steps_a_large_order_goes_on(
    treasurer: Treasurer, documents: list[SupplierDocument], commits: int, by: str
) -> None:
    """By the schedule, or by the same request sent again: one order, one file, every line held once."""
    request = treasurer.asked(*documents)
    with treasurer.killed_after(commits), pytest.raises(Killed):
        treasurer.world.execute_as("manager", request, idempotency_key="k")
    left = only(treasurer)
    assert (left.state is TransferState.GENERATED) is (commits == STEPS - 1)
    if by == "clock":
        assert resume_transfers(treasurer.world.services)["failed"] == 0
    order = treasurer.world.do(StoredTransferOrder, request, idempotency_key="k")
    assert (order.id, order.state) == (left.id, TransferState.GENERATED)
    assert only(treasurer).id == order.id
    assert frozen(treasurer, documents) == [order.id] * FEW
    assert list(treasurer.bank.archive.held.values()) == [tasks.written(order.order)]
    assert [len(history(treasurer, document, "transferred")) for document in documents] == [1] * FEW
    assert resume_transfers(treasurer.world.services) == {"transfers_resumed": 0, "failed": 0}


def rivals(treasurer: Treasurer, document: SupplierDocument) -> dict[str, Callable[[], object]]:
    """What others may do with the last line in the meantime, by the reason for which it is then lost."""
    office = treasurer.office
    purse = Purse(office.desk, office.china, office.france)
    [line] = treasurer.lines(document)
    shares = (line.amount.amount / 2, line.amount.amount / 2)
    version = treasurer.version(document)
    same = treasurer.invoice(treasurer.supplier("KAI"), document.number)

    def ask(request: SetSupplierDocumentMeans | SplitSupplierDocumentLine) -> None:
        treasurer.world.execute_as("manager", request, version)

    cheque = SetSupplierDocumentMeans(document=document.id, line=line.id, means=PaymentMeans.CHEQUE)
    parts = SplitSupplierDocumentLine(document=document.id, line=line.id, parts=shares)
    return {
        "line_transferred": lambda: treasurer.generate(document),
        "line_not_invoiced": lambda: purse.pay(document, line.amount.amount),
        "not_a_transfer bank_account_missing": lambda: ask(cheque),
        "line_changed": lambda: ask(parts),
        "unknown_line": lambda: office.cancel(document),
        "end_to_end_taken": lambda: treasurer.generate(same),
    }


@pytest.mark.parametrize("commits", range(1, 4))
@pytest.mark.parametrize(
    "lost",
    [
        "line_transferred",
        "line_not_invoiced",
        "not_a_transfer bank_account_missing",
        "line_changed",
        "unknown_line",
        "end_to_end_taken",
    ],
)
def test_trs_09_a_line_that_is_lost_meanwhile_turns_the_whole_order_back(
    treasurer: Treasurer, documents: list[SupplierDocument], commits: int, lost: str
) -> None:
    """Before any part is held, after the first, after the second: every other line is free again, with the reason.

    It is transferred, paid, to be paid otherwise, cut, cancelled; or its reference is another transfer's.
    """
    *others, last = documents
    rival = rivals(treasurer, last)[lost]
    request = treasurer.asked(*documents)
    with treasurer.at_commit(commits, rival), pytest.raises(Refused) as caught:
        treasurer.world.execute_as("manager", request)
    told = caught.value.breaches
    assert [breach.code for breach in told] == lost.split()
    assert all((breach.pointer or "").startswith(f"/transfers/{FEW - 1}") for breach in told)
    assert not frozen(treasurer, others)
    refused = [each for each in orders(treasurer) if each.state is TransferState.REFUSED]
    assert [each.transfers for each in refused] == [FEW]
    assert len(treasurer.bank.archive.held) == (1 if lost in ("line_transferred", "end_to_end_taken") else 0)
    assert len(frozen(treasurer, [last])) == (1 if lost == "line_transferred" else 0)
    assert stored(treasurer.world, "EUR") == recomputed(treasurer.world, "EUR")
    assert treasurer.generate(*others).state is TransferState.GENERATED


def orders(treasurer: Treasurer) -> list[TransferOrderView]:
    return list(treasurer.world.do(Listing[TransferOrderView], ListTransferOrders(limit=100)).items)


def test_trs_09_once_all_are_held_nobody_takes_a_line(treasurer: Treasurer, documents: list[SupplierDocument]) -> None:
    """What comes between the last part and the file is refused by name, and the order has its file."""
    seen: list[str] = []

    def rival() -> None:
        with pytest.raises(Refused) as caught:
            treasurer.generate(documents[-1])
        seen.extend(breach.code for breach in caught.value.breaches)

    request = treasurer.asked(*documents)
    with treasurer.at_commit(4, rival):
        order = treasurer.world.do(StoredTransferOrder, request)
    assert (order.state, seen) == (TransferState.GENERATED, ["line_transferred"])


def test_trs_09_everything_that_was_lost_is_told_at_once(
    treasurer: Treasurer, documents: list[SupplierDocument]
) -> None:
    """In every part, and in those that nobody came to."""

    def rival() -> None:
        treasurer.office.cancel(documents[1])
        treasurer.office.cancel(documents[4])

    request = treasurer.asked(*documents)
    with treasurer.at_commit(1, rival), pytest.raises(Refused) as caught:
        treasurer.world.execute_as("manager", request)
    assert [(breach.code, breach.pointer) for breach in caught.value.breaches] == [
        ("unknown_line", "/transfers/1/line"),
        ("unknown_line", "/transfers/4/line"),
    ]


@pytest.mark.parametrize("commits", range(1, 5))
def test_trs_09_killed_while_it_is_turned_back_it_ends_free(
    treasurer: Treasurer, documents: list[SupplierDocument], commits: int
) -> None:
    """The last line is lost once two parts are held: told, two parts freed, refused; killed after any of these."""
    request = treasurer.asked(*documents)
    with treasurer.killed_after(3), pytest.raises(Killed):
        treasurer.world.execute_as("manager", request, idempotency_key="k")
    treasurer.office.cancel(documents[-1])
    assert frozen(treasurer, documents) == [only(treasurer).id] * 4
    with treasurer.killed_after(commits), pytest.raises(Killed):
        resume_transfers(treasurer.world.services)
    assert resume_transfers(treasurer.world.services)["failed"] == 0
    assert only(treasurer).state is TransferState.REFUSED
    assert not frozen(treasurer, documents)
    assert [len(history(treasurer, document, "transfer_refused")) for document in documents] == [1, 1, 1, 1, 0]
    with pytest.raises(Refused, match="unknown_line"):
        treasurer.world.execute_as("manager", request, idempotency_key="k")
    assert resume_transfers(treasurer.world.services) == {"transfers_resumed": 0, "failed": 0}


@pytest.mark.parametrize("number", range(2, 5))
def test_trs_09_an_order_turned_back_while_a_part_is_being_held_holds_nothing(
    treasurer: Treasurer, documents: list[SupplierDocument], number: int
) -> None:
    """The clock drives it too, finds a line lost and frees all, just before a part is written by who drove it first."""

    def rival() -> None:
        treasurer.office.cancel(documents[-1])
        assert resume_transfers(treasurer.world.services) == {"transfers_resumed": 1, "failed": 0}
        assert only(treasurer).state is TransferState.REFUSED

    request = treasurer.asked(*documents)
    with treasurer.at_commit(number, rival, before=True), pytest.raises(Refused, match="unknown_line"):
        treasurer.world.execute_as("manager", request)
    assert only(treasurer).state is TransferState.REFUSED
    assert not frozen(treasurer, documents)


def test_a_file_that_no_bank_could_take_frees_all_lines_of_a_large_order(
    treasurer: Treasurer, documents: list[SupplierDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "check", lambda data: [Breach(code="sum_wrong", fr="Somme.", en="Sum.")])
        assert treasurer_refusal(treasurer, documents) == ["sum_wrong"]
    assert not frozen(treasurer, documents)
    assert treasurer.generate(*documents).order.transfers[0].end_to_end == "F-0"


def test_trs_09_turning_back_frees_the_lines_of_the_order_alone(treasurer: Treasurer) -> None:
    """An invoice in three instalments: one is transferred before, the others lie in two parts of a refused order."""
    third = halves("30.00")
    document = treasurer.invoice(treasurer.supplier(), price="90.00", dues=(*third, third[1]))
    first, second, last = (treasurer.wanted(document).change(line=line.id) for line in treasurer.lines(document))
    before = treasurer.generate(first)
    others = [treasurer.wanted(each) for each in invoices(treasurer, "KAI")[:2]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "check", lambda data: [Breach(code="sum_wrong", fr="Somme.", en="Sum.")])
        with pytest.raises(Refused, match="sum_wrong"):
            treasurer.generate(second, *others, last)
    assert [line.transfer and line.transfer.order for line in treasurer.lines(document)] == [before.id, None, None]
    after = treasurer.generate(second, *others, last)
    held = [line.transfer and line.transfer.order for line in treasurer.lines(document)]
    assert held == [before.id, after.id, after.id]


def treasurer_refusal(treasurer: Treasurer, documents: list[SupplierDocument]) -> list[str]:
    with pytest.raises(Refused) as caught:
        treasurer.world.execute_as("manager", treasurer.asked(*documents))
    return [breach.code for breach in caught.value.breaches]


def test_trs_09_an_order_driven_by_several_at_once_is_held_once(
    treasurer: Treasurer, documents: list[SupplierDocument]
) -> None:
    with treasurer.killed_after(1), pytest.raises(Killed):
        treasurer.generate(*documents)
    with ThreadPoolExecutor(6) as pool:
        counts = list(pool.map(lambda _: resume_transfers(treasurer.world.services), range(6)))
    assert not any(each["failed"] for each in counts)
    assert only(treasurer).state is TransferState.GENERATED
    assert frozen(treasurer, documents) == [only(treasurer).id] * FEW
    assert [len(history(treasurer, document, "transferred")) for document in documents] == [1] * FEW
    assert len(treasurer.bank.archive.held) == 1


def test_trs_09_large_orders_that_want_the_same_lines_at_once_hold_all_or_none(
    treasurer: Treasurer, documents: list[SupplierDocument]
) -> None:
    """However they meet: a line has one transfer, an order has all of its lines or none, and tells why not."""
    requests = [treasurer.asked(*chosen) for chosen in (documents, documents[::-1], documents[:3], documents[2:])] * 2

    def attempt(number: int) -> str:
        try:
            treasurer.world.execute_as("manager", requests[number])
        except DomainError as error:
            return error.code
        return "generated"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert set(outcomes) <= {"generated", "rules_broken"}
    held = frozen(treasurer, documents)
    for each in orders(treasurer):
        whole = each.state is TransferState.GENERATED
        assert each.state in (TransferState.GENERATED, TransferState.REFUSED)
        assert held.count(each.id) == (each.transfers if whole else 0)
    assert len(treasurer.bank.archive.held) == outcomes.count("generated")
    assert resume_transfers(treasurer.world.services) == {"transfers_resumed": 0, "failed": 0}
