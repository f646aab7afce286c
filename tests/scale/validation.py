"""What the validation of one invoice costs: calls, units, transitions, GB-seconds, dollars.

The API, the state machine and the handlers run here in one process, on real boto3 clients whose answers come from
`loopback`. CPU of a function is measured, its duration is that CPU at the function's share of a processor, plus what
it waits for (assumed latencies, and the API's own pauses, which the fake clock plays).
"""

from __future__ import annotations

import contextlib
import io
import json
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from comptoir.invoicing.items import DOCUMENT
from comptoir.runtime.services import api_services
from comptoir.store import keys
from functions.api.app import Api
from functions.issue import app as issue
from functions.render import app as render
from functions.steps import app as steps
from infra.layers import fonts
from infra.settings import Settings
from tests.api.office import Client, claims
from tests.infra.asl import Machine, Run
from tests.scale import prices
from tests.scale.company import Company, open_company
from tests.scale.loopback import Loopback, stored_bytes
from tests.scale.meter import Tally
from tests.scale.report import ROOT, Size, fresh, note, table, tell, title, verdict
from tests.signing import LocalSigner

LINES, AIM_CALLS = 20, 4
FUNCTIONS = ("api", "steps", "issue", "render")
DEFINITION = ROOT / "statemachines" / "document_validation.asl.json"
_QUEUE = "https://sqs.eu-west-3.amazonaws.com/000000000000/issue.fifo"
Handler = Callable[[Mapping[str, Any], object], dict[str, Any]]


@dataclass
class Installation:
    """The product's functions and its validation workflow on the loopback."""

    company: Company
    loopback: Loopback
    tally: Tally
    pending: dict[str, Any] | None = None
    ended: Run | None = None
    elapsed: float = 0.0
    logged: int = 0

    def __post_init__(self) -> None:
        self._handlers: dict[str, Handler] = {"issue": issue.handler, "render": render.handler, "steps": steps.handler}
        self._machine = Machine.load(
            DEFINITION,
            {"StepsFunctionArn": "steps", "RenderFunctionArn": "render", "IssueQueueUrl": _QUEUE},
            {name: partial(self._invoke, name) for name in ("steps", "render")},
            {_QUEUE: self._deliver},
        )
        self.loopback.started, self.loopback.answered = self._begin, self._answered

    def validate(self, document: str) -> Run:
        """Validate a document through the HTTP API, which waits for it."""
        self.elapsed, self.ended = 0.0, None
        api = Api(lambda: replace(api_services(), pause=self._pause))
        world = self.company.world
        client = Client(api, claims(world.company, world.operators["manager"]))
        with self.tally.running("api"):
            answer = client.post(f"/invoices/{document}/validation", **{"If-Match": '"1"'})
        if answer.status != 200 or self.ended is None:
            raise RuntimeError(f"the validation answered {answer.status}: {answer.text}")
        return self.ended

    def issue(self, bodies: list[dict[str, Any]]) -> None:
        """Hand one batch of messages to the writer."""
        records = [{"messageId": str(n), "body": json.dumps(body)} for n, body in enumerate(bodies)]
        with self.tally.running("issue"):
            result = self._handlers["issue"]({"Records": records}, None)
        if result["batchItemFailures"]:
            raise RuntimeError(f"the writer failed: {result}")

    def _begin(self, asked: Mapping[str, Any]) -> None:
        self.pending = {"name": asked["name"], "input": json.loads(asked["input"])}

    def _answered(self, token: str, output: str) -> None:
        if token in self._machine.tokens.waiting:
            self._machine.tokens.send_task_success(taskToken=token, output=output)

    def _invoke(self, name: str, event: Any) -> dict[str, Any]:
        with self.tally.running(name):
            return self._handlers[name](event, None)

    def _deliver(self, message: Mapping[str, str]) -> None:
        self.issue([json.loads(message["MessageBody"])])

    def _pause(self, seconds: float) -> None:
        """Let the API wait; the workflow ends once it has waited as long as one lasts."""
        self.elapsed += seconds
        self.tally.waited += seconds
        if self.pending and self.elapsed >= prices.WORKFLOW_SECONDS:
            run, self.pending = self.pending, None
            with self.tally.running("emulator"):
                self.ended = self._machine.start(run["input"], run["name"])


def prepare(signer: LocalSigner | None = None) -> Installation:
    """An installation whose clients are all made, as in warm functions."""
    signer = signer or LocalSigner()
    company = open_company(signer=signer)
    tally = Tally()
    loopback = Loopback(company.backend, signer, tally)
    loopback.install()
    installation = Installation(company, loopback, tally)
    installation.validate(company.ordered(LINES).id)
    return installation


def worker(repeats: int) -> None:
    """Validate `repeats` invoices one by one, then ten in one batch of the writer; prints what was counted."""
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        installation = prepare()
        documents = [installation.company.ordered(LINES) for _ in range(repeats)]
        runs = [_measured(installation, document.id, log) for document in documents]
        batch = _batch(installation)
    middle = {name: statistics.median(run["cpu"][name] for run in runs) for name in runs[0]["cpu"]}
    tell(runs[-1] | {"cpu": middle, "batch": batch})


def _measured(installation: Installation, document: str, log: io.StringIO) -> dict[str, Any]:
    tally, before = installation.tally, log.tell()
    tally.clear()
    installation.loopback.stored = 0
    run = installation.validate(document)
    calls = [(call.function, call.operation) for call in tally.calls]
    [last] = [n for n, call in enumerate(calls) if call == ("issue", "dynamodb.TransactWriteItems")]
    # What the waiting API looks up meanwhile is no step on the way.
    waiting = sum(function == "api" and operation.startswith("dynamodb") for function, operation in calls[:last]) - 1
    company = installation.company.world.company
    store = installation.company.world.services.store
    sequence = store.require(DOCUMENT, keys.document(company, document)).value.sequence
    kept = [keys.document(company, document), keys.chain_entry(company, "documents", sequence or 0)]
    return {
        "calls": [[*call] for call in calls],
        "before": sum(operation.startswith("dynamodb") for _, operation in calls[: last + 1]) - waiting,
        "read": tally.total("read"),
        "written": tally.total("written"),
        "by_function": _units(tally),
        "states": run.states,
        "cpu": {name: tally.cpu[name] for name in FUNCTIONS},
        "invocations": dict(tally.invocations),
        "waited": tally.waited,
        "stored": installation.loopback.stored,
        "kept": stored_bytes(installation.company.backend, kept),
        "logged": log.tell() - before,
    }


def _units(tally: Tally) -> dict[str, list[float]]:
    return {name: [tally.total("read", name), tally.total("written", name)] for name in FUNCTIONS}


def _batch(installation: Installation) -> dict[str, Any]:
    company, tally = installation.company, installation.tally
    requests = [company.request(company.ordered(LINES)) for _ in range(10)]
    bodies = [
        {"token": f"t{n}", "company": company.world.company, "request": request.model_dump(mode="json")}
        for n, request in enumerate(requests)
    ]
    tally.clear()
    installation.issue(bodies)
    return {
        "calls": dict(tally.by_operation()),
        "read": tally.total("read"),
        "written": tally.total("written"),
        "cpu": tally.cpu["issue"],
    }


def show(size: Size) -> None:
    """Print the figures."""
    title(f"Validation of one invoice ({LINES} lines, of an order)")
    with TemporaryDirectory() as folder:
        fonts.build(Path(folder))
        arguments = ["-m", "tests.scale.validation", str(size.of(9, 1))]
        runs = [fresh(arguments, {"COMPTOIR_FONTS": folder}).told for _ in range(size.runs)]
    told = runs[-1]
    told["cpu"] = {name: statistics.median(run["cpu"][name] for run in runs) for name in told["cpu"]}
    _show_calls(told)
    _show_cost(told)


def _show_calls(told: dict[str, Any]) -> None:
    operations = Counter((function, operation) for function, operation in told["calls"])
    operations[("workflow", "sqs.SendMessage")] = 1
    operations[("event source", "sqs.ReceiveMessage")] = 1
    operations[("event source", "sqs.DeleteMessage")] = 1
    table(["caller", "operation", "calls"], [(*key, count) for key, count in operations.items()])
    note(
        f"the API looks at the document after each pause: {told['waited']:.1f} s for a workflow of "
        f"{prices.WORKFLOW_SECONDS} s (assumed)"
    )
    note(f"states entered: {' '.join(told['states'])}")
    verdict("DynamoDB calls before the document is legally issued", told["before"], AIM_CALLS)
    print()
    rows = [
        (name, *told["by_function"][name], told["cpu"][name] * 1000, told["invocations"][name]) for name in FUNCTIONS
    ]
    table(["function", "read units", "write units", "CPU ms", "invocations"], rows)
    batch = told["batch"]
    note(f"kept for it: {told['kept']:,} B in the table (document, chain entry), {told['stored']:,} B in the archive")
    note(
        f"the writer with a batch of 10, for all ten: {batch['calls']}, {batch['read']:g} read units, "
        f"{batch['written']:g} write units, {batch['cpu'] * 1000:.0f} ms of CPU"
    )


def cost(told: Mapping[str, Any]) -> dict[str, float]:
    """How much of each priced thing one validation uses."""
    operations = Counter(operation for _, operation in told["calls"])
    invocations = {name: told["invocations"][name] for name in FUNCTIONS}
    states = len(told["states"])
    logs = told["logged"] + sum(invocations.values()) * prices.LOG_BYTES_PER_INVOCATION
    return {
        "DynamoDB read units": told["read"],
        "DynamoDB write units": told["written"],
        "Step Functions transitions": float(states),
        "Lambda requests": float(sum(invocations.values())),
        "Lambda GB-seconds (arm64)": sum(gigabyte_seconds(told, name) for name in invocations),
        "KMS asymmetric requests": float(operations["kms.Sign"]),
        "SQS FIFO requests": 3.0,
        "S3 PUT requests": float(operations["s3.PutObject"]),
        "API requests": 1.0,
        "CloudWatch Logs GB": (logs + states * prices.LOG_BYTES_PER_STATE) / 1e9,
    }


def gigabyte_seconds(told: Mapping[str, Any], name: str) -> float:
    """Memory setting × duration: CPU at the share of a processor that comes with it, latencies, pauses."""
    memory = getattr(Settings(), f"memory_{name}")
    share = min(1.0, memory / prices.MEMORY_OF_ONE_PROCESSOR)
    latency = sum(prices.LATENCY_MS[operation] for function, operation in told["calls"] if function == name) / 1000
    waited = told["waited"] if name == "api" else 0.0
    return float(memory / 1024 * (told["cpu"][name] / share + latency + waited))


def _show_cost(told: dict[str, Any]) -> None:
    print()
    used = cost(told)
    rows = [(name, amount, prices.USD[name] * 1e6, prices.USD[name] * amount * 1000) for name, amount in used.items()]
    rows.sort(key=lambda row: -row[-1])
    total = sum(row[-1] for row in rows)
    table(["priced", "per invoice", "USD per million", "USD per 1,000 invoices"], [*rows, ("total", "", "", total)])
    note(f"list prices of {prices.REGION} entered by hand on {prices.AS_OF}: check them (tests/scale/prices.py)")
    note("not counted: storage, backups, X-Ray traces, the queue's idle polls, cold starts, the draft's own making")


if __name__ == "__main__":
    worker(int(sys.argv[1]))
