"""The page of a party: its orders, documents and money, newest first, as far as one may read them (PTY-04)."""

from __future__ import annotations

from typing import Any

import pytest

from comptoir.invoicing.party_page import PartyPage, ReadPartyPage
from comptoir.kernel.errors import NotFound
from tests.unit.invoicing_support import Shop
from tests.unit.orders_support import open_desk
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


def test_it_shows_what_one_may_read(shop: Shop, other: World) -> None:
    """ACC-02, ACC-05: an accountant sees documents, and nothing of orders."""
    shop.desk.offer("100", contact="Yann Kerbrat")
    shop.draft()
    shown = page(shop, "accountant")
    assert (len(shown.orders), len(shown.treasury), len(shown.documents)) == (0, 0, 1)
    with pytest.raises(NotFound):
        other.execute_as("manager", ReadPartyPage(party=shop.customer.id))
