"""Orders on which something is due, by the operators whose it is: orange in alert, red when late (LOG-02, IND-07)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from pydantic import model_validator

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.model import OperatorSummary
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery, team_query
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.explain import flaw
from comptoir.kernel.ids import Id
from comptoir.orders.agenda import Action, AgendaSummary, DueOrder, Following, Lateness, Role, seen
from comptoir.orders.agendas import ROLE_INDEX
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.record import Record

MOST_MEMBERS = 50


def team_of(ctx: Context) -> list[str]:
    """The operators whose manager is the caller (ACC-04). Errors: `Refused` beyond what one list merges."""
    query = team_query(ctx.company, ctx.operator.id)
    page = ctx.services.store.summaries(OperatorSummary, query, None, MOST_MEMBERS)
    if page.cursor:
        fr = f"L'équipe dépasse {MOST_MEMBERS} personnes : filtrez par opérateur."
        en = f"The team has more than {MOST_MEMBERS} members: filter by operator."
        refuse_if([Breach(code="team_too_large", fr=fr, en=en, pointer="/team")])
    return [operator.id for operator in page.items]


def late_on(actions: Iterable[Action], today: date) -> Lateness | None:
    """The worst lateness of actions on a day."""
    found = {action.judged(today) for action in actions}
    return Lateness.LATE if Lateness.LATE in found else Lateness.ALERT if Lateness.ALERT in found else None


class ListDue(ListQuery):
    """Orders with open actions whose alert date is reached, or will be by `until`; the oldest first.

    With `role`, the actions of that side alone: those of `operator`, or of the `team` whose manager is the
    caller. `lateness` is the worst of these actions.
    """

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    role: Role | None = None
    operator: Id | None = None
    team: bool = False
    lateness: Lateness | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _consistent(self) -> ListDue:
        if (self.operator or self.team) and not self.role:
            fr, en = "Dites pour quel rôle : sales ou logistics.", "Say for which role: sales or logistics."
            raise flaw("role_missing", fr, en)
        if self.operator and self.team:
            fr, en = "Un opérateur ou l'équipe, pas les deux.", "An operator or the team, not both."
            raise flaw("one_owner", fr, en)
        return self

    def read(self, ctx: Context) -> Reply:
        owners = team_of(ctx) if self.team else [self.operator] if self.operator else [None]
        last = max(self.until or ctx.today, ctx.today)
        index = ROLE_INDEX[self.role] if self.role and owners != [None] else 1
        queries = [
            Query(pk=keys.due_actions(ctx.company, owner, "")[0], index=index, between=("!", f"{last}~"))
            for owner in owners
        ]

        def due(record: Record) -> DueOrder | None:
            return self._due(AgendaSummary.model_validate_json(record.summary or ""), ctx.today, last)

        steps = [queries] if queries else []
        page = ctx.services.store.merged(steps, self.cursor, self.limit, lambda record: due(record) is not None)
        items = tuple(order for order in map(due, page.items) if order)
        return Reply.of(Listing[DueOrder](items=items, cursor=page.cursor))

    def _due(self, agenda: AgendaSummary, today: date, last: date) -> DueOrder | None:
        """What is due on an order, if it is what is asked for."""
        actions = [a for a in agenda.actions if a.first and a.first <= last and self.role in (None, a.role)]
        lateness = late_on(actions, today)
        if not actions or (self.lateness and lateness is not self.lateness):
            return None
        shown = agenda.picked(Following.model_fields)
        return DueOrder(**shown, lateness=lateness, actions=tuple(seen(action, today) for action in actions))
