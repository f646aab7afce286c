"""Field 86 of an MT940: code words between slashes, numbered sub-fields, or free words."""

from __future__ import annotations

import re
from typing import Any

from comptoir.banking.formats.reading import told, words
from comptoir.kernel.identity import check97

_WORD = re.compile(r"/(EREF|PREF|KREF|ORDP|BENM|NAME|REMI|IBAN|BIC|MARF|MREF|RTRN|CSID|TRCD|PURP|CNTP|ISDT|SVWZ)/")
_NUMBERED = re.compile(r"(?:\d{3})?\?\d{2}.*", re.DOTALL)
_SUBFIELD = re.compile(r"\?(\d{2})([^?]*)")
_GERMAN = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC)\+")
_LINE = 65
_REMITTANCE = {*(f"{number}" for number in range(20, 30)), *(f"{number}" for number in range(60, 64))}


def information(text: str) -> dict[str, Any]:
    """What the information to the account owner says, as fields of an entry."""
    joined = _joined(text)
    if _NUMBERED.fullmatch(joined):
        return _numbered(joined)
    if _WORD.search(joined):
        return _between_slashes(joined)
    return {"text": words(joined)}


def _joined(text: str) -> str:
    """Lines in one: a full one goes on without a space, because banks cut where the line ends."""
    whole = ""
    last = 0
    for line in text.split("\n"):
        whole += line if last >= _LINE or not whole or line.startswith(("?", "/")) else f" {line}"
        last = len(line)
    return whole


def _between_slashes(text: str) -> dict[str, Any]:
    found: dict[str, str] = {}
    parts = _WORD.split(text)
    for word, value in zip(parts[1::2], parts[2::2], strict=True):
        found.setdefault(word, value.strip(" /"))
    name = found.get("NAME") or found.get("ORDP") or found.get("BENM") or found.get("CNTP")
    return _known(
        end_to_end=found.get("EREF"),
        payment_id=found.get("PREF"),
        counterparty=name,
        iban=found.get("IBAN"),
        text=found.get("REMI") or found.get("SVWZ") or words(parts[0]),
        reason=found.get("RTRN"),
    )


def _numbered(text: str) -> dict[str, Any]:
    fields: dict[str, str] = {}
    for number, value in _SUBFIELD.findall(text):
        fields[number] = fields.get(number, "") + value
    remittance = "".join(value for number, value in sorted(fields.items()) if number in _REMITTANCE)
    parts = _GERMAN.split(remittance)
    found = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))
    return _known(
        end_to_end=found.get("EREF"),
        payment_id=found.get("KREF"),
        counterparty=fields.get("32", "") + fields.get("33", ""),
        iban=found.get("IBAN") or fields.get("31"),
        text=found.get("SVWZ") or parts[0] or fields.get("00"),
        reason=None,
    )


def _known(
    end_to_end: str | None,
    payment_id: str | None,
    counterparty: str | None,
    iban: str | None,
    text: str | None,
    reason: str | None,
) -> dict[str, Any]:
    compact = re.sub(r"\s", "", iban or "").upper()
    is_iban = re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", compact) and check97(compact)
    return {
        "end_to_end": told(end_to_end),
        "payment_id": told(payment_id),
        "counterparty": words(counterparty) or None,
        "counterparty_iban": compact if is_iban else None,
        "text": words(text),
        "return_reason": told(reason),
    }
