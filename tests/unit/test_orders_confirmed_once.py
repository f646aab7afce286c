"""Confirming twice, in parallel, against edits: the effect of confirming once (CNF-07)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from comptoir.access.execute import Reply
from comptoir.kernel.errors import VersionMismatch
from comptoir.kernel.money import Money
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.confirmation import ConfirmOrder
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.tasks import apply_confirmation, check_confirmation
from comptoir.parties.model import Contact
from comptoir.treasury.model import TreasuryStatus
from tests.unit.orders_support import (
    Desk,
    Writes,
    change_customer,
    codes,
    event_of,
    events,
    on_backend,
    open_desk,
    refusal,
)
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def test_all_effects_are_one_transaction(desk: Desk) -> None:
    """CNF-03: all or nothing; quote, customer and company are held as the criteria saw them."""
    order, version = desk.quoted("100.00")
    spy = Writes(desk.world.services.store.backend)
    answer = apply_confirmation(on_backend(desk.world.services, spy), event_of(desk, order, version))
    assert answer == {"outcome": "confirmed"}
    [operations] = spy.transactions
    places = sorted(operation.key.sk.partition("#")[0] for operation in operations)
    assert places == ["HEAD", "HEAD", "HEAD", "HISTORY", "HISTORY", "QUOTE", "TREASURY"]


def test_an_edit_between_check_and_effects_is_not_confirmed(desk: Desk) -> None:
    """CNF-07: the order confirmed is the one that was seen; the caller gets 412 and may look again."""
    order, version = desk.quoted("100.00")

    def edit() -> None:
        lines = desk.lines("100.00", "900.00")
        desk.world.execute_as("sales", SetOfferLines(order=order.id, lines=lines), version)

    real = desk.workflows.tasks["apply_confirmation"]

    def edited_first(services: Any, event: Any) -> dict[str, Any]:
        edit()
        return real(services, event)

    desk.workflows.tasks["apply_confirmation"] = edited_first
    assert isinstance(refusal(desk, ConfirmOrder(order=order.id), version), VersionMismatch)
    desk.workflows.tasks["apply_confirmation"] = real
    assert {line.status for line in desk.treasury(order).lines} == {TreasuryStatus.FORECAST}
    assert desk.confirm(order, version + 1).totals.net == Money.of(1000, "EUR")


def test_an_edit_while_the_effects_are_written_is_not_confirmed(desk: Desk) -> None:
    """The transaction itself holds the version, the quote and the customer."""
    order, version = desk.quoted("100.00")
    spy = Writes(desk.world.services.store.backend)
    lines = desk.lines("5.00")
    spy.before = lambda: _ignore(desk.world.execute_as("sales", SetOfferLines(order=order.id, lines=lines), version))
    answer = apply_confirmation(on_backend(desk.world.services, spy), event_of(desk, order, version))
    assert (answer["outcome"], answer["breaches"][0]["code"]) == ("refused", "version_mismatch")


def test_a_customer_spoiled_while_the_effects_are_written_is_not_confirmed(desk: Desk) -> None:
    order, version = desk.quoted("100.00")
    spy = Writes(desk.world.services.store.backend)
    spy.before = lambda: change_customer(desk, contacts=())
    answer = apply_confirmation(on_backend(desk.world.services, spy), event_of(desk, order, version))
    assert [breach["code"] for breach in answer["breaches"]] == ["contact_missing"]


def _ignore(reply: Reply) -> None:
    assert reply.status == 200


def test_the_tasks_done_twice_confirm_once(desk: Desk) -> None:
    """CNF-07: a task that crashed after its write finds it done."""
    order, version = desk.quoted("1.00")
    event = event_of(desk, order, version)
    assert check_confirmation(desk.world.services, event) == {"outcome": "ready"}
    for _ in range(3):
        assert apply_confirmation(desk.world.services, event) == {"outcome": "confirmed"}
        assert check_confirmation(desk.world.services, event) == {"outcome": "confirmed"}
    assert events(desk, order).count("confirmed") == 1


def test_sixteen_operators_at_once_confirm_once(desk: Desk) -> None:
    """CNF-07: one run, one effect, everybody told the same."""
    order, version = desk.quoted("100.00")
    request = ConfirmOrder(order=order.id)
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: desk.world.execute_as("manager", request, version), range(16)))
    assert {reply.status for reply in replies} <= {200, 202}
    assert any(reply.status == 200 for reply in replies)
    assert len(desk.workflows.runs) == 1
    assert events(desk, order).count("confirmed") == 1
    assert events(desk, order).count("treasury_firm") == 1


def test_parallel_runs_of_the_effects_confirm_once(desk: Desk) -> None:
    """Two executions that apply at the same time: the memory backend is atomic between threads."""
    order, version = desk.quoted("100.00")
    event = event_of(desk, order, version)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: apply_confirmation(desk.world.services, event), range(24)))
    assert answers == [{"outcome": "confirmed"}] * 24
    assert events(desk, order).count("confirmed") == 1


def test_a_request_repeated_with_its_key_gets_the_confirmed_order(desk: Desk) -> None:
    order, version = desk.quoted("1.00")
    replies = [
        desk.world.execute_as("manager", ConfirmOrder(order=order.id), version, idempotency_key="k") for _ in range(2)
    ]
    assert replies[0] == replies[1]
    assert Order.model_validate_json(replies[0].body).status is OrderStatus.CONFIRMED


class Slow:
    """A workflow engine that has not come to it yet."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def start(self, machine: str, name: str, payload: Any) -> None:
        self.names.append(name)


def test_an_undecided_confirmation_answers_202_and_is_joined(desk: Desk) -> None:
    """Within ten seconds or a place to look; a run that outlived its time is given up for another."""
    order, version = desk.quoted("1.00")
    pauses: list[float] = []
    engine = Slow()
    services = desk.world.services
    desk.world.services = type(services)(**(services.__dict__ | {"workflows": engine, "pause": pauses.append}))
    replies = [desk.world.execute_as("manager", ConfirmOrder(order=order.id), version) for _ in range(2)]
    assert [reply.status for reply in replies] == [202, 202]
    assert sum(pauses) / 2 <= 11
    desk.world.wait(minutes=15)
    desk.world.execute_as("manager", ConfirmOrder(order=order.id), version)
    base = f"confirm-{order.id}-{version}"
    assert engine.names == [base, base, f"{base}-2"]


def test_a_late_refusal_of_an_older_attempt_is_not_taken_for_the_newer_one(desk: Desk) -> None:
    order, version = desk.quoted("1.00")
    change_customer(desk, contacts=(Contact(name="Yann Kerbrat"),))
    refusal(desk, ConfirmOrder(order=order.id), version)
    # A run that failed and could not even say so.
    desk.workflows.tasks |= dict.fromkeys(desk.workflows.tasks, lambda services, event: {"outcome": "unknown"})
    reply = desk.world.execute_as("manager", ConfirmOrder(order=order.id), version)
    assert reply.status == 202
    assert check_confirmation(desk.world.services, event_of(desk, order, version, attempt=1))["outcome"] == "refused"
    assert desk.world.execute_as("manager", ConfirmOrder(order=order.id), version).status == 202


def test_who_asks_again_for_the_version_that_was_confirmed_gets_the_order(desk: Desk) -> None:
    """CNF-07: a lost answer costs nothing; for any other version it is 412."""
    order, version = desk.quoted("1.00")
    first, again = (desk.confirm(order, version) for _ in range(2))
    assert first == again
    assert len(desk.workflows.runs) == 1
    assert isinstance(refusal(desk, ConfirmOrder(order=order.id), version - 1), VersionMismatch)
    error = refusal(desk, ConfirmOrder(order=order.id), version + 1)
    assert (error.status, codes(error)) == (409, ["not_an_offer"])
