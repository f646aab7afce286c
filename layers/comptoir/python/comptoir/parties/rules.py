"""What a party must satisfy beyond its check digits (PTY-01, PTY-02; RULES §1.1, §1.3)."""

from __future__ import annotations

from datetime import date

from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import EU
from comptoir.parties.model import Party, PartyFields, PartyKind, VatTreatment

_SALE = {PartyKind.CUSTOMER, PartyKind.PROSPECT}
_PURCHASE = {PartyKind.SUPPLIER, PartyKind.PROVIDER}
_MONACO = "MC"
"""Monaco counts as France for VAT (CGI art. 256 0, I)."""


def party_breaches(party: PartyFields) -> list[Breach]:
    """Everything that is wrong with a party; nothing when it may be saved."""
    return [*_numbers(party), *_accounts(party), *_vat(party)]


def siren_of(party: PartyFields) -> str | None:
    """The SIREN of a party: its own, or that of its SIRET."""
    return party.siren or (party.siret[:9] if party.siret else None)


def is_supplier(party: PartyFields) -> bool:
    """Whether goods or services can be bought from the party."""
    return not _PURCHASE.isdisjoint(party.kinds)


def is_customer(party: PartyFields) -> bool:
    """Whether an offer can be made to the party."""
    return not _SALE.isdisjoint(party.kinds)


def archived_breaches(party: Party, pointer: str) -> list[Breach]:
    """Nothing new begins with a party that is archived."""
    if not party.archived:
        return []
    fr, en = f"« {party.name} » est archivé.", f'"{party.name}" is archived.'
    return [Breach(code="party_archived", fr=fr, en=en, pointer=pointer, link=f"/parties/{party.id}")]


def destination(party: PartyFields) -> str:
    """The country that goods sold to the party go to."""
    return (party.delivery_address or party.address).country


def outside_union(country: str) -> bool:
    """Whether goods that go there are exported (CGI art. 262 I); the overseas departments count as outside (294)."""
    return country not in EU and country != _MONACO


def _numbers(party: PartyFields) -> list[Breach]:
    found = []
    if not party.professional:
        found += [
            Breach(
                code="private_person_number",
                fr="Un particulier n'a ni SIREN, ni SIRET, ni numéro de TVA, et n'est pas une administration.",
                en="A private person has no SIREN, SIRET or VAT number, and is no administration.",
                pointer=f"/{name}",
            )
            for name in ("siren", "siret", "vat_number", "routing_address", "public")
            if getattr(party, name)
        ]
    siren = siren_of(party)
    if siren and party.vat_number and party.vat_number.startswith("FR") and party.vat_number[4:] != siren:
        found.append(
            Breach(
                code="vat_number_of_other_siren",
                fr="Le numéro de TVA français contient un autre SIREN.",
                en="The French VAT number holds another SIREN.",
                pointer="/vat_number",
            )
        )
    if party.routing_address and not party.routing_address.startswith(siren or "-"):
        found.append(
            Breach(
                code="routing_of_other_siren",
                fr="L'adresse de facturation électronique commence par le SIREN du client.",
                en="The electronic invoicing address begins with the customer's SIREN.",
                pointer="/routing_address",
            )
        )
    return found


def check_breaches(party: PartyFields, before: PartyFields | None, today: date) -> list[Breach]:
    """The day of a check in VIES is of the number that is entered, and is not to come."""

    def breach(code: str, fr: str, en: str) -> list[Breach]:
        return [Breach(code=code, fr=fr, en=en, pointer="/vat_checked_on")]

    checked = party.vat_checked_on
    if checked is None:
        return []
    if party.vat_number is None:
        fr, en = "Aucun numéro de TVA n'est saisi : il n'y a rien à vérifier.", "There is no VAT number to check."
        return breach("vat_check_without_number", fr, en)
    if checked > today:
        return breach("date_future", "La date est future.", "The date is in the future.")
    if before and before.vat_number != party.vat_number and before.vat_checked_on == checked:
        fr = "Le numéro de TVA a changé : sa vérification dans VIES est à refaire."
        en = "The VAT number has changed: it has to be checked in VIES again."
        return breach("vat_check_of_other_number", fr, en)
    return []


def _accounts(party: PartyFields) -> list[Breach]:
    ibans = [account.iban for account in party.bank_accounts]
    return [
        Breach(
            code="duplicate_iban",
            fr="Cet IBAN figure deux fois.",
            en="This IBAN is given twice.",
            pointer=f"/bank_accounts/{position}/iban",
        )
        for position, iban in enumerate(ibans)
        if iban in ibans[:position]
    ]


def _vat(party: PartyFields) -> list[Breach]:
    """Each VAT treatment against what its legal ground asks (CGI art. 262 ter I, 262 I, 283)."""
    treatment, found = party.vat_treatment, []
    crossing = treatment in (VatTreatment.INTRA_COMMUNITY, VatTreatment.REVERSE_CHARGE)
    if crossing and not party.professional:
        found.append(_treatment("professional_needed", "un client professionnel", "a professional customer"))
    if crossing and not party.vat_number:
        found.append(
            Breach(
                code="vat_number_needed",
                fr="Ce régime de TVA exige le numéro de TVA du client.",
                en="This VAT treatment needs the customer's VAT number.",
                pointer="/vat_number",
            )
        )
    if treatment is VatTreatment.INTRA_COMMUNITY:
        found += _intra_community(party)
    if treatment is VatTreatment.EXPORT and not outside_union(destination(party)):
        found.append(_treatment("export_inside_eu", "une livraison hors de l'Union", "a delivery outside the Union"))
    return found


def _intra_community(party: PartyFields) -> list[Breach]:
    found = []
    if destination(party) not in EU - {"FR"}:
        found.append(
            _treatment("delivery_outside_eu", "une livraison dans un autre État membre", "a delivery in another state")
        )
    if party.vat_number and not of_other_state(party.vat_number):
        found.append(
            Breach(
                code="vat_number_of_other_state",
                fr="Le numéro de TVA doit être celui d'un autre État membre.",
                en="The VAT number must be that of another member state.",
                pointer="/vat_number",
            )
        )
    return found


def of_other_state(number: str) -> bool:
    """Whether a VAT number is another member state's: Greece writes EL, XI is Northern Ireland, inside for goods."""
    return number[:2] in (EU - {"FR", "GR"}) | {"EL", "XI"}


def _treatment(code: str, fr: str, en: str) -> Breach:
    return Breach(
        code=code,
        fr=f"Ce régime de TVA exige {fr}.",
        en=f"This VAT treatment needs {en}.",
        pointer="/vat_treatment",
    )
