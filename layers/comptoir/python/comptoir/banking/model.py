"""Transfer orders: what a company asks its bank to pay, before a message says it (TRS-06 to TRS-09)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from comptoir.banking.references import NOT_PROVIDED
from comptoir.kernel.banks import AccountNumber, ForeignBank
from comptoir.kernel.explain import flaw, shaped
from comptoir.kernel.identity import Address, Bic, Iban
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money
from comptoir.kernel.text import Line


class MessageVersion(StrEnum):
    """The messages that are written: the SEPA one of 2009, and the general ones of 2009 and 2019."""

    SEPA_2009 = "pain.001.002.03"
    GENERAL_2009 = "pain.001.001.03"
    GENERAL_2019 = "pain.001.001.09"


class TransferKind(StrEnum):
    """The way that a transfer goes (TRS-08)."""

    SEPA = "sepa"
    SWIFT = "swift"


class Urgency(StrEnum):
    """How fast: an ordinary transfer, one that the bank puts first, one settled today, one settled in seconds."""

    NORMAL = "normal"
    PRIORITY = "priority"
    SAME_DAY = "same_day"
    INSTANT = "instant"


class Charges(StrEnum):
    """Who pays the banks: both (SHA), the payer (OUR), the beneficiary (BEN), or as the scheme says (SEPA)."""

    SHARED = "SHAR"
    DEBTOR = "DEBT"
    CREDITOR = "CRED"
    SERVICE_LEVEL = "SLEV"


class AddressStyle(StrEnum):
    """How addresses are written since 15 November 2026: elements alone, or town and country with two lines."""

    STRUCTURED = "structured"
    HYBRID = "hybrid"


Purpose = Annotated[
    str,
    shaped(
        r"^[0-9A-Za-z]([0-9A-Za-z .-]{0,33}[0-9A-Za-z])?$",
        "Code de motif économique attendu : quatre lettres ISO 20022 (SUPP), ou le code du pays du bénéficiaire.",
        "A purpose code is expected: four ISO 20022 letters (SUPP), or the code of the beneficiary's country.",
    ),
]


class Debtor(Model):
    """Who pays, and from which account."""

    name: Line
    iban: Iban
    bic: Bic | None = None
    currency: Currency = "EUR"
    address: Address | None = None


class Creditor(Model):
    """Who is paid: the account's exact holder (verification of payee), the account, its bank, the address."""

    name: Line
    iban: Iban | None = None
    account: AccountNumber | None = None
    bic: Bic | None = None
    bank: ForeignBank | None = None
    address: Address | None = None

    @model_validator(mode="after")
    def _one_account(self) -> Creditor:
        if (self.iban is None) == (self.account is None):
            raise flaw(
                "one_account",
                "Il faut un IBAN ou, à défaut seulement, un numéro de compte.",
                "Either an IBAN or, only where there is none, an account number is needed.",
            )
        return self


class Transfer(Model):
    """One payment of an order; `remittance` (*motif*) is what the beneficiary reads, or an ISO 11649 reference."""

    id: Id
    creditor: Creditor
    amount: Money
    end_to_end: Annotated[str, Field(min_length=1, max_length=35)] = NOT_PROVIDED
    remittance: Line | None = None
    purpose: Purpose | None = None
    charges: Charges | None = None


class TransferOrder(Model):
    """Transfers from one account on one day, in one file.

    `label` (*libellé*) is for the own statement; `batch_booking` asks for one debit for all (true),
    one each (false), or what was agreed with the bank; `created` is written into the message.
    """

    id: Id
    kind: TransferKind
    version: MessageVersion
    debtor: Debtor
    transfers: tuple[Transfer, ...]
    execution_date: date
    created: datetime
    urgency: Urgency = Urgency.NORMAL
    batch_booking: bool | None = None
    label: Line | None = None
    addresses: AddressStyle = AddressStyle.STRUCTURED


class AccountSettings(Model):
    """What a company agreed with the bank of one of its accounts (TRS-02).

    Messages for SEPA and for SWIFT, how a batch is booked, what *virement urgent* means there, and
    how addresses are written.
    """

    sepa: MessageVersion = MessageVersion.SEPA_2009
    swift: MessageVersion = MessageVersion.GENERAL_2009
    batch_booking: bool | None = None
    urgent: Urgency = Urgency.PRIORITY
    addresses: AddressStyle = AddressStyle.STRUCTURED

    @model_validator(mode="after")
    def _general_for_swift(self) -> AccountSettings:
        if self.swift is MessageVersion.SEPA_2009:
            raise flaw(
                "version_for_swift",
                "pain.001.002.03 ne porte que des virements SEPA.",
                "pain.001.002.03 carries SEPA transfers only.",
            )
        return self

    def urgency(self, urgent: bool) -> Urgency:
        """What the box *virement urgent* asks of this bank."""
        return self.urgent if urgent else Urgency.NORMAL

    def version(self, kind: TransferKind, urgency: Urgency) -> MessageVersion:
        """The message of a transfer: an instant one needs that of 2019, one settled today a general one."""
        if urgency is Urgency.INSTANT:
            return MessageVersion.GENERAL_2019
        wanted = self.sepa if kind is TransferKind.SEPA else self.swift
        if urgency is Urgency.SAME_DAY and wanted is MessageVersion.SEPA_2009:
            return self.swift
        return wanted
