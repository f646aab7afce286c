"""Imports: a file of things with codes, checked whole and written whole or not at all (PTY-05)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from comptoir.access.codes import owners
from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.import_job import (
    JOB,
    Importable,
    ImportJob,
    ImportReport,
    ImportRow,
    ImportState,
    drive,
    own,
    start,
    taken_breach,
)
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
    """Base of the imports: `file` is the content in base64, `dry_run` only checks."""

    importable: ClassVar[Importable[Any]]

    file: FileContent
    filename: Line
    dry_run: bool = False

    @abstractmethod
    def content(self, tx: Transaction, ctx: Context, sheet: Sheet) -> Content:
        """What the file holds, and everything that is wrong in it."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        content = self.content(tx, ctx, read_sheet(self.file))
        places = {self.importable.code_key(ctx.company, code): code for code in content.codes}
        taken = [places[key] for key in owners(tx, places)]
        found = [taken_breach(self.importable.taken, code, content.codes[code]) for code in taken]
        rows, found = content.rows, [*content.breaches, *found]
        refuse_if(capped(found))
        if self.dry_run or not rows:
            state = ImportState.CHECKED if self.dry_run else ImportState.DONE
            return Reply.of(ImportReport(id=None, state=state, filename=self.filename, count=len(rows), written=0))
        return Reply.of(_report(start(tx, ctx, self.importable, self.filename, rows)), None, 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        started = ImportReport.model_validate_json(reply.body)
        return reply if started.id is None else _answer(drive(services, caller.company, started.id, self.importable))


class ContinueImport(Command):
    """Base of the commands that take an unfinished import up again."""

    importable: ClassVar[Importable[Any]]

    job: Id

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return Reply.of(_report(own(tx.get(JOB, keys.import_job(ctx.company, self.job)), self.importable)))

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        return _answer(drive(services, caller.company, self.job, self.importable))


class ReadImport(Query):
    """Base of the queries that tell where an import stands."""

    importable: ClassVar[Importable[Any]]

    job: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.get(JOB, keys.import_job(ctx.company, self.job))
        return Reply.of(_report(own(stored.value if stored else None, self.importable)))


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
