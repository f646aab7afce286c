"""Asking for the archive of a closed period, and reading what there is (FIS-05, FIS-07)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from comptoir.access.commands import chain
from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery
from comptoir.access.waiting import wait_for
from comptoir.archives.items import ARCHIVE, FINAL
from comptoir.archives.model import Archive, ArchiveReport, ArchiveState
from comptoir.archives.tasks import start
from comptoir.closings.items import CLOSING
from comptoir.closings.model import ClosedPeriod, PeriodKind
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import Conflict, NotFound
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.ledger.model import ChainName
from comptoir.store import backend, keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

Archived = Literal[PeriodKind.MONTHLY, PeriodKind.ANNUAL]
"""What is archived: days are, with their month."""


class PeriodOpen(Conflict):
    """Only what is closed is archived."""

    code = "period_not_closed"
    fr = "La période n'est pas clôturée : clôturez-la d'abord."
    en = "The period is not closed: close it first."


class NotSealed(Conflict):
    """The archive is being made, or could not be."""

    code = "archive_not_done"
    fr = "L'archive n'est pas encore faite."
    en = "The archive is not made yet."


class MakeArchive(Command):
    """Make the archive of a closed month or fiscal year: there is one each, locked for its retention.

    Asked again, the one that there is answers; one that could not be made is tried anew. Errors: `PeriodOpen`.
    """

    permission: ClassVar[Permission] = Permission.CLOSE_PERIOD
    chained: ClassVar[bool] = True

    kind: Archived
    name: str = Field(max_length=10)

    def keys(self, company: str) -> Sequence[Key]:
        return [
            keys.archive(company, self.kind, self.name),
            keys.closing(company, self.kind, self.name),
            keys.chain_head(company, ChainName.EVENTS),
        ]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.archive(ctx.company, self.kind, self.name)
        before = tx.get(ARCHIVE, key)
        if before and before.state is not ArchiveState.REFUSED:
            return Reply.of(ArchiveReport.of(before), None, 200 if before.state is ArchiveState.DONE else 202)
        closed = tx.get(CLOSING, keys.closing(ctx.company, self.kind, self.name))
        if closed is None:
            raise PeriodOpen()
        archive = self._asked(ctx, closed, before)
        tx.put(ARCHIVE, key, archive)
        report = ArchiveReport.of(archive)
        chain(tx, ctx, "archive_asked", report)
        return Reply.of(report, None, 202)

    def _asked(self, ctx: Context, closed: ClosedPeriod, before: Archive | None) -> Archive:
        source = ctx.services.public_keys
        return Archive(
            kind=self.kind,
            name=self.name,
            start=closed.closing.start,
            end=closed.closing.end,
            closing=closed.sequence,
            operator=ctx.operator.id,
            operator_name=ctx.operator.name,
            started_at=stamp(ctx.now),
            attempt=before.attempt + 1 if before else 1,
            public_keys=source.pems() if source else {},
        )

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        if reply.status != 202 or services.workflows is None:
            return reply
        key = keys.archive(caller.company, self.kind, self.name)
        archive = services.store.require(ARCHIVE, key).value
        start(services, caller.company, archive, str(archive.attempt))

        def look() -> Reply | None:
            found = services.store.require(ARCHIVE, key).value
            return Reply.of(ArchiveReport.of(found), None, 201) if found.state in FINAL else None

        return wait_for(services, look) or reply


class ReadArchive(Query):
    """One archive: how far it is, or what it holds."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES
    kind: PeriodKind
    name: str = Field(max_length=10)

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(ARCHIVE, keys.archive(ctx.company, self.kind, self.name))
        return Reply.of(ArchiveReport.of(stored.value))


class ListArchives(ListQuery):
    """All archives, newest period first."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, "ARCHIVES", "")[0], index=1, reverse=True)
        return self.summaries(ctx, ArchiveReport, query)


class ArchiveLink(Model):
    """A short-lived link to a package, and the hash of the manifest that it must hold."""

    url: str
    filename: Line
    size: int
    manifest_sha256: Label


class OpenArchive(ReadArchive):
    """A link to the package of an archive, for five minutes. Errors: `NotFound`, `NotSealed`."""

    traced: ClassVar[bool] = True

    def read(self, ctx: Context) -> Reply:
        archive = ctx.services.store.require(ARCHIVE, keys.archive(ctx.company, self.kind, self.name)).value
        if archive.key is None or archive.size is None or archive.manifest is None:
            raise NotSealed()
        if ctx.services.files is None:
            raise NotFound()
        url = ctx.services.files.link("archive", archive.key)
        told = {"filename": f"archive-{archive.name}.zip", "size": archive.size}
        return Reply.of(ArchiveLink(url=url, manifest_sha256=archive.manifest.sha256, **told))
