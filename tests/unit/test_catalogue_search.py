"""Searching parties and references; groupings; what companies define themselves (PTY-05, CAT-03, CAT-05, ACC-07)."""

from __future__ import annotations

from typing import Any

import pytest

from comptoir.access.custom import Customisation, SaveCustomisation
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import CreateReference, UpdateReference
from comptoir.catalogue.groupings import CreateGrouping, Grouping, ListGroupings, ReadGroupingHistory, UpdateGrouping
from comptoir.catalogue.model import Reference, ReferenceSummary
from comptoir.catalogue.queries import ListReferences, ReadReference
from comptoir.kernel.errors import Forbidden, Refused
from comptoir.parties.commands import CreateParty, UpdateParty
from comptoir.parties.model import Party, PartySummary
from comptoir.parties.queries import ListParties
from comptoir.store.cursor import InvalidCursor
from tests.world import World

COMPANY_FIELDS: dict[str, Any] = {
    "fields": [
        {"code": "colour", "label": "Couleur", "type": "choice", "choices": ["Rouge vif", "Bleu"], "on": ["reference"]},
        {"code": "staff", "label": "Effectif", "type": "number", "on": ["party"]},
        {"code": "since", "label": "Client depuis", "type": "date", "on": ["party"]},
        {"code": "sector", "label": "Secteur", "on": ["party", "reference"]},
    ],
    "tags": [{"on": "party", "tags": ["Grand compte", "Réseau"]}],
}


def party(world: World, code: str, name: str, **fields: Any) -> Party:
    entered = {"code": code, "name": name, "kinds": ["customer"], "address": {"city": "Brest"}} | fields
    return world.do(Party, CreateParty.model_validate(entered))


def reference(world: World, code: str, designation: str, **fields: Any) -> Reference:
    return world.do(Reference, CreateReference.model_validate({"code": code, "designation": designation} | fields))


def offer(supplier: Party, price: str = "10", **fields: Any) -> dict[str, Any]:
    return {"supplier": supplier.id, "price": price, "currency": "EUR", "valid_from": "2026-01-01"} | fields


def parties(world: World, **asked: Any) -> list[str]:
    return [each.code for each in world.do(Listing[PartySummary], ListParties.model_validate(asked)).items]


def references(world: World, **asked: Any) -> list[str]:
    return [each.code for each in world.do(Listing[ReferenceSummary], ListReferences.model_validate(asked)).items]


def define(world: World, version: int = 0, **changed: Any) -> Customisation:
    request = SaveCustomisation.model_validate(COMPANY_FIELDS | changed)
    return world.do(Customisation, request, "administrator", if_match=version)


def test_parties_are_found_by_any_word_of_name_city_tag_and_number(world: World, other: World) -> None:
    """PTY-05."""
    party(world, "C1", "Conserverie de l'Odet", address={"city": "Quimper"}, siren="552100554", tags=["Poisson"])
    party(world, "C2", "Société Générale d'Équipement", siren="732829320", vat_number="FR44732829320")
    party(other, "C1", "Conserverie d'ailleurs")
    for text, expected in {
        "conser": ["C1"],
        "ODET": ["C1"],
        "equip gener": ["C2"],
        "quimper": ["C1"],
        "brest": ["C2"],
        "poisson": ["C1"],
        "552100": ["C1"],
        "732 829 320": ["C2"],
        "FR44732": ["C2"],
        "inconnu": [],
    }.items():
        assert parties(world, search=text) == expected, text
    with pytest.raises(Refused) as refused:
        parties(world, search="de")
    assert [(b.code, b.pointer) for b in refused.value.breaches] == [("search_too_short", "/search")]


def test_a_changed_party_is_found_as_it_is_now(world: World) -> None:
    """PTY-05."""
    known = party(world, "C1", "Ancien nom")
    changed = known.model_dump(exclude={"id"}) | {"name": "Nouveau nom", "kinds": ("supplier",)}
    world.execute_as("sales", UpdateParty(party=known.id, **changed), if_match=1)
    assert parties(world, search="ancien") == parties(world, kind="customer") == []
    assert parties(world, search="nouveau") == parties(world, kind="supplier") == ["C1"]


SPOKEN = {"designation_en": "Hand hoist", "designation_es": "Polipasto", "designation_de": "Flaschenzug"}


def test_references_are_found_by_code_and_designation_and_narrowed_by_filters(world: World) -> None:
    """CAT-05: from 3 characters; kind, supplier, tag, price."""
    acme, other = party(world, "S1", "Acme", kinds=["supplier"]), party(world, "S2", "Zeta", kinds=["supplier"])
    reference(world, "PAL-500", "Palan électrique", offers=[offer(acme, supplier_code="X-99")], sale_price="900")
    reference(world, "PAL-250", "Palan manuel", offers=[offer(other)], sale_price="99.90", stock_managed=True, **SPOKEN)
    reference(world, "TRA-1", "Transport d'un palan", kind="transport", tags=["Route"], sale_price="150")
    assert references(world, search="pal") == ["PAL-250", "PAL-500", "TRA-1"]
    for words in ("hoist", "polipasto", "flaschenzug"):
        assert references(world, search=words) == ["PAL-250"], "CAT-01: in each language"
    assert references(world, search="X-99") == ["PAL-500"]
    assert references(world, search="palan", kind="transport") == ["TRA-1"]
    assert references(world, supplier=acme.id) == ["PAL-500"]
    assert references(world, search="palan", tag=["route"]) == ["TRA-1"]
    assert references(world, price_from="99.90", price_to="150") == ["PAL-250", "TRA-1"]
    assert references(world, price_from="100", kind="goods") == ["PAL-500"]
    assert references(world, stock_managed=True) == references(world, stock_managed=True, search="pal") == ["PAL-250"]
    assert references(world, stock_managed=True, kind="transport") == []
    with pytest.raises(Refused):
        references(world, search="pa")


def test_a_search_s_cursor_serves_that_search_only(world: World) -> None:
    for number in range(5):
        reference(world, f"PAL{number}", "Palan")
    page = world.do(Listing[ReferenceSummary], ListReferences(search="palan", limit=2))
    again = world.do(Listing[ReferenceSummary], ListReferences(search="palan", limit=9, cursor=page.cursor))
    assert [each.code for each in (*page.items, *again.items)] == [f"PAL{n}" for n in range(5)]
    with pytest.raises(InvalidCursor):
        references(world, search="treuil", cursor=page.cursor)


@pytest.fixture
def grouped(world: World) -> tuple[World, list[Party], list[Reference], Grouping]:
    suppliers = [party(world, f"S{n}", f"Fournisseur {n}", kinds=["supplier"]) for n in (1, 2)]
    colours = ("rouge", "bleue")
    made = [
        reference(world, f"LEV-{number}", f"Levure {colours[number - 1]}", offers=[offer(supplier)])
        for number, supplier in enumerate(suppliers, 1)
    ]
    members = [{"reference": r.id, "supplier": s.id} for r, s in zip(made, suppliers, strict=True)]
    request = CreateGrouping.model_validate({"designation": "Levure sèche", "members": members})
    return world, suppliers, made, world.do(Grouping, request)


def shown(world: World, text: str) -> list[tuple[str, str, list[str]]]:
    listing = world.do(Listing[ReferenceSummary], ListReferences(search=text))
    return [(each.code, each.designation, [choice.code for choice in each.choices]) for each in listing.items]


Grouped = tuple[World, list[Party], list[Reference], Grouping]


def test_search_shows_the_grouping_with_its_first_supplier_and_the_others(
    grouped: Grouped,
) -> None:
    """CAT-03: by any word of any of its references; the first is the default, the others can be chosen."""
    world, suppliers, made, grouping = grouped
    expected = [("LEV-1", "Levure sèche", ["LEV-1", "LEV-2"])]
    assert shown(world, "levure") == shown(world, "lev-2") == shown(world, "seche") == expected
    assert references(world, supplier=suppliers[1].id) == ["LEV-1"]
    assert references(world) == ["LEV-1", "LEV-2"]
    [only] = world.do(Listing[ReferenceSummary], ListGroupings()).items
    assert (only.grouping, only.designation, len(only.choices)) == (grouping.id, "Levure sèche", 2)
    members = grouping.members[::-1]
    request = UpdateGrouping(grouping=grouping.id, designation="Levure sèche", members=members)
    world.execute_as("manager", request, if_match=1)
    assert shown(world, "levure") == [("LEV-2", "Levure sèche", ["LEV-2", "LEV-1"])]
    history = world.do(Listing[HistoryEntry], ReadGroupingHistory(grouping=grouping.id)).items
    assert [entry.event for entry in history] == ["updated", "created"], "ACC-06"
    world.execute_as("manager", UpdateGrouping(grouping=grouping.id, designation="L", members=()), if_match=2)
    assert references(world, search="levure") == ["LEV-1", "LEV-2"]
    assert world.do(Listing[ReferenceSummary], ListGroupings()).items == ()
    assert world.do(Reference, ReadReference(reference=made[0].id)).grouping is None


def test_a_grouping_follows_its_references(grouped: Grouped) -> None:
    """CAT-03."""
    world, suppliers, made, _ = grouped
    fields = {"code": "LEV-2", "designation": "Ferment bio", "offers": [offer(suppliers[1])]}
    request = UpdateReference.model_validate(fields | {"reference": made[1].id})
    world.execute_as("manager", request, if_match=2)
    assert shown(world, "ferment") == [("LEV-1", "Levure sèche", ["LEV-1", "LEV-2"])]
    assert shown(world, "bleue") == []
    without = UpdateReference(reference=made[1].id, offers=())
    with pytest.raises(Refused) as refused:
        world.execute_as("manager", without, if_match=3)
    assert [b.code for b in refused.value.breaches] == ["supplier_without_offer"]


def test_what_cannot_be_grouped_is_told_at_once(grouped: Grouped, other: World) -> None:
    world, suppliers, made, _ = grouped
    theirs = reference(other, "X", "Vis")
    service = reference(world, "SRV", "Pose", kind="service", offers=[offer(suppliers[0])])
    members = [
        {"reference": made[0].id, "supplier": suppliers[1].id},
        {"reference": theirs.id, "supplier": suppliers[0].id},
        {"reference": service.id, "supplier": suppliers[0].id},
        {"reference": service.id, "supplier": suppliers[0].id},
    ]
    with pytest.raises(Refused) as refused:
        world.execute_as("manager", CreateGrouping.model_validate({"designation": "G", "members": members}))
    assert [(b.code, b.pointer) for b in refused.value.breaches] == [
        ("grouping_of_alike", "/members"),
        ("in_other_grouping", "/members/0/reference"),
        ("supplier_without_offer", "/members/0/supplier"),
        ("unknown_reference", "/members/1/reference"),
        ("duplicate_member", "/members/3/reference"),
    ]


def test_custom_fields_hold_what_their_type_says_and_can_be_filtered_on(world: World) -> None:
    """ACC-07."""
    define(world)
    party(world, "C1", "Un", custom={"staff": "12", "since": "2020-05-01", "sector": "Pêche"}, tags=["Réseau"])
    party(world, "C2", "Deux", custom={"staff": "120.5", "since": "2024-01-31"}, tags=["Grand compte"])
    assert parties(world, custom=["staff:12..100"]) == ["C1"]
    assert parties(world, custom=["staff:..200"]) == ["C1", "C2"]
    assert parties(world, custom=["staff:120.50"]) == ["C2"]
    assert parties(world, custom=["since:2021-01-01.."]) == ["C2"]
    assert parties(world, custom=["sector:peche"], tag=["reseau"]) == ["C1"]
    assert parties(world, custom=["sector:peche"], tag=["Grand compte"]) == []
    reference(world, "R1", "Vis", custom={"colour": "Rouge vif"})
    assert references(world, search="vis", custom=["colour:rouge vif"]) == ["R1"]
    with pytest.raises(Refused) as refused:
        parties(world, custom=["staff", "staff:a..b"])
    assert [b.pointer for b in refused.value.breaches] == ["/custom/0", "/custom/1"]


def test_custom_values_and_tags_are_checked(world: World) -> None:
    """ACC-07."""
    define(world)
    wrong = {"staff": "douze", "since": "2026-02-30", "colour": "Bleu", "nothing": "x"}
    with pytest.raises(Refused) as refused:
        party(world, "C1", "Un", custom=wrong, tags=["Réseau", "Autre"])
    assert [(b.code, b.pointer) for b in refused.value.breaches] == [
        ("custom_value", "/custom/staff"),
        ("custom_value", "/custom/since"),
        ("unknown_field", "/custom/colour"),
        ("unknown_field", "/custom/nothing"),
        ("unknown_tag", "/tags/1"),
    ]
    with pytest.raises(Refused) as refused:
        reference(world, "R1", "Vis", custom={"colour": "Vert"}, tags=["Libre"])
    assert [b.pointer for b in refused.value.breaches] == ["/custom/colour"]


def test_a_field_keeps_its_type_and_is_never_taken_away(world: World) -> None:
    """ACC-07: made inactive it keeps the values it has and takes no new ones."""
    define(world)
    fields = COMPANY_FIELDS["fields"]
    known = party(world, "C1", "Un", custom={"staff": "12"})
    with pytest.raises(Refused) as refused:
        define(world, 1, fields=[fields[0] | {"type": "text"}, fields[1] | {"type": "date"}, fields[2], fields[2]])
    assert [(b.code, b.pointer) for b in refused.value.breaches] == [
        ("choices_of_choice", "/fields/0/choices"),
        ("type_fixed", "/fields/0/type"),
        ("type_fixed", "/fields/1/type"),
        ("duplicate_field", "/fields/3/code"),
        ("field_kept", "/fields"),
    ]
    define(world, 1, fields=[fields[0], fields[1] | {"active": False}, *fields[2:]])
    kept = known.model_dump(exclude={"id"}) | {"name": "Un bis"}
    world.execute_as("sales", UpdateParty(party=known.id, **kept), if_match=1)
    with pytest.raises(Refused):
        world.execute_as("sales", UpdateParty(party=known.id, **(kept | {"custom": {"staff": "13"}})), if_match=2)
    with pytest.raises(Forbidden):
        world.execute_as("manager", SaveCustomisation(), if_match=2)
