"""One layout per kind of document: the order of its parts.

How to pay, the mentions or the place to sign alone on a last page would look lost: a document whose end would be
torn so is laid out again, with its last rows on the page of its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from comptoir.documents.canvas import Sheet
from comptoir.documents.flow import Flow
from comptoir.documents.letterhead import letterhead, notices
from comptoir.documents.parts import agreement, annexes, lines_and_totals, mentions, note, payment
from comptoir.documents.views import View


def invoice_layout(view: View) -> list[Sheet]:
    """An invoice or a credit note."""
    return _laid(view, letterhead, notices, lines_and_totals, payment, note, mentions)


def quote_layout(view: View) -> list[Sheet]:
    """A quote or a pro forma, with the place to sign at the end."""
    return _laid(view, letterhead, notices, lines_and_totals, payment, note, mentions, agreement)


def purchase_order_layout(view: View) -> list[Sheet]:
    """A purchase order, with the place where the supplier accepts it."""
    return _laid(view, letterhead, notices, lines_and_totals, payment, mentions, agreement)


def reminder_layout(view: View) -> list[Sheet]:
    """The letter of a payment reminder."""
    return _laid(view, letterhead, notices, lines_and_totals, payment, note, mentions)


def _laid(view: View, *parts: Callable[[Flow], None]) -> list[Sheet]:
    flow = _placed(Flow(view), parts)
    if len(flow.sheets) > flow.totals_on:
        again = _placed(Flow(view, whole_end=True), parts)
        # Where no page holds the end, the first layout is as good.
        flow = again if len(again.sheets) == again.totals_on else flow
    annexes(flow)
    return flow.sign()


def _placed(flow: Flow, parts: Sequence[Callable[[Flow], None]]) -> Flow:
    for part in parts:
        part(flow)
    return flow
