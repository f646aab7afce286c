"""The lines that transfers of an order pay: held, let go, and what became of them meanwhile (TRS-09)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from comptoir.access.codes import CODE, CodeTaken, claim
from comptoir.access.context import Context
from comptoir.access.history import difference, record
from comptoir.banking.model import Transfer
from comptoir.banking.offering import line_breaches, unknown_line
from comptoir.banking.ordered import TransferOrderHead, TransferPart
from comptoir.banking.references import known_reference
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.purchasing.items import SUPPLIER_DOCUMENT, sheet_of
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import TreasuryLine


class ReferenceTaken(CodeTaken):
    """Another transfer has the reference; only if it took it at the same instant."""

    code = "end_to_end_taken"
    fr = "Cette référence de bout en bout vient d'être prise par un autre virement."
    en = "This end-to-end reference has just been taken by another transfer."
    pointer = "/transfers"


def hold(tx: Transaction, ctx: Context, order: Id, part: TransferPart) -> None:
    """Mark each line with its transfer: from here on nobody changes it, and no other order has it.

    Errors: `ReferenceTaken`.
    """
    marks = part.marks(order)
    for sheet in dict.fromkeys(sheets(tx, ctx.company, part).values()):
        lines = tuple(
            line.change(transfer=marks[line.id]) if line.id in marks else line
            for line in tx.require(TREASURY, sheet).lines
        )
        keep_lines(tx, ctx, sheet, lines, "transferred", order)
    for line, mark in marks.items():
        claim(tx, keys.end_to_end(ctx.company, known_reference(mark.end_to_end)), line, ReferenceTaken())


def let_go(tx: Transaction, ctx: Context, order: Id, part: TransferPart) -> None:
    """Free the lines of transfers of which nothing was sent: they may be transferred as if they never had been."""
    marks = part.marks(order)
    for sheet in dict.fromkeys(sheets(tx, ctx.company, part).values()):
        lines = tuple(
            line.change(transfer=None) if line.transfer and line.transfer == marks.get(line.id) else line
            for line in tx.require(TREASURY, sheet).lines
        )
        keep_lines(tx, ctx, sheet, lines, "transfer_refused", order)


def lost(tx: Transaction, company: str, head: TransferOrderHead, part: TransferPart, first: int) -> Iterator[Breach]:
    """Why lines can no longer be held as they were asked for; `first` is the place of the part in the order."""
    places = sheets(tx, company, part)
    codes = {each.id: keys.end_to_end(company, known_reference(each.end_to_end)) for each in part.transfers}
    holders = tx.several(CODE, codes)
    for number, (paid, transfer) in enumerate(zip(part.paid, part.transfers, strict=True), first):
        at = f"/transfers/{number}"
        lines = tx.require(TREASURY, places[paid.line]).lines
        line = next((line for line in lines if (line.id, line.document) == (paid.line, paid.document)), None)
        if line is None:
            yield unknown_line(f"{at}/line")
            continue
        yield from line_breaches(line, paid.document, at)
        if _changed(head, transfer, line):
            fr, en = "Cette ligne a changé depuis la demande.", "This line has changed since it was asked for."
            yield Breach(code="line_changed", fr=fr, en=en, pointer=f"{at}/line")
        holder = holders.get(transfer.id)
        if holder and holder.owner not in (None, transfer.id):
            fr, en = ReferenceTaken.fr, ReferenceTaken.en
            yield Breach(code=ReferenceTaken.code, fr=fr, en=en, pointer=at)


def _changed(head: TransferOrderHead, transfer: Transfer, line: TreasuryLine) -> bool:
    """Whether a line is no longer what its transfer pays: cut, or to be paid from another account."""
    account = line.bank_account
    return line.amount != transfer.amount or (account is not None and account.iban != head.order.debtor.iban)


def sheets(tx: Transaction, company: str, part: TransferPart) -> dict[Id, Key]:
    """The sheet on which each line of a part lies, by the line; all of them are read."""
    places = {each.document: keys.supplier_document(company, each.document) for each in part.paid}
    documents = tx.several(SUPPLIER_DOCUMENT, places)
    found = {each.line: sheet_of(company, documents[each.document]) for each in part.paid}
    tx.prefetch(list(found.values()))
    return found


def keep_lines(
    tx: Transaction,
    ctx: Context,
    sheet: Key,
    lines: Sequence[TreasuryLine],
    event: str,
    order: Id,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Write the lines of a sheet, and in its history the order, what changed and what else is `told`."""
    before = tx.require(TREASURY, sheet)
    after = before.change(lines=tuple(lines))
    tx.put(TREASURY, sheet, after)
    changes = difference(before.model_dump(mode="json"), after.model_dump(mode="json"))
    record(tx, ctx, sheet.pk, event, {"/transfer_order": order, **(told or {}), **changes})
