"""What an entry may pay, of what waits for money: found by amount and number, judged by `matching` (TRS-04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.banking.accounts import ACCOUNT
from comptoir.banking.matching import Match, Proposal, Reason, match
from comptoir.banking.open_lines import OpenLine
from comptoir.banking.returned import returned
from comptoir.banking.statement import Entry
from comptoir.banking.stored import ENTRY, StoredEntry
from comptoir.banking.waiting import Acceptance, ProposedPart, waiting
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, total
from comptoir.purchasing.settling import MAX_INVOICES
from comptoir.store import keys

_PartsOf = Mapping[str, tuple[ProposedPart, ...]]


class ProposalView(Model):
    """What an entry may pay together; `difference` is what the entry has more, `reasons` make up the score.

    Of a batch there is as much as one match takes: once that is accepted, the rest is proposed.

    `accepted_by` is the route of the entry that takes the parts; those of a payment that the bank returns are taken by
    its identifier and its reason.
    """

    accepted_by: Acceptance
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
    """What an entry may settle: by transfer, reference, number, amount, party and date, each reason told.

    Money that came in pays what customers owe or is a supplier's refund; money that went out pays suppliers or a
    customer's credit note. Either may be a payment that the bank returns: a transfer, a direct debit, a cheque.
    """

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS
    entry: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(ENTRY, keys.bank_entry(ctx.company, self.entry)).value
        return Reply.of(proposals(ctx, stored))


def proposals(ctx: Context, stored: StoredEntry) -> Proposals:
    """The proposals for what is left of an entry; none where nothing is."""
    rest = stored.entry.change(amount=stored.left)
    lines, parts = _candidates(ctx, stored, rest)
    [judged] = match([rest], lines)
    best = judged.proposals[:1]
    return Proposals(
        entry=stored.id,
        left=stored.left,
        certain=judged.automatic and all(_acceptable(_parts(each, parts)) for each in best),
        tied=judged.tied,
        proposals=tuple(_shown(judged, parts, rest)),
    )


def _candidates(ctx: Context, stored: StoredEntry, rest: Entry) -> tuple[list[OpenLine], _PartsOf]:
    """What waits for money and what may come back, with the parts of each."""
    if not rest.amount:
        return [], {}
    account = ctx.services.store.require(ACCOUNT, keys.bank_account(ctx.company, stored.account)).value.account
    waits = ((line, (part,)) for line, part in waiting(ctx, rest))
    found = [*waits, *returned(ctx, rest, account.iban)]
    return [line for line, _ in found], {line.id: parts for line, parts in found}


def _parts(proposed: Proposal, parts: _PartsOf) -> list[ProposedPart]:
    return [part for line in proposed.lines for part in parts[line]]


def _shown(found: Match, parts: _PartsOf, rest: Entry) -> Iterator[ProposalView]:
    for each in found.proposals:
        together = _parts(each, parts)
        if not _acceptable(together):
            continue
        route, beyond = together[0].accepted_by, together[MAX_INVOICES:]
        cut = beyond if route is Acceptance.SUPPLIER_MATCHES else []
        yield ProposalView(
            accepted_by=route,
            score=each.score,
            difference=each.difference + total((part.moved for part in cut), rest.amount.currency),
            parts=tuple(_within(together[: len(together) - len(cut)], rest)),
            reasons=each.reasons,
        )


def _within(parts: list[ProposedPart], rest: Entry) -> list[ProposedPart]:
    """A document alone takes no more than the entry has."""
    if len(parts) > 1:
        return parts
    most = rest.amount if rest.amount.amount > 0 else -rest.amount
    return [part.change(amount=min(part.amount, most, key=lambda amount: amount.amount)) for part in parts]


def _acceptable(parts: list[ProposedPart]) -> bool:
    """Whether one match takes them: invoices of one customer, of suppliers, one credit note, one payment's return."""
    routes = {part.accepted_by for part in parts}
    if routes == {Acceptance.RETURN_MATCHES}:
        return len({part.returned.payment for part in parts if part.returned}) == 1
    if routes == {Acceptance.REFUND_MATCHES}:
        return len(parts) == 1
    if routes == {Acceptance.MATCHES}:
        return len({part.party for part in parts}) == 1
    return routes == {Acceptance.SUPPLIER_MATCHES}
