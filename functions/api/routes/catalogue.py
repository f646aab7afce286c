"""References with their supplier offers."""

from __future__ import annotations

from comptoir.access.exports import ExportReport
from comptoir.access.import_model import ImportReport
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import ContinueReferenceImport, CreateReference, ImportReferences, UpdateReference
from comptoir.catalogue.exports import ExportReferences
from comptoir.catalogue.groupings import (
    CreateGrouping,
    Grouping,
    ListGroupings,
    ReadGrouping,
    ReadGroupingHistory,
    UpdateGrouping,
)
from comptoir.catalogue.model import Reference, ReferenceSummary
from comptoir.catalogue.price_requests import ListOwnerPrices, ListReferencePrices, ReadPrices, SavePrices
from comptoir.catalogue.prices import SpecialPrices
from comptoir.catalogue.queries import ListReferences, ReadReference, ReadReferenceHistory, ReadReferenceImport
from comptoir.parties.price_lists import (
    CreatePriceList,
    ListPriceLists,
    PriceList,
    ReadPriceList,
    ReadPriceListHistory,
    UpdatePriceList,
)

from ..routing import Route

REFERENCE_EXAMPLE = {
    "code": "PAL-500",
    "designation": "Palan électrique 500 kg",
    "designation_en": "Electric hoist 500 kg",
    "designation_es": "Polipasto eléctrico 500 kg",
    "designation_de": "Elektro-Kettenzug 500 kg",
    "unit": "pièce",
    "gross_weight": "38.5",
    "vat_rate": "20",
    "sale_price": "1234.50",
}
_GROUPING = {
    "designation": "Palan électrique 500 kg",
    "members": [
        {"reference": "01JD0000000000000000000001", "supplier": "01JD0000000000000000000002"},
        {"reference": "01JD0000000000000000000003", "supplier": "01JD0000000000000000000004"},
    ],
}
_TARIFFS = {
    "tariffs": [
        {
            "valid_from": "2026-01-01",
            "valid_to": "2026-12-31",
            "breaks": [{"price": "1180.00"}, {"from_quantity": "10", "price": "1095.00"}],
        }
    ]
}
_FILE = {"file": "Q29kZTtEw6lzaWduYXRpb24=", "filename": "references.csv", "dry_run": True}
_IMPORT = "/references/imports/{id}"

ROUTES = (
    Route("GET", "/references", ListReferences, Listing[ReferenceSummary]),
    Route("POST", "/references", CreateReference, Reference, 201, "/references/{id}", example=REFERENCE_EXAMPLE),
    Route("GET", "/references/{reference}", ReadReference, Reference),
    Route("PATCH", "/references/{reference}", UpdateReference, Reference, example=REFERENCE_EXAMPLE),
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
    Route("GET", "/references/{reference}/prices", ListReferencePrices, Listing[SpecialPrices]),
    Route("GET", "/references/{reference}/prices/{owner}", ReadPrices, SpecialPrices),
    Route("PUT", "/references/{reference}/prices/{owner}", SavePrices, SpecialPrices, example=_TARIFFS),
    Route("GET", "/price-lists", ListPriceLists, Listing[PriceList]),
    Route(
        "POST", "/price-lists", CreatePriceList, PriceList, 201, "/price-lists/{id}", example={"name": "Tarif négoce"}
    ),
    Route("GET", "/price-lists/{price_list}", ReadPriceList, PriceList),
    Route("PATCH", "/price-lists/{price_list}", UpdatePriceList, PriceList, example={"name": "Tarif négoce 2027"}),
    Route("GET", "/price-lists/{price_list}/history", ReadPriceListHistory, Listing[HistoryEntry]),
    Route("GET", "/prices/{owner}", ListOwnerPrices, Listing[SpecialPrices]),
    Route("GET", "/groupings", ListGroupings, Listing[ReferenceSummary]),
    Route("POST", "/groupings", CreateGrouping, Grouping, 201, "/groupings/{id}", example=_GROUPING),
    Route("GET", "/groupings/{grouping}", ReadGrouping, Grouping),
    Route("GET", "/groupings/{grouping}/history", ReadGroupingHistory, Listing[HistoryEntry]),
    Route("PATCH", "/groupings/{grouping}", UpdateGrouping, Grouping, example=_GROUPING),
    Route(
        "POST",
        "/references/exports",
        ExportReferences,
        ExportReport,
        201,
        "/exports/{id}",
        {202: ExportReport},
        example={"format": "csv", "filters": {"search": "palan"}},
    ),
)
