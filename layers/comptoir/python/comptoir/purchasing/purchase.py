"""Purchases that no customer's order made: what is bought for itself, from draft to received (SUP-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.catalogue.pricing import PricedLine, Totals, totals
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.orders.model import OrderStatus
from comptoir.orders.purchases import priced, unplaced
from comptoir.orders.supplier_model import PurchaseLine, SupplierRequest, SupplierRequestFields
from comptoir.orders.supplier_rules import minimum_breaches
from comptoir.parties.model import VatTreatment
from comptoir.treasury.rules import Dates

MAX_PURCHASE_LINES = 500
DELIVERY = "delivery"
"""The milestone of its delivery, which its terms may hang on."""


class PurchaseStatus(StrEnum):
    """Draft, ordered from the supplier, received, given up."""

    DRAFT = "draft"
    VALIDATED = "validated"
    RECEIVED = "received"
    CANCELLED = "cancelled"


TRANSITIONS: dict[PurchaseStatus, frozenset[PurchaseStatus]] = {
    PurchaseStatus.DRAFT: frozenset({PurchaseStatus.VALIDATED, PurchaseStatus.CANCELLED}),
    PurchaseStatus.VALIDATED: frozenset({PurchaseStatus.RECEIVED, PurchaseStatus.CANCELLED}),
    PurchaseStatus.RECEIVED: frozenset(),
    PurchaseStatus.CANCELLED: frozenset(),
}


class Purchase(SupplierRequestFields):
    """A purchase from one supplier; it begins with what the supplier's party holds (PTY-03).

    `purchase_orders` counts the versions of its purchase order. `below_minimum` is why less is ordered than the
    supplier asks for at least (SUP-04).
    """

    id: Id
    number: Label
    supplier: Id
    supplier_name: Line
    vat_treatment: VatTreatment
    status: PurchaseStatus = PurchaseStatus.DRAFT
    currency: Currency
    lines: Annotated[tuple[PurchaseLine, ...], Field(max_length=MAX_PURCHASE_LINES)] = ()
    totals: Totals
    created_on: dt.date
    validated_on: dt.date | None = None
    received_on: dt.date | None = None
    purchase_orders: int = 0
    below_minimum: Line | None = None
    cancel_reason: Paragraph | None = None


class PurchaseSummary(Model):
    """A purchase in a list."""

    id: Id
    number: Label
    supplier: Id
    supplier_name: Line
    status: PurchaseStatus
    created_on: dt.date
    totals: Totals


def as_request(purchase: Purchase) -> SupplierRequest:
    """The purchase as the request of an order of its own, which prices its products alike."""
    told = purchase.picked(SupplierRequestFields.model_fields)
    # Its lines are valid already, and may be more than an order's own costs.
    return SupplierRequest.model_construct(
        order=purchase.id,
        number=purchase.number,
        rank=1,
        supplier=purchase.supplier,
        supplier_name=purchase.supplier_name,
        vat_treatment=purchase.vat_treatment,
        status=OrderStatus.OFFER if purchase.status is PurchaseStatus.DRAFT else OrderStatus.CONFIRMED,
        created_on=purchase.created_on,
        currency=purchase.currency,
        totals=purchase.totals,
        extras=purchase.lines,
        purchase_orders=purchase.purchase_orders,
        **told,
    )


def priced_lines(purchase: Purchase) -> tuple[PricedLine, ...]:
    """The products as the purchase order prints them."""
    return priced(as_request(purchase), purchase.lines)


def computed(purchase: Purchase) -> Purchase:
    """The purchase with its totals."""
    return purchase.change(totals=totals(priced_lines(purchase), purchase.currency))


def dates(purchase: Purchase) -> Dates:
    """The dates that its terms may hang on; its validation is the confirmation of the order."""
    known = {each.name: each.actual or each.forecast for each in purchase.milestones}
    own = {"order_confirmation": purchase.validated_on, DELIVERY: purchase.received_on}
    return {name: day for name, day in {**known, **{n: d for n, d in own.items() if d}}.items() if day}


def order_breaches(purchase: Purchase, minimum: Decimal | None, quantities: Mapping[str, Decimal]) -> list[Breach]:
    """Why a draft cannot be ordered: products, prices, places, and what the supplier asks for at least (SUP-04).

    `quantities` are the least ones of the supplier's offers by reference.
    """
    found = [] if purchase.lines else [_breach("no_lines", "Aucun produit à commander.", "Nothing to order.", "/lines")]
    for number, line in enumerate(purchase.lines):
        if line.unit_price is None:
            fr, en = "Le prix d'achat manque.", "The purchase price is missing."
            found.append(_breach("price_missing", fr, en, f"/lines/{number}/unit_price"))
    without = {line.id for line in unplaced(as_request(purchase), purchase.lines)}
    for number, line in enumerate(purchase.lines):
        if line.id in without:
            fr, en = "Un incoterm a un lieu convenu.", "An incoterm has a named place."
            found.append(_breach("incoterm_place_missing", fr, en, f"/lines/{number}/incoterm_place"))
    return [
        *found,
        *([] if purchase.below_minimum else minimum_breaches(purchase.totals, minimum, purchase.lines, quantities)),
    ]


def _breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer)
