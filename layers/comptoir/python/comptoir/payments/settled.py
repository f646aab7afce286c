"""Documents as payments see them, whichever side they are of (TRS-03, CRN-13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from comptoir.invoicing.holding import treasury_key
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.credits import Place
from comptoir.treasury.model import Side
from comptoir.treasury.payment import Allocation


@dataclass(frozen=True)
class Settled:
    """A document that money settles: whose it is, and the `sheet` of treasury lines of its request.

    `place` is that request, `credited` the invoice that a credit note credits, `cancelled` says, in French and in
    English, that it is no longer owed.
    """

    id: Id
    number: str
    side: Side
    party: Id
    party_name: str
    currency: str
    sheet: Key
    place: Place
    credit_note: bool = False
    credited: Id | None = None
    cancelled: tuple[str, str] | None = None

    def moves(self, amount: Money) -> Money:
        """The money that moves when so much of it is settled: positive when it comes in."""
        comes_in = (self.side is Side.CUSTOMER) is not self.credit_note
        return amount if comes_in else -amount

    def allocation(self, amount: Money) -> Allocation:
        """What is settled of it, `amount` without sign."""
        return Allocation(
            document=self.id,
            number=self.number,
            order=self.place.order,
            order_number=self.place.order_number,
            purchase=self.place.purchase,
            credited=self.credited,
            amount=self.moves(amount),
        )


def issued_documents(tx: Transaction, company: str, wanted: Iterable[Id]) -> dict[Id, Settled]:
    """The issued invoices and credit notes among the identifiers, their requests' treasury read along, in two reads."""
    places = {each: keys.document(company, each) for each in wanted}
    tx.prefetch(list(places.values()))
    read = [document for key in places.values() if (document := tx.get(DOCUMENT, key))]
    found = [document for document in read if document.issued and document.kind is not DocumentKind.CANCELLATION]
    orders = [keys.order(company, document.order) for document in found if document.order]
    tx.prefetch([*(treasury_key(company, document) for document in found), *orders])
    return {document.id: _of_customer(company, document) for document in found}


def _of_customer(company: str, document: Document) -> Settled:
    return Settled(
        id=document.id,
        number=document.number or "",
        side=Side.CUSTOMER,
        party=document.customer,
        party_name=document.customer_name,
        currency=document.currency,
        sheet=treasury_key(company, document),
        place=Place(document.order, document.order_number),
        credit_note=document.kind is DocumentKind.CREDIT_NOTE,
        credited=document.origin.document if document.origin else None,
        cancelled=_cancelled(document.cancelled_by.number) if document.cancelled_by else None,
    )


def _cancelled(number: str) -> tuple[str, str]:
    return f"Cette facture est annulée par {number}.", f"This invoice is cancelled by {number}."
