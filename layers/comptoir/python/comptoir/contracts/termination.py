"""Ending a contract, and crediting what was billed of it and will not be used (CTR-06)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.contracts.commands import ContractOver, OnContract
from comptoir.contracts.items import PERIOD
from comptoir.contracts.model import BilledPeriod, Contract, ContractStatus, Termination
from comptoir.contracts.periods import first_regular_end
from comptoir.contracts.pricing import prorated
from comptoir.contracts.renewal import kept, passed
from comptoir.contracts.rules import breach
from comptoir.invoicing.crediting import CreditFields, credit_note, issued_invoice
from comptoir.invoicing.drafting import keep_draft
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import CreditLine, DocumentStatus
from comptoir.invoicing.snapshot import CreditType, Snapshot
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.spans import day_after, days_in
from comptoir.kernel.text import Paragraph
from comptoir.store import keys
from comptoir.store.transaction import Transaction

_MOST = 24
"""Periods that one termination credits: two years billed in advance by the month."""


class Terminated(Model):
    """A contract that was ended, and the draft credit notes of what was billed beyond its last day."""

    contract: Contract
    credit_notes: tuple[Id, ...] = ()


class TerminateContract(OnContract):
    """End a contract with a day and a reason; what was billed beyond it is credited by drafts (CTR-06).

    `notified_on` is when notice was given, by default today. Before the first day with which notice lets it end,
    `override` says why. Errors: `ContractOver`, `Refused` with everything that stands against it.
    """

    last_day: date
    reason: Paragraph
    notified_on: date | None = None
    override: Paragraph | None = None
    credit: bool = Field(True, description="Draft credit notes of the unused periods.")

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        before = self.found(tx, ctx)
        if before.termination or before.status is ContractStatus.ENDED:
            raise ContractOver()
        notified = self.notified_on or ctx.today
        unused = _unused(tx, ctx, before, self.last_day)
        refuse_if([*self._breaches(before, notified, ctx.today), *_still_drafts(tx, ctx, unused)])
        termination = Termination(
            last_day=self.last_day,
            reason=self.reason,
            notified_on=notified,
            override=self.override,
            recorded_on=ctx.today,
            recorded_by=ctx.operator.name,
        )
        notes = [_credited(tx, ctx, period, self) for period in unused] if self.credit else []
        after = passed(tx, ctx, before.change(termination=termination))
        version = kept(tx, ctx, after, "terminated")
        return Reply.of(Terminated(contract=after, credit_notes=tuple(filter(None, notes))), version)

    def _breaches(self, contract: Contract, notified: date, today: date) -> list[Breach]:
        found = []
        if self.last_day < contract.start:
            fr, en = "Le contrat n'a pas commencé à cette date.", "The contract has not begun by then."
            found.append(breach("ends_before_start", fr, en, "/last_day"))
        if notified > today:
            found.append(breach("date_future", "La date est future.", "The date is in the future.", "/notified_on"))
        regular = first_regular_end(contract, notified)
        if regular and self.last_day < regular and not self.override:
            fr = f"Avec le préavis, le contrat finit au plus tôt le {regular:%d/%m/%Y} : motivez l'exception."
            en = f"With its notice, the contract ends on {regular:%Y-%m-%d} at the earliest: say why it ends before."
            found.append(breach("notice_not_respected", fr, en, "/override"))
        return found


def _unused(tx: Transaction, ctx: Context, contract: Contract, last: date) -> list[BilledPeriod]:
    """The periods that were billed and reach beyond the last day, the oldest first."""
    key = keys.contract(ctx.company, contract.id)
    periods = [PERIOD.load(record) for record in tx.partition(key.pk, keys.PERIOD)]
    found = [each for each in periods if each.end > last and each.credit_note is None]
    if len(found) > _MOST:
        fr = f"Plus de {_MOST} périodes sont facturées au-delà : créditez-les d'abord."
        en = f"More than {_MOST} periods are billed beyond that day: credit them first."
        refuse_if([breach("too_many_periods", fr, en, "/last_day")])
    return found


def _still_drafts(tx: Transaction, ctx: Context, unused: list[BilledPeriod]) -> list[Breach]:
    """Drafts of unused periods are validated or deleted first, so that nothing is invoiced that was ended."""
    documents = {each.document: keys.document(ctx.company, each.document) for each in unused if each.document}
    fr = "Validez ou supprimez d'abord le brouillon de cette période."
    en = "Validate or delete the draft of this period first."
    return [
        Breach(code="period_still_draft", fr=fr, en=en, pointer="/last_day", link=f"/invoices/{document.id}")
        for document in tx.several(DOCUMENT, documents).values()
        if document.status is DocumentStatus.DRAFT
    ]


def _credited(tx: Transaction, ctx: Context, period: BilledPeriod, asked: TerminateContract) -> Id | None:
    """The draft credit note of the unused days of a period; None when nothing of it is left to credit."""
    document = tx.get(DOCUMENT, keys.document(ctx.company, period.document)) if period.document else None
    if document is None or not document.issued or document.cancelled_by:
        return None
    _, _, content = issued_invoice(tx, ctx.company, document.id)
    first = max(period.start, day_after(asked.last_day))
    lines = unused_lines(content, days_in(first, period.end), period.days)
    if not lines:
        return None
    fields = CreditFields(invoice=document.id, credit_type=CreditType.INVOICING_ERROR, reason=asked.reason, lines=lines)
    note = keep_draft(tx, ctx, credit_note(tx, ctx, fields))
    place = keys.contract_period(ctx.company, period.contract, period.start)
    tx.put(PERIOD, place, period.change(credit_note=note.id))
    return note.id


def unused_lines(content: Snapshot, unused: int, days: int) -> tuple[CreditLine, ...]:
    """What of each line of an invoice the unused days are worth, each rounded once (CTR-05)."""
    parts = [(line.position, prorated(line.net, unused, days).amount) for line in content.lines]
    return tuple(CreditLine(position=position, amount=amount) for position, amount in parts if amount > Decimal(0))
