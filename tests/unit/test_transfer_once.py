"""One line, one transfer, one file, ever: under concurrency, kills and refusals; what is held afterwards (TRS-09)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.queries import Listing
from comptoir.banking.driving import resume_transfers
from comptoir.banking.formats import transfers as tasks
from comptoir.banking.ordered import (
    StoredTransferOrder,
    TransferOrderView,
    TransferState,
)
from comptoir.banking.transfer_commands import (
    GenerateTransfers,
    ListTransferOrders,
)
from comptoir.kernel.errors import Breach, DomainError, Refused
from comptoir.kernel.money import Money
from comptoir.orders.commands import CancelOffer
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.queries import ReadOrder
from comptoir.orders.undo import UndoConfirmation
from comptoir.parties.model import Party
from comptoir.parties.queries import ReadParty
from comptoir.payments.rates import CertifySupplierRate, SetSupplierRate
from comptoir.payments.rules import InvoicePart
from comptoir.purchasing.cancelling import CancelSupplierDocument
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.paying import SetSupplierDocumentMeans, SplitSupplierDocumentLine
from comptoir.purchasing.rates import CertifySupplierDocumentRate, SetSupplierDocumentRate
from comptoir.purchasing.settling import DeductSupplierCreditNote, RecordSupplierPayment
from comptoir.treasury.model import INVOICE, PaymentMeans, PaymentTerm
from comptoir.treasury.transferring import LineTransferred
from tests.unit.purchasing_support import TODAY, item
from tests.unit.suppliers_support import BANK, bought
from tests.unit.transfer_support import Killed, Treasurer, open_treasurer


@pytest.fixture
def treasurer() -> Treasurer:
    return open_treasurer()


def test_trs_09_the_same_line_asked_at_once_is_transferred_once(treasurer: Treasurer) -> None:
    """One wins, alone or in a batch; every other one is told that the line is transferred."""
    supplier = treasurer.supplier()
    documents = [treasurer.invoice(supplier, f"F-{number}") for number in range(4)]
    requests = [treasurer.asked(*documents[: 1 + number % 4]) for number in range(12)]

    def attempt(request: GenerateTransfers) -> str:
        try:
            treasurer.world.execute_as("manager", request)
        except Refused as refusal:
            return "/".join(sorted({breach.code for breach in refusal.breaches}))
        return "generated"

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(attempt, requests))
    assert outcomes.count("generated") == 1
    assert set(outcomes) == {"generated", "line_transferred"}
    assert len(treasurer.bank.archive.held) == 1
    held = [line for document in documents for line in treasurer.lines(document) if line.frozen]
    [data] = treasurer.bank.archive.held.values()
    assert data.count(b"<CdtTrfTxInf>") == len(held) > 0


def test_trs_09_a_request_sent_again_is_the_same_order(treasurer: Treasurer) -> None:
    request = treasurer.asked(treasurer.invoice(treasurer.supplier()))
    first, second = (treasurer.world.do(StoredTransferOrder, request, idempotency_key="k") for _ in range(2))
    assert first == second
    assert first.state is TransferState.GENERATED


@pytest.mark.parametrize("point", ["before", "file", "mark"])
def test_trs_09_killed_anywhere_it_ends_with_one_file(
    treasurer: Treasurer, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Before the file, between file and mark, after the mark: asked for again, the same bytes, no second file."""
    document = treasurer.invoice(treasurer.supplier())
    bank, archive = treasurer.bank, treasurer.bank.archive

    def die(*_: Any, **__: Any) -> Any:
        raise Killed

    where = {"before": (tasks, "check"), "file": (tasks, "_conclude"), "mark": (bank, "render")}[point]
    render = bank.render
    if point == "mark":
        monkeypatch.setattr(type(bank), "render", lambda self, task: (render(task), die())[0])
    else:
        monkeypatch.setattr(*where, die)
    with pytest.raises(Killed):
        treasurer.generate(document)
    kept = dict(archive.held)
    assert len(kept) == (0 if point == "before" else 1)
    monkeypatch.undo()
    [left] = treasurer.world.do(Listing[TransferOrderView], ListTransferOrders()).items
    assert treasurer.refused(document) == [("line_transferred", "/transfers/0")]
    treasurer.world.wait(days=3)
    ended = treasurer.write_again(left.id)
    assert ended.state is TransferState.GENERATED
    assert len(archive.held) == 1
    assert kept in ({}, archive.held)
    assert treasurer.write_again(left.id) == ended
    assert treasurer.file(ended) == tasks.written(ended.order)


def test_an_order_without_file_is_driven_again_by_the_clock(treasurer: Treasurer) -> None:
    """What is prepared waits in an index until it has its file."""
    left = treasurer.left_without_file(treasurer.invoice(treasurer.supplier()))
    assert left.state is TransferState.PREPARED
    assert resume_transfers(treasurer.world.services) == {"transfers_resumed": 1, "failed": 0}
    assert treasurer.order(left).state is TransferState.GENERATED
    assert resume_transfers(treasurer.world.services) == {"transfers_resumed": 0, "failed": 0}


def test_an_order_that_breaks_its_function_keeps_no_other_waiting(
    treasurer: Treasurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier = treasurer.supplier()
    broken, whole = (treasurer.left_without_file(treasurer.invoice(supplier, number)) for number in ("F-1", "F-2"))
    render = treasurer.bank.render

    def breaks(task: Mapping[str, Any]) -> Mapping[str, Any]:
        if task["order"] == broken.id:
            raise RuntimeError("comptoir-bank failed")
        return render(task)

    monkeypatch.setattr(treasurer.bank, "render", breaks)
    assert resume_transfers(treasurer.world.services) == {"transfers_resumed": 1, "failed": 1}
    assert treasurer.order(whole).state is TransferState.GENERATED
    assert treasurer.order(broken).state is TransferState.PREPARED


def test_a_file_that_no_bank_could_take_is_not_kept_and_frees_its_lines(
    treasurer: Treasurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Validated before it is stored: the order says why, and the line can be transferred again."""
    document = treasurer.invoice(treasurer.supplier())
    breach = Breach(code="sum_wrong", fr="Somme.", en="Sum.", pointer="GrpHdr/CtrlSum")
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "check", lambda data: [breach])
        assert [code for code, _ in treasurer_refusal(treasurer, document)] == ["sum_wrong"]
    assert treasurer.bank.archive.held == {}
    assert treasurer.lines(document)[0].transfer is None
    [told] = treasurer.world.do(Listing[TransferOrderView], ListTransferOrders()).items
    assert told.state is TransferState.REFUSED
    with pytest.raises(Refused):
        treasurer.write_again(told.id)
    again = treasurer.generate(document)
    assert again.order.transfers[0].end_to_end == document.number


def treasurer_refusal(treasurer: Treasurer, document: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as caught:
        treasurer.world.execute_as("manager", treasurer.asked(document))
    return [(breach.code, breach.pointer) for breach in caught.value.breaches]


def test_trs_09_what_is_transferred_does_not_change_by_any_way(treasurer: Treasurer) -> None:
    """Not its means, account, parts, rate nor certification; its invoice stays; it is not transferred again."""
    document = treasurer.invoice(treasurer.supplier())
    treasurer.generate(document)
    [line] = treasurer.lines(document)
    told = {"document": document.id, "line": line.id}
    for request in (
        SetSupplierDocumentMeans(**told),
        SplitSupplierDocumentLine(**told, parts=(Decimal(40), Decimal(60))),
        SetSupplierDocumentRate(**told),
        CertifySupplierDocumentRate(**told),
    ):
        with pytest.raises(DomainError) as caught:
            treasurer.world.execute_as("administrator", request, if_match=treasurer.version(document))
        assert caught.value.code == "line_transferred"
    with pytest.raises(Refused) as refused:
        treasurer.world.execute_as("administrator", CancelSupplierDocument(document=document.id, reason="X"), 1)
    assert [breach.code for breach in refused.value.breaches] == ["invoice_transferred"]
    assert treasurer.refused(document) == [("line_transferred", "/transfers/0")]
    assert treasurer.lines(document) == [line]


def ordered(treasurer: Treasurer) -> tuple[Order, int, SupplierDocument]:
    """A confirmed order and its version, and the invoice of its supplier, transferred."""
    office = treasurer.office
    supplier = treasurer.supplier()
    order, version = office.confirmed(bought(supplier, "B", "5", "40.00", "25.00", "EUR"))
    document = office.record(*office.lines_of(order, supplier), supplier=supplier.id, order=order.id)
    for line in treasurer.lines(document):
        treasurer.pay_by(document, line, bank_account=BANK.iban)
    treasurer.generate(*(treasurer.wanted(document).change(line=line.id) for line in treasurer.lines(document)))
    return order, version, document


def test_trs_09_no_payment_deduction_or_change_of_the_order_touches_what_is_transferred(treasurer: Treasurer) -> None:
    """By hand, by a credit note, by the order's own routes: refused; an undone confirmation leaves it."""
    world, office = treasurer.world, treasurer.office
    order, _, document = ordered(treasurer)
    held = treasurer.lines(document)
    assert all(line.frozen for line in held)
    note = office.credit(document, item("10.00"))
    part = InvoicePart(invoice=document.id, amount=Decimal(1))
    told = {"order": order.id, "supplier": document.supplier, "line": held[0].id}
    one = Money.of(1, "EUR")
    paid = {"supplier": document.supplier, "date": TODAY, "amount": one, "bank_account": BANK.iban}
    for request, code in (
        (SetSupplierRate(**told), "line_transferred"),
        (CertifySupplierRate(**told), "line_transferred"),
        (RecordSupplierPayment(**paid, allocations=(part,)), "line_transferred"),
        # What is transferred is not counted among what a credit note may cover.
        (DeductSupplierCreditNote(credit_note=note.id, invoice=document.id), "due_too_small"),
    ):
        with pytest.raises(DomainError) as caught:
            world.execute_as("administrator", request, if_match=treasurer.version(document))
        codes = [each.code for each in caught.value.breaches] if isinstance(caught.value, Refused) else []
        assert code in (caught.value.code, *codes)
    supplier = world.do(Party, ReadParty(party=document.supplier))
    terms = (PaymentTerm(percentage=Decimal(100), milestone=INVOICE, means=PaymentMeans.CHEQUE),)
    change = office.update(order, supplier, terms=terms)
    with pytest.raises(Refused, match="terms_fixed"):
        world.execute_as("manager", change, if_match=office.version(order, supplier))
    current = world.execute_as("manager", ReadOrder(order=order.id)).version
    world.execute_as("manager", UndoConfirmation(order=order.id), current)
    assert treasurer.lines(document) == held


def test_trs_09_the_order_of_what_is_transferred_is_not_given_up(treasurer: Treasurer) -> None:
    """Confirmed, its supplier paid by a transfer under way, made an offer again: it cannot be cancelled."""
    world = treasurer.world
    order, version, document = ordered(treasurer)
    undone = world.execute_as("manager", UndoConfirmation(order=order.id), version)
    with pytest.raises(LineTransferred):
        world.execute_as("administrator", CancelOffer(order=order.id), undone.version)
    assert world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.OFFER
    assert all(line.frozen for line in treasurer.lines(document))


def test_references_are_unique_for_ever_however_suppliers_number(treasurer: Treasurer) -> None:
    """RULES §5.3: the number of the invoice; another supplier's same number, in a batch or later, ends otherwise."""
    one, other, third = (treasurer.supplier(code) for code in ("A", "B", "C"))
    batch = treasurer.generate(treasurer.invoice(one, "2026-001"), treasurer.invoice(other, "2026/001"))
    later = treasurer.generate(treasurer.invoice(third, "2026 001"))
    found = [each.end_to_end for order in (batch, later) for each in order.order.transfers]
    assert found[0] == "2026-001"
    assert found[1].startswith("2026/001-")
    assert found[2].startswith("2026 001-")
    assert len({batch.id, later.id}) == 2


def test_references_asked_for_at_once_are_unique_too(treasurer: Treasurer) -> None:
    suppliers = [treasurer.supplier(f"S{number}") for number in range(8)]
    requests = [treasurer.asked(treasurer.invoice(supplier, "2026-001")) for supplier in suppliers]
    with ThreadPoolExecutor(8) as pool:
        orders = list(pool.map(lambda request: treasurer.world.do(StoredTransferOrder, request), requests))
    references = {order.order.transfers[0].end_to_end for order in orders}
    assert len(references) == 8
    assert "2026-001" in references
