"""FIS-06, RULES §4.1: the FEC of sales and settlements of every kind, byte for byte; in constant memory.

`COMPTOIR_UPDATE_GOLDEN=1` writes the expected file again.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from comptoir.accounting.chart import Chart
from comptoir.accounting.exporting import BookFormat
from comptoir.accounting.fec import write_fec
from comptoir.accounting.model import Entry
from comptoir.accounting.sales import sale
from comptoir.invoicing.cancelling import CancelInvoice
from comptoir.kernel.exchange import ExchangeRate
from comptoir.payments.queries import ReadInvoiceTreasury
from comptoir.payments.rates import CertifyInvoiceRate, SetInvoiceRate
from comptoir.treasury.model import PaymentMeans, Treasury, TreasuryStatus
from tests.golden.fec_check import check_fec
from tests.golden.snapshots import document, goods
from tests.unit.accounting_support import ask, write
from tests.unit.invoicing_support import line
from tests.unit.payments_support import Till, open_till

EXPECTED = Path(__file__).parent / "expected" / "fec.txt"


def _dollars(till: Till) -> None:
    """An invoice in dollars, half of it paid at another rate than the rest is expected at, both certified."""
    invoice = till.invoice_in("USD", "100")
    till.pay(invoice, "60.00", currency="USD")
    lines = sorted(till.sheet(invoice).lines, key=lambda each: each.status is not TreasuryStatus.PAID)
    for each, rate in zip(lines, ("1.20", "1.50"), strict=True):
        told = ExchangeRate(base="EUR", quote="USD", rate=Decimal(rate), date=date(2026, 11, 20), source="BCE")
        for request in (
            SetInvoiceRate(invoice=invoice.id, line=each.id, rate=told),
            CertifyInvoiceRate(invoice=invoice.id, line=each.id),
        ):
            version = till.world.execute_as("manager", ReadInvoiceTreasury(invoice=invoice.id)).version
            till.world.do(Treasury, request, if_match=version or 0)


def _story() -> Till:
    """Sales of three rates, a credit note refunded, a cancellation, payments by bank and in cash, one taken back."""
    till = open_till()
    whole = till.invoice(line("100"), line("33.33", rate="5.5"), line("0.01", rate="2.1"))
    credited, cancelled = till.invoice(line("50", quantity="2")), till.invoice(line("7.77"))
    [note] = till.issued(till.credit(credited))
    till.issued(till.do(CancelInvoice(document=cancelled.id, reason="Erreur de client")))
    till.pay(whole, "100.00", reference="VIR|N°1 « Œuvre » €")
    till.reverse(till.pay(whole, "20.00", means=PaymentMeans.CASH, bank_account=None))
    till.refund(note)
    _dollars(till)
    return till


def test_the_fec_is_what_it_was() -> None:
    """Numbers, order of validation, currencies, characters: whatever changes it is a decision."""
    till = _story()
    report, files = write(till, ask(till, BookFormat.FEC))
    assert report.breaches == ()
    content = next(iter(files.values()))
    assert check_fec(content) == []
    if os.environ.get("COMPTOIR_UPDATE_GOLDEN"):
        EXPECTED.write_bytes(content)
    assert content == EXPECTED.read_bytes()


def test_the_golden_file_holds_what_it_is_there_for() -> None:
    """Every journal, a foreign amount, a gain of exchange, and no character that could cut a line."""
    rows = [each.split("\t") for each in EXPECTED.read_bytes().decode().split("\r\n")[1:-1]]
    assert {cells[0] for cells in rows} >= {"VE", "BQ", "CA"}
    assert any(cells[17] == "USD" and cells[16].startswith("-") for cells in rows)
    assert any(cells[4].startswith(("656", "756")) for cells in rows)
    assert "VIR N°1 « Œuvre » €" in {cells[8] for cells in rows}
    assert [int(cells[2]) for cells in rows] == sorted(int(cells[2]) for cells in rows)
    assert [cells[15] for cells in rows] == sorted(cells[15] for cells in rows)


class _Counting:
    """Counts what is written, and keeps nothing."""

    size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)


def _many(entry: Entry, lines: int) -> Iterator[Entry]:
    for sequence in range(lines // len(entry.lines)):
        yield replace(entry, sequence=sequence, piece=f"FA2026-{sequence:06d}")


@pytest.mark.parametrize("lines", [20_000, 1_000_000])
def test_memory_does_not_follow_the_number_of_lines(lines: int) -> None:
    """RULES §4.1: a million lines take no more than twenty thousand; what is traced is the last part of each."""
    entry = sale(document(goods(20)), 1, Chart())
    assert entry is not None
    sink, entries, traced = _Counting(), _many(entry, lines), 20_000 // len(entry.lines)

    def watched() -> Iterator[Entry]:
        for number, each in enumerate(entries):
            if number == lines // len(entry.lines) - traced:
                tracemalloc.start()
            yield each

    figures = write_fec(watched(), sink)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert figures.lines == lines // len(entry.lines) * len(entry.lines)
    assert sink.size > 50 * lines
    assert peak < 3_000_000
