"""Orders and supplier requests that are completed, by themselves or by hand (LOG-03)."""

from __future__ import annotations

from datetime import date

import pytest

from comptoir.access.execute import Request
from comptoir.kernel.errors import DomainError
from comptoir.orders.actions import AddAction, ReadActions
from comptoir.orders.agenda import ActionState, AgendaView, Role
from comptoir.orders.dating import settled
from comptoir.orders.following import CompleteOrder, CompleteSupplierRequest, SetMilestone, SetTracking
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.reopening import ReopenOrder, ReopenSupplierRequest
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury, TreasuryStatus
from tests.unit.orders_support import Desk, codes, events, head, open_desk, update
from tests.unit.suppliers_support import Trade, bought, open_trade
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def turn(world: World, key: Key, status: TreasuryStatus) -> None:
    """Put every treasury line in a status: invoicing and paying are other tests' matter."""

    def work(tx: object) -> None:
        stored: Treasury = tx.require(TREASURY, key)  # type: ignore[attr-defined]
        lines = tuple(line.change(status=status) for line in stored.lines)
        tx.put(TREASURY, key, stored.change(lines=lines))  # type: ignore[attr-defined]

    world.services.store.transact(work)


def own(desk: Desk, order: Order) -> Key:
    return keys.order_treasury(desk.world.company, order.id)


def delivered(order: Order) -> SetMilestone:
    return SetMilestone(order=order.id, milestone="delivery", actual=date(2026, 11, 20))


def now(desk: Desk, order: Order) -> Order:
    return Order.model_validate_json(head(desk, order).body)


def fails(desk: Desk, request: Request, version: int | None = None) -> str:
    with pytest.raises(DomainError) as error:
        desk.world.execute_as("manager", request, version)
    return codes(error.value)[0]


def test_log_03_an_order_is_completed_once_delivered_invoiced_and_paid(desk: Desk) -> None:
    order, version = desk.quoted("100.00")
    order, version = desk.confirm(order, version), version + 1
    desk.world.execute_as("manager", AddAction(order=order.id, label="Relancer", role=Role.SALES))
    turn(desk.world, own(desk, order), TreasuryStatus.PAID)
    eta = SetMilestone(order=order.id, milestone="eta", actual=date(2026, 11, 18))
    assert desk.world.do(Order, eta, if_match=version).status is OrderStatus.CONFIRMED
    after = desk.world.do(Order, delivered(order), if_match=version + 1)
    assert (after.status, after.completed_on) == (OrderStatus.COMPLETED, date(2026, 11, 21))
    assert now(desk, order) == after
    assert "completed" in events(desk, order)
    [action] = desk.world.do(AgendaView, ReadActions(order=order.id)).actions
    assert action.state is ActionState.CANCELLED


@pytest.mark.parametrize("status", [TreasuryStatus.FIRM, TreasuryStatus.INVOICED, TreasuryStatus.CREDIT_TO_DEDUCT])
def test_log_03_what_is_not_paid_keeps_an_order_open(desk: Desk, status: TreasuryStatus) -> None:
    order, version = desk.quoted("100.00")
    order, version = desk.confirm(order, version), version + 1
    turn(desk.world, own(desk, order), status)
    assert desk.world.do(Order, delivered(order), if_match=version).status is OrderStatus.CONFIRMED


def test_log_03_nothing_expected_is_nothing_settled() -> None:
    assert not settled(Treasury())


def test_log_03_a_completed_order_no_longer_changes_but_can_be_tracked(desk: Desk) -> None:
    order, version = desk.quoted("100.00")
    assert fails(desk, CompleteOrder(order=order.id), version) == "order_not_confirmed"
    order, version = desk.confirm(order, version), version + 1
    after = desk.world.do(Order, CompleteOrder(order=order.id, reason="Soldée"), if_match=version)
    assert after.status is OrderStatus.COMPLETED
    assert events(desk, order)[:2] == ["completed_by_hand", "completed"]
    for request in (delivered(order), update(after), CompleteOrder(order=order.id)):
        assert fails(desk, request, version + 1) in ("order_closed", "order_not_confirmed")
    assert desk.treasury(order).lines[0].status is TreasuryStatus.FIRM
    desk.world.execute_as("manager", SetTracking(order=order.id, links=()), version + 1)


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def test_log_03_an_order_waits_for_its_supplier_requests(trade: Trade) -> None:
    """Each is completed when its goods are received and it is paid; the order once all of them are."""
    desk = trade.desk
    order, version = trade.confirmed()
    turn(desk.world, own(desk, order), TreasuryStatus.PAID)
    turn(desk.world, keys.supplier_treasury(desk.world.company, order.id, trade.china.id), TreasuryStatus.PAID)
    received = SetMilestone(order=order.id, milestone="goods_receipt", actual=date(2026, 11, 19))
    version = desk.world.execute_as("manager", received, version).version or 0
    assert trade.request(order, trade.china).status is OrderStatus.COMPLETED
    assert trade.request(order, trade.france).status is OrderStatus.CONFIRMED
    version = desk.world.execute_as("manager", delivered(order), version).version or 0
    assert now(desk, order).status is OrderStatus.CONFIRMED
    turn(desk.world, keys.supplier_treasury(desk.world.company, order.id, trade.france.id), TreasuryStatus.PAID)
    eta = SetMilestone(order=order.id, milestone="eta", actual=date(2026, 11, 18))
    assert desk.world.do(Order, eta, if_match=version).status is OrderStatus.COMPLETED
    assert trade.ordered(trade.france) == ["125.00 EUR"]


def test_log_03_a_supplier_request_is_completed_by_hand(trade: Trade) -> None:
    desk = trade.desk
    offer, _ = trade.quoted(bought(trade.china, "A", "1", "20.00", "11.50", "USD", purchase_incoterm="FOB"))
    named = {"order": offer.id, "supplier": trade.china.id}
    assert fails(desk, CompleteSupplierRequest(**named), trade.version(offer, trade.china)) == "order_not_confirmed"
    order = desk.confirm(offer, trade.order_version(offer))
    request = CompleteSupplierRequest(**named)
    after = desk.world.do(SupplierRequest, request, if_match=trade.version(order, trade.china))
    assert after.status is OrderStatus.COMPLETED
    assert now(desk, order).status is OrderStatus.CONFIRMED
    assert fails(desk, request, trade.version(order, trade.china)) == "request_closed"
    assert trade.ordered(trade.china) == ["11.50 USD"]


def test_log_03_completing_an_order_completes_its_requests(trade: Trade) -> None:
    order, version = trade.confirmed()
    trade.desk.world.execute_as("manager", CompleteOrder(order=order.id), version)
    for supplier in (trade.china, trade.france):
        assert trade.request(order, supplier).status is OrderStatus.COMPLETED


def test_log_03_what_was_completed_by_hand_is_opened_again(trade: Trade) -> None:
    """The order with the requests that are not received and paid; it changes again, and its money is dated again."""
    world = trade.desk.world
    order, version = trade.confirmed()
    turn(world, keys.supplier_treasury(world.company, order.id, trade.china.id), TreasuryStatus.PAID)
    received = SetMilestone(order=order.id, milestone="goods_receipt", actual=date(2026, 11, 19))
    version = world.execute_as("manager", received, version).version or 0
    assert fails(trade.desk, ReopenOrder(order=order.id), version) == "not_completed"
    version = world.execute_as("manager", CompleteOrder(order=order.id), version).version or 0
    assert trade.ordered(trade.france) == ["125.00 EUR"]
    again = ReopenOrder(order=order.id, reason="Reliquat retrouvé")
    after = world.do(Order, again, if_match=version)
    assert (after.status, after.completed_on) == (OrderStatus.CONFIRMED, None)
    assert events(trade.desk, order)[0] == "reopened_by_hand"
    assert trade.request(order, trade.china).status is OrderStatus.COMPLETED
    assert trade.request(order, trade.france).status is OrderStatus.CONFIRMED
    assert trade.ordered(trade.france) == ["125.00 EUR"]
    world.execute_as("manager", delivered(order), trade.order_version(order))


def test_log_03_a_supplier_request_is_opened_again(trade: Trade) -> None:
    """One that was completed too early takes costs again; the order was never closed."""
    order, _ = trade.confirmed()
    named = {"order": order.id, "supplier": trade.china.id}
    request = CompleteSupplierRequest(**named)
    trade.desk.world.execute_as("manager", request, trade.version(order, trade.china))
    reply = trade.desk.world.execute_as("manager", ReopenSupplierRequest(**named), trade.order_version(order))
    after = SupplierRequest.model_validate_json(reply.body)
    assert (after.status, reply.version) == (OrderStatus.CONFIRMED, trade.version(order, trade.china))
    assert now(trade.desk, order).status is OrderStatus.CONFIRMED
    assert fails(trade.desk, ReopenSupplierRequest(**named), trade.order_version(order)) == "not_completed"
    assert "supplier_requests_reopened" in events(trade.desk, order)
