"""Supplier invoices and credit notes: read from files, recorded, listed, taken back."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.purchasing.cancelling import CancelSupplierDocument
from comptoir.purchasing.commands import RecordSupplierCreditNote, RecordSupplierInvoice
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
from comptoir.purchasing.settling import DeductSupplierCreditNote, RecordSupplierPayment, RefundSupplierCreditNote
from comptoir.treasury.model import OpenRequest, Treasury
from comptoir.treasury.payment import Payment

from ..routing import Route
from .payments import DEDUCTION_EXAMPLE, PAYMENT_EXAMPLE, RATE_EXAMPLE, REFUND_EXAMPLE

SUPPLIER_INVOICE_EXAMPLE = {
    "supplier": "01KASXPZ5CF1A3H9QJ4M7R2W8T",
    "number": "F-2026-0815",
    "issue_date": "2026-11-20",
    "lines": [{"designation": "Transport Le Havre", "kind": "transport", "quantity": "1", "unit_price": "480.00"}],
}
SUPPLIER_CREDIT_NOTE_EXAMPLE = SUPPLIER_INVOICE_EXAMPLE | {
    "number": "A-2026-0042",
    "invoice": "01KASXPZ5CF1A3H9QJ4M7R2W8T",
    "reason": "Palette manquante",
}
SUPPLIER_PAYMENT_EXAMPLE = {"supplier": PAYMENT_EXAMPLE["customer"]} | {
    name: value for name, value in PAYMENT_EXAMPLE.items() if name != "customer"
}
_AT = "/supplier-documents/{document}"
_CREDIT_NOTE_AT = "/supplier-credit-notes/{credit_note}"
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
        example=SUPPLIER_CREDIT_NOTE_EXAMPLE,
    ),
    Route(
        "POST", f"{_AT}/cancellation", CancelSupplierDocument, SupplierDocument, example={"reason": "Saisie en double"}
    ),
    Route(
        "POST",
        "/supplier-payments",
        RecordSupplierPayment,
        Payment,
        201,
        "/payments/{id}",
        example=SUPPLIER_PAYMENT_EXAMPLE,
    ),
    Route(
        "POST",
        f"{_CREDIT_NOTE_AT}/refunds",
        RefundSupplierCreditNote,
        Payment,
        201,
        "/payments/{id}",
        example=REFUND_EXAMPLE,
    ),
    Route(
        "POST",
        f"{_CREDIT_NOTE_AT}/deductions",
        DeductSupplierCreditNote,
        Payment,
        201,
        "/payments/{id}",
        example=DEDUCTION_EXAMPLE,
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
