"""Rows of a file as values: columns found by their headings, cells read, every faulty one told.

A `Table` says which heading feeds which field of a model, `address.city` and `contacts.0.email`
included. Reading gives the rows that are right, and a breach with the coordinate, the column and
the reason in French and English for every cell that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from comptoir.kernel.cells import CellFault, as_text
from comptoir.kernel.errors import Breach
from comptoir.kernel.explain import explain
from comptoir.kernel.nesting import Path, laid_over, nested
from comptoir.kernel.sheets import Cell, Sheet, Value, letters
from comptoir.kernel.text import plain_words

R = TypeVar("R", bound=BaseModel)
MOST_BREACHES = 5000
Known = Callable[[Mapping[str, Any]], "Mapping[str, Any] | None"]
"""From what a row's cells read as to the JSON value of what it changes; None when nothing has its code."""


@dataclass(frozen=True)
class Column:
    """A column of a file: the field it feeds, its headings, and how its cells are read.

    `fr` and `en` are the headings shown in messages; `also` are others that mean the same.
    """

    field: str
    fr: str
    en: str
    read: Callable[[Value], Any] = as_text
    required: bool = False
    also: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The field as a pydantic location: `contacts.0.email` → `("contacts", 0, "email")`."""
        return tuple(int(step) if step.isdigit() else step for step in self.field.split("."))


@dataclass(frozen=True)
class RowOfFile:
    """A row, right or not: what its cells read as, by field, and where they stand."""

    row: int
    places: Mapping[str, tuple[Column, Cell]]
    read: Mapping[str, Any]

    def at(self, breach: Breach) -> Breach:
        """A breach found by a rule on this row, told of the cell that its pointer means."""
        place = _place(self.places, (breach.pointer or "").strip("/").replace("/", "."))
        if place:
            return _on_cell(breach.code, *place, breach.fr, breach.en)
        return _on_row(breach.code, self.row, breach.fr, breach.en)

    def pointer(self, field: str) -> str:
        """Where the cell of a field stands; the row where the file lacks the column."""
        return self.places[field][1].pointer if field in self.places else f"/rows/{self.row}"


@dataclass(frozen=True)
class Entry(RowOfFile, Generic[R]):
    """A row that is right in itself, as a value."""

    value: R


@dataclass(frozen=True)
class Reading(Generic[R]):
    """What a file gave: its right rows, every breach of the others, and those others."""

    entries: tuple[Entry[R], ...]
    breaches: tuple[Breach, ...]
    faulty: tuple[RowOfFile, ...] = ()

    @property
    def rows(self) -> list[RowOfFile]:
        """Every row, in the order of the file."""
        return sorted((*self.entries, *self.faulty), key=lambda row: row.row)


class Table(Generic[R]):
    """The columns of a kind of file, and the model that each row makes."""

    def __init__(self, model: type[R], columns: Sequence[Column]) -> None:
        self._model = model
        self._columns = tuple(columns)
        self._by_heading = {
            _plain(heading): column for column in reversed(columns) for heading in (column.fr, column.en, *column.also)
        }

    def with_columns(self, columns: Sequence[Column]) -> Table[R]:
        """This table with more columns."""
        return Table(self._model, (*self._columns, *columns)) if columns else self

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in the order in which a file is written."""
        return self._columns

    def texts(self, sheet: Sheet, field: str) -> list[str]:
        """What the cells of one column read as, the faulty ones left out: codes to look up before the rows are read."""
        columns, _ = self._headings(sheet)
        found = []
        for number, column in columns.items():
            for cells in sheet.rows if column.field == field else ():
                try:
                    value = _read(column, cells[number]) if number in cells else None
                except CellFault:
                    continue
                if value is not None:
                    found.append(str(value))
        return found

    def read(self, sheet: Sheet, known: Known | None = None) -> Reading[R]:
        """Every row as a value, or every reason why not; headings are settled first.

        With `known`, a row changes what exists: it completes the JSON value that `known` gives for
        what the row's cells read as, and no column but the first is required.
        """
        columns, found = self._headings(sheet, self._columns[:1] if known else self._columns)
        if found:
            return Reading((), tuple(found))
        entries: list[Entry[R]] = []
        faulty: list[RowOfFile] = []
        for cells in sheet.rows:
            row, faults = self._row(cells, columns, known)
            found.extend(faults)
            if isinstance(row, Entry):
                entries.append(row)
            else:
                faulty.append(row)
        return Reading(tuple(entries), tuple(found), tuple(faulty))

    def _headings(self, sheet: Sheet, required: Sequence[Column] = ()) -> tuple[dict[int, Column], list[Breach]]:
        columns: dict[int, Column] = {}
        found: list[Breach] = []
        for number, cell in sheet.heading.items():
            heading = as_text(cell.value) or ""
            column = self._by_heading.get(_plain(heading))
            if column is None:
                known = ", ".join(column.fr for column in self._columns)
                fr, en = f"colonne inconnue ; connues : {known}", f"unknown column; known: {known}"
                found.append(_told("unknown_column", cell, heading, heading, fr, en))
            elif column in columns.values():
                fr, en = "colonne en double", "this column comes twice"
                found.append(_told("duplicate_column", cell, column.fr, column.en, fr, en))
            else:
                columns[number] = column
        row = next(iter(sheet.heading.values())).row
        found += [
            _on_row("missing_column", row, f"colonne « {c.fr} » absente", f'column "{c.en}" is missing')
            for c in required
            if c.required and c not in columns.values()
        ]
        found += _without_heading(sheet)
        return columns, found

    def _row(
        self, cells: dict[int, Cell], columns: dict[int, Column], known: Known | None
    ) -> tuple[RowOfFile, list[Breach]]:
        number = next(iter(cells.values())).row
        places = {c.field: (c, cells.get(n, Cell(number, n, None))) for n, c in columns.items()}
        read: dict[str, Any] = {}
        found: list[Breach] = []
        for field, (column, cell) in places.items():
            try:
                read[field] = _read(column, cell)
            except CellFault as fault:
                found.append(_on_cell(fault.code, column, cell, fault.fr, fault.en))
        given = {places[field][0].path: value for field, value in read.items() if value is not None}
        try:
            before = known(read) if known else None
            value = self._model.model_validate(nested(given) if before is None else laid_over(before, given))
        except ValidationError as error:
            found += list(self._errors(error, number, places, {breach.pointer for breach in found}))
            return RowOfFile(number, places, read), found
        row = RowOfFile(number, places, read) if found else Entry(number, places, read, value)
        return row, found

    def _errors(
        self, error: ValidationError, row: int, places: Mapping[str, tuple[Column, Cell]], told: set[str | None]
    ) -> Iterator[Breach]:
        """The errors of a row, each on its cell; a cell that could not be read is told once."""
        for detail in error.errors(include_url=False, include_input=False):
            code, fr, en = explain(detail)
            field = ".".join(str(step) for step in detail["loc"])
            if place := _place(places, field):
                breach = _on_cell(code, *place, fr, en)
                if breach.pointer in told:
                    continue
                told.add(breach.pointer)
            else:
                absent = next((c for c in self._columns if c.field == field), None)
                before = (f"colonne « {absent.fr} » : ", f'column "{absent.en}": ') if absent else ("", "")
                breach = _on_row(code, row, before[0] + _lowered(fr), before[1] + _lowered(en))
            yield breach


def _plain(heading: str) -> str:
    return " ".join(plain_words(heading))


def _without_heading(sheet: Sheet) -> Iterator[Breach]:
    seen: set[int] = set()
    for row in sheet.rows:
        for number in row.keys() - sheet.heading.keys() - seen:
            seen.add(number)
            fr, en = "cette colonne n'a pas de titre", "this column has no heading"
            yield _told("heading_missing", row[number], letters(number), letters(number), fr, en)


def _read(column: Column, cell: Cell) -> Any:
    if cell.fault:
        raise CellFault("cell_without_value", *cell.fault)
    value = cell.value
    if cell.percent and isinstance(value, Decimal):
        value = (value * 100).normalize()
    return None if value is None else column.read(value)


def _place(places: Mapping[str, tuple[Column, Cell]], field: str) -> tuple[Column, Cell] | None:
    """The cell of a field, else of the one that holds it, else of the first one inside it."""
    fitting = [place for name, place in places.items() if field == name or field.startswith(f"{name}.")]
    fitting += [place for name, place in places.items() if field and name.startswith(f"{field}.")]
    return fitting[0] if fitting else None


def _on_cell(code: str, column: Column, cell: Cell, fr: str, en: str) -> Breach:
    return _told(code, cell, column.fr, column.en, fr, en)


def _told(code: str, cell: Cell, name_fr: str, name_en: str, fr: str, en: str) -> Breach:
    return Breach(
        code=code,
        fr=f"Cellule {cell.place}, colonne « {name_fr} » : {_lowered(fr)}",
        en=f'Cell {cell.place}, column "{name_en}": {_lowered(en)}',
        pointer=cell.pointer,
    )


def _on_row(code: str, row: int, fr: str, en: str) -> Breach:
    return Breach(
        code=code, fr=f"Ligne {row} : {_lowered(fr)}", en=f"Row {row}: {_lowered(en)}", pointer=f"/rows/{row}"
    )


def _lowered(sentence: str) -> str:
    """The sentence after a colon, ending with a full stop; initials such as SIREN stay capitals."""
    if sentence[:1].isupper() and sentence[1:2].islower():
        sentence = sentence[0].lower() + sentence[1:]
    return sentence if sentence.endswith(".") else f"{sentence}."


def capped(breaches: Sequence[Breach]) -> list[Breach]:
    """At most `MOST_BREACHES` of them in file order, and then how many more there are."""
    shown = list(breaches[:MOST_BREACHES])
    if more := len(breaches) - len(shown):
        shown.append(
            Breach(
                code="more_breaches",
                fr=f"{more} autres cellules sont à corriger.",
                en=f"{more} more cells are to be mended.",
            )
        )
    return shown
