"""Accounting exports: each entry leaves once, files are reproducible, an independent checker reads the FEC (FIS-06)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.queries import Listing
from comptoir.accounting.chart import Chart
from comptoir.accounting.commands import BookReport, ExportBooks, ListBookExports, ReadChart, SaveChart
from comptoir.accounting.exporting import BookExportSummary, BookFormat, BookState
from comptoir.kernel.errors import Conflict, Forbidden, Refused
from comptoir.ledger.model import ChainName
from comptoir.store import keys
from comptoir.store.backend import Operation
from tests.golden.fec_check import check_fec
from tests.unit.accounting_support import END, START, Shelf, ask, write
from tests.unit.closings_support import open_books
from tests.unit.invoicing_support import Shop, line, open_shop, wrap


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def pieces(content: bytes) -> list[str]:
    """The documents that a CSV tells, in its order."""
    rows = content.decode("utf-8-sig").splitlines()[1:]
    return list(dict.fromkeys(cells[7] for cells in (row.split(";") for row in rows)))


def test_an_entry_leaves_once(shop: Shop) -> None:
    """FIS-06: marked as exported once; what comes later leaves with the next export."""
    first, second = shop.invoice(line("100")), shop.invoice(line("200", rate="5.5"))
    report, files = write(shop, ask(shop))
    [content] = files.values()
    assert pieces(content) == [first.number, second.number]
    assert (report.state, report.entries, report.debit) == (BookState.DONE, 2, report.credit)
    third = shop.invoice(line("300"))
    again, files = write(shop, ask(shop))
    [content] = files.values()
    assert pieces(content) == [third.number]
    assert again.number == report.number + 1
    empty, files = write(shop, ask(shop))
    assert empty.entries == 0
    listed = shop.world.do(Listing[BookExportSummary], ListBookExports(), "accountant")
    assert [each.entries for each in listed.items] == [0, 1, 2]


@pytest.mark.parametrize("cut", ["#POSTED#", "#BOOKEXPORT#"])
def test_an_export_is_written_again_as_it_was(shop: Shop, cut: str) -> None:
    """COMPLAINTS 10: cut short before the marks or before its end, it goes on and gives the same bytes."""
    shop.invoice(line("100"))
    asked, shelf, power = ask(shop), Shelf(), ["on"]

    def before(operations: Sequence[Operation]) -> None:
        if power and any(cut in operation.key.pk for operation in operations):
            power.clear()
            raise RuntimeError("power cut")

    wrap(shop, before)
    with pytest.raises(RuntimeError):
        write(shop, asked, shelf)
    written = dict(shelf.files)
    report, files = write(shop, asked, shelf)
    assert report.state is BookState.DONE
    assert written.items() <= shelf.files.items()
    assert [hashlib.sha256(each).hexdigest() for each in files.values()] == [each.sha256 for each in report.files]


def test_one_export_is_written_at_a_time(shop: Shop) -> None:
    """Two exports at once would share out the entries of a period between them."""
    shop.invoice(line("100"))
    first = ask(shop)
    with pytest.raises(Conflict, match="export_running"):
        ask(shop)
    write(shop, first)
    write(shop, ask(shop))


def test_the_fec_tells_everything_each_time(shop: Shop) -> None:
    """FIS-06: numbers continuous, balanced, in the order of validation, with its description file."""
    for price in ("100", "33.33", "0.01"):
        shop.invoice(line(price), line("7.77", rate="5.5"))
    invoice = shop.invoice(line("50", quantity="2"))
    shop.issued(shop.credit(invoice))
    write(shop, ask(shop))
    seen = []
    for _ in range(2):
        report, files = write(shop, ask(shop, BookFormat.FEC))
        name, about = files
        assert check_fec(files[name]) == []
        assert report.entries == 5
        seen.append(files[name])
        assert name == "export-comptable-au-format-FEC-732829320-20261121.txt"
        assert "n'est pas le fichier des écritures comptables".encode() in files[about]
        assert f"Écritures : {report.entries} ; lignes : {report.lines}".encode() in files[about]
    assert seen[0] == seen[1]


def test_the_legal_name_is_that_of_a_closed_fiscal_year_alone() -> None:
    """FIS-06, RULES §4.1: SIREN + FEC + closing date; anything else is labelled as what it is."""
    books = open_books()
    shop = books.shop
    shop.invoice(line("100"))
    year = {"start": date(2026, 1, 1), "end": date(2026, 12, 31)}
    books.noon(date(2027, 1, 2))
    report, _ = write(shop, ask(shop, BookFormat.FEC, **year))
    assert (report.whole, report.entries) == (False, 1)
    books.close()
    report, files = write(shop, ask(shop, BookFormat.FEC, **year))
    assert list(files) == ["732829320FEC20261231.txt", "732829320FEC20261231-description.txt"]
    assert check_fec(next(iter(files.values()))) == []
    report, _ = write(shop, ask(shop, BookFormat.FEC, start=date(2026, 2, 1), end=date(2026, 12, 31)))
    assert not report.whole


def test_the_checker_sees_what_the_administrations_tester_lets_pass() -> None:
    """RULES §4.2: unbalanced entries, gaps in numbers, a mark: the checker is worth its name."""
    head = "\t".join((*_HEAD,)) + "\r\n"
    good = head + _fec_line("1", debit="12,00") + _fec_line("1", account="707000", credit="12,00")
    assert check_fec(good.encode()) == []
    for bad in (
        "\ufeff" + good,
        good.replace("12,00", "12.00"),
        good.replace("\r\n", "\n"),
        head + _fec_line("1", debit="12,00") + _fec_line("1", account="707000", credit="11,99"),
        head + _fec_line("2", debit="12,00") + _fec_line("2", account="707000", credit="12,00"),
        good.replace("20261121", "20261321"),
        good.replace("FA1", ""),
    ):
        assert check_fec(bad.encode())


_HEAD = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
    "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
).split()


def _fec_line(number: str, account: str = "411000", debit: str = "0,00", credit: str = "0,00") -> str:
    auxiliary = ("C1", "Client") if account.startswith("411") else ("", "")
    cells = ("VE", "Ventes", number, "20261121", account, "Compte", *auxiliary, "FA1", "20261121", "Facture")
    return "\t".join((*cells, debit, credit, "", "", "20261121", "", "")) + "\r\n"


def test_texts_cannot_break_a_line(shop: Shop) -> None:
    """Tabs, bars and breaks in names reach the file as spaces."""
    shop.invoice(line("100", designation="Bouée\t| grande"))
    _, files = write(shop, ask(shop, BookFormat.FEC))
    assert check_fec(next(iter(files.values()))) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"start": END, "end": START}, "period_reversed"),
        ({"start": date(2025, 11, 1)}, "period_too_long"),
        ({"end": date(2026, 11, 22)}, "date_future"),
    ],
)
def test_a_period_that_cannot_be(shop: Shop, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(shop, **fields)
    assert code in [breach.code for breach in caught.value.breaches]


def test_who_may_export(shop: Shop) -> None:
    """ACC-03: exporting the books has its own permission."""
    for profile in ("sales", "assistant", "logistics", "purchasing"):
        with pytest.raises(Forbidden):
            shop.world.do(BookReport, ExportBooks(start=START, end=END), profile)


def test_an_export_is_a_technical_event(shop: Shop) -> None:
    """FIS-08."""
    head = keys.chain_head(shop.world.company, ChainName.EVENTS)
    before = shop.world.services.store.backend.get([head])[head].version
    ask(shop)
    assert shop.world.services.store.backend.get([head])[head].version == before + 1


def test_the_chart_is_company_data(shop: Shop) -> None:
    """Accounts change for what is not exported yet; marks keep what was."""
    world = shop.world
    assert world.do(Chart, ReadChart(), "accountant") == Chart()
    world.execute_as("administrator", SaveChart(chart=Chart(customers="411100")), 0)
    shop.invoice(line("100"))
    _, files = write(shop, ask(shop))
    assert b"411100" in next(iter(files.values()))


def test_what_is_not_in_the_period_stays(shop: Shop) -> None:
    shop.invoice(line("100"))
    report, _ = write(shop, ask(shop, end=date(2026, 11, 20)))
    assert report.entries == 0
    report, _ = write(shop, ask(shop))
    assert report.entries == 1


def test_amounts_of_a_month_equal_its_documents(shop: Shop) -> None:
    """The debit of customers is what was invoiced less what was credited."""
    invoices = [shop.invoice(line(str(n), rate="20"), line("3.33", rate="10")) for n in range(1, 8)]
    report, files = write(shop, ask(shop, BookFormat.FEC))
    rows = [each.split("\t") for each in next(iter(files.values())).decode().split("\r\n")[1:-1]]
    customers = sum(Decimal(cells[11].replace(",", ".")) for cells in rows if cells[4] == "411000")
    assert customers == sum(document.totals.gross.amount for document in invoices)
    assert report.entries == len(invoices)
