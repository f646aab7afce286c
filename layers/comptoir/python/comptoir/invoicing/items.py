"""How invoices and credit notes lie in the table."""

from __future__ import annotations

from collections.abc import Mapping

from comptoir.invoicing.balances import Balance, Billing
from comptoir.invoicing.deductions import charged
from comptoir.invoicing.model import Document, DocumentStatus, DocumentSummary, Refusal
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.money import Money
from comptoir.store import keys
from comptoir.store.record import Index, Kind

DUE_ARCHIVE = "archive"
"""Work that heals: documents numbered whose PDF is not archived yet."""


def signed(kind: DocumentKind, amount: Money) -> Money:
    """An amount as it is shown: a credit note's or a cancellation's is negative (CRN-02, INV-09)."""
    return amount if kind.sign > 0 else -amount


def _summary(document: Document) -> DocumentSummary:
    totals, sign = charged(document.totals, document.deductions), document.kind.sign
    return DocumentSummary(
        id=document.id,
        kind=document.kind,
        invoice_type=document.invoice_type,
        status=document.status,
        number=document.number,
        issue_date=document.issue_date,
        created_on=document.created_on,
        customer=document.customer,
        customer_name=document.customer_name,
        order=document.order,
        net=signed(document.kind, totals.net),
        vat=signed(document.kind, totals.vat),
        gross=signed(document.kind, totals.gross),
        rows=totals.rows if sign > 0 else tuple(row.change(base=-row.base, vat=-row.vat) for row in totals.rows),
        replaced=document.replaced,
        cancelled_by=document.cancelled_by.number if document.cancelled_by else None,
        origin=document.origin.document if document.origin else None,
    )


def _index(company: str, document: Document) -> Mapping[int, Index]:
    if document.status is DocumentStatus.DELETED:
        return {}
    if document.test:
        return {1: keys.by_month(company, "TESTS", f"{document.created_on:%Y-%m}", document.id)}
    if not document.issued:
        return {
            1: keys.by_month(company, "DRAFTS", f"{document.created_on:%Y-%m}", document.id),
            2: keys.by_party(company, document.customer, "DOC", document.id),
        }
    places = {
        1: keys.by_month(company, "DOC", f"{document.issue_date:%Y-%m}", f"{document.sequence:012d}"),
        2: keys.by_party(company, document.customer, "DOC", document.id),
    }
    if document.status is DocumentStatus.ISSUED:
        places[3] = keys.due(DUE_ARCHIVE, company, f"{document.issue_date}#{company}#{document.id}")
    return places


DOCUMENT = Kind("document", Document, summarise=_summary, index=_index)
BALANCE = Kind("balance", Balance)
BILLING = Kind("billing", Billing)
REFUSAL = Kind("refusal", Refusal)
TEST = Kind("test_content", Snapshot)
