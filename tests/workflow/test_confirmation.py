"""statemachines/order_confirmation.asl.json on the real tasks: CNF-07, every Retry and every Catch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import pytest

from comptoir.orders.confirmation import ConfirmOrder
from comptoir.orders.items import ORDER
from comptoir.orders.model import Order, OrderStatus
from comptoir.orders.queries import ReadOrder
from comptoir.orders.tasks import apply_confirmation, check_confirmation, record_failure
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import TreasuryStatus
from functions.steps.app import TASKS
from tests.infra.asl import Run
from tests.unit.orders_support import Confirmations, Desk, event_of, events, open_desk, refusal
from tests.world import World

Step = Callable[[Mapping[str, Any]], dict[str, Any]]


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def read(desk: Desk, order: Order) -> Order:
    return desk.world.do(Order, ReadOrder(order=order.id))


def confirmations(desk: Desk, order: Order) -> int:
    return events(desk, order).count("confirmed")


class Killed(Exception):
    """What Lambda reports when its process dies: `Lambda.Unknown` matches States.TaskFailed alone."""


def failing(error: type[Exception], times: int, after: bool) -> Callable[[Step], Step]:
    """A task that fails so many times, before its work or after it, before its answer is out."""

    def wrap(step: Step) -> Step:
        left = [times]

        def run(event: Mapping[str, Any]) -> dict[str, Any]:
            if after and left[0]:
                step(event)
            if left[0]:
                left[0] -= 1
                raise error("injected")
            return step(event)

        return run

    return wrap


def start(desk: Desk, order: Order, version: int, wraps: Mapping[str, Callable[[Step], Step]], name: str = "r") -> Run:
    machine = Confirmations(lambda: desk.world.services).machine()
    steps: dict[str, Step] = {task: partial(TASKS[task], desk.world.services) for task in TASKS}
    steps |= {task: wrap(steps[task]) for task, wrap in wraps.items()}
    machine.functions = {"steps": lambda event: steps[event["task"]](event)}
    return machine.start(event_of(desk, order, version), name)


def named(name: str) -> type[Exception]:
    return type(name, (Exception,), {})


TRANSIENT = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
]
POINTS = [(task, after) for task in ("check_confirmation", "apply_confirmation") for after in (False, True)]


def test_the_steps_function_has_the_tasks_of_the_definition(desk: Desk) -> None:
    """The dispatch table is the one that is deployed."""
    assert TASKS["check_confirmation"] is check_confirmation
    assert TASKS["apply_confirmation"] is apply_confirmation
    assert TASKS["record_failure"] is record_failure


def test_a_ready_order_is_checked_then_confirmed(desk: Desk) -> None:
    order, version = desk.quoted("100.00")
    run = start(desk, order, version, {})
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "confirmed"})
    assert run.states == ["Check", "Checked", "Apply", "Applied", "Done"]
    assert read(desk, order).status is OrderStatus.CONFIRMED


def test_a_refused_order_stops_at_the_check(desk: Desk) -> None:
    order, version = desk.offer("100.00")
    run = start(desk, order, version, {})
    assert run.states == ["Check", "Checked", "DecidedAtCheck"]
    assert run.output["outcome"] == "refused"
    assert [breach["code"] for breach in run.output["breaches"]] == ["quote_missing"]
    assert read(desk, order).status is OrderStatus.OFFER


def test_an_order_confirmed_already_stops_at_the_check(desk: Desk) -> None:
    """A second execution for the same version has the effect of one."""
    order, version = desk.quoted("100.00")
    start(desk, order, version, {})
    run = start(desk, order, version, {}, "again")
    assert run.states == ["Check", "Checked", "DecidedAtCheck"]
    assert run.output == {"outcome": "confirmed"}
    assert confirmations(desk, order) == 1


def test_an_edit_between_the_steps_is_refused_when_the_effects_are_applied(desk: Desk) -> None:
    order, version = desk.quoted("100.00")

    def edit_first(step: Step) -> Step:
        def run(event: Mapping[str, Any]) -> dict[str, Any]:
            desk.world.services.store.transact(lambda tx: _touch(tx, desk, order))
            return step(event)

        return run

    run = start(desk, order, version, {"apply_confirmation": edit_first})
    assert run.states[-1] == "Done"
    assert (run.output["outcome"], run.output["breaches"][0]["code"]) == ("refused", "version_mismatch")
    assert read(desk, order).status is OrderStatus.OFFER


def _touch(tx: Transaction, desk: Desk, order: Order) -> None:
    key = keys.order(desk.world.company, order.id)
    tx.put(ORDER, key, tx.require(ORDER, key).change(message="Autre"))


@pytest.mark.parametrize(("task", "after"), POINTS)
@pytest.mark.parametrize("error", ["Killed", *TRANSIENT])
def test_a_crash_at_any_point_is_retried_and_confirms_once(desk: Desk, task: str, after: bool, error: str) -> None:
    """CNF-07: before the work, or after it and before the answer; two crashes in a row."""
    order, version = desk.quoted("100.00")
    kind = Killed if error == "Killed" else named(error)
    run = start(desk, order, version, {task: failing(kind, 2, after)})
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "confirmed"})
    assert run.attempts["Check" if task == "check_confirmation" else "Apply"] == 3
    assert len(run.delays) == 2
    assert confirmations(desk, order) == 1
    assert {line.status for line in desk.treasury(order).lines} == {TreasuryStatus.FIRM}


@pytest.mark.parametrize(("task", "after"), POINTS)
@pytest.mark.parametrize(("error", "attempts"), [("Killed", 4), *((name, 7) for name in TRANSIENT)])
def test_a_task_that_never_answers_ends_the_run_with_what_became_of_the_order(
    desk: Desk, task: str, after: bool, error: str, attempts: int
) -> None:
    """The run fails loudly unless the order is confirmed all the same; it may be confirmed again at once."""
    order, version = desk.quoted("100.00")
    kind = Killed if error == "Killed" else named(error)
    run = start(desk, order, version, {task: failing(kind, 1000, after)})
    applied = (task, after) == ("apply_confirmation", True)
    assert run.states[-3:] == ["RecordFailure", "Recorded", "ConfirmedAllTheSame" if applied else "NotConfirmed"]
    if applied:
        assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "confirmed"})
    else:
        assert (run.status, run.error) == ("FAILED", "NotConfirmed")
    assert run.attempts["Check" if task == "check_confirmation" else "Apply"] == attempts
    assert confirmations(desk, order) == int(applied)
    assert read(desk, order).status is (OrderStatus.CONFIRMED if applied else OrderStatus.OFFER)
    again = start(desk, order, version, {}, "again")
    assert again.output == {"outcome": "confirmed"}
    assert confirmations(desk, order) == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_failure_that_cannot_be_recorded_still_fails_the_run(desk: Desk, after: bool) -> None:
    order, version = desk.quoted("100.00")
    wraps = {"apply_confirmation": failing(Killed, 1000, False), "record_failure": failing(Killed, 1000, after)}
    run = start(desk, order, version, wraps)
    assert (run.status, run.error) == ("FAILED", "NotConfirmed")
    assert (run.states[-2:], run.attempts["RecordFailure"]) == (["RecordFailure", "NotConfirmed"], 4)


@pytest.mark.parametrize("task", ["check_confirmation", "apply_confirmation"])
def test_an_answer_that_the_machine_does_not_know_fails_the_run(desk: Desk, task: str) -> None:
    order, version = desk.quoted("100.00")
    run = start(desk, order, version, {task: lambda _: lambda event: {"outcome": "perhaps"}})
    assert (run.status, run.error) == ("FAILED", "NotConfirmed")


def test_a_run_that_failed_is_told_at_once_and_replaced(desk: Desk) -> None:
    """Who waits gets the failure, not a quarter of an hour of silence; the same version is confirmed by another run."""
    order, version = desk.quoted("100.00")
    desk.workflows.tasks["check_confirmation"] = _broken
    error = refusal(desk, ConfirmOrder(order=order.id), version)
    assert (error.status, error.code) == (503, "confirmation_failed")
    desk.workflows.tasks["check_confirmation"] = check_confirmation
    assert desk.confirm(order, version).status is OrderStatus.CONFIRMED
    assert _statuses(desk.workflows.runs.values()) == ["FAILED", "SUCCEEDED"]


def test_a_run_that_could_not_record_its_failure_is_replaced_once_its_time_is_over(desk: Desk) -> None:
    """A name serves once: after the longest run, the same version is confirmed by another one."""
    order, version = desk.quoted("100.00")
    desk.workflows.tasks |= {"check_confirmation": _broken, "record_failure": _broken}
    for _ in range(2):
        assert desk.world.execute_as("manager", ConfirmOrder(order=order.id), version).status == 202
    desk.workflows.tasks |= {"check_confirmation": check_confirmation, "record_failure": record_failure}
    desk.world.wait(minutes=15)
    assert desk.confirm(order, version).status is OrderStatus.CONFIRMED
    assert _statuses(desk.workflows.runs.values()) == ["FAILED", "SUCCEEDED"]


def _broken(services: Any, event: Mapping[str, Any]) -> dict[str, Any]:
    raise Killed


def _statuses(runs: Iterable[Run]) -> list[str]:
    return [run.status for run in runs]
