"""What lists show of an order (LOG-04)."""

from __future__ import annotations

from datetime import date

from comptoir.catalogue.pricing import Totals
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.orders.model import OrderStatus


class OrderSummary(Model):
    """An order in a list."""

    id: Id
    number: Label
    customer: Id
    customer_name: Line
    customer_reference: Label | None = None
    status: OrderStatus
    sales_operator: Id
    sales_name: Line
    logistics_operator: Id | None = None
    logistics_name: Line | None = None
    tags: tuple[Label, ...] = ()
    created_on: date
    totals: Totals
