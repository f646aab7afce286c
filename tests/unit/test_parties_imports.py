"""Imports are whole or nothing, whatever stops them, and tell every faulty cell (PTY-05)."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from comptoir.access import import_job, import_model
from comptoir.access.import_job import resume_imports
from comptoir.access.import_model import ImportReport, ImportState
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.catalogue.groupings import REFERENCES
from comptoir.kernel.errors import Contention, Forbidden, NotFound, Refused
from comptoir.parties.commands import ContinuePartyImport, CreateParty, ImportParties
from comptoir.parties.items import PARTIES, PartyCodeTaken
from comptoir.parties.model import Party, PartyKind, PartySummary
from comptoir.parties.queries import ListParties, ReadParty, ReadPartyHistory, ReadPartyImport
from comptoir.store import backend, keys
from comptoir.store.backend import Operation
from comptoir.store.memory import MemoryBackend
from tests.world import World

SAMPLES = Path(__file__).parents[1] / "samples"
IMPORTABLES = {importable.name: importable for importable in (PARTIES, REFERENCES)}
ROWS = 200


def file_of(data: bytes | str, **fields: Any) -> ImportParties:
    content = base64.b64encode(data.encode() if isinstance(data, str) else data).decode()
    return ImportParties.model_validate({"file": content, "filename": "tiers.csv"} | fields)


def many(count: int = ROWS) -> ImportParties:
    rows = "".join(f"T{n:04d};Tiers {n:04d};client;Brest\n" for n in range(count))
    return file_of("Code;Nom;Type;Ville\n" + rows)


def listed(world: World, kind: PartyKind | None = None) -> list[PartySummary]:
    def pages() -> Iterator[PartySummary]:
        cursor = None
        while True:
            page = world.do(Listing[PartySummary], ListParties(kind=kind, cursor=cursor, limit=100))
            yield from page.items
            cursor = page.cursor
            if cursor is None:
                return

    return list(pages())


def party(code: str, name: str = "Déjà là") -> CreateParty:
    return CreateParty.model_validate({"code": code, "name": name, "kinds": ["customer"], "address": {}})


class Killed(BaseException):
    """The process ends here."""


class Fragile(MemoryBackend):
    """A table whose user is killed at a given write: before it, or after it and before the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.kill_at: int | None = None
        self.after = False

    def write(self, operations: Sequence[Operation]) -> None:
        self.writes += 1
        killed = self.writes == self.kill_at
        if killed and not self.after:
            raise Killed
        super().write(operations)
        if killed:
            raise Killed


@pytest.fixture
def fragile(world: World) -> Fragile:
    """The world's table, made fragile."""
    memory = world.services.store.backend
    assert isinstance(memory, MemoryBackend)
    fragile = Fragile()
    fragile.__dict__.update(vars(memory))
    world.services.store.backend = fragile
    return fragile


@pytest.mark.parametrize(
    ("customers", "suppliers"), [("customers.csv", "suppliers.csv"), ("customers.xlsx", "suppliers.xlsx")]
)
def test_the_samples_are_imported_whole(world: World, customers: str, suppliers: str) -> None:
    for name, count in ((customers, 50), (suppliers, 12)):
        report = world.do(ImportReport, file_of((SAMPLES / name).read_bytes()), "sales")
        assert (report.state, report.count, report.written) == (ImportState.DONE, count, count)
    assert len(listed(world)) == 62
    assert len(listed(world, PartyKind.SUPPLIER)) == 10
    by_code = {party.code: party for party in listed(world)}
    odet = world.do(Party, ReadParty(party=by_code["C0003"].id))
    assert odet.name == "Conserverie de l'Odet"
    assert odet.siren
    assert odet.vat_number == f"FR{(12 + 3 * int(odet.siren)) % 97:02d}{odet.siren}"
    assert any(party.name.startswith("=HYPERLINK(") for party in by_code.values())
    assert any(party.address.postcode == "01000" for party in _all(world, by_code.values()))
    history = world.do(Listing[HistoryEntry], ReadPartyHistory(party=odet.id)).items
    assert [(entry.event, entry.operator) for entry in history] == [("imported", world.operators["sales"])]


def _all(world: World, summaries: Any) -> list[Party]:
    return [world.do(Party, ReadParty(party=summary.id)) for summary in summaries]


def test_csv_and_workbook_say_the_same(world: World, other: World) -> None:
    for place, name in ((world, "customers.csv"), (other, "customers.xlsx")):
        place.execute_as("sales", file_of((SAMPLES / name).read_bytes()))
    ids = {"id"}
    first, second = ([p.model_dump(exclude=ids) for p in _all(w, listed(w))] for w in (world, other))
    assert sorted(first, key=lambda p: p["code"]) == sorted(second, key=lambda p: p["code"])


def test_every_faulty_cell_comes_back_and_nothing_is_written(world: World, fragile: Fragile) -> None:
    world.execute_as("sales", party("C0002"))
    before = fragile.writes
    with pytest.raises(Refused) as refused:
        world.execute_as("sales", file_of((SAMPLES / "faulty-customers.csv").read_bytes()))
    found = sorted((b.pointer or "", b.code) for b in refused.value.breaches)
    assert found == [
        ("/rows/2/O", "siren_check_digit"),
        ("/rows/3/A", "party_code_taken"),
        ("/rows/3/Z", "string_pattern_mismatch"),
        ("/rows/4/A", "repeated_code"),
        ("/rows/5/C", "not_in_list"),
        ("/rows/5/H", "string_pattern_mismatch"),
        ("/rows/6/B", "missing"),
    ]
    assert fragile.writes == before


def test_codes_in_use_and_rules_are_told_with_their_cells(world: World) -> None:
    world.execute_as("sales", many(3))
    text = "Code;Nom;Type;Pays;Régime de TVA\nT0001;A;client;France;\nN1;B;client, prospect;Japon;intracommunautaire\n"
    with pytest.raises(Refused) as refused:
        world.execute_as("sales", file_of(text))
    assert [(b.code, b.pointer) for b in refused.value.breaches] == [
        ("vat_number_needed", "/rows/3"),
        ("delivery_outside_eu", "/rows/3/E"),
        ("party_code_taken", "/rows/2/A"),
    ]
    assert len(listed(world)) == 3


def test_a_dry_run_only_checks(world: World, fragile: Fragile) -> None:
    before = fragile.writes
    report = world.do(ImportReport, many().change(dry_run=True), "sales")
    assert (report.state, report.id, report.count, report.written) == (ImportState.CHECKED, None, ROWS, 0)
    assert fragile.writes == before


def test_a_content_that_is_not_base64_is_refused() -> None:
    from pydantic import ValidationError

    from comptoir.kernel.explain import breaches

    with pytest.raises(ValidationError) as error:
        ImportParties.model_validate({"file": "é", "filename": "x"})
    assert [(b.code, b.pointer) for b in breaches(error.value)] == [("not_base64", "/file")]


def test_importing_is_a_right(world: World, other: World) -> None:
    """ACC-02, ACC-05."""
    with pytest.raises(Forbidden):
        world.execute_as("accountant", many(1))
    job = world.do(ImportReport, many(1), "sales").id
    assert job
    for request in (ReadPartyImport(job=job), ContinuePartyImport(job=job)):
        assert world.do(ImportReport, request).state is ImportState.DONE
        with pytest.raises(NotFound):
            other.execute_as("manager", request)


def _written_once(world: World, count: int = ROWS) -> None:
    parties = listed(world)
    assert [party.code for party in parties] == [f"T{n:04d}" for n in range(count)]
    first = world.do(Listing[HistoryEntry], ReadPartyHistory(party=parties[0].id)).items
    last = world.do(Listing[HistoryEntry], ReadPartyHistory(party=parties[-1].id)).items
    assert [entry.event for entry in (*first, *last)] == ["imported", "imported"]


STEPS_OF_200 = 1 + 3 + 5
"""The job, three reservations of 90 rows, five writings of 45."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, STEPS_OF_200 + 1))
@pytest.mark.parametrize("again", ["same key", "by its identifier", "schedule"])
def test_an_import_killed_at_any_write_ends_whole(
    world: World, fragile: Fragile, step: int, after: bool, again: str
) -> None:
    fragile.kill_at, fragile.after = fragile.writes + step, after
    with pytest.raises(Killed):
        world.execute_as("sales", many(), idempotency_key="import-1")
    assert len(listed(world)) in range(0, ROWS + 1, 5)
    stored = step > 1 or after
    if again == "schedule":
        ended = step == STEPS_OF_200 and after
        assert resume_imports(world.services, IMPORTABLES) == {
            "imports_resumed": int(stored and not ended),
            "failed": 0,
        }
        if not stored:
            assert not listed(world)
            return
    elif again == "by its identifier" and stored:
        jobs_left = [j.id for j in resume_candidates(world)]
        for job in jobs_left:
            assert world.do(ImportReport, ContinuePartyImport(job=job), "purchasing").state is ImportState.DONE
    else:
        report = world.do(ImportReport, many(), "sales", idempotency_key="import-1")
        assert (report.state, report.written) == (ImportState.DONE, ROWS)
    _written_once(world)
    assert not resume_candidates(world)


def resume_candidates(world: World) -> list[import_model.ImportJob]:
    store = world.services.store
    found = (r for s in keys.SHARDS for r in store.records(backend.Query(pk=keys.due_partition("IMPORT", s), index=1)))
    return [store.require(import_model.JOB, record.key).value for record in found]


def test_an_import_takes_exactly_the_transactions_it_needs(world: World, fragile: Fragile) -> None:
    before = fragile.writes
    world.execute_as("sales", many())
    assert fragile.writes - before == STEPS_OF_200


class Rival(Fragile):
    """A table where somebody else takes a code just before a given write."""

    request: CreateParty | None = None
    world: World | None = None

    def write(self, operations: Sequence[Operation]) -> None:
        if self.writes + 1 == self.kill_at and self.world and self.request:
            request, self.request = self.request, None
            self.world.execute_as("manager", request)
            self.kill_at = None
        MemoryBackend.write(self, operations)
        self.writes += 1


@pytest.mark.parametrize(("step", "row"), [(2, 10), (3, 100), (4, 199), (2, 199), (3, 95)])
def test_a_code_taken_meanwhile_leaves_nothing_of_the_import(
    world: World, fragile: Fragile, step: int, row: int
) -> None:
    fragile.__class__ = Rival
    assert isinstance(fragile, Rival)
    request = party(f"T{row:04d}", "Plus rapide")
    fragile.world, fragile.request, fragile.kill_at = world, request, fragile.writes + step
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            world.execute_as("sales", many(), idempotency_key="import-1")
        assert [(b.code, b.pointer) for b in refused.value.breaches] == [("party_code_taken", f"/rows/{row + 2}/A")]
    assert [party.name for party in listed(world)] == ["Plus rapide"]
    assert not resume_candidates(world)
    world.execute_as("sales", many(row))
    assert len(listed(world)) == row + 1


def test_codes_are_held_while_an_import_writes(world: World, fragile: Fragile) -> None:
    fragile.kill_at = fragile.writes + 5
    with pytest.raises(Killed):
        world.execute_as("sales", many())
    assert not listed(world)
    with pytest.raises(PartyCodeTaken):
        world.execute_as("manager", party("T0150"))


def test_several_drivers_at_once_write_each_row_once(world: World, fragile: Fragile) -> None:
    fragile.kill_at = fragile.writes + 2
    with pytest.raises(Killed):
        world.execute_as("sales", many())
    threads = [threading.Thread(target=resume_imports, args=(world.services, IMPORTABLES)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _written_once(world)


def test_one_import_that_fails_does_not_stop_the_others(world: World, other: World, fragile: Fragile) -> None:
    other.services.store.backend = fragile
    for place in (world, other):
        fragile.kill_at = fragile.writes + 2
        with pytest.raises(Killed):
            place.execute_as("sales", many())
    write, lost = fragile.write, keys.import_job(world.company, resume_candidates(world)[0].id).company

    def refuse(operations: Sequence[Operation]) -> None:
        if operations[0].key.company == lost:
            raise Contention
        write(operations)

    fragile.write = refuse  # type: ignore[method-assign]
    assert resume_imports(world.services, IMPORTABLES) == {"imports_resumed": 1, "failed": 1}
    fragile.write = write  # type: ignore[method-assign]
    assert resume_imports(world.services, IMPORTABLES) == {"imports_resumed": 1, "failed": 0}
    for place in (world, other):
        _written_once(place)


def test_a_long_import_answers_before_it_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_job, "STEPS", 4)
    reply = world.execute_as("sales", many(), idempotency_key="import-1")
    report = ImportReport.model_validate_json(reply.body)
    assert (reply.status, report.state, report.written) == (202, ImportState.WRITING, 45)
    assert report.id
    assert world.do(ImportReport, ReadPartyImport(job=report.id)).written == 45
    again = world.execute_as("sales", ContinuePartyImport(job=report.id))
    assert again.status == 201
    _written_once(world)


def test_rows_of_any_size_fit_their_items(world: World) -> None:
    text = "Code;Nom;Type;Adresse 1;Adresse 2;Adresse 3\n"
    text += "".join(f"G{n:04d};{'é€😀' * 60};client;{'株' * 200};{'式' * 200};{'会' * 200}\n" for n in range(1000))
    report = world.do(ImportReport, file_of(text), "sales")
    assert report.written == 1000
    assert report.id
    jobs = world.services.store.require(import_model.JOB, keys.import_job(world.company, report.id)).value
    assert len(jobs.parts) > 5
    assert len(listed(world)) == 1000
