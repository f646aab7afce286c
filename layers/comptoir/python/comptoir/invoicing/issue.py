"""Issuing: numbers, signature and every effect of a block of documents in one transaction (INV-02).

Per document: its chain entry, its head, its treasury lines; per block: the signed head of the
chain and the check that the month is open. So 25 documents and more fit one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from comptoir.access.context import Services
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.invoicing.items import DOCUMENT, REFUSAL
from comptoir.invoicing.model import Document, Refusal
from comptoir.invoicing.rules import Sources, breaches, issue_date, issued, snapshot
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.clock import paris_date
from comptoir.kernel.errors import Breach, DomainError, Refused, TooLarge
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.ledger.chain import Fact, Signer, extend
from comptoir.ledger.items import HEAD
from comptoir.ledger.model import ChainName
from comptoir.ledger.periods import require_open
from comptoir.ledger.series import Series
from comptoir.orders.items import ORDER, TREASURY
from comptoir.orders.model import Treasury
from comptoir.parties.items import PARTY
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.rules import credit, invoice

BLOCK = 32
"""Documents per transaction: 3 items each, and the chain's head and the month, within 100."""


class IssueRequest(Model):
    """A draft to issue, in the version that was checked, and who asked for it.

    `customer`, `order` and `invoice` say what to read along with it, in one call.
    """

    document: Id
    version: int
    operator: Id
    operator_name: Line
    customer: Id
    order: Id | None = None
    invoice: Id | None = None

    @classmethod
    def of(cls, document: Document, version: int, operator: str, operator_name: str) -> IssueRequest:
        """The request for a draft as it was read."""
        return cls(
            document=document.id,
            version=version,
            operator=operator,
            operator_name=operator_name,
            customer=document.customer,
            order=document.order,
            invoice=document.origin.document if document.origin else None,
        )

    def keys(self, company: str) -> list[Key]:
        """Everything that issuing this document reads of its own."""
        own = [keys.document(company, self.document), keys.party(company, self.customer), self.treasury(company)]
        return [*own, keys.order(company, self.order)] if self.order else own

    def treasury(self, company: str) -> Key:
        """Where its treasury lines lie: with its order, else with the invoice itself."""
        if self.order:
            return keys.order_treasury(company, self.order)
        return keys.document_treasury(company, self.invoice or self.document)


class IssueStatus(StrEnum):
    """What became of a request."""

    ISSUED = "issued"
    REFUSED = "refused"


class Outcome(Model):
    """The answer to one request: its number, or every breach."""

    document: Id
    outcome: IssueStatus
    number: Label | None = None
    sequence: int | None = None
    breaches: tuple[Breach, ...] = ()


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
    shared = [keys.company(company), keys.chain_head(company, ChainName.DOCUMENTS)]
    today = keys.month(company, paris_date(services.clock.now()))
    prefetch = [*shared, today, *(key for request in requests for key in request.keys(company))]
    try:
        return services.store.transact(lambda tx: _Block(tx, services, signer, company).run(requests), prefetch)
    except TooLarge:
        if len(requests) == 1:
            raise
    middle = len(requests) // 2
    first = _issue_block(services, signer, company, requests[:middle])
    return first + _issue_block(services, signer, company, requests[middle:])


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

    def run(self, requests: Sequence[IssueRequest]) -> list[Outcome]:
        outcomes = [self._one(request) for request in requests]
        if self._facts:
            chain = ChainName.DOCUMENTS
            extend(self._tx, self._company, chain, self._facts, self._now, self._signer, self._series)
        return outcomes

    def _one(self, request: IssueRequest) -> Outcome:
        key = keys.document(self._company, request.document)
        document = self._tx.require(DOCUMENT, key)
        if document.issued:
            return Outcome(
                document=document.id,
                outcome=IssueStatus.ISSUED,
                number=document.number,
                sequence=document.sequence,
            )
        try:
            return self._issue(request, key, document)
        except DomainError as error:
            return self._refuse(request, error)

    def _issue(self, request: IssueRequest, key: Key, document: Document) -> Outcome:
        if self._tx.version(key) != request.version:
            raise Refused([CHANGED])
        customer = self._tx.require(PARTY, keys.party(self._company, document.customer))
        order = self._tx.require(ORDER, keys.order(self._company, document.order)) if document.order else None
        sources = Sources(self._settings, customer, document, order)
        found = breaches(sources, paris_date(self._now))
        if found:
            raise Refused(found)
        day = issue_date(document, paris_date(self._now), self._series.last_date)
        require_open(self._tx, self._company, day)
        number, series = self._series.next(day)
        content = snapshot(sources, number, day, self._now, request.operator_name)
        sequence = self._sequence + len(self._facts) + 1
        self._move_treasury(request, content)
        # Nothing below can be refused: the number is taken together with all of its effects.
        self._tx.put(DOCUMENT, key, issued(document, number, sequence, day))
        self._series = series
        self._facts.append(Fact(document.kind, content))
        return Outcome(document=document.id, outcome=IssueStatus.ISSUED, number=number, sequence=sequence)

    def _move_treasury(self, request: IssueRequest, content: Snapshot) -> None:
        key = request.treasury(self._company)
        sheet = self._tx.get(TREASURY, key) or Treasury()
        amount, new_id = content.totals.gross, self._services.ids.new
        if content.kind is DocumentKind.INVOICE:
            lines = invoice(sheet.lines, amount, content.document, content.instalments, new_id)
        else:
            lines = (*sheet.lines, credit(amount, content.document, content.issue_date, new_id))
        self._tx.put(TREASURY, key, sheet.change(lines=lines))

    def _refuse(self, request: IssueRequest, error: DomainError) -> Outcome:
        found = error.breaches if isinstance(error, Refused) else ()
        found = found or (Breach(code=error.code, fr=error.fr, en=error.en),)
        refusal = Refusal(version=request.version, breaches=found)
        self._tx.put(REFUSAL, keys.document_refusal(self._company, request.document), refusal)
        return Outcome(document=request.document, outcome=IssueStatus.REFUSED, breaches=found)


CHANGED = Breach(
    code="changed_meanwhile",
    fr="Le brouillon a été modifié depuis la demande de validation.",
    en="The draft was changed after its validation was asked for.",
)
