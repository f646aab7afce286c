"""What a command or query works with: who asks, for which company, when, and through which ports."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol

from comptoir.access.model import Operator, Profile
from comptoir.access.permissions import Permission
from comptoir.kernel.clock import Clock, paris_date
from comptoir.kernel.errors import Forbidden
from comptoir.kernel.ids import Ids
from comptoir.kernel.model import Model
from comptoir.kernel.text import Line
from comptoir.store.record import Key
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction


@dataclass(frozen=True)
class Caller:
    """Company and operator, as the verified token names them."""

    company: str
    operator: str


class Files(Protocol):
    """Buckets, seen from the API: short-lived links to read, and to send one file as it was announced."""

    def link(self, bucket: str, key: str, seconds: int = 300) -> str: ...

    def accept(self, key: str, media_type: str, size: int, sha256: str, seconds: int) -> tuple[str, dict[str, str]]: ...


class Workflows(Protocol):
    """Starts a state machine once per name; a second start with the same name is the same run."""

    def start(self, machine: str, name: str, payload: Mapping[str, Any]) -> None: ...


class Renderer(Protocol):
    """Has a document rendered by the function that may, and waits for the answer."""

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]: ...


class Writer(Protocol):
    """Runs a chained command where it can be signed. Errors: those of the command."""

    def run(self, call: Any) -> Any: ...


class Directory(Protocol):
    """Where operators sign in."""

    def invite(self, company: str, operator: Operator) -> None: ...

    def set_active(self, operator: Operator) -> None: ...


class PublicKeys(Protocol):
    """Public halves of the signing keys, for whoever verifies: key id → PEM."""

    def pems(self) -> dict[str, str]: ...


@dataclass(frozen=True)
class Author:
    """For whom something is recorded, and when: an operator of a company."""

    company: str
    operator: str | None
    name: str
    now: datetime


class EventLog(Protocol):
    """The chain of technical events (FIS-08); only the writer can sign it."""

    def append(self, tx: Transaction, ctx: Context, event: str, payload: Mapping[str, Any]) -> None: ...

    def record(self, tx: Transaction, author: Author, event: str, payload: Mapping[str, Any]) -> None: ...


class PaymentLog(Protocol):
    """The chain of payments (FIS-01, TRS-03); only the writer can sign it."""

    def append(self, tx: Transaction, company: str, now: datetime, kind: str, payload: Model) -> int: ...


class Publisher(Model):
    """Who publishes this version of the product and attests to it: deployment settings, absent by default."""

    name: Line
    signatory: Line
    place: Line
    market_since: date


@dataclass(frozen=True)
class Services:
    """The ports of a function, composed in one place; a function has only those of its privilege."""

    store: Store
    clock: Clock
    ids: Ids
    events: EventLog | None = None
    payments: PaymentLog | None = None
    files: Files | None = None
    workflows: Workflows | None = None
    renderer: Renderer | None = None
    bank: Renderer | None = None
    mailer: Renderer | None = None
    writer: Writer | None = None
    directory: Directory | None = None
    public_keys: PublicKeys | None = None
    publisher: Publisher | None = None
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Context:
    """One request of one operator. `now` is fixed for the whole transaction."""

    services: Services
    company: str
    operator: Operator
    profile: Profile
    now: datetime
    if_match: int | None = None

    @cached_property
    def today(self) -> date:
        """The business date, in Paris."""
        return paris_date(self.now)

    def new_id(self) -> str:
        """A fresh identifier."""
        return self.services.ids.new()

    def expect(self, tx: Transaction, key: Key) -> None:
        """Errors: `VersionMismatch` when the caller's If-Match names another version of `key`."""
        tx.expect(key, self.if_match)

    def may(self, permission: Permission) -> bool:
        """Whether the operator's profile holds the permission (ACC-02)."""
        return permission in self.profile.permissions

    def demand(self, permission: Permission) -> None:
        """Errors: `Forbidden`, naming the permission that is missing."""
        if not self.may(permission):
            raise Forbidden(permission=permission.value)
