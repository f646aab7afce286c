"""The page of a party: its orders, documents and money, newest first, as far as one may read them (PTY-04)."""

from __future__ import annotations

from typing import Any

import pytest

from comptoir.kernel.errors import NotFound
from comptoir.orders.supplier_model import Ordered, PurchaseInput
from comptoir.orders.supplier_queries import ReadOrdered
from comptoir.purchasing.buying import OpenPurchase, ValidatePurchase
from comptoir.purchasing.party_page import PartyPage, ReadPartyPage
from comptoir.purchasing.purchase import Purchase
from comptoir.purchasing.received import ReceivedKind
from tests.unit.invoicing_support import Shop
from tests.unit.orders_support import open_desk
from tests.unit.purchasing_support import open_office
from tests.world import World


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(open_desk(world))


def page(shop: Shop, profile: str = "manager", **fields: Any) -> PartyPage:
    return shop.world.do(PartyPage, ReadPartyPage(party=shop.customer.id, **fields), profile)


def test_it_shows_the_latest_of_everything(shop: Shop) -> None:
    """PTY-04."""
    orders = []
    for _ in range(3):
        shop.world.wait(days=1)
        order, _ = shop.desk.offer("100", contact="Yann Kerbrat")
        orders.append(order.id)
    drafts = [shop.draft().id for _ in range(2)]
    shown = page(shop)
    assert shown.party.id == shop.customer.id
    assert [each.id for each in shown.orders] == orders[::-1]
    assert [each.id for each in shown.documents] == drafts[::-1]
    assert {movement.order for movement in shown.treasury} == set(orders)
    days = [movement.line.forecast_date for movement in shown.treasury if movement.line.forecast_date]
    assert days == sorted(days, reverse=True)
    assert [each.id for each in page(shop, limit=1).orders] == orders[-1:]


def test_of_a_supplier_it_shows_what_is_bought_and_owed() -> None:
    """PTY-03, PTY-04: requests, purchases, invoices and credit notes with their money, and the year's total."""
    office = open_office()
    world, supplier = office.world, office.france.id
    order, _ = office.confirmed()
    told = {"designation": "Cartons", "kind": "goods", "quantity": "200", "unit_price": "0.85"}
    cartons = PurchaseInput.model_validate(told)
    bought = world.do(Purchase, OpenPurchase(supplier=supplier, lines=(cartons,)), "purchasing")
    world.execute_as("purchasing", ValidatePurchase(purchase=bought.id), if_match=1)
    invoice = office.record()
    office.credit(invoice)
    shown = world.do(PartyPage, ReadPartyPage(party=supplier), "administrator")
    assert [each.order for each in shown.supplier_requests] == [order.id]
    assert [each.id for each in shown.purchases] == [bought.id]
    assert [each.kind for each in shown.supplier_documents] == [ReceivedKind.CREDIT_NOTE, ReceivedKind.INVOICE]
    assert {(each.order, each.purchase, each.document) for each in shown.treasury} == {
        (order.id, None, None),
        (None, bought.id, None),
        (None, None, invoice.id),
    }
    assert [each.number for request in shown.owed_requests for each in request.due] == [invoice.number]
    assert [each.number for request in shown.supplier_credits for each in request.credits] == ["A-1"]
    year = world.do(Ordered, ReadOrdered(party=supplier))
    assert shown.ordered == year.amounts != ()
    accountant = world.do(PartyPage, ReadPartyPage(party=supplier), "accountant")
    assert (accountant.ordered, accountant.supplier_requests) == ((), ())


def test_it_shows_what_one_may_read(shop: Shop, other: World) -> None:
    """ACC-02, ACC-05: an accountant sees documents, and nothing of orders."""
    shop.desk.offer("100", contact="Yann Kerbrat")
    shop.draft()
    shown = page(shop, "accountant")
    assert (len(shown.orders), len(shown.treasury), len(shown.documents)) == (0, 0, 1)
    with pytest.raises(NotFound):
        other.execute_as("manager", ReadPartyPage(party=shop.customer.id))
