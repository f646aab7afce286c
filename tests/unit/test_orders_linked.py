"""Three linked unit prices: nothing lost to rounding, transport kept first (OFF-06)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.orders.linked import Linked, LinkedPrices, adjust

prices = st.decimals(min_value=0, max_value=10**9, places=6)
triples = st.builds(LinkedPrices, prices, prices)


@given(triples, st.sampled_from(Linked), prices)
def test_the_price_that_was_changed_is_what_it_was_changed_to(
    before: LinkedPrices, changed: Linked, price: Decimal
) -> None:
    """OFF-06: exactly, whatever the digits; the overall price is always the sum of the two others."""
    after = adjust(before, changed, price)
    assert {Linked.GOODS: after.goods, Linked.TRANSPORT: after.transport, Linked.OVERALL: after.overall}[
        changed
    ] == price
    assert after.goods >= 0
    assert after.transport >= 0
    assert int(after.overall * 10**6) == int(after.goods * 10**6) + int(after.transport * 10**6)


@given(triples, st.sampled_from([Linked.GOODS, Linked.OVERALL]), prices)
def test_the_transport_price_is_kept_first(before: LinkedPrices, changed: Linked, price: Decimal) -> None:
    """OFF-06: an overall price takes from the transport only what the goods price cannot give."""
    after = adjust(before, changed, price)
    if changed is Linked.OVERALL and price < before.transport:
        assert after == (Decimal(0), price)
    else:
        assert after.transport == before.transport


@given(triples, prices)
def test_a_transport_price_moves_the_overall_one(before: LinkedPrices, price: Decimal) -> None:
    """OFF-06."""
    assert adjust(before, Linked.TRANSPORT, price) == (before.goods, price)


@given(triples, st.lists(st.tuples(st.sampled_from(Linked), prices), max_size=8))
def test_going_back_to_an_overall_price_comes_back_to_its_parts(
    before: LinkedPrices, changes: list[tuple[Linked, Decimal]]
) -> None:
    """Changing goods or overall prices back and forth loses nothing while they leave room for the transport."""
    after = before
    for changed, price in changes:
        if changed is not Linked.TRANSPORT:
            after = adjust(after, changed, price + (before.transport if changed is Linked.OVERALL else 0))
    assert adjust(after, Linked.OVERALL, before.overall) == before


@pytest.mark.parametrize(
    ("changed", "price", "goods", "transport", "overall"),
    [
        (Linked.GOODS, "90", "90", "20", "110"),
        (Linked.TRANSPORT, "30", "100", "30", "130"),
        (Linked.OVERALL, "150", "130", "20", "150"),
        (Linked.OVERALL, "15", "0", "15", "15"),
    ],
)
def test_examples(changed: Linked, price: str, goods: str, transport: str, overall: str) -> None:
    """100 of goods and 20 of transport make 120."""
    after = adjust(LinkedPrices(Decimal(100), Decimal(20)), changed, Decimal(price))
    assert (after.goods, after.transport, after.overall) == (Decimal(goods), Decimal(transport), Decimal(overall))
