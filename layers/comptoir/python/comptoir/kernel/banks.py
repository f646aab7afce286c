"""Accounts at banks of countries without IBAN, and what tells such a bank where a BIC does not."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from comptoir.kernel.explain import flaw, shaped
from comptoir.kernel.identity import Bic, Country
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line

AccountNumber = Annotated[
    str,
    shaped(
        r"^[0-9A-Za-z][0-9A-Za-z ./-]{0,33}$",
        "Un numéro de compte sans IBAN a 34 caractères au plus : lettres, chiffres, espaces, points, tirets.",
        "An account number without IBAN has 34 characters at most: letters, digits, spaces, dots, dashes.",
    ),
]
ClearingSystem = Annotated[
    str,
    shaped(
        r"^[A-Z]{5}$",
        "Code de système de compensation attendu : cinq majuscules (USABA, CNAPS, GBDSC).",
        "A clearing system code is expected: five capitals (USABA, CNAPS, GBDSC).",
    ),
]


ClearingCode = Annotated[
    str,
    shaped(
        r"^[0-9A-Za-z]+$",
        "Le code de la banque ne comporte que des chiffres et des lettres.",
        "The bank's code has only digits and letters.",
    ),
]


class ForeignBank(Model):
    """The bank of an account, where a BIC does not say all: its code in its country's clearing, its name and place."""

    clearing_system: ClearingSystem | None = None
    clearing_code: Annotated[ClearingCode, Field(max_length=28)] | None = None
    name: Line | None = None
    city: Label | None = None
    country: Country | None = None

    @model_validator(mode="after")
    def _code_of_a_system(self) -> ForeignBank:
        if (self.clearing_system is None) != (self.clearing_code is None):
            raise flaw(
                "clearing_incomplete",
                "Le code de compensation va avec son système (USABA et 021000021).",
                "A clearing code goes with its system (USABA and 021000021).",
            )
        return self


class ForeignAccount(Model):
    """An account that has no IBAN: its number, its bank by BIC or by code, and the holder's exact name."""

    number: AccountNumber
    bic: Bic | None = None
    bank: ForeignBank | None = None
    holder: Line

    @model_validator(mode="after")
    def _at_a_bank(self) -> ForeignAccount:
        if self.bic is None and (self.bank is None or self.bank.clearing_code is None):
            raise flaw(
                "bank_missing",
                "Sans IBAN, il faut le BIC de la banque ou son code de compensation.",
                "Without an IBAN the BIC of the bank or its clearing code is needed.",
            )
        return self
