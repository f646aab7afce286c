"""Statements as tables (CSV, XLSX), their columns found by French and English headings (RULES §6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from comptoir.banking.formats.reading import Faults, concluded, told, words
from comptoir.banking.statement import Balance, Entry, Statement, StatementFormat
from comptoir.kernel.cells import CellFault, as_date, as_number, as_text
from comptoir.kernel.errors import Breach, Refused
from comptoir.kernel.money import Money, exponent
from comptoir.kernel.sheets import Cell, Limits, Value, read_sheet
from comptoir.kernel.text import plain_words
from comptoir.markup.safe_xml import LARGEST

LIMITS = Limits(size=LARGEST, rows=50_000)
_HEADINGS = {
    "booking": (
        "date|date operation|date d operation|date de l operation|date comptable|date de comptabilisation|"
        "date ecriture|booking date|transaction date|posting date|entry date|date posted"
    ),
    "value": "date valeur|date de valeur|valeur|value date|value",
    "text": (
        "libelle|libelle operation|libelle de l operation|libelle complementaire|description|intitule|detail|details|"
        "motif|label|memo|remittance|remittance information|informations complementaires|nature de l operation"
    ),
    "amount": "montant|montant de l operation|montant operation|amount|transaction amount",
    "debit": "debit|montant debit|debits|debit amount|paid out|withdrawal",
    "credit": "credit|montant credit|credits|credit amount|paid in|deposit",
    "currency": "devise|currency|monnaie",
    "reference": "reference|ref|reference operation|reference banque|bank reference|reference de l operation",
    "end_to_end": "reference de bout en bout|end to end|end to end id|endtoendid|reference client|customer reference",
    "counterparty": (
        "tiers|contrepartie|nom du tiers|beneficiaire|emetteur|counterparty|name|payee|counterparty name|"
        "nom de la contrepartie|nom contrepartie"
    ),
    "iban": "iban|iban tiers|iban contrepartie|counterparty iban|iban du tiers",
    "account": "compte|account|account iban|iban du compte|numero de compte|account number",
    "balance": "solde|balance|solde apres operation|running balance|solde comptable",
}
_FIELDS = {heading: name for name, headings in _HEADINGS.items() for heading in headings.split("|")}
_CURRENCY_WORDS = frozenset("eur euro euros usd gbp chf".split())
_NO_HEADINGS = Breach(
    code="headings_missing",
    fr="Aucune ligne de titres reconnue : une date, et un montant ou un débit et un crédit, sont attendus.",
    en="No row of headings was recognised: a date, and an amount or a debit and a credit, are expected.",
    pointer="/file",
)
_SEARCHED = 30
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b")

T = TypeVar("T")
Row = dict[int, Cell]


@dataclass(frozen=True)
class _Line:
    """A row read: its place, its entry without index, and the balance after it where the file tells it."""

    row: int
    entry: Entry
    balance: Money | None
    account: str


def read_table(data: bytes, currency: str) -> tuple[Statement, ...]:
    """The one statement of a table, in `currency` where the file tells none. Errors: `Refused`, cell by cell."""
    sheet = read_sheet(data, LIMITS)
    rows = [sheet.heading, *sheet.rows]
    place, columns = _headings(rows)
    faults = Faults()
    reader = _Reader(columns, currency, faults)
    lines = [line for row in rows[place + 1 :] if (line := reader.line(row))]
    lines = _in_order(lines)
    for one, other in pairwise(lines):
        if not _leads(one, other):
            faults.add(
                "balance_wrong", other.row, "solde qui ne suit pas du précédent", "balance not led to by the one before"
            )
    return concluded(_statement(lines, rows[:place], currency), faults)


def _headings(rows: Sequence[Row]) -> tuple[int, dict[str, int]]:
    """Where the headings are, below whatever the bank writes above them, and the column of each field."""
    for place, row in enumerate(rows[:_SEARCHED]):
        columns: dict[str, int] = {}
        for number, cell in row.items():
            field = _FIELDS.get(_plain(as_text(cell.value) or ""))
            if field:
                columns.setdefault(field, number)
        if "booking" in columns and ("amount" in columns or {"debit", "credit"} <= columns.keys()):
            return place, columns
    raise Refused([_NO_HEADINGS])


def _plain(heading: str) -> str:
    found = plain_words(heading)
    while len(found) > 1 and found[-1] in _CURRENCY_WORDS:
        found.pop()
    return " ".join(found)


class _Reader:
    """Reads rows, each faulty cell told with its coordinate."""

    def __init__(self, columns: dict[str, int], currency: str, faults: Faults) -> None:
        self._columns, self._currency, self._faults = columns, currency, faults

    def line(self, row: Row) -> _Line | None:
        """The row as an entry; None for a row that tells no movement, or a faulty one."""
        if self._value(row, "booking") is None:
            return None
        booked = self._read(row, "booking", as_date)
        currency = words(as_text(self._value(row, "currency"))).upper() or self._currency
        amount = self._amount(row, currency)
        if booked is None or amount is None:
            return None
        balance = self._read(row, "balance", as_number)
        entry = Entry(
            index=0,
            amount=amount,
            booking_date=booked,
            value_date=self._read(row, "value", as_date),
            text=words(as_text(self._value(row, "text"))),
            bank_reference=told(as_text(self._value(row, "reference"))),
            end_to_end=told(as_text(self._value(row, "end_to_end"))),
            counterparty=words(as_text(self._value(row, "counterparty"))) or None,
            counterparty_iban=re.sub(r"\s", "", as_text(self._value(row, "iban")) or "").upper() or None,
        )
        account = re.sub(r"\s", "", as_text(self._value(row, "account")) or "").upper()
        return _Line(
            next(iter(row.values())).row, entry, None if balance is None else Money.of(balance, currency), account
        )

    def _amount(self, row: Row, currency: str) -> Money | None:
        value = self._read(row, "amount", as_number)
        if value is None and "amount" not in self._columns:
            debit, credit = self._read(row, "debit", as_number), self._read(row, "credit", as_number)
            if debit is not None or credit is not None:
                # Some banks write debits with their sign, some without.
                value = (credit or Decimal(0)) - abs(debit or Decimal(0))
        if value is None:
            self._fault(row, "amount", "amount_missing", "montant absent ou illisible", "amount missing or unreadable")
            return None
        if not re.fullmatch("[A-Z]{3}", currency) or value % exponent(currency):
            shown = f"{value} {currency}"
            self._fault(row, "amount", "amount_unreadable", f"montant {shown} impossible", f"impossible amount {shown}")
            return None
        return Money.of(value, currency)

    def _value(self, row: Row, field: str) -> Value:
        cell = row.get(self._columns.get(field, 0))
        return cell.value if cell else None

    def _read(self, row: Row, field: str, reads: Callable[[Value], T]) -> T | None:
        """What a cell holds, as `reads` takes it; told as a fault where it cannot."""
        cell = row.get(self._columns.get(field, 0))
        try:
            return reads(cell.value) if cell else None
        except CellFault as fault:
            self._fault(row, field, fault.code, fault.fr, fault.en)
            return None

    def _fault(self, row: Row, field: str, code: str, fr: str, en: str) -> None:
        cell = row.get(self._columns.get(field, 0)) or next(iter(row.values()))
        self._faults.add(code, cell.row, f"cellule {cell.place}, {fr}", f"cell {cell.place}, {en}")


def _in_order(lines: list[_Line]) -> list[_Line]:
    """Oldest first: many banks write the newest first."""
    days = [line.entry.booking_date for line in lines]
    newest_first = days != sorted(days) or (len(set(days)) == 1 and _chained(lines[::-1]))
    return lines[::-1] if newest_first and days == sorted(days, reverse=True) else lines


def _chained(lines: list[_Line]) -> bool:
    return all(one.balance is not None and _leads(one, other) for one, other in pairwise(lines))


def _leads(one: _Line, other: _Line) -> bool:
    """Whether the balance of a row is the one before it plus the movement; true where there are none."""
    if one.balance is None or other.balance is None or one.balance.currency != other.entry.amount.currency:
        return True
    return one.balance + other.entry.amount == other.balance


def _statement(lines: list[_Line], above: Sequence[Row], currency: str) -> list[Statement]:
    if not lines:
        return []
    first, last = lines[0], lines[-1]
    days = sorted(line.entry.booking_date for line in lines)
    opening = None if first.balance is None else Balance(amount=first.balance - first.entry.amount, day=days[0])
    closing = None if last.balance is None else Balance(amount=last.balance, day=days[-1])
    return [
        Statement(
            format=StatementFormat.TABLE,
            id=f"{days[0]}..{days[-1]}",
            account=next((line.account for line in lines if line.account), "") or _account_above(above),
            currency=first.entry.amount.currency or currency,
            first_day=days[0],
            last_day=days[-1],
            opening=opening if closing else None,
            closing=closing if opening else None,
            entries=tuple(line.entry.change(index=number) for number, line in enumerate(lines)),
        )
    ]


def _account_above(rows: Sequence[Row]) -> str:
    """The IBAN in what the bank writes above the headings."""
    for row in rows:
        for cell in row.values():
            if found := _IBAN.search((as_text(cell.value) or "").upper()):
                return found[0].replace(" ", "")
    return ""
