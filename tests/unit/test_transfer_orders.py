"""Transfers of what is owed: refused with every reason, made once under concurrency and kills, kept (TRS-06 to 09)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.commands import SetTestMode
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.banking.formats import transfers as tasks
from comptoir.banking.formats.check import check
from comptoir.banking.model import Charges, MessageVersion, TransferKind, Urgency
from comptoir.banking.ordered import (
    MOST_TRANSFERS,
    StoredTransferOrder,
    TransferOrderView,
    TransferState,
    transfer_file_at,
)
from comptoir.banking.transfer_commands import (
    GenerateTransfers,
    ListTransferOrders,
    ReadTransferFile,
    ReadTransferOrderHistory,
    TransferFileLink,
    TransferFileMissing,
    resume_transfers,
)
from comptoir.kernel.errors import Breach, DomainError, Forbidden, Refused
from comptoir.kernel.identity import BankAccount
from comptoir.kernel.text import sha256
from comptoir.orders.commands import CancelOffer
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.queries import ReadOrder
from comptoir.orders.undo import UndoConfirmation
from comptoir.purchasing.commands import CancelSupplierDocument
from comptoir.purchasing.paying import SetSupplierDocumentMeans, SplitSupplierDocumentLine
from comptoir.purchasing.rates import CertifySupplierDocumentRate, SetSupplierDocumentRate
from comptoir.store.memory import MemoryBackend
from comptoir.treasury.model import PaymentMeans, Transferred
from comptoir.treasury.transferring import LineTransferred
from tests.unit.banking_support import bic, iban
from tests.unit.banks import open_bank
from tests.unit.purchasing_support import open_office
from tests.unit.suppliers_support import BANK, bought
from tests.unit.transfer_support import Treasurer, halves, open_treasurer
from tests.world import IDENTITY, another_company, open_world

UNKNOWN = "01KASXPZ5CF1A3H9QJ4M7R2W8T"


@pytest.fixture
def treasurer() -> Treasurer:
    return open_treasurer()


def table(treasurer: Treasurer) -> dict[Any, Any]:
    backend = treasurer.world.services.store.backend
    assert isinstance(backend, MemoryBackend)
    return dict(backend._items)


def test_trs_09_a_transfer_is_made_checked_and_kept_and_its_line_says_so(treasurer: Treasurer) -> None:
    """TRS-07: label and reason are in the file, the amount is the line's."""
    document = treasurer.invoice(treasurer.supplier(), "FA 2026/0815", "1234.56")
    wanted = treasurer.wanted(document, reason="Facture d'octobre")
    order = treasurer.generate(wanted, label="Fournisseurs", execution_date=date(2026, 11, 24))
    assert (order.state, order.order.kind, order.order.version) == (
        TransferState.GENERATED,
        TransferKind.SEPA,
        MessageVersion.SEPA_2009,
    )
    data = treasurer.file(order)
    assert check(data) == []
    assert order.file is not None
    assert (order.file.sha256, order.file.size) == (sha256(data), len(data))
    for text in ("1234.56", "Facture d'octobre", f"{order.id}-Fournise"[:31], "Muller + Sohne GmbH", "2026-11-24"):
        assert text.encode() in data
    [line] = treasurer.lines(document)
    assert line.transfer == Transferred(order=order.id, end_to_end="FA 2026/0815")
    assert (line.status.value, line.frozen) == ("invoiced", True)
    assert treasurer.office.view(document).settlement.paid.amount == 0


def test_trs_08_the_way_and_the_version_are_decided(treasurer: Treasurer) -> None:
    """Euro within SEPA by the one message of the account, everything else by the other."""
    abroad = treasurer.generate(treasurer.invoice(treasurer.abroad()))
    assert (abroad.order.kind, abroad.order.version) == (TransferKind.SWIFT, MessageVersion.GENERAL_2009)
    assert b"NURG" in treasurer.file(abroad)
    newer = open_treasurer(sepa="pain.001.001.09", urgent="instant", batch_booking=True)
    order = newer.generate(newer.invoice(newer.supplier()), urgent=True)
    assert (order.order.version, order.order.urgency) == (MessageVersion.GENERAL_2019, Urgency.INSTANT)
    assert b"<BtchBookg>true" in newer.file(order)


def test_trs_06_every_reason_is_told_at_once_with_its_place(treasurer: Treasurer) -> None:
    """Of all lines, of the order and of the account; what the preview tells is what refuses."""
    nobody = treasurer.supplier("NOBODY", bank_accounts=())
    several = treasurer.supplier(
        "SEVERAL", bank_accounts=tuple(BankAccount(iban=iban(c), bic=bic(c), holder="X") for c in ("DE", "BE"))
    )
    cheque, dollars = treasurer.invoice(nobody), treasurer.invoice(treasurer.abroad())
    treasurer.pay_by(cheque, treasurer.lines(cheque)[0], means=PaymentMeans.CHEQUE)
    chosen = treasurer.wanted(treasurer.invoice(several))
    ghost = treasurer.wanted(dollars).change(line=UNKNOWN)
    told = treasurer.refused(
        cheque,
        chosen,
        ghost,
        treasurer.wanted(dollars),
        treasurer.wanted(dollars, account="0000"),
        treasurer.invoice(treasurer.supplier(), "F-9"),
        execution_date=date(2026, 11, 20),
    )
    assert told == [
        ("not_a_transfer", "/transfers/0/means"),
        ("bank_account_missing", "/transfers/0/bank_account"),
        ("account_missing", "/transfers/0/account"),
        ("account_to_choose", "/transfers/1/account"),
        ("unknown_line", "/transfers/2/line"),
        ("unknown_account", "/transfers/4/account"),
        ("execution_date_past", "/execution_date"),
        ("several_currencies", "/transfers"),
        ("not_swift", "/transfers/5"),
    ]
    named = chosen.change(account=iban("BE"))
    assert treasurer.generate(named).order.transfers[0].creditor.iban == iban("BE")


def test_trs_06_the_account_to_debit_is_open_and_one_for_all(treasurer: Treasurer) -> None:
    other = BankAccount(iban="FR7630004000031234567890143", bic="BNPAFRPP", holder="COMPTOIR DU PONANT")
    world = open_world(identity=IDENTITY.change(bank_accounts=(*IDENTITY.bank_accounts, other)))
    two = Treasurer(open_office(world), open_bank(world))
    supplier = two.supplier()
    first, second = two.invoice(supplier, "F-1"), two.invoice(supplier, "F-2")
    two.pay_by(second, two.lines(second)[0], bank_account=other.iban)
    assert two.refused(first, second) == [("several_accounts", "/transfers/1/bank_account")]
    assert two.refused(second) == [("bank_account_not_open", "/transfers/0/bank_account")]


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 11, 28), [("not_a_target_day", "/execution_date")]),
        (date(2026, 12, 25), [("not_a_target_day", "/execution_date")]),
        (date(2026, 11, 20), [("execution_date_past", "/execution_date")]),
        (None, []),
    ],
)
def test_trs_07_the_day_is_one_on_which_banks_settle(
    treasurer: Treasurer, day: date | None, told: list[tuple[str, str]]
) -> None:
    """RULES §5.3; by default the next one: the 21st of November 2026 is a Saturday."""
    document = treasurer.invoice(treasurer.supplier())
    assert treasurer.refused(document, execution_date=day) == told
    if not told:
        assert treasurer.lines(document)[0].frozen


def test_trs_08_charges_and_addresses_of_transfers_abroad(treasurer: Treasurer) -> None:
    """RULES §5.3: since 15 November 2026 town and country; charges as chosen, purpose where it is asked for."""
    nowhere = treasurer.abroad(address=treasurer.abroad().address.change(city=None), code="NOWHERE")
    assert treasurer.refused(treasurer.invoice(nowhere)) == [
        ("creditor_town_missing", "/transfers/0/creditor/address/city")
    ]
    document = treasurer.invoice(treasurer.abroad("EAST"), "F-7")
    order = treasurer.generate(treasurer.wanted(document, charges=Charges.DEBTOR, purpose="GDDS"))
    data = treasurer.file(order)
    assert all(text in data for text in (b"<TwnNm>Seattle, WA", b"<ChrgBr>DEBT", b"<Cd>GDDS"))


def test_a_preview_leaves_no_trace_and_tells_what_banks_will_read(treasurer: Treasurer) -> None:
    """RULES §5.3: transliterated texts with what becomes of them."""
    document = treasurer.invoice(treasurer.supplier(), "Facture n° 12", "100.00")
    wanted, before = treasurer.wanted(document), table(treasurer)
    seen = treasurer.preview(wanted, label="Été")
    assert table(treasurer) == before
    assert seen.breaches == ()
    assert {(each.before, each.after) for each in seen.changes} == {
        ("Été", "Ete"),
        ("Müller & Söhne GmbH", "Muller + Sohne GmbH"),
        ("Facture n° 12", "Facture no 12"),
    }
    assert treasurer.refused(wanted, label="Été") == []


@pytest.mark.parametrize("profile", ["sales", "logistics", "purchasing", "accountant", "assistant"])
def test_acc_03_transfers_have_a_permission_of_their_own(treasurer: Treasurer, profile: str) -> None:
    document = treasurer.invoice(treasurer.supplier())
    with pytest.raises(Forbidden):
        treasurer.world.execute_as(profile, treasurer.asked(document))
    assert not treasurer.lines(document)[0].frozen


def test_nothing_is_transferred_in_test_mode(treasurer: Treasurer) -> None:
    document = treasurer.invoice(treasurer.supplier())
    treasurer.world.execute_as("administrator", SetTestMode(test_mode=True), if_match=1)
    assert treasurer.refused(document) == [("company_in_test_mode", None)]


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


class Killed(Exception):
    """What ends a function in the middle."""


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


def test_trs_09_the_order_of_what_is_transferred_is_not_given_up(treasurer: Treasurer) -> None:
    """Confirmed, its supplier paid by a transfer under way, made an offer again: it cannot be cancelled."""
    office, world = treasurer.office, treasurer.world
    supplier = treasurer.supplier()
    order, version = office.confirmed(bought(supplier, "B", "5", "40.00", "25.00", "EUR"))
    lines = office.lines_of(order, supplier)
    document = office.record(*lines, supplier=supplier.id, order=order.id)
    for line in treasurer.lines(document):
        treasurer.pay_by(document, line, bank_account=BANK.iban)
    treasurer.generate(document)
    undone = world.execute_as("manager", UndoConfirmation(order=order.id), version)
    with pytest.raises(LineTransferred):
        world.execute_as("administrator", CancelOffer(order=order.id), undone.version)
    assert world.do(Order, ReadOrder(order=order.id)).status is OrderStatus.OFFER
    assert [line.frozen for line in treasurer.lines(document)].count(True) == 1


def test_trs_10_parts_are_paid_apart(treasurer: Treasurer) -> None:
    """Two transfers of one invoice: two lines, two references, together the invoice."""
    document = treasurer.invoice(treasurer.supplier(), dues=halves())
    first, second = treasurer.lines(document)
    one = treasurer.generate(treasurer.wanted(document))
    other = treasurer.generate(treasurer.wanted(document).change(line=second.id))
    references = [order.order.transfers[0].end_to_end for order in (one, other)]
    assert references == ["F-1", f"F-1-{second.id[-10:]}"]
    amounts = [order.order.transfers[0].amount for order in (one, other)]
    assert amounts[0] + amounts[1] == document.totals.gross
    assert {line.id for line in treasurer.lines(document) if line.frozen} == {first.id, second.id}


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


def test_a_batch_fits_one_transaction(treasurer: Treasurer) -> None:
    """As many transfers as an order takes, each of its own invoice: one file, counted."""
    supplier = treasurer.supplier()
    documents = [treasurer.invoice(supplier, f"F-{number}", f"{number + 1}.00") for number in range(MOST_TRANSFERS)]
    order = treasurer.generate(*documents)
    data = treasurer.file(order)
    assert data.count(f"<NbOfTxs>{MOST_TRANSFERS}<".encode()) == 2
    [listed] = treasurer.world.do(Listing[TransferOrderView], ListTransferOrders(), "accountant").items
    assert (listed.transfers, listed.total.amount) == (
        MOST_TRANSFERS,
        Decimal(MOST_TRANSFERS * (MOST_TRANSFERS + 1) // 2),
    )


def test_acc_05_another_company_s_lines_are_unknown_ones(treasurer: Treasurer) -> None:
    request = treasurer.asked(treasurer.invoice(treasurer.supplier()))
    other = another_company(treasurer.world)
    with pytest.raises(Refused) as caught:
        other.execute_as("manager", request)
    assert [(breach.code, breach.pointer) for breach in caught.value.breaches] == [
        ("unknown_line", "/transfers/0/line")
    ]


def test_a_file_is_read_by_link_once_it_is_there(treasurer: Treasurer) -> None:
    document = treasurer.invoice(treasurer.supplier())
    left = treasurer.left_without_file(document)
    with pytest.raises(TransferFileMissing):
        treasurer.world.execute_as("manager", ReadTransferFile(transfer_order=left.id))
    order = treasurer.write_again(left.id)
    links = [treasurer.world.do(TransferFileLink, ReadTransferFile(transfer_order=order.id)) for _ in range(2)]
    assert links[0] == links[1]
    assert transfer_file_at(treasurer.world.company, order.id) in links[0].url
    assert (links[0].sha256, links[0].size) == (sha256(treasurer.file(order)), len(treasurer.file(order)))
    events = treasurer.world.do(Listing[HistoryEntry], ReadTransferOrderHistory(transfer_order=order.id)).items
    assert sorted(entry.event for entry in events) == ["generated", "prepared"]


def test_orders_are_listed_by_the_month_in_which_they_were_made(treasurer: Treasurer) -> None:
    order = treasurer.generate(treasurer.invoice(treasurer.supplier()))
    assert order.prepared_on == date(2026, 11, 21)
    for month, count in (("2026-11", 1), ("2026-12", 0)):
        listed = treasurer.world.do(Listing[TransferOrderView], ListTransferOrders(month=month)).items
        assert len(listed) == count
    assert order.prepared_on + timedelta(days=2) == order.order.execution_date
