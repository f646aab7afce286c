"""VAT rates as dated data (CAT-06, RULES §2.3); why nothing is charged is in `vat_cases`.

The list is the one that French electronic invoices accept (BR-FR-16); a rate that ended stays in
it, since a credit note takes up the rate of its invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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


STANDARD_RATE = Decimal(20)
"""The rate of a sale about which nothing else is known."""

RATES = (
    VatRate(STANDARD_RATE, "Taux normal", "Standard rate", date(2014, 1, 1)),
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


def rates(day: date) -> tuple[VatRate, ...]:
    """The rates in force on a day."""
    return tuple(rate for rate in RATES if rate.holds(day))


def accepted(rate: Decimal, day: date) -> bool:
    """Whether a rate may be charged on a day."""
    return any(known.rate == rate for known in rates(day))
