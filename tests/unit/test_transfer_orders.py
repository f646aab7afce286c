"""Transfers of what is owed: seen beforehand, refused with every reason, decided, listed (TRS-06 to TRS-10)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.commands import SetTestMode
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.banking.formats.check import check
from comptoir.banking.model import Charges, MessageVersion, TransferKind, Urgency
from comptoir.banking.ordered import (
    AT_ONCE,
    TransferOrderView,
    TransferState,
    transfer_file_at,
)
from comptoir.banking.payable import ListPayableLines, PayableLine
from comptoir.banking.transfer_commands import (
    ListTransferOrders,
    ReadTransferFile,
    ReadTransferOrderHistory,
    TransferFileLink,
    TransferFileMissing,
)
from comptoir.kernel.clock import paris_date
from comptoir.kernel.errors import Forbidden, Refused
from comptoir.kernel.identity import BankAccount
from comptoir.kernel.money import Money
from comptoir.kernel.text import sha256
from comptoir.purchasing.model import DueFields
from comptoir.store.memory import MemoryBackend
from comptoir.treasury.model import PaymentMeans, Transferred
from tests.unit.banking_support import bic, iban
from tests.unit.banks import open_bank
from tests.unit.purchasing_support import open_office
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


def test_trs_06_what_is_owed_is_listed_with_what_stands_against_each_transfer(treasurer: Treasurer) -> None:
    """Of all suppliers, the oldest due date first, page after page."""
    late, nobody = treasurer.supplier(), treasurer.supplier("NOBODY", bank_accounts=())
    first = treasurer.invoice(nobody, "F-1", dues=(due(date(2026, 11, 30)),))
    third = treasurer.invoice(late, "F-3", dues=(due(date(2027, 1, 5)),))
    second = treasurer.invoice(late, "F-2", dues=(due(date(2026, 12, 5)),))
    treasurer.pay_by(third, treasurer.lines(third)[0], means=PaymentMeans.CHEQUE)
    treasurer.generate(second)
    found: list[PayableLine] = []
    cursor = None
    while True:
        page = treasurer.world.do(Listing[PayableLine], ListPayableLines(limit=1, cursor=cursor), "accountant")
        found += page.items
        if (cursor := page.cursor) is None:
            break
    assert [(line.number, [breach.code for breach in line.breaches]) for line in found] == [
        ("F-1", ["account_missing"]),
        ("F-2", ["line_transferred"]),
        ("F-3", ["not_a_transfer", "bank_account_missing"]),
    ]
    assert [line.document for line in found] == [first.id, second.id, third.id]
    assert [line.transfer and line.transfer.end_to_end for line in found] == [None, "F-2", None]


def due(day: date) -> DueFields:
    return DueFields(due_date=day, amount=Money.of("100.00", "EUR"))


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


def test_a_batch_fits_one_transaction(treasurer: Treasurer) -> None:
    """As many transfers as are held at once, each of its own invoice: one file, counted."""
    supplier = treasurer.supplier()
    documents = [treasurer.invoice(supplier, f"F-{number}", f"{number + 1}.00") for number in range(AT_ONCE)]
    order = treasurer.generate(*documents)
    data = treasurer.file(order)
    assert data.count(f"<NbOfTxs>{AT_ONCE}<".encode()) == 2
    [listed] = treasurer.world.do(Listing[TransferOrderView], ListTransferOrders(), "accountant").items
    assert (listed.transfers, listed.total.amount) == (
        AT_ONCE,
        Decimal(AT_ONCE * (AT_ONCE + 1) // 2),
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
    made = paris_date(order.order.created)
    assert made == date(2026, 11, 21)
    for month, count in (("2026-11", 1), ("2026-12", 0)):
        listed = treasurer.world.do(Listing[TransferOrderView], ListTransferOrders(month=month)).items
        assert len(listed) == count
    assert made + timedelta(days=2) == order.order.execution_date
