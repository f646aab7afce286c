"""A company with an open bank account, a bucket in memory, and the bank function in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from comptoir.access.context import Services
from comptoir.access.queries import Listing
from comptoir.banking.accounts import OpenBankAccount, OwnAccountView, ReadBankAccount
from comptoir.banking.formats.tasks import dropped, read_file
from comptoir.banking.formats.transfers import write_transfers
from comptoir.banking.model import AccountSettings
from comptoir.banking.statement_commands import AnnounceStatements, ListEntries, ReadStatements
from comptoir.banking.stored import EntryView, StatementFile, Ticket, sent_to
from comptoir.kernel.errors import DomainError, Reported, problem
from comptoir.kernel.text import sha256
from tests.world import World, open_world

_TASKS = {"read_statements": read_file, "write_transfers": write_transfers}
IBAN = "FR7630006000011234567890189"


@dataclass
class Shelf:
    """A bucket whose keys are written once."""

    held: dict[str, bytes] = field(default_factory=dict)

    def read(self, key: str, most: int) -> bytes | None:
        content = self.held.get(key)
        return None if content is None else content[: most + 1]

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        self.held.setdefault(key, body)


@dataclass
class Bank:
    """The bank function as the API reaches it, and what lies in its buckets."""

    world: World
    account: OwnAccountView
    files: Shelf = field(default_factory=Shelf)
    archive: Shelf = field(default_factory=Shelf)

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the API asks of the function, refusals coming back as problems do between functions."""
        try:
            return _TASKS[task["task"]](self.services, task, self.files, self.archive)
        except DomainError as error:
            raise Reported(problem(error)) from error

    @property
    def services(self) -> Services:
        return self.world.services

    def announce(self, data: bytes, **more: Any) -> StatementFile:
        """A file announced and sent."""
        told = {"filename": "relevé.xml", "size": len(data), "sha256": sha256(data)}
        file = self.world.do(Ticket, AnnounceStatements(**told, **more)).file
        self.files.held[sent_to(self.world.company, file.id)] = data
        return file

    def send(self, data: bytes, **more: Any) -> StatementFile:
        """A file announced, sent and read."""
        file = self.announce(data, **more)
        return self.world.do(StatementFile, ReadStatements(statement_file=file.id))

    def drop(self, data: bytes, name: str = "releve-novembre.xml") -> dict[str, Any]:
        """A file that the bank lays into the bucket, and the bucket telling of it."""
        key = sent_to(self.world.company, name)
        self.files.held[key] = data
        return dropped(self.services, key, self.files, self.archive)

    def now(self) -> OwnAccountView:
        """The account as it stands."""
        return self.world.do(OwnAccountView, ReadBankAccount(account=self.account.id))

    def entries(self, month: str = "2026-11", **more: Any) -> list[EntryView]:
        """The entries of a month."""
        reply = self.world.do(Listing[EntryView], ListEntries(account=self.account.id, month=month, limit=100, **more))
        return list(reply.items)


def open_bank(world: World | None = None, currency: str = "EUR", settings: AccountSettings | None = None) -> Bank:
    """A company with one account open."""
    world = world or open_world()
    request = OpenBankAccount(
        iban=IBAN, label="Compte courant", currency=currency, settings=settings or AccountSettings()
    )
    bank = Bank(world, world.do(OwnAccountView, request, "administrator"))
    world.services = replace(world.services, bank=bank)
    return bank
