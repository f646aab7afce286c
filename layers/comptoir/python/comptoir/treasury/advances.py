"""Down payments as treasury lines: the first expected money of a request is invoiced first, when they say (INV-13)."""

from __future__ import annotations

from collections.abc import Sequence

from comptoir.kernel.money import Money
from comptoir.treasury.model import Instalment, PaymentTerm, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import Issued, NewId, invoice, move

_LAST = 10_000


def invoice_ahead(
    lines: Sequence[TreasuryLine],
    amount: Money,
    document: Issued,
    due: Sequence[Instalment],
    new_id: NewId,
    terms: Sequence[PaymentTerm] = (),
) -> tuple[TreasuryLine, ...]:
    """The lines once a down payment of `amount` with VAT is issued: the firm ones give in the order of their terms.

    A line that gives a part is split, and the total stays; what is given falls due as the document prints
    (`due`). What the firm lines do not cover is owed too, as its instalments.
    """
    asked = [(step, step.amount) for step in due]
    after: dict[str, list[TreasuryLine]] = {}
    for line in sorted(filter(_gives, lines), key=lambda line: _LAST if line.term is None else line.term):
        after[line.id] = _given(line, asked, document, new_id)
    rest = sum((left.amount for _, left in asked), start=Money.zero(amount.currency).amount)
    result = [piece for line in lines for piece in after.get(line.id, [line])]
    if not rest:
        return tuple(result)
    left_due = [step.change(amount=left) for step, left in asked]
    return (*result, *invoice((), Money.of(rest, amount.currency), document, left_due, new_id, terms))


def _gives(line: TreasuryLine) -> bool:
    return line.status is TreasuryStatus.FIRM and not line.outside_products


def _given(
    line: TreasuryLine, asked: list[tuple[Instalment, Money]], document: Issued, new_id: NewId
) -> list[TreasuryLine]:
    """What becomes of a firm line: a piece for each instalment that it covers, and what remains firm of it.

    What it gives is taken off `asked`.
    """
    pieces, left = [], line.amount
    while asked and left:
        step, wanted = asked[0]
        part = min(wanted, left)
        if part:
            told = {"document": document.document, "number": document.number, "forecast_date": step.due_date}
            pieces.append(move(line, TreasuryStatus.INVOICED, amount=part, **told))
        left -= part
        if part < wanted:
            asked[0] = (step, wanted - part)
        else:
            del asked[0]
    pieces += [line.change(amount=left)] if left else []
    return [piece if number == 0 else piece.change(id=new_id()) for number, piece in enumerate(pieces)]
