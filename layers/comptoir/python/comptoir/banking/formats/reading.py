"""What all readers of statements share: faults with their lines, amounts, dates, and the last check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from comptoir.banking.statement import Statement
from comptoir.banking.statement_rules import judge_statement
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.money import Money, exponent

_MOST = 1000
_MOST_MONEY = Decimal("1e15")
_AMOUNT = re.compile(r"[0-9]{1,30}(\.[0-9]{0,20})?", re.ASCII)
_SPACES = re.compile(r"\s+")


class Faults:
    """Collects what is wrong with a file, line by line; the first thousand are told."""

    def __init__(self) -> None:
        self.breaches: list[Breach] = []

    def __bool__(self) -> bool:
        return bool(self.breaches)

    def add(self, code: str, line: int, fr: str, en: str) -> None:
        """A fault at a line of the file, counted from 1."""
        if len(self.breaches) < _MOST:
            self.breaches.append(fault(code, line, fr, en))

    def amount(self, line: int, text: str, currency: str) -> Money | None:
        """An amount without sign, with no more decimals than its currency has."""
        value = Decimal(text) if _AMOUNT.fullmatch(text) else None
        if value is None or value >= _MOST_MONEY:
            self.add(
                "amount_unreadable", line, f"montant illisible « {text[:40]} »", f'unreadable amount "{text[:40]}"'
            )
            return None
        if not re.fullmatch("[A-Z]{3}", currency):
            self.add(
                "currency_unreadable", line, f"devise illisible « {currency} »", f'unreadable currency "{currency}"'
            )
            return None
        if value % exponent(currency):
            self.add(
                "too_many_decimals",
                line,
                f"{text} a plus de décimales que le {currency}",
                f"{text} has more decimals than {currency}",
            )
            return None
        return Money.of(value, currency)

    def day(self, line: int, year: str, month: str, day: str) -> date | None:
        """A date of its parts; a year of two digits is of this century."""
        try:
            return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
        except ValueError:
            text = f"{day}/{month}/{year}"
            self.add("date_unreadable", line, f"date impossible {text}", f"impossible date {text}")
            return None

    def iso_day(self, line: int, text: str) -> date | None:
        """A date that begins as `2026-11-30`."""
        found = re.match(r"(\d{4})-(\d{2})-(\d{2})", text.strip())
        if found:
            return self.day(line, *found.groups())
        self.add("date_unreadable", line, f"date illisible « {text[:40]} »", f'unreadable date "{text[:40]}"')
        return None


def fault(code: str, line: int, fr: str, en: str) -> Breach:
    """A breach at a line of a file."""
    return Breach(code=code, fr=f"Ligne {line} : {fr}.", en=f"Line {line}: {en}.", pointer=f"/file/lines/{line}")


def words(text: str | None, limit: int = 1000) -> str:
    """A text on one line, without spaces at its ends."""
    return _SPACES.sub(" ", text or "").strip()[:limit]


def told(text: str | None) -> str | None:
    """A reference, or None when it says nothing."""
    found = words(text, 140)
    return found if found and found.upper().replace(" ", "") not in _NOTHING else None


_NOTHING = frozenset({"NOTPROVIDED", "NONREF", "NOREF", "NONPROVIDED", "NOTAVAILABLE"})


def concluded(statements: Iterable[Statement], faults: Faults) -> tuple[Statement, ...]:
    """The statements of a file when all of it is right. Errors: `Refused` with everything that is not."""
    read = tuple(statements)
    refuse_if([*faults.breaches, *(breach for statement in read for breach in judge_statement(statement))])
    if not read:
        raise Refused([fault("no_statement", 1, "le fichier ne contient aucun relevé", "the file holds no statement")])
    return read
