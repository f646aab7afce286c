"""What the tests of archives stand on: buckets in memory, documents with their PDFs, archives made step by step."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from comptoir.archives.commands import MakeArchive
from comptoir.archives.contents import Other
from comptoir.archives.items import ARCHIVE
from comptoir.archives.model import Archive, ArchiveReport
from comptoir.archives.tasks import seal_archive, write_archive
from comptoir.closings.calendar import name_of
from comptoir.closings.model import PeriodKind
from comptoir.invoicing.model import Document
from comptoir.invoicing.tasks import archive_document
from comptoir.store import keys
from tests.unit.closings_support import MONTHLY, Books, open_books
from tests.unit.invoicing_support import line


class Draft:
    """An object under way: bytes from the first to the last, without going back."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()

    def write(self, data: bytes) -> int:
        return self._bytes.write(data)

    def tell(self) -> int:
        return self._bytes.tell()

    def flush(self) -> None:
        """Nothing waits."""

    @property
    def content(self) -> bytes:
        return self._bytes.getvalue()


@dataclass
class Bucket:
    """A bucket whose keys are written once, as both are; `drafts` is where what is joined lies."""

    objects: dict[str, bytes] = field(default_factory=dict)
    drafts: Bucket | None = None
    clashes: list[str] = field(default_factory=list)

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        if self.objects.setdefault(key, body) != body:
            self.clashes.append(key)

    @contextmanager
    def writing(self, key: str, content_type: str, filename: str) -> Iterator[Draft]:
        draft = Draft()
        yield draft
        self.put(key, draft.content, content_type, filename)

    def stream(self, key: str) -> Iterator[bytes]:
        content = self.objects[key]
        yield from (content[n : n + 1000] for n in range(0, len(content), 1000))

    def read(self, key: str, most: int) -> bytes | None:
        return self.objects.get(key)

    def join(self, key: str, parts: Sequence[tuple[str, int]], content_type: str, filename: str) -> int:
        assert self.drafts is not None
        joined = b"".join(self.drafts.objects[source] for source, _ in parts)
        assert [len(self.drafts.objects[source]) for source, _ in parts] == [size for _, size in parts]
        self.put(key, joined, content_type, filename)
        return len(joined)


class Keys:
    """The public half of a test's key."""

    def __init__(self, pems: dict[str, str]) -> None:
        self._pems = pems

    def pems(self) -> dict[str, str]:
        return self._pems


@dataclass
class Archives:
    """The archives of one company with books."""

    books: Books
    shelf: Bucket = field(default_factory=Bucket)
    vault: Bucket = field(default_factory=Bucket)
    others: tuple[Other, ...] = ()
    outcomes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vault.drafts = self.shelf
        world = self.books.shop.world
        world.services = replace(world.services, public_keys=Keys(self.pems))

    @property
    def pems(self) -> dict[str, str]:
        """The key that verifies, from elsewhere than the archive."""
        signer = self.books.shop.world.signer
        return {signer.key_id: signer.pem()}

    def lock(self, *documents: Document) -> list[Document]:
        """Put the PDF of issued documents into the locked bucket."""
        world = self.books.shop.world
        for document in documents:
            content = f"%PDF-1.7 {document.number}".encode()
            digest = hashlib.sha256(content).hexdigest()
            key = f"documents/{world.company}/2026/{document.number}/{digest}.pdf"
            self.vault.objects[key] = content
            told = {"document": document.id, "key": key, "sha256": digest, "size": len(content)}
            archive_document(world.services, self.vault, {"company": world.company, **told})
        return [self.books.shop.read(document) for document in documents]

    def issue(self, count: int = 1, **fields: Any) -> list[Document]:
        """So many invoices with their PDFs."""
        shop = self.books.shop
        drafts = [shop.draft(line(str(10 + n), rate=("20", "5.5")[n % 2]), **fields) for n in range(count)]
        return self.lock(*shop.issued(*drafts))

    def ask(self, kind: PeriodKind, end: date) -> ArchiveReport:
        """Ask for an archive."""
        return self.books.shop.world.do(
            ArchiveReport, MakeArchive.model_validate({"kind": kind, "name": name_of(kind, end)})
        )

    def event(self, kind: PeriodKind, end: date) -> dict[str, Any]:
        """What the state machine hands to the tasks."""
        return {"company": self.books.company, "kind": kind, "name": name_of(kind, end)}

    def write(self, event: dict[str, Any]) -> str:
        """One step of the renderer."""
        services = self.books.shop.world.services
        self.outcomes.append(write_archive(services, event, self.vault, self.shelf, self.others)["outcome"])
        return self.outcomes[-1]

    def seal(self, event: dict[str, Any]) -> str:
        """The writer's signature."""
        world = self.books.shop.world
        self.outcomes.append(seal_archive(world.services, world.signer, event)["outcome"])
        return self.outcomes[-1]

    def run(self, kind: PeriodKind, end: date) -> Archive:
        """All steps, as the state machine has them done."""
        event = self.event(kind, end)
        outcome = self.write(event)
        while outcome in ("again", "seal", "sealed"):
            outcome = self.seal(event) if outcome == "seal" else self.write(event)
        return self.stored(kind, end)

    def make(self, kind: PeriodKind = MONTHLY, end: date = date(2026, 11, 30)) -> Archive:
        """An archive, from the asking to the lock."""
        self.ask(kind, end)
        return self.run(kind, end)

    def stored(self, kind: PeriodKind, end: date) -> Archive:
        """An archive as it lies in the table."""
        key = keys.archive(self.books.company, kind, name_of(kind, end))
        return self.books.shop.world.services.store.require(ARCHIVE, key).value

    def package(self, archive: Archive) -> bytes:
        """The bytes of the package."""
        assert archive.key is not None
        return self.vault.objects[archive.key]

    def save(self, archive: Archive, folder: Path) -> Path:
        """The package as a file."""
        path = folder / f"archive-{archive.name}.zip"
        path.write_bytes(self.package(archive))
        return path


def files_of(path: Path) -> dict[str, bytes]:
    """Every file of a package."""
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def repack(path: Path, files: dict[str, bytes], name: str = "tampered.zip") -> Path:
    """A package of these files."""
    made = path.with_name(name)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for file, content in files.items():
            packed.writestr(file, content)
    return made


def open_archives(books: Books | None = None) -> Archives:
    """The archives of a company, a new one by default."""
    return Archives(books or open_books())
