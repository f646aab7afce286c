"""Periods: nothing is dated into a closed one, at any layer (FIS-03)."""

from __future__ import annotations

from datetime import date

from comptoir.kernel.errors import Conflict
from comptoir.ledger.items import MONTH
from comptoir.store import keys
from comptoir.store.transaction import Transaction


class PeriodClosed(Conflict):
    """The date lies in a closed period."""

    code = "period_closed"

    def __init__(self, day: date) -> None:
        super().__init__(
            fr=f"La période du {day:%d/%m/%Y} est clôturée.",
            en=f"The period of {day:%Y-%m-%d} is closed.",
            date=day.isoformat(),
        )


def require_open(tx: Transaction, company: str, day: date) -> None:
    """Refuse a date in a closed month, and have the transaction fail if it closes meanwhile."""
    key = keys.month(company, day)
    month = tx.get(MONTH, key)
    if month and month.closed:
        raise PeriodClosed(day)
    tx.check(key)
