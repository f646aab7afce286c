"""FIS-05: the archive of a closed period: all in one locked package, readable and verifiable without the product."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from comptoir.access.queries import Listing
from comptoir.archives import tasks
from comptoir.archives.commands import ListArchives, MakeArchive, NotSealed, OpenArchive, PeriodOpen, ReadArchive
from comptoir.archives.contents import Other
from comptoir.archives.model import ArchiveReport, ArchiveState
from comptoir.archives.tasks import resume_archives
from comptoir.kernel.errors import Forbidden
from comptoir.ledger.model import ChainName
from comptoir.ledger.offline.package import verify_package
from tests.api.office import Links, Started
from tests.unit.archives_support import Archives, files_of, open_archives
from tests.unit.closings_support import ANNUAL, MONTHLY

NOVEMBER = date(2026, 11, 30)


@pytest.fixture
def archives() -> Archives:
    """Eight documents and payments of November, one of December, everything closed up to 4 December."""
    made = open_archives()
    first, *_ = made.issue(5)
    made.books.pay("12.00", means="card")
    made.books.noon(date(2026, 11, 28))
    made.lock(*made.books.shop.issued(made.books.shop.credit(first)))
    made.issue(2)
    made.books.pay("-2.00", kind="refund")
    made.books.noon(date(2026, 12, 3))
    made.issue(1)
    made.books.pay("7.00")
    made.books.noon(date(2026, 12, 5))
    made.books.close()
    return made


def test_fis_05_the_archive_of_a_month_holds_all_of_it(archives: Archives, tmp_path: Path) -> None:
    archive = archives.make()
    assert (archive.state, archive.files) == (ArchiveState.DONE, len(files_of(archives.save(archive, tmp_path))) - 2)
    files = files_of(archives.save(archive, tmp_path))
    numbers = [f"FA2026-{n:06d}" for n in range(1, 9)]
    assert [name for name in files if name.startswith("documents/")] == [f"documents/{n}.pdf" for n in numbers]
    assert files["documents/FA2026-000003.pdf"] == b"%PDF-1.7 FA2026-000003"
    manifest = json.loads(files["manifest.json"])
    assert (manifest["start"], manifest["end"], manifest["closing"]["sequence"]) == ("2026-11-01", "2026-11-30", 11)
    assert manifest["chains"]["documents"] == {"first": 1, "last": 8}
    assert manifest["chains"]["payments"] == {"first": 1, "last": 2}
    notice = files["LISEZ-MOI.txt"].decode("utf-8-sig")
    assert "COMPTOIR DU PONANT" in notice
    assert "python verificateur archive.zip" in notice
    assert json.loads(files["schema/documents.json"])["title"] == "Snapshot"
    seal = json.loads(json.loads(files["signature.json"])["payload"])
    assert archive.manifest
    assert (seal["event"], seal["content"]["manifest_sha256"]) == ("archive_sealed", archive.manifest.sha256)
    assert archive.key == f"archives/{archives.books.company}/monthly/2026-11/{seal['content']['manifest_sha256']}.zip"
    assert archives.vault.clashes == archives.shelf.clashes == []


def test_fis_05_lists_open_in_a_spreadsheet(archives: Archives, tmp_path: Path) -> None:
    files = files_of(archives.save(archives.make(), tmp_path))
    rows = list(csv.reader(io.StringIO(files["lists/documents-0001.csv"].decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:4] == ["Maillon", "Date", "Numéro", "Nature"]
    assert rows[1] == [
        "1",
        "21/11/2026",
        "FA2026-000001",
        "Facture",
        rows[1][4],
        "552100554",
        "EUR",
        "10,00",
        "2,00",
        "12,00",
        "documents/FA2026-000001.pdf",
    ]
    assert (rows[6][3], rows[6][7]) == ("Avoir", "-10,00")
    assert len(rows) == 9
    payments = files["lists/payments-0001.csv"].decode("utf-8-sig").splitlines()
    assert payments[1:] == [
        "1;21/11/2026;Règlement client;;card;EUR;12,00;",
        "2;28/11/2026;Remboursement client;;transfer;EUR;-2,00;",
    ]


def test_fis_05_asking_again_answers_the_archive_that_there_is(archives: Archives) -> None:
    first = archives.make()
    assert archives.ask(MONTHLY, NOVEMBER).state is ArchiveState.DONE
    assert archives.run(MONTHLY, NOVEMBER) == first
    assert archives.books.shop.world.execute_as("manager", MakeArchive(kind=MONTHLY, name="2026-11")).status == 200


def test_fis_05_only_what_is_closed_is_archived(archives: Archives) -> None:
    with pytest.raises(PeriodOpen):
        archives.ask(MONTHLY, date(2026, 12, 31))
    with pytest.raises(PeriodOpen):
        archives.ask(ANNUAL, date(2026, 12, 31))


def test_acc_03_archiving_needs_the_permission_to_close(archives: Archives) -> None:
    with pytest.raises(Forbidden):
        archives.books.shop.world.execute_as("accountant", MakeArchive(kind=MONTHLY, name="2026-11"))


def test_fis_05_a_document_without_its_pdf_is_named_and_the_archive_is_tried_anew(archives: Archives) -> None:
    shop = archives.books.shop
    archives.books.noon(date(2026, 12, 30))
    late = shop.invoice()
    archives.books.noon(date(2027, 1, 2))
    archives.books.close()
    december = date(2026, 12, 31)
    refused = archives.make(MONTHLY, december)
    assert refused.state is ArchiveState.REFUSED
    assert [(b.code, b.link) for b in refused.breaches] == [("document_not_archived", f"/invoices/{late.id}")]
    archives.lock(late)
    assert archives.make(MONTHLY, december).state is ArchiveState.DONE
    assert archives.stored(MONTHLY, december).attempt == 2


def test_fis_05_the_archive_of_a_year_verifies_with_its_months(archives: Archives, tmp_path: Path) -> None:
    archives.books.noon(date(2027, 1, 2))
    archives.books.close()
    path = archives.save(archives.make(ANNUAL, date(2026, 12, 31)), tmp_path)
    report = verify_package(path, archives.pems)
    assert report.findings == []
    assert report.entries["documents"] == 9
    assert report.closings == 41 + 2 + 1
    december = archives.save(archives.make(MONTHLY, date(2026, 12, 31)), tmp_path)
    report = verify_package(december, archives.pems)
    assert (report.findings, report.entries["documents"]) == ([], 1)


def test_fis_05_an_archive_without_any_document_is_one_too(tmp_path: Path) -> None:
    archives = open_archives()
    archives.books.noon(date(2026, 12, 2))
    archives.books.close()
    path = archives.save(archives.make(), tmp_path)
    report = verify_package(path, archives.pems)
    assert (report.findings, report.entries["documents"], report.entries["payments"]) == ([], 0, 0)


def test_fis_05_a_long_archive_is_written_in_segments(
    archives: Archives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments end after one piece each; the directory joins them, and each step may run twice."""
    monkeypatch.setattr(tasks, "SEGMENT", 1)
    monkeypatch.setattr("comptoir.archives.plan.PART", 3)
    monkeypatch.setattr("comptoir.archives.plan.BATCH", 2)
    archives.ask(MONTHLY, NOVEMBER)
    event, outcome = archives.event(MONTHLY, NOVEMBER), "again"
    while outcome != "seal":
        before = archives.stored(MONTHLY, NOVEMBER)
        outcome = archives.write(event)
        assert archives.stored(MONTHLY, NOVEMBER).position >= before.position
    archive = archives.run(MONTHLY, NOVEMBER)
    assert len(archive.segments) == 16
    path = archives.save(archive, tmp_path)
    assert verify_package(path, archives.pems).findings == []
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        assert [name for name in packed.namelist() if name.startswith("chains/documents")] == [
            f"chains/documents-{n:04d}.jsonl" for n in (1, 2, 3)
        ]


def test_fis_05_each_step_can_be_done_again(
    archives: Archives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The news of a step is lost and it is done over: the same bytes lie under the same keys, one event is chained."""
    monkeypatch.setattr(tasks, "SEGMENT", 1)
    keep, tried = tasks._Job.keep, list[object]()

    def forget(job: tasks._Job, **fields: object) -> None:
        tried.append(fields)
        if len(tried) % 2 == 0:
            keep(job, **fields)

    monkeypatch.setattr(tasks._Job, "keep", forget)
    archives.ask(MONTHLY, NOVEMBER)
    event = archives.event(MONTHLY, NOVEMBER)
    for _ in range(100):
        if archives.stored(MONTHLY, NOVEMBER).state is ArchiveState.DONE:
            break
        archives.write(event)
        archives.seal(event)
    archive = archives.stored(MONTHLY, NOVEMBER)
    assert archive.state is ArchiveState.DONE
    assert archives.vault.clashes == archives.shelf.clashes == []
    assert verify_package(archives.save(archive, tmp_path), archives.pems).findings == []
    sealed = [entry for entry in archives.books.entries(ChainName.EVENTS) if entry.kind == "archive_sealed"]
    assert len(sealed) == 1


def test_fis_05_other_contexts_have_their_place(archives: Archives, tmp_path: Path) -> None:
    archives.others = (
        Other(
            lambda company, archive: f"fec/{company.identity.siren}.txt",
            lambda *given: given[3].write(b"fec"),
            "le FEC",
        ),
    )
    files = files_of(archives.save(archives.make(), tmp_path))
    assert files["fec/732829320.txt"] == b"fec"
    assert "fec/732829320.txt       le FEC" in files["LISEZ-MOI.txt"].decode("utf-8-sig")


def test_fis_05_a_pdf_that_is_not_what_was_archived_stops_the_archive(archives: Archives) -> None:
    key = next(key for key in archives.vault.objects if "FA2026-000003" in key)
    archives.vault.objects[key] = b"%PDF-1.7 something else"
    archives.ask(MONTHLY, NOVEMBER)
    with pytest.raises(LookupError, match="is not what was archived"):
        archives.run(MONTHLY, NOVEMBER)


def test_fis_05_unfinished_archives_are_driven_again_after_an_hour(archives: Archives) -> None:
    archives.ask(MONTHLY, NOVEMBER)
    workflows = Started()
    world = archives.books.shop.world
    world.services = replace(world.services, workflows=workflows)
    assert resume_archives(world.services) == {"archives_resumed": 0, "failed": 0}
    world.wait(hours=2)
    assert resume_archives(world.services) == {"archives_resumed": 1, "failed": 0}
    assert workflows.runs[0][2] == {"company": world.company, "kind": "monthly", "name": "2026-11"}
    archives.run(MONTHLY, NOVEMBER)
    assert resume_archives(world.services) == {"archives_resumed": 0, "failed": 0}


def test_fis_07_archives_are_listed_and_opened_through_short_lived_links(archives: Archives) -> None:
    world = archives.books.shop.world
    world.services = replace(world.services, files=Links())
    archives.ask(MONTHLY, NOVEMBER)
    with pytest.raises(NotSealed):
        world.execute_as("accountant", OpenArchive(kind=MONTHLY, name="2026-11"))
    archive = archives.run(MONTHLY, NOVEMBER)
    [listed] = world.do(Listing[ArchiveReport], ListArchives(), "accountant").items
    assert listed == world.do(ArchiveReport, ReadArchive(kind=MONTHLY, name="2026-11"), "accountant")
    assert (listed.state, listed.size) == (ArchiveState.DONE, archive.size)
    link = json.loads(world.execute_as("accountant", OpenArchive(kind=MONTHLY, name="2026-11")).body)
    assert link["url"] == f"https://files.example/archive/{archive.key}?seconds=300"


def test_fis_05_the_verifier_in_the_archive_runs_without_the_product(archives: Archives, tmp_path: Path) -> None:
    """In a process that knows neither this repository nor its libraries but cryptography; packed and unpacked."""
    path = archives.save(archives.make(), tmp_path)
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(path) as packed:
        packed.extractall(unpacked)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"]}
        command = [sys.executable, "verificateur", *arguments]
        return subprocess.run(command, cwd=unpacked, env=environment, capture_output=True, text=True, check=False)

    for arguments in ((), (".",), (str(path),)):
        result = run(*arguments)
        assert (result.returncode, result.stderr) == (0, "")
        assert "intact: 8 documents, 2 payments, 11 closings," in result.stdout
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(archives.pems))
    assert run(str(path), "--keys", str(keys)).returncode == 0
    (unpacked / "documents" / "FA2026-000002.pdf").write_bytes(b"%PDF-1.7 forged")
    result = run()
    assert result.returncode == 1
    assert "BROKEN: documents/FA2026-000002.pdf: file_altered" in result.stdout
