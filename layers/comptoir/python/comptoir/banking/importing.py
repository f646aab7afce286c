"""A statement comes in once: whatever the format, however often, wherever it overlaps what is there (TRS-04).

What every format tells alike is the account, the booking day and the amount; texts and references
differ. So an entry is the nth of its amount on its day on its account, and a statement is its
balances with the amounts of its days. Two equal movements of one day are two (RULES §6): the
second is told from the first by its rank, never by its text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from comptoir.banking.statement import Entry, Statement
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id, derived_id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, plain, total

Counts = Mapping[tuple[date, Decimal], int]
"""How many entries of an account are stored, by booking day and amount."""


class KeyedEntry(Model):
    """An entry that is new to its account, under the id that it has for ever."""

    id: Id
    entry: Entry


class Placement(Model):
    """What a statement adds to its account: its new entries, and how many were there before."""

    new: tuple[KeyedEntry, ...]
    known: int


def fingerprint(account: str, statement: Statement) -> str:
    """The identifier of a statement of the company's account `account`, the same in every format.

    Made from its balances and from the day and amount of every entry; a table without balances has
    another one than the same statement with them, and is known by its entries.
    """
    balances = [
        "" if balance is None else plain(balance.amount.amount) for balance in (statement.opening, statement.closing)
    ]
    entries = sorted(f"{entry.booking_date} {plain(entry.amount.amount)}" for entry in statement.entries)
    # A statement without entries is that of its day.
    day = "" if entries else str(statement.last_day)
    return derived_id("statement", account, statement.currency, day, *balances, *entries)


def counts(entries: Iterable[Entry]) -> Counter[tuple[date, Decimal]]:
    """How many entries there are, by booking day and amount."""
    return Counter((entry.booking_date, entry.amount.amount) for entry in entries)


def entry_id(account: str, entry: Entry, rank: int) -> str:
    """The identifier of the `rank`th entry (from 0) of its amount on its day on an account."""
    day, amount = entry.booking_date.isoformat(), plain(entry.amount.amount)
    return derived_id("entry", account, day, amount, entry.amount.currency, str(rank))


def place(account: str, statement: Statement, stored: Counts, shared: Collection[date] = ()) -> Placement:
    """What a statement adds to the entries that are stored for its days, of which it shares some (`shared_days`).

    A day brings what it has more of an amount than is stored of it; a shared day brings all that it
    has, however like what is stored. Call it for a statement whose fingerprint is not known yet.
    """
    seen: Counter[tuple[date, Decimal]] = Counter()
    new, known = [], 0
    for entry in statement.entries:
        key = entry.booking_date, entry.amount.amount
        there = stored.get(key, 0)
        rank = seen[key] + (there if entry.booking_date in shared else 0)
        seen[key] += 1
        if rank < there:
            known += 1
        else:
            new.append(KeyedEntry(id=entry_id(account, entry, rank), entry=entry))
    return Placement(new=tuple(new), known=known)


def shared_days(
    statement: Statement,
    stored: Counts,
    on_day: Mapping[date, int],
    before: Collection[Money],
    after: Collection[Money],
) -> tuple[date, ...]:
    """The days that this statement shares with stored ones, going on where one stops or stopping where one begins.

    `before` are the closing balances of the stored statements that end on the day on which this one
    begins, `after` the opening balances of those that begin on the day on which it ends; `on_day`
    tells how many entries are stored of each of these days.
    """
    days = set()
    if statement.opening is not None and statement.opening.amount in before:
        days.add(statement.begins)
    if statement.closing is not None and statement.closing.amount in after:
        days.add(statement.ends)
    return tuple(sorted(day for day in days if day and not _same_day(statement, stored, on_day, day)))


def _same_day(statement: Statement, stored: Counts, on_day: Mapping[date, int], day: date) -> bool:
    """Whether a day is the same in both and adds up to nothing: then that balances meet proves nothing."""
    told = {amount: count for (when, amount), count in counts(statement.entries).items() if when == day}
    there = {amount: stored.get((day, amount), 0) for amount in told}
    alike = told == there and sum(there.values()) == on_day.get(day, 0)
    return alike and not sum(amount * count for amount, count in told.items())


def reconcile(statement: Statement, placement: Placement, before: Money | None, after: Money | None) -> list[Breach]:
    """What speaks against a statement at either end of what is stored of its account.

    The new entries of the latest lead from `before`, the balance that the account stands at, to its closing balance;
    those of the earliest from its opening balance to `after`, where the account began until now.
    """
    moved = total((added.entry.amount for added in placement.new), statement.currency)
    if before is not None and statement.closing is not None:
        return _gap(statement, before + moved, statement.closing.amount, _LATEST)
    if after is not None and statement.opening is not None:
        return _gap(statement, statement.opening.amount + moved, after, _EARLIEST)
    return []


_LATEST = (
    "le compte en serait à {reached} {currency}, le relevé annonce {told}",
    "the account would stand at {currency} {reached}, the statement tells {told}",
)
_EARLIEST = (
    "il mène le compte à {reached} {currency}, le relevé suivant commence à {told}",
    "it leads the account to {currency} {reached}, the next statement begins at {told}",
)


def _gap(statement: Statement, reached: Money, told: Money, said: tuple[str, str]) -> list[Breach]:
    if reached == told:
        return []
    gap, words = plain((told - reached).amount), {"reached": plain(reached.amount), "told": plain(told.amount)}
    fr, en = (each.format(currency=told.currency, **words) for each in said)
    return [
        Breach(
            code="balance_not_reached",
            fr=f"Relevé {statement.id} : {fr} : il manque un relevé, ou {gap} d'écritures.",
            en=f"Statement {statement.id}: {en}: a statement is missing, or entries of {gap}.",
            pointer="/file",
        )
    ]
