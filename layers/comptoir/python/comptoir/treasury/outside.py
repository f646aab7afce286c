"""Money that a request expects beside its products: duties, fees, a deposit that comes back (TRS-01, CNF-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from comptoir.kernel.errors import Breach
from comptoir.kernel.identity import BankAccount, Iban
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Money
from comptoir.kernel.text import Line
from comptoir.parties.terms import PaymentMeans
from comptoir.treasury.model import UNINVOICED, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import NewId


class OutsideLine(Model):
    """A line outside the requested products as entered; a negative amount goes the other way.

    With its `id` it is one that the request holds already. `bank_account` is one of the company's.
    """

    id: Id | None = None
    label: Line
    amount: Money
    forecast_date: date | None = None
    means: PaymentMeans = PaymentMeans.TRANSFER
    bank_account: Iban | None = None


OutsideLines = Annotated[tuple[OutsideLine, ...], Field(max_length=50)]


def is_expected(line: TreasuryLine) -> bool:
    """Whether a line is one of these: outside the products, and not a credit note's."""
    return line.outside_products and line.status in UNINVOICED


def outside_breaches(
    before: Sequence[TreasuryLine], after: Sequence[OutsideLine], currency: str, accounts: Mapping[str, BankAccount]
) -> list[Breach]:
    """What is wrong with the lines that are to replace those of a request in a currency."""
    known, found = {line.id for line in before if is_expected(line)}, []

    def breach(code: str, fr: str, en: str, pointer: str) -> None:
        found.append(Breach(code=code, fr=fr, en=en, pointer=pointer))

    for number, line in enumerate(after):
        at = f"/lines/{number}"
        if line.id and (line.id not in known or line.id in {other.id for other in after[:number]}):
            breach("unknown_line", "Ligne inconnue ou en double.", "Unknown or duplicate line.", f"{at}/id")
        if not line.amount:
            breach("amount_zero", "Le montant est nul.", "The amount is zero.", f"{at}/amount")
        if line.amount.currency != currency:
            fr, en = f"La demande est en {currency}.", f"The request is in {currency}."
            breach("currency_of_request", fr, en, f"{at}/amount/currency")
        if line.bank_account and line.bank_account not in accounts:
            fr, en = "Ce compte n'est pas un compte de la société.", "This is no account of the company."
            breach("unknown_bank_account", fr, en, f"{at}/bank_account")
    return found


def with_outside(
    before: Sequence[TreasuryLine],
    after: Sequence[OutsideLine],
    status: TreasuryStatus,
    accounts: Mapping[str, BankAccount],
    new_id: NewId,
) -> tuple[TreasuryLine, ...]:
    """The lines of a request with these outside its products in place of those that it had, in a status."""
    rates = {line.id: line for line in before if is_expected(line)}
    made = []
    for line in after:
        was = rates.get(line.id or "")
        made.append(
            TreasuryLine(
                id=line.id or new_id(),
                amount=line.amount,
                forecast_date=line.forecast_date,
                means=line.means,
                bank_account=accounts[line.bank_account] if line.bank_account else None,
                status=status,
                outside_products=True,
                label=line.label,
                rate=was.rate if was else None,
                certified=was.certified if was else None,
            )
        )
    return (*(line for line in before if not is_expected(line)), *made)


def without_expected(lines: Sequence[TreasuryLine]) -> tuple[TreasuryLine, ...]:
    """The lines of a request that is completed: nothing is expected beside its products any more (LOG-03)."""
    return tuple(line for line in lines if not is_expected(line))
