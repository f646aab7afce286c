"""Writing an accounting export: marks first, then the files, each step safe to run again (FIS-06)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from comptoir.access.context import Services
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.accounting.chart import Chart
from comptoir.accounting.exporting import BookExport, BookFile, BookState
from comptoir.accounting.fec import Figures, description, filename, write_fec
from comptoir.accounting.items import BOOK_EXPORT, BOOKS, CHART, DUE_BOOKS
from comptoir.accounting.model import Entry
from comptoir.accounting.pieces import Piece, Scope, pieces
from comptoir.accounting.posting import all_entries, post, taken, to_post
from comptoir.accounting.sheet import COLUMNS, rows
from comptoir.kernel.errors import DomainError, Refused
from comptoir.kernel.writing import MEDIA_TYPES, FileFormat, write_rows
from comptoir.store import keys
from comptoir.store.transaction import Transaction

_TEXT = "text/plain; charset=utf-8"


class Written(Protocol):
    """A file under way in a bucket."""

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str: ...

    def write(self, data: bytes, /) -> int: ...


class Shelf(Protocol):
    """The bucket of working files: a key is written once, from start to end, in constant memory."""

    def writing(self, key: str, content_type: str, filename: str) -> AbstractContextManager[Written]: ...


class _Job:
    """One run of the task."""

    def __init__(self, services: Services, shelf: Shelf, company: Company, chart: Chart, export: BookExport) -> None:
        self._services, self._shelf, self._company, self._chart = services, shelf, company, chart
        self._export = export

    def run(self) -> BookExport:
        store, company = self._services.store, self._company.id
        if not self._export.format.posts:
            return self._fec(all_entries(store, company, self._pieces()))
        post(store, to_post(store, company, self._export, self._pieces()))
        return self._sheet(taken(store, company, self._export, self._pieces()))

    def _pieces(self) -> Iterable[Piece]:
        export, company = self._export, self._company
        return pieces(Scope(self._services, company.id, self._chart, export.start, export.end, company.currency))

    def _fec(self, entries: Iterator[Entry]) -> BookExport:
        export, siren = self._export, self._company.identity.siren or ""
        name = filename(siren, export.end, whole=export.whole)
        with self._open(name, _TEXT) as file:
            figures = write_fec(entries, file)
        about = f"{name.removesuffix('.txt')}-description.txt"
        with self._open(about, _TEXT) as told:
            told.write(description(name, siren, export.start, export.end, figures, whole=export.whole))
        return self._done(figures, (self._file(name, file), self._file(about, told)))

    def _sheet(self, entries: Iterator[Entry]) -> BookExport:
        figures, kind = Figures(), FileFormat(self._export.format.value)
        name = f"ecritures-{self._export.number:06d}-{self._export.start}-{self._export.end}.{kind.value}"
        with tempfile.SpooledTemporaryFile(max_size=5_000_000) as draft, self._open(name, MEDIA_TYPES[kind]) as file:
            write_rows(kind, COLUMNS, rows(self._export.number, entries, figures), draft)
            draft.seek(0)
            while part := draft.read(1_000_000):
                file.write(part)
        return self._done(figures, (self._file(name, file),))

    def _open(self, name: str, media_type: str) -> AbstractContextManager[Written]:
        return self._shelf.writing(self._place(name), media_type, name)

    def _place(self, name: str) -> str:
        return f"exports/{self._company.id}/{self._export.id}/{name}"

    def _file(self, name: str, file: Written) -> BookFile:
        return BookFile(name=name, key=self._place(name), size=file.size, sha256=file.sha256)

    def _done(self, figures: Figures, files: tuple[BookFile, ...]) -> BookExport:
        told = {name: getattr(figures, name) for name in ("entries", "lines", "debit", "credit")}
        return self._export.change(state=BookState.DONE, files=files, **told)


def write_books(services: Services, event: Mapping[str, Any], shelf: Shelf) -> dict[str, Any]:
    """The workflow's task: mark, write the files, and say where they lie; done before, nothing is done."""
    company, key = event["company"], keys.accounting_export(event["company"], event["job"])
    export = services.store.require(BOOK_EXPORT, key).value
    if export.state is not BookState.WRITING:
        return {"outcome": "written"}
    settings = services.store.require(COMPANY, keys.company(company)).value
    chart = services.store.get(CHART, keys.chart(company))
    try:
        after = _Job(services, shelf, settings, chart.value if chart else Chart(), export).run()
    except Refused as refused:
        after = export.change(state=BookState.REFUSED, breaches=refused.breaches)
    services.store.transact(lambda tx: _finish(tx, company, after), [key, keys.books(company)])
    return {"outcome": "written"}


def _finish(tx: Transaction, company: str, after: BookExport) -> None:
    key, books_key = keys.accounting_export(company, after.id), keys.books(company)
    if tx.require(BOOK_EXPORT, key).state is not BookState.WRITING:
        return
    tx.put(BOOK_EXPORT, key, after)
    books = tx.require(BOOKS, books_key)
    if books.running == after.id:
        tx.put(BOOKS, books_key, books.change(running=None))


def start(services: Services, company: str, export: str, name: str) -> None:
    """Have an export written by the workflow."""
    if services.workflows:
        services.workflows.start("jobs", name, {"task": "write_books", "company": company, "job": export})


def resume_books(services: Services) -> dict[str, int]:
    """Have every export that was asked for and is not written yet written; for the schedule."""
    hour, counts = f"{services.clock.now():%Y%m%dT%H}", {"books_resumed": 0, "failed": 0}
    for record in services.store.due(DUE_BOOKS, 3):
        export = services.store.require(BOOK_EXPORT, record.key).value.id
        try:
            start(services, record.key.company, export, f"books-{export}-{hour}")
            counts["books_resumed"] += 1
        except DomainError:
            counts["failed"] += 1
    return counts
