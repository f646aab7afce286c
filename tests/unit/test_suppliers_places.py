"""Purchase incoterms have a named place: on offers, lines, requests and purchase orders (RULES §10, OFF-08)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.catalogue.commands import CreateReference
from comptoir.catalogue.model import Reference, SupplierOffer
from comptoir.documents.purchase_order_view import purchase_order_view
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.items import read_lines
from comptoir.orders.model import LineInput, Order
from comptoir.orders.purchase_order import PurchaseOrderView
from comptoir.orders.purchase_tasks import purchase_order_to_render
from comptoir.orders.purchasing import IssuePurchaseOrder, PreviewPurchaseOrder
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.parties.model import Party
from tests.unit.orders_support import inputs, refused
from tests.unit.suppliers_support import Trade, bought, cost, french_supplier, open_trade
from tests.unit.test_orders_imports import import_csv
from tests.world import World


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def line(trade: Trade, **fields: Any) -> LineInput:
    return bought(trade.china, "A", "10", "20.00", "11.50", "USD", **fields)


def stored(trade: Trade, order: Order) -> list[tuple[str | None, str | None]]:
    world = trade.desk.world
    lines = read_lines(world.services.store, world.company, order)
    return [(each.purchase_incoterm, each.purchase_incoterm_place) for each in lines]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"purchase_incoterm": "EXW"}, [("incoterm_place_missing", "/lines/0/purchase_incoterm_place")]),
        ({"purchase_incoterm_place": "Ningbo"}, [("incoterm_missing", "/lines/0/purchase_incoterm")]),
        ({"purchase_incoterm": "EXW", "purchase_incoterm_place": "Ningbo"}, []),
        ({"purchase_incoterm": "FOB"}, []),
        ({}, []),
    ],
)
def test_a_line_names_the_place_of_its_purchase_or_follows_its_request(
    trade: Trade, fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """The request to this supplier stands on FOB Shanghai: what is on FOB without a place is there."""
    order, version = trade.desk.offer()
    request = SetOfferLines(order=order.id, lines=(line(trade, **fields),))
    if expected:
        assert refused(trade.desk, request, version) == expected
    else:
        trade.desk.world.execute_as("manager", request, version)
        assert stored(trade, order.change(lines=1)) == [
            (fields.get("purchase_incoterm"), fields.get("purchase_incoterm_place"))
        ]


def test_a_cost_of_a_request_names_its_place(trade: Trade) -> None:
    order, _ = trade.offer()
    version = trade.version(order, trade.china)
    lines = trade.products(order, trade.china)
    freight = cost("Fret", "380.00", incoterm="CFR")
    asked = trade.send(order, trade.china, *lines, freight, cost("Visite", "1.00", incoterm_place="Ningbo"))
    assert refused(trade.desk, asked, version) == [
        ("incoterm_place_missing", "/lines/2/incoterm_place"),
        ("incoterm_missing", "/lines/3/incoterm"),
    ]
    right = trade.send(order, trade.china, *lines, freight.change(incoterm_place="Le Havre"))
    assert trade.desk.world.do(SupplierRequest, right, if_match=version).extras[0].incoterm_place == "Le Havre"


def test_what_a_request_says_of_a_product_s_place_is_kept_on_the_order_s_line(trade: Trade) -> None:
    order, _ = trade.offer(line(trade))
    [product] = trade.products(order, trade.china)
    moved = trade.send(order, trade.china, product.change(incoterm="FCA", incoterm_place="Suzhou"))
    trade.desk.world.execute_as("manager", moved, trade.version(order, trade.china))
    assert stored(trade, order) == [("FCA", "Suzhou")]


def test_a_request_names_its_place(trade: Trade) -> None:
    order, _ = trade.offer(line(trade))
    version = trade.version(order, trade.china)
    bare = trade.update(order, trade.china, incoterm="EXW", incoterm_place=None)
    assert refused(trade.desk, bare, version) == [("incoterm_place_missing", "/incoterm_place")]
    alone = trade.update(order, trade.china, incoterm=None)
    assert refused(trade.desk, alone, version) == [("incoterm_missing", "/incoterm")]


def test_a_request_keeps_the_place_on_which_its_lines_rely(trade: Trade) -> None:
    """Moved to another incoterm, it would leave a line on FOB nowhere."""
    order, _ = trade.offer(line(trade, purchase_incoterm="FOB"))
    version = trade.version(order, trade.china)
    moved = trade.update(order, trade.china, incoterm="EXW", incoterm_place="Ningbo")
    assert refused(trade.desk, moved, version) == [("incoterm_place_missing", "/incoterm")]
    elsewhere = trade.update(order, trade.china, incoterm_place="Ningbo")
    trade.desk.world.execute_as("manager", elsewhere, version)


def offered(supplier: Party, **fields: Any) -> CreateReference:
    offer = SupplierOffer(supplier=supplier.id, price=Decimal(4), currency="USD", valid_from=date(2026, 1, 1), **fields)
    return CreateReference(code="A", designation="Manille", offers=(offer,))


def test_a_supplier_s_offer_names_its_place_or_is_the_supplier_s_own(trade: Trade) -> None:
    """CAT-02: the party sells FOB Shanghai."""
    bare = [("incoterm_place_missing", "/offers/0/incoterm_place")]
    assert refused(trade.desk, offered(trade.china, incoterm="EXW"), None) == bare
    assert refused(trade.desk, offered(trade.france, incoterm="EXW"), None) == bare
    assert refused(trade.desk, offered(trade.china, incoterm_place="Ningbo"), None) == [
        ("incoterm_missing", "/offers/0/incoterm")
    ]
    assert trade.desk.world.do(Reference, offered(trade.china, incoterm="FOB")).offers[0].incoterm_place is None


def test_a_chosen_offer_gives_its_place_unless_another_incoterm_was_agreed(trade: Trade) -> None:
    """OFF-08."""
    reference = trade.desk.world.do(Reference, offered(trade.china, incoterm="EXW", incoterm_place="Ningbo"))
    chosen = LineInput(designation="A", quantity=Decimal(1), reference=reference.id, purchase_offer=date(2026, 1, 1))
    for fields, expected in (
        ({}, ("EXW", "Ningbo")),
        ({"purchase_incoterm": "EXW", "purchase_incoterm_place": "Suzhou"}, ("EXW", "Suzhou")),
        ({"purchase_incoterm": "FCA", "purchase_incoterm_place": "Suzhou"}, ("FCA", "Suzhou")),
        ({"purchase_incoterm": "FOB"}, ("FOB", None)),
    ):
        order, version = trade.desk.offer()
        trade.desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=(chosen.change(**fields),)), version)
        assert stored(trade, order.change(lines=1)) == [expected]


HEAD = "Référence;Quantité;Prix unitaire;Incoterm d'achat;Lieu de l'incoterm d'achat"


def test_a_place_that_a_file_lacks_is_told_of_its_cell(trade: Trade) -> None:
    trade.desk.world.do(Reference, offered(trade.china, incoterm="EXW", incoterm_place="Ningbo"))
    order, version = trade.desk.offer()
    request = import_csv(order, HEAD, "A;1;2;;", "A;1;2;CFR;")
    assert refused(trade.desk, request, version) == [("incoterm_place_missing", "/rows/3/E")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (";", ("EXW", "Ningbo")),
        ("EXW;", ("EXW", "Ningbo")),
        (";Suzhou", ("EXW", "Suzhou")),
        ("FCA;Suzhou", ("FCA", "Suzhou")),
        ("FOB;", ("FOB", None)),
    ],
)
def test_a_file_of_lines_names_places(trade: Trade, cells: str, expected: tuple[str, str | None]) -> None:
    """OFF-04: a row's own incoterm never takes the place of the offer's."""
    trade.desk.world.do(Reference, offered(trade.china, incoterm="EXW", incoterm_place="Ningbo"))
    order, version = trade.desk.offer()
    request = import_csv(order, HEAD, f"A;1;2;{cells}")
    order = trade.desk.world.do(Order, request, if_match=version)
    assert stored(trade, order) == [expected]


def test_a_purchase_order_prints_every_place(trade: Trade) -> None:
    """`{CODE} {place} (Incoterms® 2020)`: of the request, of a line's own, of a cost's own."""
    order, _ = trade.confirmed()
    freight = cost("Fret", "380.00", incoterm="CFR", incoterm_place="Le Havre")
    asked = trade.send(order, trade.china, *trade.products(order, trade.china), freight)
    trade.desk.world.execute_as("manager", asked, trade.version(order, trade.china))
    issued = trade.desk.world.do(PurchaseOrderView, IssuePurchaseOrder(order=order.id, supplier=trade.china.id))
    task = {"company": trade.desk.world.company, "order": order.id, "supplier": trade.china.id}
    content = purchase_order_to_render(trade.desk.world.services, task | {"version": issued.version})
    assert [group.heading for group in purchase_order_view(content).groups] == [
        "EXW Ningbo (Incoterms® 2020)",
        "FOB Shanghai (Incoterms® 2020)",
        "CFR Le Havre (Incoterms® 2020)",
    ]


def test_a_place_that_a_party_did_not_have_is_told_before_the_purchase_order(trade: Trade) -> None:
    """CNF-05 fixes the incoterm, not a place that nobody had told: it would lock the purchase order for ever."""
    world = trade.desk.world
    vague = world.do(Party, french_supplier(code="VAGUE", incoterm="EXW"))
    order, _ = trade.confirmed(bought(vague, "A", "1", "20.00", "10.00", "EUR"))
    for request in (IssuePurchaseOrder, PreviewPurchaseOrder):
        asked = request(order=order.id, supplier=vague.id)
        assert refused(trade.desk, asked, None) == [("incoterm_place_missing", "/incoterm_place")]
    told = trade.update(order, vague, incoterm_place="Lorient")
    world.execute_as("manager", told, trade.version(order, vague))
    assert world.do(PurchaseOrderView, IssuePurchaseOrder(order=order.id, supplier=vague.id)).version == 1
    changed = trade.update(order, vague, incoterm_place="Nantes")
    found = refused(trade.desk, changed, trade.version(order, vague))
    assert found == [("fixed_by_confirmation", "/incoterm_place")]


def test_once_confirmed_the_place_of_a_line_stays(trade: Trade) -> None:
    order, version = trade.confirmed()
    lines = inputs(trade.desk, order)
    moved = lines[2].change(purchase_incoterm_place="Suzhou")
    found = refused(trade.desk, SetOfferLines(order=order.id, lines=(*lines[:2], moved, lines[3])), version)
    assert found == [("purchase_fixed", "/lines/2/purchase_incoterm_place")]
    products = trade.products(order, trade.china)
    other = trade.send(order, trade.china, products[0], products[1].change(incoterm_place="Suzhou"))
    assert refused(trade.desk, other, trade.version(order, trade.china)) == [
        ("line_of_order", "/lines/1/incoterm_place")
    ]
