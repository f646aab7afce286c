"""UN/ECE Recommendation 20 codes of the units that people write (BT-130)."""

from __future__ import annotations

from comptoir.catalogue.pricing import LUMP_SUM

PIECE = "C62"

_WORDS = {
    "KGM": "kg kilo kilogramme kilogram",
    "GRM": "g gramme gram",
    "TNE": "t tonne",
    "MTR": "m ml mètre metre meter",
    "CMT": "cm",
    "MMT": "mm",
    "KMT": "km",
    "MTK": "m2 m²",
    "MTQ": "m3 m³",
    "LTR": "l litre liter",
    "HUR": "h heure hour",
    "MIN": "min minute",
    "DAY": "j jour day",
    "WEE": "semaine week",
    "MON": "mois month",
    "ANN": "an année year",
    "KWH": "kwh",
    "PR": "paire pair",
    "SET": "jeu set kit",
    "XPX": "palette pallet",
    "XCT": "carton",
    "XBX": "boîte boite box",
    "XBG": "sac bag",
    "XRO": "rouleau roll",
    "LS": "forfait lump",
}
_CODES = {word.casefold(): code for code, words in reversed(_WORDS.items()) for word in words.split()}
_CODES |= dict.fromkeys(LUMP_SUM.values(), "LS")


def unit_code(unit: str) -> str:
    """The code of a unit written in French, English, or as a code already; a piece when unknown."""
    if unit in _WORDS or unit == PIECE:
        return unit
    word = unit.casefold().rstrip(".")
    return _CODES.get(word) or _CODES.get(word.removesuffix("s"), PIECE)
