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
from itertools import accumulate
from typing import Any

from comptoir.access.codes import CODE, CodeOwner, owners, release
from comptoir.access.context import Context, Services
from comptoir.access.history import save
from comptoir.access.import_model import (
    FINAL,
    JOB,
    ROWS,
    Importable,
    ImportJob,
    ImportMode,
    ImportRow,
    ImportRows,
    ImportState,
    changed_breach,
    own,
    taken_breach,
)
from comptoir.access.items import OPERATOR
from comptoir.access.model import Profile
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import Breach, DomainError
from comptoir.store import keys
from comptoir.store.transaction import Transaction

_RESERVED, _CREATED, _UPDATED = 90, 45, 18
"""Rows per step: a reservation is one item, a new thing two (with its history), a changed one up to five."""

_PART_BYTES = 300_000
"""Of rows in one stored item: always under DynamoDB's 400 KB, and a step's writes under 4 MB."""

STEPS = 60
"""Steps that one request or task drives: some 900 things, a few seconds; then the workflow goes on."""


_MOST_STEPS = 1000
"""Steps of one import that the schedule drives at once: a whole one of 10,000 rows."""


def start(
    tx: Transaction,
    ctx: Context,
    importable: Importable[Any],
    filename: str,
    rows: Sequence[ImportRow],
    mode: ImportMode = ImportMode.CREATE,
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
        mode=mode,
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


def drive(
    services: Services, company: str, job_id: str, importable: Importable[Any], steps: int | None = None
) -> ImportJob:
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
        written = _UPDATED if job.mode is ImportMode.UPDATE else _CREATED
        most = written if job.state is ImportState.WRITING else _RESERVED
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

    for _ in range(STEPS if steps is None else steps):
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
    """Reserve new codes, or hold the things to change: from then on nothing else changes them."""
    lost = _held(tx, ctx, importable, job, rows) if job.mode is ImportMode.UPDATE else _taken(tx, ctx, importable, rows)
    if lost:
        state = ImportState.RELEASING if job.position else ImportState.REFUSED
        return job.change(state=state, breaches=tuple(lost))
    held = job.id if job.mode is ImportMode.UPDATE else None
    for row in rows:
        tx.put(CODE, importable.code_key(ctx.company, row.code), CodeOwner(owner=row.id, held=held))
    return _advanced(job, len(rows), ImportState.WRITING)


def _taken(tx: Transaction, ctx: Context, importable: Importable[Any], rows: Sequence[ImportRow]) -> list[Breach]:
    held = owners(tx, {row.id: importable.code_key(ctx.company, row.code) for row in rows})
    lost = [row for row in rows if held.get(row.id, row.id) != row.id]
    return [taken_breach(importable.taken, row.code, row.pointer) for row in lost]


def _held(
    tx: Transaction, ctx: Context, importable: Importable[Any], job: ImportJob, rows: Sequence[ImportRow]
) -> list[Breach]:
    codes = {row.id: importable.code_key(ctx.company, row.code) for row in rows}
    things = {row.id: importable.key(ctx.company, row.id) for row in rows}
    tx.prefetch([*codes.values(), *things.values()])
    lost = []
    for row in rows:
        holder = tx.get(CODE, codes[row.id])
        same = holder and holder.owner == row.id and holder.held in (None, job.id)
        if not same or tx.version(things[row.id]) != row.version:
            lost.append(changed_breach(row))
    return lost


def _write(
    tx: Transaction, ctx: Context, importable: Importable[Any], job: ImportJob, rows: Sequence[ImportRow]
) -> ImportJob:
    places = {row.id: importable.key(ctx.company, row.id) for row in rows}
    codes = {row.id: importable.code_key(ctx.company, row.code) for row in rows}
    updating = job.mode is ImportMode.UPDATE
    tx.prefetch([*places.values(), *(codes.values() if updating else ())])
    for row in rows:
        value = importable.kind.model.model_validate_json(row.value)
        save(tx, ctx, importable.kind, places[row.id], value, "imported")
        if updating and importable.changed:
            importable.changed(tx, ctx, value)
        if updating:
            tx.put(CODE, codes[row.id], CodeOwner(owner=row.id))
    return _advanced(job, len(rows), ImportState.DONE)


def _release(
    tx: Transaction, ctx: Context, importable: Importable[Any], job: ImportJob, rows: Sequence[ImportRow]
) -> ImportJob:
    places = {row.id: importable.code_key(ctx.company, row.code) for row in rows}
    tx.prefetch(list(places.values()))
    for row in rows:
        if job.mode is ImportMode.CREATE:
            release(tx, places[row.id], row.id)
        else:
            tx.put(CODE, places[row.id], CodeOwner(owner=row.id))
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


def drive_import(
    services: Services, event: Mapping[str, Any], importables: Mapping[str, Importable[Any]]
) -> dict[str, Any]:
    """The workflow's task: take an import some steps further; `again` while it is not ended."""
    job = services.store.require(JOB, keys.import_job(event["company"], event["job"])).value
    job = drive(services, event["company"], job.id, importables[job.what])
    return {"outcome": str(job.state) if job.state in FINAL else "again"}


def resume_imports(services: Services, importables: Mapping[str, Importable[Any]]) -> dict[str, int]:
    """Drive every import that was left unfinished, of any company; one that fails does not stop the others.

    For the schedule; tells how many were `imports_resumed`, and how many `failed` and are tried again.
    """
    counts = {"imports_resumed": 0, "failed": 0}
    for record in services.store.due("IMPORT", 1):
        job = services.store.require(JOB, record.key).value
        if job.state in FINAL:
            continue
        try:
            drive(services, record.key.company, job.id, importables[job.what], steps=_MOST_STEPS)
            counts["imports_resumed"] += 1
        except DomainError:
            counts["failed"] += 1
    return counts
