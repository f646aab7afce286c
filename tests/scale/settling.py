"""What settling costs: calls and units of a payment, its counter-entry, a refund and a credit-note deduction.

The real commands run as the writer function runs them, on real boto3 clients whose answers come from `loopback`.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from comptoir.access.execute import Command
from comptoir.invoicing.commands import InvoiceOrder
from comptoir.invoicing.crediting import CreateCreditNote
from comptoir.invoicing.issue import issue
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import CreditLine, CreditType, Document
from comptoir.kernel.money import Money
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.model import LineInput, QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.payments.commands import RecordPayment, RefundCreditNote, ReversePayment
from comptoir.payments.deducting import DeductCreditNote
from comptoir.payments.rules import InvoicePart
from comptoir.store import keys
from comptoir.treasury.payment import Payment
from functions.issue import app
from tests.scale.company import Company, line, open_company
from tests.scale.loopback import Loopback
from tests.scale.meter import Tally
from tests.scale.report import Size, fresh, note, table, tell, title
from tests.signing import LocalSigner
from tests.world import IDENTITY

_COLUMNS = ("calls", "reads", "read units", "operations", "write units", "signatures")


@dataclass
class Counter:
    """The writer function with a company behind it, each of its answers counted."""

    company: Company
    tally: Tally

    def settle(self, request: Command) -> tuple[Payment, dict[str, float]]:
        """What a command records, and what it cost."""
        world = self.company.world
        event = {
            "command": type(request).__name__,
            "company": world.company,
            "operator": world.operators["manager"],
            "request": request.model_dump(mode="json"),
            "if_match": None,
            "idempotency_key": str(len(self.tally.calls)) + request.model_dump_json(),
        }
        self.tally.clear()
        answer = app.handler(event, None)
        if "problem" in answer:
            raise RuntimeError(f"refused: {answer['problem']}")
        writes = [call for call in self.tally.calls if call.operation.endswith("TransactWriteItems")]
        reads = [call for call in self.tally.calls if call.read]
        counted = {
            "calls": float(len(self.tally.calls)),
            "reads": float(len(reads)),
            "read units": self.tally.total("read"),
            "operations": float(sum(call.items for call in writes)),
            "write units": self.tally.total("written"),
            "signatures": float(self.tally.by_operation()["kms.Sign"]),
        }
        return Payment.model_validate_json(answer["body"]), counted

    def invoice(self) -> Document:
        """An issued invoice of a confirmed order."""
        return self._issued(self._ordered())

    def credited(self, invoice: Document) -> Document:
        """An issued credit note on it, of 12.00."""
        asked = CreateCreditNote(
            invoice=invoice.id,
            credit_type=CreditType.GLOBAL_REBATE,
            reason="Remise",
            lines=(CreditLine(amount=Decimal(10), vat_rate=Decimal(20)),),
        )
        return self._issued(self.company.world.do(Document, asked))

    def _ordered(self) -> Document:
        desk, world = self.company.desk, self.company.world
        order, _ = desk.offer(contact="Yann Kerbrat")
        lines = tuple(LineInput.model_validate(line(number)) for number in range(20))
        world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), 1)
        world.do(QuoteView, GenerateQuote(order=order.id))
        desk.confirm(order, 3)
        return world.do(Document, InvoiceOrder(order=order.id))

    def _issued(self, draft: Document) -> Document:
        world = self.company.world
        [outcome] = issue(world.services, world.signer, world.company, [self.company.request(draft)])
        if outcome.number is None:
            raise RuntimeError(f"refused: {outcome.breaches}")
        return world.services.store.require(DOCUMENT, keys.document(world.company, draft.id)).value


def payment(*invoices: Document) -> RecordPayment:
    """Fifty euro of each of these invoices, by transfer."""
    return RecordPayment(
        customer=invoices[0].customer,
        date=invoices[0].issue_date,
        amount=Money.of(50 * len(invoices), "EUR"),
        bank_account=IDENTITY.bank_accounts[0].iban,
        reference="VIR 2026-0042",
        allocations=tuple(InvoicePart(invoice=invoice.id, amount=Decimal(50)) for invoice in invoices),
    )


def worker(invoices: int) -> None:
    """Everything once, on a fresh company; prints the cost of each."""
    told: dict[str, Mapping[str, float]] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        counter = _open()
        first, *others = [counter.invoice() for _ in range(invoices)]
        # The first of all chained entries: what follows is the rule.
        counter.settle(payment(first))
        paid, told["payment of one invoice"] = counter.settle(payment(first))
        _, told[f"payment of {invoices} invoices"] = counter.settle(payment(first, *others))
        reversal = ReversePayment(payment=paid.id, date=paid.date, reason="Chèque sans provision")
        _, told["its counter-entry"] = counter.settle(reversal)
        own, elsewhere, back = (counter.credited(first) for _ in range(3))
        _, told["deduction on its own order"] = counter.settle(DeductCreditNote(credit_note=own.id, order=first.order))
        target = others[0] if others else first
        _, told["deduction on another order"] = counter.settle(
            DeductCreditNote(credit_note=elsewhere.id, order=target.order)
        )
        account = IDENTITY.bank_accounts[0].iban
        refund = RefundCreditNote(credit_note=back.id, date=paid.date, bank_account=account)
        _, told["refund of a credit note"] = counter.settle(refund)
    tell(told)


def _open() -> Counter:
    signer, tally = LocalSigner(), Tally()
    company = open_company(signer=signer)
    Loopback(company.backend, signer, tally).install()
    return Counter(company, tally)


def show(size: Size) -> None:
    """Print the figures."""
    invoices = size.of(20, 2)
    title("Calls and units of payments and deductions, orders of 20 lines")
    told: dict[str, Any] = fresh(["-m", "tests.scale.settling", str(invoices)]).told
    table(["what", *_COLUMNS], ([what, *(cost[name] for name in _COLUMNS)] for what, cost in told.items()))
    note("calls of the writer function to AWS; read and write units by AWS's rules; operations of the transaction")


if __name__ == "__main__":
    worker(int(sys.argv[1]))
