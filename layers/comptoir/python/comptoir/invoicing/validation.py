"""Asking for a document to be issued, and waiting for it (INV-02, CRN-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.permissions import Permission
from comptoir.access.waiting import wait_for
from comptoir.invoicing.items import DOCUMENT, REFUSAL
from comptoir.invoicing.model import Document, DocumentStatus
from comptoir.invoicing.request import IssueRequest
from comptoir.invoicing.snapshot import DocumentKind
from comptoir.kernel.errors import NotFound, Refused
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Line
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction


class Validate(Command):
    """Ask for a document to be issued: number, chain, treasury and archive, in a workflow.

    Asking again is safe: the run is named after the document and its version. The caller waits up
    to ten seconds for the archived document (200) or for everything that is wrong with it (422),
    else is told to look again (202). `date` is the final one, by default the draft's or today (CRN-06);
    `comment` is for the document base (DOC-02). A TEST is fixed, rendered and stored apart (INV-11).
    """

    guarded: ClassVar[bool] = True
    natural: ClassVar[bool] = True
    kind: ClassVar[DocumentKind]

    document: Id
    date: dt.date | None = None
    comment: Line | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.document(company, self.document), keys.document_refusal(company, self.document)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.document(ctx.company, self.document)
        document = tx.require(DOCUMENT, key)
        if document.kind is not self.kind or document.status is DocumentStatus.DELETED:
            raise NotFound()
        if document.status is DocumentStatus.DRAFT:
            ctx.expect(tx, key)
        told = {"date": self.date, "comment": self.comment}
        request = IssueRequest.of(document, tx.version(key), ctx.operator.id, ctx.operator.name, **told)
        refusal = tx.version(keys.document_refusal(ctx.company, self.document))
        return Reply.of(document, tx.version(key), 202).then(request=request, refusal=refusal)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        document = Document.model_validate_json(reply.body)
        if done(document):
            return Reply(reply.body, reply.version, 200)
        request: IssueRequest = reply.left["request"]
        drive(services, caller.company, request)
        earlier: int = reply.left["refusal"]
        return wait_for(services, lambda: _look(services, caller.company, request, earlier)) or reply


def drive(services: Services, company: str, request: IssueRequest) -> None:
    """Start the run that issues a draft, or that drives on from where the run of a numbered document was lost."""
    if services.workflows:
        payload = {"company": company, "document": request.document, "request": request.model_dump(mode="json")}
        services.workflows.start("validation", f"issue-{request.document}-{request.version}", payload)


def done(document: Document) -> bool:
    """Whether its PDF stands where it belongs."""
    return document.status in (DocumentStatus.ARCHIVED, DocumentStatus.TESTED) and document.file is not None


def _look(services: Services, company: str, request: IssueRequest, earlier: int) -> Reply | None:
    """The archived document; None while it is not. Errors: `Refused` once this version has a new refusal.

    The run of an earlier version may be refused meanwhile, since the draft has changed: that is not
    the answer to this one.
    """
    key, refusal_key = keys.document(company, request.document), keys.document_refusal(company, request.document)
    found = services.store.backend.get([key, refusal_key])
    current = DOCUMENT.load(found[key])
    if done(current):
        return Reply.of(current, found[key].version)
    refused = REFUSAL.load(found[refusal_key]) if refusal_key in found else None
    if refused and found[refusal_key].version > earlier and refused.version == request.version:
        raise Refused(refused.breaches)
    return None


class ValidateInvoice(Validate):
    """Validate an invoice (INV-02)."""

    permission: ClassVar[Permission] = Permission.VALIDATE_INVOICE
    kind: ClassVar[DocumentKind] = DocumentKind.INVOICE


class ValidateCreditNote(Validate):
    """Validate a credit note, which needs the right to cancel invoices (CRN-05, CRN-06)."""

    permission: ClassVar[Permission] = Permission.CANCEL_INVOICE
    kind: ClassVar[DocumentKind] = DocumentKind.CREDIT_NOTE


class ValidateCancellation(Validate):
    """Validate the cancellation of an invoice (INV-09)."""

    permission: ClassVar[Permission] = Permission.CANCEL_INVOICE
    kind: ClassVar[DocumentKind] = DocumentKind.CANCELLATION
