"""The frozen document: what remains due of it, and older ones that still read (INV-07, INV-13)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from comptoir.catalogue.pricing import VatCategory, VatRow
from comptoir.invoicing.snapshot import Deduction, DocumentKind, EuroVat, InvoiceType, Period, Snapshot
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.money import Money
from tests.golden import snapshots as samples

SINCE_FIRST = ("invoice_type", "replaces", "period", "deductions", "prepaid", "early_payment", "euro", "test")


def test_inv_07_a_document_frozen_before_these_fields_reads_as_an_ordinary_one() -> None:
    stored = json.loads(samples.single().model_dump_json())
    for field in SINCE_FIRST:
        del stored[field]
    assert Snapshot.model_validate_json(json.dumps(stored)) == samples.single()
    assert samples.single().invoice_type is InvoiceType.STANDARD


@given(st.lists(st.decimals(0, 100, places=2), max_size=5), st.none() | st.decimals(0, 100, places=2))
def test_inv_13_what_is_due_is_the_whole_less_what_was_paid(deducted: list[Decimal], prepaid: Decimal | None) -> None:
    deductions = tuple(
        Deduction(document="d", number="1", issue_date=date(2026, 1, 1), gross=Money.of(amount, "EUR"), rows=())
        for amount in deducted
    )
    paid = None if prepaid is None else Money.of(prepaid, "EUR")
    snapshot = samples.single().change(deductions=deductions, prepaid=paid)
    assert snapshot.due.amount == snapshot.totals.gross.amount - sum(deducted) - (prepaid or 0)
    assert snapshot.totals == samples.single().totals


def test_a_document_that_takes_back_is_shown_negative() -> None:
    assert {kind: kind.sign for kind in DocumentKind} == {"invoice": 1, "credit_note": -1, "cancellation": -1}


def test_vat_in_euro_adds_up() -> None:
    rate = ExchangeRate(
        base="EUR", quote="USD", rate=Decimal("1.0876"), date=date(2026, 11, 20), source="Banque centrale européenne"
    )
    rows = tuple(
        VatRow(category=VatCategory.STANDARD, rate=Decimal(r), base=Money.of("10", "EUR"), vat=Money.of(vat, "EUR"))
        for r, vat in (("20", "2.00"), ("10", "1.00"))
    )
    assert EuroVat(rate=rate, rows=rows).vat == Money.of("3.00", "EUR")
    assert EuroVat(rate=rate, rows=()).vat == Money.of("0.00", "EUR")


def test_a_period_goes_forwards() -> None:
    with pytest.raises(ValidationError, match="period_reversed"):
        Period(start=date(2026, 2, 1), end=date(2026, 1, 31))
