"""Accounting exports as values: which period, by whom, what was taken, and the files (FIS-06, CRN-12)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line


class BookFormat(StrEnum):
    """Entries not exported yet, as CSV or XLSX, or every entry of a period in the format of the FEC."""

    CSV = "csv"
    XLSX = "xlsx"
    FEC = "fec"

    @property
    def posts(self) -> bool:
        """Whether it marks what it takes, so that no entry leaves twice; the FEC tells everything each time."""
        return self is not BookFormat.FEC


class BookState(StrEnum):
    """Where an export stands."""

    WRITING = "writing"
    DONE = "done"
    REFUSED = "refused"


class BookFile(Model):
    """A file of an export in the files bucket."""

    name: Line
    key: Line
    size: int
    sha256: str


class BookExport(Model):
    """An export of entries: numbered, with who asked, what it holds and the hash of each file.

    `whole` tells that it is the FEC of a closed fiscal year, which alone bears its legal name.
    """

    id: Id
    number: int
    format: BookFormat
    start: date
    end: date
    whole: bool = False
    operator: Id
    operator_name: Line
    started_at: str
    state: BookState = BookState.WRITING
    entries: int = 0
    lines: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    files: tuple[BookFile, ...] = ()
    breaches: tuple[Breach, ...] = ()


class BookExportSummary(Model):
    """An export in a list."""

    id: Id
    number: int
    format: BookFormat
    start: date
    end: date
    state: BookState
    operator_name: Line
    started_at: str
    entries: int


class Books(Model):
    """The last number given, and the export that is being written: one at a time marks entries."""

    last: int = 0
    running: Id | None = None


class Rates(Model):
    """What one unit of a piece's currency is worth in the books: `own` of what it is itself worth.

    `settled`, of a payment, is what the documents that it settles went into the books at: the difference is one of
    exchange.
    """

    own: Decimal = Decimal(1)
    settled: Decimal = Decimal(1)

    @classmethod
    def at(cls, rate: Decimal) -> Rates:
        """One rate for both."""
        return cls(own=rate, settled=rate)


class Mark(Model):
    """Which export took an entry, and the rates at which it went into the books."""

    export: Id
    rates: Rates = Rates()


class Posted(Model):
    """The marks of a block of entries, by sequence."""

    marks: dict[int, Mark] = {}


class BookJobLabel(Model):
    """What the chain of technical events keeps of an export that was asked for."""

    export: Id
    number: int
    format: Label
    start: date
    end: date
