"""Bank statements as one value, whatever file they came in (TRS-04)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from comptoir.kernel.model import Model
from comptoir.kernel.money import Currency, Money, total


class StatementFormat(StrEnum):
    """The files that statements come in."""

    CAMT_053 = "camt.053"
    CFONB_120 = "cfonb120"
    MT940 = "mt940"
    TABLE = "csv"


class Detail(Model):
    """What is known of one payment: references, texts, and who is at the other end."""

    end_to_end: str | None = None
    payment_id: str | None = None
    reference: str | None = None
    text: str = ""
    counterparty: str | None = None
    counterparty_iban: str | None = None
    return_reason: str | None = None


class BatchDetail(Detail):
    """One of the payments that an entry books together; `amount` has the sign of its effect on the account."""

    amount: Money | None = None


class Entry(Detail):
    """A booked movement: `amount` is positive for a credit of the account, negative for a debit.

    `payment_id` is the `PmtInfId` of the own transfer order, `reference` a structured one of the
    creditor, `bank_reference` the bank's own; `code` tells the kind of operation as the bank codes
    it. An entry of several payments holds them in `details`.
    """

    index: int
    amount: Money
    booking_date: date
    value_date: date | None = None
    reversal: bool = False
    bank_reference: str | None = None
    code: str | None = None
    charges: Money | None = None
    original: Money | None = None
    batch_count: int | None = None
    details: tuple[BatchDetail, ...] = ()


class Balance(Model):
    """What stands on the account on a day, negative when overdrawn."""

    amount: Money
    day: date | None = None


class Statement(Model):
    """The movements of an account between two balances.

    `account` is its IBAN, or its number where the file has no IBAN; empty when the file does not
    tell it. Balances are absent where the file has none (tables).
    """

    format: StatementFormat
    id: str
    account: str
    currency: Currency
    sequence: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    entries: tuple[Entry, ...] = ()

    @property
    def movement(self) -> Money:
        """The sum of the entries."""
        return total((entry.amount for entry in self.entries), self.currency)

    @property
    def begins(self) -> date | None:
        """The day of its first entry, or of its balances when it has none."""
        return min((entry.booking_date for entry in self.entries), default=self.last_day)

    @property
    def ends(self) -> date | None:
        """The day of its last entry, or of its balances when it has none."""
        return max((entry.booking_date for entry in self.entries), default=self.last_day)


def signed(amount: Decimal, credit: bool) -> Decimal:
    """An amount with the sign of its effect on the account."""
    return amount if credit else -amount
