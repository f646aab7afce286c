"""What reads orders, and what reading and saving cost (LOG-04)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.execute import Request
from comptoir.access.queries import Listing
from comptoir.kernel.errors import (
    NotFound,
    TooLarge,
)
from comptoir.orders.commands import CancelOffer, OpenOffer, SetOfferLines
from comptoir.orders.lists import ListOrders
from comptoir.orders.model import LineInput, Order
from comptoir.orders.queries import (
    OrderLines,
    ReadOrder,
    ReadOrderLines,
)
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.summary import OrderSummary
from comptoir.parties.model import Party
from comptoir.store import keys
from tests.unit.orders_support import Counted, Desk, customer_request, head, inputs, on_backend, open_desk
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def test_lines_are_read_by_chunk(desk: Desk) -> None:
    order, version = desk.offer(*["1.00"] * 401)
    seen: list[str] = []
    chunk: int | None = 0
    while chunk is not None:
        reply = desk.world.execute_as("sales", ReadOrderLines(order=order.id, chunk=chunk))
        page = OrderLines.model_validate_json(reply.body)
        assert (page.total, reply.version) == (401, version)
        seen += [line.designation for line in page.items]
        chunk = page.next_chunk
    assert seen == [f"Article {number}" for number in range(1, 402)]
    with pytest.raises(NotFound):
        desk.world.execute_as("sales", ReadOrderLines(order=order.id, chunk=3))
    empty, _ = desk.offer()
    assert desk.world.do(OrderLines, ReadOrderLines(order=empty.id)).items == ()


def test_lists_are_by_month_status_and_customer_newest_first(desk: Desk) -> None:
    """LOG-04: each list reads what it returns."""

    def listed(**filters: Any) -> list[str]:
        page = desk.world.do(Listing[OrderSummary], ListOrders(**filters), "sales")
        return [order.number for order in page.items]

    other = desk.world.do(Party, customer_request(code="AUTRE", name="Autre"))
    first, version = desk.offer()
    desk.offer(customer=other.id)
    desk.world.wait(days=15)
    desk.offer()
    desk.world.execute_as("manager", CancelOffer(order=first.id), version)
    assert listed() == ["C-000003"]
    assert listed(month="2026-11") == ["C-000002", "C-000001"]
    assert listed(month="2026-11", status="offer") == ["C-000002"]
    assert listed(month="2026-11", status="cancelled") == ["C-000001"]
    assert listed(customer=desk.customer.id) == ["C-000003", "C-000001"]
    page = desk.world.do(Listing[OrderSummary], ListOrders(month="2026-11", limit=1))
    rest = desk.world.do(Listing[OrderSummary], ListOrders(month="2026-11", limit=1, cursor=page.cursor))
    assert [order.number for order in (*page.items, *rest.items)] == ["C-000002", "C-000001"]


def test_lines_too_large_for_the_table_change_nothing(desk: Desk) -> None:
    """Sizes are checked before the call: 413, and the offer is as it was."""
    order, version = desk.offer()
    noise = ["".join(chr(0x4E00 + (n * 7919 + k * 104729) % 20000) for k in range(3900)) for n in range(200)]
    lines = tuple(LineInput(designation=text, quantity=Decimal(1)) for text in noise)
    with pytest.raises(TooLarge):
        desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), version)
    assert json.loads(head(desk, order).body)["lines"] == 0


def test_a_thousand_lines_cost_a_handful_of_calls(desk: Desk) -> None:
    """The aim of the order desk: calls do not grow with the lines, and a read of the head never sums them."""
    spy = Counted(desk.world.services.store.backend)
    desk.world.services = on_backend(desk.world.services, spy)

    def calls(request: Request, if_match: int | None = None) -> list[str]:
        spy.calls.clear()
        desk.world.execute_as("manager", request, if_match)
        return list(spy.calls)

    assert calls(OpenOffer(customer=desk.customer.id)) == ["get", "write"]
    order, version = desk.offer()
    assert calls(SetOfferLines(order=order.id, lines=desk.lines(*["1.00"] * 1000)), version) == ["get", "get", "write"]
    entered = inputs(desk, Order.model_validate_json(head(desk, order).body))
    entered[500] = entered[500].change(quantity=Decimal(2))
    assert calls(SetOfferLines(order=order.id, lines=tuple(entered)), version + 1) == ["get", "get", "write"]
    assert calls(ReadOrder(order=order.id)) == ["get", "get"]
    assert calls(ReadOrderLines(order=order.id, chunk=4)) == ["get", "get", "get"]
    assert calls(ListOrders(status="offer")) == ["get", "query"]
    assert calls(ListOrders()) == ["get", *["query"] * 3]
    quote = ["get", "get", "get", "write"]
    rendering = ["get", "get", "get", "get", "write", "get"]
    assert calls(GenerateQuote(order=order.id)) == [*quote, *rendering]


def test_keys_of_an_order_stay_in_one_partition(desk: Desk) -> None:
    """Aggregate = partition: one order is read and written without touching another."""
    order, company = "0" * 26, desk.world.company
    places = [
        keys.order(company, order),
        keys.order_lines(company, order, 3),
        keys.order_treasury(company, order),
        keys.quote(company, order, 2),
        keys.quote_lines(company, order, 2, 1),
        keys.order_confirmation(company, order),
    ]
    assert len({place.pk for place in places}) == 1
    assert len(set(places)) == len(places)
