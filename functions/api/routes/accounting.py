"""The books: chart of accounts, exports of entries, FEC."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.accounting.chart import Chart
from comptoir.accounting.commands import BookReport, ExportBooks, ListBookExports, ReadBookExport, ReadChart, SaveChart
from comptoir.accounting.exporting import BookExportSummary

from ..routing import Route

CHART_EXAMPLE = {
    "customers": "411100",
    "banks": [{"iban": "FR7630006000011234567890189", "journal": "B1", "name": "Agricole", "account": "512100"}],
}
_EXPORT = {"start": "2026-10-01", "end": "2026-10-31", "format": "csv"}
_EXPORTS = "/accounting/exports"

ROUTES = (
    Route("GET", "/accounting/chart", ReadChart, Chart),
    Route("PUT", "/accounting/chart", SaveChart, Chart, example={"chart": CHART_EXAMPLE}),
    Route("POST", _EXPORTS, ExportBooks, BookReport, 202, f"{_EXPORTS}/{{id}}", {201: BookReport}, example=_EXPORT),
    Route("GET", _EXPORTS, ListBookExports, Listing[BookExportSummary]),
    Route("GET", f"{_EXPORTS}/{{export}}", ReadBookExport, BookReport),
)
