"""What a cold start pays: import time and memory of each handler in a fresh interpreter, beside its libraries alone."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from tests.scale.loopback import ENVIRONMENT
from tests.scale.report import Run, Size, fresh, note, table, title, verdict

_LIGHT = "from pydantic import BaseModel, TypeAdapter, ValidationError, model_validator"
_HEAVY = f"{_LIGHT};import fpdf, facturx, lxml.etree"
_BOTO = "import boto3.session;boto3.session.Session().client('dynamodb')"
_CLIENT = "from comptoir.runtime.clients import client;client('dynamodb')"
_FUNCTIONS = {"api": _LIGHT, "steps": _LIGHT, "issue": _LIGHT, "schedule": _LIGHT, "render": _HEAVY}
_TIMED = """
import time
start, used = time.perf_counter(), time.process_time()
{}
took = [(time.perf_counter() - start) * 1000, (time.process_time() - used) * 1000]
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print([*took, int(status["VmHWM"].split()[0]) / 1024])
"""
"""The peak is the process's own: what `getrusage` tells of a child may be its parent's, whose image it began with."""

AIM_MS, AIM_MB = 450.0, 65.0


def programs(functions: Iterable[str]) -> dict[str, str]:
    """What is imported, by name: nothing, libraries, each handler, each with the client of its first call."""
    found = {
        "nothing": "pass",
        "boto3 with one client": _BOTO,
        "libraries of the light ones": _LIGHT,
        "libraries of render": _HEAVY,
    }
    for name in functions:
        found[name] = f"import functions.{name}.app"
        found[f"{name}, first client"] = f"import functions.{name}.app;{_CLIENT}"
        found[f"{name}: libraries, client"] = f"{_FUNCTIONS[name]};{_BOTO}"
    return found


def measure(functions: Iterable[str], runs: int) -> dict[str, list[Run]]:
    """So many fresh processes of each program, in turn, after one that leaves the compiled files."""
    ready = programs(functions)
    found: dict[str, list[Run]] = {name: [] for name in ready}
    for turn in range(runs + 1):
        for name, program in ready.items():
            run = fresh(["-c", _TIMED.format(program)], ENVIRONMENT)
            if turn:
                found[name].append(run)
    return found


def show(size: Size) -> None:
    """Print the figures."""
    title("Start of each function in a fresh interpreter")
    functions = [name for name in _FUNCTIONS if name == "api" or not size.tiny]
    found = measure(functions, size.of(9, 1))
    rows = []
    for name, runs in found.items():
        figures = zip(*((*run.told, run.wall, run.cpu) for run in runs), strict=True)
        imported, cpu, peak, process, process_cpu = map(statistics.median, figures)
        rows.append((name, imported, cpu, process, process_cpu, peak))
    table(["imported", "import ms", "its CPU ms", "process ms", "process CPU ms", "peak MB"], rows)
    known = {name: (cpu, peak) for name, _, cpu, _, _, peak in rows}
    print()
    ratios = []
    for name in functions:
        ours, bare = known[f"{name}, first client"], known[f"{name}: libraries, client"]
        alone = known["libraries of render" if _FUNCTIONS[name] == _HEAVY else "libraries of the light ones"]
        ratios.append(
            (name, known[name][0] / alone[0], known[name][1] / alone[1], ours[0] / bare[0], ours[1] / bare[1])
        )
    heads = ["handler ÷ its libraries", "CPU", "memory", "CPU with a client", "memory with a client"]
    table(heads, ratios)
    note(
        f'median of {len(found["nothing"])} processes each, one after the other; "first client": and the client of '
        "its first call, which handlers make when they need it"
    )
    note("ratios and aims go by the CPU of the import, which other work on the machine disturbs less")
    verdict("CPU of importing the API handler", known["api"][0], AIM_MS, " ms")
    verdict("memory of the API handler", known["api"][1], AIM_MB, " MB")
    verdict("CPU of importing it with its first client", known["api, first client"][0], AIM_MS, " ms")
    verdict("memory with its first client", known["api, first client"][1], AIM_MB, " MB")
