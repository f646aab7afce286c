"""The download of a month: what it holds in memory with 500 and with 5,000 documents, and how long it takes."""

from __future__ import annotations

import hashlib
import sys
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from comptoir.access.exports import ExportReport
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import DocumentStatus, File
from comptoir.invoicing.month_export import ExportMonth, write_month
from comptoir.kernel.ids import derived_id
from comptoir.store import keys
from comptoir.store.backend import MAX_OPERATIONS, Put, Query, Slice
from comptoir.store.record import Key, Record
from tests.scale.report import Size, fresh, note, table, tell, title, verdict
from tests.unit.invoicing_support import line, open_shop
from tests.unit.orders_support import Counted, on_backend

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 132
"""As large as an invoice of 20 lines with its XML: 34 kB."""

_AIM = 1000


class _Table(Counted):
    """The table as one far away: what it answers belongs to who asked, not to the table.

    A text keeps its UTF-8 form once somebody read it; in a table of this process that would look like growth.
    """

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        return {key: _copy(record) for key, record in super().get(keys).items()}

    def query(self, query: Query) -> Slice:
        found = super().query(query)
        return replace(found, records=tuple(map(_copy, found.records)))


def _copy(record: Record) -> Record:
    summary = record.summary.encode().decode() if record.summary else None
    return replace(record, data=record.data.encode().decode(), summary=summary)


class _Archive:
    """A locked bucket where every PDF is the same."""

    def read(self, key: str, most: int) -> bytes:
        return bytes(bytearray(PDF))


class _Nowhere:
    """A file under way that keeps nothing but its size and hash."""

    def __init__(self) -> None:
        self.size = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self._digest.update(data)
        return len(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        """Nothing."""

    @contextmanager
    def writing(self, key: str, content_type: str, filename: str) -> Iterator[_Nowhere]:
        yield self


def measured(count: int, memory: bool) -> dict[str, float]:
    """Seconds, megabytes written, and, when it is asked for, the peak of what Python holds in megabytes."""
    shop = open_shop()
    company, backend = shop.world.company, shop.world.services.store.backend
    document = shop.invoice(line("100"), line("50", rate="5.5"))
    file = File(key="k", sha256=hashlib.sha256(PDF).hexdigest(), size=len(PDF), archived_at="2026-11-21T09:30:00Z")
    archived = document.change(status=DocumentStatus.ARCHIVED, file=file)
    copies = (
        archived.change(id=derived_id("copy", str(number)), sequence=number, number=f"FA2026-{number:06d}")
        for number in range(2, count + 1)
    )
    heads = [Put(DOCUMENT.record(keys.document(company, one.id), one, 0)) for one in copies]
    heads.append(Put(DOCUMENT.record(keys.document(company, document.id), archived, shop.version(document))))
    for start in range(0, len(heads), MAX_OPERATIONS):
        backend.write(heads[start : start + MAX_OPERATIONS])
    started = shop.world.do(ExportReport, ExportMonth(month="2026-11"))
    event: dict[str, Any] = {"company": company, "job": started.id}
    shelf = _Nowhere()
    if memory:
        tracemalloc.start()
    begun = time.perf_counter()
    write_month(on_backend(shop.world.services, _Table(backend)), event, _Archive(), shelf)
    taken = time.perf_counter() - begun
    peak = tracemalloc.get_traced_memory()[1] / 1e6 if memory else 0.0
    return {"documents": count, "seconds": taken, "megabytes": shelf.size / 1e6, "peak": peak}


def show(size: Size) -> None:
    """Print the figures."""
    title("Download of a month: PDFs of 34 kB, the list as CSV and XLSX, the totals, in one zip")
    rows, peaks = [], []
    for count in (size.of(500, 5), size.of(5000, 20)):
        plain, traced = (fresh(["-m", "tests.scale.months", str(count), told]).told for told in ("", "memory"))
        rows.append((count, plain["megabytes"], plain["seconds"], traced["peak"]))
        peaks.append(traced["peak"])
    table(["documents", "MB written", "seconds", "peak MB held by Python"], rows)
    grown = (peaks[-1] - peaks[0]) * 1e6 / (rows[-1][0] - rows[0][0])
    verdict("memory that a document more takes: its place in the zip's directory", grown, _AIM, " B")
    note("the bucket keeps nothing here: the real one adds one part of 8 MB under way")


if __name__ == "__main__":
    tell(measured(int(sys.argv[1]), sys.argv[2] == "memory"))
