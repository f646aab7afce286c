"""What a sheet of treasury lines expects to come in and go out, by week and account (TRS-11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from comptoir.kernel.money import Money
from comptoir.treasury.model import Side, Treasury, TreasuryLine, TreasuryStatus

_EXPECTED = frozenset(
    {TreasuryStatus.FORECAST, TreasuryStatus.FIRM, TreasuryStatus.INVOICED, TreasuryStatus.CREDIT_TO_DEDUCT}
)
_SEPARATOR = "|"


class Place(NamedTuple):
    """Where an expected amount counts: its currency, the Monday of its week, the IBAN of the account.

    `week` and `account` are empty where the line has none; `offered` tells lines of offers that no
    customer has confirmed.
    """

    currency: str
    week: str
    account: str
    offered: bool

    @property
    def text(self) -> str:
        """The place as a key of a stored map; `Place.read` reads it back."""
        return _SEPARATOR.join((self.currency, self.week, self.account, "offer" if self.offered else ""))

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that `text` names."""
        currency, week, account, offered = text.split(_SEPARATOR)
        return cls(currency, week, account, bool(offered))


def monday(day: date) -> date:
    """The first day of the week of `day`."""
    return day - timedelta(days=day.weekday())


def expected(treasury: Treasury, side: Side) -> dict[str, Money]:
    """The amounts of a sheet still to move, by place: positive when money comes in, negative when it goes out.

    A credit note to deduct lowers what its customer will pay. Places whose amounts cancel out are left out.
    """
    found: dict[str, Money] = {}
    for place, amount in _amounts(treasury, side):
        known = found.get(place)
        found[place] = known + amount if known else amount
    return {place: amount for place, amount in found.items() if amount}


def _amounts(treasury: Treasury, side: Side) -> Iterator[tuple[str, Money]]:
    for line in treasury.lines:
        if line.status in _EXPECTED:
            yield _place(line).text, -line.amount if side is Side.SUPPLIER else line.amount


def _place(line: TreasuryLine) -> Place:
    account = line.bank_account
    week = monday(line.forecast_date).isoformat() if line.forecast_date else ""
    return Place(line.amount.currency, week, account.iban if account else "", line.status is TreasuryStatus.FORECAST)
