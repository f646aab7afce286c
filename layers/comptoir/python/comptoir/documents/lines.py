"""The line table: repeated head, groups with their totals, amounts carried from page to page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from comptoir.docbase.template import Rows, TableHead
from comptoir.documents.canvas import HAIR, Style
from comptoir.documents.columns import GUTTER, WRAPPED, Cell, slots
from comptoir.documents.flow import BREADTH, LABEL, MARGIN, QUIET, RIGHT, Flow
from comptoir.documents.typeset import fit, shorten, wrap
from comptoir.documents.views import Group, Row

HEAD = 20.0
CARRY = 17.0
BLEED = 6.0
"""How far a ground reaches beyond the texts that stand on it."""
_GROUP = 9.0


class _Line(NamedTuple):
    """A row with the group that begins with it, and the one that ends with it."""

    row: Row
    cells: list[Cell]
    height: int
    opens: Group | None
    closes: Group | None


class LineTable:
    """Places the rows of a view; `tail` is the height of the totals that must not stand alone."""

    def __init__(self, flow: Flow, tail: float) -> None:
        self.flow = flow
        self.view = flow.view
        self.theme = flow.theme
        self.step, self.pad = flow.theme.step, flow.theme.pad
        self.slots = slots(flow.view, flow.theme.body)
        self.tail = tail
        self._started = False
        self._group: Group | None = None
        self._even = False

    def place(self) -> None:
        """All rows, then the cursor under the last one."""
        rows, flow = self.view.rows, self.flow
        opens = {group.first: group for group in self.view.groups}
        ends = {*opens, len(rows)}
        last: list[_Line] = []
        group, done = None, ""
        for index, row in enumerate(rows):
            cells, opened = self._cells(row), opens.get(index)
            group = opened or group
            line = _Line(row, cells, _height(cells), opened, group if index + 1 in ends else None)
            if index == 0:
                flow.keep(HEAD + CARRY + self._lead(line) + min(self._tall(line.height), flow.page_height / 2))
                self._head()
            if index < len(rows) - 2:
                done = self._row(line, done, 0.0)
            else:
                last.append(line)
        if not rows:
            flow.keep(HEAD + CARRY)
            self._head()
        # The last two rows go with the totals, so that no page holds totals without a line.
        for index, line in enumerate(last):
            after = sum(self._whole(other) for other in last[index + 1 :]) + self.tail
            done = self._row(line, done, after)

    def _lead(self, line: _Line) -> float:
        return self._group_height(line.opens.heading) if line.opens else 0.0

    def _whole(self, line: _Line) -> float:
        """The height of a row with the heading and the total of its group."""
        return self._lead(line) + self._tall(line.height) + (CARRY if line.closes else 0.0)

    def _row(self, line: _Line, done: str, after: float) -> str:
        """One row, and `after` more on the same page when a page can hold both; gives the new running total."""
        whole = self._whole(line)
        again = self._group_height(self._group.continued) if self._group and not line.opens else 0.0
        needed, page = whole + after, self.flow.page_height - HEAD - CARRY - again
        reserve = 0.0 if after else CARRY
        fits = needed <= page
        least = needed if fits else self._lead(line) + min(self._tall(line.height), self._tall(3))
        if line.opens:
            self._group = None
        if least + reserve > self.flow.room and self._started:
            self._turn(done)
        if line.opens:
            self._heading(line.opens.heading)
            self._group = line.opens
        self._split(line)
        if line.closes:
            self._close(line.closes, line.row.running)
        return line.row.running

    def _split(self, line: _Line) -> None:
        """Place a row, over pages when none can hold it, leaving room for what is carried over."""
        first = 0
        while first < line.height:
            if first:
                self._turn(line.row.running)
            rest = line.height - first
            count = min(rest, max(1, int((self.flow.room - CARRY - 2 * self.pad) / self.step)))
            if rest - count == 1 and count > 1:
                count -= 1
            self._lines(line.cells, first, count)
            first += count
        self._even = not self._even

    def _lines(self, cells: Sequence[Cell], first: int, count: int) -> None:
        flow, sheet = self.flow, self.flow.sheet
        base = flow.y + self.pad + self.theme.body.size
        for x, line, text, style in cells:
            if first <= line < first + count:
                sheet.left(x, base + (line - first) * self.step, text, style)
        height = count * self.step + 2 * self.pad
        if self.theme.look.rows is Rows.STRIPED and self._even:
            sheet.fill(MARGIN - BLEED, flow.y, BREADTH + 2 * BLEED, height, self.theme.tint)
        flow.y += height
        if self.theme.look.rows is Rows.RULED:
            sheet.rule(MARGIN, flow.y, BREADTH, HAIR, 0.5)
        self._started = True

    def _head(self) -> None:
        sheet, y, theme = self.flow.sheet, self.flow.y, self.theme
        style = LABEL
        if theme.look.table_head is TableHead.FILLED:
            sheet.fill(MARGIN - BLEED, y + 2, BREADTH + 2 * BLEED, HEAD - 2, theme.accent)
            style = LABEL._replace(colour=theme.over)
        elif theme.look.table_head is TableHead.TINTED:
            sheet.fill(MARGIN - BLEED, y + 2, BREADTH + 2 * BLEED, HEAD - 2, theme.tint)
        if theme.look.table_head is not TableHead.FILLED:
            sheet.rule(MARGIN, y + HEAD, BREADTH, theme.accent, 1)
        for slot in self.slots:
            if slot.key in WRAPPED:
                sheet.left(slot.x, y + 14, slot.label, style)
            else:
                sheet.right(slot.x + slot.span, y + 14, slot.label, style)
        self.flow.y += HEAD
        self._started = False

    def _turn(self, carried: str) -> None:
        """Close the page with what is carried over, and open the next with it and the group that goes on."""
        if carried:
            self._amount(self.view.carried, carried, QUIET._replace(size=self.theme.body.size))
        self.flow.turn()
        self._head()
        if carried:
            self._amount(self.view.brought, carried, QUIET._replace(size=self.theme.body.size))
            self.flow.sheet.rule(MARGIN, self.flow.y, BREADTH, HAIR, 0.5)
        if self._group:
            self._heading(self._group.continued)

    def _heading(self, text: str) -> None:
        flow, style = self.flow, self.theme.strong._replace(colour=self.theme.ink)
        flow.y += _GROUP - 3
        for line in wrap(text, style.size, True, BREADTH):
            flow.sheet.left(MARGIN, flow.y + style.size, line, style)
            flow.y += self.step
        flow.y += 3
        flow.sheet.rule(MARGIN, flow.y, BREADTH, self.theme.accent, 0.6)
        self._even = False

    def _group_height(self, text: str) -> float:
        strong = self.theme.strong
        return _GROUP + len(wrap(text, strong.size, True, BREADTH)) * self.step

    def _close(self, group: Group, running: str) -> None:
        """The total down to the end of a group, on the page of its last line."""
        if self.flow.room < CARRY:
            self._turn(running)
        self.flow.sheet.fill(MARGIN - BLEED, self.flow.y + 1, BREADTH + 2 * BLEED, CARRY - 1, self.theme.tint)
        self._amount(group.label, group.total, self.theme.strong)
        self._group = None

    def _amount(self, label: str, amount: str, style: Style) -> None:
        """An amount in the last column, and before it what it is."""
        sheet, net, strong = self.flow.sheet, self.slots[-1], self.theme.strong
        y = self.flow.y + 11.5
        sheet.right(RIGHT, y, amount, strong._replace(size=fit(amount, strong.size, True, net.span)))
        edge = net.x - GUTTER
        sheet.right(edge, y, shorten(label, style.size, style.bold, edge - MARGIN), style)
        self.flow.y += CARRY

    def _cells(self, row: Row) -> list[Cell]:
        """The texts of a row at their places, the row's first line being 0."""
        cells: list[Cell] = []
        body = self.theme.body
        for slot, text in zip(self.slots, row.cells, strict=True):
            if not text:
                continue
            if slot.key in WRAPPED:
                pieces = wrap(text, body.size, False, slot.span)
                cells.extend(Cell(slot.x, line, piece, body) for line, piece in enumerate(pieces))
            else:
                cells.append(slot.figures[text])
        return cells

    def _tall(self, lines: int) -> float:
        """The height of a row of so many lines."""
        return lines * self.step + 2 * self.pad


def _height(cells: Sequence[Cell]) -> int:
    """How many lines the texts of a row take."""
    return 1 + max((cell.line for cell in cells), default=0)
