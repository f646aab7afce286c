"""Chart of accounts and accounting exports: all chained as technical events (FIS-06, FIS-08)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.commands import Administration, chain
from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery
from comptoir.access.waiting import wait_for
from comptoir.accounting.chart import Chart
from comptoir.accounting.exporting import (
    BookExport,
    BookExportSummary,
    BookFormat,
    BookJobLabel,
    Books,
    BookState,
)
from comptoir.accounting.items import BOOK_EXPORT, BOOKS, CHART
from comptoir.accounting.tasks import start
from comptoir.closings.calendar import name_of
from comptoir.closings.items import CLOSING
from comptoir.closings.model import PeriodKind
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import Breach, Conflict, refuse_if
from comptoir.kernel.ids import Id
from comptoir.store import backend, keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

_LONGEST = 366


class SaveChart(Administration):
    """Set the accounts and journals of the company; entries already exported stay as they are."""

    guarded: ClassVar[bool] = True

    chart: Chart

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.chart(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.chart(ctx.company)
        ctx.expect(tx, key)
        before = tx.get(CHART, key) or Chart()
        if before != self.chart:
            save(tx, ctx, CHART, key, self.chart, "updated")
            chain(tx, ctx, "chart_saved", self.chart)
        return Reply.of(self.chart, tx.next_version(key))


class ReadChart(Query):
    """The accounts and journals of the company, the defaults until it sets its own."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.get(CHART, keys.chart(ctx.company))
        return Reply.of(stored.value if stored else Chart(), stored.version if stored else 0)


class ExportRunning(Conflict):
    """One accounting export is written at a time, so that no entry leaves twice."""

    code = "export_running"
    fr = "Un export comptable est en cours : attendez qu'il soit écrit."
    en = "An accounting export is being written: wait until it is done."


class BookReport(BookExport):
    """An accounting export as the API shows it; `urls` are short-lived links to its files, in their order."""

    urls: tuple[str, ...] = ()


class ExportBooks(Command):
    """Export the entries of a period: those not exported yet (CSV, XLSX), or all of them in the format of the FEC."""

    permission: ClassVar[Permission] = Permission.EXPORT_ACCOUNTING
    chained: ClassVar[bool] = True

    start: dt.date
    end: dt.date
    format: BookFormat = BookFormat.CSV

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.books(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        refuse_if(_period_breaches(self.start, self.end, ctx.today))
        books = tx.get(BOOKS, keys.books(ctx.company)) or Books()
        if books.running:
            raise ExportRunning(export=books.running)
        export = BookExport(
            id=ctx.new_id(),
            number=books.last + 1,
            format=self.format,
            start=self.start,
            end=self.end,
            whole=self.format is BookFormat.FEC and self._is_year(tx, ctx),
            operator=ctx.operator.id,
            operator_name=ctx.operator.name,
            started_at=stamp(ctx.now),
        )
        running = export.id if self.format.posts else None
        tx.put(BOOKS, keys.books(ctx.company), Books(last=export.number, running=running))
        save(tx, ctx, BOOK_EXPORT, keys.accounting_export(ctx.company, export.id), export, "started")
        told = BookJobLabel(
            export=export.id, number=export.number, format=export.format, start=export.start, end=export.end
        )
        chain(tx, ctx, "books_exported", told)
        return Reply.of(BookReport(**dict(export)), None, 202)

    def _is_year(self, tx: Transaction, ctx: Context) -> bool:
        """Whether the period is a fiscal year that is closed: no other bears the legal name (A47 A-1, X)."""
        name = name_of(PeriodKind.ANNUAL, self.end)
        closed = tx.get(CLOSING, keys.closing(ctx.company, PeriodKind.ANNUAL, name))
        year = closed.closing.fiscal_year if closed else None
        return year is not None and (year.start, year.end) == (self.start, self.end)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        export = BookReport.model_validate_json(reply.body).id
        key = keys.accounting_export(caller.company, export)
        start(services, caller.company, export, f"books-{export}")

        def look() -> BookExport | None:
            found = services.store.require(BOOK_EXPORT, key).value
            return None if found.state is BookState.WRITING else found

        done = wait_for(services, look) if services.workflows else None
        return Reply.of(_report(done, services), None, 201) if done else reply


def _period_breaches(first: dt.date, last: dt.date, today: dt.date) -> list[Breach]:
    def breach(code: str, fr: str, en: str) -> Breach:
        return Breach(code=code, fr=fr, en=en, pointer="/end")

    found = []
    if last < first:
        found.append(
            breach("period_reversed", "La période finit avant de commencer.", "The period ends before it begins.")
        )
    if (last - first).days >= _LONGEST:
        found.append(
            breach("period_too_long", "Au plus un exercice (366 jours).", "At most one fiscal year (366 days).")
        )
    if last > today:
        found.append(breach("date_future", "La période n'est pas terminée.", "The period is not over."))
    return found


def _report(export: BookExport, services: Services) -> BookReport:
    files = services.files
    urls = tuple(files.link("files", each.key) for each in export.files) if files else ()
    return BookReport(**dict(export), urls=urls)


class ReadBookExport(Query):
    """An accounting export, with links to its files once they are written."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES
    traced: ClassVar[bool] = True

    export: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(BOOK_EXPORT, keys.accounting_export(ctx.company, self.export))
        return Reply.of(_report(stored.value, ctx.services), stored.version)


class ListBookExports(ListQuery):
    """Accounting exports, newest first."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, "BOOKEXPORTS", "")[0], index=1, reverse=True)
        return self.summaries(ctx, BookExportSummary, query)
