"""The series of document numbers: unique, without gap, in the order of dates (INV-02, RULES §2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from comptoir.access.model import NumberFormat
from comptoir.kernel.errors import Conflict
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


@dataclass(frozen=True)
class Series:
    """The series as it stands after the last number: an immutable value, so that a document that
    fails takes no number with it."""

    number_format: NumberFormat
    last_number: int
    last_date: date | None

    @classmethod
    def after(cls, head: Head | None, number_format: NumberFormat) -> Series:
        """The series that goes on from the head of the document chain."""
        if head is None:
            return cls(number_format, number_format.first - 1, None)
        return cls(number_format, head.last_number, head.last_date)

    def next(self, day: date) -> tuple[str, Series]:
        """The next number as printed for a document dated `day`, and the series after it.

        Errors: `OutOfOrder`.
        """
        if self.last_date and day < self.last_date:
            raise OutOfOrder(self.last_date)
        restart = self.number_format.yearly and self.last_date is not None and day.year != self.last_date.year
        number = self.number_format.first if restart else self.last_number + 1
        return self.number_format.show(number, day), Series(self.number_format, number, day)
