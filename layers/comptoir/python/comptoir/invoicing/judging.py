"""Whether a draft may be issued now, asked by the check and again by the writer (INV-03)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from comptoir.access.model import Company
from comptoir.docbase.templates import chosen
from comptoir.invoicing import taking_back
from comptoir.invoicing.credits import year_breaches
from comptoir.invoicing.discounting import discount_breaches
from comptoir.invoicing.euros import chargeable_on, chosen_rate
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document, DocumentStatus
from comptoir.invoicing.request import IssueRequest
from comptoir.invoicing.rules import Sources, breaches, issue_date
from comptoir.invoicing.taxing import settled
from comptoir.kernel.errors import Breach, DomainError
from comptoir.ledger.periods import refuse_closed
from comptoir.ledger.series import Series
from comptoir.orders.items import ORDER
from comptoir.orders.model import Order
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.published import EURO, published

CHANGED = Breach(
    code="changed_meanwhile",
    fr="Le brouillon a été modifié depuis la demande de validation.",
    en="The draft was changed after its validation was asked for.",
)


_TEST_MODE = Breach(
    code="company_in_test_mode",
    fr="La société est en mode TEST : aucun document réel ne peut être validé.",
    en="The company is in TEST mode: no real document can be validated.",
    link="/company",
)


@dataclass(frozen=True)
class Judgement:
    """What the document is issued from, the date it gets, and everything that stands against it."""

    sources: Sources
    day: date
    breaches: tuple[Breach, ...]


def judge(
    tx: Transaction, company: Company, request: IssueRequest, document: Document, today: date, series: Series
) -> Judgement:
    """Evaluate every rule at once; a draft that is no longer the one asked for is told so alone.

    A TEST takes no number, so that neither the series nor closed periods stand against it (INV-11).
    Errors: `NotFound` when its customer or order is gone.
    """
    customer = tx.require(PARTY, keys.party(company.id, document.customer))
    order = tx.require(ORDER, keys.order(company.id, document.order)) if document.order else None
    day = issue_date(document, today, series.last_date)
    sources = gathered(tx, company, customer, order, document, day)
    same = tx.version(keys.document(company.id, document.id)) == request.version
    if document.status is not DocumentStatus.DRAFT or not same:
        return Judgement(sources, day, (CHANGED,))
    found = [*breaches(sources, today), *_taking_back(tx, company.id, document)]
    found += discount_breaches(tx, company.id, document)
    if document.origin:
        found += year_breaches(document.credit_type, company, document.origin.issue_date, day)
    if document.test:
        return Judgement(sources, day, tuple(found))
    found += [_TEST_MODE] if company.test_mode else []
    # Only read here: the writer also has its transaction fail if the day closes meanwhile (FIS-03).
    found += _named(lambda: refuse_closed(tx, company.id, day))
    return Judgement(sources, day, (*found, *_named(lambda: series.next(day))))


def _taking_back(tx: Transaction, company: str, document: Document) -> list[Breach]:
    """Why what is to be taken back cannot be any more: it was paid or credited since (INV-09)."""
    if document.taken_back is None:
        return []
    invoice = tx.require(DOCUMENT, keys.document(company, document.taken_back.document))
    return taking_back.breaches(tx, company, invoice, by=document.id)


def gathered(
    tx: Transaction, company: Company, customer: Party, order: Order | None, document: Document, day: date
) -> Sources:
    """What a document dated `day` is made of: the draft with its VAT settled, its template, and its exchange rate."""
    rate = None
    if document.currency != EURO:
        on = chargeable_on(document, day)
        known = published(tx, company.id, document.currency, on)
        rate = chosen_rate(document, order.rates if order else (), known, on)
    draft = settled(company, customer, document, day)
    return Sources(company, customer, draft, order, chosen(tx, company.id, document.template), rate)


def _named(rule: Callable[[], object]) -> list[Breach]:
    try:
        rule()
    except DomainError as error:
        return [Breach(code=error.code, fr=error.fr, en=error.en, pointer="/wanted_date")]
    return []
