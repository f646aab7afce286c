"""Exchange rates of what is owed to a supplier (TRS-05)."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.kernel.ids import Id
from comptoir.payments.rates import CertifyRate, OfLine, SetRate
from comptoir.purchasing.items import SUPPLIER_DOCUMENT, sheet_of
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY


class OfSupplierDocument(OfLine):
    """A line of the request of a supplier's document."""

    document: Id

    def sheet(self, tx: Transaction, company: str) -> Key:
        return sheet_of(company, tx.require(SUPPLIER_DOCUMENT, keys.supplier_document(company, self.document)))


class SetSupplierDocumentRate(OfSupplierDocument, SetRate):
    """Set the exchange rate of a line of a supplier document's treasury (TRS-05)."""


class CertifySupplierDocumentRate(OfSupplierDocument, CertifyRate):
    """Certify the exchange rate of a line of a supplier document's treasury (TRS-05)."""


class ReadSupplierDocumentTreasury(Query):
    """The money of the request of a supplier's document, with the version to change its rates."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES

    document: Id

    def read(self, ctx: Context) -> Reply:
        store = ctx.services.store
        document = store.require(SUPPLIER_DOCUMENT, keys.supplier_document(ctx.company, self.document)).value
        sheet = store.require(TREASURY, sheet_of(ctx.company, document))
        return Reply.of(sheet.value, sheet.version)
