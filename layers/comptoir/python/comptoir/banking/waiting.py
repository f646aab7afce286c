"""What an entry may settle of what waits, on either side: invoices, what transfers pay, credit notes (TRS-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from enum import StrEnum

from comptoir.access.context import Context
from comptoir.banking.open_lines import OpenLine
from comptoir.banking.references import NOT_PROVIDED
from comptoir.banking.statement import Entry
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.kernel.text import Label, Line, Paragraph, plain_words
from comptoir.parties.items import PARTY
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.store.findable import exact
from comptoir.store.search import Exact, Term, Word, search
from comptoir.treasury.items import DUE, due_amount, transfer_references
from comptoir.treasury.model import OpenAmount, OpenRequest, Side, Transferred

_MOST_NUMBERS, _JOINED = 10, 4
_SHORTEST, _LONGEST, _DIGITS = 6, 20, 4
_MOST_TRANSFERS = 30
"""References of a batch that are looked up: what one match may take."""
_MOST_ORDERS = 2
"""Orders of a batch that does not name its own."""
_FOUND = 30
"""Requests that are looked at for each condition."""


class Acceptance(StrEnum):
    """The route of an entry that accepts what is proposed."""

    MATCHES = "matches"
    SUPPLIER_MATCHES = "supplier-matches"
    REFUND_MATCHES = "refund-matches"
    RETURN_MATCHES = "return-matches"


class Returned(Model):
    """A payment of a `date` that the entry returns; `payment` and `reason`, what the bank tells, accept it."""

    payment: Id
    date: dt.date
    reason: Paragraph


class ProposedPart(Model):
    """So much of a document, due on a day; `amount` is without sign, as it is accepted.

    A `credit_note` is paid back, to the customer or by the supplier (`side`). `transfer` is the one that pays it.
    With `returned` it was settled by that payment, and is open again once this is accepted as returned.
    """

    document: Id
    number: Label
    side: Side
    credit_note: bool
    party: Id
    party_name: Line
    due: dt.date | None
    amount: Money
    transfer: Transferred | None = None
    returned: Returned | None = None

    @property
    def moved(self) -> Money:
        """The money that moves on the account: positive when it comes in."""
        settles = self.amount if (self.side is Side.CUSTOMER) is not self.credit_note else -self.amount
        return -settles if self.returned else settles

    @property
    def accepted_by(self) -> Acceptance:
        """The route that takes it."""
        if self.returned:
            return Acceptance.RETURN_MATCHES
        if self.credit_note:
            return Acceptance.REFUND_MATCHES
        return Acceptance.MATCHES if self.side is Side.CUSTOMER else Acceptance.SUPPLIER_MATCHES


def waiting(ctx: Context, entry: Entry) -> Iterator[tuple[OpenLine, ProposedPart]]:
    """What waits and may be settled by an entry: whole documents, instalments of those that have several."""
    requests = [found for side in Side for found in _requests(ctx, entry, side)]
    parties = parties_of(ctx, {each.debtor.customer for each in requests if each.debtor})
    for request in requests:
        party = parties.get(request.debtor.customer) if request.debtor else None
        if request.debtor is None or party is None:
            continue
        for name, part in _amounts(request, request.debtor.side, party):
            yield (
                OpenLine(
                    id=name,
                    amount=part.moved,
                    number=part.number,
                    end_to_end=part.transfer.end_to_end if part.transfer else None,
                    payment_id=part.transfer.order if part.transfer else None,
                    party=party.name,
                    ibans=tuple(account.iban for account in party.bank_accounts),
                    due=part.due,
                ),
                part,
            )


def _requests(ctx: Context, entry: Entry, side: Side) -> list[OpenRequest]:
    # What suppliers are owed is positive in their treasury, and takes money out.
    asked = entry.amount if side is Side.CUSTOMER else -entry.amount
    conditions: list[Term] = [Word(number) for number in numbers_told(entry)]
    facets = [exact("due", due_amount(asked))]
    if side is Side.SUPPLIER and entry.amount.amount < 0:
        facets += [exact("transfer", known) for known in _references(entry)]
    conditions += [Exact(facet) for facet in facets if facet]
    found = _found(ctx, side, conditions)
    if side is Side.SUPPLIER and entry.details and not entry.payment_id:
        found |= _found(ctx, side, _orders(entry, found.values()))
    return list(found.values())


def _found(ctx: Context, side: Side, conditions: Iterable[Term]) -> dict[str, OpenRequest]:
    """The requests that fulfil one of the conditions, each once."""
    found: dict[str, OpenRequest] = {}
    for condition in conditions:
        page = search(ctx.services.store, ctx.company, DUE[side], None, [condition], None, _FOUND)
        told = [record.summary for record in page.items if record.summary]
        found |= {summary: OpenRequest.model_validate_json(summary) for summary in told}
    return found


def _references(entry: Entry) -> list[str]:
    """Under what an entry may tell of own transfers: each one, and their order; of a long batch its two ends."""
    details, half = [detail.end_to_end for detail in entry.details], _MOST_TRANSFERS // 2
    ends = details if len(details) <= _MOST_TRANSFERS else [*details[:half], *details[-half:]]
    told = (entry.end_to_end, entry.payment_id, *ends)
    return list(dict.fromkeys(known for text in told if text != NOT_PROVIDED for known in transfer_references(text)))


def _orders(entry: Entry, requests: Iterable[OpenRequest]) -> list[Term]:
    """The orders of the transfers that the details of a batch name, where the batch does not name its own."""
    named = {detail.end_to_end for detail in entry.details}
    transfers = [each.transfer for request in requests for each in request.due if each.transfer]
    orders = dict.fromkeys(transfer.order for transfer in transfers if transfer.end_to_end in named)
    facets = [exact("transfer", known) for order in orders for known in transfer_references(order)[:1]]
    return [Exact(facet) for facet in facets[:_MOST_ORDERS] if facet]


def _amounts(request: OpenRequest, side: Side, party: Party) -> Iterator[tuple[str, ProposedPart]]:
    """What each document has open in all, then each of its instalments; what a transfer pays by itself alone."""
    by_document: dict[str, list[ProposedPart]] = {}
    for each in (*request.due, *request.credits):
        part = _part(each, side, party)
        if each.transfer:
            yield f"{each.document}#{each.transfer.end_to_end}", part
        else:
            by_document.setdefault(each.document, []).append(part)
    for document, parts in by_document.items():
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.change(amount=whole.amount + part.amount)
        yield document, whole
        if len(parts) > 1:
            yield from ((f"{document}#{number}", part) for number, part in enumerate(parts))


def _part(each: OpenAmount, side: Side, party: Party) -> ProposedPart:
    credit_note = each.amount.amount < 0
    return ProposedPart(
        document=each.document,
        number=each.number,
        side=side,
        credit_note=credit_note,
        party=party.id,
        party_name=party.name,
        due=each.due_date,
        amount=-each.amount if credit_note else each.amount,
        transfer=each.transfer,
    )


def parties_of(ctx: Context, wanted: Iterable[str]) -> dict[str, Party]:
    """The parties with these identifiers, in one read."""
    places = [keys.party(ctx.company, party) for party in wanted]
    records = ctx.services.store.backend.get(places).values() if places else []
    found = [PARTY.load(record) for record in records if record]
    return {party.id: party for party in found}


def numbers_told(entry: Entry) -> list[str]:
    """What in the texts of an entry may be the number of a document, as the search writes it; the longest first.

    Words that follow each other are one number as long as no word without a digit comes between.
    """
    found: dict[str, None] = {}
    for text in (entry.text, entry.end_to_end, entry.reference):
        words = plain_words(text or "")
        for start in range(len(words)):
            joined = ""
            for place, word in enumerate(words[start : start + _JOINED]):
                if place and word.isalpha():
                    break
                joined += word
                if _SHORTEST <= len(joined) <= _LONGEST and sum(map(str.isdigit, joined)) >= _DIGITS:
                    found[joined] = None
    return sorted(found, key=len, reverse=True)[:_MOST_NUMBERS]
