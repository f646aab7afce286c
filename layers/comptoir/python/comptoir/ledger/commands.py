"""Asking for the chains to be verified, and what was found; technical events as they are listed (FIS-02, FIS-08)."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery, ReadThing
from comptoir.access.waiting import wait_for
from comptoir.kernel.clock import stamp
from comptoir.kernel.ids import Id
from comptoir.ledger.verification import UNDER_WAY, VERIFICATION, Verification, VerificationReport
from comptoir.ledger.verifying import begin, start
from comptoir.store import backend, keys
from comptoir.store.record import AnyKind, Key
from comptoir.store.transaction import Transaction


class VerifyChains(Command):
    """Verify all chains of the company as they lie in its table: the first broken link of each is named."""

    permission: ClassVar[Permission] = Permission.EXPORT_ACCOUNTING

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        who = {"operator": ctx.operator.id, "operator_name": ctx.operator.name}
        asked = Verification(id=ctx.new_id(), started_at=stamp(ctx.now), **who)
        begin(tx, ctx.company, asked)
        return Reply.of(asked.report(), None, 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        asked = VerificationReport.model_validate_json(reply.body).id
        key = keys.verification(caller.company, asked)
        start(services, caller.company, asked, f"verify-{asked}")

        def look() -> Reply | None:
            found = services.store.require(VERIFICATION, key).value
            return None if found.state in UNDER_WAY else Reply.of(found.report(), None, 201)

        return (wait_for(services, look) if services.workflows else None) or reply


class ReadVerification(ReadThing):
    """One verification: how far it is, or what it found. Errors: `NotFound`."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES
    kind: ClassVar[AnyKind] = VERIFICATION

    verification: Id

    def place(self, company: str) -> Key:
        return keys.verification(company, self.verification)

    def read(self, ctx: Context) -> Reply:
        return Reply.of(ctx.services.store.require(VERIFICATION, self.place(ctx.company)).value.report())


class ListVerifications(ListQuery):
    """Verifications of the chains, newest first, asked for or by the clock."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, "VERIFICATIONS", "")[0], index=1, reverse=True)
        return self.summaries(ctx, VerificationReport, query)
