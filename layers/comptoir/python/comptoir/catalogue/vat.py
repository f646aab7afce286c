"""VAT rates as dated data, and the legal reason of each zero (CAT-06, RULES §1.3 and §2.3).

The list is the one that French electronic invoices accept (BR-FR-16); a rate that ended stays in
it, since a credit note takes up the rate of its invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comptoir.catalogue.pricing import VatCategory

_OPEN = date(1968, 1, 1)
"""When VAT became general: rates whose beginning nobody needs any more."""


@dataclass(frozen=True, slots=True)
class VatRate:
    """A rate in per cent, where it applies, and from when until when (both included)."""

    rate: Decimal
    fr: str
    en: str
    valid_from: date = _OPEN
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the rate is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ZeroReason:
    """Why nothing is due: the category and VATEX code of EN 16931, and the mention to print.

    The mentions of the CGI stay admitted until 30 June 2028, though the CIBS replaces it.
    """

    code: str
    category: VatCategory
    vatex: str
    fr: str
    en: str
    valid_from: date = _OPEN
    valid_to: date | None = date(2028, 6, 30)

    def holds(self, day: date) -> bool:
        """Whether the mention may be printed on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


RATES = (
    VatRate(Decimal(20), "Taux normal", "Standard rate", date(2014, 1, 1)),
    VatRate(Decimal(10), "Taux intermédiaire", "Intermediate rate", date(2014, 1, 1)),
    VatRate(Decimal("5.5"), "Taux réduit", "Reduced rate"),
    VatRate(Decimal("2.1"), "Taux particulier", "Super-reduced rate"),
    VatRate(Decimal("8.5"), "Taux normal outre-mer", "Overseas standard rate", date(2000, 4, 1)),
    VatRate(Decimal("1.75"), "Taux particulier outre-mer", "Overseas special rate"),
    VatRate(Decimal("1.05"), "Presse outre-mer", "Overseas press rate"),
    VatRate(Decimal(13), "Taux particulier Corse", "Corsican special rate"),
    VatRate(Decimal("0.9"), "Taux réduit Corse", "Corsican super-reduced rate"),
    VatRate(Decimal("9.2"), "Taux particulier (liste BR-FR-16)", "Special rate (list BR-FR-16)"),
    VatRate(Decimal("9.6"), "Taux particulier (liste BR-FR-16)", "Special rate (list BR-FR-16)"),
    VatRate(Decimal("20.6"), "Ancien taux normal", "Former standard rate", date(1995, 8, 1), date(2000, 3, 31)),
    VatRate(Decimal("19.6"), "Ancien taux normal", "Former standard rate", date(2000, 4, 1), date(2013, 12, 31)),
    VatRate(Decimal(7), "Ancien taux réduit", "Former reduced rate", date(2012, 1, 1), date(2013, 12, 31)),
    VatRate(Decimal(0), "Sans TVA", "No VAT"),
)

ZERO_REASONS = (
    ZeroReason(
        "franchise",
        VatCategory.EXEMPT,
        "VATEX-FR-FRANCHISE",
        "TVA non applicable, art. 293 B du CGI",
        "VAT not applicable, art. 293 B of the French tax code",
    ),
    ZeroReason(
        "intra_community",
        VatCategory.INTRA_COMMUNITY,
        "VATEX-EU-IC",
        "Exonération de TVA, article 262 ter I du CGI",
        "VAT exempt, article 262 ter I of the French tax code",
    ),
    ZeroReason(
        "export",
        VatCategory.EXPORT,
        "VATEX-EU-G",
        "Exonération de TVA, article 262 I du CGI",
        "VAT exempt, article 262 I of the French tax code",
    ),
    ZeroReason("reverse_charge", VatCategory.REVERSE_CHARGE, "VATEX-EU-AE", "Autoliquidation", "Reverse charge"),
    ZeroReason(
        "outside_union",
        VatCategory.OUTSIDE_SCOPE,
        "VATEX-EU-O",
        "TVA non applicable – art. 259-1 du CGI",
        "VAT not applicable – art. 259-1 of the French tax code",
    ),
)


def rates(day: date) -> tuple[VatRate, ...]:
    """The rates in force on a day."""
    return tuple(rate for rate in RATES if rate.holds(day))


def accepted(rate: Decimal, day: date) -> bool:
    """Whether a rate may be charged on a day."""
    return any(known.rate == rate for known in rates(day))


def zero_reasons(day: date) -> dict[VatCategory, ZeroReason]:
    """The mention of each category that charges nothing, as it may be printed on a day."""
    return {reason.category: reason for reason in ZERO_REASONS if reason.holds(day)}
