"""Exports: what a list shows, whole, as a file in the files bucket; each one a technical event (PTY-05, FIS-08).

The command runs in the writer, which chains the event; a workflow then has the file written, page
by page, in the name of who asked.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any, ClassVar, Protocol

from comptoir.access.commands import chain
from comptoir.access.context import Author, Caller, Context, Services
from comptoir.access.custom import Customisation, customisation
from comptoir.access.execute import Call, Command, Query, Reply, authenticate
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery
from comptoir.access.waiting import wait_for
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import Breach, NotFound
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.table import Column
from comptoir.kernel.text import Label, Line
from comptoir.kernel.writing import MEDIA_TYPES, FileFormat, Row, write_rows
from comptoir.store import backend, keys
from comptoir.store.record import Kind
from comptoir.store.transaction import Transaction

MOST = 50_000
"""Things in one export: what the writing function does in its time; narrower filters make several."""


class ExportState(StrEnum):
    """Where an export stands: its file is shown once the chain of technical events holds its hash (FIS-08)."""

    WRITING = "writing"
    WRITTEN = "written"
    DONE = "done"
    REFUSED = "refused"


UNDER_WAY = (ExportState.WRITING, ExportState.WRITTEN)


class ExportJob(Model):
    """An export: what, asked how, by whom, and the file that it became."""

    id: Id
    what: Label
    format: FileFormat | None = None
    asked: dict[str, Any]
    operator: Id
    operator_name: Line
    started_at: str
    state: ExportState = ExportState.WRITING
    filename: Line
    key: Line | None = None
    rows: int | None = None
    size: int | None = None
    sha256: str | None = None
    breaches: tuple[Breach, ...] = ()


class ExportReport(Model):
    """What an export shows; `url` is a short-lived link to the file, once it is done."""

    id: Id
    state: ExportState
    filename: Line
    rows: int | None = None
    size: int | None = None
    sha256: str | None = None
    url: str | None = None
    breaches: tuple[Breach, ...] = ()


EXPORT = Kind("export", ExportJob)
Rows = Callable[[Services, str, Sequence[dict[str, Any]]], Iterable[Row]]
"""From the services, the company and the summaries of a page to the rows of the file."""


@dataclass(frozen=True)
class Exportable:
    """A list that can be exported: its query, its columns, and the rows of a page of it."""

    name: str
    query: type[ListQuery]
    columns: Callable[[Customisation | None], Sequence[Column]]
    rows: Rows = lambda services, company, page: page


class Exporting(Command):
    """Base of what is exported as a file in the background: started, written and sealed by a workflow."""

    chained: ClassVar[bool] = True

    def started(self, tx: Transaction, ctx: Context, what: str, asked: dict[str, Any], **told: Any) -> Reply:
        """Keep an export that begins now, as a technical event; `told` are its file's name and format."""
        who = {"operator": ctx.operator.id, "operator_name": ctx.operator.name, "started_at": stamp(ctx.now)}
        job = ExportJob(id=ctx.new_id(), what=what, asked=asked, **who, **told)
        save(tx, ctx, EXPORT, keys.export_job(ctx.company, job.id), job, "started")
        chain(tx, ctx, "exported", job)
        return Reply.of(_report(job), None, 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        started = ExportReport.model_validate_json(reply.body)
        if services.workflows is None or started.state not in UNDER_WAY:
            return reply
        key = keys.export_job(caller.company, started.id)
        what = services.store.require(EXPORT, key).value.what
        payload = {"task": "write_export", "what": what, "company": caller.company, "job": started.id}
        services.workflows.start("jobs", f"export-{started.id}", payload)

        def look() -> ExportJob | None:
            job = services.store.require(EXPORT, key).value
            return None if job.state in UNDER_WAY else job

        job = wait_for(services, look)
        return Reply.of(_report(job, services), None, 201) if job else reply


class Export(Exporting):
    """Base of the exports of lists: `filters` are those of the list, which each export names by its query."""

    exportable: ClassVar[str]

    format: FileFormat = FileFormat.CSV
    filters: ListQuery

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        asked = self.filters.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_defaults=True)
        name = f"{self.exportable}-{ctx.today}.{self.format}"
        return self.started(tx, ctx, self.exportable, asked, format=self.format, filename=name)


class ReadExport(Query):
    """Where an export of the operator's own stands, with a link to its file."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES
    job: Id

    def read(self, ctx: Context) -> Reply:
        job = ctx.services.store.require(EXPORT, keys.export_job(ctx.company, self.job)).value
        if job.operator != ctx.operator.id:
            raise NotFound()
        return Reply.of(_report(job, ctx.services))


def _report(job: ExportJob, services: Services | None = None) -> ExportReport:
    shown = {name: getattr(job, name) for name in ExportReport.model_fields if name != "url"}
    files = services.files if services and job.state is ExportState.DONE else None
    return ExportReport(**shown, url=files.link("files", job.key) if files and job.key else None)


class Shelf(Protocol):
    """The bucket of working files: a key is written once."""

    def put_file(self, key: str, file: IO[bytes], content_type: str, filename: str) -> None: ...


class _TooMany(Exception):
    """The list holds more than one export may."""


def write_export(
    services: Services, event: Mapping[str, Any], shelf: Shelf, exportables: Mapping[str, Exportable]
) -> dict[str, Any]:
    """The workflow's task: write the file of an export and say where it lies; done before, nothing is done."""
    company = event["company"]
    job = services.store.require(EXPORT, keys.export_job(company, event["job"])).value
    if job.state is not ExportState.WRITING or job.format is None:
        return {"outcome": "to_seal"}
    exportable = exportables[job.what]
    columns = exportable.columns(customisation(Transaction(services.store.backend), company))
    # One row is written at a time, and small files never leave memory.
    with tempfile.SpooledTemporaryFile(max_size=5_000_000) as file:
        try:
            rows = write_rows(job.format, columns, _rows(services, company, job, exportable), file)
        except _TooMany:
            written(services, company, job.change(state=ExportState.REFUSED, breaches=(_TOO_MANY,)))
        else:
            size, digest = file.tell(), _digest(file)
            place = place_of(services, company, job)
            shelf.put_file(place, file, MEDIA_TYPES[job.format], job.filename)
            told = {"key": place, "rows": rows, "size": size, "sha256": digest}
            written(services, company, job.change(state=ExportState.WRITTEN, **told))
    return {"outcome": "to_seal"}


def place_of(services: Services, company: str, job: ExportJob) -> str:
    """Where a try to write an export puts its file: each its own, since two tries may differ in a byte."""
    return f"exports/{company}/{job.id}/{services.ids.new()}/{job.filename}"


def written(services: Services, company: str, after: ExportJob) -> None:
    """Record what became of an export; what was recorded first stays."""
    key = keys.export_job(company, after.id)

    def work(tx: Transaction) -> None:
        if tx.require(EXPORT, key).state is ExportState.WRITING:
            tx.put(EXPORT, key, after)

    services.store.transact(work, [key])


class SealedExport(Model):
    """What the chain of technical events keeps of a file that left: which, how large, and its hash."""

    export: Id
    what: Label
    filename: Line
    rows: int | None
    size: int | None
    sha256: str | None


def seal_export(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """The writer's task: chain the hash of an export's file, which is shown from then on (FIS-08)."""
    company, events = event["company"], services.events
    if events is None:
        raise RuntimeError("an export is sealed in a function that cannot sign")
    key = keys.export_job(company, event["job"])

    def work(tx: Transaction) -> dict[str, Any]:
        job = tx.require(EXPORT, key)
        if job.state is ExportState.WRITTEN:
            fields = {name: getattr(job, name) for name in SealedExport.model_fields if name != "export"}
            sealed = SealedExport(export=job.id, **fields)
            author = Author(company, job.operator, job.operator_name, services.clock.now())
            events.record(tx, author, "export_written", sealed.model_dump(mode="json"))
            tx.put(EXPORT, key, job.change(state=ExportState.DONE))
        return {"outcome": "sealed"}

    return services.store.transact(work, [key])


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return digest


_TOO_MANY = Breach(
    code="too_many_rows",
    fr=f"Plus de {MOST} lignes : restreignez les filtres.",
    en=f"More than {MOST} rows: narrow the filters.",
)


def _rows(services: Services, company: str, job: ExportJob, exportable: Exportable) -> Iterator[Row]:
    """Every row, a page of the list at a time, with the rights that who asked has now."""
    cursor: str | None = None
    count = 0
    while True:
        asked = job.asked | {"cursor": cursor, "limit": backend.MAX_PAGE}
        query = exportable.query.model_validate(asked)
        ctx = authenticate(Transaction(services.store.backend), services, Call(Caller(company, job.operator), query))
        listing = json.loads(query.read(ctx).body)
        count += len(listing["items"])
        if count > MOST:
            raise _TooMany
        yield from exportable.rows(services, company, listing["items"])
        cursor = listing.get("cursor")
        if cursor is None:
            return
