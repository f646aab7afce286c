"""Confirming an order: what is asked, the one transaction that decides, and the wait for its outcome (CNF)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Reply
from comptoir.access.history import save
from comptoir.access.items import OPERATOR, PROFILES
from comptoir.access.permissions import Permission
from comptoir.access.waiting import wait_for
from comptoir.kernel.errors import Breach, DomainError, Refused, VersionMismatch
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Paragraph
from comptoir.orders import rules
from comptoir.orders.commands import OrderCommand
from comptoir.orders.criteria import Case, unmet
from comptoir.orders.items import ATTEMPT, ORDER, QUOTE, TREASURY
from comptoir.orders.model import Confirmation, ConfirmationAttempt, Order, Treasury
from comptoir.parties.items import PARTY
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.rules import firm, redate

_RUN = timedelta(minutes=15)
"""The longest that a run of the workflow lasts; after it, an attempt without outcome is given up."""

CHANGED = Breach(
    code="version_mismatch",
    fr="La commande a changé depuis la demande de confirmation.",
    en="The order has changed since its confirmation was asked for.",
)


class ConfirmationRefused(Refused):
    """Criteria of the confirmation are not met: 409 when the order is no offer any more, else 422."""

    code = "confirmation_refused"
    fr = "La commande ne remplit pas tous les critères de confirmation."
    en = "The order does not meet every criterion of the confirmation."

    def __init__(self, breaches: Sequence[Breach]) -> None:
        super().__init__(breaches)
        if any(breach.code == rules.NotAnOffer.code for breach in breaches):
            self.status = 409


class ConfirmationRequest(Model):
    """One run of the workflow: which order, in which version, for which attempt, with what was entered."""

    order: Id
    attempt: int
    confirmation: Confirmation

    @property
    def name(self) -> str:
        """The run's name: asking twice is one run, asking again after a refusal is another."""
        name = f"confirm-{self.order}-{self.confirmation.order_version}"
        return f"{name}-{self.attempt}" if self.attempt > 1 else name

    def keys(self, company: str) -> list[Key]:
        """What judging reads, in one call."""
        return [
            keys.operator(company, self.confirmation.operator),
            keys.profiles(company),
            keys.order(company, self.order),
            keys.order_treasury(company, self.order),
            keys.order_confirmation(company, self.order),
        ]


class ConfirmOrder(OrderCommand):
    """Have an order confirmed (CNF-01 to CNF-03, CNF-07); the workflow judges and applies.

    Answers the confirmed order (200, also to who asks again for the version that was confirmed),
    every unmet criterion (`ConfirmationRefused`, 409 or 422), or 202 when the workflow has not
    decided within ten seconds: asking again joins the same run.
    """

    permission: ClassVar[Permission] = Permission.CONFIRM_ORDER

    date: datetime.date | None = None
    internal_reference: Label | None = None
    technical_validation: Paragraph | None = None
    means: Label | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.order(company, self.order), keys.order_confirmation(company, self.order)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.order(ctx.company, self.order)
        order = tx.require(ORDER, key)
        done = order.confirmation
        if done and done.order_version == ctx.if_match:
            return Reply.of(ConfirmationRequest(order=order.id, attempt=1, confirmation=done), status=202)
        ctx.expect(tx, key)
        day = self.date or ctx.today
        if day > ctx.today:
            raise Refused([_FUTURE])
        version = tx.version(key)
        confirmation = Confirmation(
            date=day,
            internal_reference=self.internal_reference,
            technical_validation=self.technical_validation,
            means=self.means,
            operator=ctx.operator.id,
            order_version=version,
        )
        attempt = self._attempt(tx, ctx, version)
        return Reply.of(ConfirmationRequest(order=order.id, attempt=attempt, confirmation=confirmation), status=202)

    def _attempt(self, tx: Transaction, ctx: Context, version: int) -> int:
        """The attempt that may still succeed at this version, or a new one."""
        key = keys.order_confirmation(ctx.company, self.order)
        last = tx.get(ATTEMPT, key)
        same = last is not None and last.order_version == version
        if last and same and not last.refused and ctx.now < last.asked_at + _RUN:
            return last.number
        number = last.number + 1 if last and same else 1
        tx.put(ATTEMPT, key, ConfirmationAttempt(order_version=version, number=number, asked_at=ctx.now))
        return number

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        """Start the run unless it has decided already, and wait for what it decides."""
        asked = ConfirmationRequest.model_validate_json(reply.body)
        decided = outcome(services, caller.company, asked)
        if decided or services.workflows is None:
            return decided or reply
        services.workflows.start("confirmation", asked.name, payload(caller.company, asked))
        return wait_for(services, lambda: outcome(services, caller.company, asked)) or reply


_FUTURE = Breach(
    code="date_future",
    fr="La date de confirmation ne peut pas être future.",
    en="The confirmation date cannot be in the future.",
    pointer="/date",
)


def payload(company: str, asked: ConfirmationRequest) -> dict[str, Any]:
    """The workflow's input."""
    return {
        "company": company,
        "order": asked.order,
        "version": asked.confirmation.order_version,
        "operator": asked.confirmation.operator,
        "request": asked.model_dump(mode="json"),
    }


def outcome(services: Services, company: str, asked: ConfirmationRequest) -> Reply | None:
    """The confirmed order, or None while undecided. Errors: `ConfirmationRefused`, `VersionMismatch`."""
    head, attempt = keys.order(company, asked.order), keys.order_confirmation(company, asked.order)
    found = services.store.backend.get([head, attempt])
    order = ORDER.load(found[head])
    if _done(order, asked):
        return Reply.of(order, found[head].version)
    last = ATTEMPT.load(found[attempt]) if attempt in found else None
    if last and last.refused and _is(last, asked):
        raise _refusal(last.breaches)
    return None


def _refusal(breaches: Sequence[Breach]) -> DomainError:
    return VersionMismatch() if CHANGED in breaches else ConfirmationRefused(breaches)


def _done(order: Order, asked: ConfirmationRequest) -> bool:
    done = order.confirmation
    return done is not None and done.order_version == asked.confirmation.order_version


def _is(attempt: ConfirmationAttempt, asked: ConfirmationRequest) -> bool:
    return (attempt.order_version, attempt.number) == (asked.confirmation.order_version, asked.attempt)


class Decision(Model):
    """What the criteria say of an order: ready to confirm, confirmed already, or everything that is unmet."""

    outcome: str = Field(pattern="^(ready|confirmed|refused)$")
    breaches: tuple[Breach, ...] = ()


def judge(tx: Transaction, services: Services, company: str, asked: ConfirmationRequest) -> tuple[Decision, Order]:
    """Evaluate every criterion on what the table holds now; a refusal is stored for who waits."""
    order = tx.require(ORDER, keys.order(company, asked.order))
    if _done(order, asked):
        return Decision(outcome="confirmed"), order
    ctx = actor(tx, services, company, asked.confirmation.operator)
    breaches = unmet(case(tx, company, order, ctx is not None))
    if tx.version(keys.order(company, order.id)) != asked.confirmation.order_version:
        breaches = (CHANGED, *breaches)
    if not breaches:
        return Decision(outcome="ready"), order
    key = keys.order_confirmation(company, order.id)
    last = tx.get(ATTEMPT, key)
    if last and _is(last, asked):
        tx.put(ATTEMPT, key, last.change(refused=True, breaches=breaches))
    return Decision(outcome="refused", breaches=breaches), order


def case(tx: Transaction, company: str, order: Order, permitted: bool) -> Case:
    """What the criteria look at, read in one call."""
    quote, customer = keys.quote(company, order.id, order.quotes), keys.party(company, order.customer)
    treasury = keys.order_treasury(company, order.id)
    tx.prefetch([quote, customer, treasury])
    return Case(
        order=order,
        treasury=tx.get(TREASURY, treasury) or Treasury(),
        quote=tx.get(QUOTE, quote),
        customer=tx.get(PARTY, customer),
        permitted=permitted,
    )


def actor(tx: Transaction, services: Services, company: str, operator: str) -> Context | None:
    """The operator as a context of its own, or None without the right to confirm (CNF-01 criterion 1)."""
    who, profiles = tx.get(OPERATOR, keys.operator(company, operator)), tx.get(PROFILES, keys.profiles(company))
    profile = profiles.find(who.profile) if who and who.active and profiles else None
    if who is None or profile is None:
        return None
    ctx = Context(services, company, who, profile, services.clock.now())
    return ctx if ctx.may(Permission.CONFIRM_ORDER) else None


def apply(tx: Transaction, ctx: Context, order: Order, confirmation: Confirmation) -> None:
    """Every effect of the confirmation, or none (CNF-03): status, milestone, history, treasury firm.

    What the criteria saw beside the order, its quote and its customer, is still so when it is written.
    """
    after = rules.confirmed(order, confirmation)
    save(tx, ctx, ORDER, keys.order(ctx.company, order.id), after, "confirmed")
    key = keys.order_treasury(ctx.company, order.id)
    treasury = tx.get(TREASURY, key) or Treasury()
    lines = redate(firm(treasury.lines), after.terms, rules.dates(after))
    save(tx, ctx, TREASURY, key, treasury.change(lines=lines), "treasury_firm")
    tx.check(keys.quote(ctx.company, order.id, order.quotes))
    tx.check(keys.party(ctx.company, order.customer))
