"""Treasury lines and instalments: expected and real money of a request (TRS-01)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from comptoir.kernel.identity import BankAccount
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, Quantity
from comptoir.kernel.text import Label, Line
from comptoir.parties.terms import CONFIRMATION as CONFIRMATION
from comptoir.parties.terms import INVOICE as INVOICE
from comptoir.parties.terms import DueStep as DueStep
from comptoir.parties.terms import PaymentMeans as PaymentMeans
from comptoir.parties.terms import PaymentTerm as PaymentTerm


class TreasuryStatus(StrEnum):
    """From expectation to money: forecast → firm → invoiced → paid; credit lines apart (TRS-01, CRN-07)."""

    FORECAST = "forecast"
    FIRM = "firm"
    INVOICED = "invoiced"
    PAID = "paid"
    CREDIT_TO_DEDUCT = "credit_to_deduct"
    CREDIT_DEDUCTED = "credit_deducted"


TRANSITIONS: dict[TreasuryStatus, frozenset[TreasuryStatus]] = {
    TreasuryStatus.FORECAST: frozenset({TreasuryStatus.FIRM}),
    TreasuryStatus.FIRM: frozenset({TreasuryStatus.FORECAST, TreasuryStatus.INVOICED}),
    TreasuryStatus.INVOICED: frozenset({TreasuryStatus.FIRM, TreasuryStatus.PAID}),
    TreasuryStatus.PAID: frozenset(),
    TreasuryStatus.CREDIT_TO_DEDUCT: frozenset({TreasuryStatus.CREDIT_DEDUCTED}),
    TreasuryStatus.CREDIT_DEDUCTED: frozenset(),
}
"""Backwards: undoing a confirmation (CNF-06) and cancelling an invoice (INV-09). A payment is never undone."""


class TreasuryLine(Model):
    """An expected or real movement of a request; negative for a credit to deduct (TRS-01, CRN-07).

    `forecast_date` is absent while the milestone of its term has no date. `term` is the index of
    the payment term it comes from, `document` the invoice or credit note that made it what it is;
    `outside_products` leaves it out of recomputation and of the balance with the products.
    """

    id: Id
    amount: Money
    forecast_date: date | None
    actual_date: date | None = None
    means: PaymentMeans = PaymentMeans.TRANSFER
    bank_account: BankAccount | None = None
    status: TreasuryStatus = TreasuryStatus.FORECAST
    term: int | None = None
    outside_products: bool = False
    document: Id | None = None
    label: Line | None = None


class Treasury(Model):
    """The treasury lines of a request, and the quantities of its products already drafted or invoiced."""

    lines: tuple[TreasuryLine, ...] = ()
    taken: dict[str, Quantity] = Field(default_factory=dict)


class Instalment(Model):
    """An amount due on a date by a means (« virement », …)."""

    due_date: date
    amount: Money
    means: Label
