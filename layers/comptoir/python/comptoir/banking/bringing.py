"""A statement taken into its account: once, whole, and going on where a killed import stopped (TRS-04).

One import works on an account at a time; the account says which. The statement's head is created
with what decides its placement, then the entries come in blocks under the identifiers that they
have for ever, then the account's sums follow in one transaction. Done again from anywhere, even by
two at once, it comes to the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from comptoir.access.context import Services
from comptoir.banking.accounts import ACCOUNT, Importing, OwnAccount
from comptoir.banking.importing import (
    KeyedEntry,
    Placement,
    counts,
    entry_id,
    fingerprint,
    place,
    reconcile,
    shared_days,
)
from comptoir.banking.statement import Balance, Entry, Statement
from comptoir.banking.stored import (
    ENTRY,
    MONTH,
    STATEMENT,
    BankMonth,
    Meeting,
    ReadStatement,
    StatementFile,
    StatementState,
    StoredEntry,
    StoredStatement,
)
from comptoir.kernel.errors import Conflict
from comptoir.kernel.money import Money, total
from comptoir.store import keys
from comptoir.store.transaction import Transaction

BLOCK = 90
"""Entries in one transaction."""
_ASKED = 100
"""Keys in one call."""


class ImportUnderWay(Conflict):
    """Another statement of this account is being taken in."""

    code = "statement_under_way"
    fr = "Un autre relevé de ce compte est en cours d'importation."
    en = "Another statement of this account is being imported."


Amount = tuple[date, Decimal]


@dataclass(frozen=True)
class Bringing:
    """One statement of a file on its way into one account."""

    services: Services
    company: str
    account: str
    file: StatementFile
    statement: Statement

    @cached_property
    def id(self) -> str:
        """The fingerprint of the statement."""
        return fingerprint(self.account, self.statement)

    def bring(self) -> ReadStatement:
        """Take the statement in; one that is there already changes nothing. Errors: `ImportUnderWay`."""
        known = self.services.store.get(STATEMENT, keys.bank_statement(self.company, self.id))
        if known and known.value.state is StatementState.READ:
            # The file that brought it, read again or by two at once, has brought what it has.
            return self._told(known.value, known.value.new if known.value.file == self.file.id else 0)
        self.services.store.transact(self._hold)
        stored = self._stored()
        head = known.value if known else self._begin(stored)
        placement = place(self.account, self.statement, stored, head.shared)
        for start in range(0, len(placement.new), BLOCK):
            self._write(placement.new[start : start + BLOCK])
        return self._told(self._end(placement), head.new)

    def _told(self, head: StoredStatement, new: int) -> ReadStatement:
        return ReadStatement(
            statement=head.id,
            account=head.account,
            number=head.number,
            new=new,
            known=head.entries - new,
            warnings=head.warnings,
        )

    def _hold(self, tx: Transaction) -> None:
        """Say that the account takes in this statement, and no other one meanwhile."""
        key = keys.bank_account(self.company, self.account)
        account = tx.require(ACCOUNT, key)
        if account.importing is None:
            tx.put(ACCOUNT, key, account.change(importing=Importing(statement=self.id, file=self.file.id)))
        elif account.importing.statement != self.id:
            raise ImportUnderWay(statement=account.importing.statement)

    def _stored(self) -> Counter[Amount]:
        """How many entries are stored of each amount and day of the statement, those left out that it wrote itself.

        Entries of an amount and day have the ranks 0, 1, 2 …: as many are asked for as the statement
        has, and more on the days where it may meet others, until one is not there.
        """
        found: Counter[Amount] = Counter()
        meeting = {self.statement.begins, self.statement.ends}
        wanted = [(entry, rank) for entry, rank in _ranked(self.statement.entries)]
        while wanted:
            beyond = []
            for start in range(0, len(wanted), _ASKED):
                asked = wanted[start : start + _ASKED]
                ids = [entry_id(self.account, entry, rank) for entry, rank in asked]
                got = self.services.store.backend.get([keys.bank_entry(self.company, each) for each in ids])
                for (entry, rank), record in zip(
                    asked, (got.get(keys.bank_entry(self.company, i)) for i in ids), strict=True
                ):
                    if record is None:
                        continue
                    found[entry.booking_date, entry.amount.amount] += ENTRY.load(record).statement != self.id
                    if entry.booking_date in meeting:
                        beyond.append((entry, rank))
            wanted = _further(beyond, self.statement.entries)
        return found

    def _begin(self, stored: Counter[Amount]) -> StoredStatement:
        """Create the head, with the days that the statement shares; from here on its placement is decided."""

        def work(tx: Transaction) -> StoredStatement:
            own = keys.bank_statement(self.company, self.id)
            if there := tx.get(STATEMENT, own):
                return there
            account = tx.require(ACCOUNT, keys.bank_account(self.company, self.account))
            before, after = self._meetings(tx)
            on_day = {day: self._month(tx, day).days.get(day, 0) for day in self._ends}
            shared = shared_days(self.statement, stored, on_day, before, after)
            placement = place(self.account, self.statement, stored, shared)
            head = self._head(account, placement, shared)
            tx.put(STATEMENT, own, head)
            self._keep_months(tx, placement)
            return head

        return self.services.store.transact(work)

    @property
    def _ends(self) -> list[date]:
        return sorted({day for day in (self.statement.begins, self.statement.ends) if day})

    def _meetings(self, tx: Transaction) -> tuple[list[Money], list[Money]]:
        """Balances of stored statements that end where this one begins, and begin where it ends."""
        first, last = self.statement.begins, self.statement.ends
        ended = [each.amount for each in self._month(tx, first).ends if each.day == first] if first else []
        begun = [each.amount for each in self._month(tx, last).begins if each.day == last] if last else []
        return ended, begun

    def _month(self, tx: Transaction, day: date) -> BankMonth:
        return tx.get(MONTH, keys.bank_month(self.company, self.account, f"{day:%Y-%m}")) or BankMonth()

    def _keep_months(self, tx: Transaction, placement: Placement) -> None:
        """Count the new entries of each day, and where the statement begins and ends."""
        added = Counter(each.entry.booking_date for each in placement.new)
        statement = self.statement
        for day in sorted({*added, *self._ends}):
            month = self._month(tx, day)
            begins = _meeting(statement.opening, day) if day == statement.begins else ()
            ends = _meeting(statement.closing, day) if day == statement.ends else ()
            changed = month.change(
                days=month.days | {day: month.days.get(day, 0) + added[day]},
                begins=(*month.begins, *begins),
                ends=(*month.ends, *ends),
            )
            tx.put(MONTH, keys.bank_month(self.company, self.account, f"{day:%Y-%m}"), changed)

    def _head(self, account: OwnAccount, placement: Placement, shared: tuple[date, ...]) -> StoredStatement:
        statement = self.statement
        latest = account.closing is None or _day(statement.closing) >= _day(account.closing)
        before = account.balance if account.opening is not None and latest else None
        after = account.opening if _earlier(account, statement) else None
        told = {
            name: getattr(statement, name) for name in ("format", "begins", "ends", "opening", "closing", "currency")
        }
        return StoredStatement(
            id=self.id,
            account=self.account,
            number=statement.id[:80],
            entries=len(statement.entries),
            new=len(placement.new),
            state=StatementState.READING,
            file=self.file.id,
            sha256=self.file.sha256,
            read_at=self.services.clock.now(),
            shared=shared,
            warnings=tuple(reconcile(statement, placement, before, after)),
            **told,
        )

    def _write(self, block: Sequence[KeyedEntry]) -> None:
        def work(tx: Transaction) -> None:
            places = [keys.bank_entry(self.company, each.id) for each in block]
            tx.prefetch(places)
            for each, key in zip(block, places, strict=True):
                # Put, not created: who finds it there meanwhile looks again, and leaves it.
                if tx.get(ENTRY, key) is None:
                    stored = StoredEntry(id=each.id, account=self.account, statement=self.id, entry=each.entry)
                    tx.put(ENTRY, key, stored)

        self.services.store.transact(work)

    def _end(self, placement: Placement) -> StoredStatement:
        """Let go of the account, its sums moved on by what is new."""
        moved = total((each.entry.amount for each in placement.new), self.statement.currency)

        def work(tx: Transaction) -> StoredStatement:
            key, own = keys.bank_account(self.company, self.account), keys.bank_statement(self.company, self.id)
            account, stored = tx.require(ACCOUNT, key), tx.require(STATEMENT, own)
            if stored.state is StatementState.READ:
                return stored
            done = stored.change(state=StatementState.READ)
            tx.put(STATEMENT, own, done)
            tx.put(ACCOUNT, key, _moved(account, self.statement, moved, len(placement.new)))
            return done

        return self.services.store.transact(work)


def _ranked(entries: Sequence[Entry]) -> Iterator[tuple[Entry, int]]:
    """Entries with their ranks among those of their amount and day."""
    seen: Counter[Amount] = Counter()
    for entry in entries:
        key = entry.booking_date, entry.amount.amount
        yield entry, seen[key]
        seen[key] += 1


def _further(there: Sequence[tuple[Entry, int]], entries: Sequence[Entry]) -> list[tuple[Entry, int]]:
    """Past the ranks that are all there, as many more of each amount and day as the statement has."""
    have, got = counts(entries), Counter((entry.booking_date, entry.amount.amount) for entry, _ in there)
    return [
        (entry, rank + have[entry.booking_date, entry.amount.amount])
        for entry, rank in there
        if got[entry.booking_date, entry.amount.amount] == have[entry.booking_date, entry.amount.amount]
    ]


def _meeting(balance: Balance | None, day: date) -> tuple[Meeting, ...]:
    return (Meeting(day=day, amount=balance.amount),) if balance else ()


def _day(balance: Balance | None) -> date:
    return balance.day if balance and balance.day else date.min


def _earlier(account: OwnAccount, statement: Statement) -> bool:
    """Whether it begins before all that is stored of its account."""
    return bool(statement.begins and account.begins and statement.begins < account.begins)


def _moved(account: OwnAccount, statement: Statement, moved: Money, count: int) -> OwnAccount:
    """The account once a statement is in: its sums, where its entries begin, and what its bank told last."""
    movement, opening, begins = account.movement + moved, account.opening, account.begins
    closing = account.closing
    if statement.closing and (closing is None or _day(statement.closing) >= _day(closing)):
        closing = statement.closing
    if opening is None:
        opening = closing.amount - movement if closing else None
    elif _earlier(account, statement):
        opening = statement.opening.amount if statement.opening else opening - moved
    if statement.begins and count:
        begins = min(statement.begins, begins or statement.begins)
    return account.change(
        movement=movement,
        entries=account.entries + count,
        opening=opening,
        begins=begins,
        closing=closing,
        importing=None,
    )
