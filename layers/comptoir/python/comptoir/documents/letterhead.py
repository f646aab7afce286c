"""The head of a first page: seller, title, the customer in the envelope's window, dates and references."""

from __future__ import annotations

from typing import NamedTuple

from comptoir.docbase.template import Head, LogoPlace
from comptoir.documents.canvas import INK, MUTED, WIDTH, Image, Sheet, Style
from comptoir.documents.flow import BREADTH, LABEL, MARGIN, PORTRAIT, RIGHT, Flow, column, inside, leading
from comptoir.documents.theme import Theme, theme
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
    look = theme(view.look)
    seller, title = _HEADS[look.look.head](sheet, view, scale, look)
    buyer = _buyer(sheet, view, scale, max(title + _GAP, WINDOW_Y))
    facts = _facts(sheet, view, scale, max(seller + _GAP, WINDOW_Y))
    return max(buyer, facts)


def _classic(sheet: Sheet, view: View, scale: _Scale, look: Theme) -> tuple[float, float]:
    """The seller on the left and the title on the right, both in the accent."""
    left, right = _logo(sheet, view, look, MARGIN - 4)
    name = scale.style(14, True, look.ink)
    y = column(sheet, MARGIN, left, wrap(view.seller.label, name.size, True, _LEFT_SPAN), name)
    return _seller(sheet, view, scale, look, y + 4), _title(sheet, view, scale, right + 20, look.ink, MUTED)


def _band(sheet: Sheet, view: View, scale: _Scale, look: Theme) -> tuple[float, float]:
    """Name and title on a band of the accent across the page."""
    name = scale.style(15, True, look.over)
    top = MARGIN - 8
    left = column(sheet, MARGIN, top + 4, wrap(view.seller.label, name.size, True, _LEFT_SPAN), name)
    right = _title(sheet, view, scale, top + 20, look.over, look.over)
    under = max(left, right) + 12
    sheet.fill(0, 0, WIDTH, under, look.accent)
    left, right = _logo(sheet, view, look, under + 10)
    return _seller(sheet, view, scale, look, left), right - _GAP


def _plain(sheet: Sheet, view: View, scale: _Scale, look: Theme) -> tuple[float, float]:
    """In ink, under a short bar and over a thin rule of the accent."""
    sheet.fill(MARGIN, MARGIN - 14, 36, 4, look.accent)
    left, right = _logo(sheet, view, look, MARGIN)
    name = scale.style(13, True)
    left = column(sheet, MARGIN, left, wrap(view.seller.label, name.size, True, _LEFT_SPAN), name)
    right = _title(sheet, view, scale, right + 16, INK, MUTED)
    under = max(left, right) + 7
    sheet.rule(MARGIN, under, BREADTH, look.accent, 0.8)
    return _seller(sheet, view, scale, look, under + 6), under


_HEADS = {Head.CLASSIC: _classic, Head.BAND: _band, Head.PLAIN: _plain}
_LEFT_SPAN = WINDOW_X - MARGIN - _GAP


def _logo(sheet: Sheet, view: View, look: Theme, top: float) -> tuple[float, float]:
    """Place the logo on its side from `top`; where the texts of the left and of the right begin."""
    if view.logo is None:
        return top, top
    left = look.look.logo_place is LogoPlace.LEFT
    across, down = inside(view.logo, _LEFT_SPAN if left else RIGHT - WINDOW_X, look.logo_height)
    sheet.images.append(Image(MARGIN if left else RIGHT - across, top, across, down, view.logo.sha256))
    under = top + down + 8
    return (under, top) if left else (top, under)


def _seller(sheet: Sheet, view: View, scale: _Scale, look: Theme, top: float) -> float:
    """Address and numbers of the seller, and what the template says under them."""
    line, own = scale.style(8.5, colour=MUTED), scale.style(8.5, colour=look.ink)
    y = column(sheet, MARGIN, top, wrap_all(view.seller.lines, line.size, False, _LEFT_SPAN), line)
    return column(sheet, MARGIN, y + 3, wrap(view.header, own.size, False, _LEFT_SPAN), own) if view.header else y


def _title(
    sheet: Sheet, view: View, scale: _Scale, y: float, colour: tuple[int, int, int], quiet: tuple[int, int, int]
) -> float:
    span = RIGHT - WINDOW_X
    size = fit(view.title, 24 * scale.factor, True, span)
    sheet.right(RIGHT, y, view.title, Style(size, True, colour))
    number = scale.style(11.5, True, INK if quiet == MUTED else quiet)
    for line in wrap(view.number, number.size, True, span):
        y += leading(number)
        sheet.right(RIGHT, y + 3, line, number)
    warning = scale.style(8.5, True, quiet)
    for line in wrap(view.warning, warning.size, True, span) if view.warning else ():
        y += leading(warning) + 2
        sheet.right(RIGHT, y + 3, line, warning)
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
    for block in (view.billing, view.delivery):
        if block is None:
            continue
        y += 8
        sheet.left(MARGIN, y + LABEL.size, block.label, LABEL)
        line = scale.style(8.5)
        lines = wrap_all(block.lines, line.size, False, WINDOW_X - MARGIN - _GAP)
        y = column(sheet, MARGIN, y + leading(LABEL), lines, line)
    return y


def notices(flow: Flow) -> None:
    """What must be read before the lines: a credit note's invoice and reason, a quote's message.

    The sales person's picture stands with the first.
    """
    portrait = flow.view.portrait
    for notice in flow.view.notices:
        strong, body = Style(9.5, bold=True), Style(9)
        span = BREADTH - 24 - (PORTRAIT + 10 if portrait else 0)
        head = [(line, strong) for line in wrap(notice.label, strong.size, True, span)] if notice.label else []
        rest = [(line, body) for line in wrap_all(notice.lines, body.size, False, span)]
        flow.panel([*head, *rest], portrait)
        portrait = None
        flow.y += _GAP
