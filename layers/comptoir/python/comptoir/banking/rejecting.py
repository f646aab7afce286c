"""Transfers that the bank rejects without ever booking them: what they should have paid is paid anew (TRS-09).

The line of a rejected transfer is replaced as that of a returned one is: another identifier, so that neither the
line nor its end-to-end reference is ever sent twice; the order remembers what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.history import record
from comptoir.access.permissions import Permission
from comptoir.banking.holding import keep_lines, sheets
from comptoir.banking.ordered import (
    AT_ONCE,
    TRANSFER_ORDER,
    TRANSFER_PART,
    PaidLine,
    Rejection,
    TransferOrderHead,
    TransferPart,
    TransferState,
    parts_of,
    view,
    whole,
)
from comptoir.banking.transfer_commands import OfTransferOrder, TransferFileMissing
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Line
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Transferred, TreasuryLine
from comptoir.treasury.transferring import freed


class RejectTransfers(OfTransferOrder, Command):
    """Record that the bank rejected transfers of an order, all by default: what they pay waits to be paid anew.

    `lines` are those that the transfers pay, as many at a time as fit one transaction; `reason` is the bank's code
    and words. Errors: `NotFound`, `VersionMismatch`, `TransferFileMissing`, `Refused` with everything that is
    wrong; then nothing is rejected.
    """

    permission: ClassVar[Permission] = Permission.GENERATE_TRANSFERS
    guarded: ClassVar[bool] = True

    lines: Annotated[tuple[Id, ...], Field(min_length=1, max_length=AT_ONCE)] | None = None
    reason: Line
    rejected_on: date | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [self.place(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = self.place(ctx.company)
        head = tx.require(TRANSFER_ORDER, key)
        ctx.expect(tx, key)
        if head.state is not TransferState.GENERATED:
            raise TransferFileMissing(state=head.state.value)
        day = self.rejected_on or ctx.today
        found = _date_breaches(day, ctx.today, head.prepared_on)
        refuse_if([*found, _TOO_MANY] if self.lines is None and head.parts > 1 else [])
        sent = _Sent.read(tx, ctx.company, head)
        refuse_if([*found, *sent.breaches(self.lines)])
        chosen = list(dict.fromkeys(sent.lines if self.lines is None else self.lines))
        told = {"reason": self.reason, "rejected_on": day, "recorded_at": ctx.now}
        told |= {"operator": ctx.operator.id, "operator_name": ctx.operator.name}
        anew = sent.replace(tx, ctx, chosen, self.reason)
        made = [Rejection(line=line, replaced_by=anew[line], **told) for line in chosen]
        sent.keep(tx, ctx.company, made)
        after = head.change(rejected=head.rejected + len(made))
        tx.put(TRANSFER_ORDER, key, after)
        record(tx, ctx, key.pk, "rejected", {"/rejections": [each.model_dump(mode="json") for each in made]})
        return Reply.of(view(after), tx.next_version(key), 201)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        tx = Transaction(services.store.backend)
        return Reply.of(whole(tx, caller.company, self.transfer_order), tx.version(self.place(caller.company)), 201)


@dataclass
class _Sent:
    """The parts of an order, and where the line of each transfer lies."""

    head: TransferOrderHead
    parts: Sequence[TransferPart]
    paid: Mapping[Id, PaidLine]
    marks: Mapping[Id, Transferred]
    sheets: Mapping[Id, Key]
    rejections: Mapping[Id, Rejection]
    held: Mapping[Key, tuple[TreasuryLine, ...]]

    @classmethod
    def read(cls, tx: Transaction, company: str, head: TransferOrderHead) -> _Sent:
        """All that an order pays."""
        parts = parts_of(tx, company, head)
        together = TransferPart(
            transfers=tuple(each for part in parts for each in part.transfers),
            paid=tuple(each for part in parts for each in part.paid),
        )
        lie = sheets(tx, company, together)
        return cls(
            head=head,
            parts=parts,
            paid={each.line: each for each in together.paid},
            marks=together.marks(head.id),
            sheets=lie,
            rejections={each.line: each for part in parts for each in part.rejections},
            held={key: tx.require(TREASURY, key).lines for key in lie.values()},
        )

    @property
    def lines(self) -> Sequence[Id]:
        """What its transfers pay, in their order."""
        return list(self.paid)

    def breaches(self, lines: Sequence[Id] | None) -> list[Breach]:
        """Every reason why the transfers of the lines cannot be rejected, at its place in the request."""
        if lines is None:
            return [found for line in self.lines if (found := self._breach(line, "/lines"))]
        places = ((line, f"/lines/{number}") for number, line in enumerate(lines))
        return [found for line, at in places if (found := self._breach(line, at))]

    def _breach(self, line: Id, at: str) -> Breach | None:
        paid, before = self.paid.get(line), self.rejections.get(line)
        if paid is None:
            fr, en = "Aucun virement de cet ordre ne paie cette ligne.", "No transfer of this order pays this line."
            return Breach(code="unknown_line", fr=fr, en=en, pointer=at)
        if before:
            fr = f"Le virement de {paid.number} est déjà rejeté, le {before.rejected_on:%d/%m/%Y}."
            en = f"The transfer of {paid.number} has been rejected already, on {before.rejected_on:%Y-%m-%d}."
            return Breach(code="transfer_rejected", fr=fr, en=en, pointer=at)
        own = [each for each in self.held[self.sheets[line]] if each.transfer == self.marks[line]]
        if own and all(each.frozen for each in own):
            return None
        link = f"/supplier-documents/{paid.document}/treasury"
        if own:
            fr = f"Le virement de {paid.number} est rapproché du relevé : la banque l'a exécuté."
            en = f"The transfer of {paid.number} is matched with the statement: the bank made it."
            return Breach(code="transfer_matched", fr=fr, en=en, pointer=at, link=link)
        # Returned; or rejected at this very instant, by who wrote the sheet after the order was read here.
        fr = f"Le virement de {paid.number} n'est plus en cours : la banque l'a rendu ou rejeté."
        en = f"The transfer of {paid.number} is no longer under way: the bank returned or rejected it."
        return Breach(code="transfer_ended", fr=fr, en=en, pointer=at, link=link)

    def replace(self, tx: Transaction, ctx: Context, chosen: Sequence[Id], reason: str) -> dict[Id, tuple[Id, ...]]:
        """Put new lines in the place of the chosen ones, with the history of each sheet; which, by the old ones."""
        failed = {self.marks[line]: line for line in chosen}
        anew: dict[Id, tuple[Id, ...]] = dict.fromkeys(chosen, ())
        for sheet in dict.fromkeys(self.sheets[line] for line in chosen):
            before = self.held[sheet]
            after = freed(before, lambda line: line.transfer in failed, ctx.new_id)
            keep_lines(tx, ctx, sheet, after, "transfer_rejected", self.head.id, {"/reason": reason})
            for old, new in zip(before, after, strict=True):
                if old.transfer and old.id != new.id:
                    anew[failed[old.transfer]] += (new.id,)
        return anew

    def keep(self, tx: Transaction, company: str, made: Sequence[Rejection]) -> None:
        """Write the rejections beside the transfers."""
        for number, part in enumerate(self.parts):
            own = {each.line for each in part.paid}
            if new := tuple(each for each in made if each.line in own):
                place = keys.transfer_order_part(company, self.head.id, number)
                tx.put(TRANSFER_PART, place, part.change(rejections=(*part.rejections, *new)))


_TOO_MANY = Breach(
    code="too_many_rejections",
    fr=f"Un rejet porte sur {AT_ONCE} virements au plus : nommez leurs lignes.",
    en=f"At most {AT_ONCE} transfers are rejected at a time: name their lines.",
    pointer="/lines",
)


def _date_breaches(day: date, today: date, earliest: date) -> list[Breach]:
    """A bank rejects today or before, and not before the order was made."""
    if day > today:
        fr, en = "La date est future.", "The date is in the future."
        return [Breach(code="date_future", fr=fr, en=en, pointer="/rejected_on")]
    if day < earliest:
        fr = f"La date précède celle de l'ordre, le {earliest:%d/%m/%Y}."
        en = f"The date is before that of the order, {earliest:%Y-%m-%d}."
        return [Breach(code="date_before_order", fr=fr, en=en, pointer="/rejected_on")]
    return []
