"""Rows written as CSV and XLSX files that come out the same each time."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

Row = dict[str, Any]


def french(value: Any) -> str:
    """A value as a French spreadsheet writes it to a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal):
        return f"{value:,f}".replace(",", " ").replace(".", ",")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value)


def english(value: Any) -> str:
    """A value as plain data: decimal point, ISO dates."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def write_csv(
    path: Path, columns: Sequence[str], rows: Sequence[Row], delimiter: str = ";", encoding: str = "utf-8-sig"
) -> None:
    """One file; French values, or plain ones where the delimiter is a comma."""
    show = english if delimiter == "," else french
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([show(row.get(column)) for column in columns] for row in rows)
    path.write_bytes(text.getvalue().encode(encoding))


def write_xlsx(path: Path, columns: Sequence[str], rows: Sequence[Row], title: str) -> None:
    """One workbook: texts stay texts whatever they begin with, numbers and dates are real ones."""
    workbook = Workbook()
    sheet: Any = workbook.active
    sheet.title = title
    for place, column in enumerate(columns, 1):
        sheet.cell(1, place, column).font = Font(bold=True)
    for number, row in enumerate(rows, 2):
        for place, column in enumerate(columns, 1):
            _fill(sheet.cell(number, place), column, row.get(column))
    sheet.freeze_panes = "A2"
    written = io.BytesIO()
    workbook.save(written)
    path.write_bytes(_timeless(written.getvalue()))


def _fill(cell: Any, column: str, value: Any) -> None:
    if value is None:
        return
    if column in ("Taux de TVA", "Remise") and isinstance(value, Decimal):
        cell.value, cell.number_format = value / 100, "0.0%"
    elif column == "Code postal" and str(value).isdigit():
        cell.value, cell.number_format = int(value), "0" * len(value)
    else:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "DD/MM/YYYY"
    if isinstance(value, str) and value.startswith("="):
        cell.data_type = "s"


def _timeless(data: bytes) -> bytes:
    """The archive without the time at which it was made."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-11-21T09:00:00Z", content)
            entry = zipfile.ZipInfo(name, (2026, 11, 21, 9, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return target.getvalue()
