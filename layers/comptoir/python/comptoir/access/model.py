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


class LegalForm(StrEnum):
    """Legal forms whose documents print differently (RULES §1.2)."""

    SAS = "SAS"
    SASU = "SASU"
    SARL = "SARL"
    EURL = "EURL"
    SA = "SA"
    SNC = "SNC"
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


class Identity(Model):
    """The legal identity that French documents print (ACC-08, RULES §1.2)."""

    name: Line
    trade_name: Line | None = None
    legal_form: LegalForm
    capital: Exact | None = None
    capital_currency: Currency = "EUR"
    variable_capital: bool = False
    siren: Siren | None = None
    siret: Siret | None = None
    siret_pending: bool = False
    registry: Line | None = None
    vat_number: VatNumber | None = None
    vat_regime: VatRegime = VatRegime.NORMAL
    address: Address
    phone: Phone | None = None
    email: Email | None = None
    website: Line | None = None
    bank_accounts: tuple[BankAccount, ...] = ()
    insurance: Paragraph | None = None
    approved_association: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Identity:
        if self.siret and self.siren and not self.siret.startswith(self.siren):
            raise siret_not_of_siren()
        if not self.siren and not self.siret_pending:
            raise flaw(
                "siren_missing",
                "Le SIREN est requis, sauf si le SIRET est en cours d'attribution (siret_pending).",
                "A SIREN is needed, unless the SIRET is being assigned (siret_pending).",
            )
        return self


class Terms(Model):
    """Sales terms printed on every invoice to a professional (C. com. L441-9)."""

    penalty_rate: Rate
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
    """The tenant: legal identity and settings."""

    id: Id
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
