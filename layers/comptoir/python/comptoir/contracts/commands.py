"""What makes, changes, renews and lengthens contracts (CTR-01, CTR-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.merging import Merge
from comptoir.access.model import Code
from comptoir.access.permissions import Permission
from comptoir.contracts.indexation import IndexValue, PriceIndex, in_order
from comptoir.contracts.items import ACTION, CONTRACT, PRICE_INDEX
from comptoir.contracts.model import Contract, ContractFields, ContractHead, ContractStatus, Side
from comptoir.contracts.periods import current_end, last_day, terms_over
from comptoir.contracts.renewal import bill, bill_again, kept, passed
from comptoir.contracts.rules import (
    breach,
    change_breaches,
    head_breaches,
    last_day_breaches,
    lines_of,
    reminders_of,
)
from comptoir.kernel.errors import Conflict, Refused, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency
from comptoir.kernel.text import Line
from comptoir.orders.items import next_number
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party, PartyKind
from comptoir.parties.rules import is_supplier
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class ContractOver(Conflict):
    """A contract that was ended, or whose end was notified, no longer changes."""

    code = "contract_over"
    fr = "Ce contrat est résilié ou terminé."
    en = "This contract is terminated or over."


class CreateContract(ContractFields, Command):
    """Conclude a contract with a customer or a supplier, on its terms (CTR-01).

    Of a contract begun before it was entered, `billed_until` is the last day that was billed elsewhere. Errors:
    `Refused` with everything that is wrong.
    """

    permission: ClassVar[Permission] = Permission.EDIT_CONTRACTS

    side: Side = Side.CUSTOMER
    party: Id
    currency: Currency | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.party(company, self.party)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        party = _party(tx, ctx, self.party, self.side)
        refuse_if(head_breaches(tx, ctx, self, {}))
        currency = self.currency or party.currency
        lines = lines_of(tx, ctx, party, self.side, currency, self.lines)
        contract = Contract(
            id=ctx.new_id(),
            number=next_number(tx, ctx, "CT-", "contracts"),
            side=self.side,
            party=party.id,
            party_name=party.name,
            currency=currency,
            lines=lines,
            reminders=reminders_of(ctx, self),
            renewals=terms_over(self, ctx.today),
            created_on=ctx.today,
            created_by=ctx.operator.name,
            **head_of(self),
        )
        version = kept(tx, ctx, contract, "created")
        return Reply.of(contract, version, 201)


def head_of(entered: ContractHead) -> dict[str, Any]:
    """The head's fields as a contract has them."""
    return entered.picked(ContractHead.model_fields)


def _party(tx: Transaction, ctx: Context, party: str, side: Side) -> Party:
    """The customer or supplier that is named. Errors: `Refused` when there is none."""
    found = tx.get(PARTY, keys.party(ctx.company, party))
    fits = found and (PartyKind.CUSTOMER in found.kinds if side is Side.CUSTOMER else is_supplier(found))
    if found is None or not fits:
        fr, en = "Client ou fournisseur inconnu.", "Unknown customer or supplier."
        raise Refused([breach("unknown_party", fr, en, "/party")])
    return found


class OnContract(Command):
    """Base of the commands on one contract; If-Match is its version."""

    permission: ClassVar[Permission] = Permission.EDIT_CONTRACTS
    guarded: ClassVar[bool] = True

    contract: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.contract(company, self.contract)]

    def found(self, tx: Transaction, ctx: Context) -> Contract:
        """The contract in the version that the caller means. Errors: `NotFound`, `VersionMismatch`."""
        key = keys.contract(ctx.company, self.contract)
        before = tx.require(CONTRACT, key)
        ctx.expect(tx, key)
        return before


class UpdateContract(OnContract, Merge, extra="allow"):
    """Change a contract; its calendar is fixed once a period of it was billed (CTR-01)."""

    fields: ClassVar[type[Model]] = ContractFields

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.found(tx, ctx)
        if before.termination or before.status is ContractStatus.ENDED:
            raise ContractOver()
        entered: ContractFields = self.merged(before)
        party = tx.require(PARTY, keys.party(ctx.company, before.party))
        after = before.change(**head_of(entered))
        found = [*head_breaches(tx, ctx, entered, before.custom), *change_breaches(before, entered)]
        refuse_if(found or last_day_breaches(before, last_day(after)))
        lines = lines_of(tx, ctx, party, before.side, before.currency, entered.lines, before.lines)
        reminders = reminders_of(ctx, entered, before)
        after = after.change(lines=lines, reminders=reminders, party_name=party.name)
        return Reply.of(after, kept(tx, ctx, after, "updated"))


class RenewContract(OnContract):
    """Bill the next period of a contract now: its dates follow the last one's, its invoice is a draft (CTR-03).

    Errors: `NothingToRenew`, `PeriodBilled`, `Refused` with what the draft or the index lacks.
    """

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        ctx.demand(Permission.DRAFT_INVOICES)
        before = self.found(tx, ctx)
        after, billed = bill(tx, ctx, before)
        version = kept(tx, ctx, passed(tx, ctx, after), "renewed")
        return Reply.of(billed, version, 201)


class BillPeriodAgain(OnContract):
    """Draft the invoice of a period again, once its draft was deleted or its invoice cancelled (CTR-03).

    Errors: `PeriodNotFree`, `Refused` with what the draft lacks.
    """

    day: dt.date = Field(description="First day of the period.")

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.contract(company, self.contract), keys.contract_period(company, self.contract, self.day)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        ctx.demand(Permission.DRAFT_INVOICES)
        contract = self.found(tx, ctx)
        billed = bill_again(tx, ctx, contract, self.day)
        return Reply.of(billed, tx.next_version(keys.contract(ctx.company, contract.id)), 201)


class LengthenContract(OnContract):
    """Begin another term of a contract that does not renew by itself (CTR-03)."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.found(tx, ctx)
        if before.termination or before.tacit_renewal or current_end(before) is None:
            raise ContractOver()
        if not (before.renewal or before.duration):
            fr, en = "Indiquez la durée de reconduction.", "Enter the length of a renewal."
            refuse_if([breach("renewal_missing", fr, en, "/renewal")])
        after = before.change(renewals=before.renewals + 1, status=ContractStatus.ACTIVE)
        return Reply.of(after, kept(tx, ctx, after, "lengthened"))


class SavePriceIndex(Command):
    """Save a published index with its values; a period that was billed keeps the value that it was billed with."""

    permission: ClassVar[Permission] = Permission.EDIT_CONTRACTS

    price_index: Code
    name: Line
    values: tuple[IndexValue, ...] = ()

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.price_index(company, self.price_index)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        days = [value.date for value in self.values]
        fr, en = "Deux valeurs pour une même date.", "Two values for one date."
        twice = [number for number, day in enumerate(days) if day in days[:number]]
        refuse_if([breach("duplicate_value", fr, en, f"/values/{number}/date") for number in twice])
        key = keys.price_index(ctx.company, self.price_index)
        index = PriceIndex(code=self.price_index, name=self.name, values=in_order(self.values))
        save(tx, ctx, PRICE_INDEX, key, index, "saved")
        return Reply.of(index, tx.next_version(key))


class CompleteContractAction(Command):
    """Say that a call or a mail was made (CTR-05)."""

    permission: ClassVar[Permission] = Permission.EDIT_CONTRACTS
    natural: ClassVar[bool] = True

    contract_action: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.contract_action(company, self.contract_action)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.contract_action(ctx.company, self.contract_action)
        before = tx.require(ACTION, key)
        after = before if before.done_on else before.change(done_on=ctx.today, done_by=ctx.operator.name)
        save(tx, ctx, ACTION, key, after, "done")
        return Reply.of(after, tx.next_version(key))


class RunStarted(Model):
    """A renewal of everything that is due, under way."""

    day: str
    run: str


class RunRenewals(Command):
    """Renew now every contract of the company on which something is due, as the clock does each night (CTR-04).

    Each request is a run of its own, so that what is concluded after one is renewed by the next on the same day.
    """

    permission: ClassVar[Permission] = Permission.EDIT_CONTRACTS

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        ctx.demand(Permission.DRAFT_INVOICES)
        started = RunStarted(day=ctx.today.isoformat(), run=f"renew-{ctx.company}-{ctx.new_id()}")
        return Reply.of(started, status=202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        started = RunStarted.model_validate_json(reply.body)
        if services.workflows:
            services.workflows.start("renewal", started.run, {"day": started.day, "company": caller.company})
        return reply
