"""What reading lists of orders costs, whatever the company holds (LOG-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from comptoir.orders.agenda import Action, Agenda, Following, Role
from comptoir.orders.agendas import AGENDA
from comptoir.orders.items import ORDER
from comptoir.orders.model import Order, OrderStatus
from comptoir.store import keys
from comptoir.store.backend import Backend, Operation, Put, Query, Slice
from comptoir.store.record import Key, Record
from tests.unit.orders_support import Desk, on_backend, open_desk
from tests.unit.test_following_lists import manage, page
from tests.world import World


@dataclass
class Read:
    """A backend that counts the calls and the items that queries and reads give."""

    inner: Backend
    calls: int = 0
    items: int = 0

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        found = self.inner.get(keys)
        self.calls, self.items = self.calls + 1, self.items + len(found)
        return found

    def query(self, query: Query) -> Slice:
        part = self.inner.query(query)
        self.calls, self.items = self.calls + 1, self.items + len(part.records)
        return part

    def write(self, operations: Sequence[Operation]) -> None:
        self.inner.write(operations)

    def counter(self, key: Key) -> int:
        return self.inner.counter(key)


LISTS: dict[str, dict[str, Any]] = {
    "this month": {},
    "in progress": {"status": "offer"},
    "confirmed": {"status": "confirmed"},
    "completed in a month": {"status": "completed", "month": "2026-11"},
    "of an operator": {"operator": "manager"},
    "of the team": {"team": True},
    "of a customer": {"customer": "the customer"},
    "by amount": {"status": "offer", "sort": "amount"},
    "by customer, of every status": {"sort": "customer", "ascending": True},
    "by amount, of the team": {"team": True, "sort": "amount"},
    "by what is due, of an operator": {"operator": "manager", "sort": "due", "ascending": True},
    "over months": {"since": "2026-01-01", "until": "2026-11-30"},
}


_CALL = Action(id="0" * 26, label="Relancer", role=Role.SALES, alert_on=date(2026, 11, 20))


@dataclass
class Flood:
    """Copies of an offer in every status, all in one month, of one customer and one operator: the worst case."""

    desk: Desk
    statuses: tuple[OrderStatus, ...] = tuple(OrderStatus)
    made: int = 0
    model: Order | None = field(default=None)

    def to(self, count: int) -> None:
        """Add copies until there are `count`."""
        backend, company = self.desk.world.services.store.backend, self.desk.world.company
        self.model = self.model or self.desk.offer("10.00")[0]
        for number in range(self.made, count):
            order = self.model.change(id=f"{number:026d}", number=f"X-{number:06d}", status=self.statuses[number % 4])
            following = {name: getattr(order, name) for name in Following.model_fields if name != "order"}
            agenda = Agenda(**following, order=order.id, actions=(_CALL,))
            head, actions = keys.order(company, order.id), keys.order_agenda(company, order.id)
            backend.write([Put(ORDER.record(head, order, 0)), Put(AGENDA.record(actions, agenda, 0))])
        self.made = count


def cost(desk: Desk, asked: dict[str, Any]) -> tuple[int, int, int]:
    """Calls, items read and orders shown for the first page and the one after it."""
    names = {"manager": desk.world.operators["manager"], "the customer": desk.customer.id}
    given = {name: names.get(value, value) if isinstance(value, str) else value for name, value in asked.items()}
    spy, services = Read(desk.world.services.store.backend), desk.world.services
    desk.world.services = on_backend(services, spy)
    first = page(desk, "administrator", limit=10, **given)
    second = page(desk, "administrator", limit=10, cursor=first.cursor, **given)
    desk.world.services = services
    return spy.calls, spy.items, len(first.items) + len(second.items)


def test_log_04_reading_a_list_costs_the_same_whatever_the_company_holds(world: World) -> None:
    """Items read at 200 and at 2,000 orders, in the worst case: one month, one customer, one operator."""
    desk = open_desk(world)
    manage(desk, "manager", "administrator")
    flood = Flood(desk)
    flood.to(200)
    few = {name: cost(desk, asked) for name, asked in LISTS.items()}
    flood.to(2000)
    many = {name: cost(desk, asked) for name, asked in LISTS.items()}
    assert many == few
    assert {shown for _, _, shown in few.values()} == {20}
    assert max(items for _, items, _ in few.values()) < 120
