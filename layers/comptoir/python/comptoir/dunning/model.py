"""Payment reminders: their steps, and each letter as it was written (INV-12)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from comptoir.docbase.template import Appearance, Digest
from comptoir.kernel.explain import flaw
from comptoir.kernel.identity import Email
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, Rate
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.mailing.model import Addresses
from comptoir.parties.snapshot import Buyer, Language, Seller

MOST_LATE = 40
"""Invoices of one letter: each is marked in the transaction that writes it."""


class Tone(StrEnum):
    """How a reminder is worded: a courteous one, a firm one, a formal notice (*mise en demeure*)."""

    COURTEOUS = "courteous"
    FIRM = "firm"
    FORMAL_NOTICE = "formal_notice"


class ReminderStep(Model):
    """A step: so many days after the due date, in a tone; with `claims` it asks for penalties and the 40 € indemnity.

    An `automatic` one is written and mailed at night, by itself.
    """

    days: int = Field(ge=1, le=365)
    tone: Tone
    claims: bool = False
    automatic: bool = False


class ReminderSteps(Model):
    """The steps of a company, each later than the one before, and the days that pass at least between two letters.

    A step is known by its days: what was reached stays reached when others are added or taken away.
    """

    steps: Annotated[tuple[ReminderStep, ...], Field(min_length=1, max_length=6)]
    least_days_between: int = Field(7, ge=0, le=90)

    def at(self, days: int) -> ReminderStep:
        """The step of so many days. Errors: `KeyError`."""
        return {step.days: step for step in self.steps}[days]

    @model_validator(mode="after")
    def _later_each(self) -> ReminderSteps:
        days = [step.days for step in self.steps]
        if days != sorted(set(days)):
            raise flaw(
                "steps_not_in_order",
                "Chaque étape vient plus de jours après l'échéance que la précédente.",
                "Each step comes more days after the due date than the one before.",
            )
        return self


SHIPPED = ReminderSteps(
    steps=(
        ReminderStep(days=5, tone=Tone.COURTEOUS),
        ReminderStep(days=15, tone=Tone.FIRM, claims=True),
        ReminderStep(days=30, tone=Tone.FORMAL_NOTICE, claims=True),
    )
)
"""What a company has until it saves its own; nothing goes out by itself."""


class LateAmount(Model):
    """An instalment of an invoice that is overdue by so many `days`, with the penalty that it bears until the letter.

    `rate` is the yearly one that the invoice printed; `step` the one that it reached, by its days.
    """

    document: Id
    number: Label
    issue_date: date | None
    due_date: date
    amount: Money
    days: int
    rate: Rate | None = None
    penalty: Money
    step: int


class ReminderContent(Model):
    """What a letter says. `indemnity` is in euro, 40 for each invoice; `total` is all of it where that is one currency.

    Penalties and indemnity are outside VAT (C. com. L441-10, D441-5). `credits` is what the customer's credit notes
    have left to deduct, which the letter tells and does not take off.
    """

    format: int = 1
    number: Label
    made_on: date
    made_at: datetime
    pay_by: date
    language: Language
    currency: Currency
    tone: Tone
    claims: bool
    company: Seller
    customer: Buyer
    author: Line
    lines: tuple[LateAmount, ...]
    due: Money
    penalties: Money
    indemnity: Money
    total: Money | None
    credits: Money | None = None
    message: Paragraph | None = None
    appearance: Appearance | None = None
    preview: bool = False


class ReminderFile(Model):
    """The PDF of a letter in the files bucket; `file` is its identifier in the document base of the customer."""

    key: str
    sha256: Digest
    size: int
    file: Id


class ReminderSummary(Model):
    """A letter in a list."""

    id: Id
    number: Label
    customer: Id
    customer_name: Line
    made_on: date
    tone: Tone
    due: Money
    invoices: int
    mail: Id | None


class AskedMail(Model):
    """The mail that is to carry a letter: to whom, about what, and who answers."""

    to: Addresses
    cc: Addresses = ()
    subject: Line
    reply_to: Email


class PaymentReminder(Model):
    """A letter, its PDF once that stands in the document base, and the mail that carries it, if any does.

    `asked` tells that mail; None for a letter that is only printed. `step` is its step, by its days.
    """

    id: Id
    customer: Id
    customer_name: Line
    step: int
    content: ReminderContent
    asked: AskedMail | None = None
    file: ReminderFile | None = None
    mail: Id | None = None
    operator: Id | None = None


class ReminderLink(Model):
    """A letter with a short-lived link to its PDF, absent until it is rendered."""

    reminder: PaymentReminder
    url: str | None = None


class Reached(Model):
    """The step that an instalment reached, by its days; by which letter and when."""

    step: int
    on: date
    reminder: Id


class Hold(Model):
    """Why an invoice is not reminded of: disputed, say; who said so and when."""

    reason: Line
    on: date
    by: Line


class Reminded(Model):
    """How far a customer was reminded: steps by invoice and due date, since each instalment goes through all of them.

    `held` are the invoices that are left alone, `last` tells when the last letter in a currency was written.
    """

    reached: dict[Id, dict[date, Reached]] = Field(default_factory=dict)
    held: dict[Id, Hold] = Field(default_factory=dict)
    last: dict[Currency, date] = Field(default_factory=dict)
