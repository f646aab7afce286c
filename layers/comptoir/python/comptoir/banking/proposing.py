"""What an entry may pay, of what waits for money: found by amount and number, judged by `matching` (TRS-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.banking.matching import Match, Reason, match
from comptoir.banking.open_lines import OpenLine
from comptoir.banking.statement import Entry
from comptoir.banking.stored import ENTRY, StoredEntry
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.kernel.text import Label, Line, plain_words
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.search import Exact, Term, Word, exact, search
from comptoir.treasury.items import DUE, due_amount
from comptoir.treasury.model import OpenRequest, Side

_MOST_NUMBERS, _JOINED = 10, 4
_SHORTEST, _LONGEST, _DIGITS = 6, 20, 4
_FOUND = 30
"""Requests that are looked at for each condition."""


class ProposedPart(Model):
    """So much of an invoice, due on a day."""

    invoice: Id
    number: Label
    customer: Id
    customer_name: Line
    due: dt.date | None
    amount: Money


class ProposalView(Model):
    """What an entry may pay together; `difference` is what the entry has more, `reasons` make up the score."""

    score: int
    difference: Money
    parts: tuple[ProposedPart, ...]
    reasons: tuple[Reason, ...]


class Proposals(Model):
    """Proposals for what is left of an entry, the best first.

    `certain` says that the first one leaves no doubt, `tied` that others come as near.
    """

    entry: Id
    left: Money
    certain: bool
    tied: bool
    proposals: tuple[ProposalView, ...]


class ProposeMatches(Query):
    """What an entry that came in may pay: by reference, number, amount, party and date, each reason told."""

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS
    entry: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(ENTRY, keys.bank_entry(ctx.company, self.entry)).value
        return Reply.of(proposals(ctx, stored))


def proposals(ctx: Context, stored: StoredEntry) -> Proposals:
    """The proposals for what is left of an entry; none for money that went out."""
    rest = stored.entry.change(amount=stored.left)
    parts = dict(_parts(ctx, rest)) if rest.amount.amount > 0 else {}
    [found] = match([rest], [line for line, _ in parts.values()])
    return Proposals(
        entry=stored.id,
        left=stored.left,
        certain=found.automatic,
        tied=found.tied,
        proposals=tuple(_shown(found, {name: part for name, (_, part) in parts.items()})),
    )


def _shown(found: Match, parts: dict[str, ProposedPart]) -> Iterator[ProposalView]:
    for each in found.proposals:
        yield ProposalView(
            score=each.score,
            difference=each.difference,
            parts=tuple(parts[line] for line in each.lines),
            reasons=each.reasons,
        )


def _parts(ctx: Context, entry: Entry) -> Iterator[tuple[str, tuple[OpenLine, ProposedPart]]]:
    """What waits for money and may be paid by an entry: whole invoices, and instalments where they have several."""
    requests = _requests(ctx, entry)
    parties = _parties(ctx, {each.debtor.customer for each in requests if each.debtor})
    for request in requests:
        party = parties.get(request.debtor.customer) if request.debtor else None
        if party is None:
            continue
        for name, part in _amounts(request, party):
            line = OpenLine(
                id=name,
                amount=part.amount,
                number=part.number,
                party=party.name,
                ibans=tuple(account.iban for account in party.bank_accounts),
                due=part.due,
            )
            yield name, (line, part)


def _requests(ctx: Context, entry: Entry) -> list[OpenRequest]:
    conditions: list[Term] = [Word(number) for number in _numbers(entry)]
    if facet := exact("due", due_amount(entry.amount)):
        conditions.append(Exact(facet))
    found: dict[str, None] = {}
    for condition in conditions:
        page = search(ctx.services.store, ctx.company, DUE[Side.CUSTOMER], None, [condition], None, _FOUND)
        found |= dict.fromkeys(record.summary for record in page.items if record.summary)
    return [OpenRequest.model_validate_json(summary) for summary in found]


def _amounts(request: OpenRequest, party: Party) -> Iterator[tuple[str, ProposedPart]]:
    """What each invoice has open in all, then each of its instalments by itself."""
    by_invoice: dict[str, list[ProposedPart]] = {}
    for due in request.due:
        part = ProposedPart(
            invoice=due.document,
            number=due.number,
            customer=party.id,
            customer_name=party.name,
            due=due.due_date,
            amount=due.amount,
        )
        by_invoice.setdefault(due.document, []).append(part)
    for invoice, parts in by_invoice.items():
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.change(amount=whole.amount + part.amount)
        yield invoice, whole
        if len(parts) > 1:
            yield from ((f"{invoice}#{number}", part) for number, part in enumerate(parts))


def _parties(ctx: Context, wanted: Iterable[str]) -> dict[str, Party]:
    places = [keys.party(ctx.company, party) for party in wanted]
    records = ctx.services.store.backend.get(places).values() if places else []
    found = [PARTY.load(record) for record in records if record]
    return {party.id: party for party in found}


def _numbers(entry: Entry) -> list[str]:
    """What in the texts of an entry may be the number of a document, as the search writes it; the longest first.

    Words that follow each other are one number as long as no word without a digit comes between.
    """
    found: dict[str, None] = {}
    for text in (entry.text, entry.end_to_end, entry.reference):
        words = plain_words(text or "")
        for start in range(len(words)):
            joined = ""
            for place, word in enumerate(words[start : start + _JOINED]):
                if place and word.isalpha():
                    break
                joined += word
                if _SHORTEST <= len(joined) <= _LONGEST and sum(map(str.isdigit, joined)) >= _DIGITS:
                    found[joined] = None
    return sorted(found, key=len, reverse=True)[:_MOST_NUMBERS]
