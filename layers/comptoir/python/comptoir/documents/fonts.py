"""Faces of the documents: where they lie, how wide their letters are, and which face shows which letter.

Widths are read once per process from the cut fonts (`infra/layers/fonts.py`); a face beyond the Latin
one is only opened for a text that needs it. Right-to-left and joined scripts are shaped by HarfBuzz: their
letters change with their neighbours, so their width is that of the run. A character that no face has shows
as □, never vanishes.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, NamedTuple

from fontTools.ttLib import TTFont

LATIN = "latin"
JOINED = frozenset({"arabic", "thai", "devanagari"})
"""Families whose letters join, or bear marks placed by the font."""
FALLBACKS = ("east", "arabic", "wide", "thai", "devanagari", "han", "hangul")
"""Greek and Cyrillic in the same design, then the scripts of other places; the first that has a character shows it."""
FAMILIES = (LATIN, *FALLBACKS)
MISSING = "□"

Direction = Literal["ltr", "rtl"]

# Hebrew to Arabic extended, Devanagari, Thai, the marks that order them, and Arabic and Hebrew compatibility forms.
_SHAPED = re.compile(
    "[\u0590-\u08ff\u0900-\u097f\u0e00-\u0e7f\u200c-\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]"
)
_JOINERS = frozenset("\u200c\u200d")


class Run(NamedTuple):
    """A piece of text of one family; `shaped` in a direction, or its letters side by side as they stand."""

    family: str
    text: str
    shaped: Direction | None = None


def font_folder() -> Path:
    """The folder of the cut fonts: `COMPTOIR_FONTS`, else the layer's, else what a checkout has built."""
    if chosen := os.environ.get("COMPTOIR_FONTS"):
        return Path(chosen)
    layer, built = Path("/opt/fonts"), "build/layers/local/vendor-documents/fonts"
    places = (layer, *(root / built for root in Path(__file__).resolve().parents))
    return next((place for place in places if place.is_dir()), layer)


def font_file(family: str, bold: bool) -> Path:
    """The file of a face."""
    return font_folder() / f"{family}-{'bold' if bold else 'regular'}.ttf"


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

    def runs(self, text: str) -> list[Run]:
        """The text in pieces of one family each, as they follow one another from the left."""
        if self._plain.issuperset(text):
            return [Run(LATIN, text)]
        if not _SHAPED.search(text):
            return [run for run in self._pieces(text) if run.text]
        runs: list[Run] = []
        for piece, rtl in _levels(text):
            pieces = [run for run in self._pieces(piece, joiners=True) if run.text]
            if rtl:
                runs.extend(Run(run.family, run.text, "rtl") for run in reversed(pieces))
            else:
                runs.extend(run._replace(shaped="ltr") if run.family in JOINED else run for run in pieces)
        return runs

    def families(self, characters: Iterable[str]) -> set[str]:
        """The families that show these characters."""
        return {self._family(character)[0] for character in characters}

    def _pieces(self, text: str, joiners: bool = False) -> Iterator[Run]:
        resolved: list[tuple[str, str]] = []
        for character in text:
            family, shown = self._family(character)
            if joiners and character in _JOINERS and resolved:
                family, shown = resolved[-1][0], character
            resolved.append((family, shown))
        for family, group in groupby(resolved, lambda r: r[0]):
            yield Run(family, "".join(shown for _, shown in group))

    def _family(self, character: str) -> tuple[str, str]:
        if character not in self._families:
            self._families[character] = self._resolve(character)
        return self._families[character]


def _levels(text: str) -> list[tuple[str, bool]]:
    """The text in stretches of one direction, from left to right, each in the order it is read (Unicode, rule L2)."""
    from fpdf.bidi import BidiParagraph

    characters = BidiParagraph(text, preserve_bn_chars=True).get_characters()
    levelled = [(character.character, character.embedding_level) for character in characters]
    pieces = [("".join(char for char, _ in group), level) for level, group in groupby(levelled, lambda pair: pair[1])]
    for least in range(max((level for _, level in pieces), default=0), 0, -1):
        pieces = _turned(pieces, least)
    return [(piece, level % 2 == 1) for piece, level in pieces]


def _turned(pieces: list[tuple[str, int]], least: int) -> list[tuple[str, int]]:
    """The pieces, each stretch of those of at least that level in reverse."""
    turned: list[tuple[str, int]] = []
    start = 0
    for piece in pieces:
        if piece[1] >= least:
            turned.insert(start, piece)
        else:
            turned.append(piece)
            start = len(turned)
    return turned


@cache
def widths(bold: bool) -> Widths:
    """The widths of a weight."""
    return Widths(bold)


def width(text: str, size: float, bold: bool) -> float:
    """The width of a text, in the unit of `size`."""
    if not text.isascii() and _SHAPED.search(text):
        return sum(run_width(run, size, bold) for run in widths(bold).runs(text))
    return sum(map(widths(bold).__getitem__, text)) * size


def run_width(run: Run, size: float, bold: bool) -> float:
    """The width of a run, in the unit of `size`."""
    if run.shaped:
        return _shaped_advance(run, bold) * size
    return sum(map(widths(bold).__getitem__, run.text)) * size


@cache
def _shaper(family: str, bold: bool) -> Any:
    import uharfbuzz

    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font_file(family, bold)))))


@lru_cache(maxsize=4096)
def _shaped_advance(run: Run, bold: bool) -> float:
    """The width of a shaped run, in em."""
    import uharfbuzz

    font = _shaper(run.family, bold)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(run.text)
    buffer.guess_segment_properties()
    buffer.direction = run.shaped
    uharfbuzz.shape(font, buffer)
    return float(sum(position.x_advance for position in buffer.glyph_positions) / font.face.upem)
