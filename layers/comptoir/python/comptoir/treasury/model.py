"""Payment terms, instalments and treasury lines: expected and real money of a request (TRS-01)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from comptoir.kernel.explain import flaw
from comptoir.kernel.identity import BankAccount
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, Rate
from comptoir.kernel.text import Label, Line

Percentage = Annotated[Rate, Field(gt=0, le=100)]


CONFIRMATION = "order_confirmation"
"""The milestone « Confirmation de commande », set by the confirmation alone (CNF-03)."""

INVOICE = "invoice"
"""The milestone of the invoice's own date."""


class PaymentMeans(StrEnum):
    """How money moves."""

    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    CARD = "card"
    CHEQUE = "cheque"
    CASH = "cash"


class DueStep(Model):
    """One step from a milestone's date to a due date; steps are applied in order (INV-05).

    `days` adds days; `end_of_month` goes to the month's last day; `day_of_month` to the first such
    day not before (the last of a shorter month). A step is one of the three, because « 45 jours
    fin de mois » is [45 days, end of month] or [end of month, 45 days], and they differ.
    """

    days: int | None = Field(None, ge=0, le=365)
    end_of_month: bool = False
    day_of_month: int | None = Field(None, ge=1, le=31)

    @model_validator(mode="after")
    def _one_thing(self) -> DueStep:
        if (self.days is not None) + self.end_of_month + (self.day_of_month is not None) != 1:
            raise flaw(
                "one_step",
                "Une étape est un nombre de jours, une fin de mois ou un jour du mois, un seul des trois.",
                "A step is a number of days, the end of the month or a day of the month, one of the three.",
            )
        return self


class PaymentTerm(Model):
    """A share of the amount, its means, and when it is due: a milestone, then steps."""

    percentage: Percentage
    means: PaymentMeans = PaymentMeans.TRANSFER
    milestone: Label
    steps: Annotated[tuple[DueStep, ...], Field(max_length=5)] = ()
    bank_account: BankAccount | None = None
    comment: Line | None = None


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


class Instalment(Model):
    """An amount due on a date by a means (« virement », …)."""

    due_date: date
    amount: Money
    means: Label
