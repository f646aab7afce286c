"""What all commands that settle documents share: the chain, the documents of a side, what is left of a credit note."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import record
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.kernel.errors import Breach, Conflict, NotFound, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money
from comptoir.ledger.model import ChainName
from comptoir.ledger.periods import require_open
from comptoir.payments.rules import TEST_MODE, Positive, exceeded, on_grid
from comptoir.payments.settled import Settled, issued_documents
from comptoir.payments.sheets import Sheets
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction
from comptoir.treasury.model import Side
from comptoir.treasury.payment import PaymentFields, PaymentKind
from comptoir.treasury.recording import record_payment


class CreditNoteUsed(Conflict):
    """Nothing is left of a credit note: it was deducted or given back (CRN-10)."""

    code = "credit_note_used"
    fr = "Il ne reste rien de cet avoir : il est déjà déduit ou remboursé."
    en = "Nothing is left of this credit note: it has been deducted or paid back."


class Settling(Command):
    """Base of the commands that settle documents: they write the chain of payments, where it can be signed."""

    permission: ClassVar[Permission] = Permission.RECORD_PAYMENTS
    chained: ClassVar[bool] = True

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.company(company), keys.periods(company), keys.chain_head(company, ChainName.PAYMENTS)]

    def require_real(self, tx: Transaction, ctx: Context, day: dt.date) -> None:
        """Nothing enters the chain in a closed period, nor in TEST mode (INV-11). Errors: `PeriodClosed`, `Refused`."""
        refuse_if([TEST_MODE] if tx.require(COMPANY, keys.company(ctx.company)).test_mode else [])
        require_open(tx, ctx.company, day)

    def record(self, tx: Transaction, ctx: Context, sheets: Sheets, event: str, fields: PaymentFields) -> Reply:
        """Chain and keep what settles, with the treasury that it changes."""
        payment = record_payment(tx, ctx.company, ctx.services.payments, ctx.now, fields)
        record(tx, ctx, keys.payment(ctx.company, payment.id).pk, event, {})
        sheets.keep(event, payment.id)
        return Reply.of(payment, 1, 201)


class OfSide(Settling):
    """Base of the commands that settle the documents of customers, or those of suppliers."""

    side: ClassVar[Side]

    @staticmethod
    @abstractmethod
    def document_key(company: str, document: Id) -> Key:
        """Where a document of this side lies."""

    @staticmethod
    @abstractmethod
    def documents(tx: Transaction, company: str, wanted: Iterable[Id]) -> Mapping[Id, Settled]:
        """Those of the documents that money may settle, their requests read along."""

    def credit_note_of(self, tx: Transaction, ctx: Context, identifier: Id) -> Settled:
        """A credit note in force. Errors: `NotFound`."""
        found = self.documents(tx, ctx.company, [identifier]).get(identifier)
        if found is None or not found.credit_note or found.cancelled:
            raise NotFound()
        return found


class OfCustomers(OfSide):
    """Commands on issued invoices and credit notes."""

    side: ClassVar[Side] = Side.CUSTOMER

    @staticmethod
    def document_key(company: str, document: Id) -> Key:
        return keys.document(company, document)

    @staticmethod
    def documents(tx: Transaction, company: str, wanted: Iterable[Id]) -> Mapping[Id, Settled]:
        return issued_documents(tx, company, wanted)


def settling(ctx: Context, kind: PaymentKind, document: Settled, **fields: Any) -> PaymentFields:
    """What is recorded of a payment, by the operator who asks, of the party of a document."""
    whose = {"side": document.side, "party": document.party, "party_name": document.party_name}
    return PaymentFields.model_validate({"kind": kind, **whose, **recorded_by(ctx), **fields})


def recorded_by(ctx: Context) -> dict[str, Any]:
    """Who records a payment, and when."""
    return {"operator": ctx.operator.id, "operator_name": ctx.operator.name, "recorded_at": ctx.now}


def asked(note: Settled, left: Money, amount: Positive | None) -> tuple[Money, list[Breach]]:
    """How much of a credit note is to be used, all that is left by default. Errors: `CreditNoteUsed`."""
    if not left:
        raise CreditNoteUsed()
    if amount is None:
        return left, []
    wanted, off = Money.of(amount, note.currency), on_grid(amount, note.currency, "/amount")
    if not off and left < wanted:
        off = [exceeded("amount_exceeds_credit", left, "/amount")]
    return wanted, off
