"""What takes back supplier documents that were recorded by mistake (CRN-13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.codes import release
from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.kernel.errors import Breach, Conflict, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Paragraph
from comptoir.ledger.periods import first_open, require_open
from comptoir.purchasing.commands import Purchasing, kept, supplier_document
from comptoir.purchasing.grounds import next_sequence
from comptoir.purchasing.items import sheet_of
from comptoir.purchasing.model import SupplierStatus
from comptoir.purchasing.received import ReceivedKind
from comptoir.purchasing.rules import moved
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury, TreasuryLine, TreasuryStatus
from comptoir.treasury.settling import uninvoice, uninvoice_breaches


class AlreadyCancelled(Conflict):
    """It was taken back before."""

    code = "supplier_document_cancelled"
    fr = "Ce document est déjà annulé."
    en = "This document is cancelled already."


class CancelSupplierDocument(Purchasing):
    """Take back what was recorded by mistake: money as before, the number free to be recorded again (CRN-13).

    Refused once it is paid, transferred, deducted or credited. Errors: `NotFound`, `AlreadyCancelled`, `Refused`.
    """

    guarded: ClassVar[bool] = True

    document: Id
    reason: Paragraph

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.supplier_document(company, self.document), keys.periods(company)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        ctx.expect(tx, keys.supplier_document(ctx.company, self.document))
        before = supplier_document(tx, ctx, self.document)
        if before.status is SupplierStatus.CANCELLED:
            raise AlreadyCancelled()
        place = sheet_of(ctx.company, before)
        sheet = tx.require(TREASURY, place)
        if before.kind is ReceivedKind.CREDIT_NOTE:
            money, taken = _without(sheet, before.id), sheet.taken
        else:
            refuse_if([_told_of(before.id, breach) for breach in uninvoice_breaches(sheet.lines, before.id)])
            money = uninvoice(sheet.lines, before.id, ordered=bool(before.order or before.purchase))
            taken = moved(sheet.taken, before.lines, -1)
        day = first_open(tx, ctx.company, ctx.today)
        require_open(tx, ctx.company, day)
        tx.put(TREASURY, place, sheet.change(lines=money, taken=taken))
        release(tx, keys.supplier_number(ctx.company, before.seller, before.number, before.issue_date), before.id)
        after = before.change(
            status=SupplierStatus.CANCELLED,
            cancelled_on=day,
            cancelled_at=ctx.now,
            cancelled_sequence=next_sequence(tx, ctx.company),
            cancel_reason=self.reason,
        )
        return kept(tx, ctx, after, "cancelled")


def _told_of(document: Id, breach: Breach) -> Breach:
    """A breach with the address of a supplier's document."""
    return Breach(code=breach.code, fr=breach.fr, en=breach.en, link=f"/supplier-documents/{document}")


def _without(sheet: Treasury, note: Id) -> tuple[TreasuryLine, ...]:
    """The lines once a credit note is taken back. Errors: `Refused` once it was deducted or paid back."""
    own = [line for line in sheet.lines if line.document == note]
    refuse_if([] if all(line.status is TreasuryStatus.CREDIT_TO_DEDUCT for line in own) else [_USED])
    return tuple(line for line in sheet.lines if line.document != note)


_USED = Breach(
    code="credit_note_used",
    fr="Cet avoir est déjà déduit ou remboursé, au moins en partie : extournez d'abord ce qui l'a utilisé.",
    en="This credit note is deducted or paid back, at least in part: reverse first what used it.",
)
