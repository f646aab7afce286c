"""Transfers that the bank rejects without ever booking them: what they should have paid is paid anew (TRS-09).

The line of a rejected transfer is replaced as that of a returned one is: another identifier, so that neither the
line nor its end-to-end reference is ever sent twice; the order remembers what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from comptoir.access.context import Context
from comptoir.access.history import record, save
from comptoir.banking.holding import keep_lines, sheets
from comptoir.banking.ordered import (
    TRANSFER_ORDER,
    TRANSFER_PART,
    PaidLine,
    Rejection,
    RejectionTerms,
    TransferPart,
    TransferState,
)
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Transferred, TreasuryLine
from comptoir.treasury.transferring import freed


@dataclass(frozen=True)
class Sent:
    """Parts of an order that was sent, by their numbers, and where the line of each transfer lies."""

    order: Id
    parts: Mapping[int, TransferPart]
    paid: Mapping[Id, PaidLine]
    marks: Mapping[Id, Transferred]
    sheets: Mapping[Id, Key]
    held: Mapping[Key, tuple[TreasuryLine, ...]]

    @classmethod
    def read(cls, tx: Transaction, company: str, order: Id, numbers: Iterable[int]) -> Sent:
        """What these parts of an order pay, in three reads."""
        places = {number: keys.transfer_order_part(company, order, number) for number in numbers}
        parts = tx.several(TRANSFER_PART, places)
        together = TransferPart(
            transfers=tuple(each for part in parts.values() for each in part.transfers),
            paid=tuple(each for part in parts.values() for each in part.paid),
        )
        lie = sheets(tx, company, together)
        return cls(
            order=order,
            parts=parts,
            paid={each.line: each for each in together.paid},
            marks=together.marks(order),
            sheets=lie,
            held={key: tx.require(TREASURY, key).lines for key in lie.values()},
        )

    @property
    def rejections(self) -> dict[Id, Rejection]:
        """What the bank rejected already, by the line."""
        return {each.line: each for part in self.parts.values() for each in part.rejections}

    def breaches(self, places: Iterable[tuple[Id, str]]) -> list[Breach]:
        """Every reason why the transfers of lines cannot be rejected, each at its place."""
        rejections = self.rejections
        return [found for line, at in places if (found := self._breach(line, rejections.get(line), at))]

    def _breach(self, line: Id, before: Rejection | None, at: str) -> Breach | None:
        paid = self.paid.get(line)
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

    def reject(self, tx: Transaction, ctx: Context, chosen: Sequence[Id], terms: RejectionTerms) -> None:
        """Put new lines in the place of the chosen ones, and tell it beside the transfers and in every history."""
        anew = self._replace(tx, ctx, chosen, terms.reason)
        told = terms.picked(RejectionTerms.model_fields)
        made = [Rejection(line=line, replaced_by=anew[line], **told) for line in chosen]
        for number, part in self.parts.items():
            own = {each.line for each in part.paid}
            if new := tuple(each for each in made if each.line in own):
                place = keys.transfer_order_part(ctx.company, self.order, number)
                tx.put(TRANSFER_PART, place, part.change(rejections=(*part.rejections, *new)))
        key = keys.transfer_order(ctx.company, self.order)
        record(tx, ctx, key.pk, "rejected", {"/rejections": [each.model_dump(mode="json") for each in made]})

    def _replace(self, tx: Transaction, ctx: Context, chosen: Sequence[Id], reason: str) -> dict[Id, tuple[Id, ...]]:
        """The new lines that wait in the place of each chosen one."""
        failed = {self.marks[line]: line for line in chosen}
        anew: dict[Id, tuple[Id, ...]] = dict.fromkeys(chosen, ())
        for sheet in dict.fromkeys(self.sheets[line] for line in chosen):
            before = self.held[sheet]
            after = freed(before, lambda line: line.transfer in failed, ctx.new_id)
            keep_lines(tx, ctx, sheet, after, "transfer_rejected", self.order, {"/reason": reason})
            for old, new in zip(before, after, strict=True):
                if old.transfer and old.id != new.id:
                    anew[failed[old.transfer]] += (new.id,)
        return anew


def reject_part(ctx: Context, order: Id, number: int, tx: Transaction) -> None:
    """Reject what is asked for of a part, and is neither rejected yet nor made by the bank meanwhile."""
    key = keys.transfer_order(ctx.company, order)
    head = tx.require(TRANSFER_ORDER, key)
    if head.state is not TransferState.REJECTING or head.rejecting is None:
        return
    sent = Sent.read(tx, ctx.company, order, [number])
    asked = [line for line in head.rejecting.lines if line in sent.paid]
    if chosen := [line for line in asked if not sent.breaches([(line, "")])]:
        tx.check(key)
        sent.reject(tx, ctx, chosen, head.rejecting)


def all_rejected(ctx: Context, order: Id, tx: Transaction) -> None:
    """Tell that a rejection is done, and what of it is not, since the bank made the transfer after all."""
    key = keys.transfer_order(ctx.company, order)
    head = tx.require(TRANSFER_ORDER, key)
    if head.state is not TransferState.REJECTING or head.rejecting is None:
        return
    sent = Sent.read(tx, ctx.company, order, range(head.parts))
    done, places = sent.rejections, {line: number for number, line in enumerate(sent.paid)}
    missed = [line for line in head.rejecting.lines if line not in done]
    told = sent.breaches((line, f"/order/transfers/{places[line]}") for line in missed)
    # Fewer are told than missed where a match was undone at this very instant: then the clock goes on.
    if len(told) == len(missed):
        rest = {"rejecting": None, "rejected": len(done), "breaches": tuple(told)}
        save(tx, ctx, TRANSFER_ORDER, key, head.change(state=TransferState.GENERATED, **rest), "rejections_recorded")
