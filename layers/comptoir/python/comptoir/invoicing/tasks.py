"""The tasks of the validation workflow: small, named by ids, each safe to run twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comptoir.access.context import Services
from comptoir.access.items import COMPANY
from comptoir.docbase.items import file
from comptoir.docbase.model import FileKind, Owner
from comptoir.docbase.templates import looks
from comptoir.invoicing.following import date_order
from comptoir.invoicing.items import DOCUMENT, DUE_ARCHIVE, REFUSAL
from comptoir.invoicing.judging import judge
from comptoir.invoicing.model import Document, DocumentStatus, File, Refusal
from comptoir.invoicing.request import IssueRequest
from comptoir.invoicing.rules import moved
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.clock import paris_date, stamp
from comptoir.kernel.errors import DomainError, NotFound
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName
from comptoir.ledger.sealing import Vault as Vault
from comptoir.ledger.sealing import copy_heads
from comptoir.ledger.series import Series
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.transaction import Transaction

Event = Mapping[str, Any]


def check_document(services: Services, event: Event) -> dict[str, Any]:
    """Whether a draft may be issued: `ready` with the writer's message, `refused` with every breach.

    A document that is issued, or a TEST that is fixed, goes straight on to its PDF.
    """
    request = IssueRequest.model_validate(event["request"])
    company, today = event["company"], paris_date(services.clock.now())
    head_key, refusal_key = (
        keys.chain_head(company, ChainName.DOCUMENTS),
        keys.document_refusal(company, request.document),
    )

    def work(tx: Transaction) -> dict[str, Any]:
        document = tx.require(DOCUMENT, keys.document(company, request.document))
        if document.issued or document.status is DocumentStatus.TESTED:
            return {"outcome": "issued" if document.issued else "tested"}
        settings = tx.require(COMPANY, keys.company(company))
        series = Series.after(tx.get(HEAD, head_key), settings.numbering)
        found = judge(tx, settings, request, request.asked(document), today, series).breaches
        if not found:
            return {"outcome": "ready", "message": {"company": company, "request": request.model_dump(mode="json")}}
        tx.put(REFUSAL, refusal_key, Refusal(version=request.version, breaches=found))
        return {"outcome": "refused", "breaches": [breach.model_dump() for breach in found]}

    shared = [*looks(company), keys.company(company), head_key, keys.periods(company), refusal_key]
    return services.store.transact(work, [*request.keys(company), *shared])


@dataclass(frozen=True)
class Rendering:
    """What is rendered, and where its bytes go once their hash is known."""

    company: str
    document: Document
    content: Snapshot

    def key(self, sha256: str) -> str:
        """The place in the locked bucket: one key for one content."""
        return f"documents/{self.company}/{self.content.issue_date.year}/{self.content.number}/{sha256}.pdf"

    @property
    def done(self) -> dict[str, Any] | None:
        """The task's answer when the PDF is archived already: another one would only lie beside it."""
        file = self.document.file
        return {"outcome": "rendered", **file.model_dump(include={"key", "sha256", "size"})} if file else None

    @property
    def filename(self) -> str:
        """The name under which a browser saves it."""
        return f"{self.content.number.replace('/', '-')}.pdf"


def to_render(services: Services, event: Event) -> Rendering:
    """The frozen content of an issued document, from its chain entry. Errors: `NotFound` for a draft."""
    company = event["company"]
    document = services.store.require(DOCUMENT, keys.document(company, event["document"])).value
    if document.sequence is None:
        raise NotFound()
    entry = services.store.require(ENTRY, keys.chain_entry(company, ChainName.DOCUMENTS, document.sequence)).value
    return Rendering(company, document, Snapshot.model_validate_json(entry.payload))


def archive_document(services: Services, vault: Vault, event: Event) -> dict[str, Any]:
    """Record the archived PDF with the document, and copy the heads of the chains to the locked bucket.

    Its order, if any, is dated by its invoices then. The copies make a tail cut off a chain show
    (RULES §3.4 rule 5). The file recorded first stays. Errors: `NotFound`, `NotInStatus` for a draft.
    """
    company, document_key = event["company"], keys.document(event["company"], event["document"])
    copy_heads(services.store, vault, company)
    at = stamp(services.clock.now())
    archived = File(key=event["key"], sha256=event["sha256"], size=event["size"], archived_at=at)

    def work(tx: Transaction) -> dict[str, Any]:
        document = tx.require(DOCUMENT, document_key)
        if document.status is not DocumentStatus.ARCHIVED:
            tx.put(DOCUMENT, document_key, moved(document, DocumentStatus.ARCHIVED, file=archived))
            _file(tx, services, company, document, archived)
        return {"outcome": "archived", "number": document.number, "sequence": document.sequence}

    answer = services.store.transact(work, [document_key])
    date_order(services, company, event["document"])
    return answer


def _file(tx: Transaction, services: Services, company: str, document: Document, archived: File) -> None:
    """Let the document stand in its own base and in its order's or contract's, by reference to the archive (DOC-01)."""
    contract = document.contract.contract if document.contract else None
    owners = [(Owner.DOCUMENT, document.id), (Owner.ORDER, document.order), (Owner.CONTRACT, contract)]
    for owner, owned in owners:
        if owned is None:
            continue
        file(
            tx,
            company,
            services.ids.new(),
            owner,
            owned,
            FileKind(document.kind.value),
            title=f"{_TITLES[document.language][document.kind]} {document.number}",
            number=document.number,
            language=document.language,
            comment=document.comment,
            author=document.validated_by or "",
            created_at=services.clock.now(),
            sha256=archived.sha256,
            size=archived.size,
            bucket="archive",
            key=archived.key,
            party=document.customer,
        )


_TITLES = {
    Language.FRENCH: {
        DocumentKind.INVOICE: "Facture",
        DocumentKind.CREDIT_NOTE: "Avoir",
        DocumentKind.CANCELLATION: "Annulation",
    },
    Language.ENGLISH: {
        DocumentKind.INVOICE: "Invoice",
        DocumentKind.CREDIT_NOTE: "Credit note",
        DocumentKind.CANCELLATION: "Cancellation",
    },
    Language.SPANISH: {
        DocumentKind.INVOICE: "Factura",
        DocumentKind.CREDIT_NOTE: "Factura rectificativa",
        DocumentKind.CANCELLATION: "Anulación",
    },
    Language.GERMAN: {
        DocumentKind.INVOICE: "Rechnung",
        DocumentKind.CREDIT_NOTE: "Rechnungskorrektur",
        DocumentKind.CANCELLATION: "Stornorechnung",
    },
}


def unarchived(services: Services) -> list[tuple[str, str]]:
    """(company, document) of what is numbered but not archived, oldest first in each shard."""
    found = []
    for shard in keys.SHARDS:
        query = Query(pk=keys.due_partition(DUE_ARCHIVE, shard), index=3, limit=100)
        found += [record.key for record in services.store.backend.query(query).records]
    return [(key.company, key.pk.rpartition("#")[2]) for key in found]


def drive_again(services: Services) -> dict[str, Any]:
    """Start the validation of every document numbered without its PDF again.

    A run that still goes on is that run: runs of an hour share a name. One that cannot be started
    does not keep the others from it.
    """
    hour = f"{services.clock.now():%Y%m%dT%H}"
    counts = {"driven_again": 0, "failed": 0}
    for company, document in unarchived(services):
        try:
            counts["driven_again"] += _drive(services, company, document, hour)
        except DomainError:
            counts["failed"] += 1
    return counts


def _drive(services: Services, company: str, document: str, hour: str) -> bool:
    stored = services.store.require(DOCUMENT, keys.document(company, document))
    if stored.value.status is not DocumentStatus.ISSUED or services.workflows is None:
        return False
    # Nobody asks: the document is issued, and what the request says of the operator is not read.
    request = IssueRequest.of(stored.value, stored.version, document, "schedule")
    payload = {"company": company, "document": document, "request": request.model_dump(mode="json")}
    services.workflows.start("validation", f"heal-{document}-{hour}", payload)
    return True
