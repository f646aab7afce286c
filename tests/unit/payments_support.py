"""What the tests of payments stand on: a shop with bank accounts, payments, deductions, and the chain of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.commands import UpdateCompany
from comptoir.access.execute import Request
from comptoir.access.items import COMPANY
from comptoir.invoicing.holding import treasury_key
from comptoir.invoicing.model import CreditLine, CreditType, Document
from comptoir.kernel.errors import DomainError, Refused
from comptoir.kernel.money import Money
from comptoir.ledger.items import ENTRY, HEAD, PERIODS
from comptoir.ledger.model import ChainName, Entry, Periods
from comptoir.ledger.verify import KeyRing, Verdict, verify
from comptoir.payments.commands import RecordPayment, RefundCreditNote, ReversePayment
from comptoir.payments.deducting import DeductCreditNote
from comptoir.payments.rules import InvoicePart
from comptoir.store import keys
from comptoir.treasury.model import Treasury
from comptoir.treasury.payment import Payment, PaymentFact
from comptoir.treasury.publishing import SaveExchangeRates
from comptoir.treasury.settling import Settlement, settlement
from tests.unit.invoicing_support import Shop, back, line, open_shop
from tests.unit.treasury_support import ACCOUNT, OTHER
from tests.world import World

TODAY = date(2026, 11, 21)


def part(invoice: Document, amount: str | Decimal, line: str | None = None) -> InvoicePart:
    """What a payment settles of an invoice."""
    return InvoicePart(invoice=invoice.id, line=line, amount=Decimal(amount))


@dataclass
class Till(Shop):
    """A shop whose customers pay."""

    def invoice_in(self, currency: str, price: str, **fields: Any) -> Document:
        """An issued invoice in another currency, of one line."""
        self.publish(currency, "1.0876", TODAY)
        return self.invoice(line(price), currency=currency, **fields)

    def publish(self, currency: str, rate: str, day: date) -> None:
        """Save what a euro is worth on a day."""
        rates: Any = ({"currency": currency, "rate": rate},)
        self.world.execute_as("manager", SaveExchangeRates(date=day, source="BCE", rates=rates))

    def payment(self, *parts: InvoicePart, **fields: Any) -> RecordPayment:
        """The request to record a transfer of the sum of these parts, today."""
        given: dict[str, Any] = {
            "customer": self.customer.id,
            "date": TODAY,
            "amount": Money.of(sum((each.amount for each in parts), Decimal(0)), fields.pop("currency", "EUR")),
            "bank_account": ACCOUNT.iban,
            "allocations": parts,
        }
        return RecordPayment(**(given | fields))

    def pay(self, invoice: Document, amount: str | Decimal, **fields: Any) -> Payment:
        """A recorded payment of one invoice."""
        return self.settle(self.payment(part(invoice, amount), **fields))

    def deduct(self, note: Document, **fields: Any) -> Payment:
        """A credit note deducted."""
        return self.settle(DeductCreditNote(credit_note=note.id, **fields))

    def refund(self, note: Document, **fields: Any) -> Payment:
        """A credit note paid back."""
        given: dict[str, Any] = {"date": TODAY, "bank_account": ACCOUNT.iban}
        return self.settle(RefundCreditNote(credit_note=note.id, **(given | fields)))

    def reverse(self, payment: Payment, **fields: Any) -> Payment:
        """The counter-entry of a payment."""
        given: dict[str, Any] = {"date": TODAY, "reason": "Chèque sans provision"}
        return self.settle(ReversePayment(payment=payment.id, **(given | fields)))

    def close(self, through: date) -> None:
        """Close every day up to this one."""
        key, periods = keys.periods(self.world.company), Periods(through=through)
        self.world.services.store.transact(lambda tx: tx.put(PERIODS, key, periods))

    def settle(self, request: Request, profile: str = "manager", **headers: Any) -> Payment:
        """What a request records."""
        return self.world.do(Payment, request, profile, **headers)

    def note(self, invoice: Document, amount: str, **fields: Any) -> Document:
        """An issued credit note of so much, with VAT, on an invoice of lines at 20 %."""
        net = (Decimal(amount) / Decimal("1.2")).quantize(Decimal("0.01"))
        return self.issued(self.credit(invoice, back(1, amount=str(net)), **fields))[0]

    def discount(self, invoice: Document, net: str) -> Document:
        """A draft credit note of an early-payment discount."""
        lines = (CreditLine(amount=Decimal(net), vat_rate=Decimal(20)),)
        return self.credit(invoice, *lines, credit_type=CreditType.EARLY_PAYMENT_DISCOUNT, reason="Escompte de 2 %")

    def sheet(self, document: Document) -> Treasury:
        """The treasury of a document's request."""
        return self.treasury(treasury_key(self.world.company, document))

    def standing(self, document: Document) -> Settlement:
        """How far a document is settled."""
        return settlement(self.sheet(document).lines, document.id, document.currency)

    def facts(self) -> list[PaymentFact]:
        """What the chain of payments holds, in its order."""
        return [PaymentFact.model_validate_json(entry.payload) for entry in chain(self.world)]

    def wrong(self, request: Request, **headers: Any) -> list[tuple[str, str | None]]:
        """Codes and pointers of everything that is wrong with a request."""
        with pytest.raises(Refused) as caught:
            self.world.execute_as("manager", request, **headers)
        return [(breach.code, breach.pointer) for breach in caught.value.breaches]

    def error(self, request: Request, profile: str = "manager", **headers: Any) -> str:
        """The code of the error that a request meets."""
        with pytest.raises(DomainError) as caught:
            self.world.execute_as(profile, request, **headers)
        return caught.value.code


def chain(world: World) -> list[Entry]:
    """Every entry of a company's chain of payments."""
    store, company, name = world.services.store, world.company, ChainName.PAYMENTS
    head = store.get(HEAD, keys.chain_head(company, name))
    wanted = [keys.chain_entry(company, name, number) for number in range(1, (head.value.sequence if head else 0) + 1)]
    found = store.backend.get(wanted)
    return [ENTRY.load(found[key]) for key in wanted]


def verified_payments(world: World) -> Verdict:
    """What verification with the public key alone says of a company's chain of payments."""
    head = world.services.store.get(HEAD, keys.chain_head(world.company, ChainName.PAYMENTS))
    lines = [entry.model_dump_json() for entry in chain(world)]
    return verify(lines, KeyRing({world.signer.key_id: world.signer.pem()}), [head.value] if head else [])


def open_till(world: World | None = None) -> Till:
    """A shop of a company with two bank accounts."""
    till = Till(open_shop(world).desk)
    stored = till.world.services.store.require(COMPANY, keys.company(till.world.company))
    given = {name: getattr(stored.value, name) for name in UpdateCompany.model_fields}
    identity = stored.value.identity.change(bank_accounts=(ACCOUNT, OTHER))
    till.world.execute_as("administrator", UpdateCompany(**(given | {"identity": identity})), stored.version)
    return till
