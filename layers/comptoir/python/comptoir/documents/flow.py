"""The layout engine: a cursor that goes down sheets, opens the next one, and signs every page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from comptoir.docbase.template import Picture
from comptoir.documents.canvas import HAIR, HEIGHT, MUTED, WIDTH, Image, Sheet, Style
from comptoir.documents.theme import LEADING, theme
from comptoir.documents.typeset import fit, shorten, wrap
from comptoir.documents.views import Grid, View

MARGIN = 42.5
"""15 mm."""
RIGHT = WIDTH - MARGIN
BREADTH = WIDTH - 2 * MARGIN

BODY = Style(8.5)
STRONG = Style(8.5, bold=True)
QUIET = Style(8.5, colour=MUTED)
LABEL = Style(7.2, bold=True, colour=MUTED)
SMALL = Style(7.2, colour=MUTED)
FOOT = Style(6.8, colour=MUTED)
FOOT_LINES = 3
"""A longer legal line is printed once, among the mentions."""

PAD = 7.0
PORTRAIT = 52.0
"""The sales person's picture: at most so wide and high."""
_NEXT_TOP = 76.0


def leading(style: Style) -> float:
    """Distance between two baselines of a style."""
    return style.size * LEADING


def inside(picture: Picture, across: float, down: float) -> tuple[float, float]:
    """The size of a picture as large as a rectangle holds."""
    scale = min(across / picture.width, down / picture.height)
    return picture.width * scale, picture.height * scale


def column(sheet: Sheet, x: float, y: float, lines: Sequence[str], style: Style) -> float:
    """Place lines under each other from the top `y`; give the bottom."""
    step = leading(style)
    for line in lines:
        sheet.left(x, y + style.size, line, style)
        y += step
    return y


class Flow:
    """Sheets being filled from top to bottom; with `whole_end` the last rows go with all that follows them.

    `totals_on` is the number of sheets once the totals are placed.
    """

    def __init__(self, view: View, whole_end: bool = False) -> None:
        self.view, self.whole_end = view, whole_end
        self.totals_on = 0
        self.theme = theme(view.look)
        self.legal = wrap(view.legal_line, FOOT.size, FOOT.bold, BREADTH)
        self.legal_in_foot = len(self.legal) <= FOOT_LINES
        own = wrap(view.footer, FOOT.size, FOOT.bold, BREADTH) if view.footer else []
        self.foot = [*own, *(self.legal if self.legal_in_foot else [])]
        self.bottom = HEIGHT - 44 - leading(FOOT) * len(self.foot)
        self.sheets = [Sheet()]
        self.y = MARGIN

    @property
    def sheet(self) -> Sheet:
        """The page being filled."""
        return self.sheets[-1]

    @property
    def room(self) -> float:
        """The height left on this page."""
        return self.bottom - self.y

    @property
    def page_height(self) -> float:
        """The height of an empty page."""
        return self.bottom - _NEXT_TOP

    def turn(self) -> None:
        """Open the next page, with who and what at its head."""
        self.sheets.append(Sheet())
        view, sheet, half = self.view, self.sheet, BREADTH / 2 - 8
        author = shorten(view.author, 9, True, half)
        sheet.left(MARGIN, MARGIN + 10, author, Style(9, bold=True, colour=self.theme.ink))
        size = fit(view.heading, 9, True, half)
        sheet.right(RIGHT, MARGIN + 10, view.heading, Style(size, bold=True))
        sheet.rule(MARGIN, MARGIN + 18, BREADTH, self.theme.accent, 1)
        self.y = _NEXT_TOP

    def keep(self, height: float) -> None:
        """Start a new page when `height` does not fit here but fits there."""
        if height > self.room and self.y > _NEXT_TOP:
            self.turn()

    def paragraph(self, lines: Sequence[str], style: Style, x: float = MARGIN) -> None:
        """Lines from page to page, never one alone at a break."""
        step = leading(style)
        self.keep(min(len(lines), 2) * step)
        for index, line in enumerate(lines):
            if index == len(lines) - 2:
                self.keep(2 * step)
            self.keep(step)
            self.sheet.left(x, self.y + style.size, line, style)
            self.y += step

    def panel(self, lines: Sequence[tuple[str, Style]], portrait: Picture | None = None) -> None:
        """Lines on a tinted ground with an accent bar, from page to page; a portrait stands on their left."""
        rest = list(lines)
        inset = 12.0 + (PORTRAIT + 10 if portrait else 0)
        while rest:
            least = PORTRAIT if portrait else sum(leading(style) for _, style in rest[:2])
            self.keep(2 * PAD + least)
            top = self.y
            self.y += PAD
            while rest and (self.y == top + PAD or leading(rest[0][1]) + PAD <= self.room):
                text, style = rest.pop(0)
                self.sheet.left(MARGIN + inset, self.y + style.size, text, style)
                self.y += leading(style)
            if portrait:
                across, down = inside(portrait, PORTRAIT, PORTRAIT)
                x = MARGIN + 12 + (PORTRAIT - across) / 2
                self.sheet.images.append(Image(x, top + PAD, across, down, portrait.sha256))
                self.y = max(self.y, top + PAD + PORTRAIT)
                portrait = None
            self.y += PAD
            self.sheet.fill(MARGIN, top, BREADTH, self.y - top, self.theme.tint)
            self.sheet.fill(MARGIN, top, 2.5, self.y - top, self.theme.accent)
            if rest:
                self.turn()

    def grid(self, grid: Grid, x: float, spans: Sequence[float], left: int = 1) -> None:
        """A small table from page to page; its first `left` columns hold texts, the others amounts."""
        self.keep(4 * leading(BODY))
        self._cells(x, spans, [[label] for label in grid.header], LABEL, left)
        self.sheet.rule(x, self.y, sum(spans), self.theme.accent, 0.8)
        for row in grid.rows:
            cells = [
                wrap(cell, BODY.size, BODY.bold, span - 6) if index < left else [cell]
                for index, (cell, span) in enumerate(zip(row, spans, strict=True))
            ]
            self.keep(max(map(len, cells)) * leading(BODY) + 6)
            self._cells(x, spans, cells, BODY, left)
            self.sheet.rule(x, self.y, sum(spans))

    def _cells(self, x: float, spans: Sequence[float], cells: Sequence[Sequence[str]], style: Style, left: int) -> None:
        self.y += 3
        for texts in zip_longest(*cells, fillvalue=""):
            edge = x
            for index, (text, span) in enumerate(zip(texts, spans, strict=True)):
                fitted = style._replace(size=fit(text, style.size, style.bold, span - 6))
                if index < left:
                    self.sheet.left(edge, self.y + style.size, text, fitted)
                else:
                    self.sheet.right(edge + span, self.y + style.size, text, fitted)
                edge += span
            self.y += leading(style)
        self.y += 3

    def sign(self) -> list[Sheet]:
        """Every page gets its foot: the legal line, the document's name, and n/N."""
        total = len(self.sheets)
        for sheet in self.sheets:
            sheet.watermark = self.view.watermark
        for number, sheet in enumerate(self.sheets, start=1):
            y = self.bottom + 14
            sheet.rule(MARGIN, y - 6, BREADTH, HAIR)
            for line in self.foot:
                sheet.left(MARGIN, y + FOOT.size, line, FOOT)
                y += leading(FOOT)
            heading = self.view.heading
            size = fit(heading, FOOT.size, True, BREADTH - 90)
            sheet.left(MARGIN, y + FOOT.size, heading, FOOT._replace(size=size, bold=True))
            sheet.right(RIGHT, y + FOOT.size, self.view.page.format(page=number, pages=total), FOOT._replace(bold=True))
        return self.sheets
