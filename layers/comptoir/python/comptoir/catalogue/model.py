"""The catalogue: references and supplier offers (CAT-01, CAT-02)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from comptoir.access.custom import CustomValues
from comptoir.catalogue.incoterms import Incoterm
from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.explain import shaped
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Quantity, Rate, UnitPrice
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.parties.snapshot import Language

ReferenceCode = Annotated[
    str,
    shaped(
        r"^[A-Z0-9][A-Z0-9._/-]{0,39}$",
        "Code attendu : majuscules, chiffres, points, tirets, soulignés ou barres, 40 au plus.",
        "A code is expected: capitals, digits, dots, dashes, underscores or slashes, 40 at most.",
    ),
]


AccountNumber = Annotated[
    str,
    shaped(
        r"^[1-7][0-9A-Z]{2,11}$",
        "Compte attendu : un chiffre de classe (1 à 7), puis 2 à 11 chiffres ou majuscules.",
        "An account is expected: a class from 1 to 7, then 2 to 11 digits or capitals.",
    ),
]

Sha256 = Annotated[str, shaped(r"^[0-9a-f]{64}$", "Empreinte SHA-256 attendue.", "A SHA-256 fingerprint is expected.")]

MOST_CHOICES = 10
"""Suppliers that a list shows of one reference."""

Price = Annotated[UnitPrice, Field(ge=0)]
"""A unit price without VAT, never negative."""

Measure = Annotated[Quantity, Field(ge=0)]
"""A weight in kilograms or a volume in cubic metres."""


class OfferTerms(Model):
    """What a supplier asks, apart from who it is; the price is in the supplier's own currency.

    `incoterm_place` may be left out where the supplier's party has the same incoterm with its place.
    """

    supplier_code: Label | None = None
    price: Price
    currency: Currency
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    minimum_quantity: Annotated[Quantity, Field(gt=0)] | None = None
    valid_to: date | None = None


class SupplierOffer(OfferTerms):
    """What a supplier asks for a reference (*fiche de prix*, CAT-02)."""

    supplier: Id
    valid_from: date

    def in_force(self, day: date) -> bool:
        """Whether it may be chosen on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class ReorderThreshold(Model):
    """The level of a depot at which a reference is to be bought again (STK-04)."""

    depot: Id
    quantity: Annotated[Quantity, Field(ge=0)]


class ReferenceFields(Model):
    """What is entered about a reference; prices are without VAT, weights in kilograms, volume in m³.

    `designation` is in French, and stands for a language that has none of its own.
    `sale_account` and `purchase_account` are those of the chart of accounts that its lines go to;
    `picture` is one of the company's images, by the hash of its bytes. An `archived` reference stays where
    it is used and is neither listed nor found any more.
    """

    code: ReferenceCode
    designation: Paragraph
    designation_en: Paragraph | None = None
    designation_es: Paragraph | None = None
    designation_de: Paragraph | None = None
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
    sale_account: AccountNumber | None = None
    purchase_account: AccountNumber | None = None
    thresholds: Annotated[tuple[ReorderThreshold, ...], Field(max_length=50)] = ()
    picture: Sha256 | None = None
    archived: bool = False
    custom: CustomValues = {}


class Reference(ReferenceFields):
    """A reference of the catalogue; in a grouping it is found through the grouping alone."""

    id: Id
    grouping: Id | None = None

    def worded(self, language: Language) -> str:
        """The designation for a document in a language (CAT-01)."""
        return self.designations.get(language) or self.designation

    @property
    def designations(self) -> Mapping[Language, str | None]:
        """The designation in each language."""
        return {
            Language.FRENCH: self.designation,
            Language.ENGLISH: self.designation_en,
            Language.SPANISH: self.designation_es,
            Language.GERMAN: self.designation_de,
        }


class Choice(Model):
    """A reference with a supplier to buy it from, the first of several being the default (CAT-03)."""

    reference: Id
    code: ReferenceCode
    supplier: Id


class ReferenceSummary(Model):
    """A reference in a list; of a grouping, its first reference under the grouping's designation.

    `choices` are whom it is bought from, the default first.
    """

    id: Id
    code: ReferenceCode
    designation: Paragraph
    kind: ProductKind
    unit: Label
    vat_rate: Rate
    sale_price: UnitPrice | None
    sale_currency: Currency
    grouping: Id | None = None
    choices: Annotated[tuple[Choice, ...], Field(max_length=MOST_CHOICES)] = ()
