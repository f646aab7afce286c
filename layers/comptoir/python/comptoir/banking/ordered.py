"""Transfer orders as they are stored: the lines that each pays, and the one file that is made of it (TRS-09)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.banking.model import Charges, MessageVersion, Purpose, TransferKind, TransferOrder
from comptoir.banking.stored import Digest
from comptoir.kernel.clock import paris_date
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, total
from comptoir.kernel.text import Label, Line
from comptoir.store import keys
from comptoir.store.record import Index, Kind

MOST_TRANSFERS = 30
"""Transfers of an order: with their sheets, references and history they fit one transaction."""


class TransferState(StrEnum):
    """The lines are held; the file is there, for ever; or the file could not be made, and the lines are free again."""

    PREPARED = "prepared"
    GENERATED = "generated"
    REFUSED = "refused"


class WantedTransfer(Model):
    """A line of a supplier's document to be paid; the amount is the line's (TRS-07).

    `account` is the IBAN or number of the supplier's account, by default its only one; `reason` (*motif*) is what
    the supplier reads, by default what it asked for, else its number.
    """

    document: Id
    line: Id
    account: Annotated[str, Field(min_length=1, max_length=42)] | None = None
    reason: Line | None = None
    purpose: Purpose | None = None
    charges: Charges | None = None


class TransferFields(Model):
    """What is entered of an order: lines, day, by default the next on which TARGET is open, own label, urgency."""

    execution_date: date | None = None
    label: Line | None = None
    urgent: bool = False
    transfers: Annotated[tuple[WantedTransfer, ...], Field(min_length=1, max_length=MOST_TRANSFERS)]


class PaidLine(Model):
    """The line that a transfer of an order pays."""

    document: Id
    number: Label
    supplier: Id
    supplier_name: Line
    line: Id


class TransferFile(Model):
    """The file of an order: under lock, the same bytes for ever."""

    sha256: Digest
    size: int


class Rejection(Model):
    """That the bank rejected the transfer of a `line` without booking it: why, on which day, who recorded it.

    `replaced_by` is what waits to be paid in its place: one line, or several where it was paid in parts before.
    """

    line: Id
    reason: Line
    rejected_on: date
    replaced_by: tuple[Id, ...]
    operator: Id
    operator_name: Line
    recorded_at: datetime


class TransferOrderView(Model):
    """An order in a list; `rejected` is how many of its transfers the bank rejected."""

    id: Id
    state: TransferState
    account: Id
    kind: TransferKind
    version: MessageVersion
    execution_date: date
    label: Line | None
    transfers: int
    total: Money
    rejected: int = 0


class StoredTransferOrder(Model):
    """An order from an account, and what its transfers pay, in the same order.

    `breaches` is why no file could be made of it, `rejections` what the bank rejected of its file.
    """

    id: Id
    state: TransferState = TransferState.PREPARED
    account: Id
    order: TransferOrder
    paid: tuple[PaidLine, ...]
    operator: Id
    prepared_by: Line
    file: TransferFile | None = None
    breaches: tuple[Breach, ...] = ()
    rejections: tuple[Rejection, ...] = ()

    @property
    def prepared_on(self) -> date:
        """The business date on which it was made."""
        return paris_date(self.order.created)


def _view(stored: StoredTransferOrder) -> TransferOrderView:
    order = stored.order
    amounts = [transfer.amount for transfer in order.transfers]
    told = order.picked(("kind", "version", "execution_date", "label"))
    own = stored.picked(("id", "state", "account"))
    counted = {"transfers": len(amounts), "rejected": len(stored.rejections)}
    return TransferOrderView(**own, **told, **counted, total=total(amounts, amounts[0].currency))


ORDERS, DUE_FILES = "TRANSFERORDER", "TRANSFERS"


def _places(company: str, stored: StoredTransferOrder) -> Mapping[int, Index]:
    """By the month in which it was made; and what waits for its file."""
    places = {1: keys.by_month(company, ORDERS, f"{stored.prepared_on:%Y-%m}", stored.id)}
    if stored.state is TransferState.PREPARED:
        places[3] = keys.due(DUE_FILES, company, stored.id)
    return places


TRANSFER_ORDER = Kind("transfer_order", StoredTransferOrder, summarise=_view, index=_places)


def transfer_file_at(company: str, order: str) -> str:
    """Where the file of an order is kept under lock: one for an order, ever."""
    return f"bank/transfers/{company}/{order}.xml"
