"""An independent reader of the FEC, stricter than the administration's: numbers, order, balance (RULES §4)."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal

FIELDS = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate "
    "EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise"
).split()
_COMPULSORY = [*range(6), 8, 9, 10, 15]
_DATE = re.compile(r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_AMOUNT = re.compile(r"\d+,\d{2}")
_FOREIGN = re.compile(r"-?\d+(,\d{1,3})?")


def check_fec(content: bytes) -> list[str]:
    """Everything that is wrong with a file; empty when it is right."""
    found = []
    if content.startswith(b"\xef\xbb\xbf"):
        found.append("mark at the beginning")
    text = content.decode("utf-8")
    if not text.endswith("\r\n") or text.count("\n") != text.count("\r\n"):
        found.append("line ends")
    lines = text.removesuffix("\r\n").split("\r\n")
    if lines[0].split("\t")[:18] != FIELDS:
        found.append("field names")
    balances: dict[int, Decimal] = defaultdict(Decimal)
    heads: dict[int, tuple[str, str]] = {}
    last, validated = 0, ""
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        found += [f"line {number}: {what}" for what in _line(cells, len(lines[0].split("\t")))]
        if len(cells) < 18:
            continue
        entry = int(cells[2])
        if entry not in (last, last + 1):
            found.append(f"line {number}: number {entry} after {last}")
        if entry == last + 1 and cells[15] < validated:
            found.append(f"line {number}: validated before the one above")
        last, validated = entry, cells[15]
        if heads.setdefault(entry, (cells[0], cells[3])) != (cells[0], cells[3]):
            found.append(f"line {number}: two journals or dates in one entry")
        balances[entry] += _value(cells[11]) - _value(cells[12])
    return found + [f"entry {entry} does not balance: {rest}" for entry, rest in balances.items() if rest]


def _value(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def _line(cells: list[str], wanted: int) -> list[str]:
    if len(cells) != wanted:
        return [f"{len(cells)} fields for {wanted}"]
    found = [f"{FIELDS[n]} empty" for n in _COMPULSORY if not cells[n]]
    found += [f"{FIELDS[n]}: {cells[n]}" for n in (3, 9, 15) if not _DATE.fullmatch(cells[n])]
    found += [f"{FIELDS[n]}: {cells[n]}" for n in (11, 12) if not _AMOUNT.fullmatch(cells[n])]
    if not re.match(r"[1-7]\d\d", cells[4]):
        found.append(f"CompteNum: {cells[4]}")
    if bool(cells[6]) != bool(cells[7]) or bool(cells[6]) != cells[4].startswith(("401", "411")):
        found.append("auxiliary account on the collective ones only, with its name")
    if bool(cells[13]) != bool(cells[14]) or bool(cells[16]) != bool(cells[17]):
        found.append("half of a pair")
    if cells[16] and (not _FOREIGN.fullmatch(cells[16]) or not re.fullmatch(r"[A-Z]{3}", cells[17])):
        found.append("foreign amount")
    if (cells[11] == "0,00") == (cells[12] == "0,00"):
        found.append("one of debit and credit")
    if any("|" in cell or cell != cell.strip() for cell in cells):
        found.append("bars or spaces around a text")
    return found
