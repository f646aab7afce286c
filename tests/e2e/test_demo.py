"""The main job, played on the product deployed locally: what it leaves is what the API and the chain tell of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from infra.local.cloud import Cloud
from infra.local.demo import play
from infra.local.progress import Lines

Summary = Mapping[str, Any]
SHAPE = {
    "format",
    "started_at",
    "found",
    "api",
    "company",
    "operators",
    "imports",
    "orders",
    "documents",
    "ledger",
    "counts",
    "checks",
    "files",
    "steps",
    "seconds",
}


@pytest.fixture(scope="module")
def out(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the job leaves when it is played for the first time."""
    folder = tmp_path_factory.mktemp("out")
    (folder / "note.txt").write_text("the user's own")
    play(cloud, folder, Lines())
    return folder


@pytest.fixture(scope="module")
def summary(out: Path) -> Summary:
    """The summary of the first time."""
    found: Summary = json.loads((out / "summary.json").read_text("utf-8"))
    return found


def entries(out: Path) -> list[dict[str, Any]]:
    """The exported chain of documents."""
    return [json.loads(line) for line in (out / "ledger" / "documents.jsonl").read_text("utf-8").splitlines()]


def test_the_summary_tells_what_was_made(summary: Summary) -> None:
    """The shape is stable; three orders, four invoices and a credit note in one sequence (INV-02, CRN-06)."""
    assert set(summary) == SHAPE
    assert (summary["format"], summary["found"]) == (1, False)
    assert [order["lines"] for order in summary["orders"]] == [60, 8, 1000]
    assert [document["sequence"] for document in summary["documents"]] == [1, 2, 3, 4, 5]
    assert [document["kind"] for document in summary["documents"]] == ["invoice"] * 4 + ["credit_note"]
    assert summary["counts"]["documents"] == 5
    assert {one["profile"] for one in summary["operators"]} >= {"manager", "sales", "accountant", "assistant"}


def test_files_are_those_that_the_summary_tells_of(out: Path, summary: Summary) -> None:
    """Every file is there with its hash and size, and there is no other but the user's own."""
    told = {file["path"]: (file["sha256"], file["bytes"]) for file in summary["files"]}
    left = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert set(left) == {*told, "summary.json", "note.txt"}
    assert {name: (hashlib.sha256(left[name]).hexdigest(), len(left[name])) for name in told} == told


def test_documents_are_pdfs_with_their_invoice_inside(out: Path, summary: Summary) -> None:
    """Each opens, prints its number on every page, and carries the Factur-X XML (INV-06); so does the hash match."""
    for document in summary["documents"]:
        path = out / document["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == document["sha256"]
        reader = PdfReader(path)
        assert document["number"].encode() in reader.attachments["factur-x.xml"][0]
        assert all(document["number"] in page.extract_text() for page in reader.pages)


def test_the_chain_holds_what_was_archived(cloud: Cloud, out: Path, summary: Summary) -> None:
    """The frozen amounts of each entry are the summary's, and the locked object has the hash that the API told."""
    by_number = {}
    for entry in entries(out):
        assert hashlib.sha256(entry["payload"].encode()).hexdigest() == entry["payload_hash"]
        payload = json.loads(entry["payload"])
        by_number[payload["number"]] = payload
    assert list(by_number) == [document["number"] for document in summary["documents"]]
    for document in summary["documents"]:
        totals = by_number[document["number"]]["totals"]
        assert totals["gross"]["amount"] == document["gross"].removeprefix("-")
        company = summary["company"]["id"]
        key = f"documents/{company}/{document['issue_date'][:4]}/{document['number']}/{document['sha256']}.pdf"
        stored = cloud.client("s3").get_object(Bucket=cloud.archive_bucket, Key=key)["Body"].read()
        assert stored == (out / document["file"]).read_bytes()


def test_chains_verify_and_a_tampered_copy_does_not(summary: Summary) -> None:
    """FIS-02: intact offline; one digit changed names the entry."""
    documents, events = summary["ledger"]
    assert documents["verdict"].startswith("intact: 5 entries")
    assert documents["locked_heads"] >= 1
    assert events["verdict"].startswith("intact")
    assert documents["tampered"].startswith("BROKEN: entry 1 is altered")


def test_played_again_it_finds_its_data(cloud: Cloud, out: Path, summary: Summary) -> None:
    """Nothing is made twice, and the same documents are left; of `out/`, only what the job makes is emptied."""
    (out / "invoices" / "stale.pdf").write_bytes(b"of another run")
    play(cloud, out, Lines())
    again = json.loads((out / "summary.json").read_text("utf-8"))
    assert again["found"] is True
    for what in ("company", "operators", "orders", "documents", "counts", "ledger"):
        assert again[what] == summary[what], what
    assert [one["written"] for one in again["imports"]] == [0, 0, 0]
    assert {file["path"] for file in again["files"]} == {file["path"] for file in summary["files"]}
    assert not (out / "invoices" / "stale.pdf").exists()
    assert (out / "note.txt").exists()
