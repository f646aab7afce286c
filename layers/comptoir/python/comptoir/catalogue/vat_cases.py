"""Why a sale charges no VAT: dated rows with category, VATEX code, mention and what each needs (RULES §1.3).

The mentions of the CGI stay admitted until 30 June 2028, though the CIBS replaces it: a change of the
law is a new row with its dates. An issued document keeps the row that it was issued with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from comptoir.access.model import Company, VatRegime
from comptoir.catalogue.pricing import Exemption, ProductKind, VatCase, VatCategory
from comptoir.kernel.identity import EU
from comptoir.parties.model import PartyFields, VatTreatment
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording

_OPEN = date(1968, 1, 1)
_CGI_END = date(2028, 6, 30)
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


class Datum(StrEnum):
    """What a case needs to be known beside the amounts."""

    SELLER_VAT_NUMBER = "seller_vat_number"
    BUYER_VAT_NUMBER = "buyer_vat_number"
    VAT_NUMBER_OF_OTHER_STATE = "vat_number_of_other_state"
    VAT_NUMBER_CHECKED = "vat_number_checked"
    DELIVERY_DATE = "delivery_date"
    DELIVERY_IN_UNION = "delivery_in_union"
    DELIVERY_OUTSIDE = "delivery_outside"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case between its dates: what invoices call it, what they print, what it needs and its article."""

    case: VatCase
    category: VatCategory
    vatex: str
    words: Wording
    source: str
    needs: tuple[Datum, ...] = ()
    valid_from: date = _OPEN
    valid_to: date | None = _CGI_END

    def holds(self, day: date) -> bool:
        """Whether the mention may be printed on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def exemption(self, language: Language) -> Exemption:
        """What a document's VAT row says of it."""
        return Exemption(self.case, self.vatex, self.words.said(language))


_BOTH = (Datum.SELLER_VAT_NUMBER, Datum.BUYER_VAT_NUMBER)

CASES = (
    CaseRow(
        VatCase.FRANCHISE,
        VatCategory.EXEMPT,
        "VATEX-FR-FRANCHISE",
        Wording(
            fr="TVA non applicable, art. 293 B du CGI",
            en="VAT not applicable, art. 293 B of the French tax code",
            es="IVA no aplicable, art. 293 B del código fiscal francés (CGI)",
            de="Keine Umsatzsteuer, Art. 293 B des französischen Steuergesetzbuchs (CGI)",
        ),
        "CGI art. 293 B, 293 E",
    ),
    CaseRow(
        VatCase.BUILDING,
        VatCategory.REVERSE_CHARGE,
        "VATEX-EU-AE",
        Wording(
            fr="Autoliquidation – Montant hors taxe (art. 283-2 nonies du CGI)",
            en="Reverse charge (« Autoliquidation ») – amount without VAT (art. 283-2 nonies of the French tax code)",
            es="Inversión del sujeto pasivo (« Autoliquidation ») – importe sin IVA (art. 283-2 nonies del CGI)",
            de="Steuerschuldnerschaft des Leistungsempfängers (« Autoliquidation ») – Betrag ohne Umsatzsteuer"
            " (Art. 283-2 nonies CGI)",
        ),
        "CGI art. 283-2 nonies; ann. II art. 242 nonies A, I 4° and 13°",
        _BOTH,
    ),
    CaseRow(
        VatCase.SERVICES_IN_UNION,
        VatCategory.REVERSE_CHARGE,
        "VATEX-EU-AE",
        Wording(
            fr="Autoliquidation (art. 283-2 du CGI)",
            en="Reverse charge (art. 283-2 of the French tax code)",
            es="Inversión del sujeto pasivo (art. 283-2 del código fiscal francés)",
            de="Steuerschuldnerschaft des Leistungsempfängers (Art. 283-2 des französischen CGI)",
        ),
        "CGI art. 283-2, 259-1°; directive 2006/112/CE art. 196",
        (*_BOTH, Datum.VAT_NUMBER_OF_OTHER_STATE),
    ),
    CaseRow(
        VatCase.INTRA_COMMUNITY,
        VatCategory.INTRA_COMMUNITY,
        "VATEX-EU-IC",
        Wording(
            fr="Exonération de TVA, article 262 ter I du CGI",
            en="VAT exempt, article 262 ter I of the French tax code",
            es="Exención del IVA, artículo 262 ter I del código fiscal francés",
            de="Steuerfreie innergemeinschaftliche Lieferung, Artikel 262 ter I des französischen CGI",
        ),
        "CGI art. 262 ter I; ann. II art. 242 nonies A, I 3° and 12°",
        (
            *_BOTH,
            Datum.VAT_NUMBER_OF_OTHER_STATE,
            Datum.VAT_NUMBER_CHECKED,
            Datum.DELIVERY_IN_UNION,
            Datum.DELIVERY_DATE,
        ),
    ),
    CaseRow(
        VatCase.EXPORT,
        VatCategory.EXPORT,
        "VATEX-EU-G",
        Wording(
            fr="Exonération de TVA, article 262 I du CGI",
            en="VAT exempt, article 262 I of the French tax code",
            es="Exención del IVA, artículo 262 I del código fiscal francés",
            de="Steuerfreie Ausfuhrlieferung, Artikel 262 I des französischen CGI",
        ),
        "CGI art. 262 I",
        (Datum.DELIVERY_OUTSIDE,),
    ),
    CaseRow(
        VatCase.SERVICES_OUTSIDE_UNION,
        VatCategory.OUTSIDE_SCOPE,
        "VATEX-EU-O",
        Wording(
            fr="TVA non applicable – art. 259-1 du CGI",
            en="VAT not applicable – art. 259-1 of the French tax code",
            es="IVA no aplicable – art. 259-1 del código fiscal francés",
            de="In Frankreich nicht steuerbar – Art. 259-1 des französischen CGI",
        ),
        "CGI art. 259-1°",
    ),
    CaseRow(
        VatCase.SECOND_HAND,
        VatCategory.EXEMPT,
        "VATEX-EU-F",
        Wording(
            fr="Régime particulier - Biens d'occasion",
            en="Margin scheme - Second-hand goods",
            es="Régimen del margen de beneficio - Bienes de ocasión",
            de="Gebrauchtgegenstände/Sonderregelung",
        ),
        "CGI art. 297 A; ann. II art. 242 nonies A, I 15°",
    ),
    CaseRow(
        VatCase.WORKS_OF_ART,
        VatCategory.EXEMPT,
        "VATEX-EU-I",
        Wording(
            fr="Régime particulier - Objets d'art",
            en="Margin scheme - Works of art",
            es="Régimen del margen de beneficio - Objetos de arte",
            de="Kunstgegenstände/Sonderregelung",
        ),
        "CGI art. 297 A; ann. II art. 242 nonies A, I 15°",
    ),
    CaseRow(
        VatCase.ANTIQUES,
        VatCategory.EXEMPT,
        "VATEX-EU-J",
        Wording(
            fr="Régime particulier - Objets de collection et d'antiquité",
            en="Margin scheme - Collector's items and antiques",
            es="Régimen del margen de beneficio - Objetos de colección y antigüedades",
            de="Sammlungsstücke und Antiquitäten/Sonderregelung",
        ),
        "CGI art. 297 A; ann. II art. 242 nonies A, I 15°",
    ),
    CaseRow(
        VatCase.TRAVEL_AGENCY,
        VatCategory.EXEMPT,
        "VATEX-EU-D",
        Wording(
            fr="Régime particulier - Agences de voyages",
            en="Margin scheme - Travel agents",
            es="Régimen del margen de beneficio - Agencias de viajes",
            de="Sonderregelung für Reisebüros",
        ),
        "CGI art. 266-1 e; ann. II art. 242 nonies A, I 14°",
    ),
    CaseRow(
        VatCase.VAT_KEPT,
        VatCategory.EXEMPT,
        "VATEX-FR-CNWVAT",
        Wording(
            fr="Net de taxe",
            en="Net of tax: the VAT of the invoice is not corrected (« Net de taxe »)",
            es="Neto de impuestos: el IVA de la factura no se rectifica (« Net de taxe »)",
            de="Ohne Steuer: die Umsatzsteuer der Rechnung wird nicht berichtigt (« Net de taxe »)",
        ),
        "CGI art. 272-1; BOI-TVA-DECLA-30-20-20-20 § 260",
    ),
)

MARGIN = frozenset({VatCase.SECOND_HAND, VatCase.WORKS_OF_ART, VatCase.ANTIQUES, VatCase.TRAVEL_AGENCY})
"""Cases whose VAT is inside the price and is not shown (CGI art. 297 E)."""


NAMED = MARGIN | {VatCase.BUILDING}
"""Cases that a sale does not tell by itself: somebody names them."""


def row_of(case: VatCase, day: date) -> CaseRow | None:
    """The row of a case that is in force on a day."""
    return next((row for row in CASES if row.case is case and row.holds(day)), None)


def category_of(case: VatCase | None) -> VatCategory:
    """The category of a line at 0 %; without any case it is a zero without reason."""
    return next((row.category for row in CASES if row.case is case), VatCategory.ZERO)


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


def exemptions(cases: Iterable[VatCase], language: Language, day: date) -> dict[VatCategory, Exemption]:
    """What the VAT rows of a document say, by category; of cases that share one the first counts."""
    found: dict[VatCategory, Exemption] = {}
    for case in cases:
        row = row_of(case, day)
        if row:
            found.setdefault(row.category, row.exemption(language))
    return found
