"""One download of a month: every PDF, the list and the totals, in a zip written in constant memory (INV-10)."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol

from comptoir.access.context import Context, Services
from comptoir.access.execute import Reply
from comptoir.access.exports import EXPORT, Exporting, ExportJob, ExportState, place_of, written
from comptoir.access.permissions import Permission
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import DocumentSummary, File
from comptoir.invoicing.month_sheet import COLUMNS, TOTAL_COLUMNS, rows_of, total_rows
from comptoir.invoicing.month_view import MonthDocument, month_query, month_totals, with_states
from comptoir.kernel.errors import Breach, Refused
from comptoir.kernel.table import Column
from comptoir.kernel.text import MonthName
from comptoir.kernel.writing import FileFormat, Row, write_rows
from comptoir.store import backend, keys
from comptoir.store.transaction import Transaction

MONTH_EXPORT = "documents"
MOST = 10_000
"""Documents in one download: what the writing function does in its time."""

_MOST_BYTES = 20_000_000
_AHEAD = 16
"""PDFs that are read before their turn: what is in memory at once."""

_NO_TIME = (1980, 1, 1, 0, 0, 0)
_ZIP = "application/zip"


class Shelf(Protocol):
    """The bucket of working files."""

    def writing(self, key: str, content_type: str, filename: str) -> AbstractContextManager[Any]: ...


class Archive(Protocol):
    """The locked bucket, to read from."""

    def read(self, key: str, most: int) -> bytes | None: ...


class ExportMonth(Exporting):
    """Have the documents of a month put into one file to download, chained with its hash (INV-10, FIS-08)."""

    permission: ClassVar[Permission] = Permission.EXPORT_ACCOUNTING

    month: MonthName

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return self.started(tx, ctx, MONTH_EXPORT, {"month": self.month}, filename=f"documents-{self.month}.zip")


class Damaged(Exception):
    """An archived PDF is not there, or not what was archived."""


def write_month(services: Services, event: Mapping[str, Any], archive: Archive, shelf: Shelf) -> dict[str, Any]:
    """The workflow's task: write the zip of a month; done before, nothing is done.

    Errors: `Damaged` when a PDF of the archive is not the one that its document names.
    """
    company = event["company"]
    job = services.store.require(EXPORT, keys.export_job(company, event["job"])).value
    if job.state is ExportState.WRITING:
        try:
            written(services, company, _Zip(services, company, job, archive).write(shelf))
        except Refused as refused:
            written(services, company, job.change(state=ExportState.REFUSED, breaches=refused.breaches))
    return {"outcome": "to_seal"}


class _Zip:
    """The zip of one month under way."""

    def __init__(self, services: Services, company: str, job: ExportJob, archive: Archive) -> None:
        self._services, self._company, self._job, self._archive = services, company, job, archive
        self._month: str = job.asked["month"]
        self._count = 0

    def write(self, shelf: Shelf) -> ExportJob:
        place = place_of(self._services, self._company, self._job)
        with (
            shelf.writing(place, _ZIP, self._job.filename) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as folder,
            tempfile.TemporaryFile("w+", encoding="utf-8") as listed,
        ):
            # Each document is read once: its rows wait on disk until both lists are written of them.
            rows = sum(1 for row in self._rows(folder) if listed.write(f"{json.dumps(row)}\n"))
            for kind in FileFormat:
                listed.seek(0)
                _add(folder, f"documents-{self._month}.{kind}", kind, COLUMNS, map(json.loads, listed))
            totals = total_rows(month_totals(self._services.store, self._company, self._month))
            _add(folder, f"totaux-{self._month}.csv", FileFormat.CSV, TOTAL_COLUMNS, totals)
        told = {"key": place, "rows": rows, "size": file.size, "sha256": file.sha256}
        return self._job.change(state=ExportState.WRITTEN, **told)

    def _rows(self, folder: zipfile.ZipFile) -> Iterator[Row]:
        """The rows of the list; each document's PDF goes into the zip as its rows are asked for."""
        with ThreadPoolExecutor(_AHEAD) as pool:
            waiting: deque[tuple[MonthDocument, File, Future[bytes]]] = deque()
            for document, file in self._documents():
                waiting.append((document, file, pool.submit(self._pdf, file)))
                if len(waiting) >= _AHEAD:
                    yield from self._into(folder, *waiting.popleft())
            while waiting:
                yield from self._into(folder, *waiting.popleft())

    def _into(self, folder: zipfile.ZipFile, document: MonthDocument, file: File, pdf: Future[bytes]) -> Iterator[Row]:
        summary = document.document
        name = f"pdf/{(summary.number or summary.id).replace('/', '-')}.pdf"
        day = summary.issue_date or summary.created_on
        folder.writestr(zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0)), pdf.result())
        yield from rows_of(document, name)

    def _pdf(self, file: File) -> bytes:
        body = self._archive.read(file.key, _MOST_BYTES)
        if body is None or hashlib.sha256(body).hexdigest() != file.sha256:
            raise Damaged(file.key)
        return body

    def _documents(self) -> Iterator[tuple[MonthDocument, File]]:
        """Every document of the month with its file, a page at a time. Errors: `Refused`."""
        store, query = self._services.store, month_query(self._company, self._month)
        cursor: str | None = None
        while True:
            page = store.summaries(DocumentSummary, query, cursor, backend.MAX_PAGE)
            self._count += len(page.items)
            if self._count > MOST:
                raise Refused([_TOO_MANY])
            places = [keys.document(self._company, document.id) for document in page.items]
            heads = store.backend.get(places)
            for document, place in zip(with_states(store, self._company, page.items), places, strict=True):
                file = DOCUMENT.load(heads[place]).file
                if file is None:
                    raise Refused([_not_archived(document.document)])
                yield document, file
            cursor = page.cursor
            if cursor is None:
                return


def _add(folder: zipfile.ZipFile, name: str, kind: FileFormat, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """A list into the zip, by way of the disk."""
    with tempfile.TemporaryFile() as file:
        write_rows(kind, columns, rows, file)
        file.seek(0)
        with folder.open(zipfile.ZipInfo(name, _NO_TIME), "w") as entry:
            shutil.copyfileobj(file, entry)


def _not_archived(document: DocumentSummary) -> Breach:
    return Breach(
        code="documents_not_archived",
        fr=f"Le PDF de {document.number} n'est pas encore archivé : demandez le mois dans quelques minutes.",
        en=f"The PDF of {document.number} is not archived yet: ask for the month in a few minutes.",
        link=f"/documents?month={document.issue_date:%Y-%m}",
    )


_TOO_MANY = Breach(
    code="too_many_documents",
    fr=f"Plus de {MOST} documents dans le mois : téléchargez les PDF un par un, ou l'archive de la période.",
    en=f"More than {MOST} documents in the month: download the PDFs one by one, or the archive of the period.",
)
