"""What the tests of accounting exports stand on: exports asked for, written, and their files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from comptoir.accounting.commands import BookReport, ExportBooks, ReadBookExport
from comptoir.accounting.exporting import BookFormat
from comptoir.accounting.tasks import write_books
from tests.world import World


class HasWorld(Protocol):
    """Whatever stands in a company."""

    @property
    def world(self) -> World: ...


START, END = date(2026, 11, 1), date(2026, 11, 21)


class Draft(bytearray):
    """A file under way."""

    @property
    def size(self) -> int:
        return len(self)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self).hexdigest()

    def write(self, data: bytes) -> int:
        self.extend(data)
        return len(data)


@dataclass
class Shelf:
    """A bucket that keeps what is written, each key once."""

    files: dict[str, bytes] = field(default_factory=dict)

    @contextmanager
    def writing(self, key: str, content_type: str, filename: str) -> Iterator[Draft]:
        draft = Draft()
        yield draft
        assert self.files.setdefault(key, bytes(draft)) == bytes(draft)


def ask(shop: HasWorld, format: BookFormat = BookFormat.CSV, **fields: Any) -> BookReport:
    """An export that was asked for, not written yet."""
    request = ExportBooks(**({"start": START, "end": END, "format": format} | fields))
    return shop.world.do(BookReport, request, "accountant")


def write(shop: HasWorld, asked: BookReport, shelf: Shelf | None = None) -> tuple[BookReport, dict[str, bytes]]:
    """The export once written, and its files by name."""
    kept = shelf or Shelf()
    event = {"company": shop.world.company, "job": asked.id}
    assert write_books(shop.world.services, event, kept) == {"outcome": "written"}
    report = shop.world.do(BookReport, ReadBookExport(export=asked.id), "accountant")
    return report, {each.name: kept.files[each.key] for each in report.files}
