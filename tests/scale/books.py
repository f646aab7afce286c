"""The books: lines of the FEC a second, and the memory that a million of them takes."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from comptoir.accounting.chart import Chart
from comptoir.accounting.fec import write_fec
from comptoir.accounting.model import Entry
from comptoir.accounting.sales import sale
from comptoir.catalogue.pricing import PricedLine, ProductKind, totals
from comptoir.invoicing.snapshot import DocumentKind, OperationNature, Snapshot
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money
from comptoir.parties.snapshot import Buyer, Language, Seller
from tests.scale.report import Size, fresh, note, table, tell, title

_DAY = date(2026, 1, 1)
_ADDRESS = Address(lines=("1 quai",), postcode="29200", city="Brest")


class _Nowhere:
    """Counts what is written, and keeps nothing."""

    size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)


def _entries(lines: int) -> Iterator[Entry]:
    """Entries of five lines each: made from frozen documents as an export makes them."""
    chart, told = Chart(), [_document(number) for number in range(200)]
    for number in range(lines // 5):
        entry = sale(told[number % 200], number + 1, chart)
        if entry:
            yield entry


def _document(number: int) -> Snapshot:
    rows = [
        PricedLine(
            position=place,
            kind=kind,
            designation="Bouée",
            quantity=Decimal(1),
            unit="pièce",
            unit_price=Decimal(number + 1),
            vat_rate=Decimal(rate),
            net=Money.of(number + 1, "EUR"),
        )
        for place, (kind, rate) in enumerate(((ProductKind.GOODS, 20), (ProductKind.SERVICE, 10)), 1)
    ]
    return Snapshot(
        kind=DocumentKind.INVOICE,
        document="01KASXPZ5CF1A3H9QJ4M7R2W8T",
        number=f"FA2026-{number:06d}",
        issue_date=_DAY + timedelta(days=number % 365),
        issued_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number % 365),
        operator="Anne",
        language=Language.FRENCH,
        currency="EUR",
        seller=Seller(name="PONANT", legal_line="PONANT", address=_ADDRESS),
        buyer=Buyer(code=f"C{number:04d}", name="ARMOR PÊCHE", address=_ADDRESS),
        nature=OperationNature.MIXED,
        lines=tuple(rows),
        totals=totals(rows, "EUR"),
    )


def measured(lines: int, memory: bool) -> dict[str, float]:
    """Seconds, megabytes written, and, when it is asked for, the peak of what Python holds in kilobytes."""
    sink = _Nowhere()
    if memory:
        tracemalloc.start()
    started = time.perf_counter()
    figures = write_fec(_entries(lines), sink)
    taken = time.perf_counter() - started
    peak = tracemalloc.get_traced_memory()[1] / 1000 if memory else 0.0
    return {"lines": figures.lines, "seconds": taken, "megabytes": sink.size / 1e6, "peak": peak}


def show(size: Size) -> None:
    """Print the figures."""
    title("FEC: entries made from frozen documents and written, five lines an entry")
    rows = []
    for lines in size.lines(10_000, 100_000, 1_000_000):
        told = fresh(["-m", "tests.scale.books", str(lines)]).told
        peak = fresh(["-m", "tests.scale.books", str(min(lines, 200_000)), "memory"]).told["peak"]
        rows.append((told["lines"], told["seconds"], told["lines"] / told["seconds"], told["megabytes"], peak))
    table(["lines", "seconds", "lines a second", "MB", "peak KB held"], rows)
    note("the peak is that of at most 200,000 lines: tracing takes ten times as long")


if __name__ == "__main__":
    tell(measured(int(sys.argv[1]), sys.argv[2:] == ["memory"]))
