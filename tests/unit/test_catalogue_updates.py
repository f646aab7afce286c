"""Imports that change what exists, and imports too long for one request: whole or nothing (PTY-05)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from comptoir.access.codes import BeingImported
from comptoir.access.custom import Customisation, SaveCustomisation
from comptoir.access.import_model import ImportReport, ImportState
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import CreateReference, ImportReferences, UpdateReference
from comptoir.catalogue.groupings import CreateGrouping, Grouping
from comptoir.catalogue.model import Reference, ReferenceSummary
from comptoir.catalogue.queries import ListReferences, ReadReference
from comptoir.kernel.errors import Refused
from comptoir.parties.commands import CreateParty, ImportParties, UpdateParty
from comptoir.parties.model import Party, PartySummary
from comptoir.parties.queries import ListParties, ReadParty, ReadPartyImport
from functions.schedule.app import heal
from functions.steps.app import TASKS
from infra.settings import ROOT
from tests.infra.asl import Machine
from tests.world import World


def file_of(text: str, **fields: Any) -> dict[str, Any]:
    return {"file": base64.b64encode(text.encode()).decode(), "filename": "f.csv", "mode": "update"} | fields


def parties(text: str, **fields: Any) -> ImportParties:
    return ImportParties.model_validate(file_of(text, **fields))


def references(text: str, **fields: Any) -> ImportReferences:
    return ImportReferences.model_validate(file_of(text, **fields))


def party(world: World, code: str, name: str = "Nom", **fields: Any) -> Party:
    entered = {"code": code, "name": name, "kinds": ["customer"], "address": {"city": "Brest", "lines": ["1 quai"]}}
    return world.do(Party, CreateParty.model_validate(entered | fields))


def read(world: World, known: Party) -> Party:
    return world.do(Party, ReadParty(party=known.id))


def test_an_update_changes_the_cells_that_are_filled_and_no_other(world: World) -> None:
    """PTY-05: mode update."""
    contact = {"name": "Zoé", "email": "zoe@example.com"}
    first = party(world, "C1", contacts=[contact, contact | {"name": "Léo"}], tags=["A"])
    second = party(world, "C2", "Autre")
    text = "Code;Nom;Ville;Contact;Étiquettes\nC1;;Quimper;Zoé B.;\nC2;Autre nom;;;\n"
    report = world.do(ImportReport, parties(text))
    assert (report.state, report.count, report.written) == (ImportState.DONE, 2, 2)
    after = read(world, first)
    assert (after.name, after.address.city, after.address.lines, after.tags) == ("Nom", "Quimper", ("1 quai",), ("A",))
    assert [(c.name, c.email) for c in after.contacts] == [("Zoé B.", "zoe@example.com"), ("Léo", "zoe@example.com")]
    assert read(world, second) == second.change(name="Autre nom")
    found = world.do(Listing[PartySummary], ListParties(search="quimper")).items
    assert [each.code for each in found] == ["C1"]


def test_an_update_of_unknown_codes_or_of_faulty_cells_changes_nothing(world: World) -> None:
    """PTY-05: all or nothing, every faulty cell named."""
    known = party(world, "C1")
    with pytest.raises(Refused) as refused:
        world.execute_as("sales", parties("Code;Nom;SIREN\nC1;Neuf;123456789\nC9;Rien;\n"))
    assert sorted((b.code, b.pointer) for b in refused.value.breaches) == [
        ("siren_check_digit", "/rows/2/C"),
        ("unknown_code", "/rows/3/A"),
    ]
    assert read(world, known) == known
    report = world.do(ImportReport, parties("Code;Nom\nC1;Neuf\n", dry_run=True))
    assert (report.state, report.count, read(world, known)) == (ImportState.CHECKED, 1, known)


class Slow:
    """Workflows that start nothing: whoever asked goes on alone."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, str, Mapping[str, Any]]] = []

    def start(self, machine: str, name: str, payload: Mapping[str, Any]) -> None:
        self.runs.append((machine, name, payload))


@pytest.fixture
def slow(world: World, monkeypatch: pytest.MonkeyPatch) -> Slow:
    """A world whose requests take two steps of an import, and no more."""
    monkeypatch.setattr("comptoir.access.import_job.STEPS", 2)
    workflows = Slow()
    world.services = replace(world.services, workflows=workflows)
    return workflows


ROWS = 200


def many(world: World) -> str:
    text = "".join(f"T{n:04d};Tiers {n};client;Brest\n" for n in range(ROWS))
    world.do(ImportReport, parties("Code;Nom;Type;Ville\n" + text, mode="create"))
    return "Code;Nom\n" + "".join(f"T{n:04d};Neuf {n}\n" for n in range(ROWS))


def drive(world: World, payload: Mapping[str, Any]) -> Any:
    """The workflow, as its definition says."""
    path = ROOT / "statemachines" / "background_job.asl.json"
    substitutions = {"StepsFunctionArn": "steps", "RenderFunctionArn": "render", "IssueFunctionArn": "issue"}

    def steps(event: Mapping[str, Any]) -> Any:
        return TASKS[event["task"]](world.services, event)

    functions = dict.fromkeys(substitutions.values(), steps)
    return Machine.load(path, substitutions, functions, {}).start(dict(payload)).output


def test_a_long_import_goes_on_in_its_workflow(world: World, slow: Slow) -> None:
    """PTY-05: the request answers 202 and the workflow ends the import."""
    text = "Code;Nom;Type;Ville\n" + "".join(f"T{n:04d};Tiers {n};client;Brest\n" for n in range(ROWS))
    reply = world.execute_as("sales", parties(text, mode="create"))
    report = ImportReport.model_validate_json(reply.body)
    assert (reply.status, report.state, report.written) == (202, ImportState.RESERVING, 0)
    [(machine, name, payload)] = slow.runs
    assert (machine, name) == ("jobs", f"import-{report.id}")
    assert payload == {"task": "drive_import", "company": world.company, "job": report.id}
    assert drive(world, payload) == {"outcome": "done"}
    assert report.id
    ended = world.do(ImportReport, ReadPartyImport(job=report.id), "sales")
    assert (ended.state, ended.written) == (ImportState.DONE, ROWS)


def test_nobody_changes_what_an_import_is_about_to_change(world: World, slow: Slow) -> None:
    """PTY-05: what was checked is what is written."""
    text = many(world)
    drive(world, slow.runs.pop()[2])
    listed = {each.code: each for each in world.do(Listing[PartySummary], ListParties(limit=100)).items}
    known = world.do(Party, ReadParty(party=listed["T0000"].id))
    world.execute_as("sales", parties(text))
    change = UpdateParty(party=known.id, **(known.model_dump(exclude={"id"}) | {"name": "Autrement"}))
    with pytest.raises(BeingImported):
        world.execute_as("sales", change, if_match=1)
    assert drive(world, slow.runs.pop()[2]) == {"outcome": "done"}
    assert world.do(Party, ReadParty(party=known.id)).name == "Neuf 0"
    world.execute_as("sales", change, if_match=2)
    assert world.do(Party, ReadParty(party=known.id)).name == "Autrement"


def test_what_changed_after_the_check_refuses_the_whole_import(world: World, slow: Slow) -> None:
    """PTY-05: all or nothing."""
    text = many(world)
    drive(world, slow.runs.pop()[2])
    last = world.do(Listing[PartySummary], ListParties(search="T0199")).items[0]
    known = world.do(Party, ReadParty(party=last.id))
    world.execute_as("sales", parties(text))
    changed = known.model_dump(exclude={"id"}) | {"name": "Entre-temps"}
    world.execute_as("sales", UpdateParty(party=known.id, **changed), if_match=1)
    assert drive(world, slow.runs.pop()[2]) == {"outcome": "refused"}
    names = {each.name for each in world.do(Listing[PartySummary], ListParties(search="tiers", limit=100)).items}
    assert len(names) == 100
    assert world.do(Listing[PartySummary], ListParties(search="neuf")).items == ()
    again = world.do(Listing[PartySummary], ListParties(search="T0000")).items[0]
    free = world.do(Party, ReadParty(party=again.id))
    changed = free.model_dump(exclude={"id"}) | {"name": "Libre"}
    world.execute_as("sales", UpdateParty(party=free.id, **changed), if_match=1)


def test_the_clock_ends_what_nobody_asks_for(world: World, slow: Slow) -> None:
    """PTY-05."""
    text = many(world)
    assert heal(world.services)["imports_resumed"] == 1
    world.execute_as("sales", parties(text))
    assert {what: count for what, count in heal(world.services).items() if count} == {"imports_resumed": 1}
    assert len(world.do(Listing[PartySummary], ListParties(search="neuf", limit=100)).items) == 100


def test_references_take_fields_and_offers_on_top(world: World) -> None:
    """PTY-05, CAT-02: an offer of the same supplier, day and quantity is replaced, the others stay."""
    supplier = party(world, "S1", kinds=["supplier"])
    offers = [
        {"supplier": supplier.id, "price": price, "currency": "EUR", "valid_from": day}
        for price, day in (("10", "2026-01-01"), ("11", "2026-06-01"))
    ]
    known = world.do(
        Reference, CreateReference.model_validate({"code": "R1", "designation": "Vis", "offers": offers, "tags": ["A"]})
    )
    head = "Code;Prix de vente;Fournisseur;Prix d'achat;Devise d'achat;Valable du\n"
    text = head + "R1;19,90;S1;12;EUR;01/06/2026\nR1;;S1;13;EUR;01/09/2026\n"
    world.execute_as("purchasing", references(text))
    after = world.do(Reference, ReadReference(reference=known.id))
    assert (after.designation, after.tags, str(after.sale_price)) == ("Vis", ("A",), "19.90")
    assert [(str(o.price), o.valid_from.month) for o in after.offers] == [("13", 9), ("12", 6), ("10", 1)]
    with pytest.raises(Refused) as refused:
        world.execute_as("purchasing", references("Code;Taux de TVA\nR1;19\nR2;20\n"))
    assert sorted((b.code, b.pointer) for b in refused.value.breaches) == [
        ("unknown_code", "/rows/3/A"),
        ("vat_rate_unknown", "/rows/2/B"),
    ]


def test_a_grouping_follows_an_import_of_its_references(world: World) -> None:
    """CAT-03, PTY-05."""
    supplier = party(world, "S1", kinds=["supplier"])
    offer = {"supplier": supplier.id, "price": "10", "currency": "EUR", "valid_from": "2026-01-01"}
    made = [
        world.do(Reference, CreateReference.model_validate({"code": code, "designation": "V", "offers": [offer]}))
        for code in ("R1", "R2")
    ]
    members = [{"reference": each.id, "supplier": supplier.id} for each in made]
    world.do(Grouping, CreateGrouping.model_validate({"designation": "Vis", "members": members}))
    with pytest.raises(Refused) as refused:
        world.execute_as("purchasing", references("Code;Nature\nR2;service\n"))
    assert [(b.code, b.pointer) for b in refused.value.breaches] == [("grouping_of_alike", "/rows/2/B")]
    world.execute_as("purchasing", references("Code;Désignation\nR1;Boulon\nR2;Écrou\n"))
    found = world.do(Listing[ReferenceSummary], ListReferences(search="ecrou")).items
    assert [(each.code, each.designation) for each in found] == [("R1", "Vis")]


def test_custom_columns_are_read_by_their_labels(world: World) -> None:
    """ACC-07, PTY-05."""
    fields = [
        {"code": "staff", "label": "Effectif", "type": "number", "on": ["party"]},
        {"code": "since", "label": "Client depuis", "type": "date", "on": ["party"]},
        {"code": "size", "label": "Taille", "type": "choice", "choices": ["Petite", "Grande"], "on": ["party"]},
    ]
    world.do(Customisation, SaveCustomisation.model_validate({"fields": fields}), "administrator", if_match=0)
    text = "Code;Nom;Type;Effectif;Client depuis;Taille;Ville\n"
    row = "C1;Un;client;1 234,5;31/01/2026;petite;Brest\n"
    world.execute_as("sales", parties(text + row, mode="create"))
    known = world.do(Listing[PartySummary], ListParties(custom=("staff:1000..2000",))).items[0]
    assert world.do(Party, ReadParty(party=known.id)).custom == {
        "staff": "1234.5",
        "since": "2026-01-31",
        "size": "Petite",
    }
    with pytest.raises(Refused) as refused:
        world.execute_as("sales", parties(text + "C2;Deux;client;beaucoup;hier;moyenne;Brest\n", mode="create"))
    assert [b.pointer for b in refused.value.breaches] == ["/rows/2/D", "/rows/2/E", "/rows/2/F"]
    world.execute_as("sales", parties("Code;Effectif\nC1;12\n"))
    assert world.do(Party, ReadParty(party=known.id)).custom["size"] == "Petite"


def test_a_change_of_a_reference_waits_for_the_import(world: World, slow: Slow) -> None:
    text = "Code;Désignation\n" + "".join(f"R{n:04d};Vis {n}\n" for n in range(ROWS))
    world.execute_as("purchasing", references(text, mode="create"))
    drive(world, slow.runs.pop()[2])
    first = world.do(Listing[ReferenceSummary], ListReferences(limit=1)).items[0]
    world.execute_as("purchasing", references(text.replace("Vis", "Clou")))
    request = UpdateReference.model_validate({"reference": first.id, "code": "R0000", "designation": "X"})
    with pytest.raises(BeingImported):
        world.execute_as("purchasing", request, if_match=1)
