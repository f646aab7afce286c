"""Text: canonical bytes that can be hashed, and plain forms that can be searched."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from comptoir.kernel.explain import flaw, shaped

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _clean(value: str) -> str:
    if value.isascii() and value.isprintable():
        return value
    if _SURROGATE.search(value):
        raise flaw("not_text", "Ce n'est pas un texte Unicode valide.", "This is not valid Unicode text.")
    if _CONTROL.search(value):
        raise flaw(
            "control_characters",
            "Les caractères de contrôle ne sont pas admis.",
            "Control characters are not allowed.",
        )
    return unicodedata.normalize("NFC", value)


def text(limit: int, least: int = 1) -> Any:
    """A trimmed, NFC, printable text type of `least` to `limit` characters."""
    return Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=least, max_length=limit), AfterValidator(_clean)
    ]


Line = text(200)
Label = text(80)
Paragraph = text(4000)
Treatise = text(12_000)
MonthName = Annotated[
    str,
    shaped(
        r"^[0-9]{4}-(0[1-9]|1[0-2])$",
        "Un mois est attendu (AAAA-MM, par exemple 2026-11).",
        "A month is expected (YYYY-MM, for instance 2026-11).",
    ),
]
"""A month: 2026-11."""


def unbroken(value: str) -> str:
    """A text on one line: every run of white space is one space."""
    return " ".join(value.split())


def canonical(value: Any) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, NFC, no floats (RULES §3.4 rule 1)."""
    return canonical_json(json.dumps(value))


def canonical_json(text: str | bytes) -> bytes:
    """The canonical bytes of a JSON text. Errors: `ValueError` on a float, whose form is not unique."""
    value = json.loads(text, parse_float=_no_float, parse_constant=_no_float)
    packed = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return unicodedata.normalize("NFC", packed).encode()


def _no_float(literal: str) -> Any:
    raise ValueError(f"{literal} has no canonical form; amounts are strings")


def sha256(data: bytes) -> str:
    """The SHA-256 of `data`, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that Unicode does not take apart."""


def plain_words(value: str) -> list[str]:
    """Lower-case words without accents, for search: « Société Générale » → societe, generale."""
    decomposed = unicodedata.normalize("NFKD", value.casefold().translate(_LIGATURES))
    stripped = "".join(c for c in decomposed if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+", stripped)
