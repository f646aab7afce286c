"""How fast one company's documents are issued: by 1, 8 and 64 writers through the queue's consumer, and in bulk.

Each writer asks for a document, waits for its answer and asks for the next, as a workflow does. One consumer takes what
waits, at most ten at a time, and hands it to the issue function's own `Writer`. In bulk `issue` gets all requests
at once. On memory the engine alone is measured; on MiniStack every call is HTTP, its key signs, its journal is on disk.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import queue
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from comptoir.invoicing.issue import IssueRequest, IssueStatus, issue
from comptoir.ledger.chain import Signer
from comptoir.runtime.adapters import KmsSigner
from comptoir.runtime.clients import client
from comptoir.store.backend import Backend, Cancelled, Operation, Query, Slice
from comptoir.store.dynamo import DynamoBackend
from comptoir.store.memory import MemoryBackend
from comptoir.store.record import Key, Record
from functions.issue.app import Writer
from infra.local.cloud import local_aws
from infra.local.emulator import CREDENTIALS, REGION
from tests.scale.company import Company, open_company
from tests.scale.report import Size, fresh, medians, note, table, tell, title, verdict
from tests.store.conftest import make_table

LINES, BATCH, WRITERS = 20, 10, (1, 8, 64)
AIM_PER_TRANSACTION = 25
_PLACES = ("memory", "MiniStack")


@dataclass
class Counted:
    """A backend that counts its transactions and those that were refused."""

    backend: Backend
    tried: int = 0
    refused: int = 0

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        return self.backend.get(keys)

    def query(self, query: Query) -> Slice:
        return self.backend.query(query)

    def counter(self, key: Key) -> int:
        return self.backend.counter(key)

    def write(self, operations: Sequence[Operation]) -> None:
        self.tried += 1
        try:
            self.backend.write(operations)
        except Cancelled:
            self.refused += 1
            raise


@dataclass
class Desk:
    """The queue before the writer: messages in, answers out."""

    company: str
    writer: Callable[[dict[str, Any]], dict[str, Any]] = lambda event: event
    _waiting: queue.Queue[dict[str, Any] | None] = field(default_factory=queue.Queue)
    _answers: dict[str, threading.Event] = field(default_factory=dict)
    _refused: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, request: IssueRequest) -> float:
        """Have one document issued; the seconds until its answer."""
        started, token = time.perf_counter(), request.document
        answered = self._answers[token] = threading.Event()
        body = {"token": token, "company": self.company, "request": request.model_dump(mode="json")}
        self._waiting.put({"messageId": token, "body": json.dumps(body)})
        answered.wait()
        return time.perf_counter() - started

    def answer(self, token: str, outcome: dict[str, Any]) -> None:
        """What the writer tells the workflow."""
        if outcome["outcome"] != IssueStatus.ISSUED:
            self._refused.append(outcome)
        self._answers[token].set()

    def consume(self) -> None:
        """Hand over what waits, at most ten at a time, until told to stop."""
        while (first := self._waiting.get()) is not None:
            records: list[dict[str, Any]] = [first]
            with contextlib.suppress(queue.Empty):
                while len(records) < BATCH and (following := self._waiting.get_nowait()) is not None:
                    records.append(following)
            if self.writer({"Records": records})["batchItemFailures"]:
                raise RuntimeError("the writer gave messages back")

    def close(self) -> None:
        """Let the consumer end. Errors: when a document was refused."""
        self._waiting.put(None)
        if self._refused:
            raise RuntimeError(f"refused: {self._refused[0]}")


def by_writers(company: Company, signer: Signer, counted: Counted, writers: int, count: int) -> dict[str, float]:
    """`count` documents of so many concurrent writers."""
    requests = company.drafts(count, LINES)
    desk = Desk(company.world.company)
    desk.writer = Writer(lambda: company.world.services, lambda: signer, desk.answer)
    shares = [requests[n::writers] for n in range(writers)]
    latencies: list[float] = []
    threads = [threading.Thread(target=lambda s=share: latencies.extend([desk.ask(r) for r in s])) for share in shares]
    consumer = threading.Thread(target=desk.consume)
    consumer.start()
    with _measured(counted, count) as figures:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    desk.close()
    consumer.join()
    ranked = statistics.quantiles(latencies, n=20, method="inclusive") if len(latencies) > 1 else latencies * 19
    return figures | {"p50": ranked[9] * 1000, "p95": ranked[18] * 1000}


def in_bulk(company: Company, signer: Signer, counted: Counted, count: int) -> dict[str, float]:
    """`count` documents handed over at once."""
    requests = company.drafts(count, LINES)
    with _measured(counted, count) as figures:
        outcomes = issue(company.world.services, signer, company.world.company, requests)
    if any(outcome.outcome is not IssueStatus.ISSUED for outcome in outcomes):
        raise RuntimeError("a document was refused")
    return figures


@contextlib.contextmanager
def _measured(counted: Counted, count: int) -> Iterator[dict[str, float]]:
    figures: dict[str, float] = {}
    tried, refused, started, used = counted.tried, counted.refused, time.perf_counter(), _cpu()
    yield figures
    figures["per second"] = count / (time.perf_counter() - started)
    figures["cpu"] = (_cpu() - used) * 1000 / count
    figures["transactions"] = float(counted.tried - tried)
    figures["wasted"] = float(counted.refused - refused)
    figures["each"] = count / (counted.tried - tried)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def worker(place: str, count: int) -> None:
    """Every shape once, on fresh drafts of one table; prints the figures."""
    with contextlib.ExitStack() as stack:
        backend, signer = (_memory if place == "memory" else _ministack)(stack)
        counted = Counted(backend)
        company = open_company(counted)
        signer = signer or company.world.signer
        with contextlib.redirect_stdout(io.StringIO()):
            in_bulk(company, signer, counted, 2)
            shapes = {
                f"{writers} writer{'s' * (writers > 1)}": by_writers(
                    company, signer, counted, writers, max(writers, count // 4 if writers == 1 else count)
                )
                for writers in WRITERS
            }
            shapes["bulk, blocks of 32"] = in_bulk(company, signer, counted, count)
    tell(shapes)


def _memory(stack: contextlib.ExitStack) -> tuple[Backend, Signer | None]:
    return MemoryBackend(), None


def _ministack(stack: contextlib.ExitStack) -> tuple[Backend, Signer | None]:
    folder = stack.enter_context(TemporaryDirectory())
    aws = stack.enter_context(local_aws(Path(folder) / "state", port=0))
    os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=aws.endpoint, AWS_DEFAULT_REGION=REGION)
    name = make_table(client("dynamodb"))
    key = client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    return DynamoBackend(lambda: client("dynamodb"), name), KmsSigner(key)


def show(size: Size) -> None:
    """Print the figures."""
    title(f"Issues per second, one company, {LINES} lines a document")
    for place in _PLACES:
        count = size.of(1280 if place == "memory" else 640, 8)
        arguments = ["-m", "tests.scale.issuing", place, str(count)]
        runs = [fresh(arguments).told for _ in range(size.runs)]
        shapes = {shape: medians([run[shape] for run in runs]) for shape in runs[0]}
        heads = ["shape", "per second", "p50 ms", "p95 ms", "CPU ms each", "transactions", "wasted", "documents each"]
        columns = ("per second", "p50", "p95", "cpu", "transactions", "wasted", "each")
        print(f"on {place}, {count} documents ({count // 4} of one writer), median of {size.runs} processes")
        table(heads, ([shape, *(figures.get(column, "") for column in columns)] for shape, figures in shapes.items()))
        wasted = max(run[shape]["wasted"] for run, shape in itertools.product(runs, shapes))
        verdict(f"wasted tries on {place}", wasted, 0)
        verdict(
            "documents per transaction in bulk",
            shapes["bulk, blocks of 32"]["each"],
            AIM_PER_TRANSACTION,
            at_least=True,
        )
        print()
    note("on MiniStack client and server share the processors; CPU is the client's alone")


if __name__ == "__main__":
    worker(sys.argv[1], int(sys.argv[2]))
