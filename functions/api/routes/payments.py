"""Payments and what reverses them; those of customers, their credit notes deducted or paid back; rates of lines."""

from __future__ import annotations

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.payments import rates
from comptoir.payments.commands import RecordPayment, RefundCreditNote, ReversePayment
from comptoir.payments.deducting import DeductCreditNote
from comptoir.payments.queries import (
    ListAvailableCredits,
    ListOpen,
    ListPartyPayments,
    ListPayments,
    ReadInvoiceTreasury,
    ReadPayment,
    ReadPaymentHistory,
)
from comptoir.treasury.model import OpenRequest, Treasury
from comptoir.treasury.payment import Payment, PaymentSummary
from comptoir.treasury.settling import TreasuryView

from ..routing import Route

_ID = "01KASXPZ5CF1A3H9QJ4M7R2W8T"
_IBAN = "FR7630006000011234567890189"
PAYMENT_EXAMPLE = {
    "customer": _ID,
    "date": "2026-11-20",
    "amount": {"amount": "1000.00", "currency": "EUR"},
    "means": "cheque",
    "bank_account": _IBAN,
    "reference": "CHQ 0012345",
    "allocations": [{"invoice": _ID, "amount": "1000.00"}],
}
REFUND_EXAMPLE = {"date": "2026-11-20", "amount": "12.50", "bank_account": _IBAN, "reference": "VIR 77"}
DEDUCTION_EXAMPLE = {"invoice": _ID, "amount": "12.50"}
RATE_EXAMPLE = {"rate": {"base": "EUR", "quote": "USD", "rate": "1.0876", "date": "2026-11-20", "source": "BCE"}}
_LIST, _PAYMENT_AT = Listing[PaymentSummary], "/payments/{payment}"
_CREDIT_NOTE_AT = "/credit-notes/{credit_note}"
_ORDER_LINE = "/orders/{order}/treasury/lines/{line}"
_SUPPLIER_LINE = "/orders/{order}/supplier-requests/{supplier}/treasury/lines/{line}"
_INVOICE_LINE = "/invoices/{invoice}/treasury/lines/{line}"

ROUTES = (
    Route("GET", "/payments", ListPayments, _LIST),
    Route("POST", "/payments", RecordPayment, Payment, 201, "/payments/{id}", example=PAYMENT_EXAMPLE),
    Route("GET", _PAYMENT_AT, ReadPayment, Payment),
    Route("GET", f"{_PAYMENT_AT}/history", ReadPaymentHistory, Listing[HistoryEntry]),
    Route(
        "POST",
        f"{_PAYMENT_AT}/reversal",
        ReversePayment,
        Payment,
        201,
        "/payments/{id}",
        example={"date": "2026-11-21", "reason": "Chèque sans provision"},
    ),
    Route(
        "POST", f"{_CREDIT_NOTE_AT}/refunds", RefundCreditNote, Payment, 201, "/payments/{id}", example=REFUND_EXAMPLE
    ),
    Route(
        "POST",
        f"{_CREDIT_NOTE_AT}/deductions",
        DeductCreditNote,
        Payment,
        201,
        "/payments/{id}",
        example=DEDUCTION_EXAMPLE,
    ),
    Route("GET", "/parties/{party}/payments", ListPartyPayments, _LIST),
    Route("GET", "/parties/{party}/open-requests", ListOpen, Listing[OpenRequest]),
    Route("GET", "/parties/{party}/available-credits", ListAvailableCredits, Listing[OpenRequest]),
    Route("GET", "/invoices/{invoice}/treasury", ReadInvoiceTreasury, TreasuryView),
    Route("PUT", f"{_ORDER_LINE}/rate", rates.SetOrderRate, Treasury, example=RATE_EXAMPLE),
    Route("PUT", f"{_SUPPLIER_LINE}/rate", rates.SetSupplierRate, Treasury, example=RATE_EXAMPLE),
    Route("PUT", f"{_INVOICE_LINE}/rate", rates.SetInvoiceRate, Treasury, example=RATE_EXAMPLE),
    Route("POST", f"{_ORDER_LINE}/certification", rates.CertifyOrderRate, Treasury),
    Route("POST", f"{_SUPPLIER_LINE}/certification", rates.CertifySupplierRate, Treasury),
    Route("POST", f"{_INVOICE_LINE}/certification", rates.CertifyInvoiceRate, Treasury),
)
