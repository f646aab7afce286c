"""The columns of a line table: as wide as their content, decimals under each other, each figure placed once."""

from __future__ import annotations

from typing import NamedTuple

from comptoir.documents.canvas import Style
from comptoir.documents.flow import BREADTH, LABEL, MARGIN
from comptoir.documents.fonts import width
from comptoir.documents.typeset import fit
from comptoir.documents.views import View

# Widest span of each column in points; what is wider is wrapped (texts) or set smaller (figures).
CAPS = {
    "position": 26.0,
    "code": 60.0,
    "quantity": 56.0,
    "unit": 40.0,
    "price": 72.0,
    "discount": 42.0,
    "vat": 36.0,
    "issued": 74.0,
    "due": 74.0,
    "late": 52.0,
    "penalty": 76.0,
    "net": 82.0,
}
DESIGNATION = "designation"
WRAPPED = frozenset({"code", DESIGNATION, "unit"})
ALIGNED = frozenset({"quantity", "price", "penalty", "net"})
GUTTER = 9.0


class Cell(NamedTuple):
    """A text at its place inside a row; `line` counts from the row's first."""

    x: float
    line: int
    text: str
    style: Style


class Slot(NamedTuple):
    """A column on the page; `figures` holds the place of each different figure in it."""

    key: str
    label: str
    x: float
    span: float
    figures: dict[str, Cell]


class Measure(NamedTuple):
    """The width of a figure, and of its part from the decimal mark on."""

    whole: float
    tail: float


def slots(view: View, body: Style) -> list[Slot]:
    """Columns as wide as their content, within their caps; the designation takes what is left."""
    contents = list(zip(*(row.cells for row in view.rows), strict=True)) or [()] * len(view.columns)
    measures = [
        {text: _measure(text, view.decimal if column.key in ALIGNED else "", body.size) for text in set(texts)}
        if column.key != DESIGNATION
        else {}
        for column, texts in zip(view.columns, contents, strict=True)
    ]
    tails = [max((measure.tail for measure in column.values()), default=0.0) for column in measures]
    spans = [
        max(width(column.label, LABEL.size, LABEL.bold), min(_needed(measured, tail), CAPS.get(column.key, 0.0)))
        for column, measured, tail in zip(view.columns, measures, tails, strict=True)
    ]
    free = BREADTH - sum(spans) - GUTTER * (len(spans) - 1)
    placed, x = [], MARGIN
    for column, span, measured, tail in zip(view.columns, spans, measures, tails, strict=True):
        across = span + free if column.key == DESIGNATION else span
        figures = {} if column.key in WRAPPED else _figures(measured, tail, x, across, body)
        placed.append(Slot(column.key, column.label, x, across, figures))
        x += across + GUTTER
    return placed


def _measure(text: str, decimal: str, size: float) -> Measure:
    """A word among the figures (« gratuit ») has no decimals and stands at the right edge."""
    whole = width(text, size, False)
    if not decimal or decimal not in text or not text[-1].isdigit():
        return Measure(whole, 0.0)
    return Measure(whole, width(decimal + text.partition(decimal)[2], size, False))


def _needed(measured: dict[str, Measure], tail: float) -> float:
    """The span in which all figures fit with their decimal marks under each other."""
    return max((whole + _shift(text, own, tail) for text, (whole, own) in measured.items()), default=0.0)


def _shift(text: str, own: float, tail: float) -> float:
    """How far a figure ends before the right edge, its decimals being shorter than the column's."""
    return tail - own if text[-1:].isdigit() else 0.0


def _figures(measured: dict[str, Measure], tail: float, x: float, span: float, body: Style) -> dict[str, Cell]:
    """Figures with their decimal marks under each other; one too wide for the column is set smaller."""
    placed = {}
    for text, (whole, own) in measured.items():
        shift = _shift(text, own, tail)
        if whole + shift > span + 1e-6:
            size = fit(text, body.size, False, span)
            placed[text] = Cell(x + span - whole * size / body.size, 0, text, body._replace(size=size))
        else:
            placed[text] = Cell(x + span - shift - whole, 0, text, body)
    return placed
