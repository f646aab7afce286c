"""The head of a first page: seller, title, the customer in the envelope's window, dates and references."""

from __future__ import annotations

from typing import NamedTuple

from comptoir.documents.canvas import ACCENT, INK, MUTED, Sheet, Style
from comptoir.documents.flow import BREADTH, LABEL, MARGIN, RIGHT, Flow, column, leading
from comptoir.documents.typeset import fit, wrap, wrap_all
from comptoir.documents.views import View

WINDOW_X = 312.0
"""110 mm: the recipient's window of a French DL envelope, for a sheet folded in three."""
WINDOW_Y = 156.0
"""55 mm."""
_GAP = 18.0
_FACT_SPAN = 96.0


class _Scale(NamedTuple):
    """Sizes of the head; a smaller one is taken when names are so long that the head would fill the page."""

    factor: float

    def style(self, size: float, bold: bool = False, colour: tuple[int, int, int] = INK) -> Style:
        return Style(size * self.factor, bold, colour)


def letterhead(flow: Flow) -> None:
    """Place the head in the first of four sizes that leaves 40 % of the page to the lines."""
    for factor in (1.0, 0.85, 0.7, 0.5):
        sheet = Sheet()
        bottom = _place(sheet, flow.view, _Scale(factor))
        if bottom <= flow.bottom * 0.6 or factor == 0.5:
            flow.sheets[0] = sheet
            flow.y = bottom + _GAP
            return


def _place(sheet: Sheet, view: View, scale: _Scale) -> float:
    seller = _seller(sheet, view, scale)
    title = _title(sheet, view, scale)
    buyer = _buyer(sheet, view, scale, max(title + _GAP, WINDOW_Y))
    facts = _facts(sheet, view, scale, max(seller + _GAP, WINDOW_Y))
    return max(buyer, facts)


def _seller(sheet: Sheet, view: View, scale: _Scale) -> float:
    span = WINDOW_X - MARGIN - _GAP
    name, line = scale.style(14, True, ACCENT), scale.style(8.5, colour=MUTED)
    y = column(sheet, MARGIN, MARGIN - 4, wrap(view.seller.label, name.size, True, span), name)
    return column(sheet, MARGIN, y + 4, wrap_all(view.seller.lines, line.size, False, span), line)


def _title(sheet: Sheet, view: View, scale: _Scale) -> float:
    span = RIGHT - WINDOW_X
    size = fit(view.title, 24 * scale.factor, True, span)
    y = MARGIN + 16
    sheet.right(RIGHT, y, view.title, Style(size, True, ACCENT))
    number = scale.style(11.5, True)
    for line in wrap(view.number, number.size, True, span):
        y += leading(number)
        sheet.right(RIGHT, y + 3, line, number)
    warning = scale.style(8.5, True, MUTED)
    if view.warning:
        y += leading(warning) + 2
        sheet.right(RIGHT, y + 3, view.warning, warning)
    return y


def _buyer(sheet: Sheet, view: View, scale: _Scale, top: float) -> float:
    span = RIGHT - WINDOW_X
    name, *address = view.buyer.lines
    strong, line, fact = scale.style(10.5, True), scale.style(10), scale.style(8.5, colour=MUTED)
    sheet.left(WINDOW_X, top - 6, view.buyer.label, LABEL)
    y = column(sheet, WINDOW_X, top, wrap(name, strong.size, True, span), strong)
    y = column(sheet, WINDOW_X, y, wrap_all(address, line.size, False, span), line)
    return column(sheet, WINDOW_X, y + 6, wrap_all(view.buyer_facts, fact.size, False, span), fact)


def _facts(sheet: Sheet, view: View, scale: _Scale, top: float) -> float:
    label, value = scale.style(8.5, colour=MUTED), scale.style(8.5, True)
    span = WINDOW_X - MARGIN - _GAP - _FACT_SPAN
    y = top
    for name, text in view.facts:
        sheet.left(MARGIN, y + label.size, name, label._replace(size=fit(name, label.size, False, _FACT_SPAN - 6)))
        y = column(sheet, MARGIN + _FACT_SPAN, y, wrap(text, value.size, True, span), value) + 2.5
    if view.delivery is None:
        return y
    y += 8
    sheet.left(MARGIN, y + LABEL.size, view.delivery.label, LABEL)
    line = scale.style(8.5)
    lines = wrap_all(view.delivery.lines, line.size, False, WINDOW_X - MARGIN - _GAP)
    return column(sheet, MARGIN, y + leading(LABEL), lines, line)


def notices(flow: Flow) -> None:
    """What must be read before the lines: a credit note's invoice and reason, a quote's message."""
    for notice in flow.view.notices:
        strong, body = Style(9.5, bold=True), Style(9)
        span = BREADTH - 24
        head = [(line, strong) for line in wrap(notice.label, strong.size, True, span)] if notice.label else []
        flow.panel([*head, *((line, body) for line in wrap_all(notice.lines, body.size, False, span))])
        flow.y += _GAP
