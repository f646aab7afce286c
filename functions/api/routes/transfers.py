"""Transfers of what is owed to suppliers, and the files that banks execute."""

from __future__ import annotations

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.banking.ordered import StoredTransferOrder, TransferOrderView
from comptoir.banking.payable import ListPayableLines, PayableLine
from comptoir.banking.rejection_commands import RejectTransfers
from comptoir.banking.transfer_commands import (
    GenerateTransfers,
    ListTransferOrders,
    PreviewTransfers,
    ReadTransferFile,
    ReadTransferOrder,
    ReadTransferOrderHistory,
    TransferFileLink,
    TransferPreview,
    WriteTransfers,
)

from ..routing import Route

_ID = "01KASXPZ5CF1A3H9QJ4M7R2W8T"
TRANSFERS_EXAMPLE = {
    "execution_date": "2026-12-01",
    "label": "Fournisseurs novembre",
    "transfers": [{"document": _ID, "line": _ID, "reason": "Facture F-2026-0815"}],
}
REJECTION_EXAMPLE = {"reason": "AC04 Compte clos"}
_AT = "/transfer-orders/{transfer_order}"

ROUTES = (
    Route("GET", "/payable-lines", ListPayableLines, Listing[PayableLine]),
    Route("GET", "/transfer-orders", ListTransferOrders, Listing[TransferOrderView]),
    Route(
        "POST",
        "/transfer-orders",
        GenerateTransfers,
        StoredTransferOrder,
        201,
        "/transfer-orders/{id}",
        {202: StoredTransferOrder},
        example=TRANSFERS_EXAMPLE,
    ),
    Route("POST", "/transfer-orders/preview", PreviewTransfers, TransferPreview, example=TRANSFERS_EXAMPLE),
    Route("GET", _AT, ReadTransferOrder, StoredTransferOrder),
    Route("GET", f"{_AT}/history", ReadTransferOrderHistory, Listing[HistoryEntry]),
    Route(
        "POST",
        f"{_AT}/rejections",
        RejectTransfers,
        StoredTransferOrder,
        201,
        "/transfer-orders/{id}",
        {202: StoredTransferOrder},
        example=REJECTION_EXAMPLE,
    ),
    Route("GET", f"{_AT}/file", ReadTransferFile, TransferFileLink),
    Route(
        "POST",
        f"{_AT}/file",
        WriteTransfers,
        StoredTransferOrder,
        201,
        "/transfer-orders/{id}",
        {202: StoredTransferOrder},
    ),
)
