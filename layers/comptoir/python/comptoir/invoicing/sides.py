"""What the two sides of a document lack to be named as the law asks (INV-03, RULES §1.1, §1.2)."""

from __future__ import annotations

from comptoir.access.model import Company, VatRegime
from comptoir.invoicing.model import Document
from comptoir.kernel.errors import Breach
from comptoir.parties.model import Party, VatTreatment


def seller_breaches(company: Company) -> list[Breach]:
    identity, found = company.identity, []
    if not identity.address.lines or not (identity.address.postcode or identity.address.city):
        found.append(
            _breach(
                "seller_address",
                "L'adresse du siège de la société est incomplète.",
                "The company's registered address is incomplete.",
                "/identity/address",
                "/company",
            )
        )
    if identity.vat_regime is VatRegime.FRANCHISE:
        found.append(
            _breach(
                "vat_regime_unsupported",
                "La franchise en base n'est pas encore prise en charge à la facturation.",
                "Invoicing under the VAT exemption scheme (franchise en base) is not supported yet.",
                "/identity/vat_regime",
                "/company",
            )
        )
    elif not identity.vat_number:
        found.append(
            _breach(
                "seller_vat_number",
                "Le numéro de TVA de la société manque.",
                "The company's VAT number is missing.",
                "/identity/vat_number",
                "/company",
            )
        )
    return found


def buyer_breaches(customer: Party, document: Document) -> list[Breach]:
    link, found = f"/parties/{document.customer}", []
    address = customer.address
    if not address.lines or not (address.postcode or address.city):
        found.append(
            _breach(
                "buyer_address",
                "L'adresse du client est incomplète (une ligne, et le code postal ou la ville).",
                "The customer's address is incomplete (one line, and postcode or city).",
                "/address",
                link,
            )
        )
    if customer.professional and address.country == "FR" and not customer.siren:
        found.append(
            _breach(
                "buyer_siren",
                "Le SIREN du client manque.",
                "The customer's SIREN is missing.",
                "/siren",
                link,
            )
        )
    if customer.vat_treatment is not VatTreatment.DOMESTIC:
        found.append(
            _breach(
                "vat_treatment_unsupported",
                "Seules les ventes au régime intérieur peuvent être facturées pour l'instant.",
                "Only domestic sales can be invoiced for now.",
                "/vat_treatment",
                link,
            )
        )
    return found


def _breach(code: str, fr: str, en: str, pointer: str | None = None, link: str | None = None) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer, link=link)
