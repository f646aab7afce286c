"""Heads of things change by merge patches: nothing is lost by leaving it out, and null says that it is to go."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.access.commands import UpdateCompany
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.kernel.errors import Refused
from comptoir.kernel.identity import Address
from comptoir.orders.calculation import CalculatorView, SaveCalculator
from comptoir.orders.carriage import Transport, TransportDetail
from comptoir.orders.commands import UpdateOffer
from comptoir.orders.following import LabelOrder, SetMilestone
from comptoir.orders.model import Milestone, Order
from comptoir.parties.commands import UpdateParty
from comptoir.parties.model import Party, PartyFields
from comptoir.store import keys
from tests.unit.orders_support import MILESTONES, Desk, customer_request, open_desk
from tests.world import World

CIF = Transport(detail=TransportDetail.LINES, intermediate_incoterm="FOB", intermediate_place="Le Havre")


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def test_off_01_what_a_change_of_the_head_leaves_out_stays(desk: Desk) -> None:
    """Transport, terms, milestones, message: the offer keeps all that is not named."""
    order, version = desk.offer(
        incoterm="CIF", incoterm_place="Boston", transport=CIF, message="Bonjour", customer_reference="BC 1"
    )
    changed = desk.world.do(Order, UpdateOffer(order=order.id, message="Prix révisés"), if_match=version)
    assert changed == order.change(message="Prix révisés")
    emptied = desk.world.do(
        Order, UpdateOffer.model_validate({"order": order.id, "message": None, "transport": None}), if_match=version + 1
    )
    assert (emptied.message, emptied.transport) == (None, Transport())
    assert emptied.customer_reference == "BC 1"


def test_within_an_object_too_and_a_list_is_replaced_whole(desk: Desk) -> None:
    """ACC-08: changing the insurance of the company loses nothing else of its identity."""
    before: Company = desk.world.services.store.require(COMPANY, keys.company(desk.world.company)).value
    request = UpdateCompany(identity={"insurance": "AXA n° 7", "bank_accounts": []})
    after = desk.world.do(Company, request, "administrator", if_match=1)
    assert after == before.change(identity=before.identity.change(insurance="AXA n° 7", bank_accounts=()))


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"transport": {"surprise": 1}}, ["/transport/surprise"]),
        ({"customer": None}, ["/customer"]),
        ({"currency": "euro", "milestones": [{"forecast": "demain"}]}, ["/currency", "/milestones/0/forecast"]),
        ({"terms": {}}, ["/terms"]),
        ({"surprise": True}, ["/surprise"]),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(desk: Desk, fields: dict[str, Any], pointers: list[str]) -> None:
    order, version = desk.offer()
    request = UpdateOffer.model_validate(fields | {"order": order.id})
    with pytest.raises(Refused) as refused:
        desk.world.execute_as("manager", request, version)
    found = [breach.pointer for breach in refused.value.breaches]
    assert [pointer for pointer in pointers if pointer not in found] == []
    assert all(breach.fr and breach.en for breach in refused.value.breaches)


def test_fields_that_hold_only_together_are_judged_together(world: World) -> None:
    """PTY-01: the SIRET that is sent is compared with the SIREN that is known."""
    party = world.do(Party, customer_request(siret="55210055400013"))
    with pytest.raises(Refused) as refused:
        world.execute_as("sales", UpdateParty(party=party.id, siren="732829320"), 1)
    assert [breach.code for breach in refused.value.breaches] == ["siret_not_of_siren"]
    together = UpdateParty(party=party.id, siren="732829320", siret="73282932000074", vat_number="FR44732829320")
    assert world.do(Party, together, if_match=1).contacts == party.contacts


def test_log_01_a_milestone_keeps_its_forecast_when_it_gets_its_date(desk: Desk) -> None:
    order, version = desk.offer(milestones=(*MILESTONES, Milestone(name="etd", forecast=date(2026, 12, 3))))
    done = desk.world.do(
        Order, SetMilestone(order=order.id, milestone="etd", actual=date(2026, 11, 20)), if_match=version
    )
    [etd] = [each for each in done.milestones if each.name == "etd"]
    assert (etd.forecast, etd.actual) == (date(2026, 12, 3), date(2026, 11, 20))
    cleared = SetMilestone.model_validate({"order": order.id, "milestone": "etd", "actual": None})
    [etd] = [m for m in desk.world.do(Order, cleared, if_match=version + 1).milestones if m.name == "etd"]
    assert (etd.forecast, etd.actual) == (date(2026, 12, 3), None)


def test_off_10_a_group_of_the_calculator_stays_when_another_is_changed(desk: Desk) -> None:
    order, version = desk.offer("100")
    cost = {"label": "Fret", "amount": {"amount": "85.00", "currency": "EUR"}}
    first = SaveCalculator.model_validate({"order": order.id, "transport": [cost], "markup_rate": "20"})
    desk.world.execute_as("manager", first, version)
    second = SaveCalculator(order=order.id, markup_rate=Decimal(25))
    inputs = desk.world.do(CalculatorView, second, if_match=version + 1).inputs
    assert inputs.markup_rate == Decimal(25)
    assert [each.label for each in inputs.transport] == ["Fret"]


def test_tags_and_custom_fields_are_changed_apart(desk: Desk) -> None:
    order, version = desk.offer()
    desk.world.execute_as("manager", LabelOrder(order=order.id, tags=("urgent",)), version)
    after = desk.world.do(Order, LabelOrder(order=order.id), if_match=version + 1)
    assert after.tags == ("urgent",)


PARTY = PartyFields(
    code="C1",
    name="Léon",
    kinds=("customer",),
    address=Address(lines=("1 quai",), city="Brest"),
    website="leon.example",
)
OTHERS: dict[str, Any] = {
    "name": "Trégor",
    "address": {"postcode": "22300"},
    "website": None,
    "language": "en",
    "tags": ["a", "b"],
    "tax_number": "7",
    "delivery_address": {"city": "Lannion"},
}


@given(st.sets(st.sampled_from(sorted(OTHERS))))
def test_the_fields_that_are_not_sent_are_the_ones_before(sent: set[str]) -> None:
    patch = UpdateParty.model_validate({name: OTHERS[name] for name in sent} | {"party": "0" * 26})
    after: PartyFields = patch.merged(PARTY)
    changed = {name for name in PartyFields.model_fields if getattr(after, name) != getattr(PARTY, name)}
    assert changed == sent
    again: PartyFields = patch.merged(after)
    assert again == after, "applying a patch twice is applying it once"


def test_only_what_can_be_a_key_is_read_beforehand() -> None:
    keyed = UpdateOffer.model_validate({"order": "0" * 26, "customer": "1" * 26})
    assert keyed.named("customer", "template") == ["1" * 26]
    for odd in ("", "x" * 61, 7, {"a": 1}, None):
        assert UpdateOffer.model_validate({"order": "0" * 26, "customer": odd}).named("customer") == []
