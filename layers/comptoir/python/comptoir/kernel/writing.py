"""Files of rows, written as they can be read back: CSV and XLSX, row by row, in constant memory.

A text that a spreadsheet would take for a formula (=, +, -, @ at its start) gets a leading
apostrophe in CSV, which `sheets` takes away again, and is marked as a text in XLSX.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any

from comptoir.kernel.cells import written
from comptoir.kernel.money import plain
from comptoir.kernel.sheets import FORMULA, Value
from comptoir.kernel.table import Column

Row = Mapping[str, Any]
"""A row as JSON values under the fields of its model, nested as they are."""


class FileFormat(StrEnum):
    """The two kinds of files of rows."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def write_rows(format: FileFormat, columns: Sequence[Column], rows: Iterable[Row], file: IO[bytes]) -> int:
    """Write a heading and rows into an open binary file; the number of rows."""
    return _WRITERS[format](columns, rows, file)


def values(columns: Sequence[Column], row: Row) -> list[Value]:
    """The cells of a row."""
    return [written(column.read, _at(row, column.path)) for column in columns]


def _at(value: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _csv(columns: Sequence[Column], rows: Iterable[Row], file: IO[bytes]) -> int:
    """UTF-8 with its mark, semicolons and decimal commas: what French spreadsheets open without a question."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.fr for column in columns])
    count = 0
    for row in rows:
        writer.writerow([csv_cell(value) for value in values(columns, row)])
        count += 1
    text.flush()
    text.detach()
    return count


def csv_cell(value: Value) -> str:
    """A cell as text: decimal comma, French date, no formula."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value).replace(".", ",")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _xlsx(columns: Sequence[Column], rows: Iterable[Row], file: IO[bytes]) -> int:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()

    def cell(value: Value) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, value)
        made.data_type = "s"
        return made

    sheet.append([cell(column.fr) for column in columns])
    count = 0
    for row in rows:
        sheet.append([cell(value) for value in values(columns, row)])
        count += 1
    workbook.save(file)
    return count


_WRITERS: dict[FileFormat, Callable[[Sequence[Column], Iterable[Row], IO[bytes]], int]] = {
    FileFormat.CSV: _csv,
    FileFormat.XLSX: _xlsx,
}
