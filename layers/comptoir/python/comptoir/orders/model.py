"""Orders: one customer request, its lines, terms and milestones, from offer to completion."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.access.custom import CustomValues
from comptoir.access.model import Code
from comptoir.catalogue.incoterms import Incoterm
from comptoir.catalogue.model import AccountNumber, Measure, Price, ReferenceCode
from comptoir.catalogue.pricing import PricedLine, ProductKind, Totals, VatCategory
from comptoir.kernel.errors import Breach
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, Quantity, Rate
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.orders.carriage import Transport
from comptoir.orders.figures import Figures
from comptoir.orders.quote import QuoteSnapshot
from comptoir.orders.route import Route, TrackingLinks
from comptoir.orders.works import Works
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import CONFIRMATION as CONFIRMATION
from comptoir.treasury.model import INVOICE as INVOICE
from comptoir.treasury.model import PaymentTerm

MAX_LINES = 5000


class OrderStatus(StrEnum):
    """*Offre en cours*, *Commande validée*, *Terminée*, *Annulée*."""

    OFFER = "offer"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class MilestoneDates(Model):
    """The dates of a milestone."""

    forecast: date | None = None
    actual: date | None = None


class Milestone(MilestoneDates):
    """A named date of an order, forecast and actual (LOG-01)."""

    name: Label


class LineFields(Model):
    """A requested product as entered (OFF-02); a free line is explicitly so.

    `unit_price` is that of the sale incoterm, or of the intermediate one when the order tells
    transport line by line: `transport_price` then comes on top (OFF-06). Goods stand on the order's
    incoterm; transport and services may have a higher one (OFF-07). Weights (kg) and volume (m³) are
    those of one unit, copied from the reference as the accounts of its sale and purchase are.
    `purchase_offer` is the first day of validity of the supplier offer that gave the purchase price
    (CAT-02, OFF-08). `purchase_incoterm_place` may be left out where the supplier's request stands on the
    same incoterm: it then has that one's. What is bought is what is sold, unless `purchase_quantity` says
    otherwise, and a domestic supplier's VAT rate is that of the sale, unless `purchase_vat_rate` does.
    """

    reference: Id | None = None
    code: ReferenceCode | None = None
    designation: Paragraph
    kind: ProductKind = ProductKind.GOODS
    quantity: Annotated[Quantity, Field(gt=0)]
    unit: Label = "pièce"
    unit_price: Price = Decimal(0)
    discount_rate: Annotated[Rate, Field(le=100)] = Decimal(0)
    vat_rate: Rate = Decimal(20)
    free: bool = False
    transport_price: Price = Decimal(0)
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    net_weight: Measure | None = None
    gross_weight: Measure | None = None
    volume: Measure | None = None
    sale_account: AccountNumber | None = None
    purchase_account: AccountNumber | None = None
    supplier: Id | None = None
    purchase_offer: date | None = None
    purchase_price: Price | None = None
    purchase_currency: Currency | None = None
    purchase_incoterm: Incoterm | None = None
    purchase_incoterm_place: Line | None = None
    purchase_quantity: Annotated[Quantity, Field(gt=0)] | None = None
    purchase_vat_rate: Rate | None = None


class OrderLine(LineFields):
    """A requested product of the customer request."""

    id: Id


class LineInput(LineFields):
    """A requested product as sent; with its `id` it is a line that the order holds already."""

    id: Id | None = None


class Chunk(Model):
    """A part of an order's lines, so that changing one line rewrites little."""

    lines: tuple[OrderLine, ...]


class OfferFields(Model):
    """What is entered when an offer is opened (OFF-01).

    `distance_selling` says that the contract is made at a distance: a consumer may then withdraw from
    it (QUO-05). `works` is what a quote of building or repair works tells (RULES §1.5), `template` the
    one of the order's documents, by default the company's (QUO-06).
    """

    customer: Id
    contact: Line | None = None
    currency: Currency = "EUR"
    language: Language = Language.FRENCH
    customer_reference: Label | None = None
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    transport: Transport = Transport()
    terms: Annotated[tuple[PaymentTerm, ...], Field(max_length=20)] = ()
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=50)] = ()
    message: Paragraph | None = None
    distance_selling: bool = False
    works: Works | None = None
    template: Code | None = None


class OrderOperators(Model):
    """Who answers for an order, on the sales and on the logistics side (ACC-04, LOG-02)."""

    sales_operator: Id
    logistics_operator: Id | None = None


class OrderLabels(Model):
    """The tags and custom fields of an order (ACC-07)."""

    tags: Annotated[tuple[Label, ...], Field(max_length=30)] = ()
    custom: CustomValues = {}


class ConfirmationFields(Model):
    """What is entered when an order is confirmed (CNF-02)."""

    date: date
    internal_reference: Label | None = None
    technical_validation: Paragraph | None = None
    means: Label | None = None


class Confirmation(ConfirmationFields):
    """The confirmation of an order: by whom, and the version of the order that was confirmed."""

    operator: Id
    order_version: int


class ConfirmationAttempt(Model):
    """A confirmation that was asked for: one run of the workflow, and why it was refused if it was.

    The run's name comes from the version and the number of the attempt, so that asking twice is one
    run, and asking again once what was wrong is mended is another.
    """

    order_version: int
    number: int
    asked_at: datetime
    refused: bool = False
    breaches: tuple[Breach, ...] = ()


class SignedQuote(Model):
    """The quote that the customer signed last, and the digest of what it agrees on (QUO-04)."""

    version: int
    number: Label
    issue_date: date
    signed_on: date
    agreed: str


class Order(OfferFields, OrderOperators, OrderLabels):
    """The head of an order; lines lie beside it in chunks, treasury and supplier requests in their own items.

    `suppliers` are those that have a request, in the order of their first line,
    `costs` what these add, by currency, to the purchases of its lines. `zero_category` is what
    a line at 0 % VAT is for this customer: export, intra-Community, exempt … `rates` link the currencies
    that the order uses to its own (OFF-12). `signed` is the last quote or amendment that the customer
    signed (QUO-04). With a `route`, its first departure and last arrival are milestones (LOG-01).
    """

    id: Id
    number: Label
    customer_name: Line
    status: OrderStatus = OrderStatus.OFFER
    sales_name: Line
    logistics_name: Line | None = None
    route: Route = ()
    tracking: TrackingLinks = ()
    created_on: date
    zero_category: VatCategory = VatCategory.ZERO
    lines: int = 0
    totals: Totals
    figures: Figures = Figures()
    rates: tuple[ExchangeRate, ...] = ()
    quotes: int = 0
    signed: SignedQuote | None = None
    suppliers: tuple[Id, ...] = ()
    costs: tuple[Money, ...] = ()
    confirmation: Confirmation | None = None
    cancel_reason: Paragraph | None = None
    completed_on: date | None = None


class QuoteStatus(StrEnum):
    """A quote is pending until its PDF stands in the document base."""

    PENDING = "pending"
    READY = "ready"


class QuoteFile(Model):
    """The PDF of a quote or purchase order in the files bucket; `file` is its identifier in the document base."""

    key: str
    sha256: str
    size: int
    file: Id | None = None


class SignatureFields(Model):
    """A quote signed by hand: when, by whom, and the signed copy in the order's document base."""

    signed_on: date
    signatory: Line
    file: Id | None = None


class Signature(SignatureFields):
    """A recorded signature, and the last day on which a consumer may withdraw (QUO-05)."""

    recorded_at: datetime
    operator: Line
    withdrawal_until: date | None = None


class QuoteView(Model):
    """A version of a quote in the document base (QUO-02, DOC-01)."""

    order: Id
    version: int
    number: Label
    title: Line
    comment: Line | None = None
    language: Language
    author: Line
    created_at: datetime
    totals: Totals
    status: QuoteStatus = QuoteStatus.PENDING
    file: QuoteFile | None = None
    amends: int | None = None
    signature: Signature | None = None


class Quote(QuoteView):
    """A version of a quote as it lies in the table: the frozen content, its lines in chunks beside it.

    `order_version` is the version of the order's head once the quote was made: while it is still that
    one, the quote shows the order as it is.
    """

    order_version: int
    chunks: int
    snapshot: QuoteSnapshot

    def view(self) -> QuoteView:
        """What lists and answers show of it."""
        return QuoteView.model_validate(self.picked(QuoteView.model_fields))


class QuoteChunk(Model):
    """A part of the lines of a quote."""

    lines: tuple[PricedLine, ...]
