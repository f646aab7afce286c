"""Transfers that the bank rejects without ever booking them: what they should have paid is paid anew (TRS-09).

The line of a rejected transfer is replaced as that of a returned one is: another identifier, so that neither the
line nor its end-to-end reference is ever sent twice; the order remembers what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.banking.holding import keep_lines
from comptoir.banking.ordered import (
    MOST_TRANSFERS,
    TRANSFER_ORDER,
    Rejection,
    StoredTransferOrder,
    TransferState,
)
from comptoir.banking.transfer_commands import OfTransferOrder, TransferFileMissing
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Line
from comptoir.purchasing.items import SUPPLIER_DOCUMENT, sheet_of
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Transferred, TreasuryLine
from comptoir.treasury.transferring import freed


class RejectTransfers(OfTransferOrder, Command):
    """Record that the bank rejected transfers of an order, all by default: what they pay waits to be paid anew.

    `lines` are those that the transfers pay, `reason` the bank's code and words. Errors: `NotFound`,
    `VersionMismatch`, `TransferFileMissing`, `Refused` with everything that is wrong; then nothing is rejected.
    """

    permission: ClassVar[Permission] = Permission.GENERATE_TRANSFERS
    guarded: ClassVar[bool] = True

    lines: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_TRANSFERS)] | None = None
    reason: Line
    rejected_on: date | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [self.place(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = self.place(ctx.company)
        stored = tx.require(TRANSFER_ORDER, key)
        ctx.expect(tx, key)
        if stored.state is not TransferState.GENERATED:
            raise TransferFileMissing(state=stored.state.value)
        day = self.rejected_on or ctx.today
        rejected = _Rejected.read(tx, ctx.company, stored)
        refuse_if([*_date_breaches(day, ctx.today, stored.prepared_on), *rejected.breaches(self.lines)])
        chosen = [each.line for each in stored.paid] if self.lines is None else list(dict.fromkeys(self.lines))
        told = {"reason": self.reason, "rejected_on": day, "recorded_at": ctx.now}
        told |= {"operator": ctx.operator.id, "operator_name": ctx.operator.name}
        anew = rejected.replace(tx, ctx, chosen, self.reason)
        made = (Rejection(line=line, replaced_by=anew[line], **told) for line in chosen)
        after = stored.change(rejections=(*stored.rejections, *made))
        save(tx, ctx, TRANSFER_ORDER, key, after, "rejected")
        return Reply.of(after, tx.next_version(key), 201)


@dataclass
class _Rejected:
    """The transfers of an order by the lines that they pay, and the sheets that these lie on."""

    order: StoredTransferOrder
    transfers: Mapping[Id, Transferred]
    sheets: Mapping[Id, Key]
    held: dict[Key, tuple[TreasuryLine, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, tx: Transaction, company: str, order: StoredTransferOrder) -> _Rejected:
        """All that an order pays, in two reads."""
        places = {each.document: keys.supplier_document(company, each.document) for each in order.paid}
        documents = tx.several(SUPPLIER_DOCUMENT, places)
        sheets = {each.line: sheet_of(company, documents[each.document]) for each in order.paid}
        transfers = {
            paid.line: Transferred(order=order.id, end_to_end=transfer.end_to_end)
            for paid, transfer in zip(order.paid, order.order.transfers, strict=True)
        }
        held = dict.fromkeys(sheets.values())
        tx.prefetch(list(held))
        return cls(order, transfers, sheets, {key: tx.require(TREASURY, key).lines for key in held})

    def breaches(self, lines: Sequence[Id] | None) -> list[Breach]:
        """Every reason why the transfers of the lines cannot be rejected, at its place in the request."""
        if lines is None:
            return [found for each in self.order.paid if (found := self._breach(each.line, "/lines"))]
        places = ((line, f"/lines/{number}") for number, line in enumerate(lines))
        return [found for line, at in places if (found := self._breach(line, at))]

    def _breach(self, line: Id, at: str) -> Breach | None:
        paid = next((each for each in self.order.paid if each.line == line), None)
        if paid is None:
            fr, en = "Aucun virement de cet ordre ne paie cette ligne.", "No transfer of this order pays this line."
            return Breach(code="unknown_line", fr=fr, en=en, pointer=at)
        before = next((each for each in self.order.rejections if each.line == line), None)
        if before:
            fr = f"Le virement de {paid.number} est déjà rejeté, le {before.rejected_on:%d/%m/%Y}."
            en = f"The transfer of {paid.number} has been rejected already, on {before.rejected_on:%Y-%m-%d}."
            return Breach(code="transfer_rejected", fr=fr, en=en, pointer=at)
        own = [each for each in self.held[self.sheets[line]] if each.transfer == self.transfers[line]]
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
        failed = {self.transfers[line]: line for line in chosen}
        anew: dict[Id, tuple[Id, ...]] = dict.fromkeys(chosen, ())
        for sheet in dict.fromkeys(self.sheets[line] for line in chosen):
            before = self.held[sheet]
            after = freed(before, lambda line: line.transfer in failed, ctx.new_id)
            keep_lines(tx, ctx, sheet, after, "transfer_rejected", self.order.id, {"/reason": reason})
            for old, new in zip(before, after, strict=True):
                if old.transfer and old.id != new.id:
                    anew[failed[old.transfer]] += (new.id,)
        return anew


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
