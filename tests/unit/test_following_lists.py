"""Lists of offers and of orders: filters, sorts, teams, and what reading them costs (LOG-04, ACC-04)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.access.commands import UpdateOperator
from comptoir.access.model import Operator, OperatorSummary
from comptoir.access.queries import Listing, ListTeam
from comptoir.kernel.errors import Refused
from comptoir.orders.actions import AddAction
from comptoir.orders.agenda import DueOrder, Lateness, Role
from comptoir.orders.commands import CancelOffer
from comptoir.orders.due import ListDue
from comptoir.orders.following import AssignOrder, SetMilestone
from comptoir.orders.lists import ListOrders
from comptoir.orders.model import Order
from comptoir.orders.summary import OrderSummary
from comptoir.parties.model import Party
from comptoir.store import keys
from tests.unit.orders_support import Desk, customer_request, head, open_desk
from tests.world import World, another_company


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def page(desk: Desk, profile: str = "sales", **asked: Any) -> Listing[OrderSummary]:
    return desk.world.do(Listing[OrderSummary], ListOrders(**asked), profile)


def listed(desk: Desk, profile: str = "sales", **asked: Any) -> list[str]:
    """The numbers of every page of a list, as 1, 2 …"""
    found: list[str] = []
    cursor: str | None = None
    while True:
        part = page(desk, profile, cursor=cursor, **asked)
        found += [order.number.removeprefix("C-00000") for order in part.items]
        cursor = part.cursor
        if cursor is None:
            return found


def assign(desk: Desk, order: Order, sales: str, logistics: str | None = None) -> None:
    operators = desk.world.operators
    request = AssignOrder(
        order=order.id,
        sales_operator=operators[sales],
        logistics_operator=operators[logistics] if logistics else None,
    )
    desk.world.execute_as("manager", request, head(desk, order).version)


def manage(desk: Desk, member: str, manager: str | None) -> None:
    """Put an operator into the team of another."""
    identifier = desk.world.operators[member]
    stored = desk.world.services.store.backend.get([keys.operator(desk.world.company, identifier)])
    [record] = stored.values()
    request = UpdateOperator(
        operator=identifier,
        name=f"Opérateur {member}",
        profile=member,
        manager=desk.world.operators[manager] if manager else None,
    )
    desk.world.do(Operator, request, "administrator", if_match=record.version)


def test_log_04_open_orders_are_listed_whole_and_closed_ones_by_month(desk: Desk) -> None:
    """An offer of last year is still in progress: its list knows no month."""
    old, version = desk.offer()
    gone, gone_version = desk.offer()
    desk.world.execute_as("manager", CancelOffer(order=gone.id), gone_version)
    desk.world.wait(days=400)
    desk.offer()
    assert listed(desk, status="offer") == ["3", "1"]
    assert listed(desk) == ["3"]
    assert listed(desk, status="cancelled") == []
    assert listed(desk, status="cancelled", month="2026-11") == ["2"]
    assert listed(desk, month="2026-11") == ["2", "1"]
    assert listed(desk, since=date(2026, 11, 1), until=date(2027, 12, 31)) == ["3", "2", "1"]
    assert listed(desk, since=date(2026, 11, 1), until=date(2027, 12, 31), limit=1) == ["3", "2", "1"]
    assert listed(desk, status="offer", until=date(2026, 12, 31)) == ["1"]
    assert (old.id, version) != (gone.id, 0)


def test_log_04_a_period_is_bounded_and_told_one_way(desk: Desk) -> None:
    with pytest.raises(Refused) as error:
        page(desk, since=date(2020, 1, 1), until=date(2026, 1, 1))
    assert [breach.code for breach in error.value.breaches] == ["period_too_long"]
    for wrong in (
        {"month": "2026-11", "since": "2026-11-01"},
        {"milestone_since": "2026-11-01"},
        {"operator": desk.customer.id, "team": True},
    ):
        with pytest.raises(ValidationError):
            ListOrders(**wrong)


def test_log_04_every_filter_narrows(desk: Desk) -> None:
    other = desk.world.do(Party, customer_request(code="AUTRE", name="Autre maison"))
    first, _ = desk.offer(customer=other.id, customer_reference="PO-7781")
    second, _ = desk.offer()
    third, version = desk.quoted("10.00")
    desk.confirm(third, version)
    assign(desk, first, "sales", "logistics")
    assign(desk, third, "sales")
    sales, logistics = desk.world.operators["sales"], desk.world.operators["logistics"]
    assert listed(desk, operator=sales) == ["3", "1"]
    assert listed(desk, operator=sales, status="offer") == ["1"]
    assert listed(desk, operator=desk.world.operators["manager"]) == ["2"]
    assert listed(desk, customer=other.id, status="offer") == ["1"]
    assert listed(desk, customer=other.id, status="confirmed") == []
    assert listed(desk, customer=desk.customer.id, operator=sales) == ["3"]
    assert listed(desk, status="confirmed") == ["3"]
    assert listed(desk, logistics_operator=logistics) == ["1"]
    assert listed(desk, search="po-7781") == ["1"]
    assert listed(desk, search="autre mais") == ["1"]
    assert listed(desk, search="autre", status="confirmed") == []
    assert second.number == "C-000002"


def test_log_04_orders_are_found_by_the_date_of_a_milestone(desk: Desk) -> None:
    """The actual date rather than the forecast; a date that moved is found where it is."""
    order, version = desk.offer()
    desk.offer()
    desk.world.execute_as("manager", SetMilestone(order=order.id, milestone="etd", forecast=date(2026, 12, 3)), version)

    def departing(since: date | None, until: date | None) -> list[str]:
        return listed(desk, milestone="etd", milestone_since=since, milestone_until=until)

    assert departing(date(2026, 12, 1), date(2026, 12, 3)) == ["1"]
    assert departing(date(2026, 12, 4), None) == []
    left = SetMilestone(order=order.id, milestone="etd", forecast=date(2026, 12, 3), actual=date(2026, 11, 20))
    desk.world.execute_as("manager", left, version + 1)
    assert departing(date(2026, 12, 1), None) == []
    assert departing(None, date(2026, 11, 20)) == ["1"]
    assert listed(desk, milestone="etd") == ["1"]


def test_log_04_a_page_is_put_in_order(desk: Desk) -> None:
    other = desk.world.do(Party, customer_request(code="AUTRE", name="Autre maison"))
    desk.offer("30.00")
    desk.offer("10.00", customer=other.id)
    desk.offer("20.00")
    assert listed(desk) == ["3", "2", "1"]
    assert listed(desk, ascending=True) == ["1", "2", "3"]
    assert listed(desk, sort="number") == ["3", "2", "1"]
    assert listed(desk, sort="amount", ascending=True) == ["2", "3", "1"]
    assert listed(desk, sort="amount") == ["1", "3", "2"]
    assert listed(desk, sort="customer", ascending=True) == ["2", "1", "3"]


def test_acc_04_a_team_is_those_whose_manager_one_is(desk: Desk) -> None:
    """Lists of the team follow the manager link as it is now."""
    mine, _ = desk.offer()
    theirs, _ = desk.offer()
    others, _ = desk.offer()
    for order, sales in ((mine, "manager"), (theirs, "sales"), (others, "assistant")):
        assign(desk, order, sales)
    assert listed(desk, "manager", team=True) == []
    manage(desk, "sales", "manager")
    team = desk.world.do(Listing[OperatorSummary], ListTeam(), "manager").items
    assert [operator.name for operator in team] == ["Opérateur sales"]
    assert listed(desk, "manager", team=True) == ["2"]
    manage(desk, "assistant", "manager")
    assert listed(desk, "manager", team=True) == ["3", "2"]
    assert listed(desk, "manager", team=True, limit=1) == ["3", "2"]
    assert listed(desk, "manager", team=True, status="offer") == ["3", "2"]
    assert listed(desk, "sales", team=True) == []
    manage(desk, "sales", None)
    assert listed(desk, "manager", team=True) == ["3"]


def due(desk: Desk, profile: str = "manager", **asked: Any) -> list[tuple[str, Lateness | None]]:
    found = desk.world.do(Listing[DueOrder], ListDue(**asked), profile).items
    return [(order.number.removeprefix("C-00000"), order.lateness) for order in found]


def test_ind_07_what_is_due_is_listed_by_whose_it_is_and_how_late(desk: Desk) -> None:
    """LOG-02: orange once the alert date is reached, red once the due date is; computed when read."""
    first, _ = desk.offer()
    second, _ = desk.offer()
    for order, alert, until in ((first, 20, 25), (second, 23, 24)):
        action = AddAction(
            order=order.id,
            label="Relancer",
            role=Role.LOGISTICS,
            alert_on=date(2026, 11, alert),
            due_on=date(2026, 11, until),
        )
        desk.world.execute_as("manager", action)
    assign(desk, first, "sales", "logistics")
    assign(desk, second, "sales", "logistics")
    logistics = desk.world.operators["logistics"]
    assert due(desk) == [("1", Lateness.ALERT)]
    assert due(desk, until=date(2026, 11, 30)) == [("1", Lateness.ALERT), ("2", None)]
    assert due(desk, lateness="late") == []
    assert listed(desk, lateness="alert") == ["1"]
    desk.world.wait(days=3)
    assert due(desk, role="logistics", operator=logistics) == [("1", Lateness.ALERT), ("2", Lateness.LATE)]
    assert due(desk, role="sales", operator=desk.world.operators["sales"]) == []
    assert due(desk, lateness="late") == [("2", Lateness.LATE)]
    assert listed(desk, lateness="late") == ["2"]
    assert listed(desk, lateness="late", operator=desk.world.operators["manager"]) == []
    manage(desk, "logistics", "manager")
    assert due(desk, role="logistics", team=True, lateness="alert") == [("1", Lateness.ALERT)]
    assert due(desk, "sales", role="logistics", team=True) == []
    with pytest.raises(ValidationError, match="role"):
        ListDue(team=True)


def test_acc_05_another_company_s_orders_are_in_no_list(desk: Desk) -> None:
    desk.offer()
    other = another_company(desk.world)
    for asked in ({}, {"status": "offer"}, {"customer": desk.customer.id}, {"search": "epicerie"}):
        assert other.do(Listing[OrderSummary], ListOrders(**asked)).items == ()
