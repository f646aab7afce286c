"""Orders: one customer request, its lines, terms and milestones, from offer to completion."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.catalogue.model import Incoterm, ReferenceCode
from comptoir.catalogue.pricing import ProductKind, Totals
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Quantity, Rate, UnitPrice
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import PaymentTerm, TreasuryLine

MAX_LINES = 5000


class OrderStatus(StrEnum):
    """*Offre en cours*, *Commande validée*, *Terminée*, *Annulée*."""

    OFFER = "offer"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.OFFER: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.OFFER, OrderStatus.COMPLETED}),
    OrderStatus.COMPLETED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}

CONFIRMATION = "order_confirmation"
"""The milestone « Confirmation de commande », set by the confirmation alone (CNF-03)."""

INVOICE = "invoice"
"""The milestone of the invoice's own date."""


class Milestone(Model):
    """A named date of an order, forecast and actual (LOG-01)."""

    name: Label
    forecast: date | None = None
    actual: date | None = None


class LineFields(Model):
    """A requested product as entered (OFF-02); a free line is explicitly so."""

    reference: Id | None = None
    code: ReferenceCode | None = None
    designation: Paragraph
    kind: ProductKind = ProductKind.GOODS
    quantity: Annotated[Quantity, Field(gt=0)]
    unit: Label = "pièce"
    unit_price: Annotated[UnitPrice, Field(ge=0)] = Decimal(0)
    discount_rate: Annotated[Rate, Field(le=100)] = Decimal(0)
    vat_rate: Rate = Decimal(20)
    free: bool = False
    supplier: Id | None = None
    purchase_price: Annotated[UnitPrice, Field(ge=0)] | None = None
    purchase_currency: Currency | None = None
    purchase_incoterm: Incoterm | None = None


class OrderLine(LineFields):
    """A requested product of the customer request."""

    id: Id


class Chunk(Model):
    """A part of an order's lines, so that changing one line rewrites little."""

    lines: tuple[OrderLine, ...]


class OfferFields(Model):
    """What is entered when an offer is opened (OFF-01)."""

    customer: Id
    contact: Line | None = None
    currency: Currency = "EUR"
    language: Language = Language.FRENCH
    customer_reference: Label | None = None
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    terms: Annotated[tuple[PaymentTerm, ...], Field(max_length=20)] = ()
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=50)] = ()
    message: Paragraph | None = None


class Confirmation(Model):
    """What was entered when the order was confirmed (CNF-02)."""

    date: date
    internal_reference: Label | None = None
    technical_validation: Paragraph | None = None
    means: Label | None = None
    operator: Id


class Order(OfferFields):
    """The head of an order; lines lie beside it in chunks, treasury in its own item."""

    id: Id
    number: Label
    customer_name: Line
    status: OrderStatus = OrderStatus.OFFER
    sales_operator: Id
    sales_name: Line
    created_on: date
    lines: int = 0
    totals: Totals
    quotes: int = 0
    confirmation: Confirmation | None = None


class Treasury(Model):
    """The treasury lines of an order's customer request, and the quantities already drafted or invoiced."""

    lines: tuple[TreasuryLine, ...] = ()
    taken: dict[str, Quantity] = Field(default_factory=dict)


class OrderSummary(Model):
    """An order in a list."""

    id: Id
    number: Label
    customer: Id
    customer_name: Line
    status: OrderStatus
    created_on: date
    totals: Totals
