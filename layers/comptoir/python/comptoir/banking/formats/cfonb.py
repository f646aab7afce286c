"""CFONB 120 read: records of 120 characters, with or without line ends, amounts with an overpunched sign (RULES §6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from comptoir.banking.formats.reading import Faults, concluded, told, words
from comptoir.banking.statement import Balance, Entry, Statement, StatementFormat, signed
from comptoir.kernel.identity import check97
from comptoir.kernel.money import Money

LENGTH = 120
_OVERPUNCHED = {character: (str(digit), True) for digit, character in enumerate("{ABCDEFGHI")} | {
    character: (str(digit), False) for digit, character in enumerate("}JKLMNOPQR")
}
"""The last character of an amount: its last digit, and whether it is a credit."""
_RIB_LETTERS = {letter: str(number) for group, number in (
    ("AJ", 1), ("BKS", 2), ("CLT", 3), ("DMU", 4), ("ENV", 5), ("FOW", 6), ("GPX", 7), ("HQY", 8), ("IRZ", 9)
) for letter in group}  # fmt: skip
_TEXTS = ("LIB", "LCC", "LC2")
_HEADS = ("01", "04", "05", "07")


def read_cfonb(data: bytes) -> tuple[Statement, ...]:
    """The statements of a CFONB 120 file. Errors: `Refused`, with the line of each fault."""
    faults = Faults()
    return concluded(_Reader(faults).statements(_records(data, faults)), faults)


def decoded(data: bytes) -> str:
    """The text of a file of records: UTF-8 where it is that, otherwise Latin-1 as the norm says."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _records(data: bytes, faults: Faults) -> Iterator[tuple[int, str]]:
    """Records with their lines; what lost its spaces at the end gets them again."""
    number = 0
    for line in re.split(r"\r\n|\n|\r", decoded(data)):
        if not line.strip("\x1a \0"):
            number += 1
            continue
        if len(line) > LENGTH and len(line.rstrip()) > LENGTH and len(line) % LENGTH:
            number += 1
            faults.add(
                "record_length",
                number,
                f"{len(line)} caractères au lieu de {LENGTH}",
                f"{len(line)} characters instead of {LENGTH}",
            )
            continue
        whole = line if len(line) % LENGTH == 0 else line.rstrip().ljust(LENGTH)
        for start in range(0, len(whole), LENGTH):
            number += 1
            yield number, whole[start : start + LENGTH]


@dataclass
class _Open:
    """A statement whose closing record is still to come."""

    line: int
    rib: str
    currency: str
    opening: Balance
    entries: list[Entry] = field(default_factory=list)


class _Reader:
    """Puts records together: an old balance, movements with their details, a new balance."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._open: _Open | None = None
        self._movement: dict[str, Any] | None = None

    def statements(self, records: Iterator[tuple[int, str]]) -> Iterator[Statement]:
        line = 0
        for line, record in records:
            match record[:2]:
                case "01":
                    self._begin(line, record)
                case "04":
                    self._move(line, record)
                case "05":
                    self._tell(line, record)
                case "07":
                    yield from self._end(line, record)
                case other:
                    known = ", ".join(_HEADS)
                    self._faults.add(
                        "record_unknown",
                        line,
                        f"enregistrement « {other} » inconnu ({known} attendus)",
                        f'unknown record "{other}" ({known} are expected)',
                    )
        if self._open:
            self._truncated(line)

    def _truncated(self, line: int) -> None:
        self._faults.add(
            "statement_truncated",
            line,
            "relevé sans nouveau solde (enregistrement 07) : fichier tronqué",
            "a statement without its new balance (record 07): the file is truncated",
        )

    def _begin(self, line: int, record: str) -> None:
        if self._open:
            self._truncated(line)
        self._open = self._movement = None
        balance = self._balance(line, record)
        if balance:
            self._open = _Open(line, _rib(record), balance.amount.currency, balance)

    def _end(self, line: int, record: str) -> Iterator[Statement]:
        current, balance = self._open, self._balance(line, record)
        self._close_movement()
        self._open = None
        if current is None:
            self._outside(line)
            return
        if _rib(record) != current.rib:
            self._faults.add(
                "account_changes",
                line,
                f"compte {_rib(record)} au lieu de {current.rib}",
                f"account {_rib(record)} instead of {current.rib}",
            )
        elif balance:
            yield Statement(
                format=StatementFormat.CFONB_120,
                id=balance.day.isoformat() if balance.day else "?",
                account=iban_of(current.rib),
                currency=current.currency,
                first_day=current.opening.day,
                last_day=balance.day,
                opening=current.opening,
                closing=balance,
                entries=tuple(current.entries),
            )

    def _outside(self, line: int) -> None:
        self._faults.add(
            "record_outside",
            line,
            "enregistrement sans ancien solde (01) avant lui",
            "a record without an old balance (01) before it",
        )

    def _move(self, line: int, record: str) -> None:
        self._close_movement()
        if self._open is None:
            self._outside(line)
            return
        amount, booked = self._amount(line, record), self._day(line, record[34:40])
        if amount is None or booked is None:
            return
        self._movement = {
            "amount": amount,
            "booking_date": booked,
            "value_date": self._day(line, record[42:48]) if record[42:48].strip(" 0") else None,
            "text": words(record[48:79]),
            "code": told(record[32:34]),
            "bank_reference": told(record[104:120]),
            "return_reason": _reason(record[40:42]),
        }

    def _tell(self, line: int, record: str) -> None:
        """A detail of the movement before it; those of unknown qualifiers are left aside."""
        movement = self._movement
        if movement is None:
            if self._open is None:
                self._outside(line)
            return
        qualifier, text = record[45:48], record[48:118]
        if qualifier in _TEXTS:
            movement["text"] = words(f"{movement['text']} {text}")
        elif qualifier in ("NPY", "NBE"):
            other = qualifier == ("NPY" if movement["amount"].amount > 0 else "NBE")
            movement["counterparty"] = words(text) if other else movement.get("counterparty", words(text))
        elif qualifier in _FIELDS:
            name, read = _FIELDS[qualifier]
            movement[name] = read(text) or movement.get(name)

    def _close_movement(self) -> None:
        if self._open and self._movement:
            self._open.entries.append(Entry(index=len(self._open.entries), **self._movement))
        self._movement = None

    def _balance(self, line: int, record: str) -> Balance | None:
        amount, day = self._amount(line, record), self._day(line, record[34:40])
        return None if amount is None or day is None else Balance(amount=amount, day=day)

    def _amount(self, line: int, record: str) -> Money | None:
        digits, last, places = record[90:103], _OVERPUNCHED.get(record[103]), record[19]
        if last is None or not re.fullmatch("[0-9]{13}", digits, re.ASCII) or places not in " 0123456789":
            text = record[90:104]
            self._faults.add("amount_unreadable", line, f"montant illisible « {text} »", f'unreadable amount "{text}"')
            return None
        whole = (digits + last[0]).lstrip("0") or "0"
        decimals = int(places) if places != " " else 2
        shifted = whole.zfill(decimals + 1)
        text = f"{shifted[:-decimals]}.{shifted[-decimals:]}" if decimals else whole
        money = self._faults.amount(line, text, record[16:19].strip() or "EUR")
        return None if money is None else money.change(amount=signed(money.amount, last[1]))

    def _day(self, line: int, text: str) -> date | None:
        return self._faults.day(line, text[4:6], text[2:4], text[:2])


def _reason(text: str) -> str | None:
    """Why something is returned; zeros fill the place where nothing is."""
    return told(text) if text.strip(" 0") else None


def _original(text: str) -> Money | None:
    """The amount before exchange: currency, decimals, and 14 digits."""
    found = re.match(r"([A-Z]{3})([0-9])([0-9]{14})", text, re.ASCII)
    return Money.of(f"{int(found[3])}e-{found[2]}", found[1]) if found else None


def _iban(text: str) -> str | None:
    compact = re.sub(r"\s", "", text).upper()
    return compact if re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", compact) and check97(compact) else None


_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "LCS": ("reference", told),
    "RCN": ("end_to_end", lambda text: told(text[:35])),
    "REF": ("bank_reference", lambda text: told(text[:35])),
    "CBE": ("counterparty_iban", _iban),
    "RET": ("return_reason", lambda text: _reason(text[:4])),
    "MMO": ("original", _original),
}
"""Details by their qualifiers: the field that each feeds, and how its text is read."""


def _rib(record: str) -> str:
    """Bank, branch and account: 21 characters."""
    return record[2:7] + record[11:16] + record[21:32]


def iban_of(rib: str) -> str:
    """The French IBAN of a bank, branch and account, its keys reckoned; the same text when it has none."""
    plain = "".join(_RIB_LETTERS.get(character, character) for character in rib)
    if not re.fullmatch("[0-9]{21}", plain, re.ASCII):
        return rib.strip()
    key = 97 - (89 * int(plain[:5]) + 15 * int(plain[5:10]) + 3 * int(plain[10:])) % 97
    inner = f"{rib}{key:02d}"
    return next(iban for check in range(2, 99) if check97(iban := f"FR{check:02d}{inner}"))
