"""Issuing: numbers, signature and every effect of a block of documents in one transaction (INV-02).

Per document: its chain entry, its head, its treasury lines; per block: the signed head of the chain,
the totals of the month and the check that the day is open. So 25 documents and more fit one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.access.context import Services
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.docbase.templates import looks
from comptoir.invoicing.discounting import Discounting, deducted_at_once
from comptoir.invoicing.effects import Effects
from comptoir.invoicing.freezing import snapshot
from comptoir.invoicing.items import DOCUMENT, REFUSAL
from comptoir.invoicing.judging import judge
from comptoir.invoicing.model import Document, DocumentStatus, Refusal
from comptoir.invoicing.months import Tally, replaced_rows
from comptoir.invoicing.request import IssueRequest as IssueRequest
from comptoir.invoicing.request import IssueStatus as IssueStatus
from comptoir.invoicing.request import Outcome as Outcome
from comptoir.invoicing.rules import issued
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.invoicing.testing import Testing
from comptoir.invoicing.turnover import with_turnover
from comptoir.kernel.clock import paris_date
from comptoir.kernel.errors import Breach, DomainError, NotFound, Refused, TooLarge, refuse_if
from comptoir.ledger.chain import Fact, Signer, extend
from comptoir.ledger.items import HEAD
from comptoir.ledger.model import ChainName
from comptoir.ledger.periods import require_open
from comptoir.ledger.series import Series
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

BLOCK = 32
"""Documents per transaction: 3 items each, and the chain's head, the periods and the month, within 100."""


def issue(services: Services, signer: Signer, company: str, requests: Sequence[IssueRequest]) -> list[Outcome]:
    """Issue drafts of one company in the order given, as few transactions as they fit.

    A document that may not be issued gets its own refusal and does not hold the others back; one
    that is issued already answers its number. Errors: those of the signer, `Contention`; documents
    of earlier blocks stay issued, and asking again is safe.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(requests), BLOCK):
        outcomes += _issue_block(services, signer, company, requests[start : start + BLOCK])
    return outcomes


def _issue_block(services: Services, signer: Signer, company: str, requests: Sequence[IssueRequest]) -> list[Outcome]:
    head, periods = keys.chain_head(company, ChainName.DOCUMENTS), keys.periods(company)
    month = keys.month_totals(company, f"{paris_date(services.clock.now()):%Y-%m}")
    shared = [*looks(company), keys.company(company), head, periods, month]
    prefetch = [*shared, *(key for request in requests for key in request.keys(company))]
    try:
        return services.store.transact(lambda tx: _Block(tx, services, signer, company).run(requests), prefetch)
    except TooLarge as error:
        if len(requests) == 1:
            large, [request] = error, requests
            return [services.store.transact(lambda tx: _refused(tx, company, request, large))]
    middle = len(requests) // 2
    first = _issue_block(services, signer, company, requests[:middle])
    return first + _issue_block(services, signer, company, requests[middle:])


_UNKNOWN = Breach(code=NotFound.code, fr=NotFound.fr, en=NotFound.en)


class _Block:
    """One run of the transaction that issues a block."""

    def __init__(self, tx: Transaction, services: Services, signer: Signer, company: str) -> None:
        self._tx = tx
        self._services = services
        self._signer = signer
        self._company = company
        self._now = services.clock.now()
        self._settings: Company = tx.require(COMPANY, keys.company(company))
        head = tx.get(HEAD, keys.chain_head(company, ChainName.DOCUMENTS))
        self._sequence = head.sequence if head else 0
        self._series = Series.after(head, self._settings.numbering)
        self._facts: list[Fact] = []
        self._tests: list[Fact] = []
        self._tally = Tally()

    def run(self, requests: Sequence[IssueRequest]) -> list[Outcome]:
        outcomes = [self._one(request) for request in requests]
        if self._facts:
            if self._sequence == 0:
                # The first number fixes the format: one that changes meanwhile makes this run again (INV-14).
                self._tx.check(keys.company(self._company))
            self._extend(ChainName.DOCUMENTS, self._facts, self._series)
            self._tally.keep(self._tx, self._company)
        if self._tests:
            self._extend(ChainName.EVENTS, self._tests)
        return outcomes

    def _extend(self, chain: ChainName, facts: Sequence[Fact], series: Series | None = None) -> None:
        extend(self._tx, self._company, chain, facts, self._now, self._signer, series)

    def _one(self, request: IssueRequest) -> Outcome:
        key = keys.document(self._company, request.document)
        document = self._tx.get(DOCUMENT, key)
        if document is None:
            return Outcome(document=request.document, outcome=IssueStatus.REFUSED, breaches=(_UNKNOWN,))
        if document.issued:
            return Outcome(
                document=document.id,
                outcome=IssueStatus.ISSUED,
                number=document.number,
                sequence=document.sequence,
            )
        if document.status is DocumentStatus.TESTED:
            return Outcome(document=document.id, outcome=IssueStatus.TESTED)
        try:
            return self._issue(request, key, request.asked(document))
        except DomainError as error:
            return _refused(self._tx, self._company, request, error)

    def _issue(self, request: IssueRequest, key: Key, document: Document) -> Outcome:
        judged = judge(self._tx, self._settings, request, document, paris_date(self._now), self._series)
        refuse_if(judged.breaches)
        if document.test:
            self._tests.append(Testing(self._tx, self._services, self._company).fix(request, judged))
            return Outcome(document=document.id, outcome=IssueStatus.TESTED)
        require_open(self._tx, self._company, judged.day)
        number, series = self._series.next(judged.day)
        content = snapshot(judged.sources, number, judged.day, self._now, request.operator, request.operator_name)
        content = with_turnover(self._tx, self._company, content)
        sequence = self._sequence + len(self._facts) + 1
        after = issued(judged.sources, number, sequence, judged.day, request.operator_name)
        effects = Effects(self._tx, self._company, self._services.ids.new)
        effects.of(judged.sources.document, content, judged.sources.order)
        if deducted_at_once(document):
            discounting = Discounting(self._tx, self._services, self._signer, self._company, self._now)
            discounting.deduct(request, judged.sources.document, content, judged.sources.order)
        # Nothing below can be refused: the number is taken together with all of its effects.
        rate = self._settings.terms.penalty_rate if document.kind is DocumentKind.INVOICE else None
        self._tx.put(DOCUMENT, key, after.change(replaced=replaced_rows(content), penalty_rate=rate))
        self._tally.issued.append(content)
        self._series = series
        self._facts.append(Fact(document.kind, content))
        return Outcome(document=document.id, outcome=IssueStatus.ISSUED, number=number, sequence=sequence)


def _refused(tx: Transaction, company: str, request: IssueRequest, error: DomainError) -> Outcome:
    """Keep the refusal for whoever waits, and answer it."""
    found = error.breaches if isinstance(error, Refused) else ()
    found = found or (Breach(code=error.code, fr=error.fr, en=error.en),)
    refusal = Refusal(version=request.version, breaches=found)
    tx.put(REFUSAL, keys.document_refusal(company, request.document), refusal)
    return Outcome(document=request.document, outcome=IssueStatus.REFUSED, breaches=found)
