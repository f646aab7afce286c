"""Asking for a period to be closed by hand (FIS-03)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pydantic import Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.access.waiting import wait_for
from comptoir.closings.calendar import end_of, fiscal_end
from comptoir.closings.items import CLOSING
from comptoir.closings.model import PeriodKind
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class ClosingAsked(Model):
    """A closing that is under way: how far periods are closed tells when it is done."""

    kind: PeriodKind
    name: Label
    end: date
    operator: Id
    operator_name: Line


class ClosePeriod(Command):
    """Close a day, a month or a fiscal year that is over, and before it all that is open up to its end.

    `name` is the day (`2026-11-21`), the month (`2026-11`) or the last month of the fiscal year. Closings are in order
    and can't be undone. Asking again is safe. Errors: `Refused` with everything that is wrong.
    """

    permission: ClassVar[Permission] = Permission.CLOSE_PERIOD
    natural: ClassVar[bool] = True

    kind: PeriodKind
    name: str = Field(max_length=10)

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.company(company), keys.closing(company, self.kind, self.name)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        closed = tx.get(CLOSING, keys.closing(ctx.company, self.kind, self.name))
        if closed:
            return Reply.of(closed)
        first_month = tx.require(COMPANY, keys.company(ctx.company)).fiscal_year_start
        end, found = _end(self.kind, self.name)
        refuse_if(found or _breaches(self.kind, end, first_month, ctx.today))
        who = {"operator": ctx.operator.id, "operator_name": ctx.operator.name}
        return Reply.of(ClosingAsked(kind=self.kind, name=self.name, end=end, **who), None, 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        if reply.status != 202 or services.workflows is None:
            return reply
        asked = ClosingAsked.model_validate_json(reply.body)
        payload = {"company": caller.company, **asked.model_dump(mode="json", exclude={"name"})}
        services.workflows.start("closing", f"close-{caller.company}-{asked.kind}-{asked.name}", payload)
        key = keys.closing(caller.company, asked.kind, asked.name)

        def look() -> Reply | None:
            stored = services.store.get(CLOSING, key)
            return Reply.of(stored.value, None, 201) if stored else None

        return wait_for(services, look) or reply


def _end(kind: PeriodKind, name: str) -> tuple[date, list[Breach]]:
    try:
        return end_of(kind, name), []
    except ValueError:
        fr = "Nom de période attendu : AAAA-MM-JJ pour un jour, AAAA-MM pour un mois ou un exercice."
        en = "A period's name is expected: YYYY-MM-DD for a day, YYYY-MM for a month or a fiscal year."
        return date.max, [Breach(code="period_name", fr=fr, en=en, pointer="/name")]


def _breaches(kind: PeriodKind, end: date, first_month: int, today: date) -> list[Breach]:
    found = []
    if end >= today:
        found.append(
            Breach(
                code="period_not_over",
                fr=f"La période finit le {end:%d/%m/%Y} : elle se clôture à partir du lendemain.",
                en=f"The period ends on {end:%Y-%m-%d}: it can be closed from the day after on.",
                pointer="/name",
            )
        )
    if kind is PeriodKind.ANNUAL and fiscal_end(first_month, end) != end:
        found.append(
            Breach(
                code="not_end_of_year",
                fr="Aucun exercice ne finit avec ce mois.",
                en="No fiscal year ends with this month.",
                pointer="/name",
                link="/company",
            )
        )
    return found
