"""Milestones, routes and tracking of orders, and what follows their dates (LOG-01, TRS-01)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.access.execute import Request
from comptoir.kernel.errors import Forbidden, VersionMismatch
from comptoir.orders.actions import AddAction, ReadActions
from comptoir.orders.agenda import AgendaView, Role, When
from comptoir.orders.following import SetMilestone, SetRoute, SetTracking
from comptoir.orders.milestones import SHIPPED, MilestoneFields, MilestoneSet, SaveMilestones
from comptoir.orders.model import CONFIRMATION, Milestone, Order
from comptoir.orders.route import Leg, Mode, Planned, Tracking
from comptoir.treasury.model import DueStep, PaymentTerm
from tests.unit.orders_support import MILESTONES, Desk, codes, events, head, open_desk, refusal, refused, update
from tests.world import World

ETD_TERMS = (PaymentTerm(percentage=Decimal(100), milestone="etd", steps=(DueStep(days=30),)),)
SHANGHAI_BREST = (
    Leg(
        origin="Shanghai",
        destination="Le Havre",
        mode=Mode.SEA,
        carrier="Armor Lines",
        departure=Planned(forecast=date(2026, 12, 3), actual=None),
        arrival=Planned(forecast=date(2027, 1, 8)),
    ),
    Leg(
        origin="Le Havre",
        destination="Brest",
        mode=Mode.ROAD,
        departure=Planned(forecast=date(2027, 1, 10)),
        arrival=Planned(forecast=date(2027, 1, 11)),
    ),
)


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def does(desk: Desk, request: Request, version: int) -> Order:
    return desk.world.do(Order, request, if_match=version)


def dates(order: Order) -> dict[str, tuple[date | None, date | None]]:
    return {milestone.name: (milestone.forecast, milestone.actual) for milestone in order.milestones}


def test_log_01_setting_a_date_moves_treasury_and_actions_in_one_transaction(desk: Desk) -> None:
    """TRS-01, LOG-02: the forecast, then the actual date of a milestone; what does not hang on it stays."""
    order, version = desk.offer("100.00", terms=ETD_TERMS)
    when = When(milestone="etd", alert_days=-10, due_days=-3)
    desk.world.execute_as(
        "logistics", AddAction(order=order.id, label="Réserver le fret", role=Role.LOGISTICS, when=when)
    )
    [line] = desk.treasury(order).lines
    assert line.forecast_date is None

    order = does(desk, SetMilestone(order=order.id, milestone="etd", forecast=date(2026, 12, 3)), version)
    [line] = desk.treasury(order).lines
    [dated] = desk.world.do(AgendaView, ReadActions(order=order.id)).actions
    assert line.forecast_date == date(2027, 1, 2)
    assert (dated.alert_on, dated.due_on) == (date(2026, 11, 23), date(2026, 11, 30))
    assert {"milestone_set", "treasury_computed", "actions_dated"} <= set(events(desk, order))

    request = SetMilestone(order=order.id, milestone="etd", forecast=date(2026, 12, 3), actual=date(2026, 11, 20))
    order = does(desk, request, version + 1)
    [line] = desk.treasury(order).lines
    [dated] = desk.world.do(AgendaView, ReadActions(order=order.id)).actions
    assert line.forecast_date == date(2026, 12, 20)
    assert dated.due_on == date(2026, 11, 17)
    assert dates(order)[CONFIRMATION] == (date(2026, 12, 1), None)


def test_log_01_a_refused_date_moves_nothing(desk: Desk) -> None:
    order, version = desk.offer("100.00", terms=ETD_TERMS)
    before = desk.treasury(order)

    def told(**fields: Any) -> list[tuple[str, str | None]]:
        return refused(desk, SetMilestone(order=order.id, **fields), version)

    assert told(milestone="noël", forecast=date(2026, 12, 25)) == [("unknown_milestone", "/milestone")]
    assert told(milestone="etd", actual=date(2026, 11, 22)) == [("date_future", "/actual")]
    assert told(milestone=CONFIRMATION, actual=date(2026, 11, 1)) == [("confirmation_milestone", "/milestone")]
    assert desk.treasury(order) == before
    late = refusal(desk, SetMilestone(order=order.id, milestone="etd", actual=date(2026, 11, 1)), version - 1)
    assert isinstance(late, VersionMismatch)


def test_log_01_the_automatic_date_of_the_confirmation_is_not_entered(desk: Desk) -> None:
    """CNF-03: neither changed nor taken away, on its own or with the others."""
    order, version = desk.quoted("100.00")
    order, version = desk.confirm(order, version), version + 1
    for request in (
        SetMilestone(order=order.id, milestone=CONFIRMATION, actual=date(2026, 11, 1)),
        SetMilestone(order=order.id, milestone=CONFIRMATION, forecast=date(2026, 11, 1), actual=date(2026, 11, 21)),
        update(order, milestones=order.milestones[1:]),
    ):
        assert codes(refusal(desk, request, version)) == ["confirmation_milestone"]


def test_log_01_milestones_are_the_company_s(desk: Desk) -> None:
    """Defined, renamed, made inactive; never taken away, because orders have them."""
    own = MilestoneFields(code="inspection", label="Inspection avant embarquement", label_en="Pre-shipment inspection")
    save = SaveMilestones(milestones=(*SHIPPED.milestones, own))
    with pytest.raises(Forbidden):
        desk.world.execute_as("sales", save, 0)
    desk.world.do(MilestoneSet, save, "administrator", if_match=0)
    order, _ = desk.offer(milestones=(*MILESTONES, Milestone(name="inspection", forecast=date(2026, 12, 1))))

    inactive = SaveMilestones(milestones=(*SHIPPED.milestones, own.change(active=False)))
    desk.world.do(MilestoneSet, inactive, "administrator", if_match=1)
    moved = SetMilestone(order=order.id, milestone="inspection", forecast=date(2026, 12, 5))
    assert dates(does(desk, moved, 1))["inspection"] == (date(2026, 12, 5), None)
    other, _ = desk.offer()
    assert refused(desk, moved.change(order=other.id), 1) == [("unknown_milestone", "/milestone")]

    def wrong(*milestones: MilestoneFields) -> list[str]:
        with pytest.raises(Exception) as error:  # noqa: PT011
            desk.world.execute_as("administrator", SaveMilestones(milestones=milestones), 2)
        return codes(error.value)  # type: ignore[arg-type]

    assert wrong(*SHIPPED.milestones) == ["milestone_kept"]
    assert wrong(*SHIPPED.milestones, own, own) == ["duplicate_milestone"]
    etd = MilestoneFields(code="etd", label="Départ", active=False)
    assert wrong(*(etd if each.code == "etd" else each for each in SHIPPED.milestones), own) == ["milestone_needed"]


def test_log_01_the_route_gives_etd_and_eta(desk: Desk) -> None:
    """ETD of the first leg, ETA of the last one; then they follow the legs and are not entered beside them."""
    order, version = desk.offer("100.00", terms=ETD_TERMS)
    order = does(desk, SetRoute(order=order.id, route=SHANGHAI_BREST), version)
    assert dates(order)["etd"] == (date(2026, 12, 3), None)
    assert dates(order)["eta"] == (date(2027, 1, 11), None)
    assert desk.treasury(order).lines[0].forecast_date == date(2027, 1, 2)

    by_hand = SetMilestone(order=order.id, milestone="eta", forecast=date(2027, 2, 1))
    assert refused(desk, by_hand, version + 1) == [("milestone_of_route", "/milestone")]
    without = update(order, milestones=[each for each in order.milestones if each.name != "etd"])
    assert refused(desk, without, version + 1) == [("milestone_of_route", "/milestones")]

    left = SHANGHAI_BREST[0].change(departure=Planned(forecast=date(2026, 12, 3), actual=date(2026, 11, 19)))
    order = does(desk, SetRoute(order=order.id, route=(left, SHANGHAI_BREST[1])), version + 1)
    assert dates(order)["etd"] == (date(2026, 12, 3), date(2026, 11, 19))
    assert desk.treasury(order).lines[0].forecast_date == date(2026, 12, 19)

    future = left.change(departure=Planned(actual=date(2026, 11, 30)))
    found = refused(desk, SetRoute(order=order.id, route=(future,)), version + 2)
    assert found == [("date_future", "/route/0/departure/actual")]
    with pytest.raises(ValidationError, match="arrive before"):
        left.change(arrival=Planned(forecast=date(2026, 12, 2)))


def test_off_01_an_offer_is_opened_with_its_route(desk: Desk) -> None:
    order, _ = desk.offer(route=SHANGHAI_BREST)
    assert order.route == SHANGHAI_BREST
    assert dates(order)["eta"] == (date(2027, 1, 11), None)


@pytest.mark.parametrize(
    "url",
    [
        "http://suivi.example/XY12",
        "https://",
        "https://localhost/x",
        "https://user:secret@suivi.example/x",
        "https://suivi.example/a b",
        "https://suivi.example/<script>",
        "javascript:alert(1)",
        "https://suivi.example" + "/x" * 1000,
    ],
)
def test_log_01_a_tracking_link_is_an_https_address(url: str) -> None:
    with pytest.raises(ValidationError):
        Tracking(carrier="Armor Lines", url=url)


def test_log_01_shipments_are_tracked_where_carriers_tell(desk: Desk) -> None:
    order, version = desk.offer()
    links = (
        Tracking(carrier="Armor Lines", number="MSKU1234565", url="https://suivi.example/c?n=MSKU1234565#top"),
        Tracking(carrier="Messagerie", url="https://colis.example:8443/XY12"),
    )
    assert does(desk, SetTracking(order=order.id, links=links), version).tracking == links
    assert Order.model_validate_json(head(desk, order).body).tracking == links
    assert events(desk, order)[0] == "tracking_set"
