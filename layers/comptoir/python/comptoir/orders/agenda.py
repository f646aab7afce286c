"""Actions of an order and the formalities that they come from (LOG-02)."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from comptoir.access.model import Code
from comptoir.kernel.explain import flaw
from comptoir.kernel.identity import Country
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line, Paragraph
from comptoir.treasury.rules import Dates

MAX_ACTIONS = 100
_Days = Annotated[int, Field(ge=-730, le=730)]


class Role(StrEnum):
    """Whose an action is: the order's sales operator or its logistics operator."""

    SALES = "sales"
    LOGISTICS = "logistics"


class ActionState(StrEnum):
    """An action is to be done, done, or no longer needed."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Lateness(StrEnum):
    """Orange: the alert date is reached, the due date is not. Red: the due date is reached (LOG-02)."""

    ALERT = "alert"
    LATE = "late"


class When(Model):
    """Alert and due dates in days from a milestone; negative ones lie before it."""

    milestone: Code
    alert_days: _Days = 0
    due_days: _Days = 0

    @model_validator(mode="after")
    def _alert_first(self) -> When:
        if self.alert_days > self.due_days:
            raise alert_after_due()
        return self

    def dates(self, known: Dates) -> tuple[date | None, date | None]:
        """The alert and the due date, absent while the milestone has none."""
        day = known.get(self.milestone)
        if day is None:
            return None, None
        return day + timedelta(days=self.alert_days), day + timedelta(days=self.due_days)


def alert_after_due() -> ValueError:
    """The flaw of an alert that comes too late."""
    return flaw(
        "alert_after_due",
        "La date d'alerte ne suit pas la date d'échéance.",
        "The alert date does not come after the due date.",
    )


class Formality(Model):
    """What is to be done on the orders that it concerns, once they are confirmed (LOG-02, CNF-03).

    With `countries` it concerns the orders of customers there, with `references` those on which one of
    these is a requested product; with both, orders that fulfil both; with neither, every order.
    """

    code: Code
    label: Label
    label_en: Label | None = None
    when: When
    role: Role
    countries: Annotated[tuple[Country, ...], Field(max_length=60)] = ()
    references: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()
    active: bool = True


class Formalities(Model):
    """The formalities of a company: one item, read once for each confirmation."""

    formalities: Annotated[tuple[Formality, ...], Field(max_length=MAX_ACTIONS)] = ()


class ActionFields(Model):
    """What is entered about an action: dated from a milestone (`when`), else by hand."""

    label: Label
    label_en: Label | None = None
    role: Role
    when: When | None = None
    alert_on: date | None = None
    due_on: date | None = None
    comment: Paragraph | None = None

    @model_validator(mode="after")
    def _dated(self) -> ActionFields:
        if self.alert_on and self.due_on and self.alert_on > self.due_on:
            raise alert_after_due()
        return self


class Action(ActionFields):
    """An action of an order; `formality` is the one that it comes from, if any."""

    id: Id
    formality: Code | None = None
    state: ActionState = ActionState.OPEN
    closed_on: date | None = None
    closed_by: Line | None = None

    @property
    def first(self) -> date | None:
        """The day from which an open action is to be shown."""
        return (self.alert_on or self.due_on) if self.state is ActionState.OPEN else None

    def dated(self, known: Dates) -> Action:
        """The action with the dates that its milestone now gives; what is closed keeps its own."""
        if self.when is None or self.state is not ActionState.OPEN:
            return self
        alert, due = self.when.dates(known)
        return self if (alert, due) == (self.alert_on, self.due_on) else self.change(alert_on=alert, due_on=due)

    def judged(self, today: date) -> Lateness | None:
        """Whether it is in alert or late on a day (IND-07)."""
        if self.first is None or self.first > today:
            return None
        return Lateness.LATE if self.due_on and self.due_on <= today else Lateness.ALERT


class Following(Model):
    """Whose an order is, as lists of what is due show it."""

    order: Id
    number: Label
    customer: Id
    customer_name: Line
    sales_operator: Id
    logistics_operator: Id | None = None


class Agenda(Following):
    """The actions of an order: one item, so that a confirmation creates them all at once."""

    actions: Annotated[tuple[Action, ...], Field(max_length=MAX_ACTIONS)] = ()

    @property
    def ordered(self) -> tuple[Action, ...]:
        """The actions by due date, those without one last."""
        return tuple(sorted(self.actions, key=lambda action: (action.due_on or action.alert_on or date.max, action.id)))

    def first(self, *roles: Role) -> date | None:
        """The first day from which an open action of these roles is to be shown."""
        days = [action.first for action in self.actions if action.role in roles and action.first]
        return min(days, default=None)


class AgendaSummary(Following):
    """An agenda in a list: what is open and dated."""

    actions: tuple[Action, ...]


class ActionView(Action):
    """An action with what the day makes of it."""

    lateness: Lateness | None = None


class AgendaView(Model):
    """The actions of an order, in the order of their due dates."""

    actions: tuple[ActionView, ...]


class DueOrder(Following):
    """An order with actions that are due, and the worst of their lateness (IND-07)."""

    lateness: Lateness | None
    actions: tuple[ActionView, ...]


def seen(action: Action, today: date) -> ActionView:
    """The action with its lateness on a day."""
    return ActionView(**dict(action), lateness=action.judged(today))
