"""Accounting entries: journals, lines in the company's currency that balance, and where each comes from (RULES §4).

Entries are made from what is stored and never stored themselves, by the hundred thousand: plain values,
checked where they are made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.kernel.text import Label, Line


class Journal(Model):
    """A journal: its code and its name, as the FEC shows them."""

    code: Label
    name: Line


class Unbalanced(ValueError):
    """Debits and credits differ: an entry that must never reach the books."""


class EntryLine(NamedTuple):
    """A line of an entry, in the company's currency; one side alone is worth something, and is positive.

    `auxiliary` is the party's own account under the collective one, `foreign` the signed amount in the
    document's currency (positive for a debit), `analytic` the number of the order.
    """

    account: str
    account_name: str
    auxiliary: str
    auxiliary_name: str
    label: str
    debit: Decimal
    credit: Decimal
    foreign: Money | None = None
    analytic: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a journal, which balances: what one document or one payment is in the books.

    `validated_on` is the day on which its source was validated: it can no longer change. `source` and
    `sequence` name the entry of the chain, or the record, that it comes from. Errors: `Unbalanced`.
    """

    journal: Journal
    day: date
    piece: str
    piece_day: date
    lines: tuple[EntryLine, ...]
    validated_on: date
    source: str
    sequence: int

    def __post_init__(self) -> None:
        debit, credit = sums(self.lines)
        if debit != credit:
            raise Unbalanced(f"{self.piece}: {debit} on the debit, {credit} on the credit")


def sums(lines: Iterable[EntryLine]) -> tuple[Decimal, Decimal]:
    """The debits and the credits of lines."""
    debit = credit = Decimal(0)
    for line in lines:
        debit += line.debit
        credit += line.credit
    return debit, credit


class Posting(NamedTuple):
    """An amount to book on an account: a debit when positive. `foreign` is the same in the document's currency."""

    account: str
    amount: Decimal
    foreign: Decimal = Decimal(0)


def merged(postings: Iterable[Posting]) -> list[Posting]:
    """Postings with one for each account, in the order in which they first come; what is worth nothing is left out."""
    found: dict[str, Posting] = {}
    for posting in postings:
        before = found.get(posting.account)
        if before:
            posting = Posting(posting.account, before.amount + posting.amount, before.foreign + posting.foreign)
        found[posting.account] = posting
    return [posting for posting in found.values() if posting.amount]


class Side(NamedTuple):
    """Whose entry it is: its collective account, and the party under it."""

    collective: str
    code: str
    name: str


def entry_line(
    posting: Posting, name: str, side: Side, label: str, currency: str | None = None, analytic: str = ""
) -> EntryLine:
    """A posting as a line; `currency` is the document's when it is not that of the books."""
    under = posting.account == side.collective
    return EntryLine(
        posting.account,
        name,
        side.code if under else "",
        side.name if under else "",
        label,
        max(posting.amount, _NOTHING),
        max(-posting.amount, _NOTHING),
        Money.of(posting.foreign, currency) if currency else None,
        analytic,
    )


_NOTHING = Decimal("0.00")
