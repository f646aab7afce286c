"""MT940 read: the customer statement message of SWIFT, several in a file, pages put together (RULES §6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from comptoir.banking.formats.cfonb import decoded
from comptoir.banking.formats.information import information
from comptoir.banking.formats.reading import Faults, concluded, told, words
from comptoir.banking.statement import Balance, Entry, Statement, StatementFormat, signed
from comptoir.kernel.identity import check97

_FIELD = re.compile(r":(\d{2}[A-Z]?):(.*)", re.DOTALL)
_BLOCK = re.compile(r"\{[1-35]:[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\{4:|^-\}|^-$", re.MULTILINE)
_BALANCE = re.compile(r"([CD])(\d{2})(\d{2})(\d{2})([A-Z]{3})([\d,.]+)")
_MOVEMENT = re.compile(
    r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<entry_month>\d{2})(?P<entry_day>\d{2}))?"
    r"(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z])?(?P<amount>\d[\d,.]*)(?P<type>[A-Z][A-Z0-9]{3})"
    r"(?P<reference>(?:(?!//)[^\n])*)(?://(?P<bank>[^\n]*))?(?:\n(?P<more>.*))?",
    re.DOTALL,
)


def read_mt940(data: bytes) -> tuple[Statement, ...]:
    """The statements of an MT940 file. Errors: `Refused`, with the line of each fault."""
    faults = Faults()
    return concluded(_Reader(faults).statements(_fields(decoded(data), faults)), faults)


def _fields(text: str, faults: Faults) -> Iterator[tuple[int, str, str]]:
    """Fields with the line where they begin, their tag, and their text with its line breaks."""
    current: tuple[int, str, list[str]] | None = None
    bare = _BLOCK.sub(lambda found: "\n" * found[0].count("\n"), text.replace("\r\n", "\n").replace("\r", "\n"))
    for number, line in enumerate(bare.split("\n"), 1):
        found = _FIELD.fullmatch(line)
        if found:
            if current:
                yield current[0], current[1], "\n".join(current[2])
            current = (number, found[1], [found[2].rstrip()])
        elif line.strip():
            if current is None:
                faults.add("field_expected", number, "un champ « :20: » est attendu", 'a field ":20:" is expected')
                return
            current[2].append(line.rstrip())
    if current:
        yield current[0], current[1], "\n".join(current[2])


@dataclass
class _Open:
    """A statement whose last page is still to come."""

    line: int
    id: str = "?"
    account: str = ""
    sequence: str | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    final: bool = False
    entries: list[dict[str, Any]] = field(default_factory=list)


class _Reader:
    """Puts fields together: `:20:` begins a message, `:62F:` ends a statement, `:62M:` a page of it."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._open: _Open | None = None

    def statements(self, fields: Iterator[tuple[int, str, str]]) -> Iterator[Statement]:
        line = 1
        for line, tag, text in fields:
            if tag == "20":
                yield from self._begin(line, text)
            elif self._open is None:
                self._faults.add("field_expected", line, "champ avant « :20: »", 'a field before ":20:"')
            else:
                self._read(self._open, line, tag, text)
        yield from self._end(line)

    def _begin(self, line: int, text: str) -> Iterator[Statement]:
        """A message; after an intermediate balance it is the next page of the same statement."""
        if self._open and not self._open.final and self._open.closing:
            return
        yield from self._end(line)
        self._open = _Open(line, id=words(text) or "?")

    def _end(self, line: int) -> Iterator[Statement]:
        current, self._open = self._open, None
        if current is None:
            return
        if current.opening is None or current.closing is None or not current.final:
            self._faults.add(
                "statement_truncated",
                line,
                "relevé sans solde d'ouverture (:60F:) ou de clôture (:62F:) : fichier tronqué",
                "a statement without its opening (:60F:) or closing (:62F:) balance: the file is truncated",
            )
            return
        yield Statement(
            format=StatementFormat.MT940,
            id=current.id,
            account=current.account,
            currency=current.opening.amount.currency,
            sequence=current.sequence,
            first_day=current.opening.day,
            last_day=current.closing.day,
            opening=current.opening,
            closing=current.closing,
            entries=tuple(Entry(index=number, **each) for number, each in enumerate(current.entries)),
        )

    def _read(self, current: _Open, line: int, tag: str, text: str) -> None:
        match tag:
            case "25" | "25P":
                current.account = _account(text.split("\n")[0])
            case "28C" | "28":
                current.sequence = current.sequence or told(text.split("/")[0])
            case "60F" | "60M":
                current.opening = current.opening or self._balance(line, text)
            case "61":
                self._movement(current, line, text)
            case "86":
                if current.entries and not current.closing:
                    self._inform(current.entries[-1], text)
            case "62F" | "62M":
                current.closing, current.final = self._balance(line, text), tag == "62F"

    def _balance(self, line: int, text: str) -> Balance | None:
        found = _BALANCE.fullmatch(text.strip())
        if found is None:
            self._faults.add("balance_unreadable", line, f"solde illisible « {text} »", f'unreadable balance "{text}"')
            return None
        day = self._faults.day(line, found[2], found[3], found[4])
        money = self._faults.amount(line, _point(found[6]), found[5])
        if money is None:
            return None
        return Balance(amount=money.change(amount=signed(money.amount, found[1] == "C")), day=day)

    def _movement(self, current: _Open, line: int, text: str) -> None:
        current.closing = None
        found = _MOVEMENT.fullmatch(text)
        if found is None or current.opening is None:
            shown = text.split("\n")[0][:60]
            self._faults.add(
                "movement_unreadable", line, f"mouvement illisible « {shown} »", f'unreadable movement "{shown}"'
            )
            return
        value = self._faults.day(line, found["year"], found["month"], found["day"])
        money = self._faults.amount(line, _point(found["amount"]), current.opening.amount.currency)
        if value is None or money is None:
            return
        mark = found["mark"]
        # RC takes back a credit, which debits the account; RD takes back a debit.
        credit = mark[-1] == "C" if mark[0] != "R" else mark[-1] == "D"
        current.entries.append(
            {
                "amount": money.change(amount=signed(money.amount, credit)),
                "booking_date": self._booked(line, value, found["entry_month"], found["entry_day"]),
                "value_date": value,
                "reversal": mark[0] == "R",
                "code": found["type"],
                "end_to_end": told(found["reference"]),
                "bank_reference": told(found["bank"]),
                "text": words(found["more"]),
            }
        )

    def _booked(self, line: int, value: date, month: str | None, day: str | None) -> date:
        """The booking date, whose year is the one that brings it nearest to the value date."""
        if month is None or day is None:
            return value
        years = [value.year + shift for shift in (0, -1, 1) if _is_day(value.year + shift, month, day)]
        if not years:
            self._faults.day(line, str(value.year), month, day)
            return value
        return min((date(year, int(month), int(day)) for year in years), key=lambda found: abs(found - value))

    def _inform(self, entry: dict[str, Any], text: str) -> None:
        known = information(text)
        known["text"] = words(f"{entry['text']} {known.get('text', '')}")
        entry.update({name: value for name, value in known.items() if value})


def _is_day(year: int, month: str, day: str) -> bool:
    try:
        date(year, int(month), int(day))
    except ValueError:
        return False
    return True


def _account(text: str) -> str:
    """The account without the BIC before it and the currency after it, which some banks write."""
    compact = re.sub(r"\s", "", text).upper()
    bare = re.sub(r"^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?/", "", compact)
    return bare[:-3] if re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}[A-Z]{3}", bare) and check97(bare[:-3]) else bare


def _point(text: str) -> str:
    """An amount as SWIFT writes it, `1234,5` or `1234,`, with a point."""
    return text.replace(",", ".").rstrip(".") if text.count(",") + text.count(".") < 2 else text
