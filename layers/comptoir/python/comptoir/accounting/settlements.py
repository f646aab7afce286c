"""What payments, refunds and counter-entries are in the books: entries of the bank and cash journals (RULES §4)."""

from __future__ import annotations

from decimal import Decimal

from comptoir.accounting.chart import Chart
from comptoir.accounting.exporting import Rates
from comptoir.accounting.model import Entry, Journal, Posting, Side, entry_line, merged
from comptoir.kernel.clock import paris_date
from comptoir.kernel.money import exactly, exponent, quantize
from comptoir.ledger.model import ChainName
from comptoir.treasury.model import PaymentMeans
from comptoir.treasury.model import Side as Owed
from comptoir.treasury.payment import PaymentFact, PaymentKind

_TITLES = {
    PaymentKind.PAYMENT: "Règlement",
    PaymentKind.REFUND: "Remboursement",
    PaymentKind.COUNTER_ENTRY: "Extourne",
}
_LABEL = 200


def settlement(fact: PaymentFact, sequence: int, code: str, chart: Chart, books: str, rates: Rates) -> Entry | None:
    """The entry of a payment of the customer or to the supplier whose auxiliary account is `code`.

    What was owed goes out at what it came in at; what the money was worth more or less is a gain or a loss. Money
    is worth what the bank booked, where it did so in the currency of the books. None where no money moved.
    """
    if not fact.amount:
        return None
    step = exponent(books)
    with exactly():
        booked = fact.booked.amount if fact.booked and fact.booked.currency == books else None
        brought = quantize(fact.amount.amount * rates.own, step) if booked is None else booked
        taken = quantize(fact.amount.amount * rates.settled, step)
    journal, account = _place(fact, chart)
    owed = chart.suppliers if fact.side is Owed.SUPPLIER else chart.customers
    postings = [
        Posting(account, brought, fact.amount.amount),
        Posting(owed, -taken, -fact.amount.amount),
        _difference(taken - brought, chart),
    ]
    numbers = ", ".join(dict.fromkeys(each.number for each in fact.allocations))
    label = f"{_TITLES[fact.kind]} {numbers} {fact.party_name}"[:_LABEL]
    orders = dict.fromkeys(each.order_number for each in fact.allocations if each.order_number)
    return Entry(
        journal=journal,
        day=fact.date,
        piece=fact.reference or fact.allocations[0].number,
        piece_day=fact.date,
        lines=tuple(
            entry_line(
                posting,
                chart.name(posting.account),
                Side(owed, code, fact.party_name),
                label,
                None if fact.amount.currency == books else fact.amount.currency,
                next(iter(orders)) if len(orders) == 1 else "",
            )
            for posting in merged(postings)
        ),
        validated_on=paris_date(fact.recorded_at),
        source=ChainName.PAYMENTS.value,
        sequence=sequence,
    )


def _place(fact: PaymentFact, chart: Chart) -> tuple[Journal, str]:
    """Cash has its own journal; everything else goes to the bank account where it was paid in."""
    if fact.means is PaymentMeans.CASH:
        return chart.cash_journal, chart.cash
    return chart.book(fact.bank_account.iban if fact.bank_account else None)


def _difference(amount: Decimal, chart: Chart) -> Posting:
    """A loss of exchange is a debit, a gain a credit; it has no amount in the document's currency."""
    return Posting(chart.exchange_loss if amount > 0 else chart.exchange_gain, amount)
