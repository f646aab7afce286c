"""How the books lie in the table: chart, exports, marks."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.accounting.chart import Chart
from comptoir.accounting.exporting import BookExport, BookExportSummary, Books, BookState, Posted
from comptoir.store import keys
from comptoir.store.record import Index, Kind

DUE_BOOKS = "BOOKS"
"""Work that heals: exports that were asked for and are not written yet."""


def _summary(export: BookExport) -> BookExportSummary:
    return BookExportSummary.model_validate(export.picked(BookExportSummary.model_fields))


def _index(company: str, export: BookExport) -> Mapping[int, Index]:
    places = {1: keys.by_kind(company, "BOOKEXPORTS", f"{export.number:010d}")}
    if export.state is BookState.WRITING:
        places[3] = keys.due(DUE_BOOKS, company, f"{export.started_at}#{export.id}")
    return places


CHART = Kind("chart", Chart)
BOOKS = Kind("books", Books)
BOOK_EXPORT = Kind("book_export", BookExport, summarise=_summary, index=_index)
POSTED = Kind("posted", Posted)
