"""Validations on a deployed stack: a company with drafts, their executions, and what is left of them."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from comptoir.access.commands import OpenCompany
from comptoir.access.context import Caller, Services
from comptoir.access.execute import Call, execute
from comptoir.invoicing.commands import CreateInvoice
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document
from comptoir.invoicing.request import IssueRequest
from comptoir.kernel.clock import SystemClock
from comptoir.kernel.ids import RandomIds, derived_id
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName, Entry, Head
from comptoir.ledger.verify import KeyRing, Verdict, verify
from comptoir.parties.model import Party
from comptoir.runtime.adapters import invoke
from comptoir.store import keys
from comptoir.store.cursor import CursorSigner
from comptoir.store.dynamo import DynamoBackend
from comptoir.store.store import Store
from infra.local.cloud import Cloud
from tests.unit.invoicing_support import TERMS as PAYMENT
from tests.unit.invoicing_support import line
from tests.unit.orders_support import customer_request
from tests.world import IDENTITY, TERMS


@dataclass
class Office:
    """One company on a deployed stack. The library works on its table as the API function does."""

    cloud: Cloud
    company: str
    operator: str
    customer: str = ""

    @classmethod
    def open(cls, cloud: Cloud, name: str) -> Office:
        """A new company, opened by the writer function, with one customer."""
        company = derived_id("company", name)
        office = cls(cloud, company, derived_id("operator", name))
        opening = OpenCompany(
            company=company,
            identity=IDENTITY,
            terms=TERMS,
            administrator=office.operator,
            administrator_email=f"{name}@ponant.example",
            administrator_name="Anne Le Goff",
        )
        asked = {"open_company": opening.model_dump(mode="json")}
        invoke(cloud.settings["COMPTOIR_WRITER_FUNCTION"], asked, cloud.client)
        office.customer = Party.model_validate_json(office.do(customer_request()).body).id
        return office

    @property
    def services(self) -> Services:
        """The library on the stack's table."""
        clock = SystemClock()
        backend = DynamoBackend(lambda: self.cloud.client("dynamodb"), self.cloud.table)
        return Services(store=Store(backend, CursorSigner(lambda: b"")), clock=clock, ids=RandomIds(clock))

    def do(self, request: Any) -> Any:
        """The reply of a request of the administrator."""
        return execute(Call(Caller(self.company, self.operator), request), self.services)

    def drafts(self, count: int) -> list[Document]:
        """So many draft invoices, each of another amount."""
        requests = [
            CreateInvoice(customer=self.customer, terms=PAYMENT, lines=(line(Decimal(n + 1)),)) for n in range(count)
        ]
        with ThreadPoolExecutor(4) as pool:
            return [Document.model_validate_json(reply.body) for reply in pool.map(self.do, requests)]

    def start(self, documents: Sequence[Document], suffix: str = "") -> None:
        """Start the execution of each, under the name that `Validate` gives it."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda document: self._start(document, suffix), documents))

    def _start(self, document: Document, suffix: str) -> None:
        request = IssueRequest.of(document, 1, self.operator, "Anne Le Goff").model_dump(mode="json")
        payload = {"company": self.company, "document": document.id, "request": request}
        self.cloud.client("stepfunctions").start_execution(
            stateMachineArn=self.cloud.settings["COMPTOIR_VALIDATION_MACHINE"],
            name=f"issue-{document.id}-1{suffix}",
            input=json.dumps(payload),
        )

    def heads(self, documents: Sequence[Document]) -> list[Document]:
        """The documents as they are now."""
        wanted = [keys.document(self.company, document.id) for document in documents]
        found = self.services.store.backend.get(wanted)
        return [DOCUMENT.load(found[key]) for key in wanted]

    def counts(self, documents: Sequence[Document]) -> Counter[str]:
        """How many are in each status."""
        return Counter(document.status.value for document in self.heads(documents))

    def heal(self) -> dict[str, Any]:
        """Have the schedule's function do its job."""
        schedule = self.cloud.outputs["ScheduleFunction"]
        result: dict[str, Any] = invoke(schedule, {"job": "heal"}, self.cloud.client)
        return result

    def entries(self) -> list[Entry]:
        """The whole chain of documents."""
        store = self.services.store
        head = store.get(HEAD, keys.chain_head(self.company, ChainName.DOCUMENTS))
        wanted = [
            keys.chain_entry(self.company, ChainName.DOCUMENTS, number)
            for number in range(1, (head.value.sequence if head else 0) + 1)
        ]
        found = store.backend.get(wanted)
        return [ENTRY.load(found[key]) for key in wanted]

    def archived(self, prefix: str) -> dict[str, bytes]:
        """The objects of the locked bucket under a prefix."""
        s3, bucket = self.cloud.client("s3"), self.cloud.archive_bucket
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/{self.company}/").get("Contents", [])
        return {one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in listed}

    def verdict(self) -> Verdict:
        """What verification says, with the public key alone and the heads of the locked bucket."""
        der = self.cloud.client("kms").get_public_key(KeyId=self.cloud.signing_key)["PublicKey"]
        pem = f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(der).decode()}-----END PUBLIC KEY-----\n"
        ring = KeyRing({self.cloud.signing_key.rpartition("/")[2]: pem})
        heads = [Head.model_validate_json(body) for body in self.archived("heads").values()]
        return verify([entry.model_dump_json() for entry in self.entries()], ring, heads)
