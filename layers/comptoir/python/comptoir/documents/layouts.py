"""One layout per kind of document: the order of its parts."""

from __future__ import annotations

from comptoir.documents.canvas import Sheet
from comptoir.documents.flow import Flow
from comptoir.documents.letterhead import letterhead, notices
from comptoir.documents.parts import agreement, annexes, lines_and_totals, mentions, note, payment
from comptoir.documents.views import View


def invoice_layout(view: View) -> list[Sheet]:
    """An invoice or a credit note."""
    flow = Flow(view)
    for part in (letterhead, notices, lines_and_totals, payment, note, mentions, annexes):
        part(flow)
    return flow.sign()


def quote_layout(view: View) -> list[Sheet]:
    """A quote or a pro forma, with the place to sign at the end."""
    flow = Flow(view)
    for part in (letterhead, notices, lines_and_totals, payment, note, mentions, agreement, annexes):
        part(flow)
    return flow.sign()


def purchase_order_layout(view: View) -> list[Sheet]:
    """A purchase order, with the place where the supplier accepts it."""
    flow = Flow(view)
    for part in (letterhead, notices, lines_and_totals, payment, mentions, agreement):
        part(flow)
    return flow.sign()
