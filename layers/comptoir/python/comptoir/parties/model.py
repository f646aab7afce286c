"""Parties: customers, prospects, suppliers, service providers (PTY-01 to PTY-03)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from comptoir.access.custom import CustomValues
from comptoir.kernel.banks import ForeignAccount
from comptoir.kernel.explain import shaped
from comptoir.kernel.identity import (
    Address,
    BankAccount,
    Email,
    Phone,
    RoutingAddress,
    Siren,
    Siret,
    VatNumber,
    siret_not_of_siren,
)
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Exact
from comptoir.kernel.text import Label, Line
from comptoir.parties.snapshot import Language
from comptoir.parties.terms import Incoterm, PaymentTerm

PartyCode = Annotated[
    str,
    shaped(
        r"^[A-Z0-9][A-Z0-9._/-]{0,29}$",
        "Code attendu : majuscules, chiffres, points, tirets, soulignés ou barres, 30 au plus.",
        "A code is expected: capitals, digits, dots, dashes, underscores or slashes, 30 at most.",
    ),
]


class PartyKind(StrEnum):
    """What a party is to the company; one party may be several."""

    CUSTOMER = "customer"
    PROSPECT = "prospect"
    SUPPLIER = "supplier"
    PROVIDER = "provider"


class VatTreatment(StrEnum):
    """How sales to a customer are taxed (PTY-02)."""

    DOMESTIC = "domestic"
    INTRA_COMMUNITY = "intra_community"
    EXPORT = "export"
    REVERSE_CHARGE = "reverse_charge"


class Contact(Model):
    """A person at a party, with the phone and the address to be used first and any others."""

    name: Line
    role: Label | None = None
    phone: Phone | None = None
    email: Email | None = None
    other_phones: Annotated[tuple[Phone, ...], Field(max_length=5)] = ()
    other_emails: Annotated[tuple[Email, ...], Field(max_length=5)] = ()
    language: Language | None = None

    @property
    def reachable(self) -> bool:
        """Whether there is any phone or address to reach the person (CNF-01 criterion 5)."""
        return bool(self.phone or self.email or self.other_phones or self.other_emails)


def _in_order(kinds: tuple[PartyKind, ...]) -> tuple[PartyKind, ...]:
    return tuple(kind for kind in PartyKind if kind in kinds)


class PartyFields(Model):
    """What is entered about a party; identifiers and accounts come with their check digits verified.

    Currency, incoterm and payment terms are what its requests begin with (PTY-02, PTY-03);
    `minimum_order` is what a supplier asks for at least, in that currency without VAT. `vat_checked_on`
    is the day on which its VAT number was found valid in VIES. A `public` customer is an administration;
    `routing_address` is where a French firm receives electronic invoices, by default its SIREN (BT-49).
    An `archived` party keeps what it has and is neither listed nor found any more.
    """

    code: PartyCode
    name: Line
    kinds: Annotated[tuple[PartyKind, ...], Field(min_length=1), AfterValidator(_in_order)]
    address: Address
    billing_address: Address | None = None
    delivery_address: Address | None = None
    professional: bool = True
    public: bool = False
    tax_number: Label | None = None
    vat_number: VatNumber | None = None
    vat_checked_on: date | None = None
    siren: Siren | None = None
    siret: Siret | None = None
    routing_address: RoutingAddress | None = None
    contacts: Annotated[tuple[Contact, ...], Field(max_length=50)] = ()
    website: Line | None = None
    tags: Annotated[tuple[Label, ...], Field(max_length=30)] = ()
    bank_accounts: Annotated[tuple[BankAccount, ...], Field(max_length=20)] = ()
    foreign_accounts: Annotated[tuple[ForeignAccount, ...], Field(max_length=20)] = ()
    language: Language = Language.FRENCH
    currency: Currency = "EUR"
    vat_treatment: VatTreatment = VatTreatment.DOMESTIC
    incoterm: Incoterm | None = None
    incoterm_place: Line | None = None
    terms: Annotated[tuple[PaymentTerm, ...], Field(max_length=20)] = ()
    minimum_order: Annotated[Exact, Field(ge=0)] | None = None
    price_list: Id | None = None
    archived: bool = False
    custom: CustomValues = {}

    @model_validator(mode="after")
    def _siret_of_siren(self) -> PartyFields:
        if self.siret and self.siren and not self.siret.startswith(self.siren):
            raise siret_not_of_siren()
        return self


class Party(PartyFields):
    """A party of the company."""

    id: Id


class PartySummary(Model):
    """A party in a list."""

    id: Id
    code: PartyCode
    name: Line
    kinds: tuple[PartyKind, ...]
    city: Label | None
    country: str
