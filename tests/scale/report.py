"""Tables, medians, and figures taken in fresh processes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Size:
    """How much is measured: everything, or next to nothing, only to see that it runs."""

    tiny: bool = False

    @property
    def runs(self) -> int:
        """Processes of which the median is taken."""
        return 1 if self.tiny else 5

    def of(self, full: int, tiny: int) -> int:
        """A number that a trial run makes smaller."""
        return tiny if self.tiny else full

    def lines(self, *full: int) -> tuple[int, ...]:
        """Numbers of lines; a trial run takes the first."""
        return full[:1] if self.tiny else full


@dataclass(frozen=True)
class Run:
    """A process that ended: what it printed, its wall time and CPU in ms."""

    told: Any
    wall: float
    cpu: float


def fresh(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run Python with these arguments; what it prints last, if anything, is JSON. A failure is raised with its text."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=_environment(environment), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    printed = process.stdout.read().strip()
    _, status, used = os.wait4(process.pid, 0)
    wall = (time.perf_counter() - started) * 1000
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}:\n{printed}")
    told = json.loads(printed.splitlines()[-1]) if printed else None
    return Run(told, wall, (used.ru_utime + used.ru_stime) * 1000)


def run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments, its output kept apart; a failure is the caller's matter."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=_environment(None), capture_output=True, text=True, check=False
    )


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    paths = [str(ROOT / "layers" / "comptoir" / "python"), str(ROOT)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(more or {})}


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure over runs that tell the same ones."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def tell(result: object) -> None:
    """What a measuring process gives back."""
    print(json.dumps(result), flush=True)


def title(text: str) -> None:
    """Begin a section."""
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their heads, as wide as their widest cell; numbers to the right."""
    shown = [[_cell(cell) for cell in row] for row in rows]
    numbers = [all(_numeric(row[n]) for row in shown) for n in range(len(heads))]
    widths = [max(len(heads[n]), *(len(row[n]) for row in shown)) for n in range(len(heads))]
    for row in [list(heads), *shown]:
        cells = zip(row, widths, numbers, strict=True)
        print("  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in cells).rstrip())
    sys.stdout.flush()


def note(text: str) -> None:
    """A sentence below a table."""
    print(f"  {text}", flush=True)


def verdict(what: str, value: float, aim: float, unit: str = "", at_least: bool = False) -> None:
    """Say whether a figure holds its aim; nothing fails."""
    holds = value >= aim if at_least else value <= aim
    sign = "≥" if at_least else "≤"
    print(
        f"  {'holds ' if holds else 'MISSES'}  {what}: {_cell(value)}{unit} (aim {sign} {_cell(aim)}{unit})", flush=True
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _numeric(text: str) -> bool:
    return bool(text) and text.lstrip("-")[:1].isdigit()
