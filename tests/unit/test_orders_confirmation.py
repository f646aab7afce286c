"""Confirming an order through `execute`: effects and refusals (CNF-01 to CNF-03)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.access.commands import SaveProfile
from comptoir.kernel.errors import VersionMismatch
from comptoir.orders.commands import CancelOffer
from comptoir.orders.confirmation import ConfirmationRefused, ConfirmOrder
from comptoir.orders.model import CONFIRMATION, Milestone, OrderStatus
from comptoir.orders.queries import ReadOrder
from comptoir.orders.tasks import apply_confirmation, check_confirmation
from comptoir.parties.model import Contact
from comptoir.treasury.model import TreasuryStatus
from tests.unit.orders_support import Desk, change_customer, codes, event_of, events, open_desk, refusal
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def test_confirming_has_every_effect(desk: Desk) -> None:
    """CNF-02, CNF-03: status, what was entered, milestone, history, treasury firm."""
    order, version = desk.quoted("100.00", "33.33")
    done = desk.confirm(
        order,
        version,
        date=date(2026, 11, 3),
        internal_reference="AFF-7",
        technical_validation="Stock disponible",
        means="mail",
    )
    assert done.status is OrderStatus.CONFIRMED
    assert done.confirmation is not None
    entered = done.confirmation.model_dump(include={"date", "internal_reference", "technical_validation", "means"})
    assert list(entered.values()) == [date(2026, 11, 3), "AFF-7", "Stock disponible", "mail"]
    assert done.confirmation.operator == desk.world.operators["manager"]
    assert done.milestones[0] == Milestone(name=CONFIRMATION, forecast=date(2026, 12, 1), actual=date(2026, 11, 3))
    assert [(line.status, line.amount.amount, line.forecast_date) for line in desk.treasury(order).lines] == [
        (TreasuryStatus.FIRM, Decimal("48.00"), date(2026, 11, 3)),
        (TreasuryStatus.FIRM, Decimal("112.00"), date(2027, 2, 28)),
    ]
    assert set(events(desk, order)[:2]) == {"confirmed", "treasury_firm"}


def test_the_date_is_today_unless_told_and_never_future(desk: Desk) -> None:
    """CNF-02."""
    order, version = desk.quoted("1.00")
    assert codes(refusal(desk, ConfirmOrder(order=order.id, date=date(2026, 11, 22)), version)) == ["date_future"]
    done = desk.confirm(order, version)
    assert done.confirmation is not None
    assert done.confirmation.date == date(2026, 11, 21)


def test_a_refusal_tells_every_criterion(desk: Desk) -> None:
    """CNF-01: 422 with the whole list, and nothing has changed."""
    order, version = desk.offer("1.00", contact="Nobody", milestones=())
    error = refusal(desk, ConfirmOrder(order=order.id), version)
    assert isinstance(error, ConfirmationRefused)
    assert error.status == 422
    assert codes(error) == ["quote_missing", "term_without_date", "term_without_date", "contact_missing"]
    assert desk.world.execute_as("manager", ReadOrder(order=order.id)).version == version


def test_an_order_that_is_no_offer_answers_409(desk: Desk) -> None:
    order, version = desk.quoted("1.00")
    reply = desk.world.execute_as("manager", CancelOffer(order=order.id), version)
    error = refusal(desk, ConfirmOrder(order=order.id), reply.version or 0)
    assert (error.status, codes(error)) == (409, ["not_an_offer"])


def test_confirming_needs_the_version_that_was_seen(desk: Desk) -> None:
    order, version = desk.quoted("1.00")
    assert isinstance(refusal(desk, ConfirmOrder(order=order.id), version - 1), VersionMismatch)
    assert desk.workflows.runs == {}


def test_what_is_mended_elsewhere_can_be_confirmed_at_the_same_version(desk: Desk) -> None:
    """A refused attempt is over: asking again is another run, though the order itself did not change."""
    order, version = desk.quoted("1.00")
    change_customer(desk, contacts=(Contact(name="Yann Kerbrat"),))
    for _ in range(2):
        assert codes(refusal(desk, ConfirmOrder(order=order.id), version)) == ["contact_unreachable"]
    change_customer(desk, contacts=(Contact(name="Yann Kerbrat", email="yann@leon.example"),))
    assert desk.confirm(order, version).status is OrderStatus.CONFIRMED
    base = f"confirm-{order.id}-{version}"
    assert list(desk.workflows.runs) == [base, f"{base}-2", f"{base}-3"]


def test_an_operator_without_the_permission_at_the_time_is_refused(desk: Desk) -> None:
    """CNF-01 criterion 1 is judged when the effects are applied, not only when they are asked for."""
    order, version = desk.quoted("1.00")
    event = event_of(desk, order, version)
    taken = SaveProfile(code="manager", name="Responsable", permissions=())
    desk.world.execute_as("administrator", taken, 1)
    for task in (check_confirmation, apply_confirmation):
        answer = task(desk.world.services, event)
        assert answer["outcome"] == "refused"
        assert [breach["code"] for breach in answer["breaches"]] == ["confirmation_not_permitted"]
