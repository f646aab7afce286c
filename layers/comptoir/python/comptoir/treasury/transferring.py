"""Lines set, cut and held for the transfers that pay them (TRS-06, TRS-09, TRS-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from comptoir.kernel.errors import Breach, Conflict
from comptoir.kernel.money import Money, total
from comptoir.treasury.model import TreasuryLine
from comptoir.treasury.rules import NewId


class LineTransferred(Conflict):
    """A line is transferred once, and does not change while its transfer is under way (TRS-09)."""

    code = "line_transferred"
    fr = "Virement généré : cette ligne ne change plus avant d'être rapprochée du relevé."
    en = "Transfer generated: this line changes no more until it is matched with the statement."


def require_free(lines: Iterable[TreasuryLine]) -> None:
    """Errors: `LineTransferred` when a transfer under way pays one of the lines."""
    for line in lines:
        if line.frozen:
            raise LineTransferred(line=line.id)


def freed(
    lines: Iterable[TreasuryLine], failed: Callable[[TreasuryLine], bool], new_id: NewId
) -> tuple[TreasuryLine, ...]:
    """The lines once the bank rejects or returns the transfers of those that `failed`: to be paid anew.

    Under another identifier, since a line is transferred only once, ever (TRS-09).
    """
    return tuple(line.change(id=new_id(), transfer=None) if line.transfer and failed(line) else line for line in lines)


def cut_breaches(line: TreasuryLine, parts: Sequence[Decimal]) -> list[Breach]:
    """Why a line cannot be cut into parts: on the grid of its currency, together the line to the cent (TRS-10)."""
    currency, found = line.amount.currency, []
    amounts = [Money.of(part, currency) for part in parts]
    for number, (part, amount) in enumerate(zip(parts, amounts, strict=True)):
        if amount.amount != part:
            fr = f"Ce montant a plus de décimales que {currency}."
            en = f"This amount has more decimals than {currency}."
            found.append(Breach(code="off_currency_grid", fr=fr, en=en, pointer=f"/parts/{number}"))
    told = total(amounts, currency)
    if not found and told != line.size:
        missing = (line.size - told).amount
        fr = f"Les parts font {told.amount} {currency} au lieu de {line.size.amount} : écart de {missing}."
        en = f"The parts make {currency} {told.amount} instead of {line.size.amount}: {missing} apart."
        found.append(Breach(code="parts_differ", fr=fr, en=en, pointer="/parts"))
    return found


def cut(line: TreasuryLine, parts: Sequence[Decimal], new_id: NewId) -> tuple[TreasuryLine, ...]:
    """The lines that a line becomes, in the order of the parts: the first keeps its identifier (TRS-10)."""
    sign = -1 if line.amount.amount < 0 else 1
    amounts = [Money.of(sign * part, line.amount.currency) for part in parts]
    first, *others = amounts
    return (line.change(amount=first), *(line.change(id=new_id(), amount=amount) for amount in others))
