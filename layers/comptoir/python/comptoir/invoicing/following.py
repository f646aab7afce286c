"""What an order learns of its invoices: the date of the first one (LOG-01).

It follows the issue in a transaction of its own, made again until it is done: an issue has room for three
items a document, and the order, its actions and its supplier requests are many more.
"""

from __future__ import annotations

from datetime import date

from comptoir.access.acting import by_itself
from comptoir.access.context import Services
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind, InvoiceType
from comptoir.orders.dating import date_actual
from comptoir.orders.items import ORDER
from comptoir.orders.model import INVOICE
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury


def date_order(services: Services, company: str, document: str) -> None:
    """Date the milestone « Facture » of a document's order by its invoices as they stand; safe to do twice."""

    def work(tx: Transaction) -> None:
        issued = tx.require(DOCUMENT, keys.document(company, document))
        if issued.order is None:
            return
        order_key, sheet_key = keys.order(company, issued.order), keys.order_treasury(company, issued.order)
        tx.prefetch([order_key, sheet_key, keys.order_agenda(company, issued.order)])
        day = _first(tx, company, issued, sheet_key)
        date_actual(tx, by_itself(services, company), tx.require(ORDER, order_key), INVOICE, day, "invoiced")

    services.store.transact(work, [keys.document(company, document)])


def _first(tx: Transaction, company: str, issued: Document, sheet_key: Key) -> date | None:
    """The date of the first invoice of an order that stands; down payments come before it."""
    sheet = tx.get(TREASURY, sheet_key) or Treasury()
    known = {issued.id, *(line.document for line in sheet.lines if line.document)}
    places = [keys.document(company, each) for each in sorted(known)]
    tx.prefetch(places)
    days = (found.issue_date for place in places if (found := tx.get(DOCUMENT, place)) and _stands(found, issued))
    return min((day for day in days if day), default=None)


def _stands(document: Document, issued: Document) -> bool:
    invoice = document.kind is DocumentKind.INVOICE and document.invoice_type is not InvoiceType.DOWN_PAYMENT
    return invoice and document.order == issued.order and document.cancelled_by is None
