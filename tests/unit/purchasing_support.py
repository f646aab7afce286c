"""What the tests of supplier documents stand on: an order desk whose suppliers send invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from comptoir.orders.model import Order
from comptoir.parties.model import Party
from comptoir.purchasing.cancelling import CancelSupplierDocument
from comptoir.purchasing.commands import RecordSupplierCreditNote, RecordSupplierInvoice
from comptoir.purchasing.items import sheet_of
from comptoir.purchasing.model import SupplierDocument, SupplierLineFields
from comptoir.purchasing.queries import ReadSupplierDocument, SupplierDocumentView
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from tests.unit.suppliers_support import Trade, open_trade
from tests.world import World, open_world

TODAY = date(2026, 11, 21)
TRANSPORT = {"designation": "Transport", "kind": "transport", "quantity": "1"}


def item(price: str, **fields: Any) -> SupplierLineFields:
    """A line of a supplier's invoice."""
    return SupplierLineFields.model_validate(TRANSPORT | {"unit_price": price} | fields)


@dataclass
class Office(Trade):
    """The trade of a company that records what its suppliers send."""

    @property
    def world(self) -> World:
        """The company."""
        return self.desk.world

    def asked(self, *lines: SupplierLineFields, **fields: Any) -> RecordSupplierInvoice:
        """The request to record an invoice of the French supplier, of 100.00 without VAT by default."""
        given: dict[str, Any] = {"supplier": self.france.id, "number": "F-1", "issue_date": TODAY}
        return RecordSupplierInvoice(lines=lines or (item("100.00"),), **(given | fields))

    def record(self, *lines: SupplierLineFields, **fields: Any) -> SupplierDocument:
        """A recorded invoice."""
        return self.world.do(SupplierDocument, self.asked(*lines, **fields), "purchasing")

    def credit(self, invoice: SupplierDocument, *lines: SupplierLineFields, **fields: Any) -> SupplierDocument:
        """A recorded credit note on an invoice."""
        given: dict[str, Any] = {
            "supplier": invoice.supplier,
            "invoice": invoice.id,
            "number": "A-1",
            "issue_date": TODAY,
            "currency": invoice.currency,
            "reason": "Palette manquante",
        }
        request = RecordSupplierCreditNote(lines=lines or (item("10.00"),), **(given | fields))
        return self.world.do(SupplierDocument, request, "purchasing")

    def cancel(self, document: SupplierDocument, reason: str = "Saisie en double") -> SupplierDocument:
        """The document taken back."""
        reply = self.world.execute_as("purchasing", ReadSupplierDocument(document=document.id))
        request = CancelSupplierDocument(document=document.id, reason=reason)
        return self.world.do(SupplierDocument, request, "purchasing", if_match=reply.version or 0)

    def view(self, document: SupplierDocument) -> SupplierDocumentView:
        """A document and how far it is paid."""
        return self.world.do(SupplierDocumentView, ReadSupplierDocument(document=document.id), "accountant")

    def sheet(self, document: SupplierDocument) -> Treasury:
        """The money of a document's request."""
        key = sheet_of(self.world.company, document)
        found = self.world.services.store.get(TREASURY, key)
        return found.value if found else Treasury()

    def lines_of(self, order: Order, supplier: Party, *prices: str | None) -> tuple[SupplierLineFields, ...]:
        """The products of a request as the supplier invoices them, at other prices where they are told."""
        told = [*prices, *(None for _ in range(10))]
        return tuple(
            item(
                price or str(product.unit_price),
                source=product.id,
                designation=product.designation,
                kind=product.kind,
                quantity=str(product.quantity),
                vat_rate="0" if supplier.currency != "EUR" else "20",
            )
            for product, price in zip(self.products(order, supplier), told, strict=False)
        )


def open_office(world: World | None = None) -> Office:
    """An office with two suppliers."""
    trade = open_trade(world or open_world())
    return Office(trade.desk, trade.china, trade.france)


def amounts(sheet: Treasury) -> list[tuple[str, Decimal]]:
    """Status and amount of each line."""
    return sorted((line.status.value, line.amount.amount) for line in sheet.lines)
