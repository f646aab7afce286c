"""The validation of documents as it is deployed, without AWS: real definition and real handlers between borders."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from comptoir.access.context import Services
from comptoir.invoicing.model import Document, DocumentStatus
from comptoir.invoicing.snapshot import DocumentKind, Snapshot
from comptoir.invoicing.tasks import drive_again, unarchived
from comptoir.invoicing.validation import ValidateCreditNote, ValidateInvoice
from comptoir.kernel.errors import DomainError
from comptoir.kernel.text import sha256
from comptoir.ledger.model import Head
from comptoir.ledger.verify import KeyRing, verify
from comptoir.runtime import adapters
from comptoir.store import keys
from functions.issue import app as issue
from functions.render import app as render
from functions.steps import app as steps
from tests.infra.asl import Machine, Run
from tests.unit.invoicing_support import Shop, open_shop
from tests.unit.orders_support import on_backend
from tests.workflow.borders import (
    ARN,
    STEP,
    Broken,
    Faults,
    FifoQueue,
    Killed,
    Message,
    Signer,
    States,
    Table,
    Unknown,
    Vault,
)

MACHINE = Path(__file__).parents[2] / "statemachines" / "document_validation.asl.json"
NAMES = {"StepsFunctionArn": "steps", "RenderFunctionArn": "render", "IssueQueueUrl": "queue"}


@dataclass
class Rig:
    """One company's validations. `services` is what the API uses; the handlers' pass the borders."""

    shop: Shop
    faults: Faults
    table: Table
    vault: Vault
    queue: FifoQueue
    states: States
    machine: Machine

    @property
    def services(self) -> Services:
        """The services of the API."""
        return self.shop.world.services

    def payload(self, document: Document) -> dict[str, Any]:
        """The input of an execution, as `Validate` makes it."""
        request = self.shop.request(document)
        company = self.shop.world.company
        return {"company": company, "document": document.id, "request": request.model_dump(mode="json")}

    def run(self, document: Document, name: str = "run") -> Run:
        """One execution, to its end."""
        return self.machine.start(self.payload(document), name)

    def heal(self) -> dict[str, Any]:
        """What the schedule does."""
        return drive_again(self.services)

    def validate(self, document: Document) -> Document | DomainError:
        """What the command answers to who asks for a document to be issued, now that nothing waits."""
        credit = document.kind is DocumentKind.CREDIT_NOTE
        request = (ValidateCreditNote if credit else ValidateInvoice)(document=document.id)
        try:
            return self.shop.do(request, if_match=self.shop.version(document))
        except DomainError as error:
            return error

    def recover(self, *documents: Document) -> None:
        """What follows a breakdown: the schedule heals what is numbered, the user asks again for the rest."""
        self.faults.clear()
        self.heal()
        for document in documents:
            if self.shop.read(document).status is not DocumentStatus.ARCHIVED:
                self.validate(document)

    def assert_sound(self, *documents: Document) -> None:
        """Each document has one number, one entry, one archived PDF, one effect; no gap, nothing else (INV-02)."""
        shop, count = self.shop, len(documents)
        heads = [shop.read(document) for document in documents]
        assert {head.status for head in heads} == {DocumentStatus.ARCHIVED}
        assert sorted(head.sequence or 0 for head in heads) == list(range(1, count + 1))
        contents = [Snapshot.model_validate_json(entry.payload) for entry in shop.entries()]
        assert [content.number for content in contents] == [f"FA2026-{n:06d}" for n in range(1, count + 1)]
        assert {content.document: content.number for content in contents} == {head.id: head.number for head in heads}
        dates = [content.issue_date for content in contents]
        assert dates == sorted(dates)
        copies = self.vault.under(f"heads/{shop.world.company}/documents/")
        locked = [Head.model_validate_json(self.vault.objects[key]) for key in copies]
        ring = KeyRing({shop.world.signer.key_id: shop.world.signer.pem()})
        verdict = verify([entry.model_dump_json() for entry in shop.entries()], ring, locked)
        assert (verdict.fault, verdict.entries) == (None, count)
        assert max(head.sequence for head in locked) == count
        files = [head.file for head in heads if head.file]
        assert self.vault.under("documents/") == sorted(file.key for file in files)
        assert all(sha256(self.vault.objects[file.key]) == file.sha256 for file in files)
        assert self.vault.clashes == []
        for head in heads:
            place = head.origin.document if head.origin else head.id
            treasury = shop.treasury(keys.document_treasury(shop.world.company, place))
            assert len([line for line in treasury.lines if line.document == head.id]) == 1
        assert unarchived(self.services) == []

    def _invoke(self, step: str, handler: Callable[[Any, object], Any]) -> Callable[[Any], Any]:
        def invoke(event: Mapping[str, Any]) -> Any:
            context = STEP.set(event["task"].partition("_")[0] if step == "render" else "check")
            try:
                with self.faults.around("invoked"):
                    return handler(event, None)
            except Killed as killed:
                raise Unknown(str(killed)) from killed
            finally:
                STEP.reset(context)

        return invoke

    def _send(self, parameters: dict[str, str]) -> None:
        token = json.loads(parameters["MessageBody"])["token"]
        try:
            with self.faults.around("sent"):
                message = self.queue.send(parameters["MessageGroupId"], parameters["MessageBody"])
            self._await(message)
        except (Exception, Killed) as error:
            # The task failed: nobody waits for this token any more, but the message may be in the queue.
            self.machine.tokens.waiting.discard(token)
            raise Broken(str(error)) from error

    def _await(self, message: Message) -> None:
        """Wait until the message is answered, or gone from the queue without an answer."""
        while message.token not in self.machine.tokens.answers and message in self.queue.waiting:
            if not self.queue.deliver():
                return

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Put the borders around the handlers."""
        inner = replace(self.services, store=on_backend(self.services, self.table).store)
        patch.setattr(steps, "light_services", lambda: inner)
        patch.setattr(render, "light_services", lambda: inner)
        patch.setattr(render, "_archive", lambda: self.vault)
        patch.setattr("comptoir.runtime.clients.client", lambda service: self.states)
        patch.setattr(adapters, "client", lambda service: self.states)
        writer = issue.Writer(lambda: inner, lambda: Signer(self.shop.world.signer, self.faults), issue._answer)
        self.queue.consumer = writer
        self.machine.functions = {
            "steps": self._invoke("check", steps.handler),
            "render": self._invoke("render", render.handler),
        }
        self.machine.queues = {"queue": self._send}
        self.states.machine = self.machine
        workflows = adapters.StepFunctions({"validation": ARN})
        self.shop.world.services = replace(self.services, workflows=workflows)


def open_rig(patch: pytest.MonkeyPatch) -> Rig:
    """A rig on a new company."""
    shop, faults = open_shop(), Faults()
    table = Table(shop.world.services.store.backend, faults)
    queue = FifoQueue(lambda event: event, faults)
    machine = Machine.load(MACHINE, NAMES, {}, {})
    rig = Rig(shop, faults, table, Vault(faults), queue, States(faults), machine)
    rig.install(patch)
    return rig
