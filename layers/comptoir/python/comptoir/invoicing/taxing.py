"""The VAT of a draft: what it lacks to be issued (RULES §1.1 12°, §2.3, §2.4)."""

from __future__ import annotations

from datetime import date

from comptoir.catalogue.pricing import VatCategory
from comptoir.catalogue.vat import accepted
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.errors import Breach

_EURO = "EUR"


def vat_breaches(document: Document, day: date) -> list[Breach]:
    """What the VAT of a document lacks (RULES §1.1 12°, §2.3, §2.4); a credit note takes its invoice's rates."""
    found = []
    if document.currency != _EURO:
        found.append(
            _breach(
                "vat_in_euro",
                "Hors euro, la TVA doit aussi figurer en euros : cette facturation n'est pas encore prise en charge.",
                "In another currency VAT must be shown in euro too: such invoices are not supported yet.",
                "/currency",
            )
        )
    if document.kind is DocumentKind.CREDIT_NOTE:
        return found
    for number, line in enumerate(document.lines):
        pointer = f"/lines/{number}/priced/vat_rate"
        if not accepted(line.priced.vat_rate, day):
            found.append(
                _breach(
                    "vat_rate_not_in_force",
                    "Ce taux de TVA n'est pas en vigueur à la date de la facture.",
                    "This VAT rate is not in force on the invoice's date.",
                    pointer,
                )
            )
        elif line.priced.vat_category is VatCategory.ZERO and line.priced.net:
            found.append(
                _breach(
                    "zero_vat_without_reason",
                    "Une vente intérieure sans TVA doit en imprimer le motif légal : aucun ne s'applique ici.",
                    "A domestic sale without VAT must print its legal reason: none applies here.",
                    pointer,
                )
            )
    return found


def _breach(code: str, fr: str, en: str, pointer: str | None = None, link: str | None = None) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer, link=link)
