"""Milestones as company data: their names, and which dates may be entered by hand (LOG-01)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.commands import Administration, chain
from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.history import save
from comptoir.access.model import Code
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label
from comptoir.orders.model import CONFIRMATION, INVOICE, Milestone, Order
from comptoir.orders.route import Leg
from comptoir.orders.rules import milestone_breaches
from comptoir.store import keys
from comptoir.store.record import Key, Kind
from comptoir.store.transaction import Transaction

ETD, ETA, DELIVERY, RECEIPT = "etd", "eta", "delivery", "goods_receipt"
AUTOMATIC = frozenset({CONFIRMATION, INVOICE})
"""Milestones whose actual date the product sets; nobody enters it."""


class MilestoneFields(Model):
    """A milestone that orders may have; one that is no longer `active` stays on those that have it."""

    code: Code
    label: Label
    label_en: Label | None = None
    active: bool = True


class MilestoneSet(Model):
    """The milestones of a company, in the order in which they are shown."""

    milestones: Annotated[tuple[MilestoneFields, ...], Field(min_length=1, max_length=50)]

    def find(self, code: str) -> MilestoneFields | None:
        """The milestone of this code."""
        return next((each for each in self.milestones if each.code == code), None)

    def rank(self, code: str) -> int:
        """Where a milestone is shown among the others; an unknown one last."""
        return next((n for n, each in enumerate(self.milestones) if each.code == code), len(self.milestones))


SHIPPED = MilestoneSet(
    milestones=tuple(
        MilestoneFields(code=code, label=label, label_en=label_en)
        for code, label, label_en in (
            (CONFIRMATION, "Confirmation de commande", "Order confirmation"),
            ("production_end", "Fin de production", "End of production"),
            (ETD, "Départ (ETD)", "Departure (ETD)"),
            (ETA, "Arrivée (ETA)", "Arrival (ETA)"),
            ("customs_clearance", "Dédouanement", "Customs clearance"),
            (DELIVERY, "Livraison", "Delivery"),
            (RECEIPT, "Réception des marchandises", "Goods receipt"),
            (INVOICE, "Facture", "Invoice"),
        )
    )
)
"""What a company has until it saves its own; these codes stay, since rules hang on them."""

MILESTONES = Kind("milestones", MilestoneSet)


def defined(tx: Transaction, company: str) -> MilestoneSet:
    """The milestones of a company."""
    return tx.get(MILESTONES, keys.milestones(company)) or SHIPPED


def unknown_milestones(known: MilestoneSet, before: Iterable[str], after: Sequence[str], at: str) -> list[Breach]:
    """The breaches of names that no active milestone has; those of before stay. `at` is formatted with the place."""
    kept = set(before)
    active = {each.code for each in known.milestones if each.active}
    fr, en = "Date-repère inconnue de la société.", "The company has no such milestone."
    return [
        Breach(code="unknown_milestone", fr=fr, en=en, pointer=at.format(number), link="/milestones")
        for number, name in enumerate(after)
        if name not in active and name not in kept
    ]


def of_route(order: Order) -> Mapping[str, Milestone]:
    """The milestones that the route gives: its first departure and its last arrival."""
    if not order.route:
        return {}
    dates = {ETD: order.route[0].departure, ETA: order.route[-1].arrival}
    return {name: Milestone(name=name, forecast=day.forecast, actual=day.actual) for name, day in dates.items()}


def with_milestones(order: Order, changed: Mapping[str, Milestone]) -> Order:
    """The order with these milestones, those that it has in their place."""
    kept = tuple(changed.get(milestone.name, milestone) for milestone in order.milestones)
    new = (milestone for name, milestone in changed.items() if name not in {each.name for each in kept})
    return order.change(milestones=(*kept, *(milestone for milestone in new if milestone.forecast or milestone.actual)))


def date_breaches(
    tx: Transaction, ctx: Context, before: Order | None, after: Sequence[Milestone], at: str = "/milestones/{}"
) -> list[Breach]:
    """What is wrong with the milestones that are entered on an order.

    Names are defined ones, automatic dates are not entered, those of the route follow its legs, and an
    actual date is a fact: it is not in the future.
    """
    old = {milestone.name: milestone for milestone in (before.milestones if before else ())}
    found = milestone_breaches(tuple(old.values()), after)
    names = [milestone.name for milestone in after]
    found += unknown_milestones(defined(tx, ctx.company), old, names, f"{at}/name")
    given = of_route(before) if before else {}
    for number, milestone in enumerate(after):
        if milestone == old.get(milestone.name):
            continue
        if milestone.name in given and milestone != given[milestone.name]:
            found.append(_route_breach(at.format(number)))
        if milestone.name == INVOICE and milestone.actual != _actual(old.get(INVOICE)):
            found.append(_invoice_breach(f"{at.format(number)}/actual"))
        found += future_breaches(milestone.actual, ctx.today, f"{at.format(number)}/actual")
    lost = [name for name in given if name in old and name not in names]
    if INVOICE not in names and _actual(old.get(INVOICE)):
        found.append(_invoice_breach("/milestones"))
    return [*found, *(_route_breach("/milestones") for _ in lost)]


def _actual(milestone: Milestone | None) -> date | None:
    return milestone.actual if milestone else None


def _invoice_breach(pointer: str) -> Breach:
    fr = "Cette date est celle de la première facture : elle ne se saisit pas."
    en = "This date is that of the first invoice: it is not entered."
    return Breach(code="milestone_of_invoices", fr=fr, en=en, pointer=pointer)


def future_breaches(actual: date | None, today: date, pointer: str) -> list[Breach]:
    """An actual date that has not come yet."""
    if actual is None or actual <= today:
        return []
    fr, en = "Une date réelle ne peut pas être future.", "An actual date cannot be in the future."
    return [Breach(code="date_future", fr=fr, en=en, pointer=pointer)]


def _route_breach(pointer: str) -> Breach:
    fr = "Cette date vient de l'itinéraire : modifiez le trajet."
    en = "This date comes from the route: change the leg."
    return Breach(code="milestone_of_route", fr=fr, en=en, pointer=pointer)


def routed(order: Order, route: Sequence[Leg]) -> Order:
    """The order on a route, with the milestones that it gives."""
    after = order.change(route=tuple(route))
    return with_milestones(after, of_route(after))


def route_breaches(route: Sequence[Leg], before: Sequence[Leg], today: date) -> list[Breach]:
    """Actual dates of new or changed legs are not in the future."""
    return [
        breach
        for number, leg in enumerate(route)
        if leg not in before
        for name, planned in (("departure", leg.departure), ("arrival", leg.arrival))
        for breach in future_breaches(planned.actual, today, f"/route/{number}/{name}/actual")
    ]


class SaveMilestones(Administration, MilestoneSet):
    """Define the milestones of the company and their order; none is taken away, it is made inactive (LOG-01)."""

    guarded: ClassVar[bool] = True

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.milestones(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.milestones(ctx.company)
        ctx.expect(tx, key)
        refuse_if(_set_breaches(defined(tx, ctx.company), self))
        after = MilestoneSet(milestones=self.milestones)
        if after != tx.get(MILESTONES, key):
            save(tx, ctx, MILESTONES, key, after, "milestones_saved")
            chain(tx, ctx, "milestones_saved", after)
        return Reply.of(after, tx.next_version(key))


def _set_breaches(before: MilestoneSet, after: MilestoneSet) -> list[Breach]:
    found, seen = [], set()
    for number, milestone in enumerate(after.milestones):
        if milestone.code in seen:
            fr, en = "Ce code figure deux fois.", "This code is given twice."
            found.append(Breach(code="duplicate_milestone", fr=fr, en=en, pointer=f"/milestones/{number}/code"))
        if SHIPPED.find(milestone.code) and not milestone.active:
            fr, en = "Cette date-repère ne se désactive pas.", "This milestone cannot be made inactive."
            found.append(Breach(code="milestone_needed", fr=fr, en=en, pointer=f"/milestones/{number}/active"))
        seen.add(milestone.code)
    lost = [milestone.code for milestone in before.milestones if milestone.code not in seen]
    if lost:
        shown = ", ".join(lost)
        fr = f"Une date-repère se désactive, elle ne se retire pas : {shown}."
        en = f"A milestone is made inactive, not taken away: {shown}."
        found.append(Breach(code="milestone_kept", fr=fr, en=en, pointer="/milestones"))
    return found
