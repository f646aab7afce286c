"""The company, its operators and its profiles."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from comptoir.access.permissions import Permission
from comptoir.kernel.explain import flaw, shaped
from comptoir.kernel.identity import (
    Address,
    BankAccount,
    Country,
    Email,
    Phone,
    Siren,
    Siret,
    VatNumber,
    siret_not_of_siren,
)
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Exact, Rate
from comptoir.kernel.text import Label, Line, Paragraph

Code = Annotated[
    str,
    shaped(
        r"^[a-z][a-z0-9_-]{1,39}$",
        "Code attendu : une minuscule, puis des minuscules, chiffres, tirets ou soulignés (2 à 40 caractères).",
        "A code is expected: a small letter, then small letters, digits, dashes or underscores (2 to 40 characters).",
    ),
]
_Prefix = Annotated[
    str,
    shaped(
        r"^([A-Za-z0-9+_/-]|\{YYYY\}|\{YY\}|\{MM\}){0,20}$",
        "Préfixe attendu : lettres, chiffres, + _ / - et {YYYY}, {YY} ou {MM}, 20 au plus.",
        "A prefix is expected: letters, digits, + _ / - and {YYYY}, {YY} or {MM}, 20 at most.",
    ),
]


Rna = Annotated[
    str,
    shaped(r"^W[0-9A-Z]{9}$", "Un numéro RNA a un W et neuf chiffres.", "An RNA number has a W and nine digits."),
]


class LegalForm(StrEnum):
    """Legal forms whose documents print differently (RULES §1.2)."""

    SAS = "SAS"
    SASU = "SASU"
    SARL = "SARL"
    EURL = "EURL"
    SA = "SA"
    SNC = "SNC"
    SELARL = "SELARL"
    SELAS = "SELAS"
    SCA = "SCA"
    SCI = "SCI"
    SCOP = "SCOP"
    GIE = "GIE"
    EI = "EI"
    ASSOCIATION = "association"


class VatRegime(StrEnum):
    """How the company accounts for VAT."""

    NORMAL = "normal"
    DEBITS = "debits"
    FRANCHISE = "franchise"


class NumberFormat(Model):
    """How documents are numbered (INV-14): prefix with date tokens, digits, first value.

    With `yearly` the count restarts each year, which the law allows only when the year stands in
    the number (BOI-TVA-DECLA-30-20-20-10 § 90). Characters are those of BR-FR-01.
    """

    prefix: _Prefix = "FA{YYYY}-"
    digits: int = Field(6, ge=3, le=10)
    first: int = Field(1, ge=1)
    yearly: bool = False

    @model_validator(mode="after")
    def _year_when_yearly(self) -> NumberFormat:
        if self.yearly and "{YYYY}" not in self.prefix and "{YY}" not in self.prefix:
            raise flaw(
                "year_missing",
                "Une numérotation annuelle exige l'année dans le préfixe.",
                "A yearly restart needs the year in the prefix.",
            )
        return self

    def show(self, number: int, day: date) -> str:
        """The number as printed, e.g. `FA2026-000123`."""
        prefix = self.prefix.replace("{YYYY}", f"{day:%Y}").replace("{YY}", f"{day:%y}").replace("{MM}", f"{day:%m}")
        return f"{prefix}{number:0{self.digits}d}"


class Represented(Model):
    """Who answers for the company's VAT: its tax representative, or the VAT group that it is a member of."""

    name: Line
    address: Address
    vat_number: VatNumber


class VatGroup(Represented):
    """An *assujetti unique* (CGI art. 256 C), known by its SIREN in electronic invoices (BR-FR-CO-14)."""

    siren: Siren


class Identity(Model):
    """The legal identity that French documents print (ACC-08, RULES §1.2).

    A company being registered has no number yet: `siret_pending` says so, up to `siret_pending_until`.
    An association may be known by its RNA number alone. `insurance` is the mention of the professional
    insurance, which a craft that must have one has to print (`insurance_required`).
    """

    name: Line
    trade_name: Line | None = None
    legal_form: LegalForm
    capital: Exact | None = None
    capital_currency: Currency = "EUR"
    variable_capital: bool = False
    siren: Siren | None = None
    siret: Siret | None = None
    siret_pending: bool = False
    siret_pending_until: date | None = None
    rna: Rna | None = None
    registry: Line | None = None
    in_liquidation: bool = False
    business_lessee: bool = False
    domiciled_at: Line | None = None
    vat_number: VatNumber | None = None
    vat_regime: VatRegime = VatRegime.NORMAL
    tax_representative: Represented | None = None
    vat_group: VatGroup | None = None
    address: Address
    phone: Phone | None = None
    email: Email | None = None
    website: Line | None = None
    bank_accounts: tuple[BankAccount, ...] = ()
    insurance: Paragraph | None = None
    insurance_required: bool = False
    approved_association: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Identity:
        if self.siret and self.siren and not self.siret.startswith(self.siren):
            raise siret_not_of_siren()
        association = self.legal_form is LegalForm.ASSOCIATION
        if not self.siren and not self.siret_pending and not (association and self.rna):
            raise flaw(
                "siren_missing",
                "Le SIREN est requis, sauf si le SIRET est en cours d'attribution (siret_pending) ou si l'association "
                "a un numéro RNA.",
                "A SIREN is needed, unless the SIRET is being assigned (siret_pending) or the association has an RNA "
                "number.",
            )
        if self.siren and self.siret_pending:
            raise flaw(
                "siret_not_pending",
                "Le SIREN est connu : le SIRET n'est plus en cours d'attribution.",
                "The SIREN is known: the SIRET is no longer being assigned.",
            )
        if self.tax_representative and self.vat_group:
            raise flaw(
                "two_vat_representatives",
                "Un membre d'un assujetti unique n'a pas de représentant fiscal.",
                "A member of a VAT group has no tax representative.",
            )
        return self


class EarlyPaymentOffer(Model):
    """A discount in per cent for who pays within so many days of the invoice (INV-15); the VAT follows or is kept."""

    rate: Annotated[Rate, Field(gt=0, le=100)]
    days: int = Field(ge=0, le=120)
    vat_kept: bool = False


class Terms(Model):
    """Sales terms printed on every invoice to a professional (C. com. L441-9).

    The early-payment discount is a rate and days, or a sentence of the company's own.
    """

    penalty_rate: Rate
    early_payment: EarlyPaymentOffer | None = None
    early_payment_discount: Paragraph | None = None
    quote_validity_days: int = Field(30, ge=1, le=365)


_Threshold = Annotated[Exact, Field(ge=-100, le=1000)]


class MarginThresholds(Model):
    """Margin rates, in per cent of purchases: green above `green`, red below `orange`, orange between (OFF-05)."""

    green: _Threshold = Decimal(5)
    orange: _Threshold = Decimal(0)

    @model_validator(mode="after")
    def _in_order(self) -> MarginThresholds:
        if self.green < self.orange:
            raise flaw(
                "thresholds_reversed",
                "Le seuil du vert est au moins celui de l'orange.",
                "The green threshold is at least the orange one.",
            )
        return self


class CompanyFields(Model):
    """What an administrator enters about the company; its fiscal year begins with the month `fiscal_year_start`."""

    identity: Identity
    terms: Terms
    numbering: NumberFormat = NumberFormat()
    margin_thresholds: MarginThresholds = MarginThresholds()
    fiscal_year_start: int = Field(1, ge=1, le=12)


class Company(CompanyFields):
    """The tenant: legal identity and settings; in `test_mode` nothing is issued but TEST documents (INV-11)."""

    id: Id
    test_mode: bool = False
    currency: Currency = "EUR"
    country: Country = "FR"

    def fiscal_year(self, day: date) -> int:
        """The fiscal year of a day, by the calendar year in which it begins."""
        return day.year if day.month >= self.fiscal_year_start else day.year - 1


class OperatorFields(Model):
    """What an administrator changes of an operator; `manager` is the one whose team it belongs to (ACC-04)."""

    name: Line
    profile: Code
    manager: Id | None = None
    active: bool = True


class Operator(OperatorFields):
    """A user of the company (ACC-01); its address is what it signs in with, and stays."""

    id: Id
    email: Email


class OperatorSummary(Model):
    """An operator in a list."""

    id: Id
    email: Email
    name: Line
    profile: Code
    active: bool


def _in_order(permissions: tuple[Permission, ...]) -> tuple[Permission, ...]:
    return tuple(sorted(set(permissions)))


class Profile(Model):
    """A named set of permissions; companies edit them (ACC-02)."""

    code: Code
    name: Line
    permissions: Annotated[tuple[Permission, ...], AfterValidator(_in_order)]
    watched: bool = False


class Profiles(Model):
    """All profiles of a company: one small item, read with every request."""

    profiles: tuple[Profile, ...]

    def find(self, code: str) -> Profile | None:
        """The profile with this code."""
        return next((p for p in self.profiles if p.code == code), None)


class HistoryEntry(Model):
    """Who did what to an object, and what changed: field → [before, after] (ACC-06)."""

    at: str
    operator: str | None
    operator_name: Line
    event: Label
    changes: dict[str, object]
