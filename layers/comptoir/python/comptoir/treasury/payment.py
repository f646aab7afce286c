"""Payments as they are recorded, chained and read (TRS-03, RULES §3.2)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import model_validator

from comptoir.kernel.identity import BankAccount
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, total
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.treasury.model import PaymentMeans, Side


class PaymentKind(StrEnum):
    """What settles documents: money for invoices, money for credit notes, one deducted, or the undoing of these."""

    PAYMENT = "payment"
    REFUND = "refund"
    DEDUCTION = "deduction"
    COUNTER_ENTRY = "counter_entry"


class Allocation(Model):
    """What a payment settles of a document, signed as the money moves: what brings some in is positive.

    That is a customer's invoice or a supplier's credit note; the others take some out. `order` or `purchase` is
    its request, and `credited` the invoice that a credit note credits: its treasury lies there without a request.
    """

    document: Id
    number: Label
    order: Id | None = None
    order_number: Label | None = None
    purchase: Id | None = None
    credited: Id | None = None
    amount: Money


class Reversed(Model):
    """The entry that a counter-entry takes back, by its place in the chain."""

    payment: Id
    sequence: int
    date: date


class PaymentFields(Model):
    """What is recorded of a payment: `amount` is the money that moved, the sum of what it settles.

    It is positive when it came in and negative when it went out, on the side of customers as on that of suppliers
    (`side`, `party`). A deduction moves none: what it settles of invoices is taken of the credit note. `means` says
    how money moved, `bank_account` is the company's, and `entry` is that of the bank which tells of it. `booked` is
    what the bank booked for it where the account is in another currency than the documents.
    """

    id: Id
    kind: PaymentKind
    date: date
    side: Side = Side.CUSTOMER
    party: Id
    party_name: Line
    amount: Money
    means: PaymentMeans | None = None
    bank_account: BankAccount | None = None
    entry: Id | None = None
    booked: Money | None = None
    reference: Label | None = None
    note: Paragraph | None = None
    allocations: tuple[Allocation, ...]
    reverses: Reversed | None = None
    reason: Paragraph | None = None
    operator: Id
    operator_name: Line
    recorded_at: datetime

    @model_validator(mode="after")
    def _adds_up(self) -> PaymentFields:
        if self.amount != total((each.amount for each in self.allocations), self.amount.currency):
            raise ValueError("a payment is the sum of what it settles")
        if self.booked and self.booked.currency == self.amount.currency:
            raise ValueError("what is booked in the currency of the documents is their amount")
        return self

    def sheet(self, company: str, part: Allocation) -> Key:
        """Where the treasury of the request of what it settles lies."""
        alone = part.credited or part.document
        if self.side is Side.SUPPLIER:
            return keys.supplier_sheet(company, part.order or part.purchase, self.party, alone)
        return keys.sheet(company, part.order, alone)


class PaymentFact(PaymentFields):
    """The payload of a payment's chain entry, with the version of the product that recorded it."""

    format: int = 1
    version: Label


class Payment(PaymentFields):
    """A recorded payment: its sequence in the chain of payments, and the counter-entry that took it back."""

    sequence: int
    reversed_by: Id | None = None


class PaymentSummary(Model):
    """A payment in a list, with the numbers of the documents that it settles."""

    id: Id
    kind: PaymentKind
    date: date
    side: Side
    party: Id
    party_name: Line
    amount: Money
    means: PaymentMeans | None
    reference: Label | None
    documents: tuple[Label, ...]
    reversed_by: Id | None
