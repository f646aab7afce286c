"""Writing the pieces of an archive (FIS-05)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from comptoir.access.context import Services
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.archives.lists import pdf_path, table
from comptoir.archives.model import Archive
from comptoir.archives.notice import texts
from comptoir.archives.packing import Content, Moment, Packer
from comptoir.archives.plan import Piece, Plan
from comptoir.closings.counting import read_entries
from comptoir.closings.model import PeriodKind
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document, File
from comptoir.kernel.errors import Breach, Refused
from comptoir.ledger.model import ChainName, Entry
from comptoir.ledger.offline.layout import HEADS, chain_file
from comptoir.store import keys

_MOST = 50 * 1024 * 1024
_AT_ONCE, _WINDOW = 16, 64
"""Files fetched at once, and how many are held: memory stays the same whatever the archive."""


class Reader(Protocol):
    """The locked bucket: the bytes under a key, None when there are none."""

    def read(self, key: str, most: int) -> bytes | None: ...


@dataclass(frozen=True)
class Other:
    """A file that another context adds: its path, and what writes it; `about` says in French what it is.

    `kinds` are those of the archives that it goes into.
    """

    path: Callable[[Company, Archive], str]
    write: Callable[[Services, Company, Archive, Content], object]
    about: str
    kinds: frozenset[PeriodKind] = frozenset({PeriodKind.MONTHLY, PeriodKind.ANNUAL})

    def line(self, company: Company, archive: Archive) -> str:
        """Its line in the notice."""
        return f"{self.path(company, archive):<24}{self.about}"


@dataclass(frozen=True)
class Pieces:
    """Writes pieces of one archive."""

    services: Services
    vault: Reader
    company: str
    archive: Archive
    plan: Plan
    others: Sequence[Other] = ()

    @property
    def moment(self) -> Moment:
        """What every file of the package is dated: when its period was closed."""
        closed = datetime.fromisoformat(self.plan.closed.closing.closed_at)
        return (closed.year, closed.month, closed.day, closed.hour, closed.minute, closed.second)

    def write(self, piece: Piece, packer: Packer) -> None:
        """Write one piece. Errors: `Refused` while a document has no PDF yet."""
        writers: dict[str, Callable[[Piece, Packer], None]] = {
            "notice": self._notice,
            "other": self._other,
            "chain": self._chain,
            "documents": self._documents,
        }
        writers[piece.what](piece, packer)

    def _notice(self, piece: Piece, packer: Packer) -> None:
        company = self._settings()
        others = tuple(other.line(company, self.archive) for other in self.others)
        for path, content in texts(self.archive, self.plan.closed.closing, others).items():
            _add(packer, path, content)
        heads = (head.model_dump_json().encode() + b"\n" for head in self.plan.heads)
        _add(packer, HEADS, b"".join(heads))

    def _settings(self) -> Company:
        return self.services.store.require(COMPANY, keys.company(self.company)).value

    def _other(self, piece: Piece, packer: Packer) -> None:
        other, company = self.others[piece.first], self._settings()
        packer.add(
            other.path(company, self.archive), lambda file: other.write(self.services, company, self.archive, file)
        )

    def _chain(self, piece: Piece, packer: Packer) -> None:
        chain = piece.chain or ChainName.DOCUMENTS

        def write(file: Content) -> None:
            for entry in self._entries(chain, piece):
                file.write(entry.model_dump_json().encode() + b"\n")

        packer.add(chain_file(chain, piece.number), write)
        shown = table(chain, self._entries(chain, piece), self.archive.start, self.archive.end)
        if shown is not None:
            _add(packer, f"lists/{chain}-{piece.number:04d}.csv", shown)

    def _entries(self, chain: ChainName, piece: Piece) -> Iterator[Entry]:
        place = piece.first
        while place <= piece.last:
            entries = read_entries(self.services.store, self.company, chain, place, piece.last)
            yield from entries
            place += len(entries)

    def _documents(self, piece: Piece, packer: Packer) -> None:
        wanted = [told for entry in self._entries(ChainName.DOCUMENTS, piece) if (told := _told(entry, self.archive))]
        found = self.services.store.backend.get([keys.document(self.company, told.document) for told in wanted])
        documents = {document.id: document for document in map(DOCUMENT.load, found.values())}
        files = [(told, _file(documents[told.document])) for told in wanted]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(files), _WINDOW):
                window = files[start : start + _WINDOW]
                contents = pool.map(self._pdf, [file for _, file in window])
                for (told, _), content in zip(window, contents, strict=True):
                    about = {"number": told.number, "sequence": told.sequence}
                    _add(packer, pdf_path(told.number), content, compressed=False, **about)

    def _pdf(self, file: File) -> bytes:
        """The archived bytes, which must be those that were recorded. Errors: `LookupError`."""
        content = self.vault.read(file.key, _MOST)
        if content is None or hashlib.sha256(content).hexdigest() != file.sha256:
            raise LookupError(f"{file.key} is not what was archived")
        return content


@dataclass(frozen=True)
class _Told:
    document: str
    number: str
    sequence: int


def _told(entry: Entry, archive: Archive) -> _Told | None:
    """What an entry of the period is about."""
    payload = json.loads(entry.payload)
    inside = archive.start <= date.fromisoformat(payload["issue_date"]) <= archive.end
    return _Told(payload["document"], payload["number"], entry.sequence) if inside else None


def _file(document: Document) -> File:
    if document.file is None:
        raise Refused(
            [
                Breach(
                    code="document_not_archived",
                    fr=f"Le PDF de {document.number} n'est pas encore archivé : demandez l'archive un peu plus tard.",
                    en=f"The PDF of {document.number} is not archived yet: ask for the archive a little later.",
                    link=f"/invoices/{document.id}",
                )
            ]
        )
    return document.file


def _add(packer: Packer, path: str, content: bytes, compressed: bool = True, **about: object) -> None:
    packer.add(path, lambda file: file.write(content), compressed, **about)
