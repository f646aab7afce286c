"""A 1,000-line offer by incoterm: saved, loaded, priced, copied and quoted in calls that do not follow its lines."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comptoir.access.execute import Request
from comptoir.orders.calculation import ApplyCalculator, ReadCalculator, SaveCalculator
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.copying import CopyOrder
from comptoir.orders.desk import AdjustLinePrice, ReadOrderTotals
from comptoir.orders.items import read_lines
from comptoir.orders.linked import Linked
from comptoir.orders.model import LineInput, Order
from comptoir.orders.queries import ReadOrderLines
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.tasks import quote_to_render
from tests.unit.orders_support import Counted, Desk, head, on_backend, open_desk, update
from tests.unit.test_orders_incoterms import BY_LINE, CFR
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def entered(count: int) -> tuple[LineInput, ...]:
    return tuple(
        LineInput(
            designation=f"Article {number}",
            quantity=Decimal(3),
            unit_price=Decimal("8.25"),
            transport_price=Decimal("1.5"),
            purchase_price=Decimal("5.5"),
            purchase_currency="EUR",
        )
        for number in range(count)
    )


def costs(desk: Desk, count: int) -> dict[str, tuple[str, ...]]:
    """The calls that each request on an offer of so many lines makes."""
    spy = Counted(desk.world.services.store.backend)
    desk.world.services = on_backend(desk.world.services, spy)
    order, version = desk.offer(**CFR, transport=BY_LINE)
    made: dict[str, tuple[str, ...]] = {}

    def do(request: Request, if_match: int | None = None) -> None:
        spy.calls.clear()
        desk.world.execute_as("manager", request, if_match)
        made[type(request).__name__] = tuple(spy.calls)

    do(SetOfferLines(order=order.id, lines=entered(count)), version)
    stored = Order.model_validate_json(head(desk, order).body)
    line = read_lines(desk.world.services.store, desk.world.company, stored)[count // 2]
    request = AdjustLinePrice(order=order.id, line=line.id, changed=Linked.OVERALL, price=Decimal(11))
    do(request, version + 1)
    do(SaveCalculator(order=order.id, markup_rate=Decimal(20)), version + 2)
    do(ApplyCalculator(order=order.id), version + 3)
    do(update(stored, incoterm_place="Kribi"), version + 4)
    do(ReadOrderTotals(order=order.id))
    do(ReadCalculator(order=order.id))
    do(ReadOrderLines(order=order.id))
    do(CopyOrder(order=order.id))
    return made


def test_calls_do_not_grow_with_the_lines(desk: Desk) -> None:
    """OFF-01 to OFF-11: one read of the lines, one write, whatever their number."""
    few, many = costs(desk, 1), costs(desk, 1000)
    assert many == few
    assert many["ReadOrderTotals"] == ("get", "get")
    assert all(calls.count("write") <= 1 for calls in many.values())
    assert max(len(calls) for calls in many.values()) == 4


def test_a_thousand_lines_whose_transport_is_told_apart_are_quoted_whole(desk: Desk) -> None:
    """QUO-02, OFF-06: the quote holds both parts of each line, goods first, and their total."""
    order, version = desk.offer(**CFR, transport=BY_LINE)
    desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=entered(1000)), version)
    desk.world.execute_as("manager", GenerateQuote(order=order.id))
    order = Order.model_validate_json(head(desk, order).body)
    content = quote_to_render(desk.world.services, {"company": desk.world.company, "order": order.id, "version": 1})
    assert [line.incoterm for line in content.lines] == ["FOB"] * 1000 + ["CFR"] * 1000
    assert [line.position for line in content.lines] == list(range(1, 2001))
    assert sum(line.net.amount for line in content.lines) == order.totals.net.amount == Decimal("29250.00")
