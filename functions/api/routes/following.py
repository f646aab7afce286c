"""What follows orders: milestones, routes, tracking, formalities, actions, operators, completion."""

from __future__ import annotations

from comptoir.access.exports import ExportReport
from comptoir.access.model import OperatorSummary
from comptoir.access.queries import Listing, ListTeam
from comptoir.orders.actions import AddAction, CancelAction, CompleteAction, ReadActions, UpdateAction
from comptoir.orders.agenda import AgendaView, DueOrder, Formalities
from comptoir.orders.due import ListDue
from comptoir.orders.exports import ExportOrders
from comptoir.orders.following import (
    AssignOrder,
    CompleteOrder,
    CompleteSupplierRequest,
    LabelOrder,
    SetMilestone,
    SetRoute,
    SetTracking,
)
from comptoir.orders.following_queries import Milestones, OrderMilestones, ReadMilestones, ReadOrderMilestones
from comptoir.orders.formalities import ReadFormalities, SaveFormalities
from comptoir.orders.milestones import SHIPPED, MilestoneSet, SaveMilestones
from comptoir.orders.model import Order
from comptoir.orders.reopening import ReopenOrder, ReopenSupplierRequest
from comptoir.orders.supplier_model import SupplierRequest

from ..routing import Route

_OWN = {"code": "inspection", "label": "Inspection avant embarquement", "label_en": "Pre-shipment inspection"}
_MILESTONES = {"milestones": [*SHIPPED.model_dump(mode="json")["milestones"], _OWN]}
_ORIGIN = {
    "code": "certificate-of-origin",
    "label": "Demander le certificat d'origine",
    "label_en": "Ask for the certificate of origin",
    "when": {"milestone": "etd", "alert_days": -15, "due_days": -5},
    "role": "logistics",
    "countries": ["CN", "US"],
}
_LEG = {
    "origin": "Shanghai",
    "destination": "Le Havre",
    "mode": "sea",
    "carrier": "Armor Lines",
    "departure": {"forecast": "2026-12-03"},
    "arrival": {"forecast": "2027-01-08"},
}
_LINK = {"carrier": "Armor Lines", "number": "MSKU1234565", "url": "https://suivi.example/c?n=MSKU1234565"}
ACTION_EXAMPLE = {
    "label": "Réserver le fret",
    "label_en": "Book the freight",
    "role": "logistics",
    "when": {"milestone": "etd", "alert_days": -20, "due_days": -10},
}
_OPERATORS = {"sales_operator": "01KASXPZ5CF1A3H9QJ4M7R2W8T", "logistics_operator": None}

_REQUEST = "/orders/{order}/supplier-requests/{supplier}"

ROUTES = (
    Route("GET", "/milestones", ReadMilestones, Milestones),
    Route("PUT", "/milestones", SaveMilestones, MilestoneSet, example=_MILESTONES),
    Route("GET", "/formalities", ReadFormalities, Formalities),
    Route("PUT", "/formalities", SaveFormalities, Formalities, example={"formalities": [_ORIGIN]}),
    Route(
        "POST",
        "/orders/exports",
        ExportOrders,
        ExportReport,
        201,
        "/exports/{id}",
        {202: ExportReport},
        example={"format": "xlsx", "filters": {"status": "confirmed"}},
    ),
    Route("GET", "/actions", ListDue, Listing[DueOrder]),
    Route("GET", "/me/team", ListTeam, Listing[OperatorSummary]),
    Route("GET", "/orders/{order}/milestones", ReadOrderMilestones, OrderMilestones),
    Route(
        "PATCH",
        "/orders/{order}/milestones/{milestone}",
        SetMilestone,
        Order,
        example={"forecast": "2027-01-12", "actual": None},
    ),
    Route("PUT", "/orders/{order}/route", SetRoute, Order, example={"route": [_LEG]}),
    Route("PUT", "/orders/{order}/tracking", SetTracking, Order, example={"links": [_LINK]}),
    Route("PATCH", "/orders/{order}/operators", AssignOrder, Order, example=_OPERATORS),
    Route("PATCH", "/orders/{order}/labels", LabelOrder, Order, example={"tags": ["urgent"]}),
    Route("GET", "/orders/{order}/actions", ReadActions, AgendaView),
    Route(
        "POST",
        "/orders/{order}/actions",
        AddAction,
        AgendaView,
        201,
        "/orders/{order}/actions",
        example=ACTION_EXAMPLE,
    ),
    Route("PATCH", "/orders/{order}/actions/{action}", UpdateAction, AgendaView, example=ACTION_EXAMPLE),
    Route("POST", "/orders/{order}/actions/{action}/completion", CompleteAction, AgendaView, example={}),
    Route("POST", "/orders/{order}/actions/{action}/cancellation", CancelAction, AgendaView, example={}),
    Route("POST", "/orders/{order}/reopening", ReopenOrder, Order, example={"reason": "Chèque rejeté"}),
    Route("POST", f"{_REQUEST}/reopening", ReopenSupplierRequest, SupplierRequest, example={}),
    Route("POST", "/orders/{order}/completion", CompleteOrder, Order, example={"reason": "Soldée à l'amiable"}),
    Route(
        "POST",
        f"{_REQUEST}/completion",
        CompleteSupplierRequest,
        SupplierRequest,
        example={},
    ),
)
