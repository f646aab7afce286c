"""Lists of offers and orders sorted whole, whatever narrows them and whatever the page (LOG-04)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.catalogue.pricing import totals
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.orders import sorting
from comptoir.orders.actions import AddAction, CompleteAction, ReadActions
from comptoir.orders.agenda import AgendaView, Role
from comptoir.orders.commands import CancelOffer, SetOfferLines
from comptoir.orders.following import LabelOrder
from comptoir.orders.items import ORDER, RANKS
from comptoir.orders.model import Order, OrderStatus
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.backend import Put
from comptoir.store.cursor import InvalidCursor
from tests.unit.orders_support import Desk, customer_request, head, open_desk
from tests.unit.test_following_exports import exported
from tests.unit.test_following_lists import assign, listed, manage, page
from tests.world import World, another_company, open_world

NAMES = ("Épicerie du Léon", "eau de mer", "Zinc & fils", "Éau", "日本商事", "Ab", "Ab cd")
MONTHS = (date(2026, 9, 30), date(2026, 10, 1), date(2026, 11, 21))
PERIOD = {"since": date(2026, 9, 1), "until": date(2026, 11, 30)}


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def lay(desk: Desk, orders: list[dict[str, Any]]) -> list[Order]:
    """Orders as they would lie after a long life, with their entries; numbers follow their dates."""
    model, _ = open_desk(another_company(desk.world)).offer()
    made = []
    for number, fields in enumerate(sorted(orders, key=lambda each: each.get("created_on", MONTHS[0])), 1):
        net = Money.of(fields.pop("net"), fields.get("currency", "EUR"))
        order = model.change(id=f"{number:026d}", number=f"C-{number:06d}", **fields)
        order = order.change(totals=totals((), net.currency).change(net=net))
        desk.world.services.store.backend.write([Put(ORDER.record(keys.order(desk.world.company, order.id), order, 0))])
        made.append(order)
    return made


BY: dict[str, Callable[[Order], Any]] = {
    "date": lambda order: (order.created_on, order.number),
    "number": lambda order: order.number,
    "amount": lambda order: (order.totals.net.currency, order.totals.net.amount, order.number),
}
FILTERS: dict[str, Callable[[Order], bool]] = {
    "all": lambda order: True,
    "offer": lambda order: order.status is OrderStatus.OFFER,
    "cancelled": lambda order: order.status is OrderStatus.CANCELLED,
}
ORDERS = st.lists(
    st.fixed_dictionaries(
        {
            "net": st.sampled_from(["-5", "0", "0.01", "9", "10", "1000000", "99.99"]),
            "currency": st.sampled_from(["EUR", "USD"]),
            "status": st.sampled_from(list(OrderStatus)),
            "customer_name": st.sampled_from(NAMES),
            "created_on": st.sampled_from(MONTHS),
        }
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(ORDERS, st.sampled_from(sorted(BY)), st.sampled_from(sorted(FILTERS)), st.booleans(), st.integers(1, 4))
def test_a_list_is_sorted_whole_page_after_page(
    orders: list[dict[str, Any]], sort: str, status: str, ascending: bool, limit: int
) -> None:
    """Whatever the size of a page, the pages together are what sorting everything gives."""
    desk = open_desk(open_world())
    made = lay(desk, orders)
    wanted = sorted(filter(FILTERS[status], made), key=BY[sort], reverse=not ascending)
    asked: dict[str, Any] = {} if status == "all" else {"status": status}
    if status != "offer":
        asked |= PERIOD
    found = listed(desk, sort=sort, ascending=ascending, limit=limit, **asked)
    assert found == [order.number.removeprefix("C-00000") for order in wanted]


def test_names_are_sorted_as_people_do(desk: Desk) -> None:
    """Accents and capitals apart, the shorter first, other scripts last; equals by number."""
    lay(desk, [{"net": "1", "customer_name": name} for name in NAMES])
    items = page(desk, status="offer", sort="customer", ascending=True).items
    assert [order.customer_name for order in items] == [
        "Ab",
        "Ab cd",
        "Éau",
        "eau de mer",
        "Épicerie du Léon",
        "Zinc & fils",
        "日本商事",
    ]
    backwards = page(desk, status="offer", sort="customer").items
    assert list(backwards) == list(items)[::-1]


def test_sorts_follow_each_change(desk: Desk) -> None:
    """An order stands once, under what it is now: amount, status, owner."""
    first, version = desk.offer("30.00")
    second, gone = desk.offer("20.00")
    assert listed(desk, status="offer", sort="amount") == ["1", "2"]
    desk.world.execute_as("manager", SetOfferLines(order=first.id, lines=desk.lines("10.00")), version)
    assert listed(desk, status="offer", sort="amount") == ["2", "1"]
    desk.world.execute_as("manager", CancelOffer(order=second.id), gone)
    assert listed(desk, status="offer", sort="amount") == ["1"]
    assert listed(desk, sort="amount", ascending=True) == ["1", "2"]
    assign(desk, first, "sales")
    assert listed(desk, operator=desk.world.operators["sales"], sort="amount") == ["1"]
    assert listed(desk, operator=desk.world.operators["manager"], sort="amount") == ["2"]


def test_acc_04_the_orders_of_a_team_are_sorted_together(desk: Desk) -> None:
    for amount, owner in (("30.00", "sales"), ("10.00", "assistant"), ("20.00", "sales"), ("1.00", "manager")):
        assign(desk, desk.offer(amount)[0], owner)
    manage(desk, "sales", "manager")
    manage(desk, "assistant", "manager")
    assert listed(desk, "manager", team=True, sort="amount", ascending=True, limit=1) == ["2", "3", "1"]


def act(desk: Desk, order: Order, day: int, role: Role = Role.SALES) -> None:
    request = AddAction(order=order.id, label="Relancer", role=role, due_on=date(2026, 11, day))
    desk.world.execute_as("manager", request)


def test_what_is_due_sorts_the_orders_that_have_it(desk: Desk) -> None:
    """LOG-02: by the first day, whoever is to act; done, an order leaves the list."""
    orders = [desk.offer()[0] for _ in range(4)]
    act(desk, orders[0], 25)
    act(desk, orders[1], 10, Role.LOGISTICS)
    act(desk, orders[2], 20)
    act(desk, orders[2], 28)
    assert listed(desk, sort="due", ascending=True) == ["2", "3", "1"]
    assert listed(desk, sort="due", ascending=True, limit=1) == ["2", "3", "1"]
    assert listed(desk, sort="due") == ["1", "3", "2"]
    assert listed(desk, sort="due", lateness="late", ascending=True) == ["2", "3"]
    assert listed(desk, lateness="late", sort="number") == ["3", "2"]
    manager = desk.world.operators["manager"]
    assert listed(desk, operator=manager, sort="due", ascending=True) == ["2", "3", "1"]
    assign(desk, orders[1], "sales")
    assert listed(desk, operator=manager, sort="due", ascending=True) == ["3", "1"]
    assert listed(desk, operator=desk.world.operators["sales"], lateness="late") == ["2"]
    reply = desk.world.execute_as("manager", ReadActions(order=orders[1].id))
    [action] = AgendaView.model_validate_json(reply.body).actions
    desk.world.execute_as("manager", CompleteAction(order=orders[1].id, action=action.id), reply.version)
    assert listed(desk, sort="due", ascending=True) == ["3", "1"]


def test_what_is_searched_is_sorted_too(desk: Desk) -> None:
    """With words, tags and a lateness together: each narrows, and all of it is put in order."""
    for amount in ("20.00", "30.00", "10.00"):
        order, _ = desk.offer(amount, customer_reference="PO-77")
        reply = head(desk, order)
        desk.world.execute_as("manager", LabelOrder(order=order.id, tags=("urgent",)), reply.version)
    act(desk, order, 10)
    desk.offer("5.00")
    for limit in (1, 50):
        assert listed(desk, search="po-77", sort="amount", limit=limit) == ["2", "1", "3"]
        assert listed(desk, tag=("urgent",), sort="amount", ascending=True, limit=limit) == ["3", "1", "2"]
        assert listed(desk, tag=("urgent",), ascending=True, limit=limit) == ["1", "2", "3"]
    assert listed(desk, search="po-77", lateness="late") == ["3"]
    assert listed(desk, search="po-77", sort="due") == ["3"]
    assert listed(desk, tag=("urgent",), lateness="alert") == []


def test_the_orders_of_a_customer_are_sorted(desk: Desk) -> None:
    other = desk.world.do(Party, customer_request(code="AUTRE", name="Autre maison"))
    for amount, customer in (("20.00", desk.customer), ("1.00", other), ("30.00", desk.customer)):
        desk.offer(amount, customer=customer.id)
    assert listed(desk, customer=desk.customer.id, sort="amount", limit=1) == ["3", "1"]
    assert listed(desk, customer=desk.customer.id, sort="number", ascending=True) == ["1", "3"]


def test_what_is_too_long_to_sort_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "MOST_GATHERED", 2)
    for _ in range(3):
        desk.offer("1.00", customer_reference="PO-77")
    with pytest.raises(Refused) as refused:
        page(desk, search="po-77", sort="amount")
    assert [(breach.code, breach.pointer) for breach in refused.value.breaches] == [("too_many_to_sort", "/sort")]
    assert len(page(desk, search="po-77").items) == 3


def test_a_cursor_is_of_one_list_and_one_order(desk: Desk) -> None:
    for _ in range(3):
        desk.offer("1.00", customer_reference="PO-77")
    for asked in ({"status": "offer"}, {"search": "po-77"}):
        cursor = page(desk, sort="amount", limit=1, **asked).cursor
        with pytest.raises(InvalidCursor):
            page(desk, sort="customer", limit=1, cursor=cursor, **asked)
        with pytest.raises(InvalidCursor):
            page(desk, sort="amount", ascending=True, limit=1, cursor=cursor, **asked)


def test_an_export_keeps_the_order_of_its_list(desk: Desk) -> None:
    for amount in ("20.00", "30.00", "10.00"):
        desk.offer(amount, customer_reference="PO-77")
    _, *rows = exported(desk, status="offer", sort="amount", ascending=True)
    assert [row[0] for row in rows] == ["C-000003", "C-000001", "C-000002"]
    _, *rows = exported(desk, search="po-77", sort="amount")
    assert [row[0] for row in rows] == ["C-000002", "C-000001", "C-000003"]


def test_amounts_sort_as_texts_whatever_their_sign(desk: Desk) -> None:
    model, _ = desk.offer()
    amounts = ["-1000", "-5.5", "-5", "0", "0.01", "2", "10", "999999999.99"]
    priced = [model.change(totals=model.totals.change(net=Money.of(amount, "EUR"))) for amount in amounts]
    texts = [RANKS["amount"](order) for order in priced]
    assert texts == sorted(texts)
