"""How invoiced lines are settled, and how far a document is (TRS-03, CRN-09, INV-09).

What settles a line in part splits it: the open rest keeps the identifier, and no cent is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.identity import BankAccount
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money, total
from comptoir.treasury.model import Expected, PaymentMeans, Treasury, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import NewId, move

_EXPECTED = frozenset({TreasuryStatus.FORECAST, TreasuryStatus.FIRM, TreasuryStatus.INVOICED})


@dataclass(frozen=True)
class Receipt:
    """A payment or refund as the lines that it settles tell it."""

    payment: str
    day: date
    means: PaymentMeans
    bank_account: BankAccount | None


class SettlementState(StrEnum):
    """Nothing settled yet, a part, or all."""

    OPEN = "open"
    PARTLY = "partly"
    SETTLED = "settled"


class Settlement(Model):
    """How far a document is settled, in its currency.

    Of an invoice `open` is due, `paid` was received, `deducted` is covered by credit notes, and `credited`
    is the total of the credit notes made on it. Of a credit note `open` is left to deduct, `paid` was
    given back, `deducted` was used.
    """

    state: SettlementState
    open: Money
    paid: Money
    deducted: Money
    credited: Money


def settlement(lines: Sequence[TreasuryLine], document: Id, currency: str) -> Settlement:
    """How far the lines of its request say that a document is settled."""

    def summed(*statuses: TreasuryStatus) -> Money:
        return total((line.size for line in lines if line.document == document and line.status in statuses), currency)

    left = summed(TreasuryStatus.INVOICED, TreasuryStatus.CREDIT_TO_DEDUCT)
    paid = summed(TreasuryStatus.PAID, TreasuryStatus.CREDIT_REFUNDED)
    deducted = summed(TreasuryStatus.CREDIT_DEDUCTED)
    taken = (line.size for line in lines if line.credited and line.credited.invoice == document)
    state = SettlementState.PARTLY if paid or deducted else SettlementState.OPEN
    return Settlement(
        state=state if left else SettlementState.SETTLED,
        open=left,
        paid=paid,
        deducted=deducted,
        credited=total(taken, currency),
    )


def open_lines(lines: Sequence[TreasuryLine], document: Id | None = None, line: Id | None = None) -> list[TreasuryLine]:
    """Invoiced lines, of one document or one alone where it is named, in the order in which money covers them.

    The oldest due date first; one without date last.
    """
    found = [
        each
        for each in lines
        if each.status is TreasuryStatus.INVOICED and document in (None, each.document) and line in (None, each.id)
    ]
    return sorted(found, key=lambda each: each.forecast_date or date.max)


def to_deduct(lines: Sequence[TreasuryLine], document: Id) -> list[TreasuryLine]:
    """The lines *Avoir à déduire* of a credit note, in the order in which they are used: as it was split (CRN-08)."""
    return [line for line in lines if line.document == document and line.status is TreasuryStatus.CREDIT_TO_DEDUCT]


def size(lines: Sequence[TreasuryLine], currency: str) -> Money:
    """What lines are worth together, without sign."""
    return total((line.size for line in lines), currency)


def invoiced_due(lines: Sequence[TreasuryLine], currency: str) -> Money:
    """What is invoiced and neither paid nor covered: what a credit note can be deducted from (CRN-10)."""
    return size(open_lines(lines), currency)


def remaining_due(lines: Sequence[TreasuryLine], currency: str) -> Money:
    """What the request still has to pay, invoiced or not; a credit note counts once it is deducted (CRN-09)."""
    return total((line.amount for line in lines if line.status in _EXPECTED), currency)


class TreasuryView(Treasury):
    """A sheet as the API shows it, with what its request still has to pay (CRN-09); None while it has no line.

    `invoiced_due` is the part that is invoiced, and `to_deduct` what is left of credit notes, which is not
    taken off either.
    """

    remaining_due: Money | None = None
    invoiced_due: Money | None = None
    to_deduct: Money | None = None


def viewed(treasury: Treasury) -> TreasuryView:
    """The view of a sheet."""
    told = treasury.picked(Treasury.model_fields)
    if not treasury.lines:
        return TreasuryView(**told)
    lines, currency = treasury.lines, treasury.lines[0].amount.currency
    credits = [line for line in lines if line.status is TreasuryStatus.CREDIT_TO_DEDUCT]
    return TreasuryView(
        remaining_due=remaining_due(lines, currency),
        invoiced_due=invoiced_due(lines, currency),
        to_deduct=size(credits, currency),
        **told,
    )


def shares_of(chosen: Sequence[TreasuryLine], amount: Money) -> Iterator[tuple[TreasuryLine, Money]]:
    """What each of the lines, in their order, gives of `amount`. Errors: `ValueError` when they do not hold it."""
    left = amount
    for line in chosen:
        part = min(left, line.size)
        if part:
            yield line, part
        left -= part
    if left:
        raise ValueError(f"the lines lack {left.amount} {left.currency}")


def split(line: TreasuryLine, part: Money, new_id: NewId) -> tuple[TreasuryLine, TreasuryLine | None]:
    """A piece of a line worth `part` without sign, and what is left of it under its identifier, None for nothing."""
    if part == line.size:
        return line, None
    signed = -part if line.amount.amount < 0 else part
    return line.change(id=new_id(), amount=signed), line.change(amount=line.amount - signed)


def replaced(lines: Sequence[TreasuryLine], made: dict[str, tuple[TreasuryLine, ...]]) -> tuple[TreasuryLine, ...]:
    """The lines with what took the place of some of them."""
    return tuple(new for line in lines for new in made.get(line.id, (line,)))


def pay(
    lines: Sequence[TreasuryLine], chosen: Sequence[TreasuryLine], amount: Money, receipt: Receipt, new_id: NewId
) -> tuple[TreasuryLine, ...]:
    """The lines once `amount` of the chosen invoiced ones is paid (TRS-03), or of a credit note's given back.

    What was expected of a line is kept with it. Errors: `ValueError` when the chosen lines do not hold the amount.
    """
    made: dict[str, tuple[TreasuryLine, ...]] = {}
    for line, part in shares_of(chosen, amount):
        piece, rest = split(line, part, new_id)
        owed = line.status is TreasuryStatus.INVOICED
        settled = move(
            piece,
            TreasuryStatus.PAID if owed else TreasuryStatus.CREDIT_REFUNDED,
            payment=receipt.payment,
            actual_date=receipt.day,
            means=receipt.means,
            bank_account=receipt.bank_account,
            expected=expectation(line),
        )
        made[line.id] = (rest, settled) if rest else (settled,)
    return replaced(lines, made)


def expectation(line: TreasuryLine) -> Expected:
    """What is to be remembered of a line that is settled."""
    return Expected(means=line.means, bank_account=line.bank_account, label=line.label)


def reverse(lines: Sequence[TreasuryLine], payment: Id) -> tuple[TreasuryLine, ...]:
    """The lines once a payment, refund or deduction is reversed: as they were expected before it (TRS-03, CRN-13).

    What a credit note still to deduct takes of this payment takes of the unpaid part again (CRN-08).
    """
    return joined([_reversed(line, payment) for line in lines])


def _reversed(line: TreasuryLine, payment: Id) -> TreasuryLine:
    if line.payment == payment and line.expected:
        return move(
            line,
            TreasuryStatus.CREDIT_TO_DEDUCT if _of_credit(line) else TreasuryStatus.INVOICED,
            payment=None,
            actual_date=None,
            means=line.expected.means,
            bank_account=line.expected.bank_account,
            label=line.expected.label,
            link=None,
            expected=None,
        )
    if line.status is TreasuryStatus.CREDIT_TO_DEDUCT and line.credited and line.credited.part == payment:
        return line.change(bank_account=None, credited=line.credited.change(part=None, paid_on=None))
    return line


def _of_credit(line: TreasuryLine) -> bool:
    """Whether a settled line is one of a credit note."""
    deducted = line.status is TreasuryStatus.CREDIT_DEDUCTED and line.amount.amount < 0
    return deducted or line.status is TreasuryStatus.CREDIT_REFUNDED


def joined(lines: Sequence[TreasuryLine]) -> tuple[TreasuryLine, ...]:
    """Open pieces that differ in nothing but their amount are one line again, under the first's identifier."""
    kept: dict[TreasuryLine | str, TreasuryLine] = {}
    for line in lines:
        still_open = line.status in (TreasuryStatus.INVOICED, TreasuryStatus.CREDIT_TO_DEDUCT)
        kind = line.change(id=lines[0].id, amount=Money.zero(line.amount.currency)) if still_open else line.id
        first = kept.get(kind)
        kept[kind] = first.change(amount=first.amount + line.amount) if first else line
    return tuple(kept.values())


def uninvoice_breaches(lines: Sequence[TreasuryLine], document: Id) -> list[Breach]:
    """Why the lines of an invoice cannot go back: paid, transferred, covered by a credit note, or credited (INV-09)."""
    own = {line.status for line in lines if line.document == document}
    credited = any(line.credited and line.credited.invoice == document for line in lines)
    transferred = any(line.frozen for line in lines if line.document == document)
    reasons = (
        (transferred, "invoice_transferred", "Un virement est généré pour la facture.", "being paid by a transfer"),
        (TreasuryStatus.PAID in own, "invoice_paid", "La facture est payée, au moins en partie.", "paid"),
        (
            TreasuryStatus.CREDIT_DEDUCTED in own,
            "invoice_covered",
            "Un avoir est déduit de la facture.",
            "covered by a credit note",
        ),
        (credited, "invoice_credited", "La facture a un avoir.", "credited"),
    )
    return [
        Breach(code=code, fr=fr, en=f"The invoice is {en}, at least in part.", link=f"/invoices/{document}")
        for holds, code, fr, en in reasons
        if holds
    ]


def uninvoice(lines: Sequence[TreasuryLine], document: Id, ordered: bool) -> tuple[TreasuryLine, ...]:
    """The lines once an invoice is cancelled: firm again where an order expects them, else gone (INV-09).

    The order's open lines are to be recomputed afterwards: they come from its terms. Errors: `Refused`.
    """
    refuse_if(uninvoice_breaches(lines, document))
    if not ordered:
        return tuple(line for line in lines if line.document != document)
    return tuple(
        move(line, TreasuryStatus.FIRM, document=None, number=None) if line.document == document else line
        for line in lines
    )
