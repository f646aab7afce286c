"""Purchases that no customer's order made, from draft to received."""

from __future__ import annotations

from comptoir.access.queries import Listing
from comptoir.docbase.previewing import Preview
from comptoir.orders.purchase_order import PurchaseOrderLink, PurchaseOrderView
from comptoir.purchasing.buying import (
    CancelPurchase,
    OpenPurchase,
    ReceivePurchase,
    SetPurchaseLines,
    UpdatePurchase,
    ValidatePurchase,
)
from comptoir.purchasing.ordering import (
    ListPartyPurchases,
    ListPurchases,
    OrderPurchase,
    PreviewPurchase,
    ReadPurchase,
    ReadPurchaseOrderFile,
    ReadPurchaseTreasury,
)
from comptoir.purchasing.purchase import Purchase, PurchaseSummary
from comptoir.treasury.model import Treasury

from ..routing import Route

_LINE = {"designation": "Cartons 60 × 40", "kind": "goods", "quantity": "200", "unit_price": "0.85"}
PURCHASE_EXAMPLE = {"supplier": "01KASXPZ5CF1A3H9QJ4M7R2W8T", "lines": [_LINE]}
_AT = "/purchases/{purchase}"
_ORDERS = f"{_AT}/purchase-orders"
_LIST = Listing[PurchaseSummary]

ROUTES = (
    Route("GET", "/purchases", ListPurchases, _LIST),
    Route("POST", "/purchases", OpenPurchase, Purchase, 201, "/purchases/{id}", example=PURCHASE_EXAMPLE),
    Route("GET", _AT, ReadPurchase, Purchase),
    Route("PATCH", _AT, UpdatePurchase, Purchase, example={"message": "Livraison à quai"}),
    Route("PUT", f"{_AT}/lines", SetPurchaseLines, Purchase, example={"lines": [_LINE]}),
    Route("POST", f"{_AT}/validation", ValidatePurchase, Purchase, example={"below_minimum": "Échantillon"}),
    Route("POST", f"{_AT}/receipt", ReceivePurchase, Purchase, example={"received_on": "2026-11-20"}),
    Route("POST", f"{_AT}/cancellation", CancelPurchase, Purchase, example={"reason": "Plus besoin"}),
    Route("GET", f"{_AT}/treasury", ReadPurchaseTreasury, Treasury),
    Route("GET", f"{_AT}/preview", PreviewPurchase, Preview),
    Route(
        "POST",
        _ORDERS,
        OrderPurchase,
        PurchaseOrderView,
        202,
        f"{_ORDERS}/{{version}}",
        {201: PurchaseOrderView},
        example={"comment": "Envoyé par courriel"},
    ),
    Route("GET", f"{_ORDERS}/{{version}}", ReadPurchaseOrderFile, PurchaseOrderLink),
    Route("GET", "/parties/{party}/purchases", ListPartyPurchases, _LIST),
)
