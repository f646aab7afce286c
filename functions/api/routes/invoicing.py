"""Invoices and credit notes, from draft to archived document."""

from __future__ import annotations

from comptoir.access.exports import ExportReport
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.docbase.previewing import Preview
from comptoir.invoicing.bulk import BulkView, ContinueValidations, ReadValidations, ValidateDrafts
from comptoir.invoicing.cancelling import CancelInvoice, ReplaceInvoice
from comptoir.invoicing.commands import CreateInvoice, InvoiceOrder
from comptoir.invoicing.copying import DuplicateInvoice
from comptoir.invoicing.creditable import CreditableLines, ListCreditableLines, ReadRemaining, Remaining
from comptoir.invoicing.crediting import CreateCreditNote, SetCreditLines
from comptoir.invoicing.down_payments import CreateDownPayment, SetDownPayment
from comptoir.invoicing.editing import DeleteDraft, SetDraftLines, SetDraftQuantities, UpdateDraft
from comptoir.invoicing.model import Document, DocumentSummary, DocumentView
from comptoir.invoicing.month_export import ExportMonth
from comptoir.invoicing.month_view import Month, ReadMonth
from comptoir.invoicing.previewing import PreviewDraft
from comptoir.invoicing.queries import (
    FileLink,
    ListDocuments,
    ListDrafts,
    ListPartyDocuments,
    ListTests,
    ReadCancellation,
    ReadCancellationFile,
    ReadCancellationHistory,
    ReadCreditNote,
    ReadCreditNoteFile,
    ReadCreditNoteHistory,
    ReadInvoice,
    ReadInvoiceFile,
    ReadInvoiceHistory,
)
from comptoir.invoicing.validation import ValidateCancellation, ValidateCreditNote, ValidateInvoice

from ..routing import Route

_LINE = {"designation": "Palan électrique 500 kg", "quantity": "2", "unit_price": "1234.50", "vat_rate": "20"}
INVOICE_EXAMPLE = {
    "customer": "01KASXPZ5CF1A3H9QJ4M7R2W8T",
    "terms": [{"percentage": "100", "milestone": "invoice", "steps": [{"days": 30}]}],
    "lines": [_LINE],
}
_QUANTITIES = {"quantities": [{"line": "01KASXPZ5CF1A3H9QJ4M7R2W8T", "quantity": "2"}]}
_CREDIT_LINES = {"credit_type": "invoicing_error", "lines": [{"position": 1, "quantity": "1"}]}
_CREDIT_NOTE = {"invoice": "01KASXPZ5CF1A3H9QJ4M7R2W8T", "reason": "Erreur de quantité", **_CREDIT_LINES}
_BULK = {"documents": [{"document": "01KASXPZ5CF1A3H9QJ4M7R2W8T", "version": 1}]}
_BULK_AT = "/validations/{id}"
_STARTED = {202: ExportReport}
_LIST = Listing[DocumentSummary]
_CANCEL = {"reason": "Facture établie par erreur"}
_CANCELLATION_AT = "/cancellations/{document}"
_DRAFT_AT, _INVOICE_AT, _CREDIT_NOTE_AT = "/drafts/{document}", "/invoices/{document}", "/credit-notes/{document}"

ROUTES = (
    Route("GET", "/documents", ListDocuments, _LIST),
    Route("GET", "/accounting/months/{month}", ReadMonth, Month),
    Route("POST", "/accounting/months/{month}/exports", ExportMonth, ExportReport, 201, "/exports/{id}", also=_STARTED),
    Route("GET", "/drafts", ListDrafts, _LIST),
    Route("POST", "/validations", ValidateDrafts, BulkView, 202, _BULK_AT, example=_BULK),
    Route("GET", "/validations/{bulk_validation}", ReadValidations, BulkView),
    Route("POST", "/validations/{bulk_validation}/continuation", ContinueValidations, BulkView, 202),
    Route("GET", "/test-documents", ListTests, _LIST),
    Route("PATCH", _DRAFT_AT, UpdateDraft, Document, example={"note": "Livraison en deux fois"}),
    Route("GET", f"{_DRAFT_AT}/preview", PreviewDraft, Preview),
    Route("PUT", f"{_DRAFT_AT}/lines", SetDraftLines, Document, example={"lines": [_LINE]}),
    Route("PUT", f"{_DRAFT_AT}/quantities", SetDraftQuantities, Document, example=_QUANTITIES),
    Route("PUT", f"{_DRAFT_AT}/down-payment", SetDownPayment, Document, example={"amount": "1200.00"}),
    Route("PUT", f"{_DRAFT_AT}/credit-lines", SetCreditLines, Document, example=_CREDIT_LINES),
    Route("DELETE", _DRAFT_AT, DeleteDraft, Document),
    Route("GET", "/parties/{party}/documents", ListPartyDocuments, _LIST),
    Route("POST", "/orders/{order}/invoices", InvoiceOrder, Document, 201, "/invoices/{id}"),
    Route(
        "POST",
        "/orders/{order}/down-payments",
        CreateDownPayment,
        Document,
        201,
        "/invoices/{id}",
        example={"percentage": "30"},
    ),
    Route("POST", "/invoices", CreateInvoice, Document, 201, "/invoices/{id}", example=INVOICE_EXAMPLE),
    Route("GET", _INVOICE_AT, ReadInvoice, DocumentView),
    Route("GET", f"{_INVOICE_AT}/file", ReadInvoiceFile, FileLink),
    Route("GET", f"{_INVOICE_AT}/history", ReadInvoiceHistory, Listing[HistoryEntry]),
    Route("GET", f"{_INVOICE_AT}/remaining", ReadRemaining, Remaining),
    Route("GET", f"{_INVOICE_AT}/creditable-lines", ListCreditableLines, CreditableLines),
    Route("POST", f"{_INVOICE_AT}/duplicate", DuplicateInvoice, Document, 201, "/invoices/{id}"),
    Route("POST", f"{_INVOICE_AT}/cancellation", CancelInvoice, Document, 201, "/cancellations/{id}", example=_CANCEL),
    Route("POST", f"{_INVOICE_AT}/replacement", ReplaceInvoice, Document, 201, "/invoices/{id}"),
    Route("POST", f"{_INVOICE_AT}/validation", ValidateInvoice, Document, 200, _INVOICE_AT, {202: Document}),
    Route("POST", "/credit-notes", CreateCreditNote, Document, 201, "/credit-notes/{id}", example=_CREDIT_NOTE),
    Route("GET", _CREDIT_NOTE_AT, ReadCreditNote, DocumentView),
    Route("GET", f"{_CREDIT_NOTE_AT}/file", ReadCreditNoteFile, FileLink),
    Route("GET", f"{_CREDIT_NOTE_AT}/history", ReadCreditNoteHistory, Listing[HistoryEntry]),
    Route("POST", f"{_CREDIT_NOTE_AT}/validation", ValidateCreditNote, Document, 200, _CREDIT_NOTE_AT, {202: Document}),
    Route("GET", _CANCELLATION_AT, ReadCancellation, DocumentView),
    Route("GET", f"{_CANCELLATION_AT}/file", ReadCancellationFile, FileLink),
    Route("GET", f"{_CANCELLATION_AT}/history", ReadCancellationHistory, Listing[HistoryEntry]),
    Route(
        "POST",
        f"{_CANCELLATION_AT}/validation",
        ValidateCancellation,
        Document,
        200,
        _CANCELLATION_AT,
        {202: Document},
    ),
)
