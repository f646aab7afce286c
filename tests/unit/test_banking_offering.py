"""Lines that a transfer may pay, each reason told where it may not, and its transfer (TRS-06, TRS-07, TRS-09)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.banking.model import MessageVersion, TransferKind
from comptoir.banking.offering import offer_breaches, transfer_of
from comptoir.banking.rules import judge
from comptoir.kernel.banks import ForeignAccount
from comptoir.kernel.identity import Address, BankAccount
from comptoir.kernel.money import Money
from comptoir.parties.model import Party
from comptoir.treasury.model import PaymentMeans, TreasuryLine, TreasuryStatus
from tests.unit.banking_support import TODAY, bic, iban, identifier, order
from tests.unit.orders_support import customer_request
from tests.unit.treasury_support import ACCOUNT
from tests.world import open_world

SUPPLIER = BankAccount(iban=iban("DE"), bic=bic("DE"), holder="Textiles de l'Elbe GmbH")
ABROAD = ForeignAccount(number="0123 456-789", bic="CHASUS33", holder="Pacific Rope & Chain Co.")
SEATTLE = Address(lines=("Pier 57",), postcode="98101", city="Seattle, WA", country="US")


def line(**fields: Any) -> TreasuryLine:
    """An invoiced line, to be paid by transfer."""
    told: dict[str, Any] = {
        "id": identifier(7),
        "amount": Money.of("1234.50", "EUR"),
        "forecast_date": date(2026, 11, 30),
        "means": PaymentMeans.TRANSFER,
        "bank_account": ACCOUNT,
        "status": TreasuryStatus.INVOICED,
    }
    return TreasuryLine.model_validate(told | fields)


def test_an_invoiced_line_with_its_account_is_offered() -> None:
    assert offer_breaches(line()) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"means": PaymentMeans.CHEQUE}, "not_a_transfer"),
        *[
            ({"status": status}, "line_not_invoiced")
            for status in TreasuryStatus
            if status is not TreasuryStatus.INVOICED
        ],
        ({"bank_account": None}, "bank_account_missing"),
        ({"amount": Money.zero("EUR")}, "amount_not_positive"),
        ({"amount": Money.of(-5, "EUR")}, "amount_not_positive"),
    ],
)
def test_each_reason_against_a_transfer_is_told(fields: dict[str, Any], code: str) -> None:
    [breach] = offer_breaches(line(**fields))
    assert breach.code == code
    assert breach.fr != breach.en


def test_all_reasons_are_told_at_once() -> None:
    wrong = line(means=PaymentMeans.CASH, status=TreasuryStatus.FIRM, bank_account=None, amount=Money.zero("EUR"))
    assert len(offer_breaches(wrong)) == 4


def test_a_line_becomes_one_transfer_of_its_amount_under_its_own_id() -> None:
    made = transfer_of(line(), SUPPLIER, None, "F-2026/88")
    assert (made.id, made.amount, made.end_to_end) == (identifier(7), Money.of("1234.50", "EUR"), "F-2026/88")
    assert (made.creditor.name, made.creditor.iban, made.remittance) == (SUPPLIER.holder, SUPPLIER.iban, "F-2026/88")
    assert transfer_of(line(), SUPPLIER, None, "F1", taken={"F1"}).end_to_end != "F1"
    assert judge(order(MessageVersion.SEPA_2009, made), TODAY) == []


def test_a_supplier_without_iban_is_paid_by_swift() -> None:
    made = transfer_of(line(amount=Money.of(5, "USD")), ABROAD, SEATTLE, None, "Order 12")
    assert (made.creditor.account, made.end_to_end, made.remittance) == (ABROAD.number, identifier(7), "Order 12")
    assert judge(order(MessageVersion.GENERAL_2009, made, kind=TransferKind.SWIFT), TODAY) == []


def test_a_party_has_accounts_without_iban_too() -> None:
    """PTY-01: the bank is known by its BIC or by its code in its country."""
    world = open_world()
    told = ABROAD.change(bic=None, bank={"clearing_system": "USABA", "clearing_code": "021000021", "name": "Chase"})
    made = world.do(Party, customer_request().change(foreign_accounts=(ABROAD, told)))
    assert made.foreign_accounts == (ABROAD, told)
    with pytest.raises(ValidationError):
        ForeignAccount(number="1", holder="A")
    with pytest.raises(ValidationError):
        ForeignAccount(number="<1>", bic="CHASUS33", holder="A")
