"""Exports: what a list shows as a file that imports take back, formulas made harmless, each one chained (PTY-05)."""

from __future__ import annotations

import base64
import csv
import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from comptoir.access import exports
from comptoir.access.custom import Customisation, SaveCustomisation
from comptoir.access.exports import Export, ExportReport, ExportState, ReadExport
from comptoir.access.import_model import ImportReport
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import CreateReference, ImportReferences
from comptoir.catalogue.exports import ExportReferences
from comptoir.catalogue.model import Reference, ReferenceSummary
from comptoir.catalogue.queries import ListReferences, ReadReference
from comptoir.kernel.cells import as_date, as_flag, as_number, as_text, choice, several
from comptoir.kernel.errors import Forbidden, NotFound
from comptoir.kernel.ids import derived_id
from comptoir.kernel.sheets import read_sheet
from comptoir.kernel.table import Column
from comptoir.kernel.text import sha256
from comptoir.kernel.writing import FileFormat, write_rows
from comptoir.ledger.events import TechnicalEvent
from comptoir.ledger.items import ENTRY
from comptoir.ledger.model import ChainName
from comptoir.parties.commands import CreateParty, ImportParties
from comptoir.parties.exports import ExportParties
from comptoir.parties.model import Party, PartySummary
from comptoir.parties.queries import ListParties, ReadParty
from comptoir.store import backend, keys
from functions.render.app import EXPORTABLES
from tests.world import World

SAMPLES = Path(__file__).parents[1] / "samples"


@dataclass
class Shelf:
    """A bucket that keeps what is put."""

    files: dict[str, bytes] = field(default_factory=dict)

    def put_file(self, key: str, file: IO[bytes], content_type: str, filename: str) -> None:
        assert key not in self.files
        file.seek(0)
        self.files[key] = file.read()


def exported(world: World, request: Export, profile: str = "manager") -> bytes:
    started = world.do(ExportReport, request, profile)
    assert started.state is ExportState.WRITING
    shelf, event = Shelf(), {"company": world.company, "job": started.id}
    for _ in range(2):
        assert exports.write_export(world.services, event, shelf, EXPORTABLES) == {"outcome": "to_seal"}
    unsealed = world.do(ExportReport, ReadExport(job=started.id), profile)
    assert (unsealed.state, unsealed.url) == (ExportState.WRITTEN, None)
    for _ in range(2):
        assert exports.seal_export(world.services, event) == {"outcome": "sealed"}
    ended = world.do(ExportReport, ReadExport(job=started.id), profile)
    [(key, content)] = shelf.files.items()
    assert key.startswith(f"exports/{world.company}/{started.id}/")
    assert key.endswith(f"/{ended.filename}")
    assert (ended.state, ended.size, ended.sha256) == (ExportState.DONE, len(content), sha256(content))
    return content


def import_of(kind: Any, name: str, content: bytes) -> Any:
    return kind.model_validate({"file": base64.b64encode(content).decode(), "filename": name})


def whole(world: World) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = world.do(Listing[PartySummary], ListParties(limit=100, cursor=cursor))
        for each in page.items:
            yield world.do(Party, ReadParty(party=each.id)).model_dump(exclude={"id"})
        cursor = page.cursor
        if cursor is None:
            return


@pytest.mark.parametrize("format", list(FileFormat))
def test_exported_parties_can_be_imported_as_they_were(world: World, other: World, format: FileFormat) -> None:
    """PTY-05: import and export as CSV and XLSX."""
    for name in ("customers.csv", "suppliers.csv"):
        world.execute_as("sales", import_of(ImportParties, name, (SAMPLES / name).read_bytes()))
    content = exported(world, ExportParties(format=format))
    report = other.do(ImportReport, import_of(ImportParties, "tiers", content))
    assert report.written == 62
    assert list(whole(other)) == list(whole(world))


@pytest.mark.parametrize("format", list(FileFormat))
def test_contacts_and_bank_accounts_come_back_from_a_file(world: World, other: World, format: FileFormat) -> None:
    """PTY-01, PTY-05: three contacts with every phone and mail, two bank accounts."""
    phones = ["+33 2 98 00 00 01", "+33 6 00 00 00 02"]
    contacts = [
        {"name": "Yann Kerbrat", "role": "Achats", "phone": "+33 2 98 00 00 00", "other_phones": phones},
        {"name": "Maëlle Riou", "email": "m@odet.example", "other_emails": ["riou@odet.example"], "language": "en"},
        {"name": "Ana Sousa", "other_phones": phones[:1]},
    ]
    accounts = [
        {"iban": "FR7630006000011234567890189", "bic": "AGRIFRPP", "holder": "Odet SARL"},
        {"iban": "DE89370400440532013000", "bic": "COBADEFF", "holder": "Odet GmbH"},
    ]
    fields = {"code": "C1", "name": "Odet", "kinds": ["customer"], "address": {"city": "Quimper"}}
    request = CreateParty.model_validate(fields | {"contacts": contacts, "bank_accounts": accounts})
    known = world.do(Party, request)
    assert all(contact.reachable for contact in known.contacts)
    content = exported(world, ExportParties(format=format))
    assert other.do(ImportReport, import_of(ImportParties, "tiers", content)).written == 1
    assert list(whole(other)) == [known.model_dump(exclude={"id"})]


@pytest.mark.parametrize("format", list(FileFormat))
def test_exported_references_keep_every_offer(world: World, other: World, format: FileFormat) -> None:
    """PTY-05, CAT-02: a row for each offer, under the reference's code."""
    for place in (world, other):
        place.execute_as("sales", import_of(ImportParties, "s.csv", (SAMPLES / "suppliers.csv").read_bytes()))
    world.execute_as("manager", import_of(ImportReferences, "c.csv", (SAMPLES / "catalogue.csv").read_bytes()))
    spoken = {"designation_en": "Rope", "designation_es": "Cabo", "designation_de": "Tau"}
    world.execute_as("manager", CreateReference.model_validate({"code": "TAU", "designation": "Cordage"} | spoken))
    content = exported(world, ExportReferences(format=format))
    other.execute_as("manager", import_of(ImportReferences, "catalogue", content))

    def catalogue(place: World) -> list[Reference]:
        found: list[Reference] = []
        cursor = None
        while True:
            page = place.do(Listing[ReferenceSummary], ListReferences(limit=100, cursor=cursor))
            found += [place.do(Reference, ReadReference(reference=each.id)) for each in page.items]
            cursor = page.cursor
            if cursor is None:
                return [_comparable(each) for each in found]

    first, second = catalogue(world), catalogue(other)
    assert len(first) > 100
    assert first == second
    [rope] = [each for each in second if each.code == "TAU"]
    assert list(rope.designations.values()) == ["Cordage", "Rope", "Cabo", "Tau"], "CAT-01"


def _comparable(reference: Reference) -> Reference:
    """Without identifiers, which differ from one company to another."""
    nobody = derived_id("nobody")
    offers = sorted((offer.change(supplier=nobody) for offer in reference.offers), key=lambda offer: offer.price)
    return reference.change(id=nobody, offers=tuple(offers))


HOSTILE = ["=1+1", "+33 2 98", "-2", "@SUM(A1)", '=HYPERLINK("http://x")']


def hostile(world: World) -> None:
    for number, name in enumerate(HOSTILE):
        entered = {"code": f"C{number}", "name": name, "kinds": ["customer"], "address": {"city": "Brest"}}
        world.do(Party, CreateParty.model_validate(entered))


def test_no_cell_of_a_csv_file_is_a_formula(world: World) -> None:
    hostile(world)
    content = exported(world, ExportParties())
    assert content.startswith("\ufeffCode;Nom;".encode())
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert sorted(row[1] for row in rows[1:]) == sorted(f"'{name}" for name in HOSTILE)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_no_cell_of_a_workbook_is_a_formula(world: World) -> None:
    hostile(world)
    sheet = load_workbook(io.BytesIO(exported(world, ExportParties(format=FileFormat.XLSX)))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert {cell.value for cell in cells if cell.column == 2} == {"Nom", *HOSTILE}


def test_an_export_holds_what_its_filters_find_and_is_chained(world: World) -> None:
    """FIS-08: who exported what, when, with which filters, and the hash of the file that left, once."""
    hostile(world)
    content = exported(world, ExportParties(filters=ListParties(search="hyperlink")), "sales")
    assert content.decode("utf-8-sig").count("\r\n") == 2
    block = keys.chain_block(world.company, ChainName.EVENTS, 1)
    entries = [ENTRY.load(one) for one in world.services.store.records(backend.Query(pk=block))[-2:]]
    assert [one.kind for one in entries] == ["exported", "export_written"]
    asked, left = (TechnicalEvent.model_validate_json(one.payload) for one in entries)
    assert asked.content["asked"] == {"search": "hyperlink"}
    assert {one.operator for one in (asked, left)} == {world.operators["sales"]}
    assert (left.content["export"], left.content["sha256"]) == (asked.content["id"], sha256(content))
    assert (left.content["rows"], left.content["size"]) == (1, len(content))


def test_an_export_is_its_operator_s_own_and_a_right(world: World) -> None:
    """ACC-02."""
    started = world.do(ExportReport, ExportParties(), "sales")
    with pytest.raises(NotFound):
        world.execute_as("manager", ReadExport(job=started.id))
    with pytest.raises(Forbidden):
        world.execute_as("accountant", ExportReferences())


def test_custom_fields_have_their_columns(world: World) -> None:
    """ACC-07."""
    fields = [
        {"code": "staff", "label": "Effectif", "type": "number", "on": ["party"]},
        {"code": "since", "label": "Depuis", "type": "date", "on": ["party"]},
    ]
    world.do(Customisation, SaveCustomisation.model_validate({"fields": fields}), "administrator", if_match=0)
    entered = {"code": "C1", "name": "Un", "kinds": ["customer"], "address": {"city": "Brest"}}
    world.do(Party, CreateParty.model_validate(entered | {"custom": {"staff": "12.5", "since": "2026-01-31"}}))
    heading, row = exported(world, ExportParties()).decode("utf-8-sig").split("\r\n")[:2]
    assert heading.endswith(";Effectif;Depuis")
    assert row.endswith(";12,5;31/01/2026")


def test_too_much_is_refused_with_its_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile(world)
    monkeypatch.setattr(exports, "MOST", 3)
    started = world.do(ExportReport, ExportParties())
    exports.write_export(world.services, {"company": world.company, "job": started.id}, Shelf(), EXPORTABLES)
    exports.seal_export(world.services, {"company": world.company, "job": started.id})
    ended = world.do(ExportReport, ReadExport(job=started.id))
    assert (ended.state, [breach.code for breach in ended.breaches]) == (ExportState.REFUSED, ["too_many_rows"])


COLUMNS = [
    Column("name", "Nom", "Name"),
    Column("price", "Prix", "Price", as_number),
    Column("day", "Jour", "Day", as_date),
    Column("yes", "Oui", "Yes", as_flag),
    Column("kind", "Type", "Kind", choice({"marchandise": "goods", "marchand": "goods", "service": "service"})),
    Column("tags", "Étiquettes", "Tags", several(as_text)),
    Column("contacts.1.name", "Second", "Second"),
]
names = st.text(st.characters(categories=["L", "N"], include_characters="=+-@'; .\"\n"), min_size=1).map(str.strip)
rows = st.fixed_dictionaries(
    {
        "name": names.filter(lambda name: name and not name.startswith("'")),
        "price": st.decimals(-(10**9), 10**9, places=3).map(str),
        "day": st.dates(date(1990, 1, 1), date(2100, 1, 1)).map(str),
        "yes": st.booleans(),
        "kind": st.sampled_from(["goods", "service"]),
    }
)


@pytest.mark.parametrize("format", list(FileFormat))
@given(st.lists(rows, max_size=5))
def test_what_is_written_reads_back(format: FileFormat, written: list[dict[str, Any]]) -> None:
    file = io.BytesIO()
    contacts = {"tags": ["a", "b c"], "contacts": [{"name": "x"}, {"name": "y"}]}
    assert write_rows(format, COLUMNS, [row | contacts for row in written], file) == len(written)
    sheet = read_sheet(file.getvalue())
    assert len(sheet.rows) == len(written)
    for row, cells in zip(written, sheet.rows, strict=True):
        read = [column.read(cells[number].value) for number, column in enumerate(COLUMNS, 1)]
        expected = [row["name"], Decimal(row["price"]), date.fromisoformat(row["day"]), row["yes"], row["kind"]]
        if format is FileFormat.XLSX:
            read[0] = str(read[0])
        assert read == [*expected, ["a", "b c"], "y"]


@pytest.mark.parametrize("format", list(FileFormat))
def test_memory_does_not_grow_with_the_rows(format: FileFormat, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        values = ({"name": f"Tiers {n}", "price": "12.5"} for n in range(count))
        tracemalloc.start()
        with (tmp_path / f"{count}").open("wb") as file:
            write_rows(format, COLUMNS, values, file)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(4000) < peak(1000) + 300_000
