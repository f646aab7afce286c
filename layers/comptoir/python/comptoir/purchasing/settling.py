"""What is owed to suppliers, settled: paid, covered by their credit notes, or given back by them (TRS-03, CRN-13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.kernel.ids import Id
from comptoir.orders.items import ORDER, SUPPLIER
from comptoir.payments.deducting import Deducting, Target
from comptoir.payments.paying import Paying, Refunding
from comptoir.payments.rules import InvoicePart
from comptoir.payments.settled import Settled
from comptoir.payments.settling import OfSide
from comptoir.purchasing.items import SUPPLIER_DOCUMENT, sheet_of
from comptoir.purchasing.model import SupplierDocument, SupplierStatus
from comptoir.purchasing.received import ReceivedKind
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.credits import Place
from comptoir.treasury.model import Side

MAX_INVOICES = 15
"""Invoices of suppliers that are paid together: with their orders, and a payment each, they fit one transaction.

As long as these orders stay open: each that the payment completes changes more, and is refused by name where all of
it is too much.
"""
Parts = Annotated[tuple[InvoicePart, ...], Field(min_length=1, max_length=MAX_INVOICES)]
_CANCELLED = ("Ce document est annulé.", "This document is cancelled.")


class OfSuppliers(OfSide):
    """Commands on recorded invoices and credit notes of suppliers."""

    side: ClassVar[Side] = Side.SUPPLIER

    @staticmethod
    def document_key(company: str, document: Id) -> Key:
        return keys.supplier_document(company, document)

    @staticmethod
    def documents(tx: Transaction, company: str, wanted: Iterable[Id]) -> Mapping[Id, Settled]:
        return recorded_documents(tx, company, wanted)


def recorded_documents(tx: Transaction, company: str, wanted: Iterable[Id]) -> dict[Id, Settled]:
    """The recorded documents among the identifiers, their requests' treasury and orders read along, in two reads."""
    places = [keys.supplier_document(company, each) for each in wanted]
    tx.prefetch(places)
    found = [document for key in places if (document := tx.get(SUPPLIER_DOCUMENT, key))]
    orders = [keys.order(company, document.order) for document in found if document.order]
    tx.prefetch([*(sheet_of(company, document) for document in found), *orders])
    return {document.id: _settled(company, document) for document in found}


def _settled(company: str, document: SupplierDocument) -> Settled:
    return Settled(
        id=document.id,
        number=document.number,
        side=Side.SUPPLIER,
        party=document.supplier,
        party_name=document.supplier_name,
        currency=document.currency,
        sheet=sheet_of(company, document),
        place=Place(document.order, document.order_number, document.purchase),
        credit_note=document.kind is ReceivedKind.CREDIT_NOTE,
        credited=document.origin.document if document.origin else None,
        cancelled=_CANCELLED if document.status is SupplierStatus.CANCELLED else None,
    )


class RecordSupplierPayment(OfSuppliers, Paying):
    """Record money paid to a supplier, for one or several of its invoices (TRS-03).

    The sum of `allocations` is the amount, to the cent. A line that is paid in part is split; one that a transfer
    pays waits for the bank. Errors: `LineTransferred`, `Refused` with everything that is wrong, `PeriodClosed`.
    """

    event: ClassVar[str] = "supplier_payment_recorded"

    supplier: Id
    allocations: Parts

    def party(self) -> Id:
        return self.supplier


class RefundSupplierCreditNote(OfSuppliers, Refunding):
    """Record that a supplier paid back what is left of a credit note, or a part of it (TRS-03, CRN-13).

    Errors: `NotFound`, `CreditNoteUsed`, `Refused` with everything that is wrong, `PeriodClosed`.
    """

    event: ClassVar[str] = "supplier_credit_note_refunded"


class DeductSupplierCreditNote(OfSuppliers, Deducting):
    """Deduct a supplier's credit note from what is owed to the same supplier, in the same currency (CRN-13).

    All that is left of it by default. Of an order the oldest due dates are covered first, whatever the invoice;
    `invoice` chooses one; what a transfer pays is left out. Errors: `NotFound`, `CreditNoteUsed` (never twice),
    `Refused` with everything that is wrong, `PeriodClosed`.
    """

    event: ClassVar[str] = "supplier_credit_note_deducted"

    def of_order(self, tx: Transaction, ctx: Context, order: Id, note: Settled) -> Target | None:
        places = [keys.order(ctx.company, order), keys.supplier_request(ctx.company, order, note.party)]
        sheet = keys.supplier_treasury(ctx.company, order, note.party)
        tx.prefetch([*places, sheet])
        found, request = tx.get(ORDER, places[0]), tx.get(SUPPLIER, places[1])
        if found is None or request is None:
            return None
        return Target(sheet, Place(found.id, found.number), note.party, request.currency, "/order")
