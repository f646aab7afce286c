"""Both sides of a document as it prints them: copies, never joined again."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from comptoir.access.model import Represented, VatGroup
from comptoir.kernel.identity import Address, BankAccount, Email, Phone, RoutingAddress, Siren, Siret, VatNumber
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line, Paragraph


class Language(StrEnum):
    """Languages of documents."""

    FRENCH = "fr"
    ENGLISH = "en"
    SPANISH = "es"
    GERMAN = "de"


class Seller(Model):
    """The company as its documents print it (ACC-08, RULES §1.2).

    `legal_line` is the identity line of its legal form, e.g. « COMPTOIR DU PONANT, SAS au capital
    de 80 000 € — siège social : … — SIREN 732 829 320 RCS Brest ».
    """

    name: Line
    legal_line: Paragraph
    address: Address
    siren: Siren | None = None
    siret: Siret | None = None
    vat_number: VatNumber | None = None
    phone: Phone | None = None
    email: Email | None = None
    website: Line | None = None
    bank_account: BankAccount | None = None
    tax_representative: Represented | None = None
    vat_group: VatGroup | None = None


class Buyer(Model):
    """The customer as it was when the document was issued; `code` is its auxiliary account in the books.

    `vat_checked_on` is the day on which its VAT number was found valid in VIES, `routing_address` where
    it receives electronic invoices.
    """

    code: Label | None = None
    name: Line
    address: Address
    delivery_address: Address | None = None
    siren: Siren | None = None
    vat_number: VatNumber | None = None
    email: Email | None = None
    professional: bool = True
    billing_address: Address | None = None
    siret: Siret | None = None
    routing_address: RoutingAddress | None = None
    vat_checked_on: date | None = None
    public: bool = False
