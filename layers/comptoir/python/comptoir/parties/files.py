"""The columns of a file of parties, in French or in English (PTY-05)."""

from __future__ import annotations

from typing import Any

from comptoir.kernel.cells import as_code, as_country, as_date, as_flag, as_number, as_text, choice, several
from comptoir.kernel.table import Column, Table
from comptoir.parties.model import PartyFields, PartyKind, VatTreatment
from comptoir.parties.snapshot import Language

_KINDS = {
    "client": PartyKind.CUSTOMER,
    "prospect": PartyKind.PROSPECT,
    "fournisseur": PartyKind.SUPPLIER,
    "prestataire": PartyKind.PROVIDER,
    "customer": PartyKind.CUSTOMER,
    "supplier": PartyKind.SUPPLIER,
    "provider": PartyKind.PROVIDER,
}
_TREATMENTS = {
    "national": VatTreatment.DOMESTIC,
    "intracommunautaire": VatTreatment.INTRA_COMMUNITY,
    "export": VatTreatment.EXPORT,
    "autoliquidation": VatTreatment.REVERSE_CHARGE,
    "domestic": VatTreatment.DOMESTIC,
    "intra_community": VatTreatment.INTRA_COMMUNITY,
    "reverse_charge": VatTreatment.REVERSE_CHARGE,
}
_LANGUAGES = {
    "fr": Language.FRENCH,
    "en": Language.ENGLISH,
    "français": Language.FRENCH,
    "anglais": Language.ENGLISH,
    "french": Language.FRENCH,
    "english": Language.ENGLISH,
    "es": Language.SPANISH,
    "espagnol": Language.SPANISH,
    "spanish": Language.SPANISH,
    "de": Language.GERMAN,
    "allemand": Language.GERMAN,
    "german": Language.GERMAN,
}


def _address(field: str, fr: str, en: str, plain: tuple[str, ...] = ()) -> list[Column]:
    """The columns of an address; `fr` and `en` begin their headings, `plain` is the first one's short form."""
    return [
        Column(f"{field}.lines.0", f"{fr}adresse 1".capitalize(), f"{en}address 1".capitalize(), also=plain),
        Column(f"{field}.lines.1", f"{fr}adresse 2".capitalize(), f"{en}address 2".capitalize()),
        Column(f"{field}.lines.2", f"{fr}adresse 3".capitalize(), f"{en}address 3".capitalize()),
        Column(f"{field}.postcode", f"{fr}code postal".capitalize(), f"{en}postcode".capitalize()),
        Column(f"{field}.city", f"{fr}ville".capitalize(), f"{en}city".capitalize()),
        Column(f"{field}.country", f"{fr}pays".capitalize(), f"{en}country".capitalize(), as_country),
    ]


def _numbered(words: str, number: int) -> str:
    """The heading of the first of several things, and of the others with their number."""
    return f"{words} {number + 1}" if number else words


def _several(number: int, path: str, fr: str, en: str, read: Any = as_text, also: tuple[str, ...] = ()) -> Column:
    fr, en, *other = (_numbered(words, number) for words in (fr, en, *also))
    return Column(path, fr, en, read, also=tuple(other))


def _contact(number: int) -> list[Column]:
    """The columns of a contact; the first one's have no number."""
    at = f"contacts.{number}"
    mails = ("Email", "Mail", "Adresse électronique")
    return [
        _several(number, f"{at}.name", "Contact", "Contact name", also=("Nom du contact",)),
        _several(number, f"{at}.role", "Fonction", "Role"),
        _several(number, f"{at}.phone", "Téléphone", "Phone", also=("Tél",)),
        _several(number, f"{at}.other_phones", "Autres téléphones", "Other phones", several(as_text)),
        _several(number, f"{at}.email", "Courriel", "E-mail", also=mails),
        _several(number, f"{at}.other_emails", "Autres courriels", "Other e-mails", several(as_text)),
        _several(number, f"{at}.language", "Langue du contact", "Contact language", choice(_LANGUAGES)),
    ]


def _bank_account(number: int) -> list[Column]:
    """The columns of a bank account; the first one's have no number."""
    at = f"bank_accounts.{number}"
    return [
        _several(number, f"{at}.iban", "IBAN", "IBAN number"),
        _several(number, f"{at}.bic", "BIC", "SWIFT"),
        _several(number, f"{at}.holder", "Titulaire du compte", "Account holder", also=("Titulaire",)),
    ]


PARTY_TABLE = Table(
    PartyFields,
    [
        Column("code", "Code", "Code", as_code, required=True, also=("Code tiers", "Party code")),
        Column("name", "Nom", "Name", required=True, also=("Raison sociale", "Dénomination", "Company name")),
        Column("kinds", "Type", "Kind", several(choice(_KINDS)), required=True, also=("Type de tiers", "Kinds")),
        *_address("address", "", "", ("Adresse", "Address")),
        *_address("delivery_address", "livraison ", "delivery "),
        *_address("billing_address", "facturation ", "billing "),
        Column("professional", "Professionnel", "Professional", as_flag),
        Column("public", "Administration", "Public body", as_flag),
        Column("tax_number", "Numéro fiscal", "Tax number"),
        Column("vat_number", "N° TVA", "VAT number", also=("Numéro de TVA", "TVA intracommunautaire")),
        Column("vat_checked_on", "TVA vérifiée le", "VAT number checked on", as_date),
        Column("siren", "SIREN", "SIREN number"),
        Column("siret", "SIRET", "SIRET number"),
        Column("routing_address", "Adresse de facturation électronique", "Electronic invoicing address"),
        Column("vat_treatment", "Régime de TVA", "VAT treatment", choice(_TREATMENTS)),
        Column("language", "Langue", "Language", choice(_LANGUAGES)),
        Column("currency", "Devise", "Currency", as_code),
        Column("incoterm", "Incoterm", "Incoterms", as_code),
        Column("incoterm_place", "Lieu de l'incoterm", "Incoterm place"),
        Column("minimum_order", "Minimum de commande", "Minimum order", as_number),
        Column("website", "Site web", "Website"),
        Column("tags", "Étiquettes", "Tags", several(as_text)),
        Column("archived", "Archivé", "Archived", as_flag),
        *(column for number in range(3) for column in _contact(number)),
        *(column for number in range(2) for column in _bank_account(number)),
    ],
)
