"""The series of document numbers: unique, without gap, in the order of dates (INV-02, RULES §2)."""

from __future__ import annotations

from datetime import date

from comptoir.access.model import NumberFormat
from comptoir.kernel.errors import Conflict
from comptoir.ledger.chain import SeriesState
from comptoir.ledger.model import Head


class OutOfOrder(Conflict):
    """The date lies before that of the last numbered document (RULES §2.2 rule 4)."""

    code = "date_before_last_document"

    def __init__(self, last: date) -> None:
        super().__init__(
            fr=f"La date doit être au plus tôt le {last:%d/%m/%Y}, celle du dernier document numéroté.",
            en=f"The date cannot be before {last:%Y-%m-%d}, that of the last numbered document.",
            last_date=last.isoformat(),
        )


class Series:
    """Gives the numbers that follow a head, one after the other, for one transaction."""

    def __init__(self, head: Head | None, number_format: NumberFormat) -> None:
        self._format = number_format
        self._number = head.last_number if head else number_format.first - 1
        self._date = head.last_date if head else None

    @property
    def last_date(self) -> date | None:
        """The date of the last number given."""
        return self._date

    def next(self, day: date) -> str:
        """The next number as printed, for a document dated `day`. Errors: `OutOfOrder`."""
        if self._date and day < self._date:
            raise OutOfOrder(self._date)
        restart = self._format.yearly and self._date is not None and day.year != self._date.year
        self._number = self._format.first if restart else self._number + 1
        self._date = day
        return self._format.show(self._number, day)

    def state(self) -> SeriesState:
        """What the head must keep. Errors: `ValueError` when no number was given yet."""
        if self._date is None:
            raise ValueError("no number was given")
        return SeriesState(self._number, self._date)
