"""What the tests of treasury stand on: accounts, documents, lines of a request and their sums."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Protocol

from comptoir.kernel.identity import BankAccount
from comptoir.kernel.money import Money, total
from comptoir.treasury.model import PaymentMeans, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import Issued
from comptoir.treasury.settling import Receipt, open_lines, pay

ACCOUNT = BankAccount(iban="FR7630006000011234567890189", bic="AGRIFRPP", holder="COMPTOIR DU PONANT")
OTHER = BankAccount(iban="FR7630004000031234567890143", bic="BNPAFRPP", holder="COMPTOIR DU PONANT")
DAY = date(2026, 11, 21)


class NewIds(Protocol):
    """Whatever makes identifiers."""

    def new(self) -> str: ...


def eur(amount: str | int | Decimal) -> Money:
    """An amount in euro."""
    return Money.of(amount, "EUR")


def issued(ids: NewIds) -> Issued:
    """A document that was just numbered."""
    document = ids.new()
    return Issued(document, f"FA2026-{document[-6:]}")


def owed(ids: NewIds, invoice: Issued, *amounts: str, account: BankAccount | None = None) -> tuple[TreasuryLine, ...]:
    """The lines of an invoice, due month after month."""
    return tuple(
        TreasuryLine(
            id=ids.new(),
            amount=eur(amount),
            forecast_date=date(2026 + number // 12, number % 12 + 1, 28),
            status=TreasuryStatus.INVOICED,
            bank_account=account,
            term=number,
            document=invoice.document,
            number=invoice.number,
        )
        for number, amount in enumerate(amounts)
    )


def credit_line(amount: str, day: date, ids: NewIds) -> TreasuryLine:
    """A credit note to deduct."""
    return TreasuryLine(
        id=ids.new(),
        amount=-eur(amount),
        forecast_date=day,
        status=TreasuryStatus.CREDIT_TO_DEDUCT,
        outside_products=True,
        document=ids.new(),
        number="FA2026-000099",
    )


def paid(
    lines: Iterable[TreasuryLine],
    invoice: Issued,
    amount: str | Decimal,
    ids: NewIds,
    day: date = DAY,
    account: BankAccount | None = ACCOUNT,
) -> tuple[TreasuryLine, ...]:
    """The lines once so much of an invoice is paid by a payment of its own."""
    lines = tuple(lines)
    receipt = Receipt(ids.new(), day, PaymentMeans.TRANSFER, account)
    return pay(lines, open_lines(lines, invoice.document), eur(amount), receipt, ids.new)


def summed(lines: Iterable[TreasuryLine], *statuses: TreasuryStatus) -> Decimal:
    """The sum of the lines of some statuses, of all by default."""
    wanted = statuses or tuple(TreasuryStatus)
    return total((line.amount for line in lines if line.status in wanted), "EUR").amount
