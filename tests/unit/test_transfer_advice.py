"""What a preview warns of, without refusing it (RULES §5.3)."""

from __future__ import annotations

import pytest

from comptoir.banking.model import Charges
from tests.unit.transfer_support import open_treasurer


@pytest.mark.parametrize(
    ("urgent", "agreed", "code"),
    [
        (False, "priority", None),
        (True, "priority", "priority_often_ignored"),
        (True, "same_day", "urgent_fees"),
        (True, "instant", "urgent_fees"),
    ],
)
def test_trs_07_an_urgent_transfer_warns_of_its_fees(urgent: bool, agreed: str, code: str | None) -> None:
    """RULES §5.3: as it was agreed with each bank."""
    treasurer = open_treasurer(sepa="pain.001.001.09", urgent=agreed)
    seen = treasurer.preview(treasurer.invoice(treasurer.supplier(name="Müller")), urgent=urgent)
    assert [(each.code, each.pointer) for each in seen.warnings] == ([(code, "/urgent")] if code else [])
    assert seen.breaches == ()


def test_a_preview_warns_of_holders_conversions_and_charges() -> None:
    """RULES §5.3: since 9 October 2025 banks verify that the creditor's name is the holder's; nothing is refused."""
    treasurer = open_treasurer()
    known = treasurer.invoice(treasurer.abroad(name="PACIFIC ROPE"), "F-1")
    other = treasurer.invoice(treasurer.abroad("OTHER", name="Société du Levant"), "F-2")
    seen = treasurer.preview(treasurer.wanted(known, charges=Charges.DEBTOR), treasurer.wanted(other))
    assert [(each.code, each.pointer) for each in seen.warnings] == [
        ("bank_converts", "/transfers/0/amount"),
        ("all_charges_paid", "/transfers/0/charges"),
        ("holder_differs", "/transfers/1/account"),
        ("bank_converts", "/transfers/1/amount"),
    ]
    assert all(each.fr != each.en for each in seen.warnings)
    assert seen.breaches == ()
