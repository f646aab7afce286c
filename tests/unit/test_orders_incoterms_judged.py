"""What is refused of the incoterms of a sale and of its lines, and what is only warned of (OFF-06, OFF-07)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comptoir.catalogue.incoterms import RULES, mixed
from comptoir.catalogue.pricing import VatCategory
from comptoir.orders import incoterms
from comptoir.orders.carriage import Transport, TransportDetail
from comptoir.orders.commands import OpenOffer, SetOfferLines
from comptoir.orders.margins import computed
from comptoir.orders.model import LineInput, QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.route import Leg, Mode
from tests.unit.orders_support import Desk, inputs, open_desk, refused, update
from tests.unit.test_orders_incoterms import BY_LINE, CFR, GLOBAL, line
from tests.unit.test_orders_rules import order
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"incoterm": "FOB"}, [("incoterm_place_missing", "/incoterm_place")]),
        (
            {"incoterm": "FOB", "incoterm_place": "Le Havre", "transport": BY_LINE},
            [("transport_not_included", "/transport/detail")],
        ),
        ({"transport": GLOBAL}, [("transport_not_included", "/transport/detail")]),
        (
            {**CFR, "transport": Transport(detail=TransportDetail.LINES)},
            [("intermediate_incoterm", "/transport/intermediate_incoterm")],
        ),
        (
            {**CFR, "transport": BY_LINE.change(intermediate_incoterm="CPT", intermediate_place=None)},
            [
                ("intermediate_incoterm", "/transport/intermediate_incoterm"),
                ("incoterm_place_missing", "/transport/intermediate_place"),
            ],
        ),
        (
            {**CFR, "transport": BY_LINE.change(detail=TransportDetail.NONE)},
            [
                ("not_of_this_detail", "/transport/intermediate_incoterm"),
                ("not_of_this_detail", "/transport/intermediate_place"),
            ],
        ),
        (
            {**CFR, "transport": GLOBAL.change(transport_amount=Decimal("1.005"))},
            [("off_currency_grid", "/transport/transport_amount")],
        ),
    ],
)
def test_what_is_wrong_with_a_sale_incoterm_is_told(
    desk: Desk, fields: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    """OFF-06, RULES §10: the place is compulsory; the intermediate incoterm is one without main carriage."""
    assert refused(desk, OpenOffer(customer=desk.customer.id, **fields)) == expected
    opened, version = desk.offer()
    assert refused(desk, update(opened, **fields), version) == expected


@pytest.mark.parametrize("code", RULES)
def test_only_incoterms_without_main_carriage_are_intermediate(code: str) -> None:
    """OFF-06, RULES §10: EXW, FCA, FAS, FOB; and transport is told for the seven others alone."""
    intermediate = order(**CFR, transport=BY_LINE.change(intermediate_incoterm=code))
    told = order(incoterm=code, incoterm_place="Douala", transport=BY_LINE)
    found = incoterms.head_breaches(intermediate, "EUR", VatCategory.ZERO)
    assert bool(found) == (code not in ("EXW", "FCA", "FAS", "FOB"))
    assert bool(incoterms.head_breaches(told, "EUR", VatCategory.ZERO)) == (code in ("EXW", "FCA", "FAS", "FOB"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"incoterm": "DAP", "incoterm_place": "Bastos"}, [("goods_incoterm", "/lines/0/incoterm")]),
        ({"kind": "transport", "incoterm": "FOB"}, [("incoterm_below_sale", "/lines/0/incoterm")]),
        ({"kind": "service", "incoterm": "EXW"}, [("incoterm_below_sale", "/lines/0/incoterm")]),
        ({"kind": "service", "incoterm": "FOB"}, []),
        ({"kind": "service", "incoterm": "DAP"}, [("incoterm_place_missing", "/lines/0/incoterm_place")]),
        ({"kind": "service", "incoterm": "CIF"}, []),
        ({"kind": "service", "incoterm_place": "Bastos"}, [("incoterm_missing", "/lines/0/incoterm")]),
        (
            {"kind": "service", "incoterm": "CFR", "incoterm_place": "Kribi"},
            [("incoterm_two_places", "/lines/0/incoterm_place")],
        ),
        ({"transport_price": Decimal(1)}, []),
        (
            {"transport_price": Decimal(1), "free": True},
            [("transport_price_unexpected", "/lines/0/transport_price")],
        ),
        (
            {"transport_price": Decimal(1), "kind": "service"},
            [("transport_price_unexpected", "/lines/0/transport_price")],
        ),
    ],
)
def test_what_is_wrong_with_the_incoterm_of_a_line_is_told(
    desk: Desk, fields: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    """OFF-06, OFF-07: transport on the sale's incoterm or above, a service on the goods' one or above."""
    opened, version = desk.offer(**CFR, transport=BY_LINE)
    entered = LineInput(designation="A", quantity=Decimal(1), **fields)
    request = SetOfferLines(order=opened.id, lines=(entered,))
    if expected:
        assert refused(desk, request, version) == expected
    else:
        assert desk.world.execute_as("sales", request, version).status == 200


def test_one_incoterm_has_one_place(desk: Desk) -> None:
    """OFF-07: lines of one incoterm are one group; without a sale incoterm no line has one."""
    opened, version = desk.offer(**CFR)
    entered = tuple(
        LineInput(designation="A", quantity=Decimal(1), kind="service", incoterm="DAP", incoterm_place=place)
        for place in ("Bastos", "Kribi")
    )
    request = SetOfferLines(order=opened.id, lines=entered)
    assert refused(desk, request, version) == [("incoterm_two_places", "/lines/1/incoterm_place")]
    bare, version = desk.offer()
    request = SetOfferLines(order=bare.id, lines=entered[:1])
    assert refused(desk, request, version) == [("sale_incoterm_missing", "/lines/0/incoterm")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"incoterm": "EXW", "zero_category": VatCategory.EXPORT}, ["exw_foreign_buyer"]),
        ({"incoterm": "EXW", "zero_category": VatCategory.INTRA_COMMUNITY}, ["exw_foreign_buyer"]),
        ({"incoterm": "EXW"}, []),
        ({"incoterm": "DDP", "zero_category": VatCategory.EXPORT}, ["ddp_registration"]),
        ({"incoterm": "CIF", "zero_category": VatCategory.EXPORT}, []),
    ],
)
def test_incoterms_to_watch_are_warned_of_not_refused(fields: dict[str, Any], expected: list[str]) -> None:
    """RULES §10."""
    made = computed(order(incoterm_place="X", **fields), [line(unit_price=Decimal(1))])
    assert [warning.code for warning in incoterms.warnings(made)] == expected
    assert [warning.code for warning in incoterms.warnings(order(incoterm_place="X", **fields))] == expected


def test_sea_and_any_mode_at_one_stage_are_warned_of() -> None:
    """RULES §10: CFR with CIP; FOB goods under a CPT sale are two stages."""
    lines = [line(unit_price=Decimal(1)), line(kind="service", incoterm="CIP", incoterm_place="Bastos")]
    [warning] = incoterms.warnings(computed(order(**CFR), lines))
    assert (warning.code, "CFR, CIP" in warning.fr, "CFR, CIP" in warning.en) == ("incoterms_mixed", True, True)
    assert mixed(["FOB", "CPT", "DAP", "EXW", None]) == ()
    assert mixed(["FCA", "FOB", "CIF", "CPT"]) == ("FCA", "FOB", "CPT", "CIF")
    assert mixed(["CFR", "CIF"]) == mixed(["CPT", "CIP"]) == ()


def leg(mode: str, containers: bool = False) -> Leg:
    return Leg(origin="Brest", destination="Boston", mode=Mode(mode), containers=containers)


@pytest.mark.parametrize(
    ("incoterm", "legs", "expected", "told"),
    [
        ("CIF", [leg("air")], "incoterm_not_by_sea", "CIF"),
        ("FOB", [leg("road"), leg("sea", containers=True)], "incoterm_for_containers", "FOB → FCA"),
        ("CFR", [leg("inland_water", containers=True)], "incoterm_for_containers", "CFR → CPT"),
    ],
)
def test_a_route_that_its_incoterm_does_not_fit_is_warned_of(
    incoterm: str, legs: list[Leg], expected: str, told: str
) -> None:
    """RULES §10, OFF-01: sea rules with no leg by water, and with containers."""
    [warning] = incoterms.warnings(order(incoterm=incoterm, incoterm_place="X", route=tuple(legs)))
    assert (warning.code, told in warning.fr, told in warning.en) == (expected, True, True)


def test_a_route_that_its_incoterm_fits_is_not() -> None:
    """RULES §10."""
    for incoterm, legs in (("FOB", [leg("road"), leg("sea")]), ("FCA", [leg("sea", containers=True)]), ("CIP", [])):
        assert incoterms.warnings(order(incoterm=incoterm, incoterm_place="X", route=tuple(legs))) == []


def test_a_confirmed_order_keeps_its_incoterms_and_transport(desk: Desk) -> None:
    """CNF-04: prices are fixed, the transport price, the incoterms and their detail among them."""
    opened, version = desk.offer(**CFR, transport=BY_LINE)
    goods = LineInput(designation="A", quantity=Decimal(1), unit_price=Decimal(8), transport_price=Decimal(2))
    desk.world.execute_as("sales", SetOfferLines(order=opened.id, lines=(goods,)), version)
    desk.world.do(QuoteView, GenerateQuote(order=opened.id))
    confirmed = desk.confirm(opened, version + 2)
    [kept] = inputs(desk, confirmed)
    moved = kept.change(transport_price=Decimal(3), incoterm="DAP", incoterm_place="Bastos")
    assert refused(desk, SetOfferLines(order=opened.id, lines=(moved,)), version + 3) == [
        ("price_fixed", "/lines/0/transport_price"),
        ("price_fixed", "/lines/0/incoterm"),
        ("price_fixed", "/lines/0/incoterm_place"),
    ]
    changed = update(confirmed, incoterm="CIF", incoterm_place="Kribi", transport=Transport())
    assert refused(desk, changed, version + 3) == [
        ("fixed_by_confirmation", "/incoterm"),
        ("fixed_by_confirmation", "/incoterm_place"),
        ("fixed_by_confirmation", "/transport"),
    ]
