"""From what a customer has open to the letter that is to be written now, if any is (INV-12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from comptoir.access.acting import who
from comptoir.access.context import Context
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.docbase.template import PrintKind
from comptoir.docbase.templates import appearance
from comptoir.dunning.items import REMINDED, STEPS
from comptoir.dunning.model import SHIPPED, LateAmount, Reminded, ReminderContent, ReminderSteps
from comptoir.dunning.rules import (
    DAYS_TO_PAY,
    Printed,
    claim,
    late_amounts,
    next_step,
    overdue,
    pressing,
    told_of,
    unclaimed,
)
from comptoir.dunning.words import USES, message_of, title_of
from comptoir.invoicing.items import DOCUMENT
from comptoir.kernel.money import total
from comptoir.mailing.texts import MailTexts, texts_of
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.parties.sides import buyer, seller
from comptoir.store import backend, keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import CREDITS, OPEN, TREASURY
from comptoir.treasury.model import OpenAmount, OpenRequest, Side

MOST_REQUESTS = 100
"""Open requests of a customer that are read for a letter: more than it takes invoices, since some were just paid."""

_DRAFT = "—"


@dataclass(frozen=True)
class Drawn:
    """The letter that is to be written, its step, how far the customer was reminded before, what its mail is about."""

    content: ReminderContent
    step: int
    automatic: bool
    party: Party
    company: Company
    reminded: Reminded
    title: str


def steps_of(tx: Transaction, company: str) -> ReminderSteps:
    """The steps of a company."""
    return tx.get(STEPS, keys.reminder_steps(company)) or SHIPPED


def open_requests(
    tx: Transaction, ctx: Context, customer: str, steps: ReminderSteps, reminded: Reminded
) -> Iterator[OpenRequest]:
    """What open requests of a customer have due, as their sheets tell it now: `MOST_REQUESTS` of them at most.

    Those with an amount that has newly come to a step go first, then the oldest. An index finds them, which may be a
    moment behind: what was just paid is not asked for.
    """
    pk = keys.by_party(ctx.company, customer, OPEN[Side.CUSTOMER], "")[0]
    query = backend.Query(pk=pk, index=2, between=("!", f"{ctx.today}"))
    records = ctx.services.store.records(query)
    found = [OpenRequest.model_validate_json(each.summary) for each in records if each.summary]
    found.sort(key=lambda each: not any(told_of(each.due, steps, reminded, ctx.today).values()))
    debtors = [each.debtor for each in found[:MOST_REQUESTS] if each.debtor]
    places = [keys.sheet(ctx.company, debtor.order, debtor.invoice or "") for debtor in debtors]
    tx.prefetch(places)
    for place in places:
        sheet = tx.get(TREASURY, place)
        if sheet and TREASURY.summarise:
            yield OpenRequest.model_validate(TREASURY.summarise(sheet))


@dataclass(frozen=True)
class Gathered:
    """What is known of a customer who may owe something: the overdue amounts, and the credit notes left to deduct."""

    party: Party
    company: Company
    steps: ReminderSteps
    reminded: Reminded
    amounts: tuple[OpenAmount, ...]
    credits: tuple[OpenAmount, ...]
    texts: MailTexts

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies in which something is overdue."""
        return tuple(dict.fromkeys(each.amount.currency for each in self.amounts))


def gather(tx: Transaction, ctx: Context, customer: str) -> Gathered:
    """Everything about a customer that a letter goes by. Errors: `NotFound`."""
    shared = [keys.company(ctx.company), keys.reminder_steps(ctx.company), keys.reminded(ctx.company, customer)]
    looks = [keys.default_template(ctx.company), keys.mail_texts(ctx.company)]
    tx.prefetch([keys.party(ctx.company, customer), *shared, *looks])
    party, company = tx.require(PARTY, keys.party(ctx.company, customer)), tx.require(COMPANY, shared[0])
    pk = keys.by_party(ctx.company, customer, CREDITS[Side.CUSTOMER], "")[0]
    page = ctx.services.store.summaries(OpenRequest, backend.Query(pk=pk, index=1), None, backend.MAX_PAGE)
    steps, reminded = steps_of(tx, ctx.company), tx.get(REMINDED, shared[2]) or Reminded()
    return Gathered(
        party=party,
        company=company,
        steps=steps,
        reminded=reminded,
        amounts=overdue(open_requests(tx, ctx, customer, steps, reminded), ctx.today),
        credits=tuple(each for request in page.items for each in request.credits),
        texts=texts_of(tx, ctx.company),
    )


def draw(tx: Transaction, ctx: Context, known: Gathered, currency: str) -> Drawn | None:
    """The letter that a customer is to get in a currency; None when no step has newly come."""
    late = _late(tx, ctx, known, currency)
    step = next_step(known.steps, known.reminded, late, ctx.today)
    if step is None:
        return None
    party, company, wanted = known.party, known.company, known.steps.at(step)
    language, pay_by = party.language, ctx.today + timedelta(days=DAYS_TO_PAY)
    asked, claims = claim(late, currency, wanted, party.professional), wanted.claims and party.professional
    text = known.texts.find(USES[wanted.tone], language)
    content = ReminderContent(
        number=_DRAFT,
        made_on=ctx.today,
        made_at=ctx.now,
        pay_by=pay_by,
        language=language,
        currency=currency,
        tone=wanted.tone,
        claims=claims,
        company=seller(company, language),
        customer=buyer(party),
        author=ctx.operator.name if who(ctx.operator) else company.identity.name,
        lines=late if claims else tuple(map(unclaimed, late)),
        due=asked.due,
        penalties=asked.penalties,
        indemnity=asked.indemnity,
        total=asked.total,
        credits=-total((each.amount for each in known.credits if each.amount.currency == currency), currency),
        message=message_of(wanted.tone, claims, pay_by, language, text),
        appearance=appearance(tx, ctx.company, None, language, PrintKind.PAYMENT_REMINDER),
    )
    title = title_of(wanted.tone, language, pay_by, text)
    return Drawn(content, step, wanted.automatic, party, company, known.reminded, title)


def _late(tx: Transaction, ctx: Context, known: Gathered, currency: str) -> tuple[LateAmount, ...]:
    """The overdue amounts of a customer in a currency that a letter takes, each at the rate that was printed."""
    found = [each for each in known.amounts if each.amount.currency == currency]
    amounts = pressing(found, known.steps, known.reminded, ctx.today)
    printed = _printed(tx, ctx, known.company, amounts)
    return late_amounts(amounts, printed, known.steps, ctx.today, known.party.professional)


def _printed(tx: Transaction, ctx: Context, company: Company, amounts: Sequence[OpenAmount]) -> dict[str, Printed]:
    """What each invoice says of its date and rate; one that did not keep its rate printed the company's own."""
    names = dict.fromkeys(each.document for each in amounts)
    documents = tx.several(DOCUMENT, {name: keys.document(ctx.company, name) for name in names})
    own = company.terms.penalty_rate
    return {
        name: Printed(each.issue_date, own if each.penalty_rate is None else each.penalty_rate)
        for name, each in documents.items()
    }
