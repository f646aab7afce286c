"""FIS-02, RULES §3.4 rule 7: an archive tampered with in each way; the first broken link is named, each time."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from comptoir.closings.model import Closing
from comptoir.kernel.text import canonical, sha256
from comptoir.ledger.chain import Fact, extend
from comptoir.ledger.events import TechnicalEvent, technical_event
from comptoir.ledger.model import ORIGIN, ChainName, Entry
from comptoir.ledger.offline.command import main
from comptoir.ledger.offline.layout import CHAINS
from comptoir.ledger.offline.package import Finding, verify_package
from comptoir.store.cursor import CursorSigner
from comptoir.store.memory import MemoryBackend
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction
from tests.signing import LocalSigner
from tests.unit.archives_support import Archives, files_of, open_archives, repack
from tests.unit.closings_support import MONTHLY

Files = dict[str, bytes]
Tamper = Callable[[Files], None]
DOCUMENTS, PAYMENTS, CLOSINGS, EVENTS = (f"chains/{chain}-0001.jsonl" for chain in CHAINS)


@pytest.fixture(scope="module")
def archives() -> Archives:
    made = open_archives()
    made.issue(3)
    made.books.pay("12.00")
    made.books.noon(date(2026, 11, 25))
    made.issue(3)
    made.books.pay("-2.00", kind="refund")
    made.books.noon(date(2026, 12, 2))
    made.books.close()
    made.make()
    return made


@pytest.fixture(scope="module")
def package(archives: Archives, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archives.save(archives.stored(MONTHLY, date(2026, 11, 30)), tmp_path_factory.mktemp("package"))


def lines(files: Files, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[name].splitlines()]


def write(files: Files, name: str, entries: list[dict[str, Any]]) -> None:
    files[name] = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def payload_changed(name: str, place: int, change: Callable[[dict[str, Any]], None], rehash: bool = False) -> Tamper:
    """A value of the content of an entry is changed; with `rehash` every hash that follows from it is made right."""

    def tamper(files: Files) -> None:
        entries = lines(files, name)
        payload = json.loads(entries[place]["payload"])
        change(payload)
        entries[place]["payload"] = canonical(payload).decode()
        if rehash:
            previous = entries[place]["previous_hash"]
            for entry in entries[place:]:
                entry["payload_hash"], entry["previous_hash"] = sha256(entry["payload"].encode()), previous
                previous = entry["hash"] = Entry.model_validate(entry).digest()
        write(files, name, entries)

    return tamper


def raise_gross(payload: dict[str, Any]) -> None:
    payload["totals"]["gross"]["amount"] = "1.00"


def raise_total(payload: dict[str, Any]) -> None:
    payload["period"]["euro"]["balance"]["net"] = "1.00"


def moved(name: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Tamper:
    def tamper(files: Files) -> None:
        write(files, name, change(lines(files, name)))

    return tamper


def inserted(files: Files) -> None:
    """A document that a thief computes: right in everything but the signature."""
    entries = lines(files, DOCUMENTS)
    forged = Entry.model_validate(entries[2]).change(sequence=4, previous_hash=entries[2]["hash"], signature=None)
    forged = forged.change(hash=forged.digest())
    write(files, DOCUMENTS, [*entries[:3], forged.model_dump(mode="json"), *entries[3:]])


def signed_again(files: Files) -> None:
    """The whole chain of documents is made anew by another key, under the name of the true one."""
    thief, entries = LocalSigner(), lines(files, DOCUMENTS)
    store = Store(MemoryBackend(), CursorSigner(lambda: b"s"))
    made: list[Entry] = []

    def append(entry: dict[str, Any], tx: Transaction) -> list[Entry]:
        fact = Fact("invoice", TechnicalEvent.model_construct(**json.loads(entry["payload"])))
        return extend(tx, entry["company"], ChainName.DOCUMENTS, [fact], datetime(2026, 11, 21, tzinfo=UTC), thief)

    for entry in entries:
        made += store.transact(partial(append, entry))
    write(files, DOCUMENTS, [entry.model_dump(mode="json") for entry in made])


def replaced(name: str, content: bytes) -> Tamper:
    return lambda files: files.update({name: content})


def dropped(name: str) -> Tamper:
    return lambda files: files.__delitem__(name)


def manifest_changed(files: Files) -> None:
    """A PDF is replaced, and the manifest told its new hash."""
    forged = b"%PDF-1.7 forged"
    manifest = json.loads(files["manifest.json"])
    for file in manifest["files"]:
        if file["path"] == "documents/FA2026-000002.pdf":
            file.update(sha256=sha256(forged), size=len(forged))
    files["documents/FA2026-000002.pdf"] = forged
    files["manifest.json"] = json.dumps(manifest).encode()


def sealed_again(files: Files) -> None:
    """The manifest is changed and sealed by another key under the name of the true one."""
    manifest_changed(files)
    seal = json.loads(files["signature.json"])
    payload = json.loads(seal["payload"])
    payload["content"]["manifest_sha256"] = sha256(files["manifest.json"])
    fact = technical_event("archive_sealed", payload["operator"], payload["operator_name"], payload["content"])
    store, thief = Store(MemoryBackend(), CursorSigner(lambda: b"s")), LocalSigner(seal["key_id"])
    [entry] = store.transact(lambda tx: extend(tx, seal["company"], ChainName.EVENTS, [fact], datetime.now(UTC), thief))
    files["signature.json"] = entry.model_dump_json().encode()


CASES: dict[str, tuple[Tamper, str]] = {
    "a value of a document": (payload_changed(DOCUMENTS, 1, raise_gross), "chains/documents: entry 2 altered"),
    "a value, and all hashes up to the signature of its block": (
        payload_changed(DOCUMENTS, 1, raise_gross, True),
        "chains/documents: entry 3 bad_signature",
    ),
    "a value of a payment": (
        payload_changed(PAYMENTS, 0, lambda paid: paid["amount"].update(amount="1.00")),
        "chains/payments: entry 1 altered",
    ),
    "a value of an event": (
        payload_changed(EVENTS, 2, lambda event: event.update(operator_name="Personne")),
        "chains/events: entry 3 altered",
    ),
    "two rows swapped": (moved(DOCUMENTS, lambda e: [e[0], e[2], e[1], *e[3:]]), "chains/documents: entry 2 reordered"),
    "a middle row deleted": (moved(DOCUMENTS, lambda e: [*e[:2], *e[3:]]), "chains/documents: entry 3 missing"),
    "the tail deleted": (moved(DOCUMENTS, lambda e: e[:3]), "chains/documents: entry 4 truncated"),
    "all payments deleted": (moved(PAYMENTS, lambda e: []), "chains/payments: entry 1 truncated"),
    "the last closing deleted": (moved(CLOSINGS, lambda e: e[:-1]), "chains/closings: entry 11 truncated"),
    "a row inserted": (inserted, "chains/documents: entry 4 inserted"),
    "signed again with a wrong key": (signed_again, "chains/documents: entry 1 bad_signature"),
    "a closing edited": (payload_changed(CLOSINGS, 4, raise_total), "chains/closings: entry 5 altered"),
    "a closing edited, and all hashes": (
        payload_changed(CLOSINGS, 4, raise_total, True),
        "chains/closings: entry 5 bad_signature",
    ),
    "a PDF replaced": (
        replaced("documents/FA2026-000002.pdf", b"%PDF-1.7 forged"),
        "documents/FA2026-000002.pdf: file_altered",
    ),
    "a file dropped": (dropped("documents/FA2026-000004.pdf"), "documents/FA2026-000004.pdf: file_missing"),
    "a chain dropped": (dropped(PAYMENTS), "chains/payments: entry 1 truncated"),
    "a file added": (replaced("documents/FA2026-000099.pdf", b"x"), "documents/FA2026-000099.pdf: file_unknown"),
    "the manifest changed": (manifest_changed, "manifest.json: file_altered"),
    "the manifest changed and sealed by another key": (sealed_again, "signature.json: bad_signature"),
    "the signature dropped": (replaced("signature.json", b"{}"), "signature.json: unreadable"),
    "the notice changed": (replaced("LISEZ-MOI.txt", b"rien"), "LISEZ-MOI.txt: file_altered"),
    "a list changed": (replaced("lists/documents-0001.csv", b"x"), "lists/documents-0001.csv: file_altered"),
    "a name twice in an entry": (
        lambda files: files.update({DOCUMENTS: files[DOCUMENTS].replace(b'"kind":', b'"kind":"x","kind":', 1)}),
        "chains/documents: entry 1 unreadable",
    ),
}


def first(findings: list[Finding]) -> str:
    return str(findings[0]).partition(" (")[0]


def test_fis_02_an_untouched_archive_is_intact(archives: Archives, package: Path) -> None:
    report = verify_package(package, archives.pems)
    assert (report.findings, report.files) == ([], len(files_of(package)) - 2)
    assert report.entries == {"documents": 6, "payments": 2, "closings": 11, "events": 8}


@pytest.mark.parametrize("case", CASES)
def test_fis_02_each_way_of_tampering_is_named(archives: Archives, package: Path, tmp_path: Path, case: str) -> None:
    tamper, expected = CASES[case]
    files = files_of(package)
    tamper(files)
    path = repack(tmp_path / "x.zip", files)
    assert first(verify_package(path, archives.pems).findings) == expected
    assert main(["verify", str(path)]) == 1


def test_fis_02_a_forger_with_a_key_of_his_own_is_caught_by_the_fingerprint(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who makes everything anew, the key included, makes an archive that holds; the key is not the company's."""
    true = LocalSigner()
    assert main(["verify", str(package)]) == 0
    shown = capsys.readouterr().out
    assert "SHA-256" in shown
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"local-key": true.pem()}))
    assert main(["verify", str(package), "--keys", str(keys)]) == 1


def to_wrong_totals(closing: dict[str, Any], name: str) -> None:
    closing[name]["euro"]["balance"]["net"] = "1.00"


WRONG: dict[str, tuple[int, Callable[[dict[str, Any]], object], str]] = {
    "totals of a day": (4, lambda c: to_wrong_totals(c, "period"), "the totals of 2026-11-25 to 2026-11-25 are not"),
    "totals of a month": (10, lambda c: to_wrong_totals(c, "period"), "the totals of 2026-11-01 to 2026-11-30 are not"),
    "totals of the year": (6, lambda c: to_wrong_totals(c, "year"), "the year totals are not those before"),
    "perpetual totals": (6, lambda c: to_wrong_totals(c, "perpetual"), "the perpetual totals are not those before"),
    "perpetual totals of a month": (10, lambda c: to_wrong_totals(c, "perpetual"), "the cumulated totals are not"),
    "entries counted": (0, lambda c: c["spans"]["documents"].update(count=2), "it counts"),
    "a sealed head": (4, lambda c: c["heads"][0].update(hash="0" * 64), "the head of documents that it seals is not"),
    "a sealed head before what is counted": (4, lambda c: c["heads"][0].update(sequence=5), "of documents"),
}


@pytest.mark.parametrize("case", WRONG)
def test_fis_02_a_closing_that_was_signed_wrong_is_found_by_recomputation(
    archives: Archives, package: Path, tmp_path: Path, case: str
) -> None:
    """Even by the company's own key: totals come from the entries, never from the closing's own word."""
    place, change, detail = WRONG[case]
    files, signer = files_of(package), archives.books.shop.world.signer
    store, made = Store(MemoryBackend(), CursorSigner(lambda: b"s")), list[Entry]()

    def append(closing: Closing, tx: Transaction) -> list[Entry]:
        fact = Fact(closing.kind, closing)
        return extend(tx, closing.company, ChainName.CLOSINGS, [fact], datetime(2026, 12, 2, tzinfo=UTC), signer)

    for number, entry in enumerate(lines(files, CLOSINGS)):
        told = json.loads(entry["payload"])
        for head in told["heads"]:
            head.update(hash=made[-1].hash if head["chain"] == "closings" else head["hash"])
        if number == place:
            change(told)
        made += store.transact(partial(append, Closing.model_validate(told)))
    write(files, CLOSINGS, [entry.model_dump(mode="json") for entry in made])
    files["heads.jsonl"] = b""
    [found, *_] = verify_package(repack(tmp_path / "x.zip", files), archives.pems).findings
    assert str(found).startswith(f"chains/closings: entry {place + 1} totals_differ")
    assert detail in found.verdict.detail


def test_fis_02_bytes_damaged_in_the_package_are_named(archives: Archives, package: Path, tmp_path: Path) -> None:
    content = bytearray(package.read_bytes())
    place = content.index(b"%PDF-1.7 FA2026-000005")
    content[place + 10] ^= 1
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(content)
    with zipfile.ZipFile(damaged) as packed:
        assert packed.testzip() == "documents/FA2026-000005.pdf"
    assert first(verify_package(damaged, archives.pems).findings) == "documents/FA2026-000005.pdf: file_altered"


def test_fis_02_what_is_no_archive_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = repack(tmp_path / "x.zip", {"a.txt": b"a"})
    assert main(["verify", str(path)]) == 2
    assert "keys.json is missing" in capsys.readouterr().err
    assert ORIGIN == "0" * 64
