"""The one transaction that confirms an order: judged on what it reads, applied whole or not at all (CNF-01, CNF-03)."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.access.items import COMPANY, OPERATOR, PROFILES
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.orders import rules
from comptoir.orders.agendas import actions_on_confirmation
from comptoir.orders.criteria import Case, Purchase, unmet
from comptoir.orders.items import (
    ATTEMPT,
    ORDER,
    QUOTE,
    change_purchases,
    load_requests,
    request_dates,
    request_keys,
)
from comptoir.orders.model import Confirmation, ConfirmationAttempt, Order
from comptoir.orders.signing import changed_since_signature
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.orders.suppliers import follow_status
from comptoir.parties.items import PARTY
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from comptoir.treasury.rules import firm, redate

CHANGED = Breach(
    code="version_mismatch",
    fr="La commande a changé depuis la demande de confirmation.",
    en="The order has changed since its confirmation was asked for.",
)


FAILED = Breach(
    code="confirmation_failed",
    fr="La confirmation n'a pas pu aboutir pour une raison technique ; rien n'a été modifié, recommencez.",
    en="The confirmation could not be carried out for a technical reason; nothing was changed, please try again.",
)


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


def done(order: Order, asked: ConfirmationRequest) -> bool:
    """Whether the order is confirmed in the version that was asked for."""
    confirmation = order.confirmation
    return confirmation is not None and confirmation.order_version == asked.confirmation.order_version


def is_of(attempt: ConfirmationAttempt, asked: ConfirmationRequest) -> bool:
    """Whether the attempt is the one that a run was started for."""
    return (attempt.order_version, attempt.number) == (asked.confirmation.order_version, asked.attempt)


class Decision(Model):
    """What becomes of a run: ready to confirm, confirmed already, everything that is unmet, or given up."""

    outcome: str = Field(pattern="^(ready|confirmed|refused|failed)$")
    breaches: tuple[Breach, ...] = ()


def judge(tx: Transaction, services: Services, company: str, asked: ConfirmationRequest) -> tuple[Decision, Case]:
    """Evaluate every criterion on what the table holds now; a refusal is stored for who waits."""
    order = tx.require(ORDER, keys.order(company, asked.order))
    ctx = actor(tx, services, company, asked.confirmation.operator)
    year = asked.confirmation.date.year
    also = [keys.ordered(company, supplier, year) for supplier in order.suppliers]
    also += [keys.formalities(company), keys.order_agenda(company, order.id)]
    seen = case(tx, company, order, ctx is not None, also)
    if done(order, asked):
        return Decision(outcome="confirmed"), seen
    breaches = unmet(seen)
    if tx.version(keys.order(company, order.id)) != asked.confirmation.order_version:
        breaches = (CHANGED, *breaches)
    if not breaches:
        return Decision(outcome="ready"), seen
    refuse(tx, company, asked, breaches)
    return Decision(outcome="refused", breaches=breaches), seen


def refuse(tx: Transaction, company: str, asked: ConfirmationRequest, breaches: Sequence[Breach]) -> bool:
    """Store why an attempt does not succeed, for who waits for it; whether it was still undecided."""
    key = keys.order_confirmation(company, asked.order)
    last = tx.get(ATTEMPT, key)
    undecided = last is not None and is_of(last, asked) and not last.refused
    if last and undecided:
        tx.put(ATTEMPT, key, last.change(refused=True, breaches=tuple(breaches)))
    return undecided


def give_up(tx: Transaction, company: str, asked: ConfirmationRequest) -> Decision:
    """What is told of a run that ends without an answer: the order may be confirmed all the same (CNF-07)."""
    order = tx.require(ORDER, keys.order(company, asked.order))
    if done(order, asked):
        return Decision(outcome="confirmed")
    refuse(tx, company, asked, [FAILED])
    return Decision(outcome="failed")


def case(tx: Transaction, company: str, order: Order, permitted: bool, also: Sequence[Key] = ()) -> Case:
    """What the criteria look at, read in one call, along with `also`."""
    quote, customer = keys.quote(company, order.id, order.quotes), keys.party(company, order.customer)
    treasury = keys.order_treasury(company, order.id)
    purchases = [key for supplier in order.suppliers for key in request_keys(company, order, supplier)]
    parties = [keys.party(company, supplier) for supplier in order.suppliers]
    tx.prefetch([quote, customer, treasury, keys.company(company), *purchases, *parties, *also])
    requests = (request for request in load_requests(tx, company, order) if request.open and request.lines)
    return Case(
        order=order,
        treasury=tx.get(TREASURY, treasury) or Treasury(),
        quote=tx.get(QUOTE, quote),
        customer=tx.get(PARTY, customer),
        permitted=permitted,
        purchases=tuple(_purchase(tx, company, order, request) for request in requests),
        accounts=tx.require(COMPANY, keys.company(company)).identity.bank_accounts,
        amended=changed_since_signature(tx, company, order),
    )


def _purchase(tx: Transaction, company: str, order: Order, request: SupplierRequest) -> Purchase:
    treasury = tx.get(TREASURY, keys.supplier_treasury(company, order.id, request.supplier))
    return Purchase(request, treasury or Treasury(), tx.get(PARTY, keys.party(company, request.supplier)))


def actor(tx: Transaction, services: Services, company: str, operator: str) -> Context | None:
    """The operator as a context of its own, or None without the right to confirm (CNF-01 criterion 1)."""
    who, profiles = tx.get(OPERATOR, keys.operator(company, operator)), tx.get(PROFILES, keys.profiles(company))
    profile = profiles.find(who.profile) if who and who.active and profiles else None
    if who is None or profile is None:
        return None
    ctx = Context(services, company, who, profile, services.clock.now())
    return ctx if ctx.may(Permission.CONFIRM_ORDER) else None


def apply(tx: Transaction, ctx: Context, seen: Case, confirmation: Confirmation) -> None:
    """Every effect of the confirmation, or none (CNF-03): status, milestone, history, treasury firm, actions.

    What the criteria saw beside the order is still so when it is written: quote, parties, accounts.
    """
    after = rules.confirmed(seen.order, confirmation)
    save(tx, ctx, ORDER, keys.order(ctx.company, after.id), after, "confirmed")
    lines = redate(firm(seen.treasury.lines), after.terms, rules.dates(after))
    save(
        tx,
        ctx,
        TREASURY,
        keys.order_treasury(ctx.company, after.id),
        seen.treasury.change(lines=lines),
        "treasury_firm",
    )
    follow_status(tx, ctx, after)
    change_purchases(
        tx,
        ctx,
        after,
        "supplier_treasury_firm",
        lambda request, lines: redate(firm(lines), request.terms, request_dates(after, request)),
    )
    if seen.customer:
        actions_on_confirmation(tx, ctx, after, seen.customer)
    parties = [after.customer, *(purchase.request.supplier for purchase in seen.purchases)]
    for key in (keys.quote(ctx.company, after.id, after.quotes), keys.company(ctx.company)):
        tx.check(key)
    for party in parties:
        tx.check(keys.party(ctx.company, party))
