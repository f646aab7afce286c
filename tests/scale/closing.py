"""Closing and archiving a month of 10,000 documents: the share of each step, memory; verifying: entries a second."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest

from comptoir.archives import contents
from comptoir.archives.packing import Packer
from comptoir.archives.plan import Piece
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document, File
from comptoir.ledger import verifying
from comptoir.ledger.chain import Fact, extend
from comptoir.ledger.items import HEAD
from comptoir.ledger.model import ChainName
from comptoir.ledger.offline.keyring import KeyRing
from comptoir.ledger.offline.package import Check, Package
from comptoir.ledger.verification import VERIFICATION, Verification
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from tests.golden.snapshots import document, goods
from tests.scale.months import PDF
from tests.scale.report import Size, fresh, note, table, tell, title
from tests.unit.archives_support import Archives
from tests.unit.closings_support import Books, open_books
from tests.unit.invoicing_support import line

_MONTH, _BLOCK = date(2026, 11, 30), 10
_FILE = File(key="documents/x.pdf", sha256=hashlib.sha256(PDF).hexdigest(), size=len(PDF), archived_at="2026-11-21")


class _Disk:
    """A file under way that keeps its bytes on the disk, and their hash."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest, self.size = file, hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        """Nothing waits."""


@dataclass
class _Bucket:
    """Both buckets on the disk; every PDF of the locked one is the same."""

    folder: Path
    drafts: _Bucket | None = None

    def place(self, key: str) -> Path:
        return self.folder / hashlib.sha256(key.encode()).hexdigest()

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        self.place(key).write_bytes(body)

    @contextmanager
    def writing(self, key: str, content_type: str, filename: str) -> Iterator[_Disk]:
        with self.place(key).open("wb") as file:
            yield _Disk(file)

    def stream(self, key: str) -> Iterator[bytes]:
        with self.place(key).open("rb") as file:
            while part := file.read(1 << 20):
                yield part

    def read(self, key: str, most: int) -> bytes | None:
        return bytes(bytearray(PDF))

    def names(self, prefix: str, after: str) -> Iterator[str]:
        return iter(())

    def join(self, key: str, parts: Sequence[tuple[str, int]], content_type: str, filename: str) -> int:
        drafts = self.drafts or self
        with self.writing(key, content_type, filename) as out:
            for source, _ in parts:
                for part in drafts.stream(source):
                    out.write(part)
        return out.size


def _flood(books: Books, count: int) -> None:
    """Issued documents of 20 lines over the days of the month, in blocks of ten, each with its PDF."""
    [issued] = books.shop.issued(books.shop.draft(line("10")))
    key = keys.document(books.company, issued.id)
    store = books.shop.world.services.store
    store.transact(lambda tx: tx.put(DOCUMENT, key, tx.require(DOCUMENT, key).change(file=_FILE)))
    content = document(goods(20))
    for first in range(2, count + 2, _BLOCK):
        day = min(_MONTH, date(2026, 11, 21) + timedelta(days=(first * 10) // (count + 1)))
        block = range(first, min(first + _BLOCK, count + 2))
        store.transact(partial(_issue, books, issued, content, day, block))


def _issue(books: Books, issued: Document, content: Any, day: date, block: range, tx: Transaction) -> None:
    world, facts = books.shop.world, []
    for n in block:
        told = {"document": f"{n:026d}", "number": f"FA2026-{n:06d}", "issue_date": day}
        facts.append(Fact("invoice", content.change(**told)))
        named = {"id": told["document"], "number": told["number"], "sequence": n, "issue_date": day, "file": _FILE}
        tx.create(DOCUMENT, keys.document(world.company, f"{n:026d}"), issued.change(**named))
    entries = extend(tx, world.company, ChainName.DOCUMENTS, facts, world.clock.now(), world.signer)
    key = keys.chain_head(world.company, ChainName.DOCUMENTS)
    tx.put(HEAD, key, tx.require(HEAD, key).change(last_number=entries[-1].sequence, last_date=day))


def measured(count: int, memory: bool) -> dict[str, float]:
    """Seconds of each step; with `memory` the peaks of what Python holds beyond the table, in megabytes."""
    books, told = open_books(), _Told(memory)
    _flood(books, count)
    books.noon(date(2026, 12, 1))
    with tempfile.TemporaryDirectory() as folder:
        shelf = _Bucket(Path(folder))
        vault = _Bucket(Path(folder), shelf)
        archives = Archives(books, shelf, vault)  # type: ignore[arg-type]
        with told.step("closing"):
            books.close()
        with told.step("archiving"), _timed(told):
            made = archives.make()
        path = vault.place(made.key or "")
        told.figures |= {"megabytes": (made.size or 0) / 1e6, "closings": len(books.closings())}
        for name, alone in (("library", False), ("python alone", True)):
            with told.step(name), Package.open(path) as package:
                report = Check(package, KeyRing(archives.pems, alone)).report()
            assert report.intact, report.findings
        told.figures["entries"] = sum(report.entries.values())
        with told.step("in the table"):
            told.figures["read"] = _verify(books, vault, KeyRing(archives.pems, alone=True))
    return told.figures


@contextmanager
def _timed(told: _Told) -> Iterator[None]:
    """Tell how long each kind of piece takes."""
    write = contents.Pieces.write

    def timed(pieces: contents.Pieces, piece: Piece, packer: Packer) -> None:
        began = time.perf_counter()
        write(pieces, piece, packer)
        told.figures[piece.what] = told.figures.get(piece.what, 0.0) + time.perf_counter() - began

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents.Pieces, "write", timed)
        yield


def _verify(books: Books, vault: _Bucket, ring: KeyRing) -> int:
    """Verify every chain where it lies; how many entries were read."""
    store, key = books.shop.world.services.store, keys.verification(books.company, "0" * 26)
    asked = Verification(id="0" * 26, operator=None, operator_name="Horloge", started_at="2026-12-01")
    store.transact(lambda tx: tx.create(VERIFICATION, key, asked))
    event = {"company": books.company, "job": asked.id}
    while verifying.verify_chains(books.shop.world.services, event, vault, ring) == {"outcome": "again"}:
        pass
    found: Verification = store.require(VERIFICATION, key).value
    assert not found.broken, found.broken
    return sum(found.entries.values())


@dataclass
class _Told:
    """Seconds and peaks, by step."""

    memory: bool
    figures: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        if self.memory:
            tracemalloc.start()
        began = time.perf_counter()
        yield
        self.figures[name] = time.perf_counter() - began
        if self.memory:
            self.figures[f"{name} peak"] = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()


def show(size: Size) -> None:
    """Print the figures."""
    count = size.of(10_000, 20)
    timed = fresh(["-m", "tests.scale.closing", str(count)]).told
    peaks = [
        fresh(["-m", "tests.scale.closing", str(n), "memory"]).told for n in (size.of(1000, 10), size.of(3000, 20))
    ]
    title(f"Closing and archiving a month of {count:,} documents of 20 lines, in blocks of ten")
    rows: list[tuple[str, object]] = [(f"closing, {timed['closings']:.0f} closings", timed["closing"])]
    rows += [(f"archiving: {name}", timed[name]) for name in ("chain", "documents", "notice") if name in timed]
    rows.append((f"archiving in all, {timed['megabytes']:.1f} MB", timed["archiving"]))
    table(["step", "seconds"], rows)
    title("Memory: peak of what Python holds beside the table, in MB")
    steps = ("closing", "archiving", "library", "in the table")
    table(["documents", *steps], [(int(p["entries"]), *(p[f"{step} peak"] for step in steps)) for p in peaks])
    title("Verifying")
    ways = (
        ("an archive, with cryptography", "library", "entries"),
        ("an archive, Python alone", "python alone", "entries"),
        ("where they lie, Python alone", "in the table", "read"),
    )
    speeds = [(name, timed[of], timed[of] / timed[step]) for name, step, of in ways]
    table(["", "entries", "entries a second"], speeds)
    note("an archive's PDFs are hashed too")


if __name__ == "__main__":
    tell(measured(int(sys.argv[1]), sys.argv[2:] == ["memory"]))
