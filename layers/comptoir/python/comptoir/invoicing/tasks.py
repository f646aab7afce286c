"""The tasks of the validation workflow: small, named by ids, each safe to run twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from comptoir.access.context import Services
from comptoir.access.items import COMPANY
from comptoir.invoicing.issue import CHANGED, IssueRequest
from comptoir.invoicing.items import DOCUMENT, DUE_ARCHIVE, REFUSAL
from comptoir.invoicing.model import Document, DocumentStatus, File, Refusal
from comptoir.invoicing.rules import Sources, breaches
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.clock import paris_date, stamp
from comptoir.kernel.errors import Breach, NotFound
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName
from comptoir.orders.items import ORDER
from comptoir.parties.items import PARTY
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.transaction import Transaction

Event = Mapping[str, Any]


class Vault(Protocol):
    """The locked bucket: a key is written once, and writing the same bytes again changes nothing."""

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None: ...


def check_document(services: Services, event: Event) -> dict[str, Any]:
    """Whether a draft may be issued: `ready` with the writer's message, `refused` with every breach.

    A document that is issued already goes straight on to its PDF.
    """
    request = IssueRequest.model_validate(event["request"])
    company = event["company"]

    def work(tx: Transaction) -> dict[str, Any]:
        document = tx.require(DOCUMENT, keys.document(company, request.document))
        if document.issued:
            return {"outcome": "issued"}
        found = _breaches(tx, services, company, document, request)
        if not found:
            return {"outcome": "ready", "message": {"company": company, "request": request.model_dump(mode="json")}}
        refusal = Refusal(version=request.version, breaches=tuple(found))
        tx.put(REFUSAL, keys.document_refusal(company, document.id), refusal)
        return {"outcome": "refused", "breaches": [breach.model_dump() for breach in found]}

    refusal_key = keys.document_refusal(company, request.document)
    return services.store.transact(work, [*request.keys(company), keys.company(company), refusal_key])


def _breaches(
    tx: Transaction, services: Services, company: str, document: Document, request: IssueRequest
) -> list[Breach]:
    if (
        document.status is not DocumentStatus.DRAFT
        or tx.version(keys.document(company, document.id)) != request.version
    ):
        return [CHANGED]
    customer = tx.require(PARTY, keys.party(company, document.customer))
    order = tx.require(ORDER, keys.order(company, document.order)) if document.order else None
    sources = Sources(tx.require(COMPANY, keys.company(company)), customer, document, order)
    return breaches(sources, paris_date(services.clock.now()))


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
    """Record the archived PDF with the document, and copy the chain's head to the locked bucket.

    The copy makes a tail cut off the chain show (RULES §3.4 rule 5).
    """
    company, document_key = event["company"], keys.document(event["company"], event["document"])
    head = services.store.require(HEAD, keys.chain_head(company, ChainName.DOCUMENTS)).value
    name = f"{head.sequence:012d}.json"
    vault.put(f"heads/{company}/{head.chain}/{name}", head.model_dump_json().encode(), "application/json", name)
    file = File(key=event["key"], sha256=event["sha256"], size=event["size"], archived_at=stamp(services.clock.now()))

    def work(tx: Transaction) -> dict[str, Any]:
        document = tx.require(DOCUMENT, document_key)
        if document.status is DocumentStatus.ISSUED:
            tx.put(DOCUMENT, document_key, document.change(status=DocumentStatus.ARCHIVED, file=file))
        return {"outcome": "archived", "number": document.number, "sequence": document.sequence}

    return services.store.transact(work, [document_key])


def unarchived(services: Services) -> list[tuple[str, str]]:
    """(company, document) of what is numbered but not archived, oldest first in each shard."""
    found = []
    for shard in keys.SHARDS:
        query = Query(pk=keys.due_partition(DUE_ARCHIVE, shard), index=3, limit=100)
        found += [record.key for record in services.store.backend.query(query).records]
    return [(key.company, key.pk.rpartition("#")[2]) for key in found]


def drive_again(services: Services) -> dict[str, Any]:
    """Start the validation of every document numbered without its PDF again; at most once an hour each."""
    hour = services.clock.now()
    again = unarchived(services)
    for company, document in again:
        stored = services.store.require(DOCUMENT, keys.document(company, document))
        request = IssueRequest.of(stored.value, stored.version, document, "schedule")
        name = f"heal-{document}-{hour:%Y%m%dT%H}"
        payload = {"company": company, "document": document, "request": request.model_dump(mode="json")}
        if services.workflows:
            services.workflows.start("validation", name, payload)
    return {"driven_again": len(again)}
