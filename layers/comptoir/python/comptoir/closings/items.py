"""How closings lie in the table."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.closings.model import ClosedPeriod, ClosingSummary, PeriodKind, Progress
from comptoir.store import keys
from comptoir.store.record import Index, Kind


def _summary(closed: ClosedPeriod) -> ClosingSummary:
    closing, euro = closed.closing, closed.closing.period.euro
    return ClosingSummary(
        **closing.picked(("kind", "name", "start", "end", "closed_at", "operator_name")),
        sequence=closed.sequence,
        documents=euro.balance.count,
        net=euro.balance.net,
        gross=euro.balance.gross,
        received=euro.received,
        perpetual=closing.perpetual.euro.balance.gross,
    )


def bucket(kind: PeriodKind, name: str) -> str:
    """The partition of a list: days by month, months by year, fiscal years together."""
    return {PeriodKind.DAILY: name[:7], PeriodKind.MONTHLY: name[:4], PeriodKind.ANNUAL: "ALL"}[kind]


def _index(company: str, closed: ClosedPeriod) -> Mapping[int, Index]:
    kind, name = closed.closing.kind, closed.closing.name
    return {1: keys.by_month(company, f"CLOSING#{kind}", bucket(kind, name), name)}


CLOSING = Kind("closing", ClosedPeriod, summarise=_summary, index=_index)
PROGRESS = Kind("closing_progress", Progress)
