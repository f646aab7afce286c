"""Faces of the documents: where they lie, how wide their letters are, and which face shows which letter.

Widths are read once per process from the cut fonts (`infra/layers/fonts.py`); a face beyond the Latin
one is only opened for a text that needs it. A character that no face has shows as □, never vanishes.
"""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont

LATIN = "latin"
FALLBACKS = ("east", "wide", "han", "hangul", "thai")
"""Greek and Cyrillic in the same design, then the rest of what a name may hold; see `infra/layers/fonts.py`."""

_ONE_WEIGHT = frozenset({"han", "hangul", "thai"})
FAMILIES = (LATIN, *FALLBACKS)
MISSING = "□"


def font_folder() -> Path:
    """The folder of the cut fonts: `COMPTOIR_FONTS`, else the layer's, else what a checkout has built."""
    if chosen := os.environ.get("COMPTOIR_FONTS"):
        return Path(chosen)
    layer, built = Path("/opt/fonts"), "build/layers/local/vendor-documents/fonts"
    places = (layer, *(root / built for root in Path(__file__).resolve().parents))
    return next((place for place in places if place.is_dir()), layer)


def font_file(family: str, bold: bool) -> Path:
    """The file of a face."""
    return font_folder() / f"{family}-{'bold' if bold and family not in _ONE_WEIGHT else 'regular'}.ttf"


@cache
def _advances(family: str, bold: bool) -> dict[str, float]:
    """Advance width of every character of a face, in em."""
    with TTFont(font_file(family, bold), lazy=True) as font:
        em, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
        return {chr(code): metrics[glyph][0] / em for code, glyph in font.getBestCmap().items()}


def _invisible(character: str) -> bool:
    """Joiners and variation selectors say how neighbours look; alone they show nothing."""
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f" or character >= "\U000e0000"


class Widths(dict[str, float]):
    """Character → width in em for one weight; what the Latin face lacks is looked up on first sight."""

    def __init__(self, bold: bool) -> None:
        super().__init__(_advances(LATIN, bold))
        self._bold = bold
        self._plain = frozenset(self)
        self._families: dict[str, tuple[str, str]] = {}

    def __missing__(self, character: str) -> float:
        family, shown = self._resolve(character)
        self[character] = width = _advances(family, self._bold)[shown] if shown else 0.0
        return width

    def _resolve(self, character: str) -> tuple[str, str]:
        if character in self._plain:
            return LATIN, character
        if character.isspace():
            return LATIN, " "
        if _invisible(character):
            return LATIN, ""
        having = (family for family in FALLBACKS if character in _advances(family, self._bold))
        family = next(having, None)
        return (family, character) if family else (LATIN, MISSING)

    def runs(self, text: str) -> list[tuple[str, str]]:
        """The text in pieces of one family each, as they are to be shown."""
        if self._plain.issuperset(text):
            return [(LATIN, text)]
        resolved = map(self._family, _visual(text))
        pieces = ((family, "".join(shown for _, shown in group)) for family, group in groupby(resolved, lambda r: r[0]))
        return [piece for piece in pieces if piece[1]]

    def _family(self, character: str) -> tuple[str, str]:
        if character not in self._families:
            self._families[character] = self._resolve(character)
        return self._families[character]


def _visual(text: str) -> str:
    """Right-to-left scripts in the order of the eye, Arabic letters joined; other texts as they are."""
    if not any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text):
        return text
    from fpdf.bidi import BidiParagraph

    return str(BidiParagraph(_joined(text)).get_reordered_string())


_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f]")


def _joined(text: str) -> str:
    """Arabic letters in the forms that their neighbours give them; other texts as they are."""
    if not _ARABIC.search(text):
        return text
    from arabic_reshaper import reshape

    return str(reshape(text))


@cache
def widths(bold: bool) -> Widths:
    """The widths of a weight."""
    return Widths(bold)


def width(text: str, size: float, bold: bool) -> float:
    """The width of a text, in the unit of `size`."""
    return sum(map(widths(bold).__getitem__, text if text.isascii() else _joined(text))) * size
