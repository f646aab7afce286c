"""Payments in the books: bank against customer, exchange differences, rates that must be certified (CRN-12)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.accounting.commands import BookReport
from comptoir.accounting.exporting import BookFormat, BookState
from comptoir.invoicing.model import Document
from comptoir.kernel.exchange import ExchangeRate
from comptoir.payments.queries import ReadInvoiceTreasury
from comptoir.payments.rates import CertifyInvoiceRate, SetInvoiceRate
from comptoir.treasury.model import PaymentMeans, Treasury, TreasuryStatus
from tests.golden.fec_check import check_fec
from tests.unit.accounting_support import ask, write
from tests.unit.invoicing_support import line
from tests.unit.payments_support import Till, open_till

DAY = date(2026, 11, 20)


@pytest.fixture
def till() -> Till:
    return open_till()


def fec(till: Till) -> list[list[str]]:
    """The rows of the FEC of the month, once the checker found nothing wrong with them."""
    report, files = write(till, ask(till, BookFormat.FEC))
    assert report.state is BookState.DONE
    content = next(iter(files.values()))
    assert check_fec(content) == []
    return [each.split("\t") for each in content.decode().split("\r\n")[1:-1]]


def of(rows: list[list[str]], journal: str) -> list[tuple[str, Decimal]]:
    """Accounts and balances of a journal, in its order."""
    return [(cells[4], _number(cells[11]) - _number(cells[12])) for cells in rows if cells[0] == journal]


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def certify(till: Till, invoice: Document, *rates: str) -> None:
    """Set and certify the rates of an invoice's lines, those that are paid first."""
    lines = sorted(till.sheet(invoice).lines, key=lambda each: each.status is not TreasuryStatus.PAID)
    for each, rate in zip(lines, rates, strict=True):
        told = ExchangeRate(base="EUR", quote="USD", rate=Decimal(rate), date=DAY, source="BCE")
        for request in (
            SetInvoiceRate(invoice=invoice.id, line=each.id, rate=told),
            CertifyInvoiceRate(invoice=invoice.id, line=each.id),
        ):
            version = till.world.execute_as("manager", ReadInvoiceTreasury(invoice=invoice.id)).version
            till.world.do(Treasury, request, if_match=version or 0)


def test_a_payment_moves_the_receivable_to_the_bank(till: Till) -> None:
    invoice = till.invoice(line("100"))
    till.pay(invoice, "50.00")
    till.pay(invoice, "70.00", means=PaymentMeans.CASH, bank_account=None)
    rows = fec(till)
    assert of(rows, "BQ") == [("512000", Decimal("50.00")), ("411000", Decimal("-50.00"))]
    assert of(rows, "CA") == [("530000", Decimal("70.00")), ("411000", Decimal("-70.00"))]
    customers = sum(_number(cells[11]) - _number(cells[12]) for cells in rows if cells[4] == "411000")
    assert customers == 0


def test_a_counter_entry_is_the_payment_the_other_way_round(till: Till) -> None:
    """TRS-03, FIS-04: corrections are reversing entries."""
    invoice = till.invoice(line("100"))
    till.reverse(till.pay(invoice, "120.00"))
    assert of(fec(till), "BQ") == [
        ("512000", Decimal("120.00")),
        ("411000", Decimal("-120.00")),
        ("512000", Decimal("-120.00")),
        ("411000", Decimal("120.00")),
    ]


def test_a_refund_takes_from_the_bank_and_a_deduction_moves_nothing(till: Till) -> None:
    """CRN-10: what is deducted stays on the customer's account, where invoice and credit note meet."""
    first, second = till.invoice(line("100")), till.invoice(line("200"))
    till.refund(till.note(first, "12.00"))
    till.deduct(till.note(second, "24.00"), invoice=second.id)
    assert of(fec(till), "BQ") == [("512000", Decimal("-12.00")), ("411000", Decimal("12.00"))]


def test_entries_of_all_journals_leave_once(till: Till) -> None:
    """FIS-06: a payment recorded after an export of its month leaves with the next one."""
    invoice = till.invoice(line("100"))
    report, _ = write(till, ask(till))
    assert report.entries == 1
    till.pay(invoice, "120.00")
    report, files = write(till, ask(till))
    assert report.entries == 1
    assert b";BQ;" in next(iter(files.values()))
    report, _ = write(till, ask(till))
    assert report.entries == 0


def test_nothing_in_another_currency_enters_the_books_before_its_rates_are_certified(till: Till) -> None:
    """CRN-12, RULES §4: currency only with a certified rate; every piece that lacks one is named, nothing is marked."""
    invoice = till.invoice_in("USD", "100")
    report, _ = write(till, ask(till))
    assert (report.state, [breach.code for breach in report.breaches]) == (BookState.REFUSED, ["rate_not_certified"])
    assert str(invoice.number) in report.breaches[0].fr
    certify(till, invoice, "1.25")
    report, _ = write(till, ask(till))
    assert (report.state, report.entries) == (BookState.DONE, 1)
    assert report.debit == Decimal("96.00")


def test_a_gain_or_a_loss_of_exchange_is_what_money_brought_more_or_less(till: Till) -> None:
    """RULES §4: exchange differences 656/756, once, on settlement (COMPLAINTS 16)."""
    invoice = till.invoice_in("USD", "100")
    till.pay(invoice, "60.00", currency="USD")
    certify(till, invoice, "1.20", "1.50")
    rows = fec(till)
    # 60 USD at 1.20 and 60 at 1.50 are 50 and 40 EUR: the receivable is worth 0.75 EUR a dollar on average.
    assert of(rows, "BQ") == [("512000", Decimal("50.00")), ("411000", Decimal("-45.00")), ("756000", Decimal("-5.00"))]
    till.pay(invoice, "60.00", currency="USD")
    rows = fec(till)
    assert of(rows, "BQ")[3:] == [
        ("512000", Decimal("40.00")),
        ("411000", Decimal("-45.00")),
        ("656000", Decimal("5.00")),
    ]
    customers = sum(_number(cells[11]) - _number(cells[12]) for cells in rows if cells[4] == "411000")
    assert customers == 0


def test_a_payment_of_another_month_is_in_that_month(till: Till) -> None:
    """Entries bear the date of the payment, whenever it was recorded."""
    invoice = till.invoice(line("100"))
    till.world.wait(days=12)
    till.pay(invoice, "120.00", date=date(2026, 11, 28))
    report, _ = write(till, ask(till, end=date(2026, 11, 30)))
    assert report.entries == 2
    asked: BookReport = ask(till, start=date(2026, 12, 1), end=date(2026, 12, 3))
    assert write(till, asked)[0].entries == 0
