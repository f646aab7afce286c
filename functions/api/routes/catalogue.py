"""References with their supplier offers."""

from __future__ import annotations

from comptoir.access.import_job import ImportReport
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import ContinueReferenceImport, CreateReference, ImportReferences, UpdateReference
from comptoir.catalogue.model import Reference, ReferenceSummary
from comptoir.catalogue.queries import ListReferences, ReadReference, ReadReferenceHistory, ReadReferenceImport

from ..routing import Route

REFERENCE_EXAMPLE = {
    "code": "PAL-500",
    "designation": "Palan électrique 500 kg",
    "designation_en": "Electric hoist 500 kg",
    "unit": "pièce",
    "gross_weight": "38.5",
    "vat_rate": "20",
    "sale_price": "1234.50",
}
_FILE = {"file": "Q29kZTtEw6lzaWduYXRpb24=", "filename": "references.csv", "dry_run": True}
_IMPORT = "/references/imports/{id}"

ROUTES = (
    Route("GET", "/references", ListReferences, Listing[ReferenceSummary]),
    Route("POST", "/references", CreateReference, Reference, 201, "/references/{id}", example=REFERENCE_EXAMPLE),
    Route("GET", "/references/{reference}", ReadReference, Reference),
    Route("PUT", "/references/{reference}", UpdateReference, Reference, example=REFERENCE_EXAMPLE),
    Route("GET", "/references/{reference}/history", ReadReferenceHistory, Listing[HistoryEntry]),
    Route(
        "POST",
        "/references/imports",
        ImportReferences,
        ImportReport,
        201,
        _IMPORT,
        {200: ImportReport, 202: ImportReport},
        example=_FILE,
    ),
    Route("GET", "/references/imports/{job}", ReadReferenceImport, ImportReport),
    Route(
        "POST",
        "/references/imports/{job}/continuation",
        ContinueReferenceImport,
        ImportReport,
        201,
        _IMPORT,
        {202: ImportReport},
    ),
)
