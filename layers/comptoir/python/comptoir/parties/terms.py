"""Terms of trade that parties hold by default and requests take over: incoterms, payment terms (PTY-02, PTY-03)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from comptoir.kernel.explain import flaw, shaped
from comptoir.kernel.identity import BankAccount
from comptoir.kernel.model import Model
from comptoir.kernel.money import Rate
from comptoir.kernel.text import Label, Line

Incoterm = Annotated[
    str,
    shaped(
        r"^(EXW|FCA|FAS|FOB|CFR|CPT|CIF|CIP|DAP|DPU|DDP)$",
        "Incoterm 2020 attendu : EXW, FCA, FAS, FOB, CFR, CPT, CIF, CIP, DAP, DPU ou DDP.",
        "An Incoterms 2020 rule is expected: EXW, FCA, FAS, FOB, CFR, CPT, CIF, CIP, DAP, DPU or DDP.",
    ),
]
Percentage = Annotated[Rate, Field(gt=0, le=100)]

CONFIRMATION = "order_confirmation"
"""The milestone « Confirmation de commande », set by the confirmation alone (CNF-03)."""

INVOICE = "invoice"
"""The milestone of the invoice's own date."""


class PaymentMeans(StrEnum):
    """How money moves, with the instruments of foreign trade and of French trade credit."""

    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    CARD = "card"
    CHEQUE = "cheque"
    CASH = "cash"
    BILL_OF_EXCHANGE = "bill_of_exchange"
    PROMISSORY_NOTE = "promissory_note"
    DOCUMENTARY_CREDIT = "documentary_credit"
    DOCUMENTARY_COLLECTION = "documentary_collection"


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
