"""Contracts: what is agreed, for how long, what is billed of it and when (CTR-01)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.access.custom import CustomValues
from comptoir.access.model import Code
from comptoir.catalogue.model import AccountNumber, Price, ReferenceCode
from comptoir.catalogue.pricing import ProductKind, VatCase
from comptoir.contracts.indexation import Indexation, Revision
from comptoir.invoicing.model import DirectLine
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, Quantity, Rate
from comptoir.kernel.spans import Span
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import PaymentTerm

MAX_LINES, MAX_REMINDERS = 100, 10
"""Of a contract, which is one item of the table."""

Day = Annotated[date, Field(ge=date(1950, 1, 1), le=date(2199, 12, 31))]
"""A day of a contract: far enough from the ends of the calendar for anything that is counted from it."""


class Side(StrEnum):
    """Whom a contract is with: a customer, who is invoiced, or a supplier, whose periods are followed alone."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"


class ContractKind(StrEnum):
    """What a contract is about."""

    SUBSCRIPTION = "subscription"
    MAINTENANCE = "maintenance"
    RENTAL = "rental"
    SERVICE = "service"
    LICENCE = "licence"
    INSURANCE = "insurance"
    OTHER = "other"


class ContractStatus(StrEnum):
    """Active as long as anything of it is to come; ended once its last day is over and all of it is billed."""

    ACTIVE = "active"
    ENDED = "ended"


class Billing(StrEnum):
    """When a period is billed: at its beginning (*terme à échoir*) or once it is over (*terme échu*)."""

    ADVANCE = "advance"
    ARREARS = "arrears"


class ReminderEvent(StrEnum):
    """What an action comes before: the next renewal of the contract, or the last day for giving notice of its end."""

    RENEWAL = "renewal"
    NOTICE = "notice"


class ActionKind(StrEnum):
    """What is to be done before a renewal (CTR-05)."""

    CALL = "call"
    MAIL = "mail"


class ReminderInput(Model):
    """An action that the contract makes by itself, so many days before an event, for an operator (CTR-05).

    A mail that is `automatic` goes out to the party's contact in the operator's name, with `subject` and `message`, or
    words of the product's; any other action is a task of the operator's.
    """

    id: Id | None = None
    kind: ActionKind = ActionKind.CALL
    label: Label
    event: ReminderEvent = ReminderEvent.RENEWAL
    days_ahead: Annotated[int, Field(ge=0, le=366)] = 30
    owner: Id
    automatic: bool = False
    subject: Line | None = None
    message: Paragraph | None = None


class Reminder(ReminderInput):
    """A reminder of a contract."""

    id: Id


class ContractLineInput(Model):
    """A product as it is entered: what is left out is that of the reference, at the customer's own price (CAT-04)."""

    id: Id | None = None
    reference: Id | None = None
    code: ReferenceCode | None = None
    designation: Paragraph | None = None
    kind: ProductKind | None = None
    quantity: Annotated[Quantity, Field(gt=0)] = Decimal(1)
    unit: Label | None = None
    unit_price: Price | None = None
    discount_rate: Annotated[Rate, Field(le=100)] = Decimal(0)
    vat_rate: Rate | None = None
    vat_case: VatCase | None = None
    free: bool = False
    account: AccountNumber | None = None
    indexed: bool = True


class ContractLine(DirectLine):
    """A product of a contract, at its price without VAT for one whole period, before any revision."""

    id: Id
    reference: Id | None = None
    indexed: bool = True


class ContractTerms(Model):
    """What is agreed on time: the first term, how it goes on, and the periods that are billed.

    `duration` or `end` gives the first term; neither, a contract without end. `tacit_renewal` begins a term
    of `renewal` (by default the duration) after each one that nobody ended; without it terms are renewed by
    hand. `notice` is how long before the end of a term it is to be ended; of a contract without end, how
    long it goes on after notice. Periods are counted from `anchor`, by default from the start: what does
    not fill one is billed by the day. In advance, `lead_days` bills so many days before a period begins.
    """

    start: Day
    anchor: Day | None = None
    duration: Span | None = None
    end: Day | None = None
    tacit_renewal: bool = False
    renewal: Span | None = None
    notice: Span | None = None
    period: Span = Span()
    billing: Billing = Billing.ADVANCE
    lead_days: Annotated[int, Field(ge=0, le=90)] = 0


class ContractHead(ContractTerms):
    """What is entered about a contract beside its lines and reminders.

    `terms` are those of its invoices, by default the customer's; `note` is printed on each.
    """

    name: Line
    kind: ContractKind = ContractKind.SUBSCRIPTION
    language: Language | None = None
    customer_reference: Label | None = None
    note: Annotated[Paragraph, Field(max_length=2000)] | None = None
    template: Code | None = None
    terms: Annotated[tuple[PaymentTerm, ...], Field(max_length=20)] = ()
    vat_case: VatCase | None = None
    indexation: Indexation | None = None
    tags: Annotated[tuple[Label, ...], Field(max_length=30)] = ()
    custom: CustomValues = {}


class ContractFields(ContractHead):
    """Everything that is entered about a contract, and may be changed."""

    lines: Annotated[tuple[ContractLineInput, ...], Field(min_length=1, max_length=MAX_LINES)]
    reminders: Annotated[tuple[ReminderInput, ...], Field(max_length=MAX_REMINDERS)] = ()


class Termination(Model):
    """How a contract was ended (CTR-06): its last day, why, when notice was given, why notice was not respected."""

    last_day: date
    reason: Paragraph
    notified_on: date
    override: Paragraph | None = None
    recorded_on: date
    recorded_by: Line


class Failure(Model):
    """Why the last scheduled renewal of a contract made nothing; cleared as soon as one does (CTR-04)."""

    on: date
    breaches: tuple[Breach, ...]


class Contract(ContractHead):
    """A contract, from its conclusion to its end.

    `billed_until` is the last day that periods were made of, `renewals` how many terms came after the
    first. `revision` is the last one of its prices; `reminded` tells, by reminder, the event for which it
    made its last action.
    """

    id: Id
    number: Label
    side: Side
    party: Id
    party_name: Line
    currency: Currency
    lines: tuple[ContractLine, ...]
    reminders: tuple[Reminder, ...] = ()
    status: ContractStatus = ContractStatus.ACTIVE
    billed_until: date | None = None
    renewals: int = 0
    revision: Revision | None = None
    reminded: dict[Id, date] = Field(default_factory=dict)
    termination: Termination | None = None
    failure: Failure | None = None
    created_on: date
    created_by: Line


class BilledPeriod(Model):
    """A period that was billed, once: its item is created in the transaction that drafts its invoice (CTR-03).

    `days` of `whole_days` were billed; `document` is the draft or what became of it, None with a supplier.
    `credit_note` credits what was not used of it (CTR-06). `billed_by` is nobody but the product where the clock
    renewed.
    """

    contract: Id
    start: date
    end: date
    due_on: date
    days: int
    whole_days: int
    net: Money
    revision: Revision | None = None
    document: Id | None = None
    credit_note: Id | None = None
    billed_on: date
    billed_by: Line
