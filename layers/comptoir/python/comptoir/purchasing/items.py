"""How supplier invoices and credit notes lie in the table."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.kernel.money import Money
from comptoir.purchasing.model import Register, SupplierDocument, SupplierDocumentSummary
from comptoir.purchasing.purchase import Purchase, PurchaseSummary
from comptoir.purchasing.received import ReceivedKind
from comptoir.store import keys
from comptoir.store.record import Index, Key, Kind


def _summary(document: SupplierDocument) -> SupplierDocumentSummary:
    own = {name: getattr(document, name) for name in SupplierDocumentSummary.model_fields if hasattr(document, name)}
    amounts = {name: _signed(document, getattr(document.totals, name)) for name in ("net", "vat", "gross")}
    return SupplierDocumentSummary.model_validate(own | amounts | {"differences": len(document.differences)})


def _signed(document: SupplierDocument, amount: Money) -> Money:
    return -amount if document.kind is ReceivedKind.CREDIT_NOTE else amount


RECORDED, CANCELLED = "SUPPLIERDOC", "SUPPLIERCANCEL"
"""Lists by month: of what is recorded, and of what is taken back."""


def _index(company: str, document: SupplierDocument) -> Mapping[int, Index]:
    """By the month in which it is booked and in which it is taken back, in the order of the register; by supplier."""
    place = f"{document.sequence:012d}"
    places = {
        1: keys.by_month(company, RECORDED, f"{document.booked_on:%Y-%m}", place),
        2: keys.by_party(company, document.supplier, RECORDED, place),
    }
    if document.cancelled_on:
        at = f"{document.cancelled_sequence:012d}"
        places[3] = keys.by_month(company, CANCELLED, f"{document.cancelled_on:%Y-%m}", at)
    return places


PURCHASES = "PURCHASES"
"""The list of purchases that no order made."""


def _purchase_summary(purchase: Purchase) -> PurchaseSummary:
    return PurchaseSummary.model_validate(purchase.picked(PurchaseSummary.model_fields))


def _purchase_index(company: str, purchase: Purchase) -> Mapping[int, Index]:
    place = f"{purchase.created_on}#{purchase.id}"
    return {
        1: keys.by_kind(company, PURCHASES, place),
        2: keys.by_party(company, purchase.supplier, PURCHASES, place),
    }


PURCHASE = Kind("purchase", Purchase, summarise=_purchase_summary, index=_purchase_index)
SUPPLIER_DOCUMENT = Kind("supplier_document", SupplierDocument, summarise=_summary, index=_index)
REGISTER = Kind("supplier_register", Register)


def sheet_of(company: str, document: SupplierDocument) -> Key:
    """Where the treasury of a document lies: with its request, else with the invoice that it is or credits."""
    alone = document.origin.document if document.origin else document.id
    return keys.supplier_sheet(company, document.order or document.purchase, document.supplier, alone)
