"""Money counted four ways: by lines, by documents, by lists, and from the payloads of the chains alone.

Nothing here uses the rules that are under test: amounts are added up as they lie in the table or in the chains' JSON.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from comptoir.access.queries import Listing
from comptoir.invoicing.model import Document
from comptoir.payments.queries import ListAvailableCredits, ListOpen, ListPartyPayments
from comptoir.treasury.model import OpenRequest, TreasuryLine, TreasuryStatus
from comptoir.treasury.payment import PaymentSummary
from tests.unit.payments_support import Till, chain

Account = tuple[str, str]
"""A customer and a currency."""

Sums = dict[Account, Decimal]


@dataclass
class Books:
    """What a customer account comes to, however it was counted."""

    invoiced: Sums = field(default_factory=lambda: defaultdict(Decimal))
    credited: Sums = field(default_factory=lambda: defaultdict(Decimal))
    paid: Sums = field(default_factory=lambda: defaultdict(Decimal))
    due: Sums = field(default_factory=lambda: defaultdict(Decimal))

    def balance(self, account: Account) -> Decimal:
        """Invoiced less credited less paid."""
        return self.invoiced[account] - self.credited[account] - self.paid[account]


def by_chains(till: Till) -> tuple[Books, dict[str, Decimal]]:
    """The books, and what is open of each document, from the two chains' payloads alone."""
    books, left = Books(), dict[str, Decimal]()
    whose: dict[str, str] = {}
    for entry in till.entries():
        told: dict[str, Any] = json.loads(entry.payload)
        amount = _amount(told["totals"]["gross"]) - sum((_amount(each["gross"]) for each in told["deductions"]), _NONE)
        currency, document = told["currency"], told["document"]
        whose[document] = told["buyer"]["name"]
        account = (whose[document], currency)
        if told["kind"] == "invoice":
            books.invoiced[account] += amount
            left[document] = amount
        elif told["kind"] == "credit_note":
            books.credited[account] += amount
            left[document] = -amount
        else:
            books.invoiced[account] -= amount
            left[told["origin"]["document"]] -= amount
    for entry in chain(till.world):
        told = json.loads(entry.payload)
        parts = sum((_amount(each["amount"]) for each in told["allocations"]), _NONE)
        assert parts == _amount(told["amount"])
        books.paid[(told["party_name"], told["amount"]["currency"])] += parts
        for each in told["allocations"]:
            left[each["document"]] -= _amount(each["amount"])
    for document, amount in left.items():
        assert document in whose
        books.due[(whose[document], _currency(till, document))] += amount
    return books, left


_NONE = Decimal(0)


def _amount(money: dict[str, str]) -> Decimal:
    return Decimal(money["amount"])


def _currency(till: Till, document: str) -> str:
    for entry in till.entries():
        told = json.loads(entry.payload)
        if told["document"] == document:
            currency: str = told["currency"]
            return currency
    raise LookupError(document)


def by_lines(lines: Iterable[TreasuryLine]) -> dict[str, Decimal]:
    """What is open of each document: due is positive, left to deduct negative."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.document:
            counts = line.status in (TreasuryStatus.INVOICED, TreasuryStatus.CREDIT_TO_DEDUCT)
            found[line.document] += line.amount.amount if counts else _NONE
    return found


def by_lists(till: Till, customer: str) -> tuple[dict[str, Decimal], Decimal]:
    """What is open of each document as the customer's lists show it, and the money that they say was paid."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for request in (ListOpen(party=customer, limit=100), ListAvailableCredits(party=customer, limit=100)):
        for each in till.world.do(Listing[OpenRequest], request).items:
            for amount in each.credits if isinstance(request, ListAvailableCredits) else each.due:
                found[amount.document] += amount.amount.amount
    payments = till.world.do(Listing[PaymentSummary], ListPartyPayments(party=customer, limit=100))
    assert payments.cursor is None
    return found, sum((each.amount.amount for each in payments.items), _NONE)


def check_lines(lines: tuple[TreasuryLine, ...]) -> None:
    """Signs, identifiers, and what a line of each status must tell."""
    assert len({line.id for line in lines}) == len(lines)
    for line in lines:
        assert line.amount
        assert (line.amount.amount < 0) == (line.credited is not None)
        assert (line.payment is None) == (line.status not in _SETTLED)
        assert (line.actual_date is None) == (line.status not in _SETTLED)
        assert (line.link is None) == (line.status is not TreasuryStatus.CREDIT_DEDUCTED)


_SETTLED = {TreasuryStatus.PAID, TreasuryStatus.CREDIT_DEDUCTED, TreasuryStatus.CREDIT_REFUNDED}


def check_pairs(lines: Iterable[TreasuryLine]) -> None:
    """Every piece of a deduction has its counterpart: the opposite amount, same account and date, linked both ways."""
    deducted = {line.id: line for line in lines if line.status is TreasuryStatus.CREDIT_DEDUCTED}
    for line in deducted.values():
        assert line.link is not None
        other = deducted[line.link.line]
        assert other.link is not None
        assert (other.link.line, other.document, other.number) == (line.id, line.link.document, line.link.number)
        assert other.amount == -line.amount
        assert (other.bank_account, other.actual_date, other.payment) == (
            line.bank_account,
            line.actual_date,
            line.payment,
        )


def names(documents: Iterable[Document]) -> dict[str, str]:
    """The customer's name of each document."""
    return {document.id: document.customer_name for document in documents}
