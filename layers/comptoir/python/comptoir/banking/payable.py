"""What is owed to suppliers, line by line, with what stands against paying it by a transfer (TRS-06)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery
from comptoir.banking.offering import account_missing, offer_breaches
from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import BankAccount
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.kernel.text import Label, Line
from comptoir.parties.items import parties_by_id
from comptoir.parties.model import Party
from comptoir.store import backend, keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import DUES, TREASURY
from comptoir.treasury.model import PaymentMeans, Side, Transferred, Treasury
from comptoir.treasury.settling import open_lines


class PayableLine(Model):
    """A line that is owed; a transfer may pay it where there are no `breaches`, and pays it where there is one."""

    document: Id
    number: Label
    supplier: Id
    supplier_name: Line
    line: Id
    amount: Money
    due_date: date | None
    means: PaymentMeans
    bank_account: BankAccount | None
    transfer: Transferred | None
    breaches: tuple[Breach, ...]


class ListPayableLines(ListQuery):
    """What is owed to all suppliers, the oldest due date first, with every reason against a transfer of each line.

    Lines of one request come together; `limit` counts requests.
    """

    permission: ClassVar[Permission] = Permission.READ_PURCHASES
    limit: int = Field(25, ge=1, le=50)

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, DUES[Side.SUPPLIER], "")[0], index=3)
        page = ctx.services.store.page(query, self.cursor, self.limit)
        tx = Transaction(ctx.services.store.backend)
        tx.prefetch([found.key for found in page.items])
        sheets = [sheet for found in page.items if (sheet := tx.get(TREASURY, found.key))]
        owed_to = list(dict.fromkeys(sheet.debtor.customer for sheet in sheets if sheet.debtor))
        parties = parties_by_id(tx, ctx.company, owed_to)
        lines = [line for sheet in sheets for line in _lines(sheet, parties)]
        return Reply.of(Listing[PayableLine](items=tuple(lines), cursor=page.cursor))


def _lines(sheet: Treasury, parties: dict[str, Party]) -> Iterator[PayableLine]:
    party = parties.get(sheet.debtor.customer) if sheet.debtor else None
    if party is None:
        return
    for line in open_lines(sheet.lines):
        if line.document is None or line.number is None:
            continue
        told = line.picked(("amount", "means", "bank_account", "transfer", "number"))
        yield PayableLine(
            document=line.document,
            supplier=party.id,
            supplier_name=party.name,
            line=line.id,
            due_date=line.forecast_date,
            breaches=(*offer_breaches(line), *_unreachable(party)),
            **told,
        )


def _unreachable(party: Party) -> list[Breach]:
    """A supplier without account cannot be reached by a transfer."""
    return [] if party.bank_accounts or party.foreign_accounts else [account_missing(party, None)]
