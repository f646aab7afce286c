"""Undoing a confirmation: an offer again, except what is invoiced or paid (CNF-06)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comptoir.kernel.errors import Forbidden, VersionMismatch
from comptoir.orders import locks
from comptoir.orders.commands import CancelOffer, SetOfferLines
from comptoir.orders.items import SUPPLIER
from comptoir.orders.model import CONFIRMATION, Order, OrderStatus, QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.tasks import apply_confirmation
from comptoir.orders.undo import UndoConfirmation
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import TreasuryStatus
from tests.unit.orders_support import codes, event_of, events, inputs, refusal, refused, update
from tests.unit.suppliers_support import Trade, open_trade
from tests.world import World


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def undo(trade: Trade, order: Order, version: int) -> Order:
    return trade.desk.world.do(Order, UndoConfirmation(order=order.id, reason="Prix à revoir"), if_match=version)


def invoice(trade: Trade, order: Order) -> None:
    """The first line invoiced, as an issued invoice leaves the treasury: its first instalment, and what it took."""
    key = keys.order_treasury(trade.desk.world.company, order.id)
    [first, *_] = inputs(trade.desk, order)

    def work(tx: Transaction) -> None:
        before = tx.require(TREASURY, key)
        billed = before.lines[0].change(status=TreasuryStatus.INVOICED)
        tx.put(TREASURY, key, before.change(lines=(billed, *before.lines[1:]), taken={first.id: Decimal(4)}))

    trade.desk.world.services.store.transact(work)


def test_undoing_brings_everything_back(trade: Trade) -> None:
    """CNF-06: status, milestone, both treasuries, the year's totals; the history keeps what was confirmed."""
    order, version = trade.confirmed()
    assert trade.ordered(trade.china) == ["127.00 USD"]
    after = undo(trade, order, version)
    assert (after.status, after.confirmation) == (OrderStatus.OFFER, None)
    milestone = next(each for each in after.milestones if each.name == CONFIRMATION)
    assert milestone.actual is None
    assert milestone.forecast is not None
    for lines in (trade.desk.treasury(order).lines, trade.treasury(order, trade.china).lines):
        assert {line.status for line in lines} == {TreasuryStatus.FORECAST}
        assert lines[0].forecast_date == milestone.forecast
    assert trade.request(order, trade.china).status is OrderStatus.OFFER
    assert (trade.ordered(trade.china), trade.ordered(trade.france)) == ([], [])
    assert "confirmation_undone" in events(trade.desk, order)


def test_the_offer_can_be_changed_and_confirmed_again(trade: Trade) -> None:
    order, version = trade.confirmed()
    undo(trade, order, version)
    lines = inputs(trade.desk, order)
    lines[1] = lines[1].change(unit_price=Decimal(50), purchase_price=Decimal(30))
    trade.desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), version + 1)
    trade.desk.world.do(QuoteView, GenerateQuote(order=order.id))
    again = trade.desk.confirm(order, version + 3)
    assert again.status is OrderStatus.CONFIRMED
    assert trade.ordered(trade.france) == ["150.00 EUR"]
    assert events(trade.desk, order).count("confirmed") == 2


def test_a_late_run_of_the_confirmation_that_was_undone_does_nothing(trade: Trade) -> None:
    """CNF-07: a task delivered again after the undo finds another version."""
    order, version = trade.confirmed()
    undo(trade, order, version)
    answer = apply_confirmation(trade.desk.world.services, event_of(trade.desk, order, version - 1))
    assert (answer["outcome"], answer["breaches"][0]["code"]) == ("refused", "version_mismatch")
    assert trade.ordered(trade.china) == []


def test_what_is_invoiced_or_paid_stays(trade: Trade) -> None:
    """CNF-06: treasury back to forecast except lines invoiced or paid; the offer keeps what invoices say."""
    order, version = trade.confirmed()
    invoice(trade, order)
    undo(trade, order, version)
    assert [line.status for line in trade.desk.treasury(order).lines] == [
        TreasuryStatus.INVOICED,
        TreasuryStatus.FORECAST,
    ]
    lines = inputs(trade.desk, order)
    attempts = {
        ("quantity_taken", "/lines/0/quantity"): [lines[0].change(quantity=Decimal(3)), *lines[1:]],
        ("price_invoiced", "/lines/0/unit_price"): [lines[0].change(unit_price=Decimal(19)), *lines[1:]],
        ("line_invoiced", "/lines"): lines[1:],
    }
    for expected, entered in attempts.items():
        assert refused(trade.desk, SetOfferLines(order=order.id, lines=entered), version + 1) == [expected]
    found = refused(trade.desk, update(order, currency="USD"), version + 1)
    assert ("fixed_by_invoices", "/currency") in found
    assert isinstance(refusal(trade.desk, CancelOffer(order=order.id), version + 1), locks.AlreadyInvoiced)
    more = [lines[0].change(quantity=Decimal(4)), *lines[1:]]
    trade.desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=more), version + 1)


def test_undoing_takes_its_own_permission(trade: Trade) -> None:
    """ACC-03: who may confirm may not undo."""
    order, version = trade.confirmed()
    with pytest.raises(Forbidden):
        trade.desk.world.execute_as("sales", UndoConfirmation(order=order.id), version)


def test_what_can_t_be_undone_says_why(trade: Trade) -> None:
    order, version = trade.quoted()
    assert codes(refusal(trade.desk, UndoConfirmation(order=order.id), version)) == ["no_confirmation_to_undo"]
    trade.desk.confirm(order, version)
    assert isinstance(refusal(trade.desk, UndoConfirmation(order=order.id), version), VersionMismatch)
    world = trade.desk.world

    def complete(tx: Transaction) -> None:
        for supplier in (trade.china, trade.france):
            key = keys.supplier_request(world.company, order.id, supplier.id)
            tx.put(SUPPLIER, key, tx.require(SUPPLIER, key).change(status=OrderStatus.COMPLETED))

    world.services.store.transact(complete)
    error = refusal(trade.desk, UndoConfirmation(order=order.id), version + 1)
    assert (error.status, codes(error)) == (409, ["request_completed", "request_completed"])
    assert trade.ordered(trade.china) == ["127.00 USD"]
