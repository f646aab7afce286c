"""Validating many drafts at once: each in its own workflow, with its own outcome (INV-02, CRN-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.permissions import Permission
from comptoir.invoicing.items import DOCUMENT, REFUSAL
from comptoir.invoicing.model import Document, DocumentStatus
from comptoir.invoicing.request import IssueRequest
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.invoicing.validation import done, drive
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.store import keys
from comptoir.store.record import Key, Kind
from comptoir.store.transaction import Transaction

MOST = 500
"""Drafts of one request: what the API starts in its time, and what one item holds."""

_AT_ONCE = 16
_KEPT_FOR = 90 * 24 * 3600
"""Seconds: for as long as the names of the workflows are taken."""


class BulkValidation(Model):
    """Drafts whose validation was asked together."""

    id: Id
    asked_at: AwareDatetime
    requests: tuple[IssueRequest, ...]


class BulkState(StrEnum):
    """Where one draft of them stands: still to be issued, numbered without its PDF yet, archived or tested, refused."""

    WAITING = "waiting"
    NUMBERED = "numbered"
    DONE = "done"
    REFUSED = "refused"


class BulkOutcome(Model):
    """What became of one draft; `breaches` is everything that stands against it."""

    document: Id
    kind: DocumentKind
    customer_name: Line
    state: BulkState
    number: Label | None = None
    breaches: tuple[Breach, ...] = ()


class BulkView(Model):
    """The outcomes of a bulk validation, in the order that was asked, and how many there are in each state."""

    id: Id
    asked_at: AwareDatetime
    counts: dict[BulkState, int]
    outcomes: tuple[BulkOutcome, ...]


BULK = Kind("bulk_validation", BulkValidation)


class DraftToValidate(Model):
    """A draft, in the version that was looked at; without it, as it is now."""

    document: Id
    version: int | None = Field(None, ge=1)


class ValidateDrafts(Command):
    """Ask for many drafts to be issued, each in its own workflow, and look at what becomes of each (202).

    Errors: `Refused` with every draft that is unknown, named twice, changed since, or of a kind that the operator may
    not validate; nothing is started then. A draft that lacks something is refused alone.
    """

    permission: ClassVar[Permission] = Permission.VALIDATE_INVOICE

    documents: Annotated[tuple[DraftToValidate, ...], Field(min_length=1, max_length=MOST)]
    date: dt.date | None = None
    comment: Line | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.document(company, each.document) for each in self.documents]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        found, requests = [], []
        for number, each in enumerate(self.documents):
            key = keys.document(ctx.company, each.document)
            document = tx.get(DOCUMENT, key)
            if document is None or document.status is DocumentStatus.DELETED:
                found.append(_unknown(number))
                continue
            found += _breaches(ctx, number, document, each.version, tx.version(key))
            told = {"date": self.date, "comment": self.comment}
            requests.append(IssueRequest.of(document, tx.version(key), ctx.operator.id, ctx.operator.name, **told))
        named = [each.document for each in self.documents]
        found += [_twice(number) for number, each in enumerate(named) if each in named[:number]]
        refuse_if(found)
        bulk = BulkValidation(id=ctx.new_id(), asked_at=stamp(ctx.now), requests=tuple(requests))
        expires = int(ctx.now.timestamp()) + _KEPT_FOR
        tx.create(BULK, keys.bulk_validation(ctx.company, bulk.id), bulk, expires=expires)
        return Reply.of(bulk, status=202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        """Start each workflow; what a stop leaves out is started by asking with the same Idempotency-Key, or again."""
        bulk = BulkValidation.model_validate_json(reply.body)
        return Reply.of(start(services, caller.company, bulk), status=202)


class ContinueValidations(Command):
    """Start again what of a bulk validation is neither done nor refused; safe at any time."""

    permission: ClassVar[Permission] = Permission.VALIDATE_INVOICE
    natural: ClassVar[bool] = True

    bulk_validation: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.bulk_validation(company, self.bulk_validation)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        return Reply.of(tx.require(BULK, keys.bulk_validation(ctx.company, self.bulk_validation)), status=202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        bulk = BulkValidation.model_validate_json(reply.body)
        return Reply.of(start(services, caller.company, bulk), status=202)


class ReadValidations(Query):
    """Where each draft of a bulk validation stands, for ninety days."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES

    bulk_validation: Id

    def read(self, ctx: Context) -> Reply:
        bulk = ctx.services.store.require(BULK, keys.bulk_validation(ctx.company, self.bulk_validation)).value
        return Reply.of(view(ctx.services, ctx.company, bulk))


def start(services: Services, company: str, bulk: BulkValidation) -> BulkView:
    """Start the workflow of each draft that has none of its ends yet, several at once; where each stands then."""
    before = view(services, company, bulk)
    left = {BulkState.WAITING, BulkState.NUMBERED}
    asked = [request for request, each in zip(bulk.requests, before.outcomes, strict=True) if each.state in left]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda request: drive(services, company, request), asked))
    return before


def view(services: Services, company: str, bulk: BulkValidation) -> BulkView:
    """The outcomes as documents and refusals tell them."""
    places = {each.document: keys.document(company, each.document) for each in bulk.requests}
    refusals = {each.document: keys.document_refusal(company, each.document) for each in bulk.requests}
    found = services.store.backend.get([*places.values(), *refusals.values()])
    outcomes = []
    for request in bulk.requests:
        document, refused = DOCUMENT.load(found[places[request.document]]), found.get(refusals[request.document])
        refusal = REFUSAL.load(refused) if refused else None
        breaches = refusal.breaches if refusal and refusal.version == request.version else ()
        outcomes.append(_outcome(document, breaches))
    counts = {state: sum(each.state is state for each in outcomes) for state in BulkState}
    return BulkView(id=bulk.id, asked_at=bulk.asked_at, counts=counts, outcomes=tuple(outcomes))


def _outcome(document: Document, breaches: tuple[Breach, ...]) -> BulkOutcome:
    if done(document):
        state = BulkState.DONE
    elif document.status is not DocumentStatus.DRAFT:
        state = BulkState.NUMBERED
    else:
        state = BulkState.REFUSED if breaches else BulkState.WAITING
    return BulkOutcome(
        document=document.id,
        kind=document.kind,
        customer_name=document.customer_name,
        state=state,
        number=document.number,
        breaches=breaches if state is BulkState.REFUSED else (),
    )


def _breaches(ctx: Context, number: int, document: Document, wanted: int | None, version: int) -> list[Breach]:
    """Why a draft cannot be asked for: changed since it was looked at, or another right is needed."""
    found = []
    if document.status is DocumentStatus.DRAFT and wanted not in (None, version):
        fr, en = "Ce brouillon a changé depuis sa lecture.", "This draft has changed since it was read."
        found.append(Breach(code="version_mismatch", fr=fr, en=en, pointer=f"/documents/{number}/version"))
    if document.kind is not DocumentKind.INVOICE and not ctx.may(Permission.CANCEL_INVOICE):
        fr = "Valider un avoir ou une annulation demande le droit d'annuler les factures."
        en = "Validating a credit note or a cancellation needs the right to cancel invoices."
        found.append(Breach(code="forbidden", fr=fr, en=en, pointer=f"/documents/{number}/document"))
    return found


def _unknown(number: int) -> Breach:
    fr, en = "Brouillon inconnu.", "Unknown draft."
    return Breach(code="unknown_document", fr=fr, en=en, pointer=f"/documents/{number}/document")


def _twice(number: int) -> Breach:
    fr, en = "Ce brouillon est demandé deux fois.", "This draft is asked for twice."
    return Breach(code="duplicate_document", fr=fr, en=en, pointer=f"/documents/{number}/document")
