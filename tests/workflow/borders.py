"""What AWS puts around the handlers, for tests: a table, a bucket, a queue, Step Functions, a key; each may break.

`Faults` names the points: every call with an effect may fail before it, or its answer be lost after it.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from comptoir.store.backend import Backend, Cancelled, Operation, Query, Slice
from comptoir.store.record import Key, Record
from tests.infra.asl import Machine, Run, TaskTimedOut
from tests.signing import LocalSigner

ARN = "arn:aws:states:eu-west-3:000000000000:stateMachine:validation"
MOST_RECEIVES = 5
STEP: ContextVar[str] = ContextVar("step", default="test")


class Broken(Exception):
    """A call that failed, or whose answer was lost."""


class Killed(BaseException):
    """The process is gone: nothing in it can catch this."""


class Unknown(Exception):
    """What Lambda reports when a process dies."""


@dataclass
class Faults:
    """Breaks what happens at named points: so many times each by `plan`, or at random at `rate`."""

    plan: Counter[str] = field(default_factory=Counter)
    error: type[BaseException] = Broken
    rate: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    seen: list[str] = field(default_factory=list)
    broken: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hit(self, point: str) -> None:
        """Pass a point, or break there."""
        with self.lock:
            self.seen.append(point)
            planned, drawn = self.plan[point] > 0, self.chance.random() < self.rate
            if not planned and not drawn:
                return
            self.plan[point] -= planned
            self.broken += 1
            error = self.error if planned else self.chance.choice([Broken, Killed])
        raise error(point)

    def clear(self) -> None:
        """Nothing breaks any more."""
        self.plan.clear()
        self.rate = 0.0

    @contextmanager
    def around(self, what: str) -> Iterator[None]:
        """A call with an effect: it may fail before it, or its answer be lost after it."""
        point = f"{STEP.get()}: {what}"
        self.hit(f"{point}, before")
        yield
        self.hit(f"{point}, after")


@dataclass
class Table:
    """The table behind a border, counting its calls by step and the transactions that were refused."""

    inner: Backend
    faults: Faults
    calls: Counter[str] = field(default_factory=Counter)
    cancelled: int = 0

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        self.calls[f"{STEP.get()}: get"] += 1
        self.faults.hit(f"{STEP.get()}: get")
        return self.inner.get(keys)

    def query(self, query: Query) -> Slice:
        return self.inner.query(query)

    def counter(self, key: Key) -> int:
        return self.inner.counter(key)

    def write(self, operations: Sequence[Operation]) -> None:
        self.calls[f"{STEP.get()}: write"] += 1
        with self.faults.around("write"):
            try:
                self.inner.write(operations)
            except Cancelled:
                self.cancelled += 1
                raise


@dataclass
class Vault:
    """The locked bucket: a key is written once; what comes later under it must be the same bytes."""

    faults: Faults
    objects: dict[str, bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    clashes: list[str] = field(default_factory=list)

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        """Store under a new key; one that is there stays as it is."""
        with self.faults.around(f"put {key.partition('/')[0]}"), self.lock:
            if self.objects.setdefault(key, body) != body:
                self.clashes.append(key)

    def under(self, prefix: str) -> list[str]:
        """The keys under a prefix."""
        return sorted(key for key in self.objects if key.startswith(prefix))


@dataclass
class Message:
    """A message of the queue."""

    id: str
    group: str
    body: str
    receives: int = 0

    @property
    def token(self) -> str:
        """Whom its outcome is for."""
        token: str = json.loads(self.body)["token"]
        return token


@dataclass
class FifoQueue:
    """SQS FIFO before Lambda: one batch of a group at a time; failures keep their place, five times at most."""

    consumer: Callable[[dict[str, Any]], dict[str, Any]]
    faults: Faults
    waiting: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    duplicate: bool = False
    sent: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)
    busy: threading.Lock = field(default_factory=threading.Lock)

    def send(self, group: str, body: str) -> Message:
        """Take one message."""
        with self.changed:
            self.sent += 1
            message = Message(f"m{self.sent}", group, body)
            self.waiting.append(message)
            return message

    def deliver(self) -> bool:
        """Hand over one batch of the oldest message's group; whether there was one."""
        with self.busy:
            with self.changed:
                group = self.waiting[0].group if self.waiting else None
                batch = [message for message in self.waiting if message.group == group][:10]
            if not batch:
                return False
            self.batches.append(len(batch))
            failed = self._hand_over(batch)
            if self.duplicate and not failed:
                self._hand_over(batch)
            with self.changed:
                for message in batch:
                    message.receives += 1
                    if message.id not in failed or message.receives >= MOST_RECEIVES:
                        self.waiting.remove(message)
                        self.dead += [message] if message.id in failed else []
                self.changed.notify_all()
            return True

    def _hand_over(self, batch: list[Message]) -> set[str]:
        records = [{"messageId": message.id, "body": message.body} for message in batch]
        everything = {message.id for message in batch}
        context = STEP.set("issue")
        try:
            self.faults.hit("issue: invoked, before")
            answer = self.consumer({"Records": records})
            self.faults.hit("issue: invoked, after")
        except (Exception, Killed):
            return everything
        finally:
            STEP.reset(context)
        return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}


class AlreadyExists(Exception):
    """The name of the execution is taken."""


class Gone(Exception):
    """The token is unknown."""


class States:
    """The Step Functions client: executions under names, answers to tokens. `held` ones stay RUNNING."""

    exceptions = SimpleNamespace(
        ExecutionAlreadyExists=AlreadyExists, TaskTimedOut=TaskTimedOut, TaskDoesNotExist=Gone, InvalidToken=KeyError
    )

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.machine: Machine | None = None
        self.runs: dict[str, Run] = {}
        self.held = False
        self.gone = 0

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:
        """Run to the end."""
        assert stateMachineArn == ARN
        assert self.machine is not None
        if name in self.runs:
            raise AlreadyExists(name)
        self.runs[name] = Run(name, json.loads(input))
        if not self.held:
            self.runs[name] = self.machine.start(json.loads(input), name)

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:
        """Its status."""
        prefix = ARN.replace(":stateMachine:", ":execution:")
        assert executionArn.startswith(f"{prefix}:")
        return {"status": self.runs[executionArn.rpartition(":")[2]].status}

    def send_task_success(self, *, taskToken: str, output: str) -> None:
        """Give the result of a waiting task."""
        self._answer("send_task_success", taskToken=taskToken, output=output)

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> None:
        """Fail a waiting task."""
        self._answer("send_task_failure", taskToken=taskToken, error=error, cause=cause)

    def _answer(self, call: str, **answer: str) -> None:
        assert self.machine is not None
        with self.faults.around("answer"):
            try:
                getattr(self.machine.tokens, call)(**answer)
            except TaskTimedOut:
                self.gone += 1
                raise


@dataclass
class Signer:
    """The company's key behind a border."""

    inner: LocalSigner
    faults: Faults

    @property
    def key_id(self) -> str:
        """Its name."""
        return self.inner.key_id

    def sign(self, digest: bytes) -> bytes:
        """A signature, or a fault."""
        with self.faults.around("sign"):
            return self.inner.sign(digest)
