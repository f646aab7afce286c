"""Supplier requests: the purchase sides of an order, one per supplier of its lines (OFF-09, PTY-03)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from comptoir.catalogue.incoterms import Incoterm
from comptoir.catalogue.model import AccountNumber, Price, ReferenceCode
from comptoir.catalogue.pricing import ProductKind, Totals
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, Quantity, Rate
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.orders.model import Milestone, OrderStatus
from comptoir.parties.model import VatTreatment
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import PaymentTerm

MAX_SUPPLIERS = 20
"""Suppliers of one order: its confirmation moves four items for each, in one transaction."""

MAX_EXTRAS = 100


class SupplierRequestFields(Model):
    """What is entered about a supplier request; it begins with what the supplier's party holds (PTY-03).

    `incoterm` is that of the lines that have none of their own. `milestones` are dates of this
    purchase alone, such as the supplier's invoice; those of the order hold for the rest.
    """

    contact: Line | None = None
    language: Language = Language.FRENCH
    supplier_reference: Label | None = None
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    terms: Annotated[tuple[PaymentTerm, ...], Field(max_length=20)] = ()
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=50)] = ()
    message: Paragraph | None = None


class PurchaseFields(Model):
    """A product bought; the price is without VAT, in the request's currency, absent while it is not known.

    Without `vat_rate` a domestic supplier's line bears 20 %, another's none. On the request's incoterm a
    line without `incoterm_place` has the request's.
    """

    code: ReferenceCode | None = None
    designation: Paragraph
    kind: ProductKind = ProductKind.SERVICE
    quantity: Annotated[Quantity, Field(gt=0)]
    unit: Label = "pièce"
    unit_price: Price | None = None
    vat_rate: Rate | None = None
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    account: AccountNumber | None = None


class PurchaseLine(PurchaseFields):
    """A line of a supplier request: `sold` when it is a requested product of the order, else its own cost."""

    id: Id
    sold: bool = False


class PurchaseInput(PurchaseFields):
    """A line as sent; with its `id` it is one that the request holds already."""

    id: Id | None = None


class SupplierRequest(SupplierRequestFields):
    """The purchase from one supplier for an order.

    The requested products that the order buys from the supplier stay lines of the order; `extras` are
    the transports and services that the customer does not see as such. `lines` counts both, `unpriced`
    those without a price; `final_incoterm` is the highest among them. `rank` numbers the requests of an
    order from 1, `purchase_orders` counts the versions issued.
    """

    order: Id
    number: Label
    rank: int
    supplier: Id
    supplier_name: Line
    vat_treatment: VatTreatment
    status: OrderStatus = OrderStatus.OFFER
    created_on: date
    currency: Currency
    lines: int = 0
    unpriced: int = 0
    final_incoterm: Incoterm | None = None
    totals: Totals
    extras: Annotated[tuple[PurchaseLine, ...], Field(max_length=MAX_EXTRAS)] = ()
    purchase_orders: int = 0

    @property
    def open(self) -> bool:
        """Whether it still changes: neither completed nor cancelled."""
        return self.status in (OrderStatus.OFFER, OrderStatus.CONFIRMED)


class SupplierRequestSummary(Model):
    """A supplier request in a list."""

    order: Id
    number: Label
    supplier: Id
    supplier_name: Line
    status: OrderStatus
    created_on: date
    lines: int
    totals: Totals


class Ordered(Model):
    """What confirmed orders of a year have ordered from a supplier, without VAT, by currency (PTY-03)."""

    supplier: Id
    year: int
    amounts: tuple[Money, ...] = ()
