"""What the tests of payments to suppliers stand on: an office that settles what it recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.execute import Request
from comptoir.kernel.errors import DomainError, Refused
from comptoir.kernel.money import Money
from comptoir.payments.commands import ReversePayment
from comptoir.payments.rules import InvoicePart
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.settling import DeductSupplierCreditNote, RecordSupplierPayment, RefundSupplierCreditNote
from comptoir.treasury.payment import Payment
from tests.unit.purchasing_support import TODAY, Office, open_office
from tests.world import IDENTITY, World

ACCOUNT = IDENTITY.bank_accounts[0]


def share(document: SupplierDocument, amount: str | Decimal, **more: Any) -> InvoicePart:
    """What a payment settles of a supplier's invoice."""
    return InvoicePart(invoice=document.id, amount=Decimal(amount), **more)


@dataclass
class Purse(Office):
    """An office that pays its suppliers."""

    def payment(self, *parts: InvoicePart, **fields: Any) -> RecordSupplierPayment:
        """The request to record a transfer of the sum of these parts, today, to the French supplier."""
        given: dict[str, Any] = {
            "supplier": self.france.id,
            "date": TODAY,
            "amount": Money.of(sum((each.amount for each in parts), Decimal(0)), fields.pop("currency", "EUR")),
            "bank_account": ACCOUNT.iban,
            "allocations": parts,
        }
        return RecordSupplierPayment(**(given | fields))

    def pay(self, document: SupplierDocument, amount: str | Decimal, **fields: Any) -> Payment:
        """A recorded payment of one invoice."""
        return self.settle(self.payment(share(document, amount), **({"supplier": document.supplier} | fields)))

    def refund(self, note: SupplierDocument, **fields: Any) -> Payment:
        """A credit note that the supplier pays back."""
        given: dict[str, Any] = {"date": TODAY, "bank_account": ACCOUNT.iban}
        return self.settle(RefundSupplierCreditNote(credit_note=note.id, **(given | fields)))

    def deduct(self, note: SupplierDocument, **fields: Any) -> Payment:
        """A credit note deducted."""
        return self.settle(DeductSupplierCreditNote(credit_note=note.id, **fields))

    def reverse(self, payment: Payment, **fields: Any) -> Payment:
        """The counter-entry of a payment."""
        given: dict[str, Any] = {"date": TODAY, "reason": "Rejet de la banque"}
        return self.settle(ReversePayment(payment=payment.id, **(given | fields)))

    def settle(self, request: Request) -> Payment:
        """What a request records."""
        return self.world.do(Payment, request)

    def wrong(self, request: Request) -> list[tuple[str, str | None]]:
        """Codes and pointers of everything that is wrong with a request."""
        with pytest.raises(Refused) as caught:
            self.world.execute_as("manager", request)
        return [(breach.code, breach.pointer) for breach in caught.value.breaches]

    def error(self, request: Request, profile: str = "manager") -> str:
        """The code of the error that a request meets."""
        with pytest.raises(DomainError) as caught:
            self.world.execute_as(profile, request)
        return caught.value.code


def open_purse(world: World | None = None) -> Purse:
    """An office with two suppliers."""
    office = open_office(world)
    return Purse(office.desk, office.china, office.france)


def settled_amounts(payments: Iterable[Payment]) -> list[tuple[str, Decimal]]:
    """Number and amount of everything that payments settle."""
    return [(part.number, part.amount.amount) for payment in payments for part in payment.allocations]
