"""How supplier invoices and credit notes lie in the table."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.kernel.money import Money
from comptoir.purchasing.model import Register, SupplierDocument, SupplierDocumentSummary
from comptoir.purchasing.received import ReceivedKind
from comptoir.store import keys
from comptoir.store.record import Index, Kind


def _summary(document: SupplierDocument) -> SupplierDocumentSummary:
    own = {name: getattr(document, name) for name in SupplierDocumentSummary.model_fields if hasattr(document, name)}
    amounts = {name: _signed(document, getattr(document.totals, name)) for name in ("net", "vat", "gross")}
    return SupplierDocumentSummary.model_validate(own | amounts | {"differences": len(document.differences)})


def _signed(document: SupplierDocument, amount: Money) -> Money:
    return -amount if document.kind is ReceivedKind.CREDIT_NOTE else amount


def _index(company: str, document: SupplierDocument) -> Mapping[int, Index]:
    """By the month in which it is booked, in the order of recording; by supplier."""
    place = f"{document.sequence:012d}"
    return {
        1: keys.by_month(company, "SUPPLIERDOC", f"{document.booked_on:%Y-%m}", place),
        2: keys.by_party(company, document.supplier, "SUPPLIERDOC", place),
    }


SUPPLIER_DOCUMENT = Kind("supplier_document", SupplierDocument, summarise=_summary, index=_index)
REGISTER = Kind("supplier_register", Register)
