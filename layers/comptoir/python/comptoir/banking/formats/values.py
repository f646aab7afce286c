"""What the texts of a payment message may be, written anew and not taken from what writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from comptoir.kernel.identity import check97

Flaw = tuple[str, str, str]
"""A code, and a phrase in French and in English."""

_CHARACTERS = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]+")


@dataclass(frozen=True)
class Kind:
    """A kind of text: its pattern and length, whether it is a reference, in free words, or carries a currency."""

    pattern: str = r".+"
    limit: int = 140
    words: bool = False
    reference: bool = False
    currency: bool = False
    control: str = ""

    @cached_property
    def _shape(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.ASCII | re.DOTALL)

    def flaws(self, text: str) -> Iterator[Flaw]:
        """Everything that is wrong with a text of this kind."""
        if len(text) > self.limit:
            yield "text_too_long", f"plus de {self.limit} caractères", f"more than {self.limit} characters"
        if not self._shape.fullmatch(text):
            yield "value_refused", f"valeur non admise « {text[:40]} »", f'value not allowed "{text[:40]}"'
        elif self.control and not _CONTROLS[self.control](text):
            yield f"{self.control}_wrong", f"contrôle faux « {text[:40]} »", f'wrong check "{text[:40]}"'
        if self.words or self.reference:
            yield from _letters(text)
        if self.reference and (text[0] == "/" or text[-1] == "/" or "//" in text):
            yield "reference_slashes", "« / » à un bout ou « // »", '"/" at an end, or "//"'


def _letters(text: str) -> Iterator[Flaw]:
    if not _CHARACTERS.fullmatch(text):
        strange = " ".join(sorted({character for character in text if not _CHARACTERS.fullmatch(character)}))
        yield "character_refused", f"caractères non admis : {strange}", f"characters not allowed: {strange}"
    if text != text.strip():
        yield "space_at_end", "espace au début ou à la fin", "a space at the beginning or the end"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


_CONTROLS = {"iban": check97, "reference": check97, "date": _is_date, "instant": _is_instant}
_BIC_2009 = r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?"
_BIC_2019 = r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?"

KINDS = {
    "id": Kind(limit=35, reference=True),
    "name70": Kind(limit=70, words=True),
    "name": Kind(limit=140, words=True),
    "words16": Kind(limit=16, words=True),
    "words35": Kind(limit=35, words=True),
    "words70": Kind(limit=70, words=True),
    "words": Kind(limit=140, words=True),
    "instant": Kind(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", control="instant"),
    "date": Kind(r"\d{4}-\d{2}-\d{2}", control="date"),
    "count": Kind(r"[0-9]{1,15}"),
    "sum": Kind(r"(?=[0-9.]{1,19}$)[0-9]{1,17}(\.[0-9]{1,17})?"),
    "euros": Kind(r"[0-9]{1,9}(\.[0-9]{1,2})?", currency=True),
    "amount": Kind(r"(?=[0-9.]{1,19}$)[0-9]{1,18}(\.[0-9]{1,5})?", currency=True),
    "currency": Kind(r"[A-Z]{3}"),
    "country": Kind(r"[A-Z]{2}"),
    "iban": Kind(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", control="iban"),
    "account": Kind(r"[0-9A-Za-z][0-9A-Za-z./-]{0,33}"),
    "bic": Kind(_BIC_2009),
    "bicfi": Kind(_BIC_2019),
    "flag": Kind(r"true|false"),
    "transfer": Kind(r"TRF"),
    "priority": Kind(r"HIGH|NORM"),
    "sepa": Kind(r"SEPA"),
    "service": Kind(r"SEPA|NURG|URGP|SDVA"),
    "instrument": Kind(r"INST"),
    "service_level": Kind(r"SLEV"),
    "bearer": Kind(r"SHAR|DEBT|CRED|SLEV"),
    "code4": Kind(r"[A-Z]{4}"),
    "clearing": Kind(r"[A-Z]{5}"),
    "member": Kind(r"[0-9A-Za-z]{1,35}"),
    "not_provided": Kind(r"NOTPROVIDED"),
    "structured": Kind(r"SCOR"),
    "creditor_reference": Kind(r"RF[0-9]{2}[0-9A-Z]{1,21}", control="reference"),
}
