"""Supplier invoices and credit notes: read from files, recorded, listed, taken back."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.purchasing.commands import CancelSupplierDocument, RecordSupplierCreditNote, RecordSupplierInvoice
from comptoir.purchasing.model import SupplierDocument, SupplierDocumentSummary
from comptoir.purchasing.paying import SetSupplierDocumentMeans, SplitSupplierDocumentLine
from comptoir.purchasing.queries import (
    ListOwed,
    ListPartySupplierDocuments,
    ListSupplierCredits,
    ListSupplierDocuments,
    ReadSupplierDocument,
    SupplierDocumentView,
)
from comptoir.purchasing.rates import (
    CertifySupplierDocumentRate,
    ReadSupplierDocumentTreasury,
    SetSupplierDocumentRate,
)
from comptoir.purchasing.reading import Reading, ReadOrderSupplierFile, ReadPartySupplierFile
from comptoir.treasury.model import OpenRequest, Treasury

from ..routing import Route
from .payments import RATE_EXAMPLE

SUPPLIER_INVOICE_EXAMPLE = {
    "supplier": "01KASXPZ5CF1A3H9QJ4M7R2W8T",
    "number": "F-2026-0815",
    "issue_date": "2026-11-20",
    "lines": [{"designation": "Transport Le Havre", "kind": "transport", "quantity": "1", "unit_price": "480.00"}],
}
_CREDIT_NOTE = SUPPLIER_INVOICE_EXAMPLE | {
    "number": "A-2026-0042",
    "invoice": "01KASXPZ5CF1A3H9QJ4M7R2W8T",
    "reason": "Palette manquante",
}
_AT = "/supplier-documents/{document}"
_LINE = f"{_AT}/treasury/{{line}}"
_LIST = Listing[SupplierDocumentSummary]

ROUTES = (
    Route("GET", "/supplier-documents", ListSupplierDocuments, _LIST),
    Route("GET", _AT, ReadSupplierDocument, SupplierDocumentView),
    Route(
        "POST",
        "/supplier-invoices",
        RecordSupplierInvoice,
        SupplierDocument,
        201,
        "/supplier-documents/{id}",
        example=SUPPLIER_INVOICE_EXAMPLE,
    ),
    Route(
        "POST",
        "/supplier-credit-notes",
        RecordSupplierCreditNote,
        SupplierDocument,
        201,
        "/supplier-documents/{id}",
        example=_CREDIT_NOTE,
    ),
    Route(
        "POST", f"{_AT}/cancellation", CancelSupplierDocument, SupplierDocument, example={"reason": "Saisie en double"}
    ),
    Route("GET", f"{_AT}/treasury", ReadSupplierDocumentTreasury, Treasury),
    Route("PUT", f"{_LINE}/rate", SetSupplierDocumentRate, Treasury, example=RATE_EXAMPLE),
    Route(
        "PUT",
        f"{_LINE}/means",
        SetSupplierDocumentMeans,
        Treasury,
        example={"means": "transfer", "bank_account": "FR7630006000011234567890189"},
    ),
    Route("POST", f"{_LINE}/parts", SplitSupplierDocumentLine, Treasury, example={"parts": ["400.00", "176.00"]}),
    Route("POST", f"{_LINE}/certification", CertifySupplierDocumentRate, Treasury),
    Route("GET", "/parties/{party}/supplier-documents", ListPartySupplierDocuments, _LIST),
    Route("GET", "/parties/{party}/owed", ListOwed, Listing[OpenRequest]),
    Route("GET", "/parties/{party}/supplier-credits", ListSupplierCredits, Listing[OpenRequest]),
    Route("GET", "/parties/{party}/files/{file}/reading", ReadPartySupplierFile, Reading),
    Route("GET", "/orders/{order}/documents/{file}/reading", ReadOrderSupplierFile, Reading),
)
