"""The data that mentions need, each with what is said where it lacks (INV-03)."""

from __future__ import annotations

from decimal import Decimal

from comptoir.access.model import VatRegime
from comptoir.invoicing.mentions import Case, Need
from comptoir.kernel.identity import Address
from comptoir.parties.rules import siren_of

_COMPANY, _PARTY = "/company", "/parties/{customer}"
_SMALL = Decimal(150)
"""Without VAT in euro: up to it an invoice needs no seller's VAT number (242 nonies A, II)."""


def complete(address: Address) -> bool:
    """An address that the post can read: a line, and postcode or city."""
    return bool(address.lines and (address.postcode or address.city))


def in_registration(case: Case) -> bool:
    """Whether the company has no number yet."""
    return case.company.identity.siret_pending


def needs_vat_number(case: Case) -> bool:
    """Under the franchise and up to 150 € the seller's number is not asked for; a company in registration has none."""
    net = case.document.totals.net
    small = net.currency == "EUR" and abs(net.amount) <= _SMALL and case.invoice
    return not (case.company.identity.vat_regime is VatRegime.FRANCHISE or small or in_registration(case))


def french_professional(case: Case) -> bool:
    """A business in France, which has a SIREN."""
    return case.customer.professional and case.customer.address.country == "FR"


SELLER_ADDRESS = Need(
    "seller_address",
    "L'adresse du siège de la société est incomplète.",
    "The company's registered address is incomplete.",
    "/identity/address",
    lambda case: complete(case.company.identity.address),
    _COMPANY,
)
SELLER_VAT_NUMBER = Need(
    "seller_vat_number",
    "Le numéro de TVA de la société manque.",
    "The company's VAT number is missing.",
    "/identity/vat_number",
    lambda case: bool(case.company.identity.vat_number) or not needs_vat_number(case),
    _COMPANY,
)
INSURANCE = Need(
    "insurance_missing",
    "L'assurance professionnelle, ses coordonnées et sa couverture géographique manquent.",
    "The professional insurance, its address and the territory that it covers are missing.",
    "/identity/insurance",
    lambda case: bool(case.company.identity.insurance),
    _COMPANY,
)
BUYER_ADDRESS = Need(
    "buyer_address",
    "L'adresse du client est incomplète (une ligne, et le code postal ou la ville).",
    "The customer's address is incomplete (one line, and postcode or city).",
    "/address",
    lambda case: complete(case.customer.address),
    _PARTY,
)
BILLING_ADDRESS = Need(
    "billing_address",
    "L'adresse de facturation est incomplète (une ligne, et le code postal ou la ville).",
    "The billing address is incomplete (one line, and postcode or city).",
    "/billing_address",
    lambda case: case.customer.billing_address is None or complete(case.customer.billing_address),
    _PARTY,
)
BUYER_SIREN = Need(
    "buyer_siren",
    "Le SIREN du client manque.",
    "The customer's SIREN is missing.",
    "/siren",
    lambda case: bool(siren_of(case.customer)),
    _PARTY,
)
LINES = Need(
    "no_lines",
    "Le document n'a aucune ligne.",
    "The document has no line.",
    "/lines",
    lambda case: bool(case.document.lines),
)
ORIGIN = Need(
    "origin_missing",
    "La facture à laquelle se rapporte le document manque.",
    "The invoice that the document refers to is missing.",
    "/origin",
    lambda case: case.document.origin is not None,
)
REASON = Need(
    "reason_missing",
    "Le motif de l'avoir manque.",
    "The reason of the credit note is missing.",
    "/reason",
    lambda case: bool(case.document.reason),
)
REDUCED_RATE = Need(
    "dwelling_without_reduced_rate",
    "L'attestation des travaux dans un logement exige une ligne à 10 % ou à 5,5 %.",
    "The certificate of works in a dwelling needs a line at 10 % or at 5.5 %.",
    "/dwelling_works",
    lambda case: any(line.priced.vat_rate in (Decimal(10), Decimal("5.5")) for line in case.document.lines),
)
