"""INV-01 with OFF-06 and OFF-07: invoices of orders whose transport is told apart, by incoterm."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comptoir.catalogue.pricing import ProductKind, groups
from comptoir.invoicing.commands import InvoiceOrder
from comptoir.invoicing.editing import DeleteDraft
from comptoir.invoicing.model import Document, OrderQuantity
from comptoir.kernel.money import Money, total
from comptoir.orders.carriage import Transport, TransportDetail
from comptoir.orders.incoterms import order_costs
from comptoir.orders.model import LineInput
from tests.unit.invoicing_support import Shop, back, open_shop
from tests.unit.orders_support import codes, refusal
from tests.unit.test_orders_incoterms import BY_LINE, CFR

GLOBAL = Transport(detail=TransportDetail.ORDER, transport_amount=Decimal(850), insurance_amount=Decimal("42.5"))


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def told(document: Document) -> list[tuple[Any, ...]]:
    return [
        (one.priced.kind, one.priced.incoterm, one.priced.quantity, one.priced.net.amount, one.priced.transport_of)
        for one in document.lines
    ]


def coffee(**fields: Any) -> LineInput:
    given = {"designation": "Café", "quantity": Decimal(10), "unit_price": Decimal("8.004")}
    return LineInput.model_validate(given | {"transport_price": Decimal("2.004")} | fields)


def test_both_parts_of_a_line_are_invoiced_with_its_quantity(shop: Shop) -> None:
    """OFF-06: the order's line is taken once; deleting the draft gives it back once."""
    order, (line,) = shop.confirmed(coffee(), **CFR, transport=BY_LINE)
    some = (OrderQuantity(line=line.id, quantity=Decimal(3)),)
    draft = shop.invoice_order(order, quantities=some)
    assert told(draft) == [
        (ProductKind.GOODS, "FOB", Decimal(3), Decimal("24.01"), None),
        (ProductKind.TRANSPORT, "CFR", Decimal(3), Decimal("6.01"), 1),
    ]
    assert dict(shop.of_order(order).taken) == {line.id: Decimal(3)}
    rest = shop.invoice_order(order)
    assert {one.priced.quantity for one in rest.lines} == {Decimal(7)}
    assert codes(refusal(shop.desk, InvoiceOrder(order=order.id))) == ["nothing_to_invoice"]
    shop.do(DeleteDraft(document=draft.id), if_match=1)
    assert dict(shop.of_order(order).taken) == {line.id: Decimal(7)}


def test_an_invoice_of_the_whole_order_is_worth_the_order(shop: Shop) -> None:
    """OFF-07: grouped by incoterm in ascending level; the subtotals make the total of the order."""
    service = LineInput(
        designation="Livraison",
        quantity=Decimal(1),
        kind=ProductKind.SERVICE,
        unit_price=Decimal(120),
        incoterm="DAP",
        incoterm_place="Bastos",
    )
    order, lines = shop.confirmed(service, coffee(), coffee(designation="Thé"), **CFR, transport=BY_LINE)
    draft = shop.invoice_order(order)
    assert draft.totals == order.totals
    priced = [one.priced for one in draft.lines]
    assert [one.incoterm for one in priced] == ["FOB", "FOB", "CFR", "CFR", "DAP"]
    assert [one.position for one in priced] == [1, 2, 3, 4, 5]
    assert groups(priced, "EUR") == order.figures.groups
    assert total((group.net for group in order.figures.groups), "EUR") == draft.totals.net
    assert dict(shop.of_order(order).taken) == {line.id: line.quantity for line in lines}


def test_transport_and_insurance_of_the_order_are_invoiced_like_lines(shop: Shop) -> None:
    """OFF-06: whole with the rest, or in part, and never twice."""
    order, (line,) = shop.confirmed(coffee(transport_price=Decimal(0)), **CFR, transport=GLOBAL)
    freight, insurance = order_costs(order)
    half = tuple(OrderQuantity(line=one, quantity=Decimal("0.5")) for one in (freight.id, insurance.id))
    draft = shop.invoice_order(order, quantities=half)
    assert told(draft) == [
        (ProductKind.TRANSPORT, "CFR", Decimal("0.5"), Decimal("425.00"), None),
        (ProductKind.SERVICE, "CIF", Decimal("0.5"), Decimal("21.25"), None),
    ]
    rest = shop.invoice_order(order)
    assert [one.priced.net.amount for one in rest.lines] == [Decimal("80.04"), Decimal("425.00"), Decimal("21.25")]
    assert rest.totals.net + draft.totals.net == order.totals.net
    taken = dict(shop.of_order(order).taken)
    assert taken == {line.id: Decimal(10), freight.id: Decimal(1), insurance.id: Decimal(1)}


def test_a_credit_note_takes_back_goods_and_transport_apart(shop: Shop) -> None:
    """CRN-04, OFF-06: each part at its own net, and both together to exactly zero."""
    order, _ = shop.confirmed(coffee(quantity=Decimal(3)), **CFR, transport=BY_LINE)
    [invoice] = shop.issued(shop.invoice_order(order))
    first = shop.credit(invoice, back(1, "1"), back(2, "1"))
    rest = shop.credit(invoice, back(1, "2"), back(2, "2"))
    assert first.totals.net + rest.totals.net == order.totals.net == Money.of("30.02", "EUR")
    assert first.totals.gross + rest.totals.gross == order.totals.gross
