"""FIS-05, RULES §3.5: the archive of a fiscal year holds its FEC; it waits for the rates that the books need."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from comptoir.accounting.exporting import BookFormat
from comptoir.archives.books import FEC, FEC_DESCRIPTION
from comptoir.archives.model import ArchiveState
from comptoir.kernel.exchange import ExchangeRate
from comptoir.ledger.offline.package import verify_package
from comptoir.payments.queries import ReadInvoiceTreasury
from comptoir.payments.rates import CertifyInvoiceRate, SetInvoiceRate
from comptoir.treasury.model import Treasury
from comptoir.treasury.publishing import SaveExchangeRates
from tests.golden.fec_check import check_fec
from tests.unit.accounting_support import ask, write
from tests.unit.archives_support import Archives, files_of
from tests.unit.closings_support import ANNUAL, MONTHLY, open_books
from tests.unit.invoicing_support import line

END = date(2026, 12, 31)
NAME = "732829320FEC20261231"


@pytest.fixture
def archives() -> Archives:
    """Three invoices of a year that is not closed yet."""
    made = Archives(open_books())
    made.others = (FEC, FEC_DESCRIPTION)
    made.issue(3)
    return made


def close(archives: Archives) -> None:
    archives.books.noon(date(2027, 1, 5))
    archives.books.close()


def test_the_archive_of_a_year_holds_its_fec_and_that_of_a_month_does_not(archives: Archives, tmp_path: Path) -> None:
    """FIS-06: the very bytes of the export of the year, with its description, under the signed manifest."""
    close(archives)
    path = archives.save(archives.make(ANNUAL, END), tmp_path)
    assert verify_package(path, archives.pems).findings == []
    files = files_of(path)
    assert check_fec(files[f"fec/{NAME}.txt"]) == []
    shop = archives.books.shop
    report, exported = write(shop, ask(shop, BookFormat.FEC, start=date(2026, 1, 1), end=END))
    assert report.entries == 3
    assert {name.removeprefix("fec/"): files[name] for name in files if name.startswith("fec/")} == exported
    assert f"fec/{NAME}.txt" in files["LISEZ-MOI.txt"].decode("utf-8-sig")
    month = files_of(archives.save(archives.make(MONTHLY, date(2026, 11, 30)), tmp_path))
    assert not [name for name in month if name.startswith("fec/")]
    assert "fec/" not in month["LISEZ-MOI.txt"].decode("utf-8-sig")


def test_an_archive_waits_for_the_rates_that_are_to_be_certified(archives: Archives) -> None:
    """RULES §4: no currency in the books but at a certified rate; what is missing is named, asking again goes on."""
    shop, dollars = archives.books.shop, ({"currency": "USD", "rate": "1.0876"},)
    rates: Any = dollars
    shop.world.execute_as("manager", SaveExchangeRates(date=date(2026, 11, 21), source="BCE", rates=rates))
    [invoice] = archives.lock(*shop.issued(shop.draft(line("100"), currency="USD")))
    close(archives)
    made = archives.make(ANNUAL, END)
    assert made.state is ArchiveState.REFUSED
    [breach] = made.breaches
    assert breach.code == "rate_not_certified"
    assert str(invoice.number) in breach.fr
    read = ReadInvoiceTreasury(invoice=invoice.id)
    [owed] = json.loads(shop.world.execute_as("manager", read).body)["lines"]
    told = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.05"), date=date(2026, 11, 20), source="BCE")
    for request in (
        SetInvoiceRate(invoice=invoice.id, line=owed["id"], rate=told),
        CertifyInvoiceRate(invoice=invoice.id, line=owed["id"]),
    ):
        version = shop.world.execute_as("manager", read).version
        shop.world.do(Treasury, request, if_match=version or 0)
    assert archives.make(ANNUAL, END).state is ArchiveState.DONE
