"""Supplier documents in the books: purchases journal, VAT deductible and self-assessed, what is taken back (FIS-06)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comptoir.accounting.exporting import BookFormat, BookState
from comptoir.invoicing.snapshot import CreditType
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.identity import Address
from comptoir.parties.model import Party, VatTreatment
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.rates import (
    CertifySupplierDocumentRate,
    ReadSupplierDocumentTreasury,
    SetSupplierDocumentRate,
)
from comptoir.treasury.model import Treasury
from tests.golden.fec_check import check_fec
from tests.unit.accounting_support import ask, write
from tests.unit.owing_support import open_purse
from tests.unit.purchasing_support import TODAY, Office, item, open_office
from tests.unit.suppliers_support import french_supplier


@pytest.fixture
def office() -> Office:
    return open_office()


def fec(office: Office) -> list[list[str]]:
    """The rows of the FEC of the month, once the checker found nothing wrong with them."""
    report, files = write(office, ask(office, BookFormat.FEC))
    assert report.state is BookState.DONE
    content = next(iter(files.values()))
    assert check_fec(content) == []
    return [each.split("\t") for each in content.decode().split("\r\n")[1:-1]]


def balances(rows: list[list[str]], number: str) -> dict[str, Decimal]:
    """The balance of each account of an entry."""
    told = {cells[4]: (cells[11], cells[12]) for cells in rows if cells[2] == number}
    return {account: _number(debit) - _number(credit) for account, (debit, credit) in told.items()}


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def test_an_invoice_debits_purchases_and_deductible_vat(office: Office) -> None:
    """FIS-06: purchases in their own journal, the supplier's code under 401."""
    office.record(item("100.00"), item("50.00", kind="goods", vat_rate="5.5"), item("10.00", account="615000"))
    rows = fec(office)
    assert balances(rows, "1") == {
        "624100": Decimal("100.00"),
        "607000": Decimal("50.00"),
        "615000": Decimal("10.00"),
        "445660": Decimal("24.75"),
        "401000": Decimal("-184.75"),
    }
    assert {(cells[0], cells[6]) for cells in rows if cells[4] == "401000"} == {("AC", "CORDAGES")}


def test_a_credit_note_and_a_cancellation_stand_on_the_other_side(office: Office) -> None:
    """CRN-13: what is taken back leaves its entry, and makes another."""
    invoice = office.record()
    note = office.credit(invoice, item("10.00"))
    office.cancel(note)
    rows = fec(office)
    assert balances(rows, "2") == {
        "624100": Decimal("-10.00"),
        "445660": Decimal("-2.00"),
        "401000": Decimal("12.00"),
    }
    assert balances(rows, "3") == {account: -amount for account, amount in balances(rows, "2").items()}


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        (CreditType.GLOBAL_REBATE, "609620"),
        (CreditType.REBATE_LAST_YEAR, "609620"),
        (CreditType.REBATE_THIS_YEAR, "624100"),
        (CreditType.INVOICING_ERROR, "624100"),
    ],
)
def test_a_supplier_s_rebate_goes_to_the_account_of_those_obtained(
    office: Office, kind: CreditType, account: str
) -> None:
    """CRN-12, CRN-13: global and of a past year on 609, the others on the purchase itself."""
    office.credit(office.record(), item("10.00"), credit_type=kind)
    found = balances(fec(office), "2")
    assert found == {account: Decimal("-10.00"), "445660": Decimal("-2.00"), "401000": Decimal("12.00")}


def test_purchases_in_the_union_bear_vat_that_is_due_and_deducted_at_once(office: Office) -> None:
    """CGI 283-2: 4452 and 445662 for the same amount, nothing of it is the supplier's."""
    address = Address(lines=("Kai 3",), postcode="20457", city="Hamburg", country="DE")
    german: dict[str, Any] = {
        "code": "HANSE",
        "vat_treatment": VatTreatment.INTRA_COMMUNITY,
        "vat_number": "DE136695976",
        "address": address,
    }
    office.france = office.world.do(Party, french_supplier(**german))
    office.record(item("100.00", kind="goods", vat_rate="0"))
    assert balances(fec(office), "1") == {
        "607200": Decimal("100.00"),
        "401000": Decimal("-100.00"),
        "445662": Decimal("20.00"),
        "445200": Decimal("-20.00"),
    }


def test_what_is_paid_to_a_supplier_leaves_the_bank_for_its_account() -> None:
    """TRS-03: a payment, its counter-entry, what the supplier gives back; a deduction moves no money (CRN-13)."""
    purse = open_purse()
    invoice = purse.record()
    purse.reverse(purse.pay(invoice, "50.00"))
    note = purse.credit(invoice)
    purse.deduct(note, invoice=invoice.id, amount=Decimal("2.00"))
    purse.refund(note)
    rows = [cells for cells in fec(purse) if cells[0] == "BQ"]
    assert [(cells[4], _number(cells[11]) - _number(cells[12])) for cells in rows] == [
        ("512000", Decimal("-50.00")),
        ("401000", Decimal("50.00")),
        ("512000", Decimal("50.00")),
        ("401000", Decimal("-50.00")),
        ("512000", Decimal("10.00")),
        ("401000", Decimal("-10.00")),
    ]
    assert {cells[6] for cells in rows if cells[4] == "401000"} == {"CORDAGES"}


def test_a_supplier_paid_in_dollars_leaves_the_bank_at_the_certified_rate() -> None:
    """CRN-12: what was owed goes out at what it came in at."""
    purse = open_purse()
    invoice = purse.record(item("100.00", vat_rate="0"), supplier=purse.china.id, currency="USD")
    certify(purse, invoice, "1.25")
    assert balances(fec(purse), "1")["401000"] == Decimal("-80.00")
    purse.pay(invoice, "100.00", currency="USD")
    rows = [cells for cells in fec(purse) if cells[0] == "BQ"]
    assert [(cells[4], _number(cells[11]) - _number(cells[12])) for cells in rows] == [
        ("512000", Decimal("-80.00")),
        ("401000", Decimal("80.00")),
    ]


def test_in_another_currency_the_certified_rate_counts(office: Office) -> None:
    """RULES §4: currency only with a certified rate."""
    invoice = office.record(item("100.00", vat_rate="0"), supplier=office.china.id, currency="USD")
    report, _ = write(office, ask(office))
    assert [breach.code for breach in report.breaches] == ["rate_not_certified"]
    certify(office, invoice, "1.25")
    rows = fec(office)
    assert balances(rows, "1") == {"624110": Decimal("80.00"), "401000": Decimal("-80.00")}
    assert {cells[16] for cells in rows} == {"100,00", "-100,00"}


def certify(office: Office, invoice: SupplierDocument, rate: str) -> None:
    """Set and certify the rate of each line of an invoice."""
    told = ExchangeRate(base="EUR", quote="USD", rate=Decimal(rate), date=TODAY, source="BCE")
    for line in office.sheet(invoice).lines:
        for request in (
            SetSupplierDocumentRate(document=invoice.id, line=line.id, rate=told),
            CertifySupplierDocumentRate(document=invoice.id, line=line.id),
        ):
            version = office.world.execute_as("manager", ReadSupplierDocumentTreasury(document=invoice.id)).version
            office.world.do(Treasury, request, if_match=version or 0)
