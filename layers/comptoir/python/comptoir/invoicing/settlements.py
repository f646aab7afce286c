"""How far documents are settled, told by the treasury of their requests (TRS-03, CRN-10).

The head of an issued document never changes for a payment (INV-07): the lines are the one truth.
"""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.invoicing.model import DocumentSummary
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.settling import settlement


def sheet_of(company: str, summary: DocumentSummary) -> Key | None:
    """Where the treasury of a document's request lies; None for a draft, and for what was or takes back whole."""
    if summary.number is None or summary.cancelled_by or summary.kind is DocumentKind.CANCELLATION:
        return None
    return keys.sheet(company, summary.order, summary.origin or summary.id)


def with_settlement(tx: Transaction, company: str, summaries: Sequence[DocumentSummary]) -> tuple[DocumentSummary, ...]:
    """The documents of a list with how far each is settled, in one read for all."""
    places = [sheet_of(company, summary) for summary in summaries]
    tx.prefetch([key for key in places if key])
    return tuple(
        summary.change(settlement=settlement(sheet.lines, summary.id, summary.gross.currency))
        if key and (sheet := tx.get(TREASURY, key))
        else summary
        for summary, key in zip(summaries, places, strict=True)
    )
