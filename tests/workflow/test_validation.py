"""statemachines/document_validation.asl.json on the real handlers: INV-02, CRN-06, a fault at every point."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from comptoir.invoicing.editing import UpdateDraft
from comptoir.invoicing.freezing import snapshot
from comptoir.invoicing.model import DocumentStatus
from comptoir.kernel.errors import TooLarge
from tests.unit.invoicing_support import back, line
from tests.workflow.borders import Broken, Killed
from tests.workflow.validation_support import Rig

# Every border that one validation crosses, in its order; each call with an effect breaks before it and after it.
POINTS = (
    "check: invoked, before",
    "check: get",
    "check: invoked, after",
    "test: sent, before",
    "test: sent, after",
    "issue: invoked, before",
    "issue: get",
    "issue: sign, before",
    "issue: sign, after",
    "issue: write, before",
    "issue: write, after",
    "issue: answer, before",
    "issue: answer, after",
    "issue: invoked, after",
    "render: invoked, before",
    "render: get",
    "render: put documents, before",
    "render: put documents, after",
    "render: invoked, after",
    "archive: invoked, before",
    "archive: get",
    "archive: put heads, before",
    "archive: put heads, after",
    "archive: write, before",
    "archive: write, after",
    "archive: invoked, after",
)
FOR_EVER = 10_000
DONE_BEFORE = {"issue: write, after", "issue: answer, after", "issue: invoked, after", "archive: write, after"}
"""Where only the news of success is lost: the next try finds everything done, however often this breaks."""
ERRORS = pytest.mark.parametrize("error", [Broken, Killed], ids=["broken", "killed"])
EVERY_POINT = pytest.mark.parametrize("point", POINTS)


def test_inv_02_an_invoice_goes_from_draft_to_archive(rig: Rig) -> None:
    draft = rig.shop.draft(line("10", "3"))
    run = rig.run(draft)
    assert run.states == ["Check", "Checked", "Issue", "Issued", "Render", "Archive", "Done"]
    assert (run.status, run.output) == (
        "SUCCEEDED",
        {"outcome": "archived", "number": "FA2026-000001", "sequence": 1},
    )
    rig.assert_sound(draft)
    assert rig.vault.objects[rig.vault.under("documents/")[0]].startswith(b"%PDF-")
    assert tuple(dict.fromkeys(rig.faults.seen)) == POINTS


def test_inv_02_four_calls_of_the_table_before_a_document_is_issued(rig: Rig) -> None:
    """The command reads once, the check once, the writer reads once and writes once."""
    draft = rig.shop.draft()
    rig.run(draft)
    before = {call: count for call, count in rig.table.calls.items() if call.startswith(("check", "issue"))}
    assert before == {"check: get": 1, "issue: get": 1, "issue: write": 1}


def test_crn_06_a_credit_note_takes_the_same_way(rig: Rig) -> None:
    draft = rig.shop.draft(line("10", "3"))
    rig.run(draft, "invoice")
    note = rig.shop.credit(rig.shop.read(draft), back(1, "2"))
    assert rig.run(note, "note").states[-1] == "Done"
    rig.assert_sound(draft, note)


def test_inv_03_a_draft_that_lacks_something_is_refused_at_the_check(rig: Rig) -> None:
    draft = rig.shop.draft(wanted_date=date(2026, 11, 22))
    run = rig.run(draft)
    assert run.states == ["Check", "Checked", "RefusedAtCheck"]
    assert run.status == "SUCCEEDED"
    assert [breach["code"] for breach in run.output["breaches"]] == ["date_future"]
    assert rig.shop.entries() == []


def test_inv_02_a_draft_edited_between_check_and_issue_is_refused_by_the_writer(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, send = rig.shop.draft(), rig.queue.send

    def edit(group: str, body: str) -> Any:
        rig.shop.do(UpdateDraft(document=draft.id, note="autre"), if_match=1)
        return send(group, body)

    monkeypatch.setattr(rig.queue, "send", edit)
    run = rig.run(draft)
    assert run.states == ["Check", "Checked", "Issue", "Issued", "RefusedAtIssue"]
    assert [breach["code"] for breach in run.output["breaches"]] == ["changed_meanwhile"]
    assert rig.shop.entries() == []


def test_inv_02_a_document_issued_already_goes_on_to_its_pdf(rig: Rig) -> None:
    [issued] = rig.shop.issued(rig.shop.draft())
    assert rig.run(issued).states == ["Check", "Checked", "Render", "Archive", "Done"]
    rig.assert_sound(issued)


def test_inv_02_a_validation_done_again_renders_nothing_and_changes_nothing(rig: Rig) -> None:
    draft = rig.shop.draft()
    rig.run(draft, "first")
    before, version = dict(rig.vault.objects), rig.shop.version(draft)
    rig.faults.seen.clear()
    assert rig.run(draft, "again").output["outcome"] == "archived"
    assert (rig.vault.objects, rig.shop.version(draft)) == (before, version)
    assert "render: put documents, before" not in rig.faults.seen
    rig.assert_sound(draft)


@ERRORS
@EVERY_POINT
def test_inv_02_one_fault_anywhere_is_retried_to_the_end(rig: Rig, point: str, error: type[BaseException]) -> None:
    """Before a call, and after its effect with its answer lost; then the whole is started a second time."""
    draft = rig.shop.draft()
    rig.faults.plan, rig.faults.error = Counter({point: 1}), error
    assert rig.run(draft, "first").status == "SUCCEEDED"
    assert rig.faults.broken == 1
    rig.assert_sound(draft)
    assert rig.run(draft, "second").status == "SUCCEEDED"
    rig.assert_sound(draft)


@ERRORS
@EVERY_POINT
def test_inv_02_a_fault_that_stays_ends_the_run_by_name_and_heals_afterwards(
    rig: Rig, point: str, error: type[BaseException]
) -> None:
    """Every Retry used up, every Catch taken; what is numbered is found by the schedule, the rest asked for again."""
    draft, other = rig.shop.draft(), rig.shop.draft()
    rig.faults.plan, rig.faults.error = Counter({point: FOR_EVER}), error
    run = rig.run(draft)
    ended = "NumberedNotRendered" if point.startswith(("render", "archive")) else "NotIssued"
    assert (run.status, run.error) == (("SUCCEEDED", "") if point in DONE_BEFORE else ("FAILED", ended))
    assert rig.shop.read(draft).issued == (POINTS.index(point) >= POINTS.index("issue: write, after"))
    rig.recover(draft)
    rig.assert_sound(draft)
    rig.validate(other)
    rig.assert_sound(draft, other)


@EVERY_POINT
def test_inv_02_two_runs_of_one_document_at_once_make_one(rig: Rig, point: str) -> None:
    """With a fault in one of them."""
    draft = rig.shop.draft()
    rig.faults.plan = Counter({point: 1})
    payload = rig.payload(draft)
    threads = [threading.Thread(target=rig.machine.start, args=(payload, f"run-{n}")) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rig.assert_sound(draft)


def test_inv_02_a_message_delivered_twice_is_answered_once(rig: Rig) -> None:
    """SQS delivers at least once: the second delivery finds the document issued and the token gone."""
    rig.queue.duplicate = True
    drafts = [rig.shop.draft() for _ in range(3)]
    assert {rig.run(draft, draft.id).status for draft in drafts} == {"SUCCEEDED"}
    assert rig.states.gone == 3
    assert rig.queue.dead == []
    rig.assert_sound(*drafts)


def test_inv_02_a_message_whose_run_is_over_still_issues_and_the_schedule_archives(rig: Rig) -> None:
    """The local AWS restarts: tokens die with it, the queued message survives, the execution is failed."""
    draft = rig.shop.draft()
    rig.faults.plan = Counter({"issue: invoked, before": 20})
    assert rig.run(draft).error == "NotIssued"
    [*_, last] = rig.queue.dead
    rig.faults.clear()
    rig.queue.send(last.group, last.body)
    rig.queue.deliver()
    assert rig.states.gone == 1
    assert rig.shop.read(draft).status is DocumentStatus.ISSUED
    assert rig.heal() == {"driven_again": 1, "failed": 0}
    rig.assert_sound(draft)
    assert rig.heal() == {"driven_again": 0, "failed": 0}


def test_inv_02_a_document_that_breaks_the_writer_holds_up_nobody(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is handed back to its own workflow, which ends; its company's queue goes on."""
    faulty, *others = (rig.shop.draft() for _ in range(4))

    def broken(sources: Any, *rest: Any) -> Any:
        if sources.document.id == faulty.id:
            raise ValueError("cannot be frozen")
        return snapshot(sources, *rest)

    monkeypatch.setattr("comptoir.invoicing.issue.snapshot", broken)
    threads = [threading.Thread(target=rig.machine.start, args=(rig.payload(one), one.id)) for one in (faulty, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rig.queue.dead == rig.queue.waiting == []
    rig.assert_sound(*others)
    assert not rig.shop.read(faulty).issued


def test_inv_02_a_document_too_large_for_a_transaction_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    draft, write = rig.shop.draft(), rig.table.inner.write

    def small(operations: Any) -> None:
        if len(operations) > 2:
            raise TooLarge()
        write(operations)

    monkeypatch.setattr(rig.table.inner, "write", small)
    run = rig.run(draft)
    assert run.states[-1] == "RefusedAtIssue"
    assert [breach["code"] for breach in run.output["breaches"]] == ["too_large"]


def test_fis_02_a_tail_cut_off_shows_by_the_locked_heads(rig: Rig) -> None:
    drafts = [rig.shop.draft() for _ in range(3)]
    for draft in drafts:
        rig.run(draft, draft.id)
    chains = [key.split("/")[2] for key in rig.vault.under("heads/")]
    assert (chains.count("documents"), chains.count("events")) == (3, 1)
    rig.shop.world.wait(days=1)
    late = rig.shop.draft()
    rig.run(late, late.id)
    rig.assert_sound(*drafts, late)
    assert rig.shop.read(late).issue_date == date(2026, 11, 21) + timedelta(days=1)
