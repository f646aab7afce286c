"""Supplier requests: of an order, of a supplier, and undoing what confirmed them."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.docbase.previewing import Preview
from comptoir.orders.model import Order
from comptoir.orders.outside import SetSupplierOutsideLines
from comptoir.orders.purchase_order import PurchaseOrderLink, PurchaseOrderView
from comptoir.orders.purchasing import (
    IssuePurchaseOrder,
    ListPurchaseOrders,
    PreviewPurchaseOrder,
    ReadPurchaseOrder,
)
from comptoir.orders.supplier_commands import AddSupplierRequest, SetSupplierLines, UpdateSupplierRequest
from comptoir.orders.supplier_model import Ordered, SupplierRequest, SupplierRequestSummary
from comptoir.orders.supplier_queries import (
    ListPartyRequests,
    ListSupplierRequests,
    PurchaseLines,
    ReadOrdered,
    ReadSupplierLines,
    ReadSupplierRequest,
    ReadSupplierTreasury,
)
from comptoir.orders.undo import UndoConfirmation
from comptoir.treasury.settling import TreasuryView

from ..routing import Route

_TERMS = [{"percentage": "100", "milestone": "etd", "steps": [{"days": 30}]}]
_HEAD = {"contact": "Li Wei", "language": "en", "incoterm": "FOB", "incoterm_place": "Shanghai", "terms": _TERMS}
_COST = {"kind": "transport", "designation": "Fret maritime", "quantity": "1", "unit": "forfait", "unit_price": "1800"}
_DUTY = {"label": "Droits de douane", "amount": {"amount": "310.00", "currency": "USD"}, "forecast_date": "2027-02-15"}
_REQUEST = "/orders/{order}/supplier-requests/{supplier}"

ROUTES = (
    Route("GET", "/orders/{order}/supplier-requests", ListSupplierRequests, Listing[SupplierRequest]),
    Route(
        "POST",
        "/orders/{order}/supplier-requests",
        AddSupplierRequest,
        SupplierRequest,
        201,
        _REQUEST,
        example={"supplier": "01KASXPZ5CF1A3H9QJ4M7R2W8S", "lines": [_COST]},
    ),
    Route("GET", _REQUEST, ReadSupplierRequest, SupplierRequest),
    Route("PATCH", _REQUEST, UpdateSupplierRequest, SupplierRequest, example=_HEAD),
    Route("GET", f"{_REQUEST}/lines", ReadSupplierLines, PurchaseLines),
    Route("PUT", f"{_REQUEST}/lines", SetSupplierLines, SupplierRequest, example={"lines": [_COST]}),
    Route("GET", f"{_REQUEST}/treasury", ReadSupplierTreasury, TreasuryView),
    Route("PUT", f"{_REQUEST}/treasury/outside", SetSupplierOutsideLines, TreasuryView, example={"lines": [_DUTY]}),
    Route("GET", f"{_REQUEST}/purchase-orders", ListPurchaseOrders, Listing[PurchaseOrderView]),
    Route(
        "POST",
        f"{_REQUEST}/purchase-orders",
        IssuePurchaseOrder,
        PurchaseOrderView,
        201,
        f"{_REQUEST}/purchase-orders/{{version}}/file",
        {202: PurchaseOrderView},
        example={"comment": "Envoyé par courriel"},
    ),
    Route("GET", f"{_REQUEST}/purchase-orders/preview", PreviewPurchaseOrder, Preview),
    Route("GET", f"{_REQUEST}/purchase-orders/{{version}}/file", ReadPurchaseOrder, PurchaseOrderLink),
    Route(
        "POST",
        "/orders/{order}/confirmation/undo",
        UndoConfirmation,
        Order,
        example={"reason": "Prix à revoir"},
    ),
    Route("GET", "/parties/{party}/supplier-requests", ListPartyRequests, Listing[SupplierRequestSummary]),
    Route("GET", "/parties/{party}/ordered", ReadOrdered, Ordered),
)
