"""The line table: repeated head, decimals under each other, totals carried from page to page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from comptoir.documents.canvas import ACCENT, HAIR, Style
from comptoir.documents.flow import BODY, BREADTH, LABEL, MARGIN, QUIET, RIGHT, STRONG, Flow, leading
from comptoir.documents.fonts import width
from comptoir.documents.typeset import fit, wrap
from comptoir.documents.views import Row, View

# Widest span of each column in points; what is wider is wrapped (texts) or set smaller (figures).
CAPS = {"code": 60.0, "quantity": 56.0, "unit": 40.0, "price": 72.0, "discount": 42.0, "vat": 36.0, "net": 82.0}
DESIGNATION = "designation"
WRAPPED = frozenset({"code", DESIGNATION, "unit"})
ALIGNED = frozenset({"quantity", "price", "net"})
GUTTER = 9.0
PAD = 3.0
STEP = leading(BODY)
HEAD = 20.0
CARRY = 17.0


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


def slots(view: View) -> list[Slot]:
    """Columns as wide as their content, within their caps; the designation takes what is left."""
    contents = list(zip(*(row.cells for row in view.rows), strict=True)) or [()] * len(view.columns)
    measures = [
        {text: _measure(text, view.decimal if column.key in ALIGNED else "") for text in set(texts)}
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
        figures = {} if column.key in WRAPPED else _figures(measured, tail, x, across)
        placed.append(Slot(column.key, column.label, x, across, figures))
        x += across + GUTTER
    return placed


def _measure(text: str, decimal: str) -> Measure:
    """A word among the figures (« gratuit ») has no decimals and stands at the right edge."""
    whole = width(text, BODY.size, False)
    if not decimal or decimal not in text or not text[-1].isdigit():
        return Measure(whole, 0.0)
    return Measure(whole, width(decimal + text.partition(decimal)[2], BODY.size, False))


def _needed(measured: dict[str, Measure], tail: float) -> float:
    """The span in which all figures fit with their decimal marks under each other."""
    return max((whole + _shift(text, own, tail) for text, (whole, own) in measured.items()), default=0.0)


def _shift(text: str, own: float, tail: float) -> float:
    """How far a figure ends before the right edge, its decimals being shorter than the column's."""
    return tail - own if text[-1:].isdigit() else 0.0


def _figures(measured: dict[str, Measure], tail: float, x: float, span: float) -> dict[str, Cell]:
    """Figures with their decimal marks under each other; one too wide for the column is set smaller."""
    placed = {}
    for text, (whole, own) in measured.items():
        shift = _shift(text, own, tail)
        if whole + shift > span + 1e-6:
            size = fit(text, BODY.size, False, span)
            placed[text] = Cell(x + span - whole * size / BODY.size, 0, text, BODY._replace(size=size))
        else:
            placed[text] = Cell(x + span - shift - whole, 0, text, BODY)
    return placed


class LineTable:
    """Places the rows of a view; `tail` is the height of the totals that must not stand alone."""

    def __init__(self, flow: Flow, tail: float) -> None:
        self.flow = flow
        self.view = flow.view
        self.slots = slots(flow.view)
        self.tail = tail

    def place(self) -> None:
        """All rows, then the cursor under the last one."""
        rows, flow = self.view.rows, self.flow
        opening = _height(self._cells(rows[0])) if rows else 0
        flow.keep(HEAD + CARRY + min(_tall(opening), flow.page_height / 2))
        self._head()
        done = ""
        last: list[tuple[Row, list[Cell], int]] = []
        for index, row in enumerate(rows):
            cells = self._cells(row)
            height = _height(cells)
            if index < len(rows) - 2:
                done = self._row(row, cells, height, done, 0.0)
            else:
                last.append((row, cells, height))
        # The last two rows go with the totals, so that no page holds totals without a line.
        for index, (row, cells, height) in enumerate(last):
            after = sum(_tall(tall) for _, _, tall in last[index + 1 :]) + self.tail
            done = self._row(row, cells, height, done, after)

    def _row(self, row: Row, cells: Sequence[Cell], height: int, done: str, after: float) -> str:
        """One row, and `after` more on the same page when a page can hold both; gives the new running total."""
        needed, page = _tall(height) + after, self.flow.page_height - HEAD - CARRY
        reserve = 0.0 if after else CARRY
        fits = needed <= page
        if (needed if fits else min(_tall(height), _tall(3))) + reserve > self.flow.room and self._started:
            self._turn(done)
        self._split(cells, height, row.running)
        return row.running

    def _split(self, cells: Sequence[Cell], height: int, running: str) -> None:
        """Place a row, over pages when none can hold it, leaving room for what is carried over."""
        first = 0
        while first < height:
            if first:
                self._turn(running)
            rest = height - first
            count = min(rest, max(1, int((self.flow.room - CARRY - 2 * PAD) / STEP)))
            if rest - count == 1 and count > 1:
                count -= 1
            self._lines(cells, first, count)
            first += count

    def _lines(self, cells: Sequence[Cell], first: int, count: int) -> None:
        flow, sheet = self.flow, self.flow.sheet
        base = flow.y + PAD + BODY.size
        for x, line, text, style in cells:
            if first <= line < first + count:
                sheet.left(x, base + (line - first) * STEP, text, style)
        flow.y += count * STEP + 2 * PAD
        sheet.rule(MARGIN, flow.y, BREADTH, HAIR, 0.5)
        self._started = True

    def _head(self) -> None:
        sheet, y = self.flow.sheet, self.flow.y
        sheet.rule(MARGIN, y + HEAD, BREADTH, ACCENT, 1)
        for slot in self.slots:
            if slot.key in WRAPPED:
                sheet.left(slot.x, y + 14, slot.label, LABEL)
            else:
                sheet.right(slot.x + slot.span, y + 14, slot.label, LABEL)
        self.flow.y += HEAD
        self._started = False

    def _turn(self, carried: str) -> None:
        """Close the page with what is carried over, and open the next with it."""
        if carried:
            self._carry(self.view.carried, carried)
        self.flow.turn()
        self._head()
        if carried:
            self._carry(self.view.brought, carried)
            self.flow.sheet.rule(MARGIN, self.flow.y, BREADTH, HAIR, 0.5)

    def _carry(self, label: str, amount: str) -> None:
        sheet, net = self.flow.sheet, self.slots[-1]
        y = self.flow.y + 11.5
        size = fit(amount, STRONG.size, True, net.span)
        sheet.right(RIGHT, y, amount, STRONG._replace(size=size))
        sheet.right(net.x - GUTTER, y, label, QUIET)
        self.flow.y += CARRY

    def _cells(self, row: Row) -> list[Cell]:
        """The texts of a row at their places, the row's first line being 0."""
        cells: list[Cell] = []
        for slot, text in zip(self.slots, row.cells, strict=True):
            if not text:
                continue
            if slot.key in WRAPPED:
                pieces = wrap(text, BODY.size, False, slot.span)
                cells.extend(Cell(slot.x, line, piece, BODY) for line, piece in enumerate(pieces))
            else:
                cells.append(slot.figures[text])
        return cells


def _height(cells: Sequence[Cell]) -> int:
    """How many lines the texts of a row take."""
    return 1 + max((cell.line for cell in cells), default=0)


def _tall(lines: int) -> float:
    """The height of a row of so many lines."""
    return lines * STEP + 2 * PAD
