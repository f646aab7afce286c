"""The letters that banks take, and texts brought down to them (RULES §5.3).

`a-z A-Z 0-9 / - ? : ( ) . , ' +` and the space. Whatever is not among them is transliterated or
becomes a space: a bank that meets another letter refuses the file, or drops the letter.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

_REFUSED = re.compile(r"[^a-zA-Z0-9/\-?:().,'+ ]")
_ALLOWED = re.compile(r"[a-zA-Z0-9/\-?:().,'+ ]*")
_SPACES = re.compile(r" {2,}")
_SLASHES = re.compile(r"/(?: */)+")
_CHOSEN = {"&": "+", "_": "-", "@": "(at)", "°": "o", "º": "o", "ª": "a", "№": "No"}
_KEPT_SYMBOLS = ("Sc",)
"""Currency signs have letters (€ → EUR); other symbols and pictures have none that a bank should read."""


class _Letters(dict[int, str]):
    """What is written for each character, found out when it first comes."""

    def __missing__(self, code: int) -> str:
        self[code] = written = _letter(chr(code))
        return written


_LETTERS = _Letters(str.maketrans(_CHOSEN))


def latin(text: str) -> str:
    """`text` in the letters of banks: é → e, œ → oe, ß → ss, ü → u, & → +, _ → -, @ → (at), others → a space."""
    if _ALLOWED.fullmatch(text) and "  " not in text:
        return text.strip()
    written = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return _SPACES.sub(" ", _REFUSED.sub(" ", written)).strip()


def _letter(character: str) -> str:
    if character.isascii():
        return character
    kind = unicodedata.category(character)
    if kind[0] in "CZ" or (kind[0] == "S" and kind not in _KEPT_SYMBOLS):
        return " "
    return anyascii(character)


def is_latin(text: str) -> bool:
    """Whether a bank takes every letter of `text`."""
    return _ALLOWED.fullmatch(text) is not None


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, without a space at the end and without an ellipsis."""
    return text[:limit].rstrip()


def fitted(text: str, limit: int) -> str:
    """`text` in the letters of banks, at most `limit` of them."""
    return cut(latin(text), limit)


def reference(text: str, limit: int = 35) -> str:
    """`text` as a reference: neither `/` at its ends nor `//` inside; empty when nothing of it can be written."""
    written = _SLASHES.sub("/", latin(text)).strip(" /")
    return written[:limit].rstrip(" /")


def is_reference(text: str, limit: int = 35) -> bool:
    """Whether `text` can stand as a reference as it is."""
    return bool(text) and reference(text, limit) == text
