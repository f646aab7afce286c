"""Which sales charge no VAT, and why: by regime, treatment, country and what is sold (PTY-02, RULES §1.3)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from comptoir.access.model import Company, VatRegime
from comptoir.catalogue.pricing import ProductKind, VatCase
from comptoir.kernel.identity import EU
from comptoir.parties.model import PartyFields, VatTreatment

_FRENCH_VAT = frozenset("FR MC GP MQ RE".split())
"""Where French VAT holds: Monaco (CGI art. 256 0, I) and the overseas departments that have it (art. 294)."""


class Place(StrEnum):
    """Where a party is established, as VAT sees it."""

    FRANCE = "france"
    UNION = "union"
    OUTSIDE = "outside"


def place_of(country: str) -> Place:
    """Whether a country is France, another member state, or neither."""
    if country in _FRENCH_VAT:
        return Place.FRANCE
    return Place.UNION if country in EU else Place.OUTSIDE


class Sale(NamedTuple):
    """What decides on the VAT of a sale beside its lines."""

    franchise: bool
    treatment: VatTreatment
    seat: Place
    professional: bool

    @classmethod
    def of(cls, company: Company, customer: PartyFields) -> Sale:
        """The sale of a company to a customer."""
        franchise = company.identity.vat_regime is VatRegime.FRANCHISE
        return cls(franchise, customer.vat_treatment, place_of(customer.address.country), customer.professional)


def zero_case(sale: Sale, kinds: Collection[ProductKind]) -> VatCase | None:
    """Why lines of these kinds, invoiced together at 0 %, charge nothing; None when the law gives no reason.

    Transport and services that go with goods follow them; alone, they follow the customer's seat.
    """
    if sale.franchise:
        return VatCase.FRANCHISE
    if sale.treatment is VatTreatment.DOMESTIC:
        return None
    if ProductKind.GOODS in kinds and sale.treatment is VatTreatment.EXPORT:
        return VatCase.EXPORT
    if ProductKind.GOODS in kinds and sale.treatment is VatTreatment.INTRA_COMMUNITY:
        return VatCase.INTRA_COMMUNITY if sale.professional else None
    return _of_services(sale, ProductKind.GOODS in kinds, len(set(kinds)) > 1)


def _of_services(sale: Sale, goods: bool, with_services: bool) -> VatCase | None:
    """Services, or the materials and work of a subcontractor, whose customer owes the tax."""
    if not sale.professional:
        return None
    if sale.seat is Place.FRANCE:
        works = sale.treatment is VatTreatment.REVERSE_CHARGE and (with_services or not goods)
        return VatCase.BUILDING if works else None
    if goods:
        return None
    return VatCase.SERVICES_IN_UNION if sale.seat is Place.UNION else VatCase.SERVICES_OUTSIDE_UNION


def fits(case: VatCase, sale: Sale) -> bool:
    """Whether a case that somebody names can be that of a sale; where goods go is asked of the document."""
    if sale.franchise or case is VatCase.FRANCHISE:
        return sale.franchise and case is VatCase.FRANCHISE
    if case is VatCase.BUILDING:
        return sale.professional and sale.seat is Place.FRANCE
    if case is VatCase.SERVICES_IN_UNION:
        return sale.professional and sale.seat is Place.UNION
    if case is VatCase.SERVICES_OUTSIDE_UNION:
        return sale.professional and sale.seat is Place.OUTSIDE
    if case is VatCase.INTRA_COMMUNITY:
        return sale.professional
    return case is not VatCase.VAT_KEPT
