"""What a statement must be: entries that lead from one balance to the next, on an account of the company (TRS-04)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from comptoir.banking.statement import Statement
from comptoir.kernel.errors import Breach
from comptoir.kernel.money import Money, plain

_RIB = 21
_LEAST = 8


def judge_statement(statement: Statement) -> list[Breach]:
    """What is wrong with a statement in itself: opening balance and entries must give the closing balance."""
    return [*_currencies(statement), *_balance(statement)]


def _currencies(statement: Statement) -> Iterator[Breach]:
    for entry in statement.entries:
        if entry.amount.currency != statement.currency:
            yield _breach(
                "entry_currency",
                f"l'écriture {entry.index + 1} est en {entry.amount.currency}, le compte en {statement.currency}",
                f"entry {entry.index + 1} is in {entry.amount.currency}, the account in {statement.currency}",
                statement,
            )


def _balance(statement: Statement) -> Iterator[Breach]:
    if any(entry.amount.currency != statement.currency for entry in statement.entries):
        return
    if statement.opening is None or statement.closing is None:
        return
    opening, closing = statement.opening.amount, statement.closing.amount
    if closing.currency != opening.currency or opening.currency != statement.currency:
        yield _breach(
            "balance_currency",
            f"les soldes ne sont pas en {statement.currency}",
            f"balances are not in {statement.currency}",
            statement,
        )
        return
    reached = opening + statement.movement
    if reached != closing:
        yield _breach(
            "balance_wrong",
            f"solde d'ouverture {_fr(opening)} et mouvements {_fr(statement.movement)} donnent {_fr(reached)}, "
            f"le relevé annonce {_fr(closing)} : écart de {_fr(closing - reached)}",
            f"opening balance {_en(opening)} and movements {_en(statement.movement)} give {_en(reached)}, "
            f"the statement tells {_en(closing)}: a difference of {_en(closing - reached)}",
            statement,
        )


def is_account(told: str, iban: str) -> bool:
    """Whether the account that a file tells is that of an IBAN.

    Files tell IBANs, French RIBs with or without key, or the bare account number with or without
    its bank.
    """
    number = re.sub(r"[^0-9A-Za-z]", "", told).upper()
    if number == iban:
        return True
    # An account of Monaco has the RIB of a French one, and another IBAN.
    if {number[:2], iban[:2]} == {"FR", "MC"}:
        return number[4 : 4 + _RIB] == iban[4 : 4 + _RIB]
    if re.match("[A-Z]{2}[0-9]{2}", number) or len(number) < _LEAST:
        return False
    inner = iban[4:]
    return inner.startswith(number) or inner.endswith(number) or inner[:_RIB].endswith(number)


def find_account(statement: Statement, accounts: Mapping[str, tuple[str, str]]) -> tuple[str | None, list[Breach]]:
    """The company's account that a statement is of, and what stands against it.

    `accounts` gives the IBAN and the currency of each account by its id.
    """
    found = [name for name, (iban, _) in accounts.items() if is_account(statement.account, iban)]
    if len(found) != 1:
        return None, [
            _breach(
                "account_unknown" if not found else "account_ambiguous",
                f"le compte {statement.account or '(non dit)'} n'est pas reconnu parmi ceux de la société",
                f"account {statement.account or '(not told)'} is not recognised among those of the company",
                statement,
            )
        ]
    currency = accounts[found[0]][1]
    if currency == statement.currency:
        return found[0], []
    return found[0], [
        _breach(
            "account_currency",
            f"le compte est en {currency}, le relevé en {statement.currency}",
            f"the account is in {currency}, the statement in {statement.currency}",
            statement,
        )
    ]


def _breach(code: str, fr: str, en: str, statement: Statement) -> Breach:
    return Breach(
        code=code,
        fr=f"Relevé {statement.id} : {fr}.",
        en=f"Statement {statement.id}: {en}.",
        pointer="/file",
    )


def _fr(money: Money) -> str:
    whole, _, decimals = plain(abs(money.amount)).partition(".")
    grouped = f"{int(whole):,}".replace(",", "\u202f")
    sign = "-" if money.amount < 0 else ""
    return f"{sign}{grouped}{',' if decimals else ''}{decimals} {money.currency}"


def _en(money: Money) -> str:
    return f"{money.currency} {money.amount:,}"
