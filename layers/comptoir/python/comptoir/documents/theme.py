"""A template's look as colours and measures: what layouts ask instead of deciding it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from comptoir.docbase.template import Density, Look
from comptoir.documents.canvas import INK, PAPER, Colour, Style

LEADING = 1.28
"""Distance between baselines, in sizes."""
_READABLE = 4.5
"""The contrast that small text needs (WCAG 2.2, 1.4.3)."""
_POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Theme:
    """Measures in points. `ink` is the accent, dark enough to be read on paper; `over` reads on the accent."""

    look: Look
    accent: Colour
    ink: Colour
    over: Colour
    tint: Colour
    body: Style
    strong: Style
    pad: float
    logo_height: float

    @property
    def step(self) -> float:
        """Distance between two baselines of the table."""
        return self.body.size * LEADING


_DENSITIES = {Density.AIRY: (8.5, 4.5), Density.NORMAL: (8.5, 3.0), Density.COMPACT: (7.6, 1.6)}


@cache
def theme(look: Look) -> Theme:
    """The theme of a look."""
    accent = _colour(look.accent)
    size, pad = _DENSITIES[look.density]
    return Theme(
        look=look,
        accent=accent,
        ink=_darkened(accent),
        over=PAPER if _contrast(accent, PAPER) >= _contrast(accent, INK) else INK,
        tint=_mixed(accent, 0.066),
        body=Style(size),
        strong=Style(size, bold=True),
        pad=pad,
        logo_height=look.logo_height * _POINTS_PER_MM,
    )


def _colour(value: str) -> Colour:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def _mixed(colour: Colour, part: float) -> Colour:
    """The colour on white, in that part."""
    red, green, blue = (round(255 - (255 - channel) * part) for channel in colour)
    return red, green, blue


def _darkened(colour: Colour) -> Colour:
    while _contrast(colour, PAPER) < _READABLE:
        red, green, blue = (channel * 9 // 10 for channel in colour)
        colour = (red, green, blue)
    return colour


def _contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
