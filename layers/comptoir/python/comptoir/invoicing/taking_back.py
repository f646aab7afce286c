"""Whether an invoice may be taken back whole, by a cancellation or by what replaces it (INV-09)."""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.invoicing.holding import balance_of, billing_of, treasury_key
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.errors import Breach
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from comptoir.treasury.settling import uninvoice_breaches

_NAMED = 20
"""Credit notes that a refusal names: the others stand behind them."""


def touched(company: str, invoice: Document) -> list[Key]:
    """What decides whether an invoice may be taken back, and changes when it is."""
    own = [keys.document_balance(company, invoice.id), treasury_key(company, invoice)]
    return [*own, keys.order_billing(company, invoice.order)] if invoice.order else own


def breaches(tx: Transaction, company: str, invoice: Document, by: str | None = None) -> list[Breach]:
    """Why an invoice cannot be taken back by the document `by`: each reason, naming the document that stands for it.

    It is paid, a credit note is deducted from it or drafted on it, a final invoice deducts it, or it is
    taken back already.
    """
    tx.prefetch(touched(company, invoice))
    balance = balance_of(tx, company, invoice.id, invoice.currency)
    found = taken_breaches(tx, company, invoice, balance.closed_by if balance.closed_by != by else None)
    found += _credited(tx, company, balance.documents[:_NAMED])
    sheet = tx.get(TREASURY, treasury_key(company, invoice)) or Treasury()
    known = {breach.code for breach in found}
    found += [breach for breach in uninvoice_breaches(sheet.lines, invoice.id) if breach.code not in known]
    if invoice.order:
        payments = billing_of(tx, company, invoice.order).down_payments
        finals = next((payment.finals for payment in payments if payment.document == invoice.id), ())
        found += [
            _breach(
                "down_payment_deducted",
                "Une facture finale déduit cet acompte.",
                "A final invoice deducts this down payment.",
                f"/invoices/{final}",
            )
            for final in finals
        ]
    return found


def taken_breaches(tx: Transaction, company: str, invoice: Document, closed_by: str | None) -> list[Breach]:
    """Why nothing more is drafted on an invoice: it is taken back, or about to be."""
    if closed_by is None:
        return []
    document = tx.require(DOCUMENT, keys.document(company, closed_by))
    if invoice.cancelled_by:
        fr, en = f"La facture est annulée par {document.number}.", f"The invoice is cancelled by {document.number}."
        return [_breach("invoice_cancelled", fr, en, address(document))]
    fr = "Un brouillon d'annulation ou de remplacement existe pour cette facture."
    en = "A draft of a cancellation or a replacement exists for this invoice."
    return [_breach("invoice_being_cancelled", fr, en, address(document))]


def address(document: Document) -> str:
    """Where the API shows a document."""
    return place_of(document.kind, document.id)


def place_of(kind: DocumentKind, document: str) -> str:
    """Where the API shows a document of a kind."""
    return f"/{_PLACES[kind]}/{document}"


_PLACES = {
    DocumentKind.INVOICE: "invoices",
    DocumentKind.CREDIT_NOTE: "credit-notes",
    DocumentKind.CANCELLATION: "cancellations",
}


def _credited(tx: Transaction, company: str, notes: Sequence[str]) -> list[Breach]:
    places = [keys.document(company, note) for note in notes]
    tx.prefetch(places)
    found = []
    for place in places:
        note = tx.require(DOCUMENT, place)
        told = f"{note.totals.gross.amount} {note.currency}"
        if note.number:
            fr, en = f"L'avoir {note.number} porte sur la facture.", f"Credit note {note.number} credits the invoice."
        else:
            fr = f"Un brouillon d'avoir de {told} porte sur la facture."
            en = f"A draft credit note of {told} credits the invoice."
        found.append(_breach("invoice_credited", fr, en, address(note)))
    return found


def _breach(code: str, fr: str, en: str, link: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, link=link)
