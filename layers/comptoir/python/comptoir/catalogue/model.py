"""The catalogue: references and supplier offers (CAT-01, CAT-02)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Quantity, Rate, UnitPrice
from comptoir.kernel.text import Label, Paragraph

ReferenceCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9._/-]{0,39}$")]
Incoterm = Annotated[str, StringConstraints(pattern=r"^(EXW|FCA|FAS|FOB|CFR|CPT|CIF|CIP|DAP|DPU|DDP)$")]


class SupplierOffer(Model):
    """What a supplier asks for a reference (*fiche de prix*), in the supplier's own currency."""

    supplier: Id
    supplier_code: Label | None = None
    price: UnitPrice
    currency: Currency
    incoterm: Incoterm | None = None
    minimum_quantity: Quantity | None = None
    valid_from: date
    valid_to: date | None = None


class ReferenceFields(Model):
    """What is entered about a reference; prices are without VAT, weights in kilograms, volume in m³."""

    code: ReferenceCode
    designation: Paragraph
    designation_en: Paragraph | None = None
    kind: ProductKind = ProductKind.GOODS
    unit: Label = "pièce"
    net_weight: Quantity | None = None
    gross_weight: Quantity | None = None
    volume: Quantity | None = None
    vat_rate: Rate = Decimal(20)
    customs_code: Label | None = None
    sale_price: UnitPrice | None = None
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
