"""The chart of accounts: which account each kind of amount goes to, with sound French defaults (PCG 2025)."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from comptoir.accounting.model import Journal
from comptoir.catalogue.model import AccountNumber
from comptoir.catalogue.pricing import ProductKind, VatCategory
from comptoir.kernel.explain import flaw
from comptoir.kernel.identity import Iban
from comptoir.kernel.model import Model
from comptoir.kernel.money import Rate
from comptoir.kernel.text import Label, Line


class Territory(StrEnum):
    """Where a sale or a purchase goes to, as the books tell it apart."""

    DOMESTIC = "domestic"
    UNION = "union"
    EXPORT = "export"


_TERRITORIES = {
    VatCategory.INTRA_COMMUNITY: Territory.UNION,
    VatCategory.EXPORT: Territory.EXPORT,
    VatCategory.OUTSIDE_SCOPE: Territory.EXPORT,
}


def territory(category: VatCategory, country: str) -> Territory:
    """The territory of a line from its VAT category and the other side's country: services in the Union are AE."""
    if category is VatCategory.REVERSE_CHARGE:
        return Territory.DOMESTIC if country == "FR" else Territory.UNION
    return _TERRITORIES.get(category, Territory.DOMESTIC)


class ByKind(Model):
    """An account for each kind of product."""

    goods: AccountNumber
    transport: AccountNumber
    service: AccountNumber

    def of(self, kind: ProductKind) -> str:
        """The account of a kind."""
        return {
            ProductKind.GOODS: self.goods,
            ProductKind.TRANSPORT: self.transport,
            ProductKind.SERVICE: self.service,
        }[kind]


class ByTerritory(Model):
    """Accounts by kind of product, for each territory."""

    domestic: ByKind
    union: ByKind
    export: ByKind

    def of(self, where: Territory, kind: ProductKind) -> str:
        """The account of a kind of product sold or bought there."""
        by_kind: ByKind = getattr(self, where.value)
        return by_kind.of(kind)


class RateAccount(Model):
    """The account of the VAT of a rate."""

    rate: Rate
    account: AccountNumber


class BankBook(Model):
    """The journal and the account of a bank account of the company."""

    iban: Iban
    journal: Label
    name: Line
    account: AccountNumber


class AccountName(Model):
    """The name that a company gives to an account."""

    account: AccountNumber
    name: Line


def _kinds(goods: str, transport: str, service: str) -> ByKind:
    return ByKind(goods=goods, transport=transport, service=service)


def _distinct(rates: tuple[RateAccount, ...]) -> tuple[RateAccount, ...]:
    if len({row.rate for row in rates}) != len(rates):
        raise flaw("rate_twice", "Un taux de TVA vient deux fois.", "A VAT rate comes twice.")
    return rates


Rates = Annotated[tuple[RateAccount, ...], Field(max_length=40), AfterValidator(_distinct)]
_COLLECTED = (("20", "445711"), ("10", "445712"), ("5.5", "445713"), ("2.1", "445714"), ("8.5", "445715"))


class Chart(Model):
    """The accounts and journals of a company; every field has the default of the *plan comptable général*.

    A line whose reference names its own account goes to that one. `rebates` are the *rabais, remises et
    ristournes accordés* of global rebates and of rebates on a past year (CRN-12), `rebates_obtained` those of
    suppliers (CRN-13), `self_assessed_rate` the VAT that purchases in the Union and reverse charges bear.
    """

    sales_journal: Journal = Journal(code="VE", name="Journal des ventes")
    purchases_journal: Journal = Journal(code="AC", name="Journal des achats")
    bank_journal: Journal = Journal(code="BQ", name="Journal de banque")
    cash_journal: Journal = Journal(code="CA", name="Journal de caisse")
    customers: AccountNumber = "411000"
    suppliers: AccountNumber = "401000"
    sales: ByTerritory = ByTerritory(
        domestic=_kinds("707000", "708500", "706000"),
        union=_kinds("707200", "708520", "706200"),
        export=_kinds("707100", "708510", "706100"),
    )
    rebates: ByKind = _kinds("709700", "709850", "709600")
    early_payment_discount: AccountNumber = "665000"
    down_payments: AccountNumber = "419100"
    vat_collected: Rates = tuple(RateAccount(rate=Decimal(rate), account=account) for rate, account in _COLLECTED)
    vat_collected_other: AccountNumber = "445710"
    purchases: ByTerritory = ByTerritory(
        domestic=_kinds("607000", "624100", "604000"),
        union=_kinds("607200", "624120", "604200"),
        export=_kinds("607100", "624110", "604100"),
    )
    rebates_obtained: ByKind = _kinds("609700", "609620", "609400")
    vat_deductible: AccountNumber = "445660"
    vat_self_assessed_due: AccountNumber = "445200"
    vat_self_assessed_deductible: AccountNumber = "445662"
    self_assessed_rate: Rate = Decimal(20)
    exchange_loss: AccountNumber = "656000"
    exchange_gain: AccountNumber = "756000"
    bank: AccountNumber = "512000"
    cash: AccountNumber = "530000"
    banks: Annotated[tuple[BankBook, ...], Field(max_length=50)] = ()
    names: Annotated[tuple[AccountName, ...], Field(max_length=500)] = ()

    @model_validator(mode="after")
    def _collective(self) -> Chart:
        if not self.customers.startswith("41") or not self.suppliers.startswith("40"):
            raise flaw(
                "collective_accounts",
                "Les comptes collectifs sont un 41 (clients) et un 40 (fournisseurs).",
                "The collective accounts are a 41 (customers) and a 40 (suppliers).",
            )
        return self

    def vat(self, rate: Decimal) -> str:
        """The account of the VAT collected at a rate."""
        own = next((row.account for row in self.vat_collected if row.rate == rate), self.vat_collected_other)
        return str(own)

    def name(self, account: str) -> str:
        """The name of an account: the company's, else that of the longest prefix that is known."""
        own = next((row.name for row in self.names if row.account == account), None)
        if own:
            return str(own)
        prefixes = (account[:size] for size in range(len(account), 1, -1))
        return next((NAMES[prefix] for prefix in prefixes if prefix in NAMES), f"Compte {account}")

    def book(self, iban: str | None) -> tuple[Journal, str]:
        """The journal and the account of a bank account; the general ones for one that has none of its own."""
        own = next((book for book in self.banks if book.iban == iban), None)
        return (Journal(code=own.journal, name=own.name), own.account) if own else (self.bank_journal, self.bank)


NAMES = {
    "40": "Fournisseurs",
    "401": "Fournisseurs",
    "41": "Clients",
    "411": "Clients",
    "4191": "Clients, avances et acomptes reçus",
    "4452": "TVA due intracommunautaire et autoliquidée",
    "44566": "TVA déductible sur autres biens et services",
    "445662": "TVA déductible intracommunautaire et autoliquidée",
    "44571": "TVA collectée",
    "445711": "TVA collectée 20 %",
    "445712": "TVA collectée 10 %",
    "445713": "TVA collectée 5,5 %",
    "445714": "TVA collectée 2,1 %",
    "445715": "TVA collectée 8,5 %",
    "512": "Banques",
    "530": "Caisse",
    "604": "Achats d'études et prestations de services",
    "607": "Achats de marchandises",
    "6071": "Achats de marchandises, importations",
    "6072": "Achats de marchandises, Union européenne",
    "609": "Rabais, remises et ristournes obtenus sur achats",
    "624": "Transports de biens",
    "656": "Pertes de change sur créances et dettes commerciales",
    "665": "Escomptes accordés",
    "706": "Prestations de services",
    "7061": "Prestations de services, hors Union européenne",
    "7062": "Prestations de services, Union européenne",
    "707": "Ventes de marchandises",
    "7071": "Ventes de marchandises, exportations",
    "7072": "Ventes de marchandises, Union européenne",
    "7085": "Ports et frais accessoires facturés",
    "709": "Rabais, remises et ristournes accordés",
    "756": "Gains de change sur créances et dettes commerciales",
}
