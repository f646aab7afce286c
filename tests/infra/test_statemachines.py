"""The definitions: linted, and run through every path with functions that answer, refuse, fail or stay silent."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from infra.settings import ROOT
from tests.infra.asl import AslError, Invoke, Machine
from tests.infra.asl_lint import problems

DEFINITIONS = sorted((ROOT / "statemachines").glob("*.asl.json"))
REQUEST = {"document": "d1", "version": 3, "operator": "o1"}
DOCUMENT = {"company": "c1", "document": "d1", "request": REQUEST}
ORDER = {"company": "c1", "order": "x1", "version": 2, "operator": "o1", "date": "2026-11-21", "reference": "R"}
SUBSTITUTIONS = {
    "StepsFunctionArn": "steps",
    "RenderFunctionArn": "render",
    "IssueFunctionArn": "issue",
    "IssueQueueUrl": "queue",
}


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: str(path.name))
def test_a_definition_has_nothing_that_linting_finds(path: Path) -> None:
    assert problems(json.loads(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda s: s["Checked"]["Choices"][0].update(Next="Nowhere"), "Checked leads to Nowhere, which is not a state"),
        (lambda s: s["Checked"].pop("Default"), "Checked has no Default"),
        (lambda s: s["Render"].pop("Catch"), "Render has no Catch"),
        (lambda s: s["Render"].pop("Retry"), "Render has no Retry"),
        (lambda s: s["Render"].pop("TimeoutSeconds"), "Render has no TimeoutSeconds"),
        (lambda s: s["Render"]["Retry"][0].pop("JitterStrategy"), "Render retries without JitterStrategy"),
        (lambda s: s["Render"]["Retry"][0].update(BackoffRate=1), "Render retries without backing off"),
        (lambda s: s["Render"].update(Next="Done"), "Archive is never reached"),
        (lambda s: s["Done"].pop("End"), "Done needs either Next or End"),
    ],
)
def test_linting_finds_what_is_broken(damage: Any, told: str) -> None:
    definition = json.loads((ROOT / "statemachines" / "document_validation.asl.json").read_text("utf-8"))
    damage(definition["States"])
    assert told in problems(definition)


def _validation(check: Any, issue: Any = None, render: Invoke | None = None) -> tuple[Machine, list[Any]]:
    """The first machine with a check that answers `check`, a writer that answers `issue`, and what they were asked."""
    asked: list[Any] = []

    def steps(event: Any) -> Any:
        asked.append(event)
        if isinstance(check, Exception):
            raise check
        return check

    def renders(event: Any) -> Any:
        asked.append(event)
        if render:
            return render(event)
        if event["task"] == "archive_document":
            return {"outcome": "archived"}
        return {"outcome": "rendered", "key": "k", "sha256": "h", "size": 9}

    def send(message: dict[str, str]) -> None:
        asked.append({**message, "MessageBody": json.loads(message["MessageBody"])})
        if isinstance(issue, dict):
            token = json.loads(message["MessageBody"])["token"]
            machine.tokens.send_task_success(taskToken=token, output=json.dumps(issue))

    machine = Machine.load(
        ROOT / "statemachines" / "document_validation.asl.json",
        SUBSTITUTIONS,
        {"steps": steps, "render": renders},
        {"queue": send},
    )
    return machine, asked


_READY: dict[str, Any] = {"outcome": "ready", "message": {"company": "c1", "request": REQUEST}, "breaches": []}
_ISSUED = {"outcome": "issued", "number": "FA2026-1", "seq": 1}


def test_a_document_is_checked_issued_rendered_and_archived() -> None:
    machine, asked = _validation(_READY, _ISSUED)
    run = machine.start(DOCUMENT, "issue-d1-3")
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "archived"})
    assert run.states == ["Check", "Checked", "Issue", "Issued", "Render", "Archive", "Done"]
    check, message, render, archive = asked
    assert check == {"task": "check_document", "company": "c1", "request": REQUEST}
    assert (message["QueueUrl"], message["MessageGroupId"]) == ("queue", "c1")
    assert message["MessageBody"] == {"token": "issue-d1-3/Issue/1", **_READY["message"]}
    assert render == {"task": "render_document", "company": "c1", "document": "d1"}
    assert archive == {
        "task": "archive_document",
        "company": "c1",
        "document": "d1",
        "key": "k",
        "sha256": "h",
        "size": 9,
    }


def test_a_refused_document_ends_well_with_its_breaches() -> None:
    machine, asked = _validation({"outcome": "refused", "breaches": [{"code": "X"}]})
    run = machine.start(DOCUMENT)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "refused", "breaches": [{"code": "X"}]})
    assert len(asked) == 1


def test_a_document_refused_by_the_writer_is_not_rendered() -> None:
    machine, _ = _validation(_READY, {"outcome": "refused", "breaches": []})
    run = machine.start(DOCUMENT)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "refused", "breaches": []})
    assert "Render" not in run.states


def test_a_document_issued_before_goes_on_to_its_rendering() -> None:
    """INV-02: driven again after a failure, a document is not issued twice."""
    machine, _ = _validation({"outcome": "issued"})
    run = machine.start(DOCUMENT)
    assert run.states == ["Check", "Checked", "Render", "Archive", "Done"]


def test_a_silent_writer_is_asked_again_with_a_new_token() -> None:
    machine, asked = _validation(_READY)
    run = machine.start(DOCUMENT)
    assert (run.status, run.error, run.states[-1]) == ("FAILED", "NotIssued", "NotIssued")
    tokens = [message["MessageBody"]["token"] for message in asked[1:]]
    assert len(set(tokens)) == run.attempts["Issue"] == 4
    assert run.seconds >= 4 * 300


@pytest.mark.parametrize("task", ["render_document", "archive_document"])
def test_numbered_but_not_rendered_is_told_after_every_retry(task: str) -> None:
    """INV-02: the state NumberedNotRendered is what the alarm watches and the schedule heals."""

    def render(event: Any) -> Any:
        if event["task"] == task:
            raise OSError("no space")
        return {"outcome": "rendered", "key": "k", "sha256": "h", "size": 9}

    machine, _ = _validation(_READY, _ISSUED, render)
    run = machine.start(DOCUMENT)
    assert (run.status, run.error, run.states[-1]) == ("FAILED", "NumberedNotRendered", "NumberedNotRendered")
    assert run.attempts[{"render_document": "Render", "archive_document": "Archive"}[task]] == 5


@pytest.mark.parametrize("error", ["Lambda.TooManyRequestsException", "Lambda.ServiceException", "States.Timeout"])
def test_a_service_that_recovers_is_retried_until_it_answers(error: str) -> None:
    failures = [AslError(error), AslError(error), AslError(error)]

    def render(event: Any) -> Any:
        if failures:
            raise failures.pop()
        return {"outcome": "archived", "key": "k", "sha256": "h", "size": 9}

    machine, _ = _validation(_READY, _ISSUED, render)
    run = machine.start(DOCUMENT)
    assert (run.status, run.attempts["Render"]) == ("SUCCEEDED", 4)
    assert all(delay <= 30 for delay in run.delays)


def test_a_check_that_fails_issues_nothing() -> None:
    machine, asked = _validation(ValueError("broken"))
    run = machine.start(DOCUMENT)
    assert (run.status, run.error) == ("FAILED", "NotIssued")
    assert {event["task"] for event in asked} == {"check_document"}
    assert len(asked) == 4


def test_an_unknown_outcome_fails_rather_than_pass() -> None:
    machine, _ = _validation({"outcome": "perhaps"})
    assert machine.start(DOCUMENT).error == "NotIssued"


def _confirmation(answers: dict[str, Any]) -> tuple[Machine, list[Any]]:
    asked: list[Any] = []

    def steps(event: Any) -> Any:
        asked.append(event)
        answer = answers[event["task"]]
        if isinstance(answer, Exception):
            raise answer
        return copy.deepcopy(answer)

    path = ROOT / "statemachines" / "order_confirmation.asl.json"
    return Machine.load(path, SUBSTITUTIONS, {"steps": steps}, {}), asked


def test_an_order_is_checked_then_confirmed_with_all_that_was_entered() -> None:
    machine, asked = _confirmation(
        {"check_confirmation": {"outcome": "ready"}, "apply_confirmation": {"outcome": "confirmed"}}
    )
    run = machine.start(ORDER)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "confirmed"})
    assert asked == [{"task": "check_confirmation", **ORDER}, {"task": "apply_confirmation", **ORDER}]


@pytest.mark.parametrize("outcome", ["refused", "confirmed"])
def test_an_order_refused_or_confirmed_before_is_left_alone(outcome: str) -> None:
    machine, asked = _confirmation({"check_confirmation": {"outcome": outcome, "breaches": []}})
    run = machine.start(ORDER)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": outcome, "breaches": []})
    assert len(asked) == 1


def test_an_order_refused_when_applied_ends_well_with_its_breaches() -> None:
    machine, _ = _confirmation(
        {"check_confirmation": {"outcome": "ready"}, "apply_confirmation": {"outcome": "refused", "breaches": [1]}}
    )
    assert machine.start(ORDER).output == {"outcome": "refused", "breaches": [1]}


@pytest.mark.parametrize("task", ["check_confirmation", "apply_confirmation"])
def test_a_confirmation_that_keeps_failing_is_told(task: str) -> None:
    machine, asked = _confirmation({"check_confirmation": {"outcome": "ready"}, task: KeyError("lost")})
    run = machine.start(ORDER)
    assert (run.status, run.error) == ("FAILED", "NotConfirmed")
    assert [event["task"] for event in asked].count(task) == 4


def _job(answers: list[Any]) -> tuple[Machine, list[Any]]:
    asked: list[Any] = []

    def answer(event: Any) -> Any:
        asked.append(event)
        given = answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    path = ROOT / "statemachines" / "background_job.asl.json"
    return Machine.load(path, SUBSTITUTIONS, dict.fromkeys(("steps", "render", "issue"), answer), {}), asked


IMPORT = {"task": "drive_import", "company": "c1", "job": "j1"}


@pytest.mark.parametrize("end", ["done", "refused"])
def test_an_import_is_driven_until_it_ends(end: str) -> None:
    """PTY-05."""
    machine, asked = _job([{"outcome": "again"}, {"outcome": "again"}, {"outcome": end}])
    run = machine.start(IMPORT)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": end})
    assert asked == [IMPORT] * 3


def test_an_export_is_written_once() -> None:
    machine, asked = _job([{"outcome": "written"}])
    run = machine.start(IMPORT | {"task": "write_export"})
    assert (run.status, len(asked)) == ("SUCCEEDED", 1)


def test_an_export_is_sealed_by_the_writer_once_it_is_written() -> None:
    """FIS-08: its hash is chained before anybody gets the file; what fails is tried again."""
    job = IMPORT | {"task": "write_export"}
    machine, asked = _job([{"outcome": "to_seal"}, KeyError("no key"), {"outcome": "sealed"}])
    run = machine.start(job)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "sealed"})
    assert asked == [job, *[job | {"task": "seal_export"}] * 2]
    machine, _ = _job([{"outcome": "to_seal"}, *[KeyError("no key")] * 4])
    assert machine.start(job).error == "NotDone"


def test_chains_are_verified_part_by_part_and_the_verdict_is_chained() -> None:
    """FIS-02, FIS-08: nobody sees a verdict that is in no chain; what fails is tried again."""
    job = IMPORT | {"task": "verify_chains"}
    answers = [{"outcome": "again"}, KeyError("no table"), {"outcome": "verified"}, {"outcome": "sealed"}]
    machine, asked = _job(answers)
    run = machine.start(job)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "sealed"})
    assert asked == [*[job] * 3, job | {"task": "conclude_verification"}]
    machine, _ = _job([{"outcome": "verified"}, *[KeyError("no key")] * 4])
    assert machine.start(job).error == "NotDone"
    machine, _ = _job([{"outcome": "verified"}, {"outcome": "broken"}])
    assert machine.start(job).error == "ChainBroken", "an alarm watches what fails"


@pytest.mark.parametrize("task", ["drive_import", "write_export", "verify_chains", "anything"])
def test_a_job_that_keeps_failing_is_told(task: str) -> None:
    machine, _ = _job([KeyError("lost")] * 4)
    run = machine.start(IMPORT | {"task": task})
    assert (run.status, run.error) == ("FAILED", "NotDone")


CLOSE = {"company": "c1", "kind": "annual", "end": "2026-11-20", "operator": None, "operator_name": "Horloge"}


def _closing(closed: list[Any], seal: Any = None) -> tuple[Machine, list[Any]]:
    asked: list[Any] = []

    def issue(event: Any) -> Any:
        asked.append(event)
        given = closed.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    def render(event: Any) -> Any:
        asked.append(event)
        if isinstance(seal, Exception):
            raise seal
        return {"outcome": "sealed"}

    path = ROOT / "statemachines" / "period_closing.asl.json"
    names = {"IssueFunctionArn": "issue", "RenderFunctionArn": "render"}
    return Machine.load(path, names, {"issue": issue, "render": render}, {}), asked


def test_periods_are_closed_until_nothing_is_due_and_heads_are_sealed_each_time() -> None:
    """FIS-03, RULES §3.4 rule 5."""
    machine, asked = _closing([{"outcome": "again", "closed": 31}, {"outcome": "done", "closed": 2}])
    run = machine.start(CLOSE)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "done", "closed": 2})
    assert run.states == ["Close", "Seal", "More", "Close", "Seal", "More", "Done"]
    assert asked[0] == {"task": "close_periods", **CLOSE}
    assert asked[1] == {"task": "copy_heads", "company": "c1"}


@pytest.mark.parametrize(
    ("closed", "seal", "error"),
    [
        ([KeyError("lost")] * 5, None, "NotClosed"),
        ([{"outcome": "perhaps"}], None, "NotClosed"),
        ([{"outcome": "done", "closed": 1}], OSError("no bucket"), "NotSealed"),
    ],
)
def test_a_closing_that_keeps_failing_is_told(closed: list[Any], seal: Any, error: str) -> None:
    machine, _ = _closing(closed, seal)
    run = machine.start(CLOSE)
    assert (run.status, run.error) == ("FAILED", error)


PERIOD = {"company": "c1", "kind": "monthly", "name": "2026-11"}


def _archiving(answers: list[Any]) -> tuple[Machine, list[Any]]:
    asked: list[Any] = []

    def answer(event: Any) -> Any:
        asked.append(event)
        given = answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return {"outcome": given}

    path = ROOT / "statemachines" / "period_archive.asl.json"
    names = {"IssueFunctionArn": "issue", "RenderFunctionArn": "render"}
    return Machine.load(path, names, {"issue": answer, "render": answer}, {}), asked


def test_an_archive_is_written_signed_by_the_writer_and_joined() -> None:
    """FIS-05."""
    machine, asked = _archiving(["again", "again", "seal", "sealed", "done"])
    run = machine.start(PERIOD)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "done"})
    assert [event["task"] for event in asked] == [*["write_archive"] * 3, "seal_archive", "write_archive"]
    assert asked[0] == {"task": "write_archive", **PERIOD}


def test_an_archive_that_cannot_be_made_as_things_are_ends_with_its_reasons() -> None:
    machine, _ = _archiving(["refused"])
    run = machine.start(PERIOD)
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "refused"})


@pytest.mark.parametrize("answers", [[KeyError("lost")] * 5, ["perhaps"], ["seal", *[OSError("no key")] * 5]])
def test_an_archive_that_keeps_failing_is_told(answers: list[Any]) -> None:
    machine, _ = _archiving(answers)
    run = machine.start(PERIOD)
    assert (run.status, run.error) == ("FAILED", "NotArchived")
