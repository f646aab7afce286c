"""Statements brought to the API: a file is announced, sent to the bucket, then read by the bank function (TRS-04)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.history import record
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery
from comptoir.banking.accounts import ACCOUNT
from comptoir.banking.stored import (
    ENTRY,
    FILE,
    STATEMENT,
    EntryView,
    FileState,
    StatementFile,
    StatementFileFields,
    StatementView,
    StoredEntry,
    Ticket,
    sent_to,
)
from comptoir.kernel.ids import Id
from comptoir.kernel.text import MonthName
from comptoir.store import backend, keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

LINK_SECONDS = 900
AT_ONCE = 1_000_000
"""Bytes up to which a file is read while who asks waits; a larger one is read by itself, once it has come."""
_MEDIA = "application/octet-stream"


class AnnounceStatements(StatementFileFields, Command):
    """Announce a file of statements; the answer says where to send it. Errors: `NotFound` for an unknown account."""

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.bank_account(company, self.account)] if self.account else []

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        if self.account:
            tx.require(ACCOUNT, keys.bank_account(ctx.company, self.account))
        told = self.picked(StatementFileFields.model_fields)
        file = StatementFile(
            id=ctx.new_id(), operator=ctx.operator.id, author=ctx.operator.name, created_at=ctx.now, **told
        )
        key = keys.statement_file(ctx.company, file.id)
        tx.create(FILE, key, file)
        record(tx, ctx, key.pk, "announced", {})
        return Reply.of(file, status=201)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        file = StatementFile.model_validate_json(reply.body)
        ticket = Ticket(file=file, expires_in=LINK_SECONDS)
        if services.files is not None:
            place = sent_to(caller.company, file.id)
            url, headers = services.files.accept(place, _MEDIA, file.size, file.sha256, LINK_SECONDS)
            ticket = ticket.change(url=url, headers=headers)
        return Reply.of(ticket, status=reply.status)


class ReadStatements(Command):
    """Have a file that was sent read: every statement of it, or none; done again, it answers the same.

    202 while it is being read, as a large one is by itself. Errors: `NotFound`, `Refused` with everything that is
    wrong with the file.
    """

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS
    natural: ClassVar[bool] = True

    statement_file: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.statement_file(company, self.statement_file)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        file = tx.require(FILE, keys.statement_file(ctx.company, self.statement_file))
        return Reply.of(file, status=201 if file.state is FileState.READ else 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        file = StatementFile.model_validate_json(reply.body)
        if reply.status == 201 or services.bank is None or (file.size > AT_ONCE and file.state is FileState.WAITING):
            return reply
        services.bank.render({"task": "read_statements", "company": caller.company, "file": self.statement_file})
        stored = services.store.require(FILE, keys.statement_file(caller.company, self.statement_file)).value
        return Reply.of(stored, status=201 if stored.state is FileState.READ else 202)


class ReadStatementFile(Query):
    """What became of a file of statements."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    statement_file: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(FILE, keys.statement_file(ctx.company, self.statement_file))
        return Reply.of(stored.value, stored.version)


class ListStatements(ListQuery):
    """The statements of an account that end in a year, newest first."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    account: Id
    year: Annotated[int, Field(ge=1990, le=2999)] | None = None

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(ACCOUNT, keys.bank_account(ctx.company, self.account))
        year = f"{self.year or ctx.today.year:04d}"
        place = keys.of_bank_account(ctx.company, self.account, "STATEMENTS", year, "")[0]
        query = backend.Query(pk=place, index=1, reverse=True)
        return self.summaries(ctx, StatementView, query)


class ListEntries(ListQuery):
    """The entries of an account booked in a month, oldest first; `unmatched` those that wait for what they pay."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    account: Id
    month: MonthName | None = None
    unmatched: bool = False

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(ACCOUNT, keys.bank_account(ctx.company, self.account))
        what, index = ("UNMATCHED", 2) if self.unmatched else ("ENTRIES", 1)
        month = self.month or f"{ctx.today:%Y-%m}"
        query = backend.Query(pk=keys.of_bank_account(ctx.company, self.account, what, month, "")[0], index=index)
        return self.summaries(ctx, EntryView, query)


class ReadStatement(Query):
    """One statement."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    statement: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(STATEMENT, keys.bank_statement(ctx.company, self.statement))
        value = stored.value
        view = value.picked(StatementView.model_fields)
        return Reply.of(StatementView.model_validate(view), stored.version)


class ReadEntry(Query):
    """One entry, with everything that the bank told of it."""

    permission: ClassVar[Permission] = Permission.READ_LEDGER
    entry: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(ENTRY, keys.bank_entry(ctx.company, self.entry))
        entry: StoredEntry = stored.value
        return Reply.of(entry, stored.version)
