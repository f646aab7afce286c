"""What follows the lines: totals, payment, remarks, mentions, agreement."""

from __future__ import annotations

from comptoir.docbase.template import Due
from comptoir.documents.canvas import HAIR, Style
from comptoir.documents.flow import BODY, BREADTH, LABEL, MARGIN, RIGHT, SMALL, STRONG, Flow, column, leading
from comptoir.documents.lines import LineTable
from comptoir.documents.typeset import fit, wrap, wrap_all
from comptoir.documents.views import Block, View

_TOTALS = 214.0
_VAT = (76.0, 92.0, 92.0)
_DEDUCTIONS = (150.0, 76.0, 64.0, 73.0, 73.0, 74.0)
_SCHEDULE = (78.0, 108.0, 92.0)
_BANK_X = 356.0
_ROW = leading(BODY) + 6
_DUE = 27.0
_GAP = 16.0
_SHORT = 110.0


_ANNEX_GAP = 18.0
_ANNEX = Style(7.2)
_ANNEX_TITLE = 13.0


def _totals_height(flow: Flow) -> float:
    return _GAP + max((1 + len(flow.view.vat.rows)) * _ROW, (len(flow.view.totals) - 1) * _ROW + _DUE)


def lines_and_totals(flow: Flow) -> None:
    """The line table and, on the page of its last rows, the totals."""
    LineTable(flow, _tail(flow) if flow.whole_end else _totals_height(flow)).place()
    flow.keep(_totals_height(flow))
    flow.y += _GAP
    top, sheet = flow.y, flow.sheet
    if flow.view.vat.rows:
        flow.grid(flow.view.vat, MARGIN, _VAT)
    under, x, y = flow.y, RIGHT - _TOTALS, top
    *sums, (label, due) = flow.view.totals
    for name, amount in sums:
        sheet.left(x + 8, y + 3 + BODY.size, name, BODY)
        sheet.right(RIGHT - 8, y + 3 + BODY.size, amount, STRONG)
        y += _ROW
        sheet.rule(x, y, _TOTALS, HAIR)
    _due(flow, x, y, label, due)
    flow.y = max(under, y + _DUE)
    for sentence in flow.view.footnotes:
        flow.y += 4
        flow.paragraph(wrap(sentence, BODY.size, False, BREADTH), BODY)
    if flow.view.deductions:
        flow.y += _GAP - 4
        flow.grid(flow.view.deductions, MARGIN, _DEDUCTIONS, left=3)
    flow.totals_on = len(flow.sheets)


def _tail(flow: Flow) -> float:
    """The height that goes with the last rows: the whole end of the document, or as much as leaves room for lines.

    How to pay, or the place to sign, would look lost alone on a last page.
    """
    parts = [_paying_height(flow), _note_height(flow), _mentions_height(flow), _agreement_height(flow)]
    ends = [_totals_height(flow), *(0.0 for _ in parts)]
    for number, height in enumerate(parts, 1):
        ends[number] = ends[number - 1] + height
    return max((end for end in ends if end <= _MOST_TAIL * flow.page_height), default=ends[0])


_MOST_TAIL = 0.7
"""Of a page: what is left holds a heading and some lines."""


def _due(flow: Flow, x: float, y: float, label: str, due: str) -> None:
    """The amount that counts: on the accent, or between rules of it."""
    sheet, theme = flow.sheet, flow.theme
    if theme.look.due is Due.FILLED:
        sheet.fill(x, y, _TOTALS, _DUE, theme.accent)
        style = Style(11.5, bold=True, colour=theme.over)
    else:
        sheet.rule(x, y, _TOTALS, theme.accent, 1.2)
        sheet.rule(x, y + _DUE, _TOTALS, theme.accent, 1.2)
        style = Style(11.5, bold=True, colour=theme.ink)
    sheet.left(x + 8, y + 17.5, label, style)
    size = fit(due, style.size, True, _TOTALS - 100)
    sheet.right(RIGHT - 8, y + 17.5, due, style._replace(size=size))


def payment(flow: Flow) -> None:
    """When and how to pay on the left, where on the right."""
    view = flow.view
    if not _pays(view):
        return
    # Mentions alone on a last page would look forgotten: while they are short they follow the payment.
    flow.keep(_paying_height(flow) + min(_mentions_height(flow), _SHORT))
    flow.y += _GAP
    top, page = flow.y, flow.sheet
    if view.bank:
        page.left(_BANK_X, top + 3 + LABEL.size, view.bank.label, LABEL)
        lines = wrap_all(view.bank.lines, BODY.size, False, RIGHT - _BANK_X)
        under = column(page, _BANK_X, top + leading(LABEL) + 6, lines, BODY)
    else:
        under = top
    if view.schedule:
        flow.grid(view.schedule, MARGIN, _SCHEDULE, left=2)
    if view.terms:
        flow.y += 6 if view.schedule else 3
        _titled(flow, view.terms, sum(_SCHEDULE))
    if flow.sheet is page:
        flow.y = max(flow.y, under)


def _pays(view: View) -> bool:
    return bool(view.schedule or view.terms or view.bank)


def _paying_height(flow: Flow) -> float:
    return _GAP + _payment_height(flow.view) if _pays(flow.view) else 0.0


def _payment_height(view: View) -> float:
    """The height wanted in one piece: the bank, and the schedule or terms as far as they are short."""
    rows = len(view.schedule.rows) + 1 if view.schedule else 0
    terms = len(view.terms.lines) + 1 if view.terms else 0
    bank = len(view.bank.lines) + 2 if view.bank else 0
    return max(min(rows, 8) * _ROW + min(terms, 6) * leading(BODY), bank * leading(BODY))


def _titled(flow: Flow, block: Block, span: float) -> None:
    flow.keep(leading(LABEL) + 2 * leading(BODY) + 1.5)
    flow.paragraph([block.label], LABEL)
    flow.y += 1.5
    flow.paragraph(wrap_all(block.lines, BODY.size, False, span), BODY)


def note(flow: Flow) -> None:
    """What the seller adds."""
    if flow.view.note:
        flow.y += _GAP - 4
        _titled(flow, flow.view.note, BREADTH)


def _note_height(flow: Flow) -> float:
    block = flow.view.note
    if block is None:
        return 0.0
    return _GAP + leading(LABEL) + len(wrap_all(block.lines, BODY.size, False, BREADTH)) * leading(BODY)


def mentions(flow: Flow) -> None:
    """What the law wants said; the seller's identity line too when it is too long for the foot."""
    for index, lines in enumerate(_mention_lines(flow)):
        flow.y += 2 if index else _GAP - 4
        flow.paragraph(lines, SMALL)


def _mention_lines(flow: Flow) -> list[list[str]]:
    legal = () if flow.legal_in_foot else (flow.view.legal_line,)
    return [wrap(sentence, SMALL.size, False, BREADTH) for sentence in (*flow.view.mentions, *legal)]


def _mentions_height(flow: Flow) -> float:
    return _GAP + sum(len(lines) * leading(SMALL) + 2 for lines in _mention_lines(flow))


def agreement(flow: Flow) -> None:
    """The box where the customer signs (RULES §1.5)."""
    block = flow.view.agreement
    if block is None:
        return
    span, inset, lines = _SIGN_SPAN, _SIGN_INSET, _agreement_lines(block)
    height = _agreement_height(flow) - _GAP
    flow.keep(height + _GAP)
    flow.y += _GAP
    x, top, sheet = RIGHT - span, flow.y, flow.sheet
    for x0, y0, across, down in (
        (x, top, span, 0.8),
        (x, top + height, span, 0.8),
        (x, top, 0.8, height),
        (x + span, top, 0.8, height + 0.8),
    ):
        sheet.fill(x0, y0, across, down, flow.theme.accent)
    sheet.left(x + inset, top + 18, block.label, Style(10.5, bold=True, colour=flow.theme.ink))
    flow.y = top + 28
    for pieces in lines:
        for piece in pieces:
            sheet.left(x + inset, flow.y + BODY.size, piece, BODY)
            flow.y += leading(BODY)
        flow.y += 7
    flow.y = top + height


_SIGN_SPAN, _SIGN_INSET = 312.0, 9.0


def _agreement_lines(block: Block) -> list[list[str]]:
    return [wrap(line, BODY.size, False, _SIGN_SPAN - 2 * _SIGN_INSET) for line in block.lines]


def _agreement_height(flow: Flow) -> float:
    """The box with the gap over it; nothing where nobody signs."""
    if flow.view.agreement is None:
        return 0.0
    lines = _agreement_lines(flow.view.agreement)
    return _GAP + 30 + sum(len(line) for line in lines) * leading(BODY) + len(lines) * 7 + 38


def annexes(flow: Flow) -> None:
    """General terms and forms, each from a new page, in two columns."""
    span = (BREADTH - _ANNEX_GAP) / 2
    for block in flow.view.annexes:
        flow.turn()
        title = Style(fit(block.label, _ANNEX_TITLE, True, BREADTH), bold=True, colour=flow.theme.ink)
        flow.sheet.left(MARGIN, flow.y + title.size, block.label, title)
        flow.y += leading(title) + 6
        top, x = flow.y, MARGIN
        for line in wrap_all(block.lines, _ANNEX.size, _ANNEX.bold, span):
            if leading(_ANNEX) > flow.room:
                if x == MARGIN:
                    x, flow.y = MARGIN + span + _ANNEX_GAP, top
                else:
                    flow.turn()
                    top, x = flow.y, MARGIN
            flow.sheet.left(x, flow.y + _ANNEX.size, line, _ANNEX)
            flow.y += leading(_ANNEX)
