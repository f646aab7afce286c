"""Transfer files against their golden forms: what a bank receives never changes unseen (TRS-08)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comptoir.banking.formats.check import check
from comptoir.banking.model import AddressStyle, MessageVersion, TransferOrder, Urgency
from tests.golden.test_golden import matches
from tests.unit.banking_support import abroad, creditor, file, order, transfer

SEPA_2009, GENERAL_2009, GENERAL_2019 = MessageVersion
SUPPLIERS = (
    transfer(1, creditor=creditor("FR", name="Corderies Bretonnes & Cie")),
    transfer(2, "0.01", end_to_end="NOTPROVIDED", remittance="RF18 5390 0754 7034"),
    transfer(
        3,
        "999999.99",
        creditor=creditor("BE", name="Ægir Þórsson — 株式会社 " + "x" * 80),
        remittance=None,
        purpose="SUPP",
    ),
)
FILES: dict[str, TransferOrder] = {
    "transfer-sepa-2009": order(SEPA_2009, *SUPPLIERS, label="Fournisseurs", batch_booking=False),
    "transfer-sepa-2019": order(GENERAL_2019, *SUPPLIERS, addresses=AddressStyle.HYBRID, batch_booking=True),
    "transfer-sepa-instant": order(GENERAL_2019, transfer(), urgency=Urgency.INSTANT),
    "transfer-same-day": order(GENERAL_2009, transfer(), urgency=Urgency.SAME_DAY),
    "transfer-swift-2009": abroad(GENERAL_2009),
    "transfer-swift-2019": abroad(GENERAL_2019, urgency=Urgency.PRIORITY),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_as_it_was_last_read(name: str) -> None:
    data = file(FILES[name])
    assert check(data) == []
    matches(f"{name}.xml", data.decode("ascii"))


def test_amounts_of_the_golden_files_add_up() -> None:
    assert sum((each.amount.amount for each in SUPPLIERS), Decimal(0)) == Decimal("1001234.56")
    assert file(FILES["transfer-sepa-2009"]).count(b"<CtrlSum>1001234.56</CtrlSum>") == 2
