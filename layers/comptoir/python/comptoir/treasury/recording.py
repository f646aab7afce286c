"""Recording what settles documents: chained, signed and kept in one transaction with its effects (TRS-03)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from comptoir.access.context import PaymentLog
from comptoir.kernel.ids import Id
from comptoir.store import keys
from comptoir.store.settings import product_version
from comptoir.store.transaction import Transaction
from comptoir.treasury.credits import Place
from comptoir.treasury.items import PAYMENT
from comptoir.treasury.model import TreasuryLine
from comptoir.treasury.payment import Allocation, Payment, PaymentFact, PaymentFields


def record_payment(
    tx: Transaction, company: str, log: PaymentLog | None, now: datetime, fields: PaymentFields
) -> Payment:
    """Append a payment to its chain and keep it. Errors: those of the signer; then nothing is written."""
    if log is None:
        raise RuntimeError("a payment was recorded in a function that cannot sign")
    told = fields.picked(PaymentFields.model_fields)
    fact = PaymentFact(version=product_version(), **told)
    payment = Payment(sequence=log.append(tx, company, now, fact.kind.value, fact), **told)
    tx.create(PAYMENT, keys.payment(company, payment.id), payment)
    return payment


def covered(lines: Iterable[TreasuryLine], deduction: Id, place: Place, sign: int) -> list[Allocation]:
    """What a deduction covers of each invoice of a request; `sign` is 1 of customers' and −1 of suppliers'."""
    found: dict[str, Allocation] = {}
    for line in lines:
        if line.payment != deduction or line.credited or line.document is None or line.number is None:
            continue
        before, part = found.get(line.document), line.amount if sign > 0 else -line.amount
        found[line.document] = Allocation(
            document=line.document,
            number=line.number,
            order=place.order,
            order_number=place.order_number,
            purchase=place.purchase,
            amount=before.amount + part if before else part,
        )
    return list(found.values())
