"""What the tests of large transfer orders stand on: two transfers held at once, so that a few are many."""

from __future__ import annotations

import pytest

from comptoir.access.items import HISTORY
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.banking.ordered import TransferOrderView
from comptoir.banking.transfer_commands import ListTransferOrders
from comptoir.purchasing.items import sheet_of
from comptoir.purchasing.model import SupplierDocument
from comptoir.store import keys
from comptoir.store.backend import Query
from tests.unit.counter_support import Counter, open_counter
from tests.unit.transfer_support import Treasurer, held_at_once

FEW = 5
"""Transfers of an order that is large where two are held at once: three parts."""


def open_large(patch: pytest.MonkeyPatch) -> Counter:
    """A company in which one transaction holds two transfers."""
    held_at_once(patch, 2)
    return open_counter()


def invoices(treasurer: Treasurer, code: str = "HANSE") -> list[SupplierDocument]:
    """Invoices of one supplier that make a large order."""
    supplier = treasurer.supplier(code)
    return [treasurer.invoice(supplier, f"F-{number}", f"{number + 1}0.00") for number in range(FEW)]


def only(treasurer: Treasurer) -> TransferOrderView:
    """The one order that there is."""
    [listed] = treasurer.world.do(Listing[TransferOrderView], ListTransferOrders()).items
    return listed


def frozen(treasurer: Treasurer, documents: list[SupplierDocument]) -> list[str]:
    """The orders that hold the lines of these documents."""
    lines = [line for document in documents for line in treasurer.lines(document)]
    return [line.transfer.order for line in lines if line.transfer]


def history(treasurer: Treasurer, document: SupplierDocument, event: str) -> list[HistoryEntry]:
    """What happened of this kind to the sheet of a document."""
    query = Query(pk=sheet_of(treasurer.world.company, document).pk, prefix=keys.HISTORY)
    found = [HISTORY.load(record) for record in treasurer.world.services.store.records(query)]
    return [entry for entry in found if entry.event == event]
