"""Transfer orders as they are stored: the lines that each pays, and the one file that is made of it (TRS-09)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.banking.model import Charges, MessageVersion, Purpose, Transfer, TransferKind, TransferOrder
from comptoir.banking.stored import Digest
from comptoir.kernel.clock import paris_date
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, total
from comptoir.kernel.text import Label, Line
from comptoir.store import keys
from comptoir.store.record import Index, Kind
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import Transferred

AT_ONCE = 30
"""Transfers that one transaction holds or rejects, with their sheets, references and history."""
MOST_TRANSFERS = 500
"""Transfers of an order: held by as many at a time, those of a month end in one file."""


class TransferState(StrEnum):
    """How far an order is.

    Its lines are being held, where it has more than are held at once; all are held; the file is there, for ever.
    Or lines were lost meanwhile, or no bank could take the file: the lines are being freed; all are free again. An
    order that has its file is `rejecting` while the lines of many transfers that the bank rejected are replaced.
    """

    GATHERING = "gathering"
    PREPARED = "prepared"
    GENERATED = "generated"
    RELEASING = "releasing"
    REFUSED = "refused"
    REJECTING = "rejecting"


UNDER_WAY = frozenset(set(TransferState) - {TransferState.GENERATED, TransferState.REFUSED})
"""The states in which an order does not stay."""


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


class RejectionTerms(Model):
    """What is recorded of a rejection by the bank: its code and words, the day, who recorded it and when."""

    reason: Line
    rejected_on: date
    operator: Id
    operator_name: Line
    recorded_at: datetime


class Rejection(RejectionTerms):
    """That the bank rejected the transfer of a `line` without booking it.

    `replaced_by` is what waits to be paid in its place: one line, or several where it was paid in parts before.
    """

    line: Id
    replaced_by: tuple[Id, ...]


class Rejecting(RejectionTerms):
    """A rejection of more transfers than one transaction takes, while their lines are being replaced."""

    lines: tuple[Id, ...]


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
    """An order from an account with all of its transfers, and what these pay, in the same order.

    `breaches` is why no file could be made of it, `rejections` what the bank rejected of its file. Of a rejection of
    many that were made meanwhile, `breaches` tells which were not rejected, and why.
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


class TransferOrderHead(Model):
    """The head of an order: its terms without the transfers, which lie beside it in parts, and these in sum."""

    id: Id
    state: TransferState
    account: Id
    order: TransferOrder
    transfers: int
    total: Money
    rejected: int = 0
    operator: Id
    prepared_by: Line
    file: TransferFile | None = None
    breaches: tuple[Breach, ...] = ()
    rejecting: Rejecting | None = None

    @property
    def parts(self) -> int:
        """In how many parts its transfers lie."""
        return -(-self.transfers // AT_ONCE)

    @property
    def prepared_on(self) -> date:
        """The business date on which it was made."""
        return paris_date(self.order.created)


class TransferPart(Model):
    """As many transfers of an order as are held at once, and what they pay; `held` while their lines are."""

    transfers: tuple[Transfer, ...]
    paid: tuple[PaidLine, ...]
    held: bool = False
    rejections: tuple[Rejection, ...] = ()

    def marks(self, order: Id) -> dict[Id, Transferred]:
        """What each line that it pays is marked with while a transfer of `order` pays it."""
        told = zip(self.paid, self.transfers, strict=True)
        return {paid.line: Transferred(order=order, end_to_end=each.end_to_end) for paid, each in told}


def view(head: TransferOrderHead) -> TransferOrderView:
    """The order as lists show it."""
    terms = head.order.picked(("kind", "version", "execution_date", "label"))
    own = head.picked(("id", "state", "account", "transfers", "total", "rejected"))
    return TransferOrderView(**own, **terms)


ORDERS, DUE_FILES = "TRANSFERORDER", "TRANSFERS"


def _places(company: str, head: TransferOrderHead) -> Mapping[int, Index]:
    """By the month in which it was made; and what is under way."""
    places = {1: keys.by_month(company, ORDERS, f"{head.prepared_on:%Y-%m}", head.id)}
    if head.state in UNDER_WAY:
        places[3] = keys.due(DUE_FILES, company, head.id)
    return places


TRANSFER_ORDER = Kind("transfer_order", TransferOrderHead, summarise=view, index=_places)
TRANSFER_PART = Kind("transfer_order_part", TransferPart)


def transfer_file_at(company: str, order: str) -> str:
    """Where the file of an order is kept under lock: one for an order, ever."""
    return f"bank/transfers/{company}/{order}.xml"


def cut(stored: StoredTransferOrder) -> tuple[TransferOrderHead, list[TransferPart]]:
    """How a new order lies in the table: its head, and its transfers in parts of which nothing is held."""
    transfers, paid = stored.order.transfers, stored.paid
    amounts = [transfer.amount for transfer in transfers]
    own = stored.picked(("id", "state", "account", "operator", "prepared_by"))
    terms = stored.order.change(transfers=())
    sums = {"transfers": len(transfers), "total": total(amounts, amounts[0].currency)}
    starts = range(0, len(transfers), AT_ONCE)
    parts = [TransferPart(transfers=transfers[at : at + AT_ONCE], paid=paid[at : at + AT_ONCE]) for at in starts]
    return TransferOrderHead(order=terms, **own, **sums), parts


def parts_of(tx: Transaction, company: str, head: TransferOrderHead) -> list[TransferPart]:
    """The parts of an order, in one read."""
    places = [keys.transfer_order_part(company, head.id, number) for number in range(head.parts)]
    tx.prefetch(places)
    return [tx.require(TRANSFER_PART, place) for place in places]


def whole(tx: Transaction, company: str, order: Id) -> StoredTransferOrder:
    """An order with all of its transfers. Errors: `NotFound`."""
    head = tx.require(TRANSFER_ORDER, keys.transfer_order(company, order))
    parts = parts_of(tx, company, head)
    own = head.picked(("id", "state", "account", "operator", "prepared_by", "file", "breaches"))
    return StoredTransferOrder(
        order=head.order.change(transfers=tuple(each for part in parts for each in part.transfers)),
        paid=tuple(each for part in parts for each in part.paid),
        rejections=tuple(each for part in parts for each in part.rejections),
        **own,
    )
