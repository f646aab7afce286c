"""Confirming an order: what is asked for, the run that is started, and the wait for its outcome (CNF)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Reply
from comptoir.access.permissions import Permission
from comptoir.access.waiting import wait_for
from comptoir.kernel.errors import Breach, DomainError, Refused, VersionMismatch
from comptoir.kernel.text import Label, Paragraph
from comptoir.orders import rules
from comptoir.orders.commands import OrderCommand
from comptoir.orders.confirming import CHANGED, FAILED, ConfirmationRequest, done, is_of
from comptoir.orders.items import ATTEMPT, ORDER
from comptoir.orders.model import Confirmation, ConfirmationAttempt
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

_RUN = timedelta(minutes=15)
"""The longest that a run of the workflow lasts; after it, an attempt without outcome is given up."""


class ConfirmationRefused(Refused):
    """Criteria of the confirmation are not met: 409 when the order is no offer any more, else 422."""

    code = "confirmation_refused"
    fr = "La commande ne remplit pas tous les critères de confirmation."
    en = "The order does not meet every criterion of the confirmation."

    def __init__(self, breaches: Sequence[Breach]) -> None:
        super().__init__(breaches)
        if any(breach.code == rules.NotAnOffer.code for breach in breaches):
            self.status = 409


class ConfirmationFailed(DomainError):
    """The run ended without an answer; the order is as it was, and may be confirmed again at once (CNF-07)."""

    status = 503
    code = FAILED.code
    fr = FAILED.fr
    en = FAILED.en


class ConfirmOrder(OrderCommand):
    """Have an order confirmed (CNF-01 to CNF-03, CNF-07); the workflow judges and applies.

    Answers the confirmed order (200, also to who asks again for the version that was confirmed),
    every unmet criterion (`ConfirmationRefused`, 409 or 422), that the run failed
    (`ConfirmationFailed`, 503), or 202 when the workflow has not decided within ten seconds: asking
    again joins the same run.
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
        before = order.confirmation
        if before and before.order_version == ctx.if_match:
            return Reply.of(ConfirmationRequest(order=order.id, attempt=1, confirmation=before), status=202)
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
    """The confirmed order, or None while undecided. Errors: those of a refusal, or of a failure."""
    head, attempt = keys.order(company, asked.order), keys.order_confirmation(company, asked.order)
    found = services.store.backend.get([head, attempt])
    order = ORDER.load(found[head])
    if done(order, asked):
        return Reply.of(order, found[head].version)
    last = ATTEMPT.load(found[attempt]) if attempt in found else None
    if last and last.refused and is_of(last, asked):
        raise _refusal(last.breaches)
    return None


def _refusal(breaches: Sequence[Breach]) -> DomainError:
    if FAILED in breaches:
        return ConfirmationFailed()
    return VersionMismatch() if CHANGED in breaches else ConfirmationRefused(breaches)
