"""What changes the actions of an order by hand: added, changed, done, cancelled (LOG-02)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.merging import Merge
from comptoir.kernel.errors import Breach, Conflict, NotFound, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.orders import rules
from comptoir.orders.agenda import (
    MAX_ACTIONS,
    Action,
    ActionFields,
    ActionState,
    AgendaView,
    seen,
)
from comptoir.orders.agendas import agenda_of, store_actions
from comptoir.orders.commands import OrderCommand
from comptoir.orders.items import ORDER
from comptoir.orders.milestones import defined, unknown_milestones
from comptoir.orders.model import Order
from comptoir.orders.queries import OrderQuery
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class ActionClosed(Conflict):
    """The action is done or cancelled: it no longer changes."""

    code = "action_closed"
    fr = "Cette action est faite ou annulée : elle ne change plus."
    en = "This action is done or cancelled: it no longer changes."


class AgendaCommand(OrderCommand):
    """Base of the commands on an order's actions; If-Match is the version of all of them together."""

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.order(company, self.order), keys.order_agenda(company, self.order)]
        return [*own, keys.milestones(company)]

    def found(self, tx: Transaction, ctx: Context) -> tuple[Order, tuple[Action, ...]]:
        """The order and its actions. Errors: `NotFound`, `VersionMismatch`, `OrderClosed`."""
        order = tx.require(ORDER, keys.order(ctx.company, self.order))
        ctx.expect(tx, keys.order_agenda(ctx.company, order.id))
        rules.editable(order)
        return order, agenda_of(tx, ctx.company, order).actions

    def store(
        self, tx: Transaction, ctx: Context, order: Order, actions: Sequence[Action], event: str, status: int = 200
    ) -> Reply:
        """Keep the actions; the answer shows them all."""
        after = store_actions(tx, ctx, order, tuple(actions), event)
        # An order that is closed meanwhile keeps no action open.
        tx.check(keys.order(ctx.company, order.id))
        view = AgendaView(actions=tuple(seen(action, ctx.today) for action in after.ordered))
        return Reply.of(view, tx.next_version(keys.order_agenda(ctx.company, order.id)), status)


def _breaches(tx: Transaction, ctx: Context, entered: ActionFields, before: Action | None) -> list[Breach]:
    if entered.when is None:
        return []
    kept = [before.when.milestone] if before and before.when else []
    return unknown_milestones(defined(tx, ctx.company), kept, [entered.when.milestone], "/when/milestone")


class AddAction(AgendaCommand, ActionFields):
    """Add an action by hand, dated from a milestone or by itself (LOG-02)."""

    guarded: ClassVar[bool] = False

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        order, actions = self.found(tx, ctx)
        found = _breaches(tx, ctx, self, None)
        if len(actions) >= MAX_ACTIONS:
            fr, en = f"Au plus {MAX_ACTIONS} actions par commande.", f"At most {MAX_ACTIONS} actions an order."
            found.append(Breach(code="too_many_actions", fr=fr, en=en, pointer="/label"))
        refuse_if(found)
        new = Action(id=ctx.new_id(), **self.picked(ActionFields.model_fields))
        return self.store(tx, ctx, order, (*actions, new), "action_added", 201)


class ActionCommand(AgendaCommand):
    """Base of the commands on one action."""

    action: Id

    event: ClassVar[str]

    @abstractmethod
    def changed(self, tx: Transaction, ctx: Context, before: Action) -> Action:
        """The action as this command leaves it."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        """Change the action. Errors: `NotFound`, `ActionClosed`."""
        order, actions = self.found(tx, ctx)
        before = next((action for action in actions if action.id == self.action), None)
        if before is None:
            raise NotFound()
        if before.state is not ActionState.OPEN:
            raise ActionClosed(state=before.state.value)
        after = self.changed(tx, ctx, before)
        return self.store(tx, ctx, order, [after if each is before else each for each in actions], self.event)


class UpdateAction(ActionCommand, Merge, extra="allow"):
    """Change an open action; without `when` its dates are those entered."""

    event: ClassVar[str] = "action_updated"
    fields: ClassVar[type[Model]] = ActionFields

    def changed(self, tx: Transaction, ctx: Context, before: Action) -> Action:
        entered: ActionFields = self.merged(before)
        refuse_if(_breaches(tx, ctx, entered, before))
        return before.change(**entered.picked(ActionFields.model_fields))


class CompleteAction(ActionCommand):
    """Mark an action as done."""

    event: ClassVar[str] = "action_done"

    def changed(self, tx: Transaction, ctx: Context, before: Action) -> Action:
        return before.change(state=ActionState.DONE, closed_on=ctx.today, closed_by=ctx.operator.name)


class CancelAction(ActionCommand):
    """Mark an action as no longer needed; it is kept."""

    event: ClassVar[str] = "action_cancelled"

    def changed(self, tx: Transaction, ctx: Context, before: Action) -> Action:
        return before.change(state=ActionState.CANCELLED, closed_on=ctx.today, closed_by=ctx.operator.name)


class ReadActions(OrderQuery):
    """The actions of an order with their lateness today; the version guards their changes."""

    def read(self, ctx: Context) -> Reply:
        order = self.head(ctx).value
        tx = Transaction(ctx.services.store.backend)
        agenda = agenda_of(tx, ctx.company, order)
        view = AgendaView(actions=tuple(seen(action, ctx.today) for action in agenda.ordered))
        return Reply.of(view, tx.version(keys.order_agenda(ctx.company, order.id)))
