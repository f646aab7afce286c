"""Cuts the fonts of the documents at build time: `python -m infra.layers.fonts OUT_DIR`.

A whole font costs 80 ms a document, one cut to the letters that Europe writes a few. Source Sans 3
(SIL Open Font License 1.1) carries Latin, Greek and Cyrillic; Noto Sans (the same licence) Arabic,
Thai, Devanagari, Chinese with kana, and Korean, each in a face that is opened only for a text that
needs it; DejaVu Sans, kept whole, shows the rest of what a name may hold. All come from the packages
pinned in package.json. The cut fonts are renamed, because the licences reserve the original names
for the unmodified fonts, and the licences travel with them.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from itertools import chain, product
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

MODULES = Path(__file__).resolve().parents[2] / "node_modules"
SOURCE_SANS = "@expo-google-fonts/source-sans-3"
DEJAVU = "dejavu-fonts-ttf"
NOTO_SANS = "@expo-google-fonts/noto-sans-{}"

# The first face is opened for every document, so it holds no more than letters and common signs of
# the Latin languages of Europe; Greek, Cyrillic and Vietnamese lie in a second one, opened when a text needs it.
LATIN = frozenset(
    chain(
        range(0x20, 0x7F),
        range(0xA0, 0x180),
        range(0x218, 0x21C),
        (0x1E9E, 0x2009, 0x2010, 0x2011, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E),
        (0x2022, 0x2026, 0x202F, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC, 0x2116, 0x2122, 0x2192, 0x2212),
        (0x2264, 0x2265, 0x25A1),
    )
)
EAST = frozenset(chain(range(0x180, 0x250), range(0x370, 0x460), range(0x1E00, 0x1F00))) - LATIN

# Faces that the documents ask for: file name, package, file in the package, letters (None: all of them).
FACES: tuple[tuple[str, str, str, frozenset[int] | None], ...] = (
    ("latin-regular", SOURCE_SANS, "400Regular/SourceSans3_400Regular.ttf", LATIN),
    ("latin-bold", SOURCE_SANS, "600SemiBold/SourceSans3_600SemiBold.ttf", LATIN),
    ("east-regular", SOURCE_SANS, "400Regular/SourceSans3_400Regular.ttf", EAST),
    ("east-bold", SOURCE_SANS, "600SemiBold/SourceSans3_600SemiBold.ttf", EAST),
    ("wide-regular", DEJAVU, "ttf/DejaVuSans.ttf", None),
    ("wide-bold", DEJAVU, "ttf/DejaVuSans-Bold.ttf", None),
)

# Faces of other scripts: name, package and file stem. The joined scripts keep the tables by which their letters join;
# of the others only outlines are used, all of them: cutting 30,000 glyphs would cost more than it saves.
JOINED = (("arabic", "arabic", "Arabic"), ("thai", "thai", "Thai"), ("devanagari", "devanagari", "Devanagari"))
IDEOGRAPHIC = (("han", "sc", "SC"), ("hangul", "kr", "KR"))
WEIGHTS = (("regular", "400Regular"), ("bold", "700Bold"))
LAYOUT_TABLES = ("GSUB", "GPOS", "GDEF", "BASE")
VERTICAL_TABLES = ("STAT", "vhea", "vmtx", "VORG", "DSIG")

LICENCES = (
    (SOURCE_SANS, "LICENSE_FONT"),
    (DEJAVU, "LICENSE"),
    *((NOTO_SANS.format(package), "LICENSE_FONT") for _, package, _ in (*JOINED, *IDEOGRAPHIC)),
)


def _options() -> Any:
    """Outlines and metrics only: no hinting, no layout features, no glyph names."""
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, glyph_names=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "MATH", "STAT", "FFTM", "kern"]
    return options


def _rename(font: Any, face: str) -> None:
    family, style = (part.capitalize() for part in face.split("-"))
    names = {1: f"Comptoir {family}", 2: style, 4: f"Comptoir {family} {style}", 6: f"Comptoir{family}-{style}"}
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in (0, 13, 14)]
    for name_id, value in names.items():
        table.setName(value, name_id, 3, 1, 0x409)


def _widen(font: Any) -> None:
    """Give the narrow no-break space a sixth of an em: Source Sans draws it too thin to part thousands."""
    glyph = font.getBestCmap().get(0x202F)
    if glyph:
        _, bearing = font["hmtx"][glyph]
        font["hmtx"][glyph] = (font["head"].unitsPerEm // 6, bearing)


def cut(source: Path, target: Path, letters: Iterable[int] | None) -> None:
    """Write `source` reduced to `letters` (code points) as `target`; the same bytes every time."""
    options = _options()
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap() if letters is None else letters)
    subsetter.subset(font)
    _rename(font, target.stem)
    _widen(font)
    font.save(str(target))


def keep(source: Path, target: Path, without: Iterable[str]) -> None:
    """Write `source` with every glyph but without some tables as `target`; the same bytes every time."""
    with TTFont(str(source), lazy=True, recalcTimestamp=False, recalcBBoxes=False) as font:
        for table in without:
            if table in font:
                del font[table]
        _rename(font, target.stem)
        font.save(str(target))


def build(folder: Path, modules: Path = MODULES) -> None:
    """Write every face and the licences into `folder`; a missing package is named."""
    folder.mkdir(parents=True, exist_ok=True)
    for face, package, name, letters in FACES:
        cut(_source(modules, package, name), folder / f"{face}.ttf", letters)
    for scripts, without in ((JOINED, VERTICAL_TABLES), (IDEOGRAPHIC, (*LAYOUT_TABLES, *VERTICAL_TABLES))):
        for (face, package, stem), (weight, place) in product(scripts, WEIGHTS):
            name = f"{place}/NotoSans{stem}_{place}.ttf"
            keep(_source(modules, NOTO_SANS.format(package), name), folder / f"{face}-{weight}.ttf", without)
    for package, name in LICENCES:
        shutil.copyfile(modules / package / name, folder / f"LICENCE-{package.rpartition('/')[2]}.txt")


def _source(modules: Path, package: str, name: str) -> Path:
    source = modules / package / name
    if not source.exists():
        raise SystemExit(f"{package} is not installed: run `npm ci` first ({source} is missing)")
    return source


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m infra.layers.fonts OUT_DIR")
    build(Path(sys.argv[1]))
