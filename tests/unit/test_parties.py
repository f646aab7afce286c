"""Parties: what may be saved, unique codes, lists, history (PTY-01, PTY-02, PTY-03, ACC-05, ACC-06)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.kernel.errors import Forbidden, NotFound, PreconditionRequired, Refused, VersionMismatch
from comptoir.parties.commands import CreateParty, UpdateParty
from comptoir.parties.items import PartyCodeTaken, parties_by_code
from comptoir.parties.model import Party, PartyFields, PartyKind, PartySummary, VatTreatment
from comptoir.parties.queries import ListParties, ReadParty, ReadPartyHistory
from comptoir.parties.rules import party_breaches
from tests.world import World

BRETON: dict[str, Any] = {
    "code": "C001",
    "name": "Conserverie de l'Odet",
    "kinds": ("customer",),
    "address": {"lines": ["3 quai du Steir"], "postcode": "29000", "city": "Quimper"},
    "siren": "552100554",
    "vat_number": "FR96552100554",
    "contacts": [{"name": "Maëlle Riou", "email": "m.riou@odet.example"}],
}


def create(world: World, **fields: Any) -> Party:
    return world.do(Party, CreateParty(**(BRETON | fields)), "sales")


def codes_of(**fields: Any) -> list[tuple[str, str | None]]:
    return [(b.code, b.pointer) for b in party_breaches(PartyFields(**(BRETON | fields)))]


def test_a_party_reads_back_as_it_was_entered(world: World) -> None:
    """PTY-01."""
    party = create(world)
    reply = world.execute_as("assistant", ReadParty(party=party.id))
    assert Party.model_validate_json(reply.body) == party
    assert reply.version == 1
    assert party.contacts[0].name == "Maëlle Riou"


def test_two_parties_never_share_a_code(world: World) -> None:
    first = create(world)
    with pytest.raises(PartyCodeTaken) as taken:
        create(world, name="Autre")
    assert (taken.value.status, taken.value.code) == (409, "party_code_taken")
    assert taken.value.breaches[0].pointer == "/code"
    second = create(world, code="C002")
    with pytest.raises(PartyCodeTaken):
        world.execute_as("sales", UpdateParty(party=second.id, **BRETON), if_match=1)
    assert world.do(Party, ReadParty(party=second.id)).code == "C002"
    assert first.code == "C001"


def test_a_changed_code_frees_the_old_one_and_holds_the_new(world: World) -> None:
    party = create(world)
    world.execute_as("sales", UpdateParty(party=party.id, **(BRETON | {"code": "C009"})), if_match=1)
    with pytest.raises(PartyCodeTaken):
        create(world, code="C009")
    reused = create(world, name="Reprise")
    assert reused.code == "C001"
    found = world.services.store.transact(lambda tx: parties_by_code(tx, world.company, ["C001", "C009", "C404"]))
    assert {code: found[code].id for code in found} == {"C001": reused.id, "C009": party.id}


def test_another_company_may_use_the_same_code_and_sees_nothing(world: World, other: World) -> None:
    """ACC-05."""
    party = create(world)
    assert create(other).code == party.code
    with pytest.raises(NotFound):
        other.execute_as("manager", ReadParty(party=party.id))
    with pytest.raises(NotFound):
        other.execute_as("manager", UpdateParty(party=party.id, **BRETON), if_match=1)
    with pytest.raises(NotFound):
        other.execute_as("manager", ReadPartyHistory(party=party.id))


def test_a_change_needs_the_version_it_is_meant_for(world: World) -> None:
    party = create(world)
    request = UpdateParty(party=party.id, **(BRETON | {"name": "Nouveau nom"}))
    with pytest.raises(PreconditionRequired):
        world.execute_as("sales", request)
    with pytest.raises(VersionMismatch):
        world.execute_as("sales", request, if_match=2)
    assert world.execute_as("sales", request, if_match=1).version == 2


def test_history_tells_who_changed_what(world: World) -> None:
    """ACC-06."""
    party = create(world)
    world.wait(minutes=5)
    world.execute_as("sales", UpdateParty(party=party.id, **(BRETON | {"name": "Nouveau nom"})), if_match=1)
    entries = world.do(Listing[HistoryEntry], ReadPartyHistory(party=party.id)).items
    assert [(entry.event, entry.operator) for entry in entries] == [
        ("updated", world.operators["sales"]),
        ("created", world.operators["sales"]),
    ]
    assert entries[0].changes == {"/name": ["Conserverie de l'Odet", "Nouveau nom"]}


def test_reading_and_editing_are_rights(world: World) -> None:
    """ACC-02."""
    party = create(world)
    for profile in ("assistant", "logistics", "accountant"):
        world.execute_as(profile, ReadParty(party=party.id))
        with pytest.raises(Forbidden):
            world.execute_as(profile, CreateParty(**(BRETON | {"code": "X"})))


def test_parties_are_listed_by_name_whatever_the_accents_and_by_kind(world: World) -> None:
    names = {
        "Éléonore": "customer",
        "Œuvre": "supplier",
        "Zoé": "prospect",
        "ÆGIR": "provider",
        "株式会社": "customer",
    }
    for number, (name, kind) in enumerate(names.items()):
        create(world, code=f"P{number}", name=name, kinds=(kind,))
    create(world, code="BOTH", name="Mixte", kinds=("supplier", "customer", "provider"))

    def listed(kind: PartyKind | None) -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            page = world.do(Listing[PartySummary], ListParties(kind=kind, limit=2, cursor=cursor))
            found += [party.name for party in page.items]
            cursor = page.cursor
            if cursor is None:
                return found

    assert listed(None) == ["ÆGIR", "Éléonore", "Mixte", "Œuvre", "Zoé", "株式会社"]
    assert listed(PartyKind.CUSTOMER) == ["Éléonore", "Mixte", "株式会社"]
    assert listed(PartyKind.SUPPLIER) == ["Mixte", "Œuvre"]
    assert listed(PartyKind.PROSPECT) == ["Zoé"]
    assert listed(PartyKind.PROVIDER) == ["ÆGIR", "Mixte"]


def test_a_party_that_changes_kind_leaves_its_old_list(world: World) -> None:
    party = create(world, kinds=("prospect",))
    world.execute_as("sales", UpdateParty(party=party.id, **BRETON), if_match=1)
    assert not world.do(Listing[PartySummary], ListParties(kind=PartyKind.PROSPECT)).items
    assert len(world.do(Listing[PartySummary], ListParties(kind=PartyKind.CUSTOMER)).items) == 1


def test_every_breach_is_told_at_once(world: World) -> None:
    account = {"iban": "FR7630006000011234567890189", "holder": "X"}
    wrong = {"bank_accounts": [account, account], "vat_number": "FR44732829320"}
    with pytest.raises(Refused) as refused:
        create(world, **wrong)
    assert [b.pointer for b in refused.value.breaches] == ["/vat_number", "/bank_accounts/1/iban"]


GERMAN = {"address": {"city": "Bremen", "country": "DE"}, "siren": None, "vat_number": "DE136695976"}
AMERICAN = {"address": {"city": "Boston", "country": "US"}, "siren": None, "vat_number": None}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        (GERMAN | {"vat_treatment": "intra_community"}, []),
        (GERMAN | {"vat_treatment": "intra_community", "vat_number": None}, [("vat_number_needed", "/vat_number")]),
        (
            GERMAN | {"vat_treatment": "intra_community", "vat_number": "FR44732829320"},
            [("vat_number_of_other_state", "/vat_number")],
        ),
        (
            AMERICAN | {"vat_treatment": "intra_community"},
            [("vat_number_needed", "/vat_number"), ("delivery_outside_eu", "/vat_treatment")],
        ),
        (AMERICAN | {"vat_treatment": "export"}, []),
        ({"vat_treatment": "export", "delivery_address": {"country": "JP"}}, []),
        ({"vat_treatment": "export", "delivery_address": {"country": "RE"}}, []),
        (GERMAN | {"vat_treatment": "export"}, [("export_inside_eu", "/vat_treatment")]),
        ({"vat_treatment": "export", "address": {"country": "MC"}}, [("export_inside_eu", "/vat_treatment")]),
        ({"vat_treatment": "reverse_charge"}, []),
        (
            {"vat_treatment": "reverse_charge", "professional": False, "siren": None, "vat_number": None},
            [("professional_needed", "/vat_treatment"), ("vat_number_needed", "/vat_number")],
        ),
        (
            {"professional": False},
            [("private_person_number", "/siren"), ("private_person_number", "/vat_number")],
        ),
        ({"siren": None, "siret": "73282932000074"}, [("vat_number_of_other_siren", "/vat_number")]),
        ({"kinds": ("customer", "prospect", "supplier", "provider")}, []),
    ],
)
def test_vat_treatment_needs_its_legal_ground(fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """PTY-02; CGI art. 262 ter I, 262 I, 283."""
    assert codes_of(**fields) == expected


@given(
    st.sampled_from(list(VatTreatment)),
    st.booleans(),
    st.sampled_from([None, "FR96552100554", "DE136695976"]),
    st.sampled_from(["FR", "DE", "US"]),
)
def test_without_tax_only_with_its_ground(
    treatment: VatTreatment, firm: bool, number: str | None, country: str
) -> None:
    """PTY-02: what passes as untaxed inside the Union always names a firm's VAT number."""
    siren = "552100554" if firm and number == "FR96552100554" else None
    found = codes_of(
        vat_treatment=treatment, professional=firm, vat_number=number, siren=siren, address={"country": country}
    )
    if not found and treatment in (VatTreatment.INTRA_COMMUNITY, VatTreatment.REVERSE_CHARGE):
        assert firm
        assert number
    if not found and treatment is VatTreatment.INTRA_COMMUNITY:
        assert (number, country) == ("DE136695976", "DE")
    if not found and treatment is VatTreatment.EXPORT:
        assert country == "US"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"routing_address": "552100554_ACHATS"}, []),
        ({"routing_address": "732829320"}, [("routing_of_other_siren", "/routing_address")]),
        ({"siren": None, "siret": "55210055400013", "routing_address": "552100554"}, []),
        (
            {"professional": False, "siren": None, "vat_number": None, "public": True},
            [("private_person_number", "/public")],
        ),
        ({"public": True}, []),
    ],
)
def test_who_buys_can_be_reached_by_electronic_invoices(fields: dict[str, Any], expected: list[Any]) -> None:
    """RULES §8: routing address that begins with the SIREN (BR-FR-21), administration or business."""
    assert codes_of(**fields) == expected


def test_a_check_in_vies_is_of_the_number_that_stands_there(world: World) -> None:
    """242 nonies A, I 3°: the date of the check is kept, and is not carried over to another number."""
    fields = BRETON | GERMAN
    today, tomorrow = date(2026, 11, 21), date(2026, 11, 22)

    party = create(world, **(fields | {"vat_checked_on": today}))

    def refused(**changes: Any) -> list[str]:
        with pytest.raises(Refused) as caught:
            world.execute_as("sales", UpdateParty(party=party.id, **(fields | changes)), if_match=1)
        return [breach.code for breach in caught.value.breaches]

    assert refused(vat_checked_on=tomorrow) == ["date_future"]
    assert refused(vat_checked_on=today, vat_number=None) == ["vat_check_without_number"]
    assert refused(vat_checked_on=today, vat_number="DE123456788") == ["vat_check_of_other_number"]
    changed = UpdateParty(party=party.id, vat_number="DE123456788", vat_checked_on=None)
    world.execute_as("sales", changed, if_match=1)
    world.execute_as("sales", UpdateParty(party=party.id, vat_checked_on=today), if_match=2)


def test_kinds_are_kept_once_and_in_order() -> None:
    party = PartyFields(**(BRETON | {"kinds": ("supplier", "customer", "supplier")}))
    assert party.kinds == (PartyKind.CUSTOMER, PartyKind.SUPPLIER)


def test_a_siret_of_another_siren_is_refused_in_both_languages() -> None:
    from comptoir.kernel.explain import breaches

    with pytest.raises(ValidationError) as error:
        PartyFields(**(BRETON | {"siret": "73282932000074"}))
    assert [(b.code, b.fr) for b in breaches(error.value)] == [
        ("siret_not_of_siren", "Le SIRET doit commencer par le SIREN.")
    ]
