"""Supplier invoices and credit notes as they are recorded (SUP-03, CRN-13)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.catalogue.model import AccountNumber, Price, Sha256
from comptoir.catalogue.pricing import PricedLine, ProductKind, Totals, VatCategory
from comptoir.invoicing.snapshot import CreditType
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, Quantity, Rate
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.purchasing.received import ReceivedFormat, ReceivedKind
from comptoir.treasury.model import Instalment, PaymentMeans

MAX_LINES = 1000


class SupplierStatus(StrEnum):
    """Recorded, or taken back: what is recorded is never changed nor deleted."""

    RECORDED = "recorded"
    CANCELLED = "cancelled"


class SupplierLineFields(Model):
    """A line as the supplier invoices it; price without VAT in the document's currency.

    `source` is the product of the supplier request that it invoices. Without `vat_category` it is the standard one
    with a rate, else the one that the supplier's treatment gives. `net` is what the document says, by default
    quantity × price less the discount.
    """

    source: Id | None = None
    code: Label | None = None
    designation: Paragraph
    kind: ProductKind = ProductKind.GOODS
    quantity: Annotated[Quantity, Field(gt=0)]
    unit: Label = "pièce"
    unit_price: Price
    discount_rate: Annotated[Rate, Field(le=100)] = Decimal(0)
    vat_rate: Rate = Decimal(20)
    vat_category: VatCategory | None = None
    net: Money | None = None
    account: AccountNumber | None = None


class SupplierLine(Model):
    """A recorded line, and the product that it invoices."""

    priced: PricedLine
    source: Id | None = None


class DueFields(Model):
    """What the document asks for on a day, and how it is to be paid."""

    due_date: dt.date
    amount: Money
    means: PaymentMeans = PaymentMeans.TRANSFER


class Difference(Model):
    """Where an invoice departs from what was ordered or received: a code, both sentences, and the line (SUP-03)."""

    code: Label
    fr: Line
    en: Line
    line: int | None = None


class OriginDocument(Model):
    """The recorded invoice that a supplier's credit note credits."""

    document: Id
    number: Label
    issue_date: dt.date


class SupplierDocument(Model):
    """An invoice or credit note of a supplier; amounts of a credit note are positive.

    `sequence` numbers what is recorded, one after another; `booked_on` is the day in the books, that of the document
    unless its period is closed. `payment_reference` is what the supplier wants to read in the transfer.
    """

    id: Id
    kind: ReceivedKind
    status: SupplierStatus = SupplierStatus.RECORDED
    sequence: int
    supplier: Id
    supplier_code: Label
    supplier_name: Line
    supplier_country: Label
    number: Label
    seller: Label
    issue_date: dt.date
    booked_on: dt.date
    received_on: dt.date
    recorded_at: dt.datetime
    recorded_by: Line
    currency: Currency
    order: Id | None = None
    order_number: Label | None = None
    purchase: Id | None = None
    lines: Annotated[tuple[SupplierLine, ...], Field(max_length=MAX_LINES)]
    totals: Totals
    instalments: tuple[Instalment, ...] = ()
    payment_reference: Label | None = None
    note: Paragraph | None = None
    format: ReceivedFormat = ReceivedFormat.MANUAL
    file: Id | None = None
    sha256: Sha256 | None = None
    origin: OriginDocument | None = None
    credit_type: CreditType | None = None
    reason: Paragraph | None = None
    differences: tuple[Difference, ...] = ()
    cancelled_on: dt.date | None = None
    cancelled_at: dt.datetime | None = None
    cancelled_sequence: int | None = None
    cancel_reason: Paragraph | None = None


class SupplierDocumentSummary(Model):
    """A supplier's document in a list; amounts of a credit note are shown negative."""

    id: Id
    kind: ReceivedKind
    status: SupplierStatus
    sequence: int
    supplier: Id
    supplier_name: Line
    number: Label
    issue_date: dt.date
    booked_on: dt.date
    order: Id | None
    net: Money
    vat: Money
    gross: Money
    differences: int


class Register(Model):
    """The last sequence given to what is recorded of suppliers."""

    last: int = 0
