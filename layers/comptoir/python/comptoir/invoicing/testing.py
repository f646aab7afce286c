"""TEST documents: validated like the others, with no number and no trace beside their own (INV-11, BOI § 150)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comptoir.access.context import Services
from comptoir.access.items import HISTORY
from comptoir.access.model import HistoryEntry
from comptoir.invoicing.freezing import snapshot
from comptoir.invoicing.items import DOCUMENT, TEST
from comptoir.invoicing.judging import Judgement
from comptoir.invoicing.model import Document, DocumentStatus, File
from comptoir.invoicing.request import IssueRequest
from comptoir.invoicing.rules import moved
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import NotFound
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.kernel.text import sha256
from comptoir.ledger.chain import Fact
from comptoir.ledger.events import technical_event
from comptoir.store import keys
from comptoir.store.transaction import Transaction

STAMP = "TEST"
"""What stands in the place of the number."""


class TestedDocument(Model):
    """What the chain of technical events keeps of a TEST: its kind, its amount, and the hash of its content."""

    __test__ = False

    document: Id
    kind: DocumentKind
    gross: Money
    sha256: str


@dataclass(frozen=True)
class Testing:
    """The validation of a TEST, in the transaction of the writer."""

    tx: Transaction
    services: Services
    company: str

    def fix(self, request: IssueRequest, judged: Judgement) -> Fact:
        """Fix a TEST and its content, with its history; the technical event that names its operator."""
        draft, now = judged.sources.document, self.services.clock.now()
        told = snapshot(judged.sources, STAMP, judged.day, now, request.operator, request.operator_name)
        content = told.change(test=True)
        after = moved(
            draft,
            DocumentStatus.TESTED,
            lines=(),
            issue_date=judged.day,
            validated_by=request.operator_name,
        )
        key = keys.document(self.company, draft.id)
        self.tx.put(DOCUMENT, key, after)
        self.tx.create(TEST, keys.document_test(self.company, draft.id), content)
        at = stamp(now)
        who = {"operator": request.operator, "operator_name": request.operator_name}
        changes: dict[str, object] = {"/status": ["draft", "tested"]}
        entry = HistoryEntry(at=at, event="tested", changes=changes, **who)
        self.tx.create(HISTORY, keys.history(key.pk, at, self.services.ids.new()), entry)
        digest = sha256(content.model_dump_json().encode())
        what = TestedDocument(document=draft.id, kind=draft.kind, gross=draft.totals.gross, sha256=digest)
        return technical_event("document_tested", request.operator, request.operator_name, what.model_dump(mode="json"))


def tested_to_render(services: Services, event: Mapping[str, Any]) -> tuple[Document, Snapshot]:
    """A TEST and its frozen content. Errors: `NotFound` for anything else."""
    company, document = event["company"], event["document"]
    content = services.store.get(TEST, keys.document_test(company, document))
    if content is None:
        raise NotFound()
    return services.store.require(DOCUMENT, keys.document(company, document)).value, content.value


def tested_rendered(services: Services, event: Mapping[str, Any], file: File) -> dict[str, Any]:
    """Record the PDF of a TEST with it; the one recorded first stays."""
    key = keys.document(event["company"], event["document"])

    def work(tx: Transaction) -> dict[str, Any]:
        document = tx.require(DOCUMENT, key)
        if document.file is None:
            tx.put(DOCUMENT, key, document.change(file=file))
        return {"outcome": "tested"}

    return services.store.transact(work, [key])
