"""What an import is: its rows, how far it has come, and what kinds of things files bring (PTY-05)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic

from comptoir.access.codes import CodeTaken
from comptoir.access.context import Context
from comptoir.kernel.errors import Breach, NotFound
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Line
from comptoir.store import keys
from comptoir.store.record import Key, Kind, M
from comptoir.store.transaction import Transaction


class ImportState(StrEnum):
    """Where an import stands."""

    CHECKED = "checked"
    RESERVING = "reserving"
    WRITING = "writing"
    RELEASING = "releasing"
    DONE = "done"
    REFUSED = "refused"


FINAL = frozenset({ImportState.CHECKED, ImportState.DONE, ImportState.REFUSED})


class ImportMode(StrEnum):
    """What a file brings: new things alone, or changes of things that exist."""

    CREATE = "create"
    UPDATE = "update"


class ImportRow(Model):
    """One thing to write: its code, where the code stands in the file, and its JSON text.

    `version` is that of the thing that the row changes, as it was when the row was checked.
    """

    id: Id
    code: str
    pointer: str
    value: str
    version: int | None = None


class ImportRows(Model):
    """A part of the rows of an import."""

    rows: tuple[ImportRow, ...]


class ImportJob(Model):
    """An import. `parts` counts the rows of each stored part, `position` the rows reserved or written."""

    id: Id
    what: str
    filename: Line
    operator: Id
    started_at: str
    state: ImportState
    mode: ImportMode = ImportMode.CREATE
    parts: tuple[int, ...]
    position: int = 0
    breaches: tuple[Breach, ...] = ()

    @property
    def count(self) -> int:
        """The number of things to write."""
        return sum(self.parts)


class ImportReport(Model):
    """What an import shows: `count` things in the file, `written` of them so far."""

    id: Id | None
    state: ImportState
    filename: Line
    count: int
    written: int
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True)
class Importable(Generic[M]):
    """A kind of thing that files bring: how it and its code lie in the table, and what a change of one entails."""

    name: str
    kind: Kind[M]
    key: Callable[[str, str], Key]
    code_key: Callable[[str, str], Key]
    taken: type[CodeTaken]
    changed: Callable[[Transaction, Context, M], None] | None = None


def _places(company: str, job: ImportJob) -> Mapping[int, tuple[str, str]]:
    return {} if job.state in FINAL else {1: keys.due("IMPORT", company, job.id)}


JOB = Kind("import", ImportJob, index=_places)
ROWS = Kind("import_rows", ImportRows)


def taken_breach(error: type[CodeTaken], code: str, pointer: str) -> Breach:
    """The breach of a row whose code something else holds."""
    fr, en = f"{error.fr.rstrip('.')} : {code}.", f"{error.en.rstrip('.')}: {code}."
    return Breach(code=error.code, fr=fr, en=en, pointer=pointer)


def own(job: ImportJob | None, importable: Importable[Any]) -> ImportJob:
    """The job, if it is one of this kind. Errors: `NotFound`."""
    if job is None or job.what != importable.name:
        raise NotFound()
    return job


def changed_breach(row: ImportRow) -> Breach:
    """The breach of a row whose thing somebody changed after it was checked."""
    fr = f"Modifié pendant l'import : {row.code}."
    en = f"Changed during the import: {row.code}."
    return Breach(code="changed_meanwhile", fr=fr, en=en, pointer=row.pointer)
