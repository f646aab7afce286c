"""Credit notes as money: what they take of their invoice, and what they are deducted from (CRN-07 to CRN-10)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from comptoir.kernel.identity import BankAccount
from comptoir.kernel.ids import Id
from comptoir.kernel.money import Money, total
from comptoir.treasury.model import Credited, Link, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import Issued, NewId, move
from comptoir.treasury.settling import expectation, open_lines, shares_of, split
from comptoir.treasury.transferring import require_free

TO_DEDUCT, DEDUCTED = "Avoir à déduire", "Avoir déduit"


@dataclass(frozen=True)
class _Part:
    """A part of an invoice, and what credit notes have not taken of it yet."""

    left: Money
    account: BankAccount | None
    identifier: Id | None = None
    paid_on: date | None = None


def credit(
    lines: Sequence[TreasuryLine], invoice: Id, amount: Money, note: Issued, day: date, new_id: NewId
) -> tuple[TreasuryLine, ...]:
    """The lines *Avoir à déduire* of a credit note of `amount` (positive) dated `day` (CRN-07, CRN-08).

    `lines` are those of the invoice's request. Where all is paid the payments give in proportion, on their
    accounts; where nothing is, one line has none; else the unpaid part gives first, then the payments by date.
    Earlier credit notes keep what they took of each part. What the invoice's own lines do not hold of it, such
    as down payments invoiced apart, has no account.
    """
    unpaid, settled = _parts(lines, invoice)
    owed = any(line.document == invoice and line.status is TreasuryStatus.INVOICED for line in lines)
    nothing = _Part(left=amount, account=None)
    held = total((part.left for part in settled), amount.currency)
    if owed and not settled:
        given = [(nothing, amount)]
    elif owed or held < amount:
        given = _in_order([*unpaid, *settled, nothing], amount)
    else:
        given = list(zip(settled, amount.split([part.left.amount for part in settled]), strict=True))
    return tuple(
        TreasuryLine(
            id=new_id(),
            amount=-taken,
            forecast_date=day,
            bank_account=part.account,
            status=TreasuryStatus.CREDIT_TO_DEDUCT,
            outside_products=True,
            document=note.document,
            number=note.number,
            label=TO_DEDUCT,
            credited=Credited(invoice=invoice, part=part.identifier, paid_on=part.paid_on),
        )
        for part, taken in given
        if taken
    )


def _parts(lines: Sequence[TreasuryLine], invoice: Id) -> tuple[list[_Part], list[_Part]]:
    """The unpaid parts of an invoice, oldest due first, and the settled ones by date, less what credit notes took.

    What a credit note of the invoice covers of the invoice itself is gone on both sides.
    """
    credits = [line for line in lines if line.credited and line.credited.invoice == invoice]
    unpaid = [_Part(left=line.amount, account=line.bank_account) for line in open_lines(lines, invoice)]
    settled = _settled(lines, invoice, {line.document for line in credits})
    taken = dict.fromkeys(settled, Decimal(0))
    loose = Decimal(0)
    for line in credits:
        if line.link and line.link.document == invoice:
            continue
        part = line.credited.part if line.credited else None
        if part in taken:
            taken[part] += line.size.amount
        else:
            # Taken of what was not paid then, or of a payment reversed since.
            loose += line.size.amount
    known = [_less(part, taken[key]) for key, part in settled.items()]
    unpaid, loose = _taken_off(unpaid, loose)
    # What was not paid then is what was paid last.
    latest, _ = _taken_off(sorted(known, key=_paid_on, reverse=True), loose)
    return unpaid, sorted(latest, key=_paid_on)


def _settled(lines: Sequence[TreasuryLine], invoice: Id, notes: Set[Id | None]) -> dict[Id, _Part]:
    """What settled an invoice: payments, and lines that the credit notes of other invoices cover."""
    found: dict[Id, _Part] = {}
    for line in lines:
        if line.document != invoice:
            continue
        if line.status is TreasuryStatus.PAID and line.payment:
            key = line.payment
        elif line.status is TreasuryStatus.CREDIT_DEDUCTED and line.link and line.link.document not in notes:
            key = line.id
        else:
            continue
        before = found.get(key)
        left = before.left + line.amount if before else line.amount
        found[key] = _Part(left, line.bank_account, key, line.actual_date)
    return found


def _paid_on(part: _Part) -> tuple[date, str]:
    """By date, then as they were recorded."""
    return part.paid_on or date.max, part.identifier or ""


def _less(part: _Part, amount: Decimal) -> _Part:
    return replace(part, left=part.left - Money.of(amount, part.left.currency))


def _taken_off(parts: Sequence[_Part], amount: Decimal) -> tuple[list[_Part], Decimal]:
    """The parts once they have given an amount, the first ones first, and what they could not give."""
    result = []
    for part in parts:
        given = min(part.left.amount, amount)
        result.append(_less(part, given))
        amount -= given
    return result, amount


def _in_order(parts: Sequence[_Part], amount: Money) -> list[tuple[_Part, Money]]:
    """What each part gives, the first ones first; unpaid parts on one account give together."""
    given: list[tuple[_Part, Money]] = []
    for part in parts:
        taken = min(part.left, amount)
        amount -= taken
        if given and _place(given[-1][0]) == _place(part):
            taken += given.pop()[1]
        given.append((part, taken))
    return given


def _place(part: _Part) -> tuple[Id | None, BankAccount | None]:
    return part.identifier, part.account


@dataclass(frozen=True)
class Place:
    """The order or purchase of a request, if it has one; `order_number` is the number of either."""

    order: Id | None = None
    order_number: str | None = None
    purchase: Id | None = None


def deduct(
    credits: Sequence[TreasuryLine],
    dues: Sequence[TreasuryLine],
    amount: Money,
    deduction: Id,
    places: tuple[Place, Place],
    new_id: NewId,
) -> dict[str, tuple[TreasuryLine, ...]]:
    """What takes the place of lines to deduct and of lines due once the ones cover `amount` of the others (CRN-10).

    Both are used in their order. A line is cut wherever the other side changes, so that each piece has one
    counterpart of the same amount: on its account, at the date of the payment that was credited, else of the
    credit note, linked both ways. `places` are the request of the credit note and the one where it is deducted.
    Errors: `LineTransferred` on a line that a transfer pays, `ValueError` when a side does not hold the amount.
    """
    require_free(dues)
    origin, target = places
    left = {line.id: line for line in (*credits, *dues)}
    made: dict[str, list[TreasuryLine]] = {}
    for credit_line, due_line, part in _overlaps(list(shares_of(credits, amount)), list(shares_of(dues, amount))):
        pieces = []
        for line in (credit_line, due_line):
            piece, rest = split(left.pop(line.id), part, new_id)
            if rest:
                left[line.id] = rest
            pieces.append(piece)
        used, covered = pieces
        day = (used.credited and used.credited.paid_on) or used.forecast_date
        told = {"actual_date": day, "label": DEDUCTED, "payment": deduction, "bank_account": used.bank_account}
        for line, piece, link in (
            (credit_line, used, _link(covered, target)),
            (due_line, covered, _link(used, origin)),
        ):
            expected = expectation(line)
            changed = move(piece, TreasuryStatus.CREDIT_DEDUCTED, link=link, expected=expected, **told)
            made.setdefault(line.id, []).append(changed)
    return {key: (*([left[key]] if key in left else []), *new) for key, new in made.items()}


def _link(line: TreasuryLine, place: Place) -> Link:
    told = {"document": line.document, "number": line.number, "line": line.id}
    return Link.model_validate(told | {"order": place.order, "order_number": place.order_number})


def _overlaps(
    first: Sequence[tuple[TreasuryLine, Money]], second: Sequence[tuple[TreasuryLine, Money]]
) -> Iterator[tuple[TreasuryLine, TreasuryLine, Money]]:
    """Two rows of shares of one amount laid side by side: who stands beside whom, and for how much."""
    ones, others = deque(first), deque(second)
    while ones and others:
        (one, mine), (other, theirs) = ones.popleft(), others.popleft()
        part = min(mine, theirs)
        yield one, other, part
        if part < mine:
            ones.appendleft((one, mine - part))
        if part < theirs:
            others.appendleft((other, theirs - part))
