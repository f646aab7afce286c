"""Payment terms, instalments and treasury lines: expected and real money of a request (TRS-01)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.kernel.identity import BankAccount
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.kernel.text import Label, Line

Percentage = Annotated[Decimal, Field(gt=0, le=100, max_digits=7, decimal_places=4)]


class PaymentMeans(StrEnum):
    """How money moves."""

    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    CARD = "card"
    CHEQUE = "cheque"
    CASH = "cash"


class DueStep(Model):
    """One step from a milestone's date to a due date, applied in order (INV-05).

    `days` adds days; `end_of_month` goes to the month's last day; `day_of_month` to the next such
    day. « 45 jours fin de mois » is [45 days, end of month] or [end of month, 45 days].
    """

    days: int | None = Field(None, ge=0, le=365)
    end_of_month: bool = False
    day_of_month: int | None = Field(None, ge=1, le=31)


class PaymentTerm(Model):
    """A share of the amount, its means, and when it is due: a milestone, then steps."""

    percentage: Percentage
    means: PaymentMeans = PaymentMeans.TRANSFER
    milestone: Label
    steps: Annotated[tuple[DueStep, ...], Field(max_length=5)] = ()
    bank_account: BankAccount | None = None
    comment: Line | None = None


class TreasuryStatus(StrEnum):
    """From expectation to money: forecast → firm → invoiced → paid; credit lines apart (CRN-07)."""

    FORECAST = "forecast"
    FIRM = "firm"
    INVOICED = "invoiced"
    PAID = "paid"
    CREDIT_TO_DEDUCT = "credit_to_deduct"
    CREDIT_DEDUCTED = "credit_deducted"


class TreasuryLine(Model):
    """An expected or real movement of a request; negative for a credit to deduct (TRS-01, CRN-07).

    `document` names the invoice or credit note that made it; `outside_products` leaves it out of
    recomputation and of the balance with the products.
    """

    id: Id
    amount: Money
    forecast_date: date
    actual_date: date | None = None
    means: PaymentMeans = PaymentMeans.TRANSFER
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
