"""Statements, their entries and their files as they are stored (TRS-04)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.banking.statement import Balance, Entry, StatementFormat
from comptoir.kernel.errors import Breach
from comptoir.kernel.explain import shaped
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, total
from comptoir.kernel.text import Label, Line
from comptoir.store import keys
from comptoir.store.record import Index, Kind

MOST_BYTES = 60_000_000
Digest = Annotated[
    str,
    shaped(
        r"^[0-9a-f]{64}$",
        "Une empreinte SHA-256 est attendue : 64 chiffres hexadécimaux.",
        "A SHA-256 is expected: 64 hexadecimal digits.",
    ),
]


class FileState(StrEnum):
    """A file of statements is awaited, then read whole or refused whole."""

    WAITING = "waiting"
    READ = "read"
    REFUSED = "refused"


class StatementFileFields(Model):
    """What is told of a file before it is sent; `account` where the file itself does not tell it (tables)."""

    filename: Line
    size: Annotated[int, Field(gt=0, le=MOST_BYTES)]
    sha256: Digest
    account: Id | None = None


class ReadStatement(Model):
    """What a file brought of one statement: its new entries, those known before, and what is to be looked at."""

    statement: Id
    account: Id
    number: Label
    new: int
    known: int
    warnings: tuple[Breach, ...] = ()


class StatementFile(StatementFileFields):
    """A file of statements and what became of it; `operator` is who announced it, nobody for one that was dropped."""

    id: Id
    state: FileState = FileState.WAITING
    operator: Id | None = None
    author: Line
    created_at: datetime
    breaches: tuple[Breach, ...] = ()
    statements: tuple[ReadStatement, ...] = ()


class Ticket(Model):
    """Where and how to send a file: a PUT of exactly these bytes with these headers, within `expires_in` seconds."""

    file: StatementFile
    method: str = "PUT"
    url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    expires_in: int = 900


class StatementState(StrEnum):
    """A statement is being taken in, or is there with all its entries."""

    READING = "reading"
    READ = "read"


class StatementView(Model):
    """A statement as lists show it; `number` is what the bank calls it."""

    id: Id
    account: Id
    format: StatementFormat
    number: Label
    begins: date | None
    ends: date | None
    opening: Balance | None
    closing: Balance | None
    entries: int
    new: int
    state: StatementState


class StoredStatement(StatementView):
    """A statement with where its file lies under lock, and the days that it shares with those before and after it."""

    currency: Currency
    file: Id
    sha256: Digest
    read_at: datetime
    shared: tuple[date, ...] = ()
    warnings: tuple[Breach, ...] = ()


class EntryState(StrEnum):
    """An entry waits for what it pays, or is matched with it."""

    OPEN = "open"
    MATCHED = "matched"


class EntryPayment(Model):
    """A payment that an entry is matched with, and what of the entry it takes."""

    payment: Id
    amount: Money


class EntryView(Model):
    """An entry as lists show it; `left` is what of it is not matched."""

    id: Id
    account: Id
    statement: Id
    state: EntryState
    booking_date: date
    value_date: date | None
    amount: Money
    left: Money
    text: str
    counterparty: str | None
    end_to_end: str | None
    reference: str | None


class StoredEntry(Model):
    """An entry of an account, the statement that brought it first, and the payments that it is matched with."""

    id: Id
    account: Id
    statement: Id
    state: EntryState = EntryState.OPEN
    entry: Entry
    payments: tuple[EntryPayment, ...] = ()

    @property
    def left(self) -> Money:
        """What is not matched yet."""
        currency = self.entry.amount.currency
        return self.entry.amount - total((each.amount for each in self.payments), currency)

    def matched_with(self, payments: tuple[EntryPayment, ...]) -> StoredEntry:
        """The entry with these payments; it waits as long as anything of it is left."""
        changed = self.change(payments=payments)
        return changed.change(state=EntryState.OPEN if changed.left else EntryState.MATCHED)


class Meeting(Model):
    """A balance where a statement begins or ends on a day."""

    day: date
    amount: Money


class BankMonth(Model):
    """Of a month of an account: how many entries each day has, and where statements begin and end."""

    days: dict[date, int] = Field(default_factory=dict)
    begins: tuple[Meeting, ...] = ()
    ends: tuple[Meeting, ...] = ()


def _view(stored: StoredEntry) -> EntryView:
    entry = stored.entry
    told = ("booking_date", "value_date", "amount", "text", "counterparty", "end_to_end", "reference")
    where = stored.picked(("id", "account", "statement", "state", "left"))
    return EntryView(**where, **entry.picked(told))


def _entries(company: str, stored: StoredEntry) -> Mapping[int, Index]:
    """By the month of the account, and among what waits."""
    entry = stored.entry
    month, order = f"{entry.booking_date:%Y-%m}", f"{entry.booking_date}#{entry.index:06d}#{stored.id}"
    places = {1: keys.of_bank_account(company, stored.account, "ENTRIES", month, order)}
    if stored.state is EntryState.OPEN:
        places[2] = keys.of_bank_account(company, stored.account, "UNMATCHED", month, order)
    return places


def _statement_view(stored: StoredStatement) -> StatementView:
    return StatementView.model_validate(stored.picked(StatementView.model_fields))


def _statements(company: str, stored: StoredStatement) -> Mapping[int, Index]:
    """By the year in which it ends."""
    last = stored.ends or stored.read_at.date()
    return {1: keys.of_bank_account(company, stored.account, "STATEMENTS", f"{last:%Y}", f"{last}#{stored.id}")}


ENTRY = Kind("bank_entry", StoredEntry, summarise=_view, index=_entries)
STATEMENT = Kind("bank_statement", StoredStatement, summarise=_statement_view, index=_statements)
MONTH = Kind("bank_month", BankMonth)
FILE = Kind("statement_file", StatementFile)


def sent_to(company: str, file: str) -> str:
    """Where a file is sent, or dropped: a key of the working bucket that expires by itself."""
    return f"statements/{company}/{file}"


def kept_at(company: str, sha256: str) -> str:
    """Where the bytes of a file that was read are kept under lock."""
    return f"bank/statements/{company}/{sha256}"
