"""What an entry may pay, of what waits for money: found by amount and number, judged by `matching` (TRS-04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.banking.matching import Match, Reason, match
from comptoir.banking.stored import ENTRY, StoredEntry
from comptoir.banking.waiting import ProposedPart, waiting
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.store import keys
from comptoir.treasury.model import Side


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
    """What an entry may settle: by transfer, reference, number, amount, party and date, each reason told.

    Money that came in pays what customers owe or is a supplier's refund; money that went out pays suppliers or a
    customer's credit note.
    """

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS
    entry: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(ENTRY, keys.bank_entry(ctx.company, self.entry)).value
        return Reply.of(proposals(ctx, stored))


def proposals(ctx: Context, stored: StoredEntry) -> Proposals:
    """The proposals for what is left of an entry; none where nothing is."""
    rest = stored.entry.change(amount=stored.left)
    found = list(waiting(ctx, rest)) if stored.left else []
    parts = {line.id: part for line, part in found}
    [judged] = match([rest], [line for line, _ in found])
    shown = tuple(_shown(judged, parts))
    best = judged.proposals[:1]
    return Proposals(
        entry=stored.id,
        left=stored.left,
        certain=judged.automatic and _acceptable([parts[line] for each in best for line in each.lines]),
        tied=judged.tied,
        proposals=shown,
    )


def _shown(found: Match, parts: Mapping[str, ProposedPart]) -> Iterator[ProposalView]:
    for each in found.proposals:
        together = [parts[line] for line in each.lines]
        if _acceptable(together):
            yield ProposalView(
                score=each.score, difference=each.difference, parts=tuple(together), reasons=each.reasons
            )


def _acceptable(parts: list[ProposedPart]) -> bool:
    """Whether one match takes them: invoices of one customer, of suppliers, or one credit note."""
    if any(part.credit_note for part in parts):
        return len(parts) == 1
    if any(part.side is Side.CUSTOMER for part in parts):
        return len({(part.side, part.party) for part in parts}) == 1
    return True
