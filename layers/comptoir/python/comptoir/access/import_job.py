"""The job of an import: stored rows, and steps that reserve every code before anything is written.

A transaction holds 100 items and a file more, so an import is a job. One transaction validates
every row and stores the job with its rows. Then, in steps of one transaction each that also move
the job on, every code is reserved; only when all are held are the things written, which nothing can
refuse any more. If a code was taken since, the reservations are given up and nothing was ever
seen. A job stopped between two steps goes on when it is asked for again, with the same
Idempotency-Key or by its identifier, and a schedule drives what nobody asks for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Any, Generic

from comptoir.access.codes import CODE, CodeOwner, CodeTaken, owners, release
from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.access.items import OPERATOR
from comptoir.access.model import Profile
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import Breach, DomainError, NotFound
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Line
from comptoir.store import backend, keys
from comptoir.store.record import Key, Kind, M
from comptoir.store.transaction import Transaction

_RESERVED, _WRITTEN = 90, 45
"""Rows per step: a reservation is one item, a thing is two (itself and its history)."""

_PART_BYTES = 300_000
"""Of rows in one stored item: always under DynamoDB's 400 KB, and a step's writes under 4 MB."""

STEPS = 250
"""Steps that one request drives; a longer import answers 202 and is asked for again."""


class ImportState(StrEnum):
    """Where an import stands."""

    CHECKED = "checked"
    RESERVING = "reserving"
    WRITING = "writing"
    RELEASING = "releasing"
    DONE = "done"
    REFUSED = "refused"


FINAL = frozenset({ImportState.CHECKED, ImportState.DONE, ImportState.REFUSED})


class ImportRow(Model):
    """One thing to write: its code, where the code stands in the file, and its JSON text."""

    id: Id
    code: str
    pointer: str
    value: str


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
    """A kind of thing that files bring: how it and its code lie in the table."""

    name: str
    kind: Kind[M]
    key: Callable[[str, str], Key]
    code_key: Callable[[str, str], Key]
    taken: type[CodeTaken]


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


def start(
    tx: Transaction, ctx: Context, importable: Importable[Any], filename: str, rows: Sequence[ImportRow]
) -> ImportJob:
    """Store an import with all its rows, ready to be driven."""
    parts = list(_parts(rows))
    job = ImportJob(
        id=ctx.new_id(),
        what=importable.name,
        filename=filename,
        operator=ctx.operator.id,
        started_at=stamp(ctx.now),
        state=ImportState.RESERVING,
        parts=tuple(len(part) for part in parts),
    )
    tx.create(JOB, keys.import_job(ctx.company, job.id), job)
    for number, part in enumerate(parts):
        tx.create(ROWS, keys.import_rows(ctx.company, job.id, number), ImportRows(rows=tuple(part)))
    return job


def _parts(rows: Sequence[ImportRow]) -> Iterator[list[ImportRow]]:
    part: list[ImportRow] = []
    size = 0
    for row in rows:
        length = len(row.model_dump_json().encode())
        if part and size + length > _PART_BYTES:
            yield part
            part, size = [], 0
        part.append(row)
        size += length
    yield part


def drive(services: Services, company: str, job_id: str, importable: Importable[Any], steps: int = STEPS) -> ImportJob:
    """Take an import as far as so many steps go; safe to call at any time, by several at once."""
    key = keys.import_job(company, job_id)
    job = own(services.store.require(JOB, key).value, importable)
    loaded: dict[int, tuple[ImportRow, ...]] = {}

    def batch(job: ImportJob) -> Sequence[ImportRow]:
        """The rows of the next step: never across two parts."""
        ends = list(accumulate(job.parts))
        back = job.state is ImportState.RELEASING
        number = bisect_right(ends, job.position - 1 if back else job.position)
        if number not in loaded:
            stored = services.store.require(ROWS, keys.import_rows(company, job.id, number))
            loaded[number] = stored.value.rows
        offset = job.position - (ends[number] - job.parts[number])
        most = _WRITTEN if job.state is ImportState.WRITING else _RESERVED
        return loaded[number][max(0, offset - most) : offset] if back else loaded[number][offset : offset + most]

    def step(tx: Transaction) -> ImportJob:
        current = tx.require(JOB, key)
        if current.state in FINAL:
            return current
        after = _STEP_OF[current.state](
            tx, _context(tx, services, company, current), importable, current, batch(current)
        )
        tx.put(JOB, key, after)
        return after

    for _ in range(steps):
        if job.state in FINAL:
            break
        job = services.store.transact(step, [key, keys.operator(company, job.operator)])
    return job


def _context(tx: Transaction, services: Services, company: str, job: ImportJob) -> Context:
    """Steps are made in the name of who started the import, and need no right of their own."""
    operator = tx.require(OPERATOR, keys.operator(company, job.operator))
    profile = Profile(code=operator.profile, name=operator.name, permissions=())
    return Context(services, company, operator, profile, services.clock.now())


def _reserve(
    tx: Transaction, ctx: Context, importable: Importable[Any], job: ImportJob, rows: Sequence[ImportRow]
) -> ImportJob:
    places = {row.id: importable.code_key(ctx.company, row.code) for row in rows}
    held = owners(tx, places.values())
    if lost := [row for row in rows if held.get(places[row.id], row.id) != row.id]:
        breaches = tuple(taken_breach(importable.taken, row.code, row.pointer) for row in lost)
        state = ImportState.RELEASING if job.position else ImportState.REFUSED
        return job.change(state=state, breaches=breaches)
    for row in rows:
        tx.put(CODE, places[row.id], CodeOwner(owner=row.id))
    return _advanced(job, len(rows), ImportState.WRITING)


def _write(
    tx: Transaction, ctx: Context, importable: Importable[Any], job: ImportJob, rows: Sequence[ImportRow]
) -> ImportJob:
    places = {row.id: importable.key(ctx.company, row.id) for row in rows}
    tx.prefetch(list(places.values()))
    for row in rows:
        value = importable.kind.model.model_validate_json(row.value)
        save(tx, ctx, importable.kind, places[row.id], value, "imported")
    return _advanced(job, len(rows), ImportState.DONE)


def _release(
    tx: Transaction, ctx: Context, importable: Importable[Any], job: ImportJob, rows: Sequence[ImportRow]
) -> ImportJob:
    places = {row.id: importable.code_key(ctx.company, row.code) for row in rows}
    tx.prefetch(list(places.values()))
    for row in rows:
        release(tx, places[row.id], row.id)
    left = job.position - len(rows)
    return job.change(position=left, state=job.state if left else ImportState.REFUSED)


def _advanced(job: ImportJob, rows: int, then: ImportState) -> ImportJob:
    if job.position + rows < job.count:
        return job.change(position=job.position + rows)
    return job.change(position=0, state=then)


_STEP_OF: dict[
    ImportState, Callable[[Transaction, Context, Importable[Any], ImportJob, Sequence[ImportRow]], ImportJob]
] = {
    ImportState.RESERVING: _reserve,
    ImportState.WRITING: _write,
    ImportState.RELEASING: _release,
}


def resume_imports(services: Services, importables: Mapping[str, Importable[Any]]) -> dict[str, int]:
    """Drive every import that was left unfinished, of any company; one that fails does not stop the others.

    For the schedule; tells how many were `imports_resumed`, and how many `failed` and are tried again.
    """
    counts = {"imports_resumed": 0, "failed": 0}
    for shard in keys.SHARDS:
        for record in services.store.records(backend.Query(pk=keys.due_partition("IMPORT", shard), index=1)):
            job = services.store.require(JOB, record.key).value
            if job.state in FINAL:
                continue
            try:
                drive(services, record.key.company, job.id, importables[job.what])
                counts["imports_resumed"] += 1
            except DomainError:
                counts["failed"] += 1
    return counts
