"""INV-02, CRN-06: asking for a validation, and what who asks is told, through `execute` and the workflow."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from comptoir.access.execute import Reply
from comptoir.invoicing.editing import DeleteDraft, UpdateDraft
from comptoir.invoicing.model import Document, DocumentStatus
from comptoir.invoicing.queries import FileLink, ReadInvoiceFile, ReadInvoiceHistory
from comptoir.invoicing.validation import ValidateCreditNote, ValidateInvoice
from comptoir.kernel.errors import Conflict, NotFound, PreconditionRequired, Refused, VersionMismatch
from comptoir.parties.commands import UpdateParty
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party, PartyFields
from comptoir.runtime import adapters
from comptoir.runtime.adapters import StepFunctions
from comptoir.store import keys
from functions.schedule import app as schedule
from tests.unit.invoicing_support import Shop
from tests.unit.orders_support import Links
from tests.workflow.borders import ARN
from tests.workflow.validation_support import Rig


def ask(rig: Rig, document: Document, version: int | None = None, **fields: Any) -> Reply:
    request = ValidateInvoice(document=document.id)
    return rig.shop.world.execute_as("manager", request, version or rig.shop.version(document), **fields)


def mend(shop: Shop, **fields: Any) -> None:
    """Change the customer through the product."""
    given = {name: getattr(shop.customer, name) for name in PartyFields.model_fields} | fields
    stored = shop.world.services.store.require(PARTY, keys.party(shop.world.company, shop.customer.id))
    shop.world.do(Party, UpdateParty(party=shop.customer.id, **given), if_match=stored.version)


def test_inv_02_the_caller_gets_the_archived_document(rig: Rig) -> None:
    draft = rig.shop.draft()
    reply = ask(rig, draft)
    document = Document.model_validate_json(reply.body)
    assert (reply.status, document.status, document.number) == (200, DocumentStatus.ARCHIVED, "FA2026-000001")
    assert reply.version == rig.shop.version(draft)
    assert list(rig.states.runs) == [f"issue-{draft.id}-1"]
    rig.assert_sound(draft)


def test_doc_01_the_archived_pdf_is_opened_through_a_short_lived_link(rig: Rig) -> None:
    rig.shop.world.services = replace(rig.services, files=Links())
    draft = rig.shop.draft()
    with pytest.raises(Conflict, match="not_archived"):
        rig.shop.world.execute_as("manager", ReadInvoiceFile(document=draft.id))
    ask(rig, draft)
    link = rig.shop.world.do(FileLink, ReadInvoiceFile(document=draft.id))
    [key] = rig.vault.under("documents/")
    assert (link.url, link.expires_in, link.size) == (
        f"https://archive.example/{key}",
        300,
        len(rig.vault.objects[key]),
    )
    assert link.sha256 in key


def test_crn_06_a_credit_note_is_asked_for_in_the_same_way(rig: Rig) -> None:
    draft = rig.shop.draft()
    ask(rig, draft)
    note = rig.shop.credit(rig.shop.read(draft))
    done = rig.shop.do(ValidateCreditNote(document=note.id), if_match=1)
    assert (done.status, done.number) == (DocumentStatus.ARCHIVED, "FA2026-000002")
    rig.assert_sound(draft, note)


def test_inv_03_every_breach_is_told_and_mending_it_is_enough(rig: Rig) -> None:
    """The draft's version has not changed, its first run has ended: the second has the next name."""
    mend(rig.shop, siren=None)
    draft = rig.shop.draft(terms=(rig.shop.draft().terms[0].change(milestone="ETA"),))
    for attempt in (1, 2):
        with pytest.raises(Refused) as caught:
            ask(rig, draft)
        assert [breach.code for breach in caught.value.breaches] == ["buyer_siren", "due_date_unknown"]
        assert len(rig.states.runs) == attempt
    other = rig.shop.draft()
    with pytest.raises(Refused):
        ask(rig, other)
    mend(rig.shop, siren="552100554")
    assert ask(rig, other).status == 200
    assert list(rig.states.runs)[-2:] == [f"issue-{other.id}-1", f"issue-{other.id}-1-2"]


def test_inv_02_a_caller_of_a_slow_run_is_told_to_look_again(rig: Rig) -> None:
    draft, rig.states.held = rig.shop.draft(), True
    reply = ask(rig, draft)
    assert (reply.status, reply.version) == (202, 1)
    assert Document.model_validate_json(reply.body) == draft
    # Asking again joins the run that goes on.
    assert ask(rig, draft).status == 202
    assert list(rig.states.runs) == [f"issue-{draft.id}-1"]
    rig.states.held = False
    rig.run(draft)
    assert ask(rig, draft).status == 200


def test_inv_02_the_caller_waits_about_ten_seconds(rig: Rig) -> None:
    waited: list[float] = []
    rig.shop.world.services = replace(rig.services, pause=waited.append)
    rig.states.held = True
    ask(rig, rig.shop.draft())
    assert 10 <= sum(waited) < 11.5
    assert waited[0] == 0.25


def test_inv_02_asking_again_answers_the_same_document(rig: Rig) -> None:
    """With the version it had as a draft, or the present one; nothing is started again."""
    draft = rig.shop.draft()
    first = ask(rig, draft)
    for version in (1, first.version):
        again = ask(rig, draft, version, idempotency_key="k")
        assert (again.status, again.body, again.version) == (200, first.body, first.version)
    assert len(rig.states.runs) == 1
    rig.assert_sound(draft)


def test_inv_02_only_the_version_that_was_read_is_validated(rig: Rig) -> None:
    draft = rig.shop.draft()
    rig.shop.do(UpdateDraft(document=draft.id, note="autre"), if_match=1)
    with pytest.raises(VersionMismatch):
        ask(rig, draft, 1)
    with pytest.raises(PreconditionRequired):
        rig.shop.do(ValidateInvoice(document=draft.id))
    rig.shop.do(DeleteDraft(document=draft.id), if_match=2)
    with pytest.raises(NotFound):
        ask(rig, draft, 3)
    assert rig.states.runs == {}


def test_inv_02_the_refusal_of_an_older_version_is_not_the_answer_to_this_one(rig: Rig) -> None:
    """A run of version 1 still waits when version 2 is asked for; it is refused, the other is not."""
    draft = rig.shop.draft()
    late = rig.payload(draft)
    rig.shop.do(UpdateDraft(document=draft.id, note="autre"), if_match=1)
    pauses: list[float] = []

    def meanwhile(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            assert rig.machine.start(late, "late").states[-1] == "RefusedAtCheck"
        elif len(pauses) == 2:
            rig.run(draft, "now")

    rig.states.held = True
    rig.shop.world.services = replace(rig.services, pause=meanwhile)
    assert ask(rig, draft).status == 200
    refusal = rig.shop.refusal(draft)
    assert refusal is not None
    assert (refusal.version, [breach.code for breach in refusal.breaches]) == (1, ["changed_meanwhile"])


def test_acc_06_the_history_tells_who_issued_it(rig: Rig) -> None:
    draft = rig.shop.draft()
    ask(rig, draft)
    body = rig.shop.world.execute_as("manager", ReadInvoiceHistory(document=draft.id)).body
    [issued, drafted] = json.loads(body)["items"]
    assert (issued["event"], drafted["event"]) == ("issued", "drafted")
    assert (issued["operator"], issued["operator_name"]) == (drafted["operator"], drafted["operator_name"])
    assert issued["changes"] == {"/number": [None, "FA2026-000001"], "/status": ["draft", "issued"]}


def test_inv_02_the_schedule_starts_what_has_no_pdf_once_an_hour_and_under_the_next_name_after_a_failure(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "schedule_services", lambda: rig.services)
    [document] = rig.shop.issued(rig.shop.draft())
    rig.states.held = True
    for _ in range(2):
        told = schedule.handler({"job": "heal"}, None)
        assert {what: count for what, count in told.items() if count} == {"driven_again": 1}
    name = f"heal-{document.id}-20261121T09"
    assert list(rig.states.runs) == [name]
    rig.states.runs[name].status = "FAILED"
    schedule.handler({"job": "heal"}, None)
    rig.shop.world.wait(hours=1)
    schedule.handler({"job": "heal"}, None)
    assert list(rig.states.runs) == [name, f"{name}-2", f"heal-{document.id}-20261121T10"]
    rig.states.held = False
    rig.shop.world.wait(hours=1)
    schedule.handler({"job": "heal"}, None)
    rig.assert_sound(document)


def test_inv_02_what_cannot_be_started_keeps_no_other_from_it(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = rig.shop.issued(*(rig.shop.draft() for _ in range(3)))
    start = adapters.StepFunctions.start

    def refuse(self: StepFunctions, machine: str, name: str, payload: Any) -> None:
        if documents[1].id in name:
            raise Conflict()
        start(self, machine, name, payload)

    monkeypatch.setattr(adapters.StepFunctions, "start", refuse)
    assert rig.heal() == {"driven_again": 2, "failed": 1}
    monkeypatch.undo()
    assert [rig.shop.read(one).status.value for one in documents] == ["archived", "issued", "archived"]


class Executions:
    """Step Functions with runs that have ended, or one that goes on."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=KeyError)

    def __init__(self, *ended: str) -> None:
        self.known = dict.fromkeys(ended, "FAILED")
        self.started: list[str] = []

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:
        """Take a free name."""
        if name in self.known:
            raise KeyError(name)
        self.known[name] = "RUNNING"
        self.started.append(name)

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:
        """Its status."""
        return {"status": self.known[executionArn.rpartition(":")[2]]}


@pytest.mark.parametrize(
    ("ended", "started"),
    [((), ["run"]), (("run",), ["run-2"]), (("run", "run-2", "run-3"), ["run-4"])],
)
def test_inv_02_a_name_that_was_used_is_tried_under_the_next_number(
    monkeypatch: pytest.MonkeyPatch, ended: tuple[str, ...], started: list[str]
) -> None:
    states = Executions(*ended)
    monkeypatch.setattr(adapters, "client", lambda service: states)
    for _ in range(2):
        StepFunctions({"validation": ARN}).start("validation", "run", {})
    assert states.started == started


def test_inv_02_fifty_ended_runs_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    states = Executions("run", *(f"run-{number}" for number in range(2, 51)))
    monkeypatch.setattr(adapters, "client", lambda service: states)
    with pytest.raises(Conflict):
        StepFunctions({"validation": ARN}).start("validation", "run", {})
