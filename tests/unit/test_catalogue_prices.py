"""Special prices: the customer's, then its price list's, then the sale price (CAT-04)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import CreateReference
from comptoir.catalogue.model import Reference
from comptoir.catalogue.price_requests import ListOwnerPrices, ListReferencePrices, ReadPrices, SavePrices
from comptoir.catalogue.prices import PriceSource, SpecialPrices, price_for, special_prices
from comptoir.kernel.errors import NotFound, Refused, VersionMismatch
from comptoir.kernel.ids import derived_id
from comptoir.parties.commands import CreateParty
from comptoir.parties.model import Party
from comptoir.parties.price_lists import (
    CreatePriceList,
    ListPriceLists,
    PriceList,
    ReadPriceListHistory,
    UpdatePriceList,
)
from tests.world import World

DAY = date(2026, 11, 21)
TRADE = derived_id("price list", "trade")


def party(**fields: Any) -> Party:
    entered = {"id": derived_id("party"), "code": "C1", "name": "Odet", "kinds": ("customer",), "address": {}}
    return Party.model_validate(entered | fields)


def reference(**fields: Any) -> Reference:
    entered = {"id": derived_id("reference"), "code": "R1", "designation": "Vis", "sale_price": "10"}
    return Reference.model_validate(entered | fields)


def prices(owner: str, *tariffs: dict[str, Any]) -> SpecialPrices:
    return SpecialPrices.model_validate(
        {
            "reference": reference().id,
            "reference_code": "R1",
            "owner": owner,
            "source": "customer",
            "tariffs": [{"valid_from": "2026-01-01"} | tariff for tariff in tariffs],
        }
    )


def at(*breaks: tuple[int, str], **fields: Any) -> dict[str, Any]:
    return {"breaks": [{"from_quantity": quantity, "price": price} for quantity, price in breaks]} | fields


def found(
    *special: SpecialPrices, quantity: str = "1", day: date = DAY, **fields: Any
) -> tuple[Decimal, PriceSource] | None:
    price = price_for(reference(**fields), party(price_list=TRADE), Decimal(quantity), day, special)
    return (price.price, price.source) if price else None


def test_the_customer_s_price_wins_then_its_list_s_then_the_sale_price() -> None:
    """CAT-04."""
    own, listed = prices(party().id, at((0, "7"))), prices(TRADE, at((0, "8")))
    assert found(listed, own) == (Decimal(7), PriceSource.CUSTOMER)
    assert found(listed) == (Decimal(8), PriceSource.PRICE_LIST)
    assert found() == (Decimal(10), PriceSource.REFERENCE)
    assert found(sale_price=None) is None
    assert found(prices(derived_id("somebody else"), at((0, "1")))) == (Decimal(10), PriceSource.REFERENCE)


def test_the_greatest_quantity_reached_gives_the_price() -> None:
    """CAT-04: quantity breaks; below the least one the next source answers."""
    own = prices(party().id, at((10, "9"), (100, "8")))
    assert [found(own, quantity=q) for q in ("9.9999", "10", "99", "100")] == [
        (Decimal(10), PriceSource.REFERENCE),
        (Decimal(9), PriceSource.CUSTOMER),
        (Decimal(9), PriceSource.CUSTOMER),
        (Decimal(8), PriceSource.CUSTOMER),
    ]


def test_a_price_holds_from_its_first_day_to_its_last() -> None:
    """CAT-04: validity dates; of two that hold, the one that begins last counts."""
    year = at((0, "9"), valid_from="2026-01-01", valid_to="2026-12-31")
    promotion = at((0, "5"), valid_from="2026-11-01", valid_to="2026-11-30")
    own = prices(party().id, year, promotion)
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)]
    assert [str(price[0]) for day in days if (price := found(own, day=day))] == ["10", "9", "5", "5", "9"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 99)), min_size=1, max_size=8), st.integers(0, 60))
def test_the_order_of_breaks_never_matters(breaks: list[tuple[int, int]], quantity: int) -> None:
    unique = list(dict(breaks).items())
    tariffs = [at(*[(q, str(p)) for q, p in order]) for order in (unique, unique[::-1])]
    first, second = (found(prices(party().id, tariff), quantity=str(quantity)) for tariff in tariffs)
    assert first == second


def test_prices_are_set_read_and_listed_on_both_sides(world: World) -> None:
    """CAT-04."""
    trade = world.do(PriceList, CreatePriceList(name="Négoce"))
    customer = world.do(
        Party, CreateParty(code="C1", name="Odet", kinds=("customer",), address={}, price_list=trade.id)
    )
    thing = world.do(Reference, CreateReference(code="R1", designation="Vis", sale_price=Decimal(10)))
    for owner, price in ((trade.id, "8"), (customer.id, "7")):
        request = SavePrices(reference=thing.id, owner=owner, tariffs=[{"valid_from": "2026-01-01"} | at((0, price))])
        world.execute_as("purchasing", request, if_match=0)
        with pytest.raises(VersionMismatch):
            world.execute_as("purchasing", request, if_match=0)
    stored = world.services.store.transact(lambda tx: special_prices(tx, world.company, [thing.id], customer))
    assert [each.source for each in stored[thing.id]] == [PriceSource.CUSTOMER, PriceSource.PRICE_LIST]
    proposed = price_for(thing, customer, Decimal(1), DAY, stored[thing.id])
    assert proposed is not None
    assert (proposed.price, proposed.source) == (Decimal(7), PriceSource.CUSTOMER)
    by_owner = world.do(Listing[SpecialPrices], ListOwnerPrices(owner=trade.id)).items
    assert [(each.reference, each.source) for each in by_owner] == [(thing.id, PriceSource.PRICE_LIST)]
    assert len(world.do(Listing[SpecialPrices], ListReferencePrices(reference=thing.id)).items) == 2
    world.execute_as("purchasing", SavePrices(reference=thing.id, owner=trade.id, tariffs=()), if_match=1)
    assert world.do(Listing[SpecialPrices], ListOwnerPrices(owner=trade.id)).items == ()
    assert world.do(SpecialPrices, ReadPrices(reference=thing.id, owner=trade.id)).tariffs == ()


def test_what_is_wrong_with_prices_is_told_at_once(world: World, other: World) -> None:
    thing = world.do(Reference, CreateReference(code="R1", designation="Vis"))
    trade = world.do(PriceList, CreatePriceList(name="Négoce"))
    wrong = [
        at((0, "1"), (0, "2"), valid_from="2026-02-01", valid_to="2026-01-31"),
        at((0, "1"), valid_from="2026-02-01"),
    ]
    with pytest.raises(Refused) as refused:
        world.execute_as("manager", SavePrices(reference=thing.id, owner=trade.id, tariffs=wrong), if_match=0)
    assert [(breach.code, breach.pointer) for breach in refused.value.breaches] == [
        ("ends_before_start", "/tariffs/0/valid_to"),
        ("duplicate_break", "/tariffs/0/breaks"),
        ("duplicate_tariff", "/tariffs/1/valid_from"),
    ]
    theirs = other.do(PriceList, CreatePriceList(name="Autre"))
    with pytest.raises(NotFound):
        world.execute_as("manager", SavePrices(reference=thing.id, owner=theirs.id, tariffs=()), if_match=0)
    with pytest.raises(Refused) as refused:
        world.do(Party, CreateParty(code="C1", name="O", kinds=("customer",), address={}, price_list=theirs.id))
    assert [breach.pointer for breach in refused.value.breaches] == ["/price_list"]


def test_price_lists_are_named_and_renamed(world: World) -> None:
    world.do(PriceList, CreatePriceList(name="Zone B"))
    first = world.do(PriceList, CreatePriceList(name="détail"))
    world.execute_as("manager", UpdatePriceList(price_list=first.id, name="Détail"), if_match=1)
    assert [each.name for each in world.do(Listing[PriceList], ListPriceLists()).items] == ["Détail", "Zone B"]
    [renamed, _] = world.do(Listing[HistoryEntry], ReadPriceListHistory(price_list=first.id)).items
    assert renamed.changes["/name"] == ["détail", "Détail"], "ACC-06"
