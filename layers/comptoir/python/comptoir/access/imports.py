"""Imports: a file of things with codes, checked whole and written whole or not at all (PTY-05)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from comptoir.access.codes import owners
from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.import_job import drive, start
from comptoir.access.import_model import (
    FINAL,
    JOB,
    Importable,
    ImportJob,
    ImportMode,
    ImportReport,
    ImportRow,
    ImportState,
    own,
    taken_breach,
)
from comptoir.access.waiting import wait_for
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.sheets import FileContent, Sheet, read_sheet
from comptoir.kernel.table import capped
from comptoir.kernel.text import Line
from comptoir.store import keys
from comptoir.store.transaction import Transaction


@dataclass(frozen=True)
class Content:
    """What a file holds: the rows to write, where each of its codes stands first, and all that is wrong."""

    rows: Sequence[ImportRow]
    codes: Mapping[str, str]
    breaches: Sequence[Breach]


class ImportFile(Command):
    """Base of the imports: `file` is the content in base64, `dry_run` only checks.

    `create` takes new codes alone; `update` changes what has these codes already, by the cells that
    are filled: an empty cell, or a column that the file lacks, leaves a field as it is.
    """

    importable: ClassVar[Importable[Any]]

    file: FileContent
    filename: Line
    mode: ImportMode = ImportMode.CREATE
    dry_run: bool = False

    @abstractmethod
    def content(self, tx: Transaction, ctx: Context, sheet: Sheet) -> Content:
        """What the file holds, and everything that is wrong in it."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        content = self.content(tx, ctx, read_sheet(self.file))
        found = list(content.breaches)
        if self.mode is ImportMode.CREATE:
            taken = owners(tx, {code: self.importable.code_key(ctx.company, code) for code in content.codes})
            found += [taken_breach(self.importable.taken, code, content.codes[code]) for code in taken]
        rows = content.rows
        refuse_if(capped(found))
        if self.dry_run or not rows:
            state = ImportState.CHECKED if self.dry_run else ImportState.DONE
            return Reply.of(ImportReport(id=None, state=state, filename=self.filename, count=len(rows), written=0))
        return Reply.of(_report(start(tx, ctx, self.importable, self.filename, rows, self.mode)), None, 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        started = ImportReport.model_validate_json(reply.body)
        return reply if started.id is None else _answer(_driven(services, caller, started.id, self.importable))


class ContinueImport(Command):
    """Base of the commands that take an unfinished import up again."""

    importable: ClassVar[Importable[Any]]

    job: Id

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return Reply.of(_report(own(tx.get(JOB, keys.import_job(ctx.company, self.job)), self.importable)))

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        return _answer(_driven(services, caller, self.job, self.importable))


class ReadImport(Query):
    """Base of the queries that tell where an import stands."""

    importable: ClassVar[Importable[Any]]

    job: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.get(JOB, keys.import_job(ctx.company, self.job))
        return Reply.of(_report(own(stored.value if stored else None, self.importable)))


def unknown_code(pointer: str) -> Breach:
    """The breach of a row that would change something that does not exist."""
    return Breach(code="unknown_code", fr="Code inconnu.", en="Unknown code.", pointer=pointer)


def _driven(services: Services, caller: Caller, job_id: str, importable: Importable[Any]) -> ImportJob:
    """Take an import on; what is left after some steps is the workflow's, for which we wait a little."""
    company = caller.company
    job = drive(services, company, job_id, importable)
    if job.state in FINAL or services.workflows is None:
        return job
    services.workflows.start("jobs", f"import-{job.id}", {"task": "drive_import", "company": company, "job": job.id})

    def look() -> ImportJob | None:
        current = services.store.require(JOB, keys.import_job(company, job_id)).value
        return current if current.state in FINAL else None

    return wait_for(services, look) or services.store.require(JOB, keys.import_job(company, job_id)).value


def _report(job: ImportJob) -> ImportReport:
    written = {ImportState.WRITING: job.position, ImportState.DONE: job.count}.get(job.state, 0)
    return ImportReport(
        id=job.id,
        state=job.state,
        filename=job.filename,
        count=job.count,
        written=written,
        breaches=job.breaches,
    )


def _answer(job: ImportJob) -> Reply:
    if job.state is ImportState.REFUSED:
        raise Refused(job.breaches)
    return Reply.of(_report(job), None, 201 if job.state is ImportState.DONE else 202)
