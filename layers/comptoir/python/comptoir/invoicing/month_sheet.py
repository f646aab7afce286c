"""The list of a month as rows of a file: one for each document and VAT rate, and one for each total (INV-10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from comptoir.catalogue.pricing import VatRow
from comptoir.invoicing.month_view import MonthDocument, MonthState
from comptoir.invoicing.months import MonthTotals
from comptoir.invoicing.snapshot import DocumentKind, InvoiceType
from comptoir.kernel.cells import as_date, as_number
from comptoir.kernel.table import Column

COLUMNS = (
    Column("number", "Numéro", "Number"),
    Column("issue_date", "Date", "Date", as_date),
    Column("kind", "Type", "Type"),
    Column("customer_name", "Client", "Customer"),
    Column("currency", "Devise", "Currency"),
    Column("category", "Catégorie de TVA", "VAT category"),
    Column("rate", "Taux de TVA", "VAT rate", as_number),
    Column("base", "Base HT", "Base without VAT", as_number),
    Column("vat", "TVA", "VAT", as_number),
    Column("gross", "TTC du document", "Document with VAT", as_number),
    Column("state", "État", "State"),
    Column("open", "Reste dû", "Open", as_number),
    Column("paid", "Réglé", "Paid", as_number),
    Column("credited", "Avoirs", "Credited", as_number),
    Column("cancelled_by", "Annulée par", "Cancelled by"),
    Column("file", "Fichier", "File"),
)
TOTAL_COLUMNS = (
    Column("currency", "Devise", "Currency"),
    Column("category", "Catégorie de TVA", "VAT category"),
    Column("rate", "Taux de TVA", "VAT rate", as_number),
    Column("base", "Base HT", "Base without VAT", as_number),
    Column("vat", "TVA", "VAT", as_number),
)
_KINDS = {DocumentKind.CREDIT_NOTE: "Avoir", DocumentKind.CANCELLATION: "Annulation"}
_TYPES = {
    InvoiceType.STANDARD: "Facture",
    InvoiceType.DOWN_PAYMENT: "Facture d'acompte",
    InvoiceType.FINAL: "Facture finale",
    InvoiceType.REPLACEMENT: "Facture de remplacement",
}
_STATES = {
    MonthState.CANCELLED: "Annulée",
    MonthState.SETTLED: "Soldé",
    MonthState.PARTLY: "Soldé en partie",
    MonthState.OPEN: "Ouvert",
}
Row = dict[str, Any]


def rows_of(document: MonthDocument, file: str) -> Iterator[Row]:
    """The rows of a document, one for each rate; what an invoice that is replaced had charged is taken off.

    Amounts of the whole document stand in its first row alone, so that columns can be summed.
    """
    summary = document.document
    kind = _KINDS.get(summary.kind) or _TYPES[summary.invoice_type]
    own = {
        "number": summary.number,
        "issue_date": f"{summary.issue_date}",
        "customer_name": summary.customer_name,
        "currency": summary.gross.currency,
        "file": file,
    }
    whole = {
        "gross": f"{summary.gross.amount}",
        "state": _STATES[document.state],
        "cancelled_by": summary.cancelled_by,
    }
    if summary.settlement:
        whole |= {name: f"{getattr(summary.settlement, name).amount}" for name in ("open", "paid", "credited")}
    for number, row in enumerate(summary.rows or (None,)):
        yield {**own, "kind": kind, **_rate(row, 1), **(whole if number == 0 else {})}
    for row in summary.replaced:
        yield {**own, "kind": "Reprise de la facture remplacée", **_rate(row, -1)}


def _rate(row: VatRow | None, sign: int) -> Row:
    if row is None:
        return {}
    told = {"category": row.category.value, "rate": f"{row.rate:f}"}
    return {**told, "base": f"{sign * row.base.amount}", "vat": f"{sign * row.vat.amount}"}


def total_rows(totals: MonthTotals) -> Iterator[Row]:
    """The totals of a month, a row for each rate."""
    for row in totals.rows:
        yield {
            "currency": row.currency,
            "category": row.category.value,
            "rate": f"{row.rate:f}",
            "base": f"{row.base.amount}",
            "vat": f"{row.vat.amount}",
        }
