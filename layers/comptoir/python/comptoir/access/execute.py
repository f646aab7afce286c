"""The one way in: every request is a model with its permission, executed here and nowhere else.

`execute` reads operator and profile, checks the permission, replays a request whose
Idempotency-Key is known, and runs the command in one transaction with its history. No route can
forget any of it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from comptoir.access.accesses import record_access
from comptoir.access.context import Caller, Context, Services
from comptoir.access.items import ANSWER, OPERATOR, PROFILES, StoredAnswer
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Conflict, DomainError, PreconditionRequired, Unauthenticated
from comptoir.kernel.model import Model
from comptoir.kernel.text import canonical, sha256
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

_DAY = 86_400


@dataclass(frozen=True)
class Reply:
    """What a request answers: the JSON text of a model, the version for the ETag, an HTTP status."""

    body: str
    version: int | None = None
    status: int = 200
    left: Mapping[str, Any] = field(default_factory=dict)

    def then(self, **left: Any) -> Reply:
        """This reply, with what `run` leaves for `after`; it is not part of the answer."""
        return replace(self, left=left)

    @classmethod
    def of(cls, body: Model, version: int | None = None, status: int = 200) -> Reply:
        """The reply that shows `body`."""
        return cls(body.model_dump_json(), version, status)


class Request(Model):
    """Base of commands and queries: the fields are the path, the query string and the body.

    What is read by a `traced` one, or by anybody of a watched profile, is kept among the accesses (FIS-07).
    """

    permission: ClassVar[Permission]
    traced: ClassVar[bool] = False

    def keys(self, company: str) -> Sequence[Key]:
        """Keys that it will read, fetched in the same call as operator and profile."""
        return ()


class Command(Request):
    """A request that changes state. `run` is pure over the transaction and may be run again.

    A `chained` command also writes a technical event, which only the writer function can sign: the
    API hands it over (FIS-08). A `guarded` one changes what exists, and needs If-Match. A `natural`
    one is idempotent by its own keys, so that its answer need not be stored.
    """

    chained: ClassVar[bool] = False
    natural: ClassVar[bool] = False
    guarded: ClassVar[bool] = False

    @abstractmethod
    def run(self, tx: Transaction, ctx: Context) -> Reply:
        """Load, decide, write. Errors: any `DomainError`, with nothing written."""

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        """What follows the commit (a workflow to start); safe to do twice."""
        return reply


class Query(Request):
    """A request that only reads."""

    @abstractmethod
    def read(self, ctx: Context) -> Reply:
        """The answer. Errors: `NotFound` and what the query says."""


@dataclass(frozen=True)
class Call:
    """A request with who makes it and the headers that guard it."""

    caller: Caller
    request: Request
    if_match: int | None = None
    idempotency_key: str | None = None


class IdempotencyKeyReused(Conflict):
    """The Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"
    fr = "Cette Idempotency-Key a déjà servi pour une autre demande."
    en = "This Idempotency-Key was already used for another request."


def authenticate(tx: Transaction, services: Services, call: Call) -> Context:
    """The context of a caller that holds the permission. Errors: `Unauthenticated`, `Forbidden`."""
    caller = call.caller
    operator = tx.get(OPERATOR, keys.operator(caller.company, caller.operator))
    profiles = tx.get(PROFILES, keys.profiles(caller.company))
    profile = profiles.find(operator.profile) if operator and profiles else None
    if operator is None or profile is None or not operator.active:
        raise Unauthenticated()
    ctx = Context(services, caller.company, operator, profile, services.clock.now(), call.if_match)
    ctx.demand(call.request.permission)
    return ctx


def execute(call: Call, services: Services) -> Reply:
    """Run one request, wherever it must run, and what follows it. Errors: any `DomainError`."""
    request = call.request
    if not isinstance(request, Command):
        return run(call, services)
    reply = services.writer.run(call) if request.chained and services.writer else run(call, services)
    return request.after(services, call.caller, reply)


def run(call: Call, services: Services) -> Reply:
    """Run one request here, in one transaction. Errors: any `DomainError`, with nothing written."""
    caller, request = call.caller, call.request
    prefetch = [
        keys.operator(caller.company, caller.operator),
        keys.profiles(caller.company),
        *request.keys(caller.company),
    ]
    answer = _answer_key(call, call.idempotency_key) if call.idempotency_key and not _natural(request) else None
    prefetch += [answer] if answer else []

    def work(tx: Transaction) -> Reply:
        ctx = authenticate(tx, services, call)
        if isinstance(request, Query):
            reply = request.read(ctx)
            if request.traced or ctx.profile.watched:
                record_access(tx, ctx, request)
            return reply
        return _run_once(tx, ctx, call)

    try:
        return services.store.transact(work, prefetch)
    except DomainError:
        # The same request, sent again before the first was answered, may have met what that one had just written.
        if answer is None or services.store.get(ANSWER, answer) is None:
            raise
        return services.store.transact(work, prefetch)


def _natural(request: Request) -> bool:
    return isinstance(request, Command) and request.natural


def _run_once(tx: Transaction, ctx: Context, call: Call) -> Reply:
    command = call.request
    if not isinstance(command, Command):
        raise TypeError(f"{type(command).__name__} is neither command nor query")
    if command.guarded and call.if_match is None:
        raise PreconditionRequired()
    if not call.idempotency_key or command.natural:
        return command.run(tx, ctx)
    key = _answer_key(call, call.idempotency_key)
    digest = sha256(canonical([type(command).__name__, command.model_dump(mode="json")]))
    known = tx.get(ANSWER, key)
    if known:
        if known.request_hash != digest:
            raise IdempotencyKeyReused()
        return Reply(known.body, known.version, known.status)
    reply = command.run(tx, ctx)
    answer = StoredAnswer(request_hash=digest, status=reply.status, version=reply.version, body=reply.body)
    tx.put(ANSWER, key, answer, expires=int(ctx.now.timestamp()) + _DAY)
    return reply


def _answer_key(call: Call, token: str) -> Key:
    return keys.idempotency(call.caller.company, call.caller.operator, token)
