"""Entry of the one writer: batches of the issue queue, chained commands of the API, signed tasks of workflows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comptoir.access import commands
from comptoir.access.commands import OpenCompany, open_company
from comptoir.access.context import Caller, Services
from comptoir.access.custom import SaveCustomisation
from comptoir.access.execute import Call, Command, run
from comptoir.access.exports import seal_export
from comptoir.accounting.commands import ExportBooks, SaveChart
from comptoir.archives.commands import MakeArchive
from comptoir.archives.tasks import seal_archive
from comptoir.banking.accounts import ChangeBankAccount, OpenBankAccount
from comptoir.banking.invoice_matches import AcceptMatch, AcceptSupplierMatch
from comptoir.banking.reconciling import AcceptRefund, AcceptReturn, UndoMatch
from comptoir.catalogue.exports import ExportReferences
from comptoir.closings.closing import close_periods
from comptoir.docbase.templates import ChooseTemplate, ImportTemplate, SaveTemplate
from comptoir.dunning.commands import SaveReminderSteps
from comptoir.invoicing.issue import IssueRequest, Outcome, issue
from comptoir.invoicing.month_export import ExportMonth
from comptoir.kernel.errors import DomainError, problem
from comptoir.ledger.attestation import MakeAttestation
from comptoir.ledger.chain import Signer
from comptoir.ledger.verifying import conclude_verification
from comptoir.mailing.texts import SaveMailTexts
from comptoir.orders.exports import ExportOrders
from comptoir.orders.formalities import SaveFormalities
from comptoir.orders.milestones import SaveMilestones
from comptoir.parties.exports import ExportParties
from comptoir.payments.commands import RecordPayment, RefundCreditNote, ReversePayment
from comptoir.payments.deducting import DeductCreditNote
from comptoir.purchasing.settling import DeductSupplierCreditNote, RecordSupplierPayment, RefundSupplierCreditNote
from comptoir.runtime.log import log, place

CHAINED: dict[str, type[Command]] = {
    kind.__name__: kind
    for kind in (
        commands.UpdateCompany,
        commands.SetTestMode,
        commands.SaveProfile,
        commands.CreateOperator,
        commands.UpdateOperator,
        SaveCustomisation,
        SaveTemplate,
        ChooseTemplate,
        ImportTemplate,
        SaveMilestones,
        SaveReminderSteps,
        SaveMailTexts,
        SaveFormalities,
        ExportParties,
        ExportReferences,
        ExportOrders,
        ExportMonth,
        ExportBooks,
        SaveChart,
        OpenBankAccount,
        ChangeBankAccount,
        RecordPayment,
        RefundCreditNote,
        ReversePayment,
        DeductCreditNote,
        RecordSupplierPayment,
        RefundSupplierCreditNote,
        DeductSupplierCreditNote,
        AcceptMatch,
        AcceptSupplierMatch,
        AcceptRefund,
        AcceptReturn,
        UndoMatch,
        MakeArchive,
        MakeAttestation,
    )
}
"""Commands that write a technical event or a payment: only what stands here can be handed over."""

Task = Callable[[Services, Signer, Mapping[str, Any]], dict[str, Any]]


def _seal(services: Services, signer: Signer, event: Mapping[str, Any]) -> dict[str, Any]:
    return seal_export(services, event)


def _conclude(services: Services, signer: Signer, event: Mapping[str, Any]) -> dict[str, Any]:
    return conclude_verification(services, event)


TASKS: dict[str, Task] = {
    "close_periods": close_periods,
    "conclude_verification": _conclude,
    "seal_archive": seal_archive,
    "seal_export": _seal,
}
"""What state machines have done here, because it is signed."""

Answer = Callable[[str, dict[str, Any]], None]
"""Gives a waiting workflow the outcome of its document."""
Fail = Callable[[str, str], None]
"""Tells a waiting workflow that its document cannot be issued, and the error's code."""

_FAULTS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""Errors that lie in the document: the same again whenever it is tried."""


def _send(call: str, **answer: str) -> None:
    """Answer a waiting task. A token that no longer waits belongs to a run that asks again, or has its answer."""
    from comptoir.runtime.clients import client

    states = client("stepfunctions")
    gone = (states.exceptions.TaskTimedOut, states.exceptions.TaskDoesNotExist, states.exceptions.InvalidToken)
    try:
        getattr(states, call)(**answer)
    except gone as error:
        log("WARNING", "token_gone", error=type(error).__name__)


def _answer(token: str, outcome: dict[str, Any]) -> None:
    _send("send_task_success", taskToken=token, output=json.dumps(outcome))


def _fail(token: str, code: str) -> None:
    _send("send_task_failure", taskToken=token, error=code, cause="The document cannot be issued as it is.")


@dataclass(frozen=True)
class _Message:
    """One message of the queue: what to issue, and whom to answer."""

    id: str
    token: str
    company: str
    request: IssueRequest

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> _Message:
        body = json.loads(record["body"])
        return cls(record["messageId"], body["token"], body["company"], IssueRequest.model_validate(body["request"]))


class Writer:
    """Issues what the queue brings and runs what the API hands over."""

    def __init__(
        self, services: Callable[[], Services], signer: Callable[[], Signer], answer: Answer, fail: Fail = _fail
    ) -> None:
        self._services = services
        self._signer = signer
        self._answer = answer
        self._fail = fail

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        if "Records" in event:
            return self._issue(event["Records"])
        if "task" in event:
            return TASKS[event["task"]](self._services(), self._signer(), event)
        try:
            if "open_company" in event:
                opened = open_company(OpenCompany.model_validate(event["open_company"]), self._services())
                return opened.model_dump(mode="json")
            return self._command(event)
        except DomainError as error:
            return {"problem": problem(error)}

    def _command(self, event: Mapping[str, Any]) -> dict[str, Any]:
        request = CHAINED[event["command"]].model_validate(event["request"])
        caller = Caller(event["company"], event["operator"])
        reply = run(Call(caller, request, event["if_match"], event["idempotency_key"]), self._services())
        return {"body": reply.body, "version": reply.version, "status": reply.status}

    def _issue(self, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        by_company: dict[str, list[_Message]] = {}
        failed: list[str] = []
        for record in records:
            try:
                message = _Message.of(record)
            except _FAULTS as error:
                log("ERROR", "message_unreadable", message_id=record["messageId"], error=_code(error))
                failed.append(record["messageId"])
            else:
                by_company.setdefault(message.company, []).append(message)
        failed += [message.id for messages in by_company.values() for message in self._company(messages)]
        return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}

    def _company(self, messages: Sequence[_Message]) -> list[_Message]:
        """Issue the messages of one company; returns those to be tried again.

        When a block breaks, its documents are tried one by one, so that a faulty one holds up
        nobody else.
        """
        requests = [message.request for message in messages]
        try:
            outcomes = issue(self._services(), self._signer(), messages[0].company, requests)
        except Exception as error:
            company, count = messages[0].company, len(messages)
            log("ERROR", "issue_failed", company=company, documents=count, error=_code(error), place=place(error))
            if count > 1:
                return [failed for message in messages for failed in self._company([message])]
            return [] if isinstance(error, _FAULTS) and self._give_up(messages[0], error) else list(messages)
        answers = zip(messages, outcomes, strict=True)
        return [message for message, outcome in answers if not self._tell(message, outcome)]

    def _tell(self, message: _Message, outcome: Outcome) -> bool:
        """Answer the workflow; without success the message comes again, and finds its document issued."""
        log("INFO", str(outcome.outcome), company=message.company, document=outcome.document, number=outcome.number)
        return _reached(message, lambda: self._answer(message.token, outcome.model_dump(mode="json")))

    def _give_up(self, message: _Message, error: Exception) -> bool:
        """Hand a faulty document back to its workflow: in the queue it would hold up its company's others."""
        return _reached(message, lambda: self._fail(message.token, _code(error)))


def _reached(message: _Message, answer: Callable[[], None]) -> bool:
    try:
        answer()
    except Exception as error:
        log("ERROR", "answer_failed", company=message.company, document=message.request.document, error=_code(error))
        return False
    return True


def _code(error: Exception) -> str:
    return error.code if isinstance(error, DomainError) else type(error).__name__


def _compose() -> Writer:
    from comptoir.runtime import services

    return Writer(services.writer_services, services.signer, _answer)


_WRITER = _compose()


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """What Lambda calls: an SQS batch, or a direct invocation by the API, a state machine or the deployer."""
    return _WRITER(event)
