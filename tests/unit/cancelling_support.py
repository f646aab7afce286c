"""What the tests of cancellations stand on: an invoice cancelled or paid, and its money by status."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from comptoir.invoicing.cancelling import CancelInvoice
from comptoir.invoicing.model import Document
from comptoir.store import keys
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury, TreasuryStatus
from tests.unit.invoicing_support import Shop

TODAY = date(2026, 11, 21)
REASON = "Je n'aurais pas dû facturer"


def cancel(shop: Shop, invoice: Document) -> Document:
    """The draft of a cancellation."""
    return shop.do(CancelInvoice(document=invoice.id, reason=REASON))


def by_status(treasury: Treasury) -> dict[str, Decimal]:
    """What the lines of each status come to."""
    found: dict[str, Decimal] = {}
    for one in treasury.lines:
        found[one.status.value] = found.get(one.status.value, Decimal(0)) + one.amount.amount
    return found


def pay(shop: Shop, invoice: Document) -> None:
    """Have the lines of an invoice paid, as a payment leaves them."""
    company = shop.world.company
    key = keys.order_treasury(company, invoice.order) if invoice.order else keys.document_treasury(company, invoice.id)

    def work(tx: object) -> None:
        sheet = shop.treasury(key)
        lines = [
            one.change(status=TreasuryStatus.PAID, actual_date=TODAY, payment=shop.customer.id)
            if one.document == invoice.id
            else one
            for one in sheet.lines
        ]
        tx.put(TREASURY, key, sheet.change(lines=tuple(lines)))  # type: ignore[attr-defined]

    shop.world.services.store.transact(work)
