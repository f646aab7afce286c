"""Billing the next period of a contract, once, and what comes with time: terms, actions, the end (CTR-03 to CTR-05)."""

from __future__ import annotations

from datetime import date

from comptoir.access.context import Context
from comptoir.access.history import save
from comptoir.contracts.indexation import Revision
from comptoir.contracts.items import ACTION, CONTRACT, PERIOD, PRICE_INDEX, ContractAction
from comptoir.contracts.model import BilledPeriod, Contract, ContractStatus, Side
from comptoir.contracts.periods import Period, ends_on, next_period, period_from, remind_on, rolls_on
from comptoir.contracts.pricing import priced, revised_on, revisions, worth
from comptoir.contracts.rules import breach
from comptoir.invoicing.direct import DirectFields, customer_of, direct_invoice
from comptoir.invoicing.drafting import keep_draft
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import ContractPeriod, Document, DocumentStatus
from comptoir.invoicing.snapshot import Period as Rendered
from comptoir.kernel.errors import AlreadyExists, Conflict, Refused
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import PaymentTerm


class NothingToRenew(Conflict):
    """Nothing more of the contract is to be billed."""

    code = "nothing_to_renew"
    fr = "Ce contrat n'a plus de période à facturer."
    en = "This contract has no period left to bill."


class PeriodBilled(AlreadyExists):
    """A period of a contract is billed once (CTR-04)."""

    code = "period_already_billed"
    fr = "Cette période est déjà facturée."
    en = "This period is billed already."


class PeriodNotFree(Conflict):
    """A period is drafted again only once its draft was deleted, or its invoice cancelled."""

    code = "period_not_free"
    fr = "Cette période n'est pas facturée, ou sa facture ou son avoir existe encore."
    en = "This period is not billed, or its invoice or credit note still stands."


class ProposedPeriod(Model):
    """What the next renewal of a contract makes: the period, its part of a whole one, the revision, the amount."""

    start: date
    end: date
    due_on: date
    days: int
    whole_days: int
    revision: Revision | None
    net: Money


def proposed(tx: Transaction, ctx: Context, contract: Contract) -> ProposedPeriod:
    """The next period as it would be billed now. Errors: `NothingToRenew`, `Refused` when the index lacks a value."""
    period = _next(contract)
    revision = _revision(tx, ctx, contract, period)
    lines = [line for _, line in priced(contract, period, revision, Language.FRENCH)]
    return ProposedPeriod(
        start=period.start,
        end=period.end,
        due_on=period.due_on,
        days=period.days,
        whole_days=period.whole_days,
        revision=revision,
        net=worth(lines, contract.currency),
    )


def _next(contract: Contract) -> Period:
    period = next_period(contract)
    if period is None or contract.status is ContractStatus.ENDED:
        raise NothingToRenew()
    return period


def _revision(tx: Transaction, ctx: Context, contract: Contract, period: Period) -> Revision | None:
    """The revision that holds for a period: the contract's last one as long as there were no more since."""
    count = revisions(contract, period)
    if not count or contract.indexation is None:
        return None
    if contract.revision and contract.revision.count == count:
        return contract.revision
    revision = revised_on(contract, period, count)
    code = contract.indexation.index
    if code is None:
        return revision
    index = tx.get(PRICE_INDEX, keys.price_index(ctx.company, code))
    value = index.at(revision.day) if index else None
    if value is None:
        fr = f"L'indice {code} n'a pas de valeur récente au {revision.day:%d/%m/%Y} : saisissez-la."
        en = f"Index {code} has no recent value on {revision.day:%Y-%m-%d}: enter it."
        raise Refused([breach("index_value_missing", fr, en, "/indexation/index")])
    return revision.change(value=value)


def bill(tx: Transaction, ctx: Context, contract: Contract) -> tuple[Contract, BilledPeriod]:
    """Bill the next period of a contract: its item, the customer's draft invoice, and the contract as it goes on.

    Errors: `NothingToRenew`, `PeriodBilled`, `Refused` with what the draft or the index lacks.
    """
    period = _next(contract)
    revision = _revision(tx, ctx, contract, period)
    document, net = _drafted(tx, ctx, contract, period, revision)
    billed = BilledPeriod(
        contract=contract.id,
        start=period.start,
        end=period.end,
        due_on=period.due_on,
        days=period.days,
        whole_days=period.whole_days,
        net=net,
        revision=revision,
        document=document.id if document else None,
        billed_on=ctx.today,
        billed_by=ctx.operator.name,
    )
    tx.create(PERIOD, keys.contract_period(ctx.company, contract.id, period.start), billed, PeriodBilled())
    after = contract.change(billed_until=period.end, revision=revision or contract.revision, failure=None)
    return after, billed


def bill_again(tx: Transaction, ctx: Context, contract: Contract, start: date) -> BilledPeriod:
    """Draft the invoice of a billed period whose own is gone, as the contract and its last day are now.

    The period keeps its revision, so that its prices are those of its year. Errors: `PeriodNotFree`, `Refused`.
    """
    key = keys.contract_period(ctx.company, contract.id, start)
    before = tx.get(PERIOD, key)
    period = period_from(contract, start) if before else None
    if before is None or period is None or not _free(tx, ctx, before):
        raise PeriodNotFree()
    document, net = _drafted(tx, ctx, contract, period, before.revision)
    changed = {"end": period.end, "days": period.days, "net": net, "document": document.id if document else None}
    told = {"billed_on": ctx.today, "billed_by": ctx.operator.name}
    after: BilledPeriod = before.change(**changed, **told)
    save(tx, ctx, PERIOD, key, after, "period_billed_again")
    # A contract that is ended meanwhile credits what its periods hold.
    tx.check(keys.contract(ctx.company, contract.id))
    return after


def _free(tx: Transaction, ctx: Context, period: BilledPeriod) -> bool:
    if period.document is None or period.credit_note is not None:
        return False
    document = tx.require(DOCUMENT, keys.document(ctx.company, period.document))
    return document.status is DocumentStatus.DELETED or document.cancelled_by is not None


def _drafted(
    tx: Transaction, ctx: Context, contract: Contract, period: Period, revision: Revision | None
) -> tuple[Document | None, Money]:
    """The draft invoice of a customer's period, and what it comes to; with a supplier only the latter."""
    if contract.side is Side.SUPPLIER:
        lines = [line for _, line in priced(contract, period, revision, Language.FRENCH)]
        return None, worth(lines, contract.currency)
    customer = customer_of(tx, ctx, contract.party)
    language = contract.language or customer.language
    sold = priced(contract, period, revision, language)
    fields = DirectFields(
        customer=contract.party,
        currency=contract.currency,
        language=language,
        customer_reference=contract.customer_reference,
        note=contract.note,
        template=contract.template,
        terms=contract.terms or customer.terms or (_AT_ONCE,),
        lines=tuple(line for _, line in sold),
        period=Rendered(start=period.start, end=period.end),
        vat_case=contract.vat_case,
    )
    told = ContractPeriod(contract=contract.id, number=contract.number, start=period.start, end=period.end)
    draft = keep_draft(tx, ctx, direct_invoice(tx, ctx, fields, told, [line for line, _ in sold]))
    return draft, draft.totals.net


_AT_ONCE = PaymentTerm.model_validate({"percentage": "100", "milestone": "invoice", "steps": [{"days": 30}]})
"""C. com. L441-10: thirty days where nothing else was agreed."""


def passed(tx: Transaction, ctx: Context, contract: Contract) -> Contract:
    """The contract once everything that time alone brings is done: terms that begin, actions, its end."""
    while (day := rolls_on(contract)) and day <= ctx.today:
        contract = contract.change(renewals=contract.renewals + 1)
    for reminder in contract.reminders:
        found = remind_on(contract, reminder)
        if found and found[1] <= ctx.today:
            event_day, due_on = found
            action = ContractAction(
                id=ctx.new_id(),
                contract=contract.id,
                contract_number=contract.number,
                party=contract.party,
                party_name=contract.party_name,
                event_day=event_day,
                due_on=due_on,
                **reminder.picked(_ASKED),
            )
            save(tx, ctx, ACTION, keys.contract_action(ctx.company, action.id), action, "created")
            contract = contract.change(reminded=contract.reminded | {reminder.id: event_day})
    end = ends_on(contract)
    return contract.change(status=ContractStatus.ENDED) if end and end <= ctx.today else contract


_ASKED = ("kind", "label", "event", "owner", "automatic", "subject", "message")


def kept(tx: Transaction, ctx: Context, contract: Contract, event: str) -> int:
    """Save a contract with its history; the version that it has then."""
    key = keys.contract(ctx.company, contract.id)
    save(tx, ctx, CONTRACT, key, contract, event)
    return tx.next_version(key)
