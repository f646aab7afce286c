"""Closings of days, months and fiscal years, and what is still open."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.closings.commands import ClosePeriod, ClosingAsked
from comptoir.closings.model import ClosedPeriod, ClosingSummary
from comptoir.closings.queries import ListClosings, PeriodsView, ReadClosing, ReadPeriods

from ..routing import Route

ROUTES = (
    Route("GET", "/periods", ReadPeriods, PeriodsView),
    Route("GET", "/closings", ListClosings, Listing[ClosingSummary]),
    Route(
        "POST",
        "/closings",
        ClosePeriod,
        ClosedPeriod,
        201,
        "/periods",
        {200: ClosedPeriod, 202: ClosingAsked},
        example={"kind": "monthly", "name": "2026-10"},
    ),
    Route("GET", "/closings/{kind}/{name}", ReadClosing, ClosedPeriod),
)
