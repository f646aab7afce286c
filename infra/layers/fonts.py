"""Cuts the fonts of the documents at build time: `python -m infra.layers.fonts OUT_DIR`.

A whole font costs 80 ms a document, one cut to the letters that Europe writes a few. Source Sans 3
(SIL Open Font License 1.1) carries Latin, Greek and Cyrillic; DejaVu Sans, kept whole, shows Arabic,
Hebrew and most of what else a name may hold; Noto Sans (the same licence) Chinese and Japanese,
Korean, and Thai, in one weight. All come from the packages pinned in package.json. The cut fonts are
renamed, because their licences reserve the original names for the unmodified fonts, and the licences
travel with them.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from fontTools import subset

MODULES = Path(__file__).resolve().parents[2] / "node_modules"
SOURCE_SANS = "@expo-google-fonts/source-sans-3"
DEJAVU = "dejavu-fonts-ttf"
NOTO_HAN, NOTO_HANGUL, NOTO_THAI = (f"@expo-google-fonts/noto-sans-{script}" for script in ("sc", "kr", "thai"))

# The first face is opened for every document, so it holds no more than letters and common signs of
# the Latin languages; Greek and Cyrillic lie in a second one, opened when a text needs it.
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
EAST = frozenset(range(0x370, 0x460))
HAN = frozenset(chain(range(0x2E80, 0xA000), range(0xF900, 0xFB00), range(0xFE30, 0xFE50), range(0xFF00, 0xFFF0)))
"""Ideographs, kana and their punctuation."""
HANGUL = frozenset(chain(range(0x1100, 0x1200), range(0x3130, 0x3190), range(0xAC00, 0xD7B0)))
THAI = frozenset(range(0xE00, 0xE80))

# Faces that the documents ask for: file name, package, file in the package, letters (None: all of them).
FACES: tuple[tuple[str, str, str, frozenset[int] | None], ...] = (
    ("latin-regular", SOURCE_SANS, "400Regular/SourceSans3_400Regular.ttf", LATIN),
    ("latin-bold", SOURCE_SANS, "600SemiBold/SourceSans3_600SemiBold.ttf", LATIN),
    ("east-regular", SOURCE_SANS, "400Regular/SourceSans3_400Regular.ttf", EAST),
    ("east-bold", SOURCE_SANS, "600SemiBold/SourceSans3_600SemiBold.ttf", EAST),
    ("wide-regular", DEJAVU, "ttf/DejaVuSans.ttf", None),
    ("wide-bold", DEJAVU, "ttf/DejaVuSans-Bold.ttf", None),
    ("han-regular", NOTO_HAN, "400Regular/NotoSansSC_400Regular.ttf", HAN),
    ("hangul-regular", NOTO_HANGUL, "400Regular/NotoSansKR_400Regular.ttf", HANGUL),
    ("thai-regular", NOTO_THAI, "400Regular/NotoSansThai_400Regular.ttf", THAI),
)
LICENCES = (
    (SOURCE_SANS, "LICENSE_FONT"),
    (DEJAVU, "LICENSE"),
    *((package, "LICENSE_FONT") for package in (NOTO_HAN, NOTO_HANGUL, NOTO_THAI)),
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


def build(folder: Path, modules: Path = MODULES) -> None:
    """Write every face and the licences into `folder`; a missing package is named."""
    folder.mkdir(parents=True, exist_ok=True)
    for face, package, name, letters in FACES:
        source = modules / package / name
        if not source.exists():
            raise SystemExit(f"{package} is not installed: run `npm ci` first ({source} is missing)")
        cut(source, folder / f"{face}.ttf", letters)
    for package, name in LICENCES:
        shutil.copyfile(modules / package / name, folder / f"LICENCE-{package.rpartition('/')[2]}.txt")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m infra.layers.fonts OUT_DIR")
    build(Path(sys.argv[1]))
