"""The longest payment delays between professionals, judged whatever the date of the invoice (RULES §9)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comptoir.access.model import MarginThresholds
from comptoir.catalogue.pricing import VatCategory
from comptoir.orders.margins import shown
from comptoir.parties.terms import DueStep, PaymentTerm
from comptoir.treasury.delays import too_long
from tests.unit.test_orders_rules import order

END = DueStep(end_of_month=True)


def term(*steps: DueStep, milestone: str = "invoice") -> PaymentTerm:
    return PaymentTerm(percentage=Decimal(100), milestone=milestone, steps=steps)


def days(number: int) -> DueStep:
    return DueStep(days=number)


@pytest.mark.parametrize(
    ("steps", "beyond"),
    [
        ((), False),
        ((days(60),), False),
        ((days(61),), True),
        ((days(45), END), False),
        ((END, days(45)), False),
        ((days(15), END, DueStep(day_of_month=10)), False),
        ((days(30), END, DueStep(day_of_month=10)), True),
        ((days(46), END), True),
        ((END, days(46)), True),
        ((days(60), END), True),
        ((days(45), END, DueStep(day_of_month=10)), True),
        ((END, END), False),
    ],
)
def test_sixty_days_or_forty_five_end_of_month_either_way(steps: tuple[DueStep, ...], beyond: bool) -> None:
    """INV-05, C. com. L441-10: no date of invoice lets the customer pay later."""
    assert too_long(term(*steps)) is beyond


def test_a_delay_from_another_milestone_is_not_judged() -> None:
    assert not too_long(term(days(90), milestone="etd"))


def test_an_order_says_which_of_its_terms_is_too_long_and_forbids_nothing() -> None:
    """OFF-05: of a domestic sale; a foreign customer may have agreed on another law."""
    terms = (term(days(30)), term(days(90)))
    told = shown(order(terms=terms, zero_category=VatCategory.ZERO), MarginThresholds()).warnings
    assert [(warning.code, warning.pointer) for warning in told] == [("payment_delay_too_long", "/terms/1/steps")]
    assert shown(order(terms=terms, zero_category=VatCategory.EXPORT), MarginThresholds()).warnings == ()
