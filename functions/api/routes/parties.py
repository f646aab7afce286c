"""Customers, prospects, suppliers and service providers."""

from __future__ import annotations

from comptoir.access.exports import ExportReport
from comptoir.access.import_model import ImportReport
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.parties.commands import ContinuePartyImport, CreateParty, ImportParties, UpdateParty
from comptoir.parties.exports import ExportParties
from comptoir.parties.model import Party, PartySummary
from comptoir.parties.queries import ListParties, ReadParty, ReadPartyHistory, ReadPartyImport
from comptoir.purchasing.party_page import PartyPage, ReadPartyPage

from ..routing import Route

PARTY_EXAMPLE = {
    "code": "C0001",
    "name": "Société Générale d'Équipement",
    "kinds": ["customer"],
    "address": {"lines": ["5 quai de Saône"], "postcode": "69002", "city": "Lyon", "country": "FR"},
    "contacts": [{"name": "Zoé Durand", "email": "zoe.durand@example.com"}],
    "siren": "732829320",
    "vat_number": "FR44732829320",
}
_FILE = {"file": "Q29kZTtOb20=", "filename": "clients.csv", "dry_run": True}
_IMPORT = "/parties/imports/{id}"

ROUTES = (
    Route("GET", "/parties", ListParties, Listing[PartySummary]),
    Route("POST", "/parties", CreateParty, Party, 201, "/parties/{id}", example=PARTY_EXAMPLE),
    Route("GET", "/parties/{party}", ReadParty, Party),
    Route("PATCH", "/parties/{party}", UpdateParty, Party, example=PARTY_EXAMPLE),
    Route("GET", "/parties/{party}/overview", ReadPartyPage, PartyPage),
    Route("GET", "/parties/{party}/history", ReadPartyHistory, Listing[HistoryEntry]),
    Route(
        "POST",
        "/parties/imports",
        ImportParties,
        ImportReport,
        201,
        _IMPORT,
        {200: ImportReport, 202: ImportReport},
        example=_FILE,
    ),
    Route("GET", "/parties/imports/{job}", ReadPartyImport, ImportReport),
    Route(
        "POST",
        "/parties/imports/{job}/continuation",
        ContinuePartyImport,
        ImportReport,
        201,
        _IMPORT,
        {202: ImportReport},
    ),
    Route(
        "POST",
        "/parties/exports",
        ExportParties,
        ExportReport,
        201,
        "/exports/{id}",
        {202: ExportReport},
        example={"format": "xlsx", "filters": {"kind": "customer"}},
    ),
)
