"""Bulk validation of 1,000 drafts of one company, from the request to the last PDF archived: the share of each step.

The real handlers run one after the other on real boto3 clients whose answers come from `loopback`: what is told is
the CPU of each step and what it asks of AWS. There checks and renders run side by side; the writer of a company alone
is in single file, and what it takes for all is told apart.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from comptoir.invoicing.bulk import MOST
from comptoir.runtime.services import api_services
from functions.api.app import Api
from functions.issue import app as issue
from functions.render import app as render
from functions.steps import app as steps
from infra.layers import fonts
from infra.settings import Settings
from tests.api.office import Client, claims
from tests.scale import prices
from tests.scale.company import Company, open_company
from tests.scale.loopback import Loopback
from tests.scale.meter import Tally
from tests.scale.report import Size, fresh, note, table, tell, title
from tests.signing import LocalSigner

LINES = 20
_STEPS = ("ask", "check", "issue", "render", "archive")


class Bulk:
    """Drafts on their way, and what each step takes."""

    def __init__(self, company: Company, tally: Tally) -> None:
        self.company, self.tally = company, tally
        self.started: list[Mapping[str, Any]] = []
        self.told: dict[str, dict[str, Any]] = {}
        self._api = Api(api_services)

    def measured(self, step: str, work: Callable[[], Any]) -> Any:
        """The result of a step, its CPU and its calls kept."""
        self.tally.clear()
        began = time.process_time()
        result = work()
        self.told[step] = {"cpu": time.process_time() - began, "calls": dict(self.tally.by_operation())}
        return result

    def ask(self, documents: Iterable[str]) -> None:
        """Ask for all of them through the API, as many at a time as it takes."""
        world, asked = self.company.world, [{"document": each} for each in documents]
        client = Client(self._api, claims(world.company, world.operators["manager"]))
        for start in range(0, len(asked), MOST):
            answer = client.post("/validations", {"documents": asked[start : start + MOST]})
            if answer.status != 202:
                raise RuntimeError(f"{answer.status}: {answer.text}")

    def task(self, handler: Callable[[Any, Any], Any], name: str, **fields: Any) -> list[dict[str, Any]]:
        """A task of each run, in turn."""
        return [dict(handler({"task": name, **each, **fields}, None)) for each in self.started]

    def issue(self, messages: list[dict[str, Any]]) -> None:
        """Hand the messages to the writer, a batch at a time."""
        batch = Settings().queue_batch
        for start in range(0, len(messages), batch):
            part = messages[start : start + batch]
            records = [{"messageId": str(n), "body": json.dumps(each)} for n, each in enumerate(part)]
            if issue.handler({"Records": records}, None)["batchItemFailures"]:
                raise RuntimeError("the writer failed")


def worker(count: int) -> None:
    """Validate so many drafts; prints what each step took."""
    with contextlib.redirect_stdout(io.StringIO()):
        signer, tally = LocalSigner(), Tally()
        company = open_company(signer=signer)
        documents = [request.document for request in company.drafts(count, LINES)]
        loopback = Loopback(company.backend, signer, tally)
        bulk = Bulk(company, tally)
        loopback.started = lambda asked: bulk.started.append(json.loads(asked["input"]))
        loopback.install()
        bulk.measured("ask", lambda: bulk.ask(documents))
        checked = bulk.measured("check", lambda: bulk.task(steps.handler, "check_document"))
        messages = [{"token": f"t{n}", **each["message"]} for n, each in enumerate(checked)]
        bulk.measured("issue", lambda: bulk.issue(messages))
        rendered = bulk.measured("render", lambda: bulk.task(render.handler, "render_document"))
        bulk.started = [each | made for each, made in zip(bulk.started, rendered, strict=True)]
        archived = bulk.measured("archive", lambda: bulk.task(render.handler, "archive_document"))
    if [each["outcome"] for each in archived] != ["archived"] * count:
        raise RuntimeError("not every document was archived")
    tell(bulk.told)


def show(size: Size) -> None:
    """Print the figures."""
    count = size.of(1000, 12)
    title(f"Bulk validation of {count:,} drafts of {LINES} lines of one company")
    with TemporaryDirectory() as folder:
        fonts.build(Path(folder))
        told = fresh(["-m", "tests.scale.bulk", str(count)], {"COMPTOIR_FONTS": folder}).told
    whole = sum(told[step]["cpu"] for step in _STEPS)
    rows = []
    for step in _STEPS:
        cpu, calls = told[step]["cpu"], told[step]["calls"]
        rows.append([step, cpu, f"{cpu / whole:.0%}", cpu * 1000 / count, sum(calls.values())])
    table(["step", "CPU s", "share", "CPU ms a draft", "calls to AWS"], rows)
    latency = sum(prices.LATENCY_MS[name] * calls for name, calls in told["issue"]["calls"].items()) / 1000
    note(f"{whole:.1f} s of CPU for all on one processor; every PDF archived")
    note(f"the writer, in single file: {told['issue']['cpu']:.1f} s of CPU and {latency:.1f} s of waiting (assumed)")


if __name__ == "__main__":
    worker(int(sys.argv[1]))
