"""Sales by incoterm: three ways of telling transport, groups and subtotals, what is refused, what is warned of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.catalogue.incoterms import level
from comptoir.catalogue.pricing import ProductKind, groups, totals
from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money, total
from comptoir.orders import incoterms
from comptoir.orders.carriage import Transport, TransportDetail
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.desk import AdjustLinePrice
from comptoir.orders.items import read_lines
from comptoir.orders.linked import Linked
from comptoir.orders.margins import computed
from comptoir.orders.model import LineInput, Order, OrderLine
from comptoir.orders.rules import price
from comptoir.orders.selling import sold, whole_prices
from comptoir.parties.snapshot import Language
from tests.unit.orders_support import Desk, codes, head, inputs, open_desk, refusal, refused, update
from tests.unit.test_orders_rules import order
from tests.world import World

IDS = SequentialIds(50_000)
CFR = {"incoterm": "CFR", "incoterm_place": "Douala"}
BY_LINE = Transport(detail=TransportDetail.LINES, intermediate_incoterm="FOB", intermediate_place="Le Havre")
GLOBAL = Transport(
    detail=TransportDetail.ORDER, transport_amount=Decimal(850), insurance_amount=Decimal("42.5"), vat_rate=Decimal(0)
)


def line(designation: str = "Café", **fields: Any) -> OrderLine:
    given: dict[str, Any] = {"id": IDS.new(), "designation": designation, "quantity": Decimal(1)}
    return OrderLine.model_validate(given | fields)


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def test_every_goods_line_stands_on_the_sale_incoterm() -> None:
    """OFF-06, OFF-07: goods on the sale's, transport and services on the sale's or above, in the order of the lines."""
    lines = [
        line("Dédouanement", kind="service", incoterm="DDP", incoterm_place="Bastos", unit_price=Decimal(70)),
        line("Café", unit_price=Decimal(100)),
        line("Camion", kind="transport", incoterm="DAP", incoterm_place="Bastos", unit_price=Decimal(30)),
        line("Emballage", kind="service", unit_price=Decimal(5)),
        line("Thé", unit_price=Decimal(50)),
    ]
    priced = price(order(**CFR), lines)
    assert [(one.position, one.designation, one.incoterm, one.incoterm_place) for one in priced] == [
        (1, "Café", "CFR", "Douala"),
        (2, "Emballage", "CFR", "Douala"),
        (3, "Thé", "CFR", "Douala"),
        (4, "Camion", "DAP", "Bastos"),
        (5, "Dédouanement", "DDP", "Bastos"),
    ]
    subtotals = [(group.incoterm, group.net.amount) for group in groups(priced, "EUR")]
    assert subtotals == [("CFR", Decimal(155)), ("DAP", Decimal(30)), ("DDP", Decimal(70))]


def test_line_by_line_goods_and_transport_are_two_priced_lines() -> None:
    """OFF-06: goods on the intermediate incoterm, their transport on the sale's, at the same rate."""
    head = order(**CFR, transport=BY_LINE)
    lines = [
        line("Café", code="CAF-1", quantity=Decimal(3), unit_price=Decimal("8.004"), transport_price=Decimal("2.004")),
        line("Palettes", kind="service", incoterm="FOB", unit_price=Decimal(9)),
        line("Thé", quantity=Decimal(2), unit_price=Decimal(10)),
    ]
    priced = price(head, lines)
    assert [(one.designation, one.kind, one.incoterm, one.unit_price, one.net.amount) for one in priced] == [
        ("Café", ProductKind.GOODS, "FOB", Decimal("8.004"), Decimal("24.01")),
        ("Palettes", ProductKind.SERVICE, "FOB", Decimal(9), Decimal("9.00")),
        ("Thé", ProductKind.GOODS, "FOB", Decimal(10), Decimal("20.00")),
        ("Transport : Café", ProductKind.TRANSPORT, "CFR", Decimal("2.004"), Decimal("6.01")),
    ]
    assert {(one.code, one.quantity) for one in priced if "Café" in one.designation} == {("CAF-1", Decimal(3))}
    assert [one.incoterm_place for one in priced] == ["Le Havre"] * 3 + ["Douala"]
    english = price(head.change(language=Language.ENGLISH), lines)
    assert english[-1].designation == "Transport: Café"


split_lines = st.builds(
    line,
    quantity=st.decimals(min_value=Decimal("0.0001"), max_value=10_000, places=4),
    unit_price=st.decimals(min_value=0, max_value=10_000, places=6),
    transport_price=st.decimals(min_value=0, max_value=1000, places=6),
    discount_rate=st.decimals(min_value=0, max_value=100, places=2),
    vat_rate=st.sampled_from([Decimal(20), Decimal("5.5"), Decimal(0)]),
)


@given(st.lists(split_lines, max_size=8), st.sampled_from(["EUR", "JPY", "TND"]))
def test_telling_transport_apart_changes_no_total(lines: list[OrderLine], currency: str) -> None:
    """OFF-06: goods and transport add up to the overall price to the cent; the transport has its own rounding."""
    apart = price(order(**CFR, transport=BY_LINE, currency=currency), lines)
    whole = price(order(**CFR, currency=currency), whole_prices(lines))
    assert totals(apart, currency) == totals(whole, currency)
    assert all(one.net.amount >= 0 for one in apart)
    alone = [one.change(unit_price=one.transport_price, transport_price=0) for one in lines if one.transport_price]
    carriage = [one.net for one in apart if one.kind is ProductKind.TRANSPORT]
    assert carriage == [one.net for one in price(order(**CFR, currency=currency), alone)]


@given(st.lists(split_lines, max_size=8))
def test_groups_come_in_ascending_level_and_add_up(lines: list[OrderLine]) -> None:
    """OFF-07: a subtotal for each incoterm, up to the final one, and all of them make the total."""
    head = order(**CFR, transport=BY_LINE)
    made = computed(head, lines)
    levels = [level(group.incoterm) for group in made.figures.groups]
    assert levels == sorted(set(levels))
    assert total((group.net for group in made.figures.groups), "EUR") == made.totals.net
    assert [one.position for one in price(head, lines)] == list(range(1, len(price(head, lines)) + 1))


def test_transport_and_insurance_of_the_order_are_lines_of_their_own() -> None:
    """OFF-06, RULES §10: insurance makes a CFR sale a CIF."""
    head = order(**CFR, transport=GLOBAL)
    priced = price(head, [line(unit_price=Decimal(100), vat_rate=Decimal(0))])
    assert [(one.designation, one.kind, one.incoterm, one.incoterm_place, one.net.amount) for one in priced] == [
        ("Café", ProductKind.GOODS, "CFR", "Douala", Decimal(100)),
        ("Transport", ProductKind.TRANSPORT, "CFR", "Douala", Decimal(850)),
        ("Assurance", ProductKind.SERVICE, "CIF", "Douala", Decimal("42.50")),
    ]
    bare = head.change(transport=GLOBAL.change(insurance_amount=None), language=Language.ENGLISH)
    assert [(one.designation, one.unit) for one in incoterms.order_costs(bare)] == [("Transport", "lump sum")]
    assert incoterms.order_costs(head) == incoterms.order_costs(head)


def test_selling_a_part_takes_the_quantity_once() -> None:
    """INV-01, OFF-06: the transport part goes with its goods, which alone take from the line."""
    one = line(quantity=Decimal(10), unit_price=Decimal(8), transport_price=Decimal(2))
    parts = sold(order(**CFR, transport=BY_LINE), [one], {one.id: Decimal(4)})
    assert [(part.quantity, part.net.amount, source) for part, source in parts] == [
        (Decimal(4), Decimal(32), one.id),
        (Decimal(4), Decimal(8), one.id),
    ]
    assert [part.transport_of for part, _ in parts] == [None, 1]


def split_offer(desk: Desk) -> tuple[Order, int]:
    opened, version = desk.offer(**CFR, transport=BY_LINE)
    entered = LineInput(
        designation="Café", quantity=Decimal(10), unit_price=Decimal("8.1"), transport_price=Decimal("1.9")
    )
    reply = desk.world.execute_as("sales", SetOfferLines(order=opened.id, lines=(entered,)), version)
    return Order.model_validate_json(reply.body), reply.version or 0


def stored(desk: Desk, opened: Order) -> OrderLine:
    [found] = read_lines(desk.world.services.store, desk.world.company, opened)
    return found


def test_a_linked_price_is_changed_on_its_line(desk: Desk) -> None:
    """OFF-06: the overall price moves the goods price, transport kept first; once confirmed it is fixed (CNF-04)."""
    opened, version = split_offer(desk)
    one = stored(desk, opened)
    request = AdjustLinePrice(order=opened.id, line=one.id, changed=Linked.OVERALL, price=Decimal("12.5"))
    after = Order.model_validate_json(desk.world.execute_as("sales", request, version).body)
    changed = stored(desk, opened)
    assert (changed.unit_price, changed.transport_price) == (Decimal("10.6"), Decimal("1.9"))
    assert after.totals.net == Money.of(125, "EUR")
    assert codes(refusal(desk, request.change(line="Z" * 26), version + 1)) == ["not_found"]
    plain, at = desk.offer("5.00")
    other = stored(desk, plain)
    told = AdjustLinePrice(order=plain.id, line=other.id, changed=Linked.TRANSPORT, price=Decimal(1))
    assert codes(refusal(desk, told, at)) == ["transport_price_unexpected"]


def test_telling_transport_otherwise_keeps_the_overall_price(desk: Desk) -> None:
    """OFF-06: what was goods and transport becomes one price, and the total stays."""
    opened, version = split_offer(desk)
    reply = desk.world.execute_as("sales", update(opened, transport=Transport()), version)
    after, one = Order.model_validate_json(reply.body), stored(desk, opened)
    assert (one.unit_price, one.transport_price) == (Decimal(10), Decimal(0))
    assert (after.totals, [group.incoterm for group in after.figures.groups]) == (opened.totals, ["CFR"])


def test_changing_the_sale_incoterm_moves_the_goods_and_judges_the_lines(desk: Desk) -> None:
    """OFF-06, OFF-07: all goods follow; a line that would stand below the sale is told."""
    opened, version = desk.offer(**CFR)
    entered = (
        LineInput(designation="A", quantity=Decimal(1), unit_price=Decimal(5)),
        LineInput(designation="B", quantity=Decimal(1), kind="transport", incoterm="DAP", incoterm_place="Bastos"),
    )
    desk.world.execute_as("sales", SetOfferLines(order=opened.id, lines=entered), version)
    opened = Order.model_validate_json(head(desk, opened).body)
    reply = desk.world.execute_as("sales", update(opened, incoterm="CIP", incoterm_place="Yaoundé"), version + 1)
    after = Order.model_validate_json(reply.body)
    assert [(group.incoterm, group.place) for group in after.figures.groups] == [("CIP", "Yaoundé"), ("DAP", "Bastos")]
    above = update(after, incoterm="DDP", incoterm_place="Yaoundé")
    assert refused(desk, above, version + 2) == [("incoterm_below_sale", "/lines/1/incoterm")]


def test_the_order_of_entry_is_kept_within_each_group(desk: Desk) -> None:
    """OFF-03: lines keep their order in the table, documents group by incoterm first."""
    opened, version = desk.offer(**CFR)
    entered = tuple(
        LineInput(designation=name, quantity=Decimal(1), kind=kind, incoterm=code, incoterm_place=place)
        for name, kind, code, place in (
            ("1", "service", "DAP", "Bastos"),
            ("2", "goods", None, None),
            ("3", "service", "DAP", "Bastos"),
            ("4", "goods", None, None),
        )
    )
    desk.world.execute_as("sales", SetOfferLines(order=opened.id, lines=entered), version)
    opened = Order.model_validate_json(head(desk, opened).body)
    kept = read_lines(desk.world.services.store, desk.world.company, opened)
    assert [one.designation for one in kept] == ["1", "2", "3", "4"]
    assert [one.designation for one in price(opened, kept)] == ["2", "4", "1", "3"]
    assert [one.incoterm for one in inputs(desk, opened)] == ["DAP", None, "DAP", None]
