"""Bank accounts, and statements taken into them: once, whole, whatever happens meanwhile (TRS-02, TRS-04)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.banking.accounts import (
    ACCOUNT,
    BankAccountExists,
    ChangeBankAccount,
    ListBankAccounts,
    OpenBankAccount,
    OwnAccountView,
    ReadBankAccountHistory,
)
from comptoir.banking.formats.tasks import dropped
from comptoir.banking.model import MessageVersion, Urgency
from comptoir.banking.statement import Statement
from comptoir.banking.statement_commands import (
    AT_ONCE,
    ListStatements,
    ReadEntry,
    ReadStatement,
    ReadStatementFile,
    ReadStatements,
)
from comptoir.banking.stored import FileState, StatementFile, StatementView, StoredEntry, kept_at, sent_to
from comptoir.kernel.errors import NotFound, Refused, VersionMismatch
from comptoir.kernel.money import Money
from comptoir.kernel.text import sha256
from comptoir.store import keys
from comptoir.store.backend import Operation
from tests.unit.banks import IBAN, Bank, open_bank
from tests.unit.statement_writers import WRITERS, camt, cfonb, entry, mt940, statement, statements, table
from tests.world import World, another_company

FIRST = statement((entry("-12.34", text="VIR CORDERIES"), entry("500", "2026-11-03"), entry("500", "2026-11-03")))
SECOND = statement((entry("100", "2026-11-05"),), "1987.66").change(id="2026-11-b")
THIRD = statement((entry("-7", "2026-11-07"),), "2087.66").change(id="2026-11-c")
BALANCED = [name for name in WRITERS if name != "csv"]


@pytest.fixture
def bank(world: World) -> Bank:
    return open_bank(world)


def test_an_account_is_opened_from_the_companys_identity_and_once(bank: Bank) -> None:
    """TRS-02: IBAN and BIC are those that were checked."""
    assert (bank.account.account.iban, bank.account.account.bic) == (IBAN, "AGRIFRPP")
    assert bank.account.balance == Money.zero("EUR")
    with pytest.raises(BankAccountExists):
        bank.world.execute_as("administrator", OpenBankAccount(iban=IBAN, label="Encore"))
    with pytest.raises(Refused) as error:
        bank.world.execute_as("administrator", OpenBankAccount(iban="DE89370400440532013000", label="Autre"))
    assert [breach.code for breach in error.value.breaches] == ["unknown_bank_account"]
    listed = bank.world.do(Listing[OwnAccountView], ListBankAccounts())
    assert [account.id for account in listed.items] == [bank.account.id]


def test_what_was_agreed_with_a_bank_is_changed_piece_by_piece_and_leaves_its_history(bank: Bank) -> None:
    def change(**fields: Any) -> OwnAccountView:
        request = ChangeBankAccount.model_validate({"account": bank.account.id, **fields})
        version = bank.services.store.require(ACCOUNT, keys.bank_account(bank.world.company, bank.account.id)).version
        return bank.world.do(OwnAccountView, request, "administrator", if_match=version)

    changed = change(settings={"sepa": "pain.001.001.09", "urgent": "instant"})
    assert (changed.settings.sepa, changed.settings.urgent) == (MessageVersion.GENERAL_2019, Urgency.INSTANT)
    assert change(label="Principal").settings == changed.settings
    with pytest.raises(Refused):
        change(settings={"swift": "pain.001.002.03"})
    request = ChangeBankAccount.model_validate({"account": bank.account.id, "label": "X"})
    with pytest.raises(VersionMismatch):
        bank.world.execute_as("administrator", request, if_match=1)
    history = bank.world.do(Listing[HistoryEntry], ReadBankAccountHistory(account=bank.account.id))
    assert [each.event for each in history.items] == ["updated", "updated", "created"]


def test_a_statement_brings_its_entries_and_the_balance_of_the_account(bank: Bank) -> None:
    file = bank.send(camt(FIRST, "08"))
    assert file.state is FileState.READ
    [brought] = file.statements
    assert (brought.account, brought.new, brought.known, brought.warnings) == (bank.account.id, 3, 0, ())
    now = bank.now()
    assert (now.balance, now.missing, now.entries) == (Money.of("1987.66", "EUR"), Money.zero("EUR"), 3)
    assert [each.amount.amount for each in bank.entries()] == [each.amount.amount for each in FIRST.entries]
    stored = bank.world.do(StoredEntry, ReadEntry(entry=bank.entries()[0].id))
    assert stored.entry.text == "VIR CORDERIES"
    assert stored.statement == brought.statement
    view = bank.world.do(StatementView, ReadStatement(statement=brought.statement))
    assert (view.entries, view.opening, view.closing) == (3, FIRST.opening, FIRST.closing)
    listed = bank.world.do(Listing[StatementView], ListStatements(account=bank.account.id))
    assert [each.id for each in listed.items] == [brought.statement]


def test_the_bytes_of_a_file_are_kept_under_lock_under_the_banks_prefix(bank: Bank) -> None:
    data = camt(FIRST, "02")
    bank.send(data)
    assert bank.archive.held == {kept_at(bank.world.company, sha256(data)): data}
    assert next(iter(bank.archive.held)).startswith("bank/")


@pytest.mark.parametrize("name", WRITERS)
def test_a_statement_imported_twice_in_any_two_formats_changes_nothing(bank: Bank, name: str) -> None:
    bank.send(camt(FIRST, "08"))
    before, stood = bank.entries(), bank.now()
    again = bank.send(WRITERS[name](FIRST))
    assert [(each.new, each.known) for each in again.statements] == [(0, 3)]
    assert (bank.entries(), bank.now()) == (before, stood)


def test_reading_a_file_again_answers_the_same(bank: Bank) -> None:
    file = bank.send(camt(FIRST, "08"))
    assert bank.world.do(StatementFile, ReadStatements(statement_file=file.id)) == file
    assert bank.world.do(StatementFile, ReadStatementFile(statement_file=file.id)) == file


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_statements_come_in_any_order_and_a_missing_one_is_told(bank: Bank, order: Sequence[int]) -> None:
    parts = (FIRST, SECOND, THIRD)
    told = [bank.send(cfonb(parts[place])).statements[0].warnings for place in order]
    assert (bank.now().balance, bank.now().missing) == (Money.of("2080.66", "EUR"), Money.zero("EUR"))
    assert len(bank.entries()) == 5
    gaps = [[warning.code for warning in warnings] for warnings in told]
    assert gaps == ([[], ["balance_not_reached"], []] if order == (0, 2, 1) else [[], [], []])


def test_what_is_missing_to_the_banks_balance_is_shown_until_it_comes(bank: Bank) -> None:
    bank.send(mt940(FIRST))
    bank.send(mt940(THIRD))
    assert bank.now().missing == Money.of("100.00", "EUR")
    bank.send(mt940(SECOND))
    assert bank.now().missing == Money.zero("EUR")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (camt(FIRST, "02").replace(b"1987.66", b"1987.67"), "balance_wrong"),
        (camt(FIRST, "02")[:-20], "xml_truncated"),
        (camt(FIRST.change(account="DE89370400440532013000"), "02"), "account_unknown"),
        (mt940(statement((entry("5", currency="USD"),), currency="USD")), "account_currency"),
        (cfonb(FIRST) + cfonb(SECOND)[:-122], "statement_truncated"),
    ],
)
def test_a_file_that_is_wrong_is_refused_whole_and_keeps_why(bank: Bank, data: bytes, code: str) -> None:
    file = bank.announce(data)
    with pytest.raises(Refused) as error:
        bank.world.execute_as("manager", ReadStatements(statement_file=file.id))
    assert code in {breach.code for breach in error.value.breaches}
    stored = bank.world.do(StatementFile, ReadStatementFile(statement_file=file.id))
    assert stored.state is FileState.REFUSED
    assert code in {breach.code for breach in stored.breaches}
    assert bank.entries() == []
    assert bank.archive.held == {}


def test_a_table_without_an_account_is_of_the_one_that_was_said(bank: Bank) -> None:
    data = table(FIRST).split(b"\r\n", 2)[2]
    refused = bank.announce(data)
    with pytest.raises(Refused):
        bank.world.execute_as("manager", ReadStatements(statement_file=refused.id))
    assert bank.send(data, account=bank.account.id).statements[0].new == 3


def test_a_file_that_did_not_come_or_is_another_one_is_told(bank: Bank) -> None:
    file = bank.announce(camt(FIRST, "02"))
    bank.files.held.clear()
    with pytest.raises(Refused) as error:
        bank.world.execute_as("manager", ReadStatements(statement_file=file.id))
    assert [breach.code for breach in error.value.breaches] == ["file_missing"]
    bank.files.held[sent_to(bank.world.company, file.id)] = camt(SECOND, "02")
    with pytest.raises(Refused) as error:
        bank.world.execute_as("manager", ReadStatements(statement_file=file.id))
    assert [breach.code for breach in error.value.breaches] == ["file_unlike"]


def test_a_file_dropped_in_the_bucket_is_read_and_dropped_again_changes_nothing(bank: Bank) -> None:
    assert bank.drop(camt(FIRST, "08")) == {"outcome": "read"}
    assert len(bank.entries()) == 3
    assert bank.drop(camt(FIRST, "08"), "again.xml") == {"outcome": "read"}
    assert bank.drop(b"<html/>", "x") == {"outcome": "refused"}
    assert len(bank.entries()) == 3
    announced = bank.announce(cfonb(SECOND))
    assert bank.drop(cfonb(SECOND), announced.id) == {"outcome": "read"}
    assert bank.world.do(StatementFile, ReadStatementFile(statement_file=announced.id)).state is FileState.READ


def test_a_large_file_is_read_by_itself_while_who_asks_is_told_to_look_later(bank: Bank) -> None:
    data = camt(FIRST, "08").replace(b"<BkToCstmrStmt>", b" " * AT_ONCE + b"<BkToCstmrStmt>")
    file = bank.announce(data)
    reply = bank.world.execute_as("manager", ReadStatements(statement_file=file.id))
    assert (reply.status, bank.entries()) == (202, [])
    bank.drop(data, file.id)
    reply = bank.world.execute_as("manager", ReadStatements(statement_file=file.id))
    assert (reply.status, len(bank.entries())) == (201, 3)


def test_a_file_read_by_two_at_once_has_brought_what_it_has(bank: Bank) -> None:
    """The bucket tells of a file while who sent it asks for it."""
    file = bank.announce(camt(LONG, "08"))
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(bank.world.execute_as, "manager", ReadStatements(statement_file=file.id))
        told = pool.submit(dropped, bank.services, sent_to(bank.world.company, file.id), bank.files, bank.archive)
        assert (asked.result().status, told.result()) == (201, {"outcome": "read"})
    [brought] = bank.world.do(StatementFile, ReadStatementFile(statement_file=file.id)).statements
    assert (brought.new, bank.now().entries) == (250, 250)


def test_another_company_sees_nothing_of_it(bank: Bank) -> None:
    """ACC-05."""
    bank.send(camt(FIRST, "08"))
    other = another_company(bank.world)
    for request in (ReadEntry(entry=bank.entries()[0].id), ListStatements(account=bank.account.id)):
        with pytest.raises(NotFound):
            other.execute_as("administrator", request)


class Killed(BaseException):
    """A process that ends between two writes."""


def killed_at(bank: Bank, write: int, work: Callable[[], object]) -> bool:
    """Run `work` and end it at a write of the table, counted from 0; whether it got there."""
    backend: Any = bank.services.store.backend
    real, count = backend.write, iter(range(10_000))

    def write_or_die(operations: Sequence[Operation]) -> None:
        if next(count) == write:
            raise Killed
        real(operations)

    backend.write = write_or_die
    try:
        work()
    except Killed:
        return True
    finally:
        backend.write = real
    return False


LONG = statement(
    tuple(entry("-1.00" if number % 3 else "2.50", f"2026-11-{2 + number // 60:02d}") for number in range(250))
)


@pytest.mark.parametrize("write", range(9))
@pytest.mark.parametrize("resumed", ["same file", "another statement", "another format"])
def test_an_import_killed_anywhere_is_brought_to_its_end_once(bank: Bank, write: int, resumed: str) -> None:
    bank.send(camt(FIRST.change(id="before"), "08"))
    assert LONG.opening
    assert LONG.closing
    after = statement(LONG.entries, "1987.66").change(id="long")
    file = bank.announce(camt(after, "08"))
    killed = killed_at(bank, write, lambda: bank.world.execute_as("manager", ReadStatements(statement_file=file.id)))
    assert killed == (write < 7)
    if resumed == "another statement":
        assert after.closing
        bank.send(mt940(statement((entry("9", "2026-11-20"),), str(after.closing.amount.amount))))
    if resumed == "another format":
        bank.send(cfonb(after))
    bank.world.execute_as("manager", ReadStatements(statement_file=file.id))
    more = 1 if resumed == "another statement" else 0
    assert bank.now().entries == 3 + 250 + more
    assert bank.now().missing == Money.zero("EUR")


def test_two_imports_of_an_account_at_once_bring_each_entry_once(bank: Bank) -> None:
    files = [bank.announce(data) for data in (camt(LONG, "02"), camt(LONG, "08"), cfonb(LONG), mt940(LONG))]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda file: bank.world.execute_as("manager", ReadStatements(statement_file=file.id)), files))
    assert (bank.now().entries, bank.now().missing) == (250, Money.zero("EUR"))
    listed = bank.world.do(Listing[StatementView], ListStatements(account=bank.account.id))
    assert len(listed.items) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statements(least=3), st.integers(0, 2**32))
def test_the_books_balance_at_every_step_of_a_random_history(of: Statement, seed: int) -> None:
    """Bank balance = opening + entries, after each of consecutive statements, some sent twice, in any format."""
    bank, random = open_bank(), Random(seed)
    of = statement(tuple(each.change(amount=max(each.amount, -each.amount)) for each in of.entries))
    cuts = sorted({0, len(of.entries), *(random.randrange(len(of.entries)) for _ in range(2))})
    assert of.opening
    stands = of.opening.amount
    for start, end in pairwise(cuts):
        part = statement(of.entries[start:end], str(stands.amount)).change(id=f"{start}-{end}")
        for _ in range(random.randint(1, 2)):
            bank.send(WRITERS[random.choice(BALANCED)](part))
        assert part.closing
        stands = part.closing.amount
        assert (bank.now().balance, bank.now().missing) == (stands, Money.zero("EUR"))
        assert bank.now().entries == end
