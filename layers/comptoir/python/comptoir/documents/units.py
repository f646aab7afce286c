"""Units as people write them: their UN/ECE Recommendation 20 codes (BT-130), and their word in another language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from comptoir.documents.texts import TEXTS, Texts

UNIT = "C62"

_RAISED = str.maketrans("23", "²³")


def _known(word: str) -> str:
    """A word as the tables hold it: `m2` is m², `Std` is Std."""
    return word.casefold().rstrip(".").translate(_RAISED)


@cache
def _words(tag: str) -> Mapping[str, str]:
    """Word → code in one language."""
    (texts,) = (texts for texts in TEXTS.values() if texts.tag == tag)
    return {_known(word): code for code, words in texts.units.items() for word in words.split(", ")}


def _code(unit: str) -> str | None:
    if unit in next(iter(TEXTS.values())).units:
        return unit
    word = _known(unit)
    tried = ((texts, each) for each in (word, word.removesuffix("s")) for texts in TEXTS.values())
    return next((code for texts, each in tried if (code := _words(texts.tag).get(each))), None)


def unit_code(unit: str) -> str:
    """The code of a unit written in any language of documents, or as a code already; `C62` when unknown."""
    return _code(unit) or UNIT


def unit_in(unit: str, texts: Texts) -> str:
    """A unit in the words of a language; what no table knows, or is of that language already, stays as entered."""
    if _known(unit) in _words(texts.tag):
        return unit
    code = _code(unit)
    return texts.units[code].partition(", ")[0] if code else unit
