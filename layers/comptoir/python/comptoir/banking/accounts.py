"""The company's bank accounts: what was agreed with each bank, and what stands on them (TRS-02)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from comptoir.access.commands import chain
from comptoir.access.context import Context
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.history import save
from comptoir.access.items import COMPANY
from comptoir.access.merging import Merge
from comptoir.access.permissions import Permission
from comptoir.access.queries import HistoryQuery, ListQuery
from comptoir.banking.model import AccountSettings
from comptoir.banking.statement import Balance
from comptoir.kernel.errors import AlreadyExists, Breach, Refused
from comptoir.kernel.identity import BankAccount, Iban
from comptoir.kernel.ids import Id, derived_id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money
from comptoir.kernel.text import Label
from comptoir.store import backend, keys
from comptoir.store.record import Key, Kind
from comptoir.store.transaction import Transaction

WHAT = "BANKACCOUNTS"


class BankAccountExists(AlreadyExists):
    """An account is opened once."""

    code = "bank_account_exists"
    fr = "Ce compte bancaire est déjà ouvert."
    en = "This bank account is open already."


class BankAccountFields(Model):
    """What is entered about an account: its name in the house, and what was agreed with the bank."""

    label: Label
    settings: AccountSettings = AccountSettings()


class Importing(Model):
    """The statement that an account is taking in, and the file that brings it."""

    statement: Id
    file: Id


class OwnAccount(BankAccountFields):
    """An account of the company, among those of its legal identity.

    `opening` is the balance before the first entry, on `begins`; `movement` the sum of all entries
    and `entries` their number; `closing` what the latest statement told.
    """

    id: Id
    account: BankAccount
    currency: Currency
    opening: Money | None = None
    begins: date | None = None
    movement: Money
    entries: int = 0
    closing: Balance | None = None
    importing: Importing | None = None

    @property
    def balance(self) -> Money:
        """What stands on the account as its entries say."""
        return (self.opening or Money.zero(self.currency)) + self.movement

    @property
    def missing(self) -> Money:
        """What statements tell that no entry explains: zero while none is missing."""
        return self.closing.amount - self.balance if self.closing else Money.zero(self.currency)


class OwnAccountView(BankAccountFields):
    """An account as it is shown: `balance` from its entries, and what is `missing` to what its bank told."""

    id: Id
    account: BankAccount
    currency: Currency
    balance: Money
    missing: Money
    told: Balance | None
    entries: int


def shown(account: OwnAccount) -> OwnAccountView:
    """What is shown of an account."""
    told = account.picked(("label", "settings", "id", "account", "currency", "entries"))
    return OwnAccountView(balance=account.balance, missing=account.missing, told=account.closing, **told)


ACCOUNT = Kind(
    "bank_account",
    OwnAccount,
    summarise=shown,
    index=lambda company, account: {1: keys.by_kind(company, WHAT, f"{account.label.casefold()}#{account.id}")},
)


def account_id(company: str, iban: str) -> str:
    """The identifier that the account of an IBAN has in a company."""
    return derived_id("bank_account", company, iban)


class OpenBankAccount(BankAccountFields, Command):
    """Open an account of the company's legal identity, to import its statements and pay from it (TRS-02).

    Errors: `Refused` when the identity has no such account, `BankAccountExists`.
    """

    permission: ClassVar[Permission] = Permission.ADMINISTER
    chained: ClassVar[bool] = True

    iban: Iban
    currency: Currency = "EUR"

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.company(company), keys.bank_account(company, account_id(company, self.iban))]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        identity = tx.require(COMPANY, keys.company(ctx.company)).identity
        known = next((account for account in identity.bank_accounts if account.iban == self.iban), None)
        if known is None:
            raise Refused([_NOT_OF_THE_COMPANY])
        account = OwnAccount(
            id=account_id(ctx.company, self.iban),
            account=known,
            label=self.label,
            settings=self.settings,
            currency=self.currency,
            movement=Money.zero(self.currency),
        )
        key = keys.bank_account(ctx.company, account.id)
        if tx.get(ACCOUNT, key):
            raise BankAccountExists()
        save(tx, ctx, ACCOUNT, key, account, "created", BankAccountExists())
        chain(tx, ctx, "bank_account_opened", shown(account))
        return Reply.of(shown(account), tx.next_version(key), 201)


_NOT_OF_THE_COMPANY = Breach(
    code="unknown_bank_account",
    fr="Ce compte n'est pas un compte de la société : ajoutez-le d'abord à son identité.",
    en="This is no account of the company: add it to its identity first.",
    pointer="/iban",
    link="/company",
)


class ChangeBankAccount(Merge):
    """Change the name of an account, or what was agreed with its bank."""

    permission: ClassVar[Permission] = Permission.ADMINISTER
    chained: ClassVar[bool] = True
    fields: ClassVar[type[Model]] = BankAccountFields

    account: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.bank_account(company, self.account)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.bank_account(ctx.company, self.account)
        before = tx.require(ACCOUNT, key)
        ctx.expect(tx, key)
        fields = self.merged(before)
        after = before.change(label=fields.label, settings=fields.settings)
        if after != before:
            save(tx, ctx, ACCOUNT, key, after, "updated")
            chain(tx, ctx, "bank_account_changed", shown(after))
        return Reply.of(shown(after), tx.next_version(key))


class ReadBankAccount(Query):
    """One account, with what stands on it."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    account: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(ACCOUNT, keys.bank_account(ctx.company, self.account))
        return Reply.of(shown(stored.value), stored.version)


def own_accounts(ctx: Context) -> tuple[OwnAccountView, ...]:
    """Every account of the company, with what stands on it."""
    query = backend.Query(pk=keys.by_kind(ctx.company, WHAT, "")[0], index=1)
    return tuple(OwnAccountView.model_validate_json(each.summary or "") for each in ctx.services.store.records(query))


class ListBankAccounts(ListQuery):
    """The accounts of the company by name, with what stands on each."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, WHAT, "")[0], index=1)
        return self.summaries(ctx, OwnAccountView, query)


class ReadBankAccountHistory(HistoryQuery):
    """Who changed what of an account, newest first."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    account: Id

    def read(self, ctx: Context) -> Reply:
        key = keys.bank_account(ctx.company, self.account)
        ctx.services.store.require(ACCOUNT, key)
        return self.history(ctx, key.pk)
