"""The early-payment discount: its credit note is deducted on the same request, as it is issued (INV-15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from comptoir.access.context import Context, Services
from comptoir.access.items import OPERATOR, PROFILES
from comptoir.invoicing.holding import treasury_key
from comptoir.invoicing.model import Document
from comptoir.invoicing.request import IssueRequest
from comptoir.invoicing.snapshot import CreditType, Snapshot
from comptoir.kernel.errors import Breach
from comptoir.kernel.money import Money
from comptoir.ledger.chain import Signer
from comptoir.ledger.payments import ChainedPayments
from comptoir.orders.dating import complete_when_done
from comptoir.orders.model import Order
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.credits import Place, deduct
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from comptoir.treasury.payment import Allocation, PaymentFields, PaymentKind
from comptoir.treasury.recording import covered, record_payment
from comptoir.treasury.settling import invoiced_due, open_lines, replaced, to_deduct


def deducted_at_once(document: Document) -> bool:
    """Whether a document is deducted on its own request when it is issued."""
    return document.credit_type is CreditType.EARLY_PAYMENT_DISCOUNT


def discount_breaches(tx: Transaction, company: str, document: Document) -> list[Breach]:
    """Why a discount cannot be deducted on its request: less is due there than it takes off."""
    if not deducted_at_once(document):
        return []
    sheet = tx.get(TREASURY, treasury_key(company, document)) or Treasury()
    left, amount = invoiced_due(sheet.lines, document.currency), document.totals.gross
    if left >= amount:
        return []
    fr = f"L'escompte est de {amount.amount} {amount.currency} et il ne reste que {left.amount} à régler."
    en = f"The discount is {amount.amount} {amount.currency} and only {left.amount} remain to be paid."
    return [Breach(code="discount_exceeds_due", fr=fr, en=en, pointer="/lines")]


@dataclass(frozen=True)
class Discounting:
    """Deductions of discounts, in the transaction that issues their credit notes."""

    tx: Transaction
    services: Services
    signer: Signer
    company: str
    now: datetime

    def deduct(self, request: IssueRequest, note: Document, content: Snapshot, order: Order | None) -> None:
        """Cover what the request owes with the credit note: its own invoice first, then the oldest due dates.

        An order that is delivered and now paid is completed (LOG-03).
        """
        key, deduction = treasury_key(self.company, note), self.services.ids.new()
        sheet, amount = self.tx.require(TREASURY, key), content.totals.gross
        place = Place(note.order, note.order_number)
        invoice = note.origin.document if note.origin else None
        dues = sorted(open_lines(sheet.lines), key=lambda line: line.document != invoice)
        made = deduct(to_deduct(sheet.lines, note.id), dues, amount, deduction, (place, place), self.services.ids.new)
        after = sheet.change(lines=replaced(sheet.lines, made))
        self.tx.put(TREASURY, key, after)
        told = {"number": content.number, "order": note.order, "order_number": note.order_number, "credited": invoice}
        allocations = [
            Allocation.model_validate({"document": note.id, "amount": -amount, **told}),
            *covered(after.lines, deduction, place, 1),
        ]
        fields = PaymentFields(
            id=deduction,
            kind=PaymentKind.DEDUCTION,
            date=content.issue_date,
            party=note.customer,
            party_name=note.customer_name,
            amount=Money.zero(note.currency),
            allocations=tuple(allocations),
            operator=request.operator,
            operator_name=request.operator_name,
            recorded_at=self.now,
        )
        record_payment(self.tx, self.company, ChainedPayments(self.signer), self.now, fields)
        if order:
            complete_when_done(self.tx, self._context(request), order)

    def _context(self, request: IssueRequest) -> Context:
        """The operator who asked, as the history tells."""
        places = [keys.operator(self.company, request.operator), keys.profiles(self.company)]
        self.tx.prefetch(places)
        operator, profiles = self.tx.require(OPERATOR, places[0]), self.tx.require(PROFILES, places[1])
        profile = profiles.find(operator.profile) or profiles.profiles[0]
        return Context(self.services, self.company, operator, profile, self.now)
