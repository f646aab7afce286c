"""Periods: nothing is dated into a closed one, at any layer (FIS-03).

Days close in order, so that one date says it all: what is dated on or before it is closed. Months and fiscal
years close once their days have; the one item of a company holds how far each has come.
"""

from __future__ import annotations

from datetime import date, timedelta

from comptoir.kernel.errors import Conflict
from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.store import keys
from comptoir.store.transaction import Transaction


class PeriodClosed(Conflict):
    """The date lies in a closed period; tells the first day that is open."""

    code = "period_closed"

    def __init__(self, day: date, first_open: date) -> None:
        super().__init__(
            fr=f"La période du {day:%d/%m/%Y} est clôturée : date possible à partir du {first_open:%d/%m/%Y}.",
            en=f"The period of {day:%Y-%m-%d} is closed: dates are possible from {first_open:%Y-%m-%d} on.",
            date=day.isoformat(),
            first_open=first_open.isoformat(),
        )


def closed_periods(tx: Transaction, company: str) -> Periods:
    """How far the periods of a company are closed."""
    return tx.get(PERIODS, keys.periods(company)) or Periods()


def first_open(tx: Transaction, company: str, day: date) -> date:
    """`day`, or the first open day where its own is closed: the date of an entry whose fact came to light late."""
    through = closed_periods(tx, company).through
    return max(day, through + timedelta(days=1)) if through else day


def refuse_closed(tx: Transaction, company: str, day: date) -> None:
    """Refuse a date in a closed period, as it stands now. Errors: `PeriodClosed`."""
    opened = first_open(tx, company, day)
    if opened != day:
        raise PeriodClosed(day, opened)


def require_open(tx: Transaction, company: str, day: date) -> None:
    """Refuse a date in a closed period, and have the transaction fail if it closes meanwhile. Errors: `PeriodClosed`.

    One operation of the transaction, however many dates it asks about.
    """
    refuse_closed(tx, company, day)
    tx.check(keys.periods(company))
