"""What a night of renewals costs: calls, units, transitions, GB-seconds and dollars of 1,000 contracts.

The committed state machine and the real handler run here in one process, on real boto3 clients whose answers come from
`loopback`. On AWS the sixteen shards run side by side; here one after the other, so that what is told of one shard is
how long the night lasts there. What follows in the search, from the table's stream, is counted apart.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comptoir.contracts.commands import CreateContract
from comptoir.contracts.items import CONTRACT
from comptoir.contracts.model import Contract
from comptoir.kernel.clock import paris_date
from comptoir.kernel.ids import derived_id
from comptoir.store import keys
from comptoir.store.backend import MAX_OPERATIONS, Backend, Operation, Put
from comptoir.store.codec import encode
from comptoir.store.indexing import Indexer, changes
from comptoir.store.memory import MemoryBackend
from functions.steps import app as steps
from infra.settings import Settings
from tests.infra.asl import Machine, Run
from tests.scale import meter, prices
from tests.scale.company import Company, line, open_company
from tests.scale.loopback import Loopback
from tests.scale.meter import Tally
from tests.scale.report import ROOT, Size, fresh, note, table, tell, title
from tests.signing import LocalSigner

LINES = 3
DEFINITION = ROOT / "statemachines" / "contract_renewal.asl.json"


@dataclass
class Search:
    """The table as what follows its stream sees it: the units of its writes are counted."""

    backend: Backend
    written: float = 0.0

    def write(self, operations: Sequence[Operation]) -> None:
        """Write entries, and count them."""
        before = self.backend.get([operation.key for operation in operations])
        for operation in operations:
            old = encode(before[operation.key]) if operation.key in before else None
            self.written += meter.write_units(old, encode(operation.record))  # type: ignore[union-attr]
        self.backend.write(operations)


def conclude(company: Company, count: int) -> None:
    """So many monthly contracts that begin today, each like the first, laid into the table side by side."""
    world = company.world
    lines = [{**line(number), "kind": "service"} for number in range(LINES)]
    day = paris_date(world.clock.now())
    asked = {"party": company.desk.customer.id, "name": "Maintenance des palans", "start": day, "lines": lines}
    model = world.do(Contract, CreateContract.model_validate(asked))
    copies = [
        model.change(id=derived_id(model.id, str(number)), number=f"CT-{number:06d}") for number in range(2, count + 1)
    ]
    records = [CONTRACT.record(keys.contract(world.company, each.id), each, 0) for each in copies]
    for start in range(0, len(records), MAX_OPERATIONS):
        company.backend.write([Put(record) for record in records[start : start + MAX_OPERATIONS]])


def worker(count: int) -> None:
    """Renew so many contracts, then run again with nothing due; prints what each run took."""
    with contextlib.redirect_stdout(io.StringIO()):
        signer, tally = LocalSigner(), Tally()
        company = open_company(signer=signer)
        search = _followed(company)
        conclude(company, count)
        Loopback(company.backend, signer, tally).install()
        search.written = 0.0
        first = _night(tally)
        entries = search.written
        again = _night(tally)
    if first["output"]["renewed"] != count or again["output"]["renewed"]:
        raise RuntimeError(f"not every contract was renewed once: {first['output']}, {again['output']}")
    tell({"night": first | {"search": entries}, "again": again | {"search": search.written - entries}})


def _followed(company: Company) -> Search:
    """Have the search follow the table through a counter."""
    backend = company.backend
    if not isinstance(backend, MemoryBackend):
        raise TypeError("the figure stands on the table in memory")
    search = Search(backend)
    indexer = Indexer(search, company.world.clock, lambda _: None)  # type: ignore[arg-type]
    backend.stream = lambda images: indexer.index(list(changes(images)))
    return search


def _night(tally: Tally) -> dict[str, Any]:
    def invoke(event: Any) -> Any:
        with tally.running("steps"):
            return steps.handler(event, None)

    tally.clear()
    machine = Machine.load(DEFINITION, {"StepsFunctionArn": "steps"}, {"steps": invoke}, {})
    run = machine.start({"day": None, "company": None})
    if run.status != "SUCCEEDED":
        raise RuntimeError(f"{run.error}: {run.cause}")
    operations = tally.by_operation()
    waited = sum(prices.LATENCY_MS[name] * calls for name, calls in operations.items()) / 1000
    return {
        "output": run.output,
        "transitions": transitions(run),
        "longest": max(len(child.states) for child in run.children),
        "calls": dict(operations),
        "read": tally.total("read"),
        "written": tally.total("written"),
        "invocations": tally.invocations["steps"],
        "cpu": tally.cpu["steps"],
        "waited": waited,
    }


def transitions(run: Run) -> int:
    """States entered, those of the Map's items too; each run of an item is charged one more for its start."""
    return len(run.states) + sum(len(child.states) + 1 for child in run.children)


def cost(told: Mapping[str, Any]) -> dict[str, float]:
    """How much of each priced thing a night uses."""
    memory = Settings().memory_steps
    share = min(1.0, memory / prices.MEMORY_OF_ONE_PROCESSOR)
    seconds = told["cpu"] / share + told["waited"]
    logs = told["invocations"] * prices.LOG_BYTES_PER_INVOCATION + told["transitions"] * prices.LOG_BYTES_PER_STATE
    return {
        "DynamoDB read units": told["read"],
        "DynamoDB write units": told["written"] + told["search"],
        "Step Functions transitions": float(told["transitions"]),
        "Lambda requests": float(told["invocations"]),
        "Lambda GB-seconds (arm64)": memory / 1024 * seconds,
        "CloudWatch Logs GB": logs / 1e9,
    }


def show(size: Size) -> None:
    """Print the figures."""
    count = size.of(10_000, 40)
    title(f"Renewal of {count:,} contracts of {LINES} lines of one company, each one period")
    told: dict[str, Any] = fresh(["-m", "tests.scale.renewing", str(count)]).told
    night, thousands = told["night"], count / 1000
    shown = Counter(night["calls"])
    rows = [
        *((name, calls, calls / thousands) for name, calls in shown.items()),
        ("read units", night["read"], night["read"] / thousands),
        ("write units of the table", night["written"], night["written"] / thousands),
        ("write units of the search", night["search"], night["search"] / thousands),
        ("transitions", night["transitions"], night["transitions"] / thousands),
        ("invocations", night["invocations"], night["invocations"] / thousands),
        ("CPU s", night["cpu"], night["cpu"] / thousands),
    ]
    table(["what", "a night", "per 1,000 contracts"], rows)
    print()
    used = cost(night)
    priced = [(name, amount / thousands, prices.USD[name] * amount / thousands) for name, amount in used.items()]
    priced.sort(key=lambda row: -row[-1])
    table(["priced", "per 1,000 contracts", "USD"], [*priced, ("total", "", sum(row[-1] for row in priced))])
    _show_night(told, count)


def _show_night(told: Mapping[str, Any], count: int) -> None:
    night, again = told["night"], told["again"]
    share = min(1.0, Settings().memory_steps / prices.MEMORY_OF_ONE_PROCESSOR)
    seconds = (night["cpu"] / share + night["waited"]) / len(keys.SHARDS)
    note(
        f"a shard takes {seconds:.0f} s on AWS (CPU here at the function's share, latencies assumed), {count:,} in all"
    )
    note(f"the longest shard enters {night['longest']} states; a Standard execution has 25,000 events")
    idle = sum(prices.USD[name] * amount for name, amount in cost(again).items())
    asked = f"{sum(again['calls'].values())} calls, {again['transitions']} transitions"
    note(f"a night with nothing due: {asked}, USD {idle:.4f}")
    note(f"list prices of {prices.REGION} entered by hand on {prices.AS_OF}: check them (tests/scale/prices.py)")


if __name__ == "__main__":
    worker(int(sys.argv[1]))
