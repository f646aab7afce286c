"""The one composition root: what each function may use, no more than its privilege."""

from __future__ import annotations

import secrets
from functools import cache

from comptoir.access.context import Publisher, Services
from comptoir.kernel.clock import SystemClock
from comptoir.kernel.ids import RandomIds
from comptoir.ledger.events import ChainedEvents
from comptoir.ledger.payments import ChainedPayments
from comptoir.runtime import adapters
from comptoir.runtime.clients import client
from comptoir.store.cursor import CursorSigner
from comptoir.store.dynamo import DynamoBackend
from comptoir.store.settings import optional, setting
from comptoir.store.store import Store

_CLOCK = SystemClock()
_DRIVEN = ("validation", "jobs", "closing", "archiving", "renewal")
"""The machines that the clock starts too."""


_AT_ONCE = 8
"""Lists that are asked for together: fewer than the ten connections that a client keeps."""


def _store() -> Store:
    table = DynamoBackend(lambda: client("dynamodb"), setting("TABLE"))
    return Store(table, CursorSigner(adapters.cursor_secret), at_once=_AT_ONCE)


def _machines(*names: str) -> dict[str, str]:
    """The ARN of each state machine that a function may start."""
    return {name: setting(f"{name.upper()}_MACHINE") for name in names}


@cache
def light_services() -> Services:
    """The table alone: tasks of the state machines, the schedule."""
    return Services(store=_store(), clock=_CLOCK, ids=RandomIds(_CLOCK))


@cache
def export_services() -> Services:
    """What writes exports: the table, with cursors that live no longer than the function."""
    secret = secrets.token_bytes(32)
    store = Store(DynamoBackend(lambda: client("dynamodb"), setting("TABLE")), CursorSigner(lambda: secret))
    return Services(store=store, clock=_CLOCK, ids=RandomIds(_CLOCK))


def _mailer() -> adapters.LambdaRenderer | None:
    """The function that sends mails, where there is an address to send from."""
    function = optional("MAIL_FUNCTION")
    return adapters.LambdaRenderer(function) if function else None


@cache
def api_services() -> Services:
    """The HTTP API: the table, links, workflows, and the functions that hold other privileges."""
    return Services(
        store=_store(),
        clock=_CLOCK,
        ids=RandomIds(_CLOCK),
        files=adapters.S3Files({"archive": setting("ARCHIVE_BUCKET"), "files": setting("FILES_BUCKET")}),
        workflows=adapters.StepFunctions(
            _machines("validation", "confirmation", "jobs", "closing", "archiving", "renewal")
        ),
        renderer=adapters.LambdaRenderer(setting("RENDER_FUNCTION")),
        bank=adapters.LambdaRenderer(setting("BANK_FUNCTION")),
        mailer=_mailer(),
        writer=adapters.LambdaWriter(setting("WRITER_FUNCTION")),
        directory=adapters.CognitoDirectory(setting("USER_POOL")),
        public_keys=adapters.KmsKeys(setting("SIGNING_KEY")),
    )


@cache
def schedule_services() -> Services:
    """Scheduled jobs: the table, workflows to start again, the functions that render, write bank files and mail."""
    workflows = adapters.StepFunctions(_machines(*_DRIVEN))
    bank = adapters.LambdaRenderer(setting("BANK_FUNCTION"))
    return Services(
        store=_store(),
        clock=_CLOCK,
        ids=RandomIds(_CLOCK),
        workflows=workflows,
        renderer=adapters.LambdaRenderer(setting("RENDER_FUNCTION")),
        bank=bank,
        mailer=_mailer(),
    )


@cache
def signer() -> adapters.KmsSigner:
    """The signing key, in the writer function only."""
    return adapters.KmsSigner(setting("SIGNING_KEY"))


def _publisher() -> Publisher | None:
    """Who attests to this version, when the deployer says so (RULES §3.1)."""
    told = optional("PUBLISHER")
    return Publisher.model_validate_json(told) if told else None


@cache
def writer_services() -> Services:
    """The one writer: the table and the signing key."""
    return Services(
        store=_store(),
        clock=_CLOCK,
        ids=RandomIds(_CLOCK),
        events=ChainedEvents(signer()),
        payments=ChainedPayments(signer()),
        publisher=_publisher(),
        public_keys=adapters.KmsKeys(setting("SIGNING_KEY")),
    )
