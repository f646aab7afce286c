"""A company whose customers have contracts, renewed by the clock or by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from comptoir.access.queries import Listing
from comptoir.contracts.commands import CreateContract, RenewContract
from comptoir.contracts.items import CONTRACT
from comptoir.contracts.model import BilledPeriod, Contract
from comptoir.contracts.queries import ListContractPeriods
from comptoir.contracts.tasks import plan_renewals, renew_contracts, report_renewals
from comptoir.kernel.spans import Span, Unit
from comptoir.store import keys
from functions.steps.app import TASKS
from infra.settings import ROOT
from tests.infra.asl import Machine, Run
from tests.unit.invoicing_support import Shop, open_shop
from tests.world import World

MONTH, YEAR = Span(count=1, unit=Unit.MONTH), Span(count=1, unit=Unit.YEAR)
LINE: dict[str, Any] = {"designation": "Maintenance", "kind": "service", "unit_price": "100.00", "vat_rate": "20"}


@dataclass
class Agreements(Shop):
    """A shop with contracts. The clock begins on 21 November 2026."""

    def conclude(self, **fields: Any) -> Contract:
        """A monthly contract of 100.00 begun on 1 December 2026, without end, unless `fields` say otherwise."""
        given = {"party": self.customer.id, "name": "Maintenance", "start": "2026-12-01", "lines": [LINE]}
        return self.world.do(Contract, CreateContract.model_validate(given | fields))

    def contract(self, contract: Contract) -> Contract:
        """The contract as it lies in the table."""
        found: Contract = self.stored(contract).value
        return found

    def stored(self, contract: Contract) -> Any:
        """The contract with its version."""
        return self.world.services.store.require(CONTRACT, keys.contract(self.world.company, contract.id))

    def renew(self, contract: Contract) -> BilledPeriod:
        """The next period, billed by hand."""
        version = self.stored(contract).version
        return self.world.do(BilledPeriod, RenewContract(contract=contract.id), if_match=version)

    def periods(self, contract: Contract) -> list[BilledPeriod]:
        """What was billed of a contract, the oldest first."""
        found: list[BilledPeriod] = []
        cursor = None
        while True:
            asked = ListContractPeriods(contract=contract.id, limit=100, cursor=cursor)
            page = self.world.do(Listing[BilledPeriod], asked)
            found += page.items
            if not (cursor := page.cursor):
                return found[::-1]

    def on(self, day: date) -> None:
        """Let it be half past one in the night of a day, in UTC."""
        now = datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC)
        self.world.clock.advance(now - self.world.clock.now())

    def night(self, day: date | None = None) -> dict[str, Any]:
        """The scheduled renewal, run task by task; what it reports."""
        if day:
            self.on(day)
        services = self.world.services
        runs = []
        for shard in plan_renewals(services, {"day": None, "company": None})["shards"]:
            answer = renew_contracts(services, shard)
            while answer["outcome"] == "again":
                answer = renew_contracts(services, answer)
            runs.append(answer)
        return report_renewals(services, {"runs": runs})

    def machine(self) -> Machine:
        """The workflow, as its definition says."""
        path = ROOT / "statemachines" / "contract_renewal.asl.json"

        def steps(event: Any) -> Any:
            return TASKS[event["task"]](self.world.services, event)

        return Machine.load(path, {"StepsFunctionArn": "steps"}, {"steps": steps}, {})

    def run(self, day: date | None = None) -> Run:
        """The workflow of a night."""
        if day:
            self.on(day)
        return self.machine().start({"day": None, "company": None})


def open_agreements(world: World | None = None) -> Agreements:
    """A shop with contracts in a company, a new one by default."""
    return Agreements(open_shop(world).desk)


def nights(first: date, last: date) -> list[date]:
    """Every day from one to another."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
