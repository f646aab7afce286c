"""How treasury lies in the table: one sheet for each request, with its order or its invoice; payments by themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping

from comptoir.kernel.money import Money
from comptoir.store import keys
from comptoir.store.findable import Findable, exact
from comptoir.store.record import Index, Key, Kind
from comptoir.treasury.model import OpenAmount, OpenRequest, PaymentMeans, Side, Treasury, TreasuryStatus
from comptoir.treasury.payment import Payment, PaymentKind, PaymentSummary

OPEN = {Side.CUSTOMER: "OPEN", Side.SUPPLIER: "OWED"}
"""Requests of a party with something due, apart for what customers owe and what is owed to suppliers."""

CREDITS = {Side.CUSTOMER: "CREDITS", Side.SUPPLIER: "OWEDCREDITS"}
"""Those that have credit notes to deduct."""

DUES = {Side.CUSTOMER: "RECEIVABLES", Side.SUPPLIER: "PAYABLES"}
"""All of a company's requests with something due, the oldest first."""

_LAST = "9999-12-31"


def _open(treasury: Treasury) -> OpenRequest:
    return OpenRequest(
        debtor=treasury.debtor,
        due=_amounts(treasury, TreasuryStatus.INVOICED),
        credits=_amounts(treasury, TreasuryStatus.CREDIT_TO_DEDUCT),
    )


def _amounts(treasury: Treasury, status: TreasuryStatus) -> tuple[OpenAmount, ...]:
    """The lines of a status, summed by document, day and transfer under way, oldest first."""
    found: dict[tuple[str, str, str], OpenAmount] = {}
    for line in treasury.lines:
        if line.status is not status or line.document is None or line.number is None:
            continue
        transfer = line.transfer.end_to_end if line.transfer else ""
        place = (str(line.forecast_date or _LAST), line.document, transfer)
        before = found.get(place)
        amount = before.amount if before else Money.zero(line.amount.currency)
        found[place] = OpenAmount(
            document=line.document,
            number=line.number,
            amount=amount + line.amount,
            due_date=line.forecast_date,
            transfer=line.transfer,
        )
    return tuple(found[place] for place in sorted(found))


def _index(company: str, treasury: Treasury) -> Mapping[int, Index]:
    """By party while something is open, the oldest first; what is due also with all else that is."""
    debtor = treasury.debtor
    if debtor is None:
        return {}
    shown, request = _open(treasury), debtor.order or debtor.invoice
    places: dict[int, Index] = {}
    if shown.credits:
        order = f"{shown.credits[0].due_date or _LAST}#{request}"
        places[1] = keys.by_party(company, debtor.customer, CREDITS[debtor.side], order)
    if shown.due:
        order = f"{shown.due[0].due_date or _LAST}#{request}"
        places[2] = keys.by_party(company, debtor.customer, OPEN[debtor.side], order)
        places[3] = keys.by_kind(company, DUES[debtor.side], f"{order}#{debtor.customer}")
    return places


DUE = {Side.CUSTOMER: "DUE", Side.SUPPLIER: "OWED"}
"""What the search calls requests that wait for money: found by the numbers of documents and what these have open."""


def due_amount(amount: Money) -> str:
    """An amount due as the search knows it."""
    return f"{amount.currency} {amount.amount}"


_CUT = 16
"""What MT940 has room for of a reference."""


def transfer_references(told: str | None) -> tuple[str, ...]:
    """What a statement may tell of a transfer, as the search knows it: whole and cut, capitals and digits alone."""
    known = re.sub("[^A-Z0-9]", "", (told or "").upper())
    cut = re.sub("[^A-Z0-9]", "", (told or "")[:_CUT].upper())
    return tuple(dict.fromkeys(each for each in (known, cut) if each))


def _findable(treasury: Treasury) -> Findable | None:
    """By what each document has open in all and by each instalment: a payment settles the one or the other.

    Credit notes are found as invoices are, by negative amounts; what transfers pay by their references too (TRS-04).
    """
    due = [*_amounts(treasury, TreasuryStatus.INVOICED), *_amounts(treasury, TreasuryStatus.CREDIT_TO_DEDUCT)]
    if treasury.debtor is None or not due:
        return None
    whole: dict[str, Money] = {}
    for each in due:
        before = whole.get(each.document)
        whole[each.document] = before + each.amount if before else each.amount
    amounts = dict.fromkeys(due_amount(amount) for amount in (*whole.values(), *(each.amount for each in due)))
    numbers = dict.fromkeys(each.number for each in due)
    transfers = [each.transfer for each in due if each.transfer]
    told = {
        known for each in transfers for text in (each.end_to_end, each.order) for known in transfer_references(text)
    }
    facets = [exact("due", amount) for amount in amounts] + [exact("transfer", known) for known in sorted(told)]
    return Findable.of(DUE[treasury.debtor.side], str(due[0].due_date or _LAST), numbers, facets)


def side_of(key: Key, treasury: Treasury) -> Side:
    """Whose money a sheet is; one that nothing was invoiced of yet tells by where it lies."""
    if treasury.debtor:
        return treasury.debtor.side
    return Side.SUPPLIER if keys.of_supplier(key) else Side.CUSTOMER


TREASURY = Kind("treasury", Treasury, summarise=_open, index=_index, search=_findable)


def _payment(payment: Payment) -> PaymentSummary:
    told = {name: getattr(payment, name) for name in PaymentSummary.model_fields if name != "documents"}
    return PaymentSummary(documents=tuple(each.number for each in payment.allocations), **told)


def _payments(company: str, payment: Payment) -> Mapping[int, Index]:
    """By the month of its date, and by party."""
    place = f"{payment.date}#{payment.id}"
    return {
        1: keys.by_month(company, "PAYMENT", f"{payment.date:%Y-%m}", place),
        2: keys.by_party(company, payment.party, "PAYMENT", place),
    }


MOVED = "PAYMENTS"
"""What the search calls payments that a bank may return: found by what moved, by references, by numbers."""


def moved(amount: Money) -> str:
    """An amount that moved, as the search knows it: minus signs are none to it."""
    return f"{amount.currency} {'in' if amount.amount > 0 else 'out'} {abs(amount.amount)}"


def _returnable(payment: Payment) -> Findable | None:
    """As long as it stands, a payment or a refund that did not move in cash, by the day of its date (TRS-04)."""
    banked = payment.kind in (PaymentKind.PAYMENT, PaymentKind.REFUND) and payment.means is not PaymentMeans.CASH
    if not banked or payment.reversed_by or not payment.amount:
        return None
    facets = [exact("moved", moved(payment.amount))]
    facets += [exact("told", known) for known in transfer_references(payment.reference)]
    return Findable.of(MOVED, str(payment.date), [each.number for each in payment.allocations], facets)


PAYMENT = Kind("payment", Payment, summarise=_payment, index=_payments, search=_returnable)
