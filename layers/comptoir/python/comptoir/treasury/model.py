"""Treasury lines and instalments: expected and real money of a request (TRS-01)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from comptoir.kernel.exchange import ExchangeRate
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
    """From expectation to money: forecast → firm → invoiced → paid; credit lines apart (TRS-01, CRN-07).

    *Avoir déduit* is said of the credit line and of what it covers elsewhere; a credit note that is
    paid back to the customer is refunded.
    """

    FORECAST = "forecast"
    FIRM = "firm"
    INVOICED = "invoiced"
    PAID = "paid"
    CREDIT_TO_DEDUCT = "credit_to_deduct"
    CREDIT_DEDUCTED = "credit_deducted"
    CREDIT_REFUNDED = "credit_refunded"


TRANSITIONS: dict[TreasuryStatus, frozenset[TreasuryStatus]] = {
    TreasuryStatus.FORECAST: frozenset({TreasuryStatus.FIRM}),
    TreasuryStatus.FIRM: frozenset({TreasuryStatus.FORECAST, TreasuryStatus.INVOICED}),
    TreasuryStatus.INVOICED: frozenset({TreasuryStatus.FIRM, TreasuryStatus.PAID, TreasuryStatus.CREDIT_DEDUCTED}),
    TreasuryStatus.PAID: frozenset({TreasuryStatus.INVOICED}),
    TreasuryStatus.CREDIT_TO_DEDUCT: frozenset({TreasuryStatus.CREDIT_DEDUCTED, TreasuryStatus.CREDIT_REFUNDED}),
    TreasuryStatus.CREDIT_DEDUCTED: frozenset({TreasuryStatus.INVOICED, TreasuryStatus.CREDIT_TO_DEDUCT}),
    TreasuryStatus.CREDIT_REFUNDED: frozenset({TreasuryStatus.CREDIT_TO_DEDUCT}),
}
"""Backwards: undoing a confirmation (CNF-06), cancelling an invoice (INV-09), reversing a payment (TRS-03) or what was
deducted of a supplier's credit note (CRN-13)."""


UNINVOICED = frozenset({TreasuryStatus.FORECAST, TreasuryStatus.FIRM})
"""The statuses of lines that nothing has invoiced yet."""


class Expected(Model):
    """What was expected of a line before it was paid or covered; a counter-entry brings it back."""

    means: PaymentMeans
    bank_account: BankAccount | None
    label: Line | None = None


class Credited(Model):
    """What a credit line takes of: the invoice, and the part of it (CRN-08).

    `part` is the payment that settled the part, or the line of another credit note that covers it, and
    `paid_on` its date; both are absent for what was not paid.
    """

    invoice: Id
    part: Id | None = None
    paid_on: date | None = None


class Link(Model):
    """The other side of a deduction: the document and request that it stands with, and the line (CRN-10)."""

    document: Id
    number: Label
    order: Id | None = None
    order_number: Label | None = None
    line: Id


class Certification(Model):
    """Who certified the exchange rate of a line, and when (TRS-05)."""

    operator: Id
    name: Line
    at: datetime


class Transferred(Model):
    """The transfer that pays a line: its order, and the end-to-end reference that the statement will tell (TRS-09)."""

    order: Id
    end_to_end: Label


class TreasuryLine(Model):
    """An expected or real movement of a request; negative for a credit note (TRS-01, CRN-07).

    `forecast_date` is absent while the milestone of its term has no date. `term` is the index of
    the payment term it comes from, `document` the invoice or credit note that made it what it is,
    `number` that document's; `outside_products` leaves it out of recomputation and of the balance
    with the products. `payment` is what settled it: a payment, a refund or a deduction. `rate` links
    its currency to the company's, and is fixed once `certified`. `transfer` is the one that was made of it,
    *Virement généré*: the line then waits, unchanged, for the bank to tell that it is paid.
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
    number: Label | None = None
    label: Line | None = None
    payment: Id | None = None
    expected: Expected | None = None
    credited: Credited | None = None
    link: Link | None = None
    rate: ExchangeRate | None = None
    certified: Certification | None = None
    transfer: Transferred | None = None

    @property
    def frozen(self) -> bool:
        """Whether a transfer under way pays it (TRS-09)."""
        return self.transfer is not None and self.status is TreasuryStatus.INVOICED

    @property
    def size(self) -> Money:
        """Its amount without sign."""
        return -self.amount if self.amount.amount < 0 else self.amount


class Side(StrEnum):
    """What a customer owes the company, or what the company owes a supplier."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"


class Debtor(Model):
    """Whose request a sheet is once it is invoiced: the party, and its order or the invoice that no order made."""

    side: Side = Side.CUSTOMER
    customer: Id
    order: Id | None = None
    order_number: Label | None = None
    invoice: Id | None = None


class Treasury(Model):
    """The treasury lines of a request, and the quantities of its products already drafted or invoiced."""

    lines: tuple[TreasuryLine, ...] = ()
    taken: dict[str, Quantity] = Field(default_factory=dict)
    debtor: Debtor | None = None


class OpenAmount(Model):
    """What a document has open on a day: due, or, negative, left of a credit note to deduct.

    What a transfer under way pays stands apart, with that `transfer`.
    """

    document: Id
    number: Label
    amount: Money
    due_date: date | None
    transfer: Transferred | None = None


class OpenRequest(Model):
    """What a request has open: what is due of its invoices, and its credit notes still to deduct (CRN-09, PTY-02)."""

    debtor: Debtor | None = None
    due: tuple[OpenAmount, ...] = ()
    credits: tuple[OpenAmount, ...] = ()


class Instalment(Model):
    """An amount due on a date by a means (« virement », …)."""

    due_date: date
    amount: Money
    means: Label
