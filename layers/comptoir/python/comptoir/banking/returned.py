"""Payments that an entry may return: a transfer to a wrong account, a cheque without cover (TRS-03, TRS-04).

They are found by what moved the other way, the latest first; where many moved as much, also by what the entry tells of
them. Nothing is read but these, however many payments there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from comptoir.access.context import Context
from comptoir.banking.open_lines import OpenLine
from comptoir.banking.open_lines import key as compact
from comptoir.banking.statement import Entry
from comptoir.banking.waiting import ProposedPart, Returned, numbers_told, parties_of
from comptoir.kernel.identity import Iban
from comptoir.kernel.ids import Id
from comptoir.store import keys
from comptoir.store.findable import exact
from comptoir.store.search import Exact, Latest, Term, Word, search
from comptoir.treasury.items import MOVED, PAYMENT, TREASURY, moved, transfer_references
from comptoir.treasury.model import Side
from comptoir.treasury.payment import Payment, PaymentKind, PaymentSummary

WITHIN = dt.timedelta(days=396)
"""How long after a payment it may come back: a payer disputes a direct debit within thirteen months."""
_FOUND = 30
"""Payments that are looked at for each condition."""
_MOST_NUMBERS = 3
"""Numbers in its text, the longest, by which they are looked for beside the amount."""
_LONGEST = 1000


def returned(ctx: Context, entry: Entry, account: Iban) -> Iterator[tuple[OpenLine, tuple[ProposedPart, ...]]]:
    """What an entry of an `account` may return, of the very amount: what each payment settled is open again."""
    payments = [each for each in _payments(ctx, entry) if _may_return(each, entry, account)]
    parties = parties_of(ctx, {each.party for each in payments})
    words, transfers = numbers_told(entry), _transfers(ctx, entry, payments)
    for payment in payments:
        party = parties.get(payment.party)
        numbers = [each.number for each in payment.allocations]
        yield (
            OpenLine(
                id=f"{payment.id}#returned",
                amount=-payment.amount,
                number=next((number for number in numbers if compact(number).lower() in words), numbers[0]),
                end_to_end=transfers.get(payment.id, payment.reference),
                reference=payment.reference,
                party=payment.party_name,
                ibans=tuple(each.iban for each in party.bank_accounts) if party else (),
                due=payment.date,
                returned=True,
            ),
            tuple(_parts(payment, entry)),
        )


def _may_return(payment: Payment, entry: Entry, account: Iban) -> bool:
    """Whether it stands, and moved as much the other way on the same account before."""
    on = payment.bank_account.iban if payment.bank_account else account
    return not payment.reversed_by and payment.amount == -entry.amount and on == account


def _payments(ctx: Context, entry: Entry) -> list[Payment]:
    """The payments of the amount, read as they stand: the search may lag behind."""
    facet = exact("moved", moved(-entry.amount)) or ""
    amount = Latest(facet, entry.booking_date - WITHIN, entry.booking_date)
    found, more = _found(ctx, amount)
    if more:
        told = [known for text in (entry.end_to_end, entry.reference) for known in transfer_references(text)]
        facets = [exact("told", known) for known in dict.fromkeys(told)]
        conditions: list[Term] = [Exact(each) for each in facets if each]
        for condition in (*conditions, *(Word(number) for number in numbers_told(entry)[:_MOST_NUMBERS])):
            found |= _found(ctx, condition, amount)[0]
    records = ctx.services.store.backend.get([keys.payment(ctx.company, each) for each in found]) if found else {}
    return [PAYMENT.load(record) for record in records.values()]


def _transfers(ctx: Context, entry: Entry, payments: Iterable[Payment]) -> dict[Id, str]:
    """The references of the transfers that payments stand for, by those of the payments.

    A batch is told as one, its entry and so its payments without these; what comes back tells the one of its own. Only
    a payment of a single transfer comes back by itself.
    """
    alone = [each for each in payments if len(each.allocations) == 1 and each.side is Side.SUPPLIER]
    if not entry.end_to_end or not alone:
        return {}
    places = {each.id: each.sheet(ctx.company, each.allocations[0]) for each in alone}
    records = ctx.services.store.backend.get(list(dict.fromkeys(places.values())))
    sheets = {key: TREASURY.load(record) for key, record in records.items()}
    lines = {each: sheets[key].lines for each, key in places.items() if key in sheets}
    return {
        each: line.transfer.end_to_end
        for each, found in lines.items()
        for line in found
        if line.payment == each and line.transfer
    }


def _found(ctx: Context, *conditions: Term) -> tuple[dict[str, None], bool]:
    """The identifiers of payments that fulfil all conditions, and whether there are more."""
    page = search(ctx.services.store, ctx.company, MOVED, None, conditions, None, _FOUND)
    summaries = [PaymentSummary.model_validate_json(each.summary) for each in page.items if each.summary]
    return {each.id: None for each in summaries}, bool(page.cursor)


def _parts(payment: Payment, entry: Entry) -> Iterator[ProposedPart]:
    told = Returned(payment=payment.id, date=payment.date, reason=_reason(entry))
    for each in payment.allocations:
        yield ProposedPart(
            document=each.document,
            number=each.number,
            side=payment.side,
            credit_note=payment.kind is PaymentKind.REFUND,
            party=payment.party,
            party_name=payment.party_name,
            due=None,
            amount=-each.amount if each.amount.amount < 0 else each.amount,
            returned=told,
        )


def _reason(entry: Entry) -> str:
    """What the bank tells of it, as the reason of the counter-entry."""
    told = " ".join(filter(None, (entry.return_reason, entry.text)))[:_LONGEST].strip()
    return told or "Retour par la banque"
