"""The catalogue: references and supplier offers (CAT-01, CAT-02)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from comptoir.catalogue.incoterms import Incoterm
from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.explain import shaped
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Quantity, Rate, UnitPrice
from comptoir.kernel.text import Label, Paragraph

ReferenceCode = Annotated[
    str,
    shaped(
        r"^[A-Z0-9][A-Z0-9._/-]{0,39}$",
        "Code attendu : majuscules, chiffres, points, tirets, soulignés ou barres, 40 au plus.",
        "A code is expected: capitals, digits, dots, dashes, underscores or slashes, 40 at most.",
    ),
]


Price = Annotated[UnitPrice, Field(ge=0)]
"""A unit price without VAT, never negative."""

Measure = Annotated[Quantity, Field(ge=0)]
"""A weight in kilograms or a volume in cubic metres."""


class OfferTerms(Model):
    """What a supplier asks, apart from who it is; the price is in the supplier's own currency."""

    supplier_code: Label | None = None
    price: Price
    currency: Currency
    incoterm: Incoterm | None = None
    minimum_quantity: Annotated[Quantity, Field(gt=0)] | None = None
    valid_to: date | None = None


class SupplierOffer(OfferTerms):
    """What a supplier asks for a reference (*fiche de prix*, CAT-02)."""

    supplier: Id
    valid_from: date


class ReferenceFields(Model):
    """What is entered about a reference; prices are without VAT, weights in kilograms, volume in m³."""

    code: ReferenceCode
    designation: Paragraph
    designation_en: Paragraph | None = None
    kind: ProductKind = ProductKind.GOODS
    unit: Label = "pièce"
    net_weight: Measure | None = None
    gross_weight: Measure | None = None
    volume: Measure | None = None
    vat_rate: Rate = Decimal(20)
    customs_code: Label | None = None
    sale_price: Price | None = None
    sale_currency: Currency = "EUR"
    stock_managed: bool = False
    tags: Annotated[tuple[Label, ...], Field(max_length=30)] = ()
    offers: Annotated[tuple[SupplierOffer, ...], Field(max_length=50)] = ()


class Reference(ReferenceFields):
    """A reference of the catalogue."""

    id: Id


class ReferenceSummary(Model):
    """A reference in a list."""

    id: Id
    code: ReferenceCode
    designation: Paragraph
    kind: ProductKind
    unit: Label
    vat_rate: Rate
    sale_price: UnitPrice | None
    sale_currency: Currency
