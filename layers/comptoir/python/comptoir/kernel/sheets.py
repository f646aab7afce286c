"""Files of rows: CSV and XLSX read into cells that know their place (`B12`).

What a stranger may send is bounded before it is read: bytes, unpacked bytes, rows, columns. A
formula counts for the value that the spreadsheet stored with it; without one the cell is faulty.
"""

from __future__ import annotations

import base64
import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from comptoir.kernel.errors import Breach, Refused
from comptoir.kernel.explain import flaw

Value = str | Decimal | date | bool | None
"""What a cell holds: CSV cells are texts, empty ones are None."""


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise flaw("not_base64", "Le contenu n'est pas en base64.", "The content is not base64.") from error


FileContent = Annotated[
    bytes,
    BeforeValidator(_decoded),
    Field(max_length=4_000_000),
    PlainSerializer(lambda content: base64.b64encode(content).decode(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
"""The content of a file as JSON requests carry it: base64."""

_XLSX = b"PK\x03\x04"
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the start of a formula."""

_DELIMITERS = ";\t,"


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be; `unpacked` bounds what a compressed file grows to.

    In base64 a file of `size` stays under the 6 MB that a Lambda function takes in one call.
    """

    size: int = 4_000_000
    unpacked: int = 60_000_000
    rows: int = 10_000
    columns: int = 100


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `row` and `column` count from 1, a `percent` cell shows a hundred times its value.

    `fault` tells, in French and English, why a spreadsheet cell has no usable value.
    """

    row: int
    column: int
    value: Value
    percent: bool = False
    fault: tuple[str, str] | None = None

    @property
    def place(self) -> str:
        """The coordinate that spreadsheets show: `B12`."""
        return f"{letters(self.column)}{self.row}"

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer into the file: `/rows/12/B`."""
        return f"/rows/{self.row}/{letters(self.column)}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first row that holds anything, and the rows below it; cells by column, blank rows left out."""

    heading: dict[int, Cell]
    rows: tuple[dict[int, Cell], ...]


def letters(column: int) -> str:
    """The letters of a column: 1 → A, 27 → AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def read_sheet(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Sheet:
    """The rows of a CSV or XLSX file, told apart by its first bytes. Errors: `Refused`."""
    if len(data) > limits.size:
        raise _refused(
            "file_too_large",
            f"Le fichier dépasse {limits.size // 1_000_000} Mo.",
            f"The file is larger than {limits.size // 1_000_000} MB.",
        )
    cells = _xlsx_rows(data, limits) if data.startswith(_XLSX) else _csv_rows(data)
    rows = _bounded(cells, limits)
    if not rows:
        raise _refused("file_empty", "Le fichier est vide.", "The file is empty.")
    return Sheet(rows[0], tuple(rows[1:]))


def _refused(code: str, fr: str, en: str, pointer: str = "/file") -> Refused:
    return Refused([Breach(code=code, fr=fr, en=en, pointer=pointer)])


def _bounded(rows: Iterable[list[Cell]], limits: Limits) -> list[dict[int, Cell]]:
    kept: list[dict[int, Cell]] = []
    for row in rows:
        cells = {cell.column: cell for cell in row if cell.value is not None or cell.fault}
        if not cells:
            continue
        if max(cells) > limits.columns:
            raise _refused(
                "too_many_columns", f"Plus de {limits.columns} colonnes.", f"More than {limits.columns} columns."
            )
        if len(kept) > limits.rows:
            raise _too_many_rows(limits)
        kept.append(cells)
    return kept


def _csv_rows(data: bytes) -> Iterator[list[Cell]]:
    text = _decode(data)
    delimiter = _delimiter(text)
    if hint := re.match(r"sep=(.)\r?\n", text):
        delimiter, text = hint[1], text[hint.end() :]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, values in enumerate(reader, 1):
            yield [Cell(number, column, _unquoted(value.strip()) or None) for column, value in enumerate(values, 1)]
    except csv.Error as error:
        line = reader.line_num
        raise _refused(
            "csv_malformed",
            f"CSV illisible vers la ligne {line} : guillemets mal fermés ou champ trop long.",
            f"Unreadable CSV near line {line}: a quote is not closed, or a field is too long.",
        ) from error


def _unquoted(value: str) -> str:
    """The text without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return value[1:] if value.startswith("'") and value[1:].startswith(FORMULA) else value


def _decode(data: bytes) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if wide else ["utf-8-sig", "cp1252"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(
        "encoding_unknown",
        "Encodage inconnu : enregistrez le fichier en CSV UTF-8.",
        "Unknown encoding: save the file as CSV UTF-8.",
    )


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first record into the most fields."""

    def fields(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(text.lstrip("\r\n")[:20_000], newline=""), delimiter=delimiter)
        try:
            return len(next(reader, []))
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=fields)


def _xlsx_rows(data: bytes, limits: Limits) -> Iterator[list[Cell]]:
    """The rows of the first visible sheet; a formula without a stored value is a fault."""
    stored = _cells(data, limits, data_only=True)
    if not _has_formulas(data, limits):
        yield from ([_cell(cell) for cell in row] for row in stored)
        return
    written = _cells(data, limits, data_only=False)
    for row, as_written in zip(stored, written, strict=True):
        yield [_cell(*pair) for pair in zip(row, as_written, strict=True)]


def _cells(data: bytes, limits: Limits, data_only: bool) -> Iterator[tuple[Any, ...]]:
    """What openpyxl reads; imported here, since few requests need it."""
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)
        sheet = next(sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible")
        # What the file says of its own dimensions is not to be believed.
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=limits.columns + 1)):
            if number > 10 * limits.rows:
                raise _too_many_rows(limits)
            yield row
    except Refused:
        raise
    except Exception as error:
        # On a damaged or hostile workbook openpyxl, zlib and the XML parser raise almost anything.
        raise _unreadable() from error


def _unreadable() -> Refused:
    return _refused("xlsx_unreadable", "Classeur XLSX illisible.", "Unreadable XLSX workbook.")


def _too_many_rows(limits: Limits) -> Refused:
    return _refused("too_many_rows", f"Plus de {limits.rows} lignes.", f"More than {limits.rows} rows.")


def _has_formulas(data: bytes, limits: Limits) -> bool:
    """Whether a sheet holds a formula; refuses what unpacks to too much, or declares XML entities."""
    found = False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > limits.unpacked:
                raise _refused(
                    "file_too_large",
                    "Le classeur est trop grand une fois décompressé.",
                    "The workbook is too large once unpacked.",
                )
            for name in archive.namelist():
                content = archive.read(name) if name.endswith((".xml", ".rels")) else b""
                if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                    raise _unreadable()
                found = found or ("/worksheets/" in name and re.search(rb"<(\w+:)?f[ />]", content) is not None)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise _unreadable() from error
    return found


def _cell(stored: Any, written: Any = None) -> Cell:
    """The cell that openpyxl read; `written` is the same cell with its formula instead of its value."""
    if stored.value is None:
        lost = written is not None and written.data_type == "f"
        return Cell(written.row, written.column, None, fault=_NO_VALUE) if lost else _EMPTY
    row, column, shown = stored.row, stored.column, stored.number_format or "General"
    if stored.data_type == "e":
        fault = (f"la cellule contient l'erreur {stored.value}", f"the cell holds the error {stored.value}")
        return Cell(row, column, None, fault=fault)
    return Cell(row, column, _value(stored.value, shown), percent="%" in shown)


_EMPTY = Cell(0, 0, None)
_NO_VALUE = (
    "la formule n'a pas de valeur enregistrée : ouvrez le fichier dans un tableur et enregistrez-le",
    "the formula has no stored value: open the file in a spreadsheet and save it",
)


def _value(value: Any, shown: str) -> Value:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, int | float):
        # A double holds 15 digits; `00000` shows a post code with its leading zeros.
        number = Decimal(format(value, ".15g"))
        if not number.is_finite():
            return str(value)
        padded = re.fullmatch("0{2,}", shown) and number == int(number) >= 0
        return f"{int(number):0{len(shown)}d}" if padded else number
    return str(value)
