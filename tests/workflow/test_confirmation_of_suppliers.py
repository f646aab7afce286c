"""The confirmation of an order with suppliers: whole or not at all, one transaction, few calls (CNF-03, CNF-07)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from comptoir.kernel.errors import VersionMismatch
from comptoir.orders.confirmation import ConfirmOrder
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.tasks import apply_confirmation, check_confirmation
from comptoir.parties.commands import UpdateParty
from comptoir.parties.model import Party, PartyFields
from comptoir.treasury.model import TreasuryStatus
from functions.steps.app import TASKS
from tests.unit.orders_support import Counted, Writes, event_of, events, head, on_backend, refusal
from tests.unit.suppliers_support import Trade, bought, french_supplier, open_trade
from tests.workflow.test_confirmation import POINTS, Killed, failing, start
from tests.world import World


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def statuses(trade: Trade, order: Order) -> set[tuple[str, TreasuryStatus]]:
    """Each request's status with those of its treasury lines."""
    return {
        (trade.request(order, supplier).status, line.status)
        for supplier in (trade.china, trade.france)
        for line in trade.treasury(order, supplier).lines
    }


def is_whole(trade: Trade, order: Order) -> bool:
    """Whether the order is confirmed; with everything of it, or with nothing."""
    done = Order.model_validate_json(head(trade.desk, order).body).status is OrderStatus.CONFIRMED
    firm = {(OrderStatus.CONFIRMED, TreasuryStatus.FIRM)}
    assert statuses(trade, order) == (firm if done else {(OrderStatus.OFFER, TreasuryStatus.FORECAST)})
    assert trade.ordered(trade.china) == (["127.00 USD"] if done else [])
    assert trade.ordered(trade.france) == (["125.00 EUR"] if done else [])
    assert events(trade.desk, order).count("confirmed") == int(done)
    return done


def test_requests_treasury_and_totals_are_confirmed_with_the_order(trade: Trade) -> None:
    """CNF-03, PTY-03: forecast lines of purchases become firm, dated from the confirmation."""
    order, version = trade.quoted()
    assert not is_whole(trade, order)
    trade.desk.confirm(order, version, date=date(2026, 11, 19))
    assert is_whole(trade, order)
    assert trade.treasury(order, trade.china).lines[0].forecast_date == date(2026, 11, 19)
    assert trade.ordered(trade.china, year=2025) == []


def test_a_second_order_adds_to_the_year(trade: Trade) -> None:
    """PTY-03: kept, never counted again by reading."""
    for _ in range(3):
        trade.confirmed()
    assert trade.ordered(trade.china) == ["381.00 USD"]
    order, version = trade.quoted()
    trade.desk.confirm(order, version, date=date(2025, 12, 31))
    assert (trade.ordered(trade.china), trade.ordered(trade.china, year=2025)) == (["381.00 USD"], ["127.00 USD"])


@pytest.mark.parametrize(("task", "after"), POINTS)
@pytest.mark.parametrize("times", [2, 1000])
def test_killed_at_any_point_it_is_confirmed_whole_or_not_at_all(
    trade: Trade, task: str, after: bool, times: int
) -> None:
    """CNF-07: before each step's work, after it and before its answer, retried or for ever."""
    order, version = trade.quoted()
    start(trade.desk, order, version, {task: failing(Killed, times, after)})
    done = is_whole(trade, order)
    assert done == (times == 2 or (task, after) == ("apply_confirmation", True))
    start(trade.desk, order, version, {}, "again")
    assert is_whole(trade, order)


def test_sixteen_runs_at_once_confirm_once(trade: Trade) -> None:
    """CNF-07."""
    order, version = trade.quoted()
    event = event_of(trade.desk, order, version)
    apply = partial(apply_confirmation, trade.desk.world.services)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: apply(event), range(16)))
    assert answers == [{"outcome": "confirmed"}] * 16
    assert is_whole(trade, order)


@pytest.mark.parametrize("edited", ["terms", "lines", "party"])
def test_an_edit_of_a_request_while_it_is_confirmed_confirms_nothing(trade: Trade, edited: str) -> None:
    """CNF-07: the transaction holds every request and every supplier as the criteria saw them."""
    order, version = trade.quoted()
    world = trade.desk.world
    spy = Writes(world.services.store.backend)

    def edit() -> None:
        at = trade.version(order, trade.china)
        if edited == "terms":
            world.execute_as("manager", trade.update(order, trade.china, terms=()), at)
        elif edited == "lines":
            [first, *rest] = trade.products(order, trade.china)
            world.execute_as("manager", trade.send(order, trade.china, first.change(unit_price=Decimal(1)), *rest), at)
        else:
            change_supplier(trade)

    spy.before = edit
    answer = apply_confirmation(on_backend(world.services, spy), event_of(trade.desk, order, version))
    assert answer["outcome"] == "refused"
    found = [breach["code"] for breach in answer["breaches"]]
    assert found[0] == ("supplier_contact_missing" if edited == "party" else "version_mismatch")
    assert Order.model_validate_json(head(trade.desk, order).body).status is OrderStatus.OFFER
    assert trade.ordered(trade.china) == []


def change_supplier(trade: Trade) -> None:
    """The supplier in China without any contact."""
    given = {name: getattr(trade.china, name) for name in PartyFields.model_fields}
    trade.desk.world.execute_as("manager", UpdateParty(**(given | {"party": trade.china.id, "contacts": ()})), 1)


def test_an_edit_between_the_steps_is_told_to_who_waits(trade: Trade) -> None:
    order, version = trade.quoted()
    real = trade.desk.workflows.tasks["apply_confirmation"]

    def edited_first(services: Any, event: Mapping[str, Any]) -> dict[str, Any]:
        at = trade.version(order, trade.china)
        trade.desk.world.execute_as("manager", trade.update(order, trade.china, message="Vite"), at)
        return real(services, event)

    trade.desk.workflows.tasks["apply_confirmation"] = edited_first
    assert isinstance(refusal(trade.desk, ConfirmOrder(order=order.id), version), VersionMismatch)
    assert not is_whole(trade, order)


@pytest.mark.parametrize("suppliers", [0, 1, 10, 20])
def test_confirming_is_one_transaction_whatever_the_number_of_suppliers(trade: Trade, suppliers: int) -> None:
    """Figures of issue 3: the calls of each step do not grow with the suppliers; the writes stay below 100."""
    world = trade.desk.world
    parties = [world.do(Party, french_supplier(code=f"S{number}")) for number in range(suppliers)]
    lines = tuple(bought(party, f"P{n}", "1", "2.00", "1.50", "EUR") for n, party in enumerate(parties))
    order, version = trade.quoted(*lines) if lines else trade.desk.quoted("100.00")
    counted, spy = Counted(world.services.store.backend), Writes(world.services.store.backend)
    check_confirmation(on_backend(world.services, counted), event_of(trade.desk, order, version))
    assert counted.calls == ["get", "get"]
    counted.calls.clear()
    spy.inner = counted
    assert apply_confirmation(on_backend(world.services, spy), event_of(trade.desk, order, version)) == {
        "outcome": "confirmed"
    }
    assert counted.calls == ["get", "get", "write"]
    [operations] = spy.transactions
    assert len(operations) <= 10 + 4 * suppliers
    assert all(trade.ordered(party) == ["1.50 EUR"] for party in parties)


def test_the_deployed_steps_confirm_an_order_with_suppliers(trade: Trade) -> None:
    order, version = trade.quoted()
    run = start(trade.desk, order, version, dict.fromkeys(TASKS, lambda step: step))
    assert run.states == ["Check", "Checked", "Apply", "Applied", "Done"]
    assert is_whole(trade, order)
