"""Bank files: transfer orders written and checked beside sepaxml's, statements read, entries matched."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sepaxml import SepaTransfer

from comptoir.banking.formats.check import check
from comptoir.banking.formats.detect import read_statements
from comptoir.banking.formats.pain import write
from comptoir.banking.matching import match
from comptoir.banking.model import MessageVersion
from comptoir.banking.open_lines import OpenLine
from comptoir.kernel.money import Money
from tests.scale.report import Size, fresh, medians, note, table, tell, title
from tests.unit.banking_support import identifier, order, transfer
from tests.unit.statement_writers import WRITERS, entry, statement

PAYMENTS = (1, 100, 10_000)
ENTRIES, OPEN = 20_000, 50_000


def _most() -> float:
    """MB that this process held at its most; what `getrusage` tells begins with what its parent held."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _timed(work: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds of some work, and by how many MB it made the process larger than it ever was."""
    before, started = _most(), time.perf_counter()
    work()
    return {"ms": (time.perf_counter() - started) * 1000, "mb": _most() - before}


def _ours(count: int) -> dict[str, float]:
    """An order written to a file that keeps its bytes, then checked from them."""
    paid = transfer()
    of = order(
        MessageVersion.GENERAL_2009,
        *(paid.change(id=identifier(n), end_to_end=f"FA{n}") for n in range(1, count + 1)),
    )
    write(order(MessageVersion.GENERAL_2009), io.BytesIO())
    file = io.BytesIO()
    written = _timed(lambda: write(of, file))
    checked = _timed(lambda: check(file.getvalue()))
    return {**written, "check ms": checked["ms"], "check mb": checked["mb"], "kb": len(file.getvalue()) / 1024}


def _sepaxml(count: int) -> dict[str, float]:
    """The same payments by sepaxml, with and without its check against the schema."""

    def made(payments: int) -> SepaTransfer:
        account = {"name": "Comptoir", "IBAN": "FR7630006000011234567890189", "BIC": "AGRIFRPP"}
        file = SepaTransfer(account | {"batch": True, "currency": "EUR"}, schema="pain.001.001.03", clean=True)
        for number in range(payments):
            paid = {"name": "Müller & Söhne GmbH", "IBAN": "DE89370400440532013000", "BIC": "COBADEFF"}
            told = {"amount": 123456, "execution_date": date(2026, 11, 30), "description": f"FA{number}"}
            file.add_payment({**paid, **told, "endtoend_id": f"FA{number}"})
        return file

    made(1).export(validate=False)
    file = made(count)
    written = _timed(lambda: file.export(validate=False))
    checked = _timed(lambda: file.export(validate=True))
    return {**written, "check ms": checked["ms"] - written["ms"], "check mb": checked["mb"], "kb": 0}


def _statement(count: int) -> Any:
    day = date(2026, 1, 1)
    return statement(
        tuple(
            entry(
                f"{(number % 7919) + 1}.{number % 100:02d}",
                str(day + timedelta(days=number * 300 // count)),
                text=f"VIR SEPA RECU FACTURE FA2026-{number:06d} MERCI",
                end_to_end=f"CMD-{number}" if number % 2 else None,
                counterparty=f"Client {number % 997}",
                bank_reference=f"B{number}",
            )
            for number in range(count)
        )
    )


def reading(path: str) -> dict[str, float]:
    """A statement read from a file that another process wrote."""
    data = Path(path).read_bytes()
    return _timed(lambda: read_statements(data)) | {"mb of file": len(data) / 1e6}


def _read(size: Size, name: str, count: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "statement"
        path.write_bytes(WRITERS[name](_statement(count)))
        return _of(size, "reading", path)


def matching(entries: int, lines: int) -> dict[str, float]:
    """Entries against open lines, of which each has many of its amount."""
    moved = _statement(entries).entries
    waiting = [
        OpenLine(
            id=identifier(number),
            amount=Money.of(f"{(number % 7919) + 1}.{number % 100:02d}", "EUR"),
            number=f"FA2026-{number:06d}",
            end_to_end=f"CMD-{number}",
            party=f"Client {number % 997}",
            due=date(2026, 1, 1) + timedelta(days=number % 300),
        )
        for number in range(lines)
    ]
    found: list[Any] = []
    taken = _timed(lambda: found.extend(match(moved, waiting)))
    right = sum(each.automatic and each.proposals[0].lines == (identifier(each.entry),) for each in found)
    return taken | {"automatic": sum(each.automatic for each in found), "right": right}


TASKS: dict[str, Callable[..., dict[str, float]]] = {
    "ours": lambda count: _ours(int(count)),
    "sepaxml": lambda count: _sepaxml(int(count)),
    "reading": reading,
    "matching": lambda entries, lines: matching(int(entries), int(lines)),
}


def _of(size: Size, *task: object) -> dict[str, float]:
    runs = [fresh(["-m", "tests.scale.banking", *map(str, task)]).told for _ in range(min(size.runs, 3))]
    return medians(runs)


def show(size: Size) -> None:
    """Print the figures."""
    title("Bank files")
    rows = []
    for count in size.lines(*PAYMENTS):
        for name in ("ours", "sepaxml"):
            got = _of(size, name, count)
            rows.append((count, name, got["ms"], got["mb"], got["check ms"], got["check mb"]))
    table(["payments", "pain.001.001.03", "writing ms", "MB", "checking ms", "MB"], rows)
    note("ours: rules of banks from the bytes; sepaxml's: its schema. Elements are built while writing, theirs before.")
    entries = size.of(ENTRIES, 20)
    read = {name: _read(size, name, entries) for name in WRITERS}
    heads = ["statement", "entries", "ms", "entries a second", "MB", "MB of file"]
    table(heads, ((n, entries, g["ms"], entries * 1000 / g["ms"], g["mb"], g["mb of file"]) for n, g in read.items()))
    lines = size.of(OPEN, 50)
    got = _of(size, "matching", entries, lines)
    heads = ["entries", "open lines", "ms", "entries a second", "MB", "matched by themselves", "rightly"]
    told = (int(got["automatic"]), int(got["right"]))
    table(heads, [(entries, lines, got["ms"], entries * 1000 / got["ms"], got["mb"], *told)])


if __name__ == "__main__":
    tell(TASKS[sys.argv[1]](*sys.argv[2:]))
