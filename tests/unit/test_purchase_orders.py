"""Purchase orders: versions of a supplier request, frozen, filed and linked (CNF-03, DOC-01, DOC-02)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.context import Services
from comptoir.access.queries import Listing
from comptoir.docbase.model import FiledView, FileKind
from comptoir.docbase.previewing import Preview
from comptoir.docbase.queries import ListOrderFiles
from comptoir.orders.model import QuoteStatus
from comptoir.orders.purchase_order import PurchaseOrderLink, PurchaseOrderSnapshot, PurchaseOrderView
from comptoir.orders.purchase_tasks import purchase_order_rendered, purchase_order_to_render
from comptoir.orders.purchasing import IssuePurchaseOrder, ListPurchaseOrders, PreviewPurchaseOrder, ReadPurchaseOrder
from comptoir.orders.supplier_model import SupplierRequest
from tests.unit.orders_support import codes, events, refusal
from tests.unit.suppliers_support import Trade, open_trade
from tests.world import World


@dataclass
class Renderer:
    """Renders as the render function does, with the content for bytes; `down` until it works."""

    trade: Trade
    down: bool = False

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        if task["task"] == "render_preview":
            shown = PurchaseOrderSnapshot.model_validate(task["content"])
            return {"key": f"previews/{shown.version}-{shown.preview}.pdf"}
        if not self.down:
            services: Services = self.trade.desk.world.services
            content = purchase_order_to_render(services, task)
            purchase_order_rendered(services, task, f"purchase-orders/{content.number}.pdf", "0" * 64, 1000)
        return {"outcome": "rendered"}


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


@pytest.fixture
def renderer(trade: Trade) -> Renderer:
    return Renderer(trade)


def confirmed(trade: Trade, renderer: Renderer) -> Any:
    order, _ = trade.confirmed()
    trade.desk.world.services = replace(trade.desk.world.services, renderer=renderer)
    return order


def issue(trade: Trade, order: Any, **fields: Any) -> PurchaseOrderView:
    request = IssuePurchaseOrder(order=order.id, supplier=trade.china.id, **fields)
    return trade.desk.world.do(PurchaseOrderView, request)


def test_a_purchase_order_is_issued_numbered_filed_and_linked(trade: Trade, renderer: Renderer) -> None:
    """CNF-03, DOC-01: in the supplier's language, with a number of its own."""
    order = confirmed(trade, renderer)
    issued = issue(trade, order, comment="Envoyé")
    assert (issued.number, issued.version, issued.status) == (f"BC-{order.number[2:]}-1", 1, QuoteStatus.READY)
    assert (issued.language, str(issued.totals.gross.amount), issued.totals.currency) == ("en", "127.00", "USD")
    link = trade.desk.world.do(PurchaseOrderLink, ReadPurchaseOrder(order=order.id, supplier=trade.china.id, version=1))
    assert link.url == f"https://files.example/purchase-orders/{issued.number}.pdf"
    filed = trade.desk.world.do(Listing[FiledView], ListOrderFiles(order=order.id)).items
    [document] = [each for each in filed if each.kind is FileKind.PURCHASE_ORDER]
    assert (document.title, document.comment) == (f"Purchase order {issued.number}", "Envoyé")
    assert "purchase_order_issued" in events(trade.desk, order)


def test_the_content_is_frozen_with_its_lines(trade: Trade, renderer: Renderer) -> None:
    """Grouped by incoterm in ascending level, at purchase prices; a later change makes another version."""
    order = confirmed(trade, renderer)
    issue(trade, order)
    lines = trade.products(order, trade.china)
    cheaper = trade.send(order, trade.china, lines[0].change(unit_price=Decimal(10)), lines[1])
    trade.desk.world.do(SupplierRequest, cheaper, if_match=trade.version(order, trade.china))
    second = issue(trade, order)
    assert (second.number, second.version) == (f"BC-{order.number[2:]}-1-2", 2)
    own = {"company": trade.desk.world.company, "order": order.id, "supplier": trade.china.id}
    services = trade.desk.world.services
    first, last = (purchase_order_to_render(services, own | {"version": number}) for number in (1, 2))
    assert [(line.designation, line.incoterm, str(line.unit_price)) for line in first.lines] == [
        ("C", "EXW", "4.00"),
        ("A", "FOB", "11.50"),
    ]
    assert (last.replaces, str(last.lines[1].unit_price), str(first.totals.net.amount)) == (
        first.number,
        "10",
        "127.00",
    )
    assert (last.supplier.name, last.contact, last.company.name) == (
        "Shanghai Marine Hardware",
        "Li Wei",
        "COMPTOIR DU PONANT",
    )
    listed = trade.desk.world.do(
        Listing[PurchaseOrderView], ListPurchaseOrders(order=order.id, supplier=trade.china.id)
    )
    assert [each.version for each in listed.items] == [2, 1]


def test_each_supplier_has_numbers_of_its_own(trade: Trade, renderer: Renderer) -> None:
    order = confirmed(trade, renderer)
    request = IssuePurchaseOrder(order=order.id, supplier=trade.france.id)
    assert trade.desk.world.do(PurchaseOrderView, request).number == f"BC-{order.number[2:]}-2"


def test_before_the_confirmation_nothing_is_ordered(trade: Trade) -> None:
    """CNF-03: they can be issued once the order is confirmed."""
    order, _ = trade.quoted()
    error = refusal(trade.desk, IssuePurchaseOrder(order=order.id, supplier=trade.china.id))
    assert (error.status, codes(error)) == (409, ["purchase_order_too_early"])


def test_a_version_without_its_pdf_is_taken_up_again(trade: Trade, renderer: Renderer) -> None:
    order = confirmed(trade, renderer)
    renderer.down = True
    request = IssuePurchaseOrder(order=order.id, supplier=trade.china.id)
    assert trade.desk.world.execute_as("manager", request).status == 202
    renderer.down = False
    again = trade.desk.world.execute_as("manager", request)
    assert (again.status, PurchaseOrderView.model_validate_json(again.body).version) == (201, 1)
    purchase_order_rendered(
        trade.desk.world.services,
        {"company": trade.desk.world.company, "order": order.id, "supplier": trade.china.id, "version": 1},
        "another.pdf",
        "1" * 64,
        1,
    )
    link = trade.desk.world.do(PurchaseOrderLink, ReadPurchaseOrder(order=order.id, supplier=trade.china.id, version=1))
    assert link.purchase_order.file is not None
    assert link.purchase_order.file.sha256 == "0" * 64


def test_a_preview_takes_no_version_and_leaves_no_trace(trade: Trade, renderer: Renderer) -> None:
    """DOC-02, of an offer too."""
    order, _ = trade.offer()
    trade.desk.world.services = replace(trade.desk.world.services, renderer=renderer)
    before = repr(trade.desk.world.services.store.backend.__dict__)
    shown = trade.desk.world.do(Preview, PreviewPurchaseOrder(order=order.id, supplier=trade.china.id))
    assert shown.url == "https://files.example/previews/1-True.pdf"
    assert repr(trade.desk.world.services.store.backend.__dict__) == before
