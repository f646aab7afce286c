"""What a party must satisfy beyond its check digits (PTY-01, PTY-02; RULES §1.1, §1.3)."""

from __future__ import annotations

from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import EU
from comptoir.parties.model import PartyFields, PartyKind, VatTreatment

_SALE = {PartyKind.CUSTOMER, PartyKind.PROSPECT}
_PURCHASE = {PartyKind.SUPPLIER, PartyKind.PROVIDER}
_MONACO = "MC"
"""Monaco counts as France for VAT (CGI art. 256 0, I)."""


def party_breaches(party: PartyFields) -> list[Breach]:
    """Everything that is wrong with a party; nothing when it may be saved."""
    return [*_numbers(party), *_accounts(party), *_vat(party)]


def is_supplier(party: PartyFields) -> bool:
    """Whether goods or services can be bought from the party."""
    return not _PURCHASE.isdisjoint(party.kinds)


def is_customer(party: PartyFields) -> bool:
    """Whether an offer can be made to the party."""
    return not _SALE.isdisjoint(party.kinds)


def _numbers(party: PartyFields) -> list[Breach]:
    found = []
    if not party.professional:
        found += [
            Breach(
                code="private_person_number",
                fr="Un particulier n'a ni SIREN, ni SIRET, ni numéro de TVA.",
                en="A private person has no SIREN, SIRET or VAT number.",
                pointer=f"/{name}",
            )
            for name in ("siren", "siret", "vat_number")
            if getattr(party, name)
        ]
    siren = party.siren or (party.siret[:9] if party.siret else None)
    if siren and party.vat_number and party.vat_number.startswith("FR") and party.vat_number[4:] != siren:
        found.append(
            Breach(
                code="vat_number_of_other_siren",
                fr="Le numéro de TVA français contient un autre SIREN.",
                en="The French VAT number holds another SIREN.",
                pointer="/vat_number",
            )
        )
    return found


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
    destination = (party.delivery_address or party.address).country
    if treatment is VatTreatment.EXPORT and (destination in EU or destination == _MONACO):
        found.append(_treatment("export_inside_eu", "une livraison hors de l'Union", "a delivery outside the Union"))
    return found


def _intra_community(party: PartyFields) -> list[Breach]:
    found = []
    destination = (party.delivery_address or party.address).country
    if destination not in EU - {"FR"}:
        found.append(
            _treatment("delivery_outside_eu", "une livraison dans un autre État membre", "a delivery in another state")
        )
    if party.vat_number and not _of_other_state(party.vat_number):
        found.append(
            Breach(
                code="vat_number_of_other_state",
                fr="Le numéro de TVA doit être celui d'un autre État membre.",
                en="The VAT number must be that of another member state.",
                pointer="/vat_number",
            )
        )
    return found


def _of_other_state(number: str) -> bool:
    """Greece writes EL; XI is Northern Ireland, inside the Union for goods."""
    return number[:2] in (EU - {"FR", "GR"}) | {"EL", "XI"}


def _treatment(code: str, fr: str, en: str) -> Breach:
    return Breach(
        code=code,
        fr=f"Ce régime de TVA exige {fr}.",
        en=f"This VAT treatment needs {en}.",
        pointer="/vat_treatment",
    )
