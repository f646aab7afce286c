"""How the actions of an order lie in the table, and what moves them: confirmation, milestones, operators (LOG-02)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from comptoir.access.context import Context
from comptoir.access.history import save
from comptoir.kernel.ids import Id
from comptoir.orders.agenda import MAX_ACTIONS, Action, ActionState, Agenda, AgendaSummary, Following, Formality, Role
from comptoir.orders.formalities import concerned, formalities
from comptoir.orders.items import load_lines
from comptoir.orders.model import Order
from comptoir.orders.rules import dates
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.findable import Findable
from comptoir.store.record import Index, Kind
from comptoir.store.transaction import Transaction


def _summary(agenda: Agenda) -> AgendaSummary:
    shown = agenda.picked(Following.model_fields)
    return AgendaSummary(**shown, actions=tuple(action for action in agenda.actions if action.first))


def _places(company: str, agenda: Agenda) -> Mapping[int, Index]:
    """By the first day on which something is to be done: for the company, for sales, for logistics."""
    wanted = {
        1: (None, agenda.first(*Role)),
        2: (agenda.sales_operator, agenda.first(Role.SALES)),
        3: (agenda.logistics_operator, agenda.first(Role.LOGISTICS)),
    }
    return {
        number: keys.due_actions(company, operator, f"{day}#{agenda.order}")
        for number, (operator, day) in wanted.items()
        if day and (operator or number == 1)
    }


FOUND_AGENDAS = "AGENDAS"


def due_rank(operator: str) -> str:
    """The list of what is to be done on the orders of a sales operator, whoever is to do it, by day."""
    return f"{operator}.due"


def _findable(agenda: Agenda) -> Findable | None:
    day = agenda.first(*Role)
    ranks = [f"{due_rank(agenda.sales_operator)}:{day}"]
    return Findable.of(FOUND_AGENDAS, agenda.number, (), ranks=ranks) if day else None


AGENDA = Kind("agenda", Agenda, summarise=_summary, index=_places, search=_findable)
ROLE_INDEX = {Role.SALES: 2, Role.LOGISTICS: 3}
"""The index that leads to what operators of a role have to do."""


def agenda_of(tx: Transaction, company: str, order: Order) -> Agenda:
    """The actions of an order, under its present number, customer and operators."""
    stored = tx.get(AGENDA, keys.order_agenda(company, order.id))
    return Agenda(**_following(order), actions=stored.actions if stored else ())


def _following(order: Order) -> dict[str, Id | str | None]:
    own = {name: getattr(order, name) for name in Following.model_fields if name != "order"}
    return {**own, "order": order.id}


def keep_agenda(tx: Transaction, ctx: Context, order: Order, event: str = "actions_dated") -> Agenda:
    """Date the actions of an order by its milestones, and put them under its operators; what became of them."""
    found = agenda_of(tx, ctx.company, order)
    return store_actions(tx, ctx, order, found.actions, event)


def actions_on_confirmation(tx: Transaction, ctx: Context, order: Order, customer: Party) -> Agenda:
    """Create the actions of the formalities that an order takes, dated where their milestones are (CNF-03).

    An order that is confirmed again takes those that it has not yet. Beyond the most that an order
    holds, the last ones are left out.
    """
    found = agenda_of(tx, ctx.company, order)
    taken = {action.formality for action in found.actions}
    offered = formalities(tx, ctx.company)
    references = _references(tx, ctx, order) if any(each.references for each in offered) else frozenset[str]()
    country = customer.address.country
    new = [each for each in offered if each.code not in taken and concerned(each, country, references)]
    actions = (*found.actions, *(_action(ctx, formality) for formality in new))
    return store_actions(tx, ctx, order, actions[:MAX_ACTIONS], "actions_created")


def _references(tx: Transaction, ctx: Context, order: Order) -> Collection[str]:
    return {line.reference for line in load_lines(tx, ctx.company, order) if line.reference}


def _action(ctx: Context, formality: Formality) -> Action:
    given = formality.picked(("label", "label_en", "role", "when"))
    return Action(id=ctx.new_id(), formality=formality.code, **given)


def end_actions(tx: Transaction, ctx: Context, order: Order) -> None:
    """Cancel what is still to be done on an order that is completed or cancelled: it alerts nobody any more."""
    found = agenda_of(tx, ctx.company, order)
    closing = {"state": ActionState.CANCELLED, "closed_on": ctx.today, "closed_by": ctx.operator.name}
    actions = (a.change(**closing) if a.state is ActionState.OPEN else a for a in found.actions)
    store_actions(tx, ctx, order, tuple(actions), "actions_ended")


def store_actions(tx: Transaction, ctx: Context, order: Order, actions: tuple[Action, ...], event: str) -> Agenda:
    """Keep the actions, dated; an order without any has no agenda."""
    known = dates(order)
    after = Agenda(**_following(order), actions=tuple(action.dated(known) for action in actions))
    key = keys.order_agenda(ctx.company, order.id)
    if actions or tx.version(key):
        save(tx, ctx, AGENDA, key, after, event)
    return after
