"""Supplier requests in step with the offer: one per supplier, its prices, currency, incoterm and treasury (OFF-09)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.access.queries import Listing
from comptoir.orders.commands import CancelOffer, SetOfferLines
from comptoir.orders.model import Milestone, OrderStatus
from comptoir.orders.supplier_model import SupplierRequest, SupplierRequestSummary
from comptoir.orders.supplier_queries import ListPartyRequests, ListSupplierRequests
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.treasury.model import INVOICE, TreasuryStatus
from tests.unit.orders_support import Counted, events, inputs, on_backend, refused, update
from tests.unit.suppliers_support import BANK, Trade, bought, french_supplier, open_trade, supplier_request
from tests.world import World


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def test_saving_an_offer_makes_one_request_per_supplier_with_its_purchase_side(trade: Trade) -> None:
    """OFF-09, PTY-03: prices and currency of the lines, terms, language, contact and incoterm of the supplier."""
    order, _ = trade.offer()
    assert order.suppliers == (trade.china.id, trade.france.id)
    china, france = trade.request(order, trade.china), trade.request(order, trade.france)
    assert (china.rank, china.lines, china.currency, str(china.totals.gross.amount)) == (1, 2, "USD", "127.00")
    assert (china.contact, china.language, china.incoterm, china.incoterm_place) == ("Li Wei", "en", "FOB", "Shanghai")
    assert (china.final_incoterm, china.status, china.unpriced) == ("FOB", OrderStatus.OFFER, 0)
    assert (france.rank, france.lines, str(france.totals.net.amount), str(france.totals.gross.amount)) == (
        2,
        1,
        "125.00",
        "150.00",
    )
    assert {term.bank_account for term in china.terms} == {BANK}


def test_treasury_of_purchases_follows_the_same_rules(trade: Trade) -> None:
    """TRS-01 on the purchase side: a share per term, dated from the milestones, forecast."""
    order, version = trade.offer()
    lines = trade.treasury(order, trade.china).lines
    assert [(str(line.amount.amount), line.amount.currency, line.forecast_date) for line in lines] == [
        ("63.50", "USD", date(2026, 12, 1)),
        ("63.50", "USD", date(2027, 2, 9)),
    ]
    assert {line.status for line in lines} == {TreasuryStatus.FORECAST}
    later = (order.milestones[0], Milestone(name=INVOICE, forecast=date(2027, 3, 1)))
    trade.desk.world.execute_as("manager", update(order, milestones=later), version)
    assert trade.treasury(order, trade.china).lines[1].forecast_date == date(2027, 3, 31)


def test_a_changed_line_changes_its_supplier_s_request_alone(trade: Trade) -> None:
    order, version = trade.offer()
    before = trade.version(order, trade.china), trade.version(order, trade.france)
    lines = inputs(trade.desk, order)
    lines[1] = lines[1].change(quantity=Decimal(6))
    trade.desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), version)
    assert (trade.version(order, trade.china), trade.version(order, trade.france)) == (before[0], before[1] + 1)
    assert str(trade.request(order, trade.france).totals.net.amount) == "150.00"
    assert "supplier_requests_computed" in events(trade.desk, order)


def test_a_line_that_moves_to_another_supplier_leaves_an_empty_request_that_keeps_its_terms(trade: Trade) -> None:
    """Nothing is deleted; an empty request is in no list of its supplier, and comes back as it was."""
    order, version = trade.offer()
    lines = inputs(trade.desk, order)
    moved = [*lines[:1], lines[1].change(supplier=trade.china.id, purchase_currency="USD"), *lines[2:]]
    trade.desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=moved), version)
    empty = trade.request(order, trade.france)
    assert (empty.lines, str(empty.totals.gross.amount)) == (0, "0.00")
    assert not trade.treasury(order, trade.france).lines
    listed = trade.desk.world.do(Listing[SupplierRequestSummary], ListPartyRequests(party=trade.france.id))
    assert listed.items == ()
    trade.desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), version + 1)
    again = trade.request(order, trade.france)
    assert (again.lines, again.rank, again.terms) == (1, 2, empty.terms)


def test_requests_are_listed_by_order_and_by_supplier(trade: Trade) -> None:
    """PTY-04: newest order first."""
    orders = [trade.offer()[0] for _ in range(3)]
    found = trade.desk.world.do(Listing[SupplierRequest], ListSupplierRequests(order=orders[0].id))
    assert [request.supplier for request in found.items] == [trade.china.id, trade.france.id]
    listed = trade.desk.world.do(Listing[SupplierRequestSummary], ListPartyRequests(party=trade.china.id))
    assert [request.order for request in listed.items] == [order.id for order in reversed(orders)]


def test_a_cancelled_offer_keeps_its_requests_cancelled(trade: Trade) -> None:
    """LOG-03, TRS-01: nothing is expected to be paid any more."""
    order, version = trade.offer()
    assert trade.treasury(order, trade.china).lines
    trade.desk.world.execute_as("manager", CancelOffer(order=order.id), version)
    for supplier in (trade.china, trade.france):
        assert trade.request(order, supplier).status is OrderStatus.CANCELLED
        assert trade.treasury(order, supplier).lines == ()


def test_a_request_has_one_currency_and_a_supplier_that_is_one(trade: Trade) -> None:
    lines = (
        *trade.lines(),
        bought(trade.china, "E", "1", "1.00", "1.00", "EUR"),
        bought(trade.desk.customer, "F", "1", "1.00", None, None),
    )
    order, version = trade.desk.offer()
    assert refused(trade.desk, SetOfferLines(order=order.id, lines=lines), version) == [
        ("not_a_supplier", "/lines/5/supplier"),
        ("purchase_currency_differs", "/lines/4/purchase_currency"),
    ]


def test_an_order_has_at_most_twenty_suppliers(trade: Trade) -> None:
    """So that a confirmation, four items for each, fits one transaction."""
    world = trade.desk.world
    parties = [world.do(Party, supplier_request(code=f"S{number}")) for number in range(21)]
    lines = tuple(bought(party, "X", "1", "2.00", "1.00", "USD") for party in parties)
    order, version = trade.desk.offer()
    assert refused(trade.desk, SetOfferLines(order=order.id, lines=lines), version) == [
        ("too_many_suppliers", "/lines")
    ]
    assert trade.offer(*lines[:20])[0].lines == 20


@pytest.mark.parametrize(("suppliers", "lines"), [(1, 10), (10, 1000), (20, 5000)])
def test_an_offer_with_its_requests_is_one_transaction(trade: Trade, suppliers: int, lines: int) -> None:
    """OFF-09: 1,000 lines with 10 suppliers, and the most of both, in one write."""
    world = trade.desk.world
    parties = [world.do(Party, french_supplier(code=f"S{number}")) for number in range(suppliers)]
    entered = tuple(bought(parties[n % suppliers], f"L{n}", "3", "2.50", "1.25", "EUR") for n in range(lines))
    order, version = trade.desk.offer()
    counted = Counted(world.services.store.backend)
    world.services = on_backend(world.services, counted)
    world.execute_as("manager", SetOfferLines(order=order.id, lines=entered), version)
    assert counted.calls.count("write") == 1
    assert len(counted.calls) <= 7
    request = trade.request(order, parties[0])
    assert request.lines == lines // suppliers
    assert request.totals.net.amount == Decimal("3.75") * request.lines
    stored = world.services.store.backend.get([keys.supplier_treasury(world.company, order.id, parties[-1].id)])
    assert len(stored) == 1
