"""A purchase order in the supplier's language: designations of the catalogue, units, terms (CAT-01, SUP-01)."""

from __future__ import annotations

from typing import Any

import pytest

from comptoir.catalogue.commands import CreateReference
from comptoir.catalogue.model import Reference
from comptoir.documents.purchase_order_view import purchase_order_view
from comptoir.orders.model import Order, QuoteView
from comptoir.orders.purchase_order import PurchaseOrderSnapshot, PurchaseOrderView
from comptoir.orders.purchase_tasks import purchase_order_to_render
from comptoir.orders.purchasing import IssuePurchaseOrder
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.parties.snapshot import Language
from tests.unit.suppliers_support import Trade, bought, open_trade
from tests.world import World


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def shackle(trade: Trade, **words: str) -> Reference:
    return trade.desk.world.do(Reference, CreateReference(code="MAN-1", designation="Manille inox", **words))


def issued(trade: Trade, language: Language, *lines: dict[str, Any]) -> PurchaseOrderSnapshot:
    """The purchase order to a supplier who reads a language, of a French order."""
    sold = [bought(trade.china, "x", "10", "20.00", "11.50", "USD").change(**line) for line in lines]
    order, _ = trade.offer(*sold)
    head = trade.update(order, trade.china, language=language)
    trade.desk.world.do(SupplierRequest, head, if_match=trade.version(order, trade.china))
    return _issue(trade, order)


def _issue(trade: Trade, order: Order) -> PurchaseOrderSnapshot:
    trade.desk.world.do(QuoteView, GenerateQuote(order=order.id))
    trade.desk.confirm(order, trade.order_version(order))
    done = trade.desk.world.do(PurchaseOrderView, IssuePurchaseOrder(order=order.id, supplier=trade.china.id))
    task = {"company": trade.desk.world.company, "order": order.id, "supplier": trade.china.id}
    return purchase_order_to_render(trade.desk.world.services, task | {"version": done.version})


WORDS = {"designation_en": "Stainless shackle", "designation_de": "Edelstahlschäkel"}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.FRENCH, "Manille inox"),
        (Language.ENGLISH, "Stainless shackle"),
        (Language.GERMAN, "Edelstahlschäkel"),
        (Language.SPANISH, "Manille inox"),
    ],
)
def test_a_designation_of_the_catalogue_is_in_the_supplier_s_language(
    trade: Trade, language: Language, expected: str
) -> None:
    """A language that the catalogue lacks leaves it as it was sold."""
    reference = shackle(trade, **WORDS)
    order = issued(trade, language, {"reference": reference.id, "designation": "Manille inox"})
    assert [line.designation for line in order.lines] == [expected]


def test_what_was_written_instead_of_the_catalogue_s_words_follows_them(trade: Trade) -> None:
    """It may tell what the supplier must know: an engraving, a colour."""
    reference = shackle(trade, **WORDS)
    order = issued(
        trade,
        Language.ENGLISH,
        {"reference": reference.id, "designation": "Manille inox gravée « Abeille »"},
        {"reference": reference.id, "designation": "Stainless shackle"},
        {"designation": "Pièce sur plan 42"},
    )
    assert [line.designation for line in order.lines] == [
        "Stainless shackle\nManille inox gravée « Abeille »",
        "Stainless shackle",
        "Pièce sur plan 42",
    ]


def test_the_order_s_own_lines_keep_their_words(trade: Trade) -> None:
    reference = shackle(trade, **WORDS)
    order, _ = trade.offer(bought(trade.china, "Manille inox", "1", "20.00", "11.50", "USD", reference=reference.id))
    _issue(trade, order)
    assert [line.designation for line in trade.products(order, trade.china)] == ["Manille inox"]


def test_units_are_in_the_supplier_s_language_and_others_as_entered(trade: Trade) -> None:
    order = issued(trade, Language.GERMAN, {"unit": "pièce"}, {"unit": "kg"}, {"unit": "touret de 12"})
    view = purchase_order_view(order)
    unit = [column.key for column in view.columns].index("unit")
    assert [row.cells[unit] for row in view.rows] == ["Stück", "kg", "touret de 12"]
    assert [line.unit for line in order.lines] == ["pièce", "kg", "touret de 12"]
