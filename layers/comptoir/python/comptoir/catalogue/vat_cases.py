"""Why a sale charges no VAT: dated rows with category, VATEX code, mention and what each needs (RULES §1.3).

The mentions of the CGI stay admitted until 30 June 2028, though the CIBS replaces it: a change of the
law is a new row with its dates. An issued document keeps the row that it was issued with. Which case a
sale has is decided in `vat_sales`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comptoir.catalogue.pricing import Exemption, VatCase, VatCategory
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording

_OPEN = date(1968, 1, 1)
_CGI_END = date(2028, 6, 30)


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
        valid_to=None,
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
        valid_to=None,
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
        valid_to=None,
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
        valid_to=None,
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
        valid_to=None,
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


def exemptions(cases: Iterable[VatCase], language: Language, day: date) -> dict[VatCategory, Exemption]:
    """What the VAT rows of a document say, by category; of cases that share one the first counts."""
    found: dict[VatCategory, Exemption] = {}
    for case in cases:
        row = row_of(case, day)
        if row:
            found.setdefault(row.category, row.exemption(language))
    return found
