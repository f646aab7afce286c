"""Company, profiles, operators, and who is signed in."""

from __future__ import annotations

from comptoir.access.accesses import Access
from comptoir.access.commands import CreateOperator, SaveProfile, SetTestMode, UpdateCompany, UpdateOperator
from comptoir.access.custom import Customisation, ReadCustomisation, SaveCustomisation
from comptoir.access.exports import ExportReport, ReadExport
from comptoir.access.model import Company, HistoryEntry, Operator, OperatorSummary, Profiles
from comptoir.access.queries import (
    ListAccesses,
    Listing,
    ListOperators,
    Me,
    ReadCompany,
    ReadCompanyHistory,
    ReadMe,
    ReadOperator,
    ReadOperatorHistory,
    ReadProfiles,
)

from ..routing import Route

COMPANY_EXAMPLE = {
    "identity": {
        "name": "Maison Aubier",
        "legal_form": "SAS",
        "capital": "50000.00",
        "siren": "732829320",
        "siret": "73282932000074",
        "registry": "RCS Paris",
        "vat_number": "FR44732829320",
        "address": {"lines": ["12 rue de la Paix"], "postcode": "75002", "city": "Paris", "country": "FR"},
        "bank_accounts": [{"iban": "FR1420041010050500013M02606", "bic": "PSSTFRPPXXX", "holder": "Maison Aubier"}],
    },
    "terms": {"penalty_rate": "12.15", "quote_validity_days": 30},
    "numbering": {"prefix": "FA{YYYY}-", "digits": 6, "yearly": True},
}
_CUSTOMISATION = {
    "fields": [
        {"code": "colour", "label": "Couleur", "type": "choice", "choices": ["Rouge", "Bleu"], "on": ["reference"]},
        {"code": "staff", "label": "Effectif", "label_en": "Staff", "type": "number", "on": ["party"]},
    ],
    "tags": [{"on": "party", "tags": ["Grand compte", "Réseau"]}],
}
_OPERATOR = {"email": "lea.martin@example.com", "name": "Léa Martin", "profile": "sales"}

ROUTES = (
    Route("GET", "/company", ReadCompany, Company),
    Route("PATCH", "/company", UpdateCompany, Company, example=COMPANY_EXAMPLE),
    Route("PUT", "/company/test-mode", SetTestMode, Company, example={"test_mode": False}),
    Route("GET", "/company/history", ReadCompanyHistory, Listing[HistoryEntry]),
    Route("GET", "/customisation", ReadCustomisation, Customisation),
    Route("PUT", "/customisation", SaveCustomisation, Customisation, example=_CUSTOMISATION),
    Route("GET", "/exports/{job}", ReadExport, ExportReport),
    Route("GET", "/profiles", ReadProfiles, Profiles),
    Route(
        "PUT",
        "/profiles/{code}",
        SaveProfile,
        Profiles,
        example={"name": "Commercial export", "permissions": ["read_parties", "read_orders", "edit_orders"]},
    ),
    Route("GET", "/accesses", ListAccesses, Listing[Access]),
    Route("GET", "/operators", ListOperators, Listing[OperatorSummary]),
    Route("POST", "/operators", CreateOperator, Operator, 201, "/operators/{id}", example=_OPERATOR),
    Route("GET", "/operators/{operator}", ReadOperator, Operator),
    Route(
        "PATCH",
        "/operators/{operator}",
        UpdateOperator,
        Operator,
        example={"name": "Léa Martin", "profile": "logistics", "active": True},
    ),
    Route("GET", "/operators/{operator}/history", ReadOperatorHistory, Listing[HistoryEntry]),
    Route("GET", "/me", ReadMe, Me),
)
