"""What reads invoices and credit notes: one, lists by month, drafts, files, history."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.items import HISTORY
from comptoir.access.model import HistoryEntry
from comptoir.access.permissions import Permission
from comptoir.access.queries import HistoryQuery, Listing, ListQuery
from comptoir.invoicing.holding import treasury_key
from comptoir.invoicing.items import DOCUMENT, TEST
from comptoir.invoicing.model import Document, DocumentStatus, DocumentSummary, DocumentView
from comptoir.invoicing.settlements import with_settlement
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.errors import Conflict, NotFound
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import MonthName
from comptoir.ledger.items import ENTRY
from comptoir.ledger.model import ChainName, Entry
from comptoir.parties.items import PARTY
from comptoir.store import backend, keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.settling import settlement

LINK_SECONDS = 300


class NotArchived(Conflict):
    """The PDF is being made: the document is numbered, or still a draft."""

    code = "not_archived"
    fr = "Le PDF n'est pas encore archivé."
    en = "The PDF is not archived yet."


class OfDocument(Query):
    """Base of the queries about one document of a kind; another kind's identifier is unknown."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    kind: ClassVar[DocumentKind]
    document: Id

    def find(self, ctx: Context) -> tuple[Document, int]:
        """The document and its version. Errors: `NotFound`."""
        stored = ctx.services.store.require(DOCUMENT, keys.document(ctx.company, self.document))
        if stored.value.kind is not self.kind or stored.value.status is DocumentStatus.DELETED:
            raise NotFound()
        return stored.value, stored.version


def _entry(ctx: Context, document: Document) -> Entry | None:
    if document.sequence is None:
        return None
    key = keys.chain_entry(ctx.company, ChainName.DOCUMENTS, document.sequence)
    return ctx.services.store.require(ENTRY, key).value


def _content(ctx: Context, document: Document) -> Snapshot | None:
    """What a validated document prints: from the chain, or of a TEST from beside it."""
    entry = _entry(ctx, document)
    if entry:
        return Snapshot.model_validate_json(entry.payload)
    tested = ctx.services.store.get(TEST, keys.document_test(ctx.company, document.id)) if document.test else None
    return tested.value if tested else None


class ReadDocument(OfDocument):
    """A document, with its frozen snapshot once it is issued, and how far it is settled."""

    def read(self, ctx: Context) -> Reply:
        document, version = self.find(ctx)
        shown = DocumentView(document=document, snapshot=_content(ctx, document))
        sheet = ctx.services.store.get(TREASURY, treasury_key(ctx.company, document)) if document.issued else None
        if sheet and not document.cancelled_by:
            told = settlement(sheet.value.lines, document.id, document.currency)
            lines = tuple(line for line in sheet.value.lines if line.document == document.id)
            shown = shown.change(settlement=told, treasury=lines)
        return Reply.of(shown, version)


class FileLink(Model):
    """A short-lived link to an archived PDF, and the hash and size of its bytes."""

    url: str
    expires_in: int
    sha256: str
    size: int


class ReadFile(OfDocument):
    """The link to the archived PDF (DOC-01); that it was given is recorded, as every print (RULES §3.2)."""

    traced: ClassVar[bool] = True

    def read(self, ctx: Context) -> Reply:
        document, _ = self.find(ctx)
        if document.file is None or ctx.services.files is None:
            raise NotArchived()
        bucket = "files" if document.test else "archive"
        url = ctx.services.files.link(bucket, document.file.key, LINK_SECONDS)
        file = document.file
        return Reply.of(FileLink(url=url, expires_in=LINK_SECONDS, sha256=file.sha256, size=file.size))


class ReadDocumentHistory(HistoryQuery):
    """History of a document, newest first; what the chain tells needs no entry of its own (ACC-06)."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    kind: ClassVar[DocumentKind]
    document: Id

    def read(self, ctx: Context) -> Reply:
        key = keys.document(ctx.company, self.document)
        document = ctx.services.store.require(DOCUMENT, key).value
        if document.kind is not self.kind:
            raise NotFound()
        page = self.page(ctx, key.pk)
        items = tuple(HISTORY.load(record) for record in page.items)
        if self.cursor is None:
            items = (*_told_by_chain(ctx, document), *items)
        return Reply.of(Listing[HistoryEntry](items=items, cursor=page.cursor))


def _told_by_chain(ctx: Context, document: Document) -> list[HistoryEntry]:
    """Its own issue, and before it that of the document that took it back (INV-09)."""
    told = []
    if document.cancelled_by:
        by = ctx.services.store.require(DOCUMENT, keys.document(ctx.company, document.cancelled_by.document)).value
        if cancelled := _entry(ctx, by):
            told.append(_happened(cancelled, "cancelled", {"/cancelled_by": [None, by.number]}))
    if issued := _entry(ctx, document):
        changes: dict[str, object] = {"/number": [None, document.number], "/status": ["draft", "issued"]}
        told.append(_happened(issued, "issued", changes))
    return told


def _happened(entry: Entry, event: str, changes: dict[str, object]) -> HistoryEntry:
    content = Snapshot.model_validate_json(entry.payload)
    who = {"operator": content.operator_id, "operator_name": content.operator}
    return HistoryEntry(at=entry.at, event=event, changes=changes, **who)


class ListDocuments(ListQuery):
    """Invoices and credit notes issued in a month, with how far each is settled, newest first (INV-10)."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES
    month: MonthName | None = None

    def read(self, ctx: Context) -> Reply:
        return self.listing(ctx, 1, keys.by_month(ctx.company, "DOC", self.month or f"{ctx.today:%Y-%m}", "")[0])

    def listing(self, ctx: Context, index: int, pk: str) -> Reply:
        """A page of summaries of one index partition, newest first."""
        query = backend.Query(pk=pk, index=index, reverse=True)
        page = ctx.services.store.summaries(DocumentSummary, query, self.cursor, self.limit)
        items = with_settlement(Transaction(ctx.services.store.backend), ctx.company, page.items)
        return Reply.of(Listing[DocumentSummary](items=items, cursor=page.cursor))


class ListDrafts(ListDocuments):
    """Drafts by the month in which they were made, newest first; this month by default."""

    def read(self, ctx: Context) -> Reply:
        return self.listing(ctx, 1, keys.by_month(ctx.company, "DRAFTS", self.month or f"{ctx.today:%Y-%m}", "")[0])


class ListTests(ListDocuments):
    """TEST documents by the month in which they were made, newest first; this month by default (INV-11)."""

    def read(self, ctx: Context) -> Reply:
        return self.listing(ctx, 1, keys.by_month(ctx.company, "TESTS", self.month or f"{ctx.today:%Y-%m}", "")[0])


class ListPartyDocuments(ListDocuments):
    """The documents of a party, drafts included, newest first (PTY-04)."""

    party: Id

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        return self.listing(ctx, 2, keys.by_party(ctx.company, self.party, "DOC", "")[0])


class ReadInvoice(ReadDocument):
    """An invoice."""

    kind: ClassVar[DocumentKind] = DocumentKind.INVOICE


class ReadCreditNote(ReadDocument):
    """A credit note."""

    kind: ClassVar[DocumentKind] = DocumentKind.CREDIT_NOTE


class ReadInvoiceFile(ReadFile):
    """The archived PDF of an invoice."""

    kind: ClassVar[DocumentKind] = DocumentKind.INVOICE


class ReadCreditNoteFile(ReadFile):
    """The archived PDF of a credit note."""

    kind: ClassVar[DocumentKind] = DocumentKind.CREDIT_NOTE


class ReadInvoiceHistory(ReadDocumentHistory):
    """History of an invoice."""

    kind: ClassVar[DocumentKind] = DocumentKind.INVOICE


class ReadCreditNoteHistory(ReadDocumentHistory):
    """History of a credit note."""

    kind: ClassVar[DocumentKind] = DocumentKind.CREDIT_NOTE


class ReadCancellation(ReadDocument):
    """A cancellation of an invoice."""

    kind: ClassVar[DocumentKind] = DocumentKind.CANCELLATION


class ReadCancellationFile(ReadFile):
    """The archived PDF of a cancellation."""

    kind: ClassVar[DocumentKind] = DocumentKind.CANCELLATION


class ReadCancellationHistory(ReadDocumentHistory):
    """History of a cancellation."""

    kind: ClassVar[DocumentKind] = DocumentKind.CANCELLATION
