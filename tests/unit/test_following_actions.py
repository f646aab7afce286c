"""Formalities, and the actions of orders: created, dated again, done, alerted in time (LOG-02, CNF-03)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.access.custom import CustomField, Customisation, FieldType, SaveCustomisation, Subject, TagList
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import CreateReference
from comptoir.catalogue.model import Reference
from comptoir.kernel.errors import DomainError, Forbidden
from comptoir.kernel.identity import Address
from comptoir.orders.actions import AddAction, CancelAction, CompleteAction, ReadActions, UpdateAction
from comptoir.orders.agenda import ActionState, ActionView, AgendaView, Formalities, Formality, Lateness, Role, When
from comptoir.orders.commands import CancelOffer, SetOfferLines
from comptoir.orders.confirmation import ConfirmOrder
from comptoir.orders.due import ListDue
from comptoir.orders.following import AssignOrder, LabelOrder, SetMilestone
from comptoir.orders.following_queries import Milestones, OrderMilestones, ReadMilestones, ReadOrderMilestones
from comptoir.orders.formalities import SaveFormalities
from comptoir.orders.lists import ListOrders
from comptoir.orders.model import CONFIRMATION, LineInput, Order, QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.summary import OrderSummary
from comptoir.orders.undo import UndoConfirmation
from tests.unit.orders_support import Desk, change_customer, codes, events, head, open_desk, refused
from tests.world import World

BOOKING = Formality(
    code="booking",
    label="Réserver le fret",
    label_en="Book the freight",
    when=When(milestone="etd", alert_days=-20, due_days=-10),
    role=Role.LOGISTICS,
)
CALL = Formality(code="call", label="Appeler le client", when=When(milestone=CONFIRMATION, due_days=2), role=Role.SALES)


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def define(desk: Desk, *formalities: Formality, version: int = 0) -> None:
    desk.world.do(Formalities, SaveFormalities(formalities=formalities), "administrator", if_match=version)


def actions(desk: Desk, order: Order) -> tuple[ActionView, ...]:
    return desk.world.do(AgendaView, ReadActions(order=order.id), "sales").actions


def labels(desk: Desk, order: Order) -> list[str]:
    return [action.formality or action.label for action in actions(desk, order)]


def confirmed(desk: Desk, **fields: Any) -> tuple[Order, int]:
    order, version = desk.quoted("10.00", **fields)
    return desk.confirm(order, version), version + 1


def test_log_02_a_confirmation_creates_the_actions_of_the_formalities(desk: Desk) -> None:
    """CNF-03: dated where the milestone is known, undated where it is not; nothing before the confirmation."""
    define(desk, BOOKING, CALL, CALL.change(code="old", active=False))
    order, version = desk.quoted("10.00")
    assert actions(desk, order) == ()
    order = desk.confirm(order, version)
    call, booking = actions(desk, order)
    assert (call.formality, call.alert_on, call.due_on) == ("call", date(2026, 11, 21), date(2026, 11, 23))
    assert (call.role, call.state, call.lateness) == (Role.SALES, ActionState.OPEN, Lateness.ALERT)
    assert (booking.label_en, booking.alert_on, booking.due_on) == ("Book the freight", None, None)
    assert "actions_created" in events(desk, order)


def test_log_02_formalities_are_by_country_and_by_reference(desk: Desk) -> None:
    """Those of references look at the customer's requested products."""
    made = [
        desk.world.do(Reference, CreateReference(code=code, designation=code, vat_rate=Decimal(20)))
        for code in ("CAFE", "VIS")
    ]
    plants = BOOKING.change(code="phyto", references=(made[0].id,))
    china = BOOKING.change(code="china", countries=("CN",))
    both = BOOKING.change(code="both", countries=("FR",), references=(made[0].id, made[1].id))
    define(desk, plants, china, both)

    def taken(reference: Reference | None) -> list[str]:
        order, version = desk.offer()
        line = LineInput(
            designation="A", quantity=Decimal(1), unit_price=Decimal(5), reference=reference.id if reference else None
        )
        reply = desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=(line,)), version)
        desk.world.do(QuoteView, GenerateQuote(order=order.id))
        desk.confirm(order, (reply.version or 0) + 1)
        return sorted(labels(desk, order))

    assert taken(made[0]) == ["both", "phyto"]
    assert taken(made[1]) == ["both"]
    assert taken(None) == []
    shanghai = Address(lines=("1 Bund",), city="Shanghai", country="CN")
    change_customer(desk, address=shanghai, siren=None, vat_number=None, tax_number="91310000000000000X")
    assert taken(None) == ["china"]


def test_log_02_what_a_formality_names_exists(desk: Desk) -> None:
    wrong = BOOKING.change(when=When(milestone="noel"), references=("0" * 26,))
    with pytest.raises(DomainError) as error:
        define(desk, wrong, wrong)
    assert codes(error.value) == ["duplicate_formality", *["unknown_milestone"] * 2, *["unknown_reference"] * 2]
    with pytest.raises(Forbidden):
        desk.world.execute_as("sales", SaveFormalities(formalities=(BOOKING,)), 0)
    with pytest.raises(ValidationError, match="alert date"):
        When(milestone="etd", alert_days=1, due_days=0)


def test_log_02_undoing_and_confirming_again_makes_no_action_twice(desk: Desk) -> None:
    """CNF-06: dates follow the milestone back to its forecast; what was done stays done."""
    define(desk, BOOKING, CALL)
    order, version = confirmed(desk)
    [call, _] = actions(desk, order)
    desk.world.execute_as("sales", CompleteAction(order=order.id, action=call.id), 1)
    desk.world.execute_as("manager", UndoConfirmation(order=order.id), version)
    desk.world.do(QuoteView, GenerateQuote(order=order.id))
    desk.confirm(order, head(desk, order).version or 0)
    found = {action.formality: action.state for action in actions(desk, order)}
    assert found == {"call": ActionState.DONE, "booking": ActionState.OPEN}


def test_log_02_dates_follow_milestones_until_an_action_is_done(desk: Desk) -> None:
    define(desk, BOOKING)
    order, version = confirmed(desk)
    desk.world.execute_as(
        "logistics", SetMilestone(order=order.id, milestone="etd", forecast=date(2026, 12, 24)), version
    )
    [action] = actions(desk, order)
    assert (action.alert_on, action.due_on, action.lateness) == (date(2026, 12, 4), date(2026, 12, 14), None)
    desk.world.wait(days=14)
    assert actions(desk, order)[0].lateness is Lateness.ALERT
    desk.world.wait(days=10)
    assert actions(desk, order)[0].lateness is Lateness.LATE
    done = desk.world.execute_as("logistics", CompleteAction(order=order.id, action=action.id), 2)
    [action] = AgendaView.model_validate_json(done.body).actions
    assert (action.state, action.lateness, action.closed_by) == (ActionState.DONE, None, "Opérateur logistics")
    later = SetMilestone(order=order.id, milestone="etd", forecast=date(2027, 3, 1))
    desk.world.execute_as("logistics", later, version + 1)
    assert actions(desk, order)[0].due_on == date(2026, 12, 14)


def test_log_02_actions_are_added_changed_and_closed_by_hand(desk: Desk) -> None:
    order, _ = desk.offer()
    other, _ = desk.offer()
    by_hand = AddAction(order=order.id, label="Relancer", role=Role.SALES, due_on=date(2026, 11, 25))
    desk.world.execute_as("assistant", by_hand)
    [action] = actions(desk, order)
    named = {"order": order.id, "action": action.id, "label": "Relancer", "role": Role.SALES}
    moved = UpdateAction(**named, when=When(milestone=CONFIRMATION, alert_days=-5, due_days=-1))
    desk.world.execute_as("sales", moved, 1)
    [action] = actions(desk, order)
    assert (action.alert_on, action.due_on) == (date(2026, 11, 26), date(2026, 11, 30))
    unknown = UpdateAction(**named, when=When(milestone="noel"))
    assert refused(desk, unknown, 2) == [("unknown_milestone", "/when/milestone")]
    desk.world.execute_as("sales", CancelAction(order=order.id, action=action.id), 2)
    assert actions(desk, order)[0].state is ActionState.CANCELLED

    def fails(request: Any, version: int) -> str:
        with pytest.raises(DomainError) as error:
            desk.world.execute_as("sales", request, version)
        return error.value.code

    assert fails(moved, 3) == "action_closed"
    assert fails(CompleteAction(order=order.id, action=action.id), 2) == "version_mismatch"
    assert fails(CompleteAction(order=other.id, action=action.id), 0) == "not_found"
    with pytest.raises(Forbidden):
        desk.world.execute_as("purchasing", by_hand)


def test_log_03_a_cancelled_offer_keeps_its_file_and_alerts_nobody(desk: Desk) -> None:
    order, version = desk.offer("10.00")
    desk.world.execute_as("manager", AddAction(order=order.id, label="A", role=Role.SALES, due_on=date(2026, 11, 20)))
    assert len(desk.world.do(Listing[Any], ListDue()).items) == 1
    desk.world.execute_as("manager", CancelOffer(order=order.id, reason="Projet reporté"), version)
    assert desk.world.do(Listing[Any], ListDue()).items == ()
    assert actions(desk, order)[0].state is ActionState.CANCELLED
    kept = Order.model_validate_json(head(desk, order).body)
    assert (kept.lines, kept.cancel_reason) == (1, "Projet reporté")
    late = AddAction(order=order.id, label="B", role=Role.SALES)
    with pytest.raises(DomainError) as error:
        desk.world.execute_as("manager", late)
    assert error.value.code == "order_closed"


def test_log_01_a_milestone_tells_what_hangs_on_it(desk: Desk) -> None:
    define(desk, BOOKING, CALL)
    order, _ = confirmed(desk)
    whole = {one.code: one for one in desk.world.do(Milestones, ReadMilestones()).items}
    assert (whole["etd"].formalities, whole["etd"].automatic) == (("booking",), False)
    assert (whole[CONFIRMATION].formalities, whole[CONFIRMATION].automatic) == (("call",), True)
    [confirmation, invoice] = desk.world.do(OrderMilestones, ReadOrderMilestones(order=order.id)).items
    assert (confirmation.label, confirmation.automatic, confirmation.terms) == ("Confirmation de commande", True, (0,))
    assert confirmation.actions == (actions(desk, order)[0].id,)
    assert (invoice.label_en, invoice.terms, invoice.actions) == ("Invoice", (1,), ())


def test_acc_04_an_order_is_assigned_to_operators_of_the_company(desk: Desk) -> None:
    order, version = desk.offer()
    wanted = {"order": order.id, "sales_operator": desk.world.operators["sales"]}
    stranger = AssignOrder(**wanted, logistics_operator=desk.customer.id)
    assert refused(desk, stranger, version) == [("unknown_operator", "/logistics_operator")]
    request = AssignOrder(**wanted, logistics_operator=desk.world.operators["logistics"])
    after = desk.world.do(Order, request, if_match=version)
    assert (after.sales_name, after.logistics_name) == ("Opérateur sales", "Opérateur logistics")


def test_acc_07_orders_have_tags_and_custom_fields_and_are_found_by_them(desk: Desk) -> None:
    """Also once the order is closed; what the company has not defined is refused."""
    shade = CustomField(code="priority", label="Priorité", type=FieldType.NUMBER, on=(Subject.ORDER,))
    known = SaveCustomisation(fields=(shade,), tags=(TagList(on=Subject.ORDER, tags=("urgent", "salon")),))
    desk.world.do(Customisation, known, "administrator", if_match=0)
    order, version = desk.offer("10.00")
    desk.offer()
    desk.world.execute_as("manager", CancelOffer(order=order.id), version)
    wrong = LabelOrder(order=order.id, tags=("perdu",), custom={"priority": "haute", "colour": "1"})
    assert {code for code, _ in refused(desk, wrong, version + 1)} == {"custom_value", "unknown_field", "unknown_tag"}
    request = LabelOrder(order=order.id, tags=("urgent", "urgent"), custom={"priority": "3"})
    assert desk.world.do(Order, request, if_match=version + 1).tags == ("urgent",)

    def found(**asked: Any) -> list[str]:
        return [one.number for one in desk.world.do(Listing[OrderSummary], ListOrders(**asked)).items]

    assert found(tag=("urgent",)) == found(custom=("priority:2..5",)) == ["C-000001"]
    assert found(tag=("urgent",), status="cancelled") == ["C-000001"]
    assert found(tag=("urgent",), status="offer") == found(tag=("salon",)) == found(custom=("priority:4..",)) == []


def test_cnf_07_confirming_twice_creates_the_actions_once(desk: Desk) -> None:
    define(desk, CALL)
    order, version = desk.quoted("10.00")
    for _ in range(2):
        desk.world.do(Order, ConfirmOrder(order=order.id), if_match=version)
    assert labels(desk, order) == ["call"]
