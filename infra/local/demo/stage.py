"""What the parts of the demonstration share: the installation, the progress display, and the record of it all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comptoir.kernel.clock import paris_date
from infra.local.cloud import Cloud, Progress
from infra.local.demo.client import Answer, Unexpected

FOLDERS = (
    "quotes",
    "previews",
    "purchase-orders",
    "exports",
    "pictures",
    "invoices",
    "credit-notes",
    "cancellations",
    "test-mode",
    "ledger",
    "transfers",
    "statements",
    "archives",
    "mails",
    "reminders",
)
SUMMARY = "summary.json"
FORMAT = 2
# Longer than the five minutes after which the clock drives again what a failure or a stop cut short.
_PATIENCE = 330.0


@dataclass
class Record:
    """What was made, as `summary.json` tells it. Amounts are strings, durations seconds, sizes bytes."""

    format: int = FORMAT
    started_at: str = ""
    found: bool = False
    api: str = ""
    company: dict[str, Any] = field(default_factory=dict)
    operators: list[dict[str, Any]] = field(default_factory=list)
    imports: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    trade: dict[str, Any] = field(default_factory=dict)
    documents: list[dict[str, Any]] = field(default_factory=list)
    workshop: dict[str, Any] = field(default_factory=dict)
    transfers: dict[str, Any] = field(default_factory=dict)
    bank: dict[str, Any] = field(default_factory=dict)
    fiscal: dict[str, Any] = field(default_factory=dict)
    contracts: dict[str, Any] = field(default_factory=dict)
    mails: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    checks: list[dict[str, str]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0


class Stage:
    """Where the job is played: `cloud` is the installation, `out` the folder of what is left."""

    def __init__(self, cloud: Cloud, out: Path, progress: Progress) -> None:
        self.cloud, self.out, self.progress = cloud, out, progress
        self.record = Record(started_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), api=cloud.api_url)
        self._began = time.perf_counter()
        self._clear()

    def _clear(self) -> None:
        """Remove what an earlier run left, and nothing else."""
        for name in FOLDERS:
            shutil.rmtree(self.out / name, ignore_errors=True)
            (self.out / name).mkdir(parents=True)
        (self.out / SUMMARY).unlink(missing_ok=True)

    @property
    def today(self) -> dt.date:
        """The business day on which the job is played, as the product counts it."""
        return paris_date(dt.datetime.fromisoformat(self.record.started_at))

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show a step and record how long it took."""
        began = time.perf_counter()
        with self.progress.step(title):
            yield
        self.record.steps.append({"title": title, "seconds": round(time.perf_counter() - began, 3)})

    def job(self, name: str) -> dict[str, Any]:
        """Start now, as the deployer may, a job that the clock starts; what it answers."""
        function, asked = self.cloud.outputs["ScheduleFunction"], json.dumps({"job": name}).encode()
        answer = self.cloud.client("lambda").invoke(FunctionName=function, Payload=asked)
        told = dict(json.loads(answer["Payload"].read()))
        if "FunctionError" in answer:
            raise Unexpected(f"The job {name} failed: {told}")
        return told

    def tell(self, text: str) -> None:
        """Show one line of detail."""
        self.progress.tell(text)

    def check(self, what: str, expected: object, got: object) -> None:
        """Hold what is promised. Raises `Unexpected` when it is not so."""
        if expected != got:
            raise Unexpected(f"{what}: {expected} was expected, {got} came")
        self.record.checks.append({"check": what, "got": str(got)})
        self.tell(f"{what}: {got}")

    def refused(self, what: str, answer: Answer, code: str) -> None:
        """Hold that a request was refused for this reason."""
        self.check(what, f"{answer.status} {code}", f"{answer.status} {answer.codes[0]}")

    def keep(self, folder: str, name: str, content: bytes, **about: Any) -> Path:
        """Leave a file in `out/<folder>/` and record its hash and size."""
        path = self.out / folder / name
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        self.record.files.append({"path": f"{folder}/{name}", "bytes": len(content), "sha256": digest, **about})
        return path

    def write_summary(self) -> None:
        """Leave `summary.json`."""
        self.record.seconds = round(time.perf_counter() - self._began, 3)
        text = json.dumps(vars(self.record), ensure_ascii=False, indent=2)
        (self.out / SUMMARY).write_text(text + "\n", "utf-8")


def until(look: Callable[[], Answer], done: Callable[[Answer], bool], what: str) -> Answer:
    """Look again until what goes on in the background is done. Raises `Unexpected` when it is not."""
    deadline, pause = time.monotonic() + _PATIENCE, 0.1
    while not done(answer := look()):
        if time.monotonic() > deadline:
            raise Unexpected(f"{what}: not done after {_PATIENCE:.0f} s; last answer {answer.status} {answer.body}")
        time.sleep(pause)
        pause = min(pause * 1.5, 2.0)
    return answer


def told(answer: Answer, most: int = 6) -> Collection[str]:
    """The first sentences of a refusal, and how many more there are."""
    shown = answer.sentences[:most]
    more = len(answer.sentences) - len(shown)
    return [*shown, f"… and {more} more"] if more else shown


def money(amount: dict[str, str]) -> str:
    """An amount as text: `1234.50 EUR`."""
    return f"{amount['amount']} {amount['currency']}"
