"""statemachines/period_closing.asl.json on the real handlers: FIS-03, a fault at every point, a run killed anywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from comptoir.closings.commands import ClosePeriod
from comptoir.closings.model import ClosedPeriod
from comptoir.closings.tasks import close_due
from comptoir.ledger.model import ChainName, Head
from comptoir.ledger.periods import PeriodClosed
from functions.issue import app as issue
from functions.render import app as render
from functions.schedule.app import JOBS
from tests.infra.asl import Machine, Run
from tests.unit.closings_support import MONTHLY, Books, open_books
from tests.unit.invoicing_support import line
from tests.unit.orders_support import on_backend
from tests.workflow.borders import STEP, Broken, Faults, Killed, Signer, Table, Unknown, Vault

MACHINE = Path(__file__).parents[2] / "statemachines" / "period_closing.asl.json"
POINTS = (
    "close: invoked, before",
    "close: get",
    "close: sign, before",
    "close: sign, after",
    "close: write, before",
    "close: write, after",
    "close: invoked, after",
    "seal: invoked, before",
    "seal: get",
    "seal: put heads, before",
    "seal: put heads, after",
    "seal: invoked, after",
)
NOVEMBER = date(2026, 11, 30)


@dataclass
class Rig:
    """The closings of one company: real handlers between borders, started as the API and the clock start them."""

    books: Books
    faults: Faults
    vault: Vault
    machine: Machine
    runs: list[Run]

    def start(self, machine: str, name: str, payload: Any) -> None:
        """What `Workflows.start` does: one run to its end."""
        assert machine == "closing"
        self.runs.append(self.machine.start(json.loads(json.dumps(payload)), name))

    def sealed(self, chain: ChainName) -> int:
        """The last head of a chain in the locked bucket."""
        copies = self.vault.under(f"heads/{self.books.company}/{chain}/")
        return max(Head.model_validate_json(self.vault.objects[key]).sequence for key in copies)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    books, faults = open_books(), Faults()
    world = books.shop.world
    inner = replace(world.services, store=on_backend(world.services, Table(world.services.store.backend, faults)).store)
    writer = issue.Writer(lambda: inner, lambda: Signer(world.signer, faults), issue._answer)
    vault = Vault(faults)
    monkeypatch.setattr(render, "light_services", lambda: inner)
    monkeypatch.setattr(render, "_archive", lambda: vault)

    def around(step: str, handler: Any) -> Any:
        def invoke(event: Any) -> Any:
            context = STEP.set(step)
            try:
                with faults.around("invoked"):
                    return handler(event)
            except Killed as killed:
                raise Unknown(str(killed)) from killed
            finally:
                STEP.reset(context)

        return invoke

    functions = {"issue": around("close", writer), "render": around("seal", lambda event: render.handler(event, None))}
    names = {"IssueFunctionArn": "issue", "RenderFunctionArn": "render"}
    rig = Rig(books, faults, vault, Machine.load(MACHINE, names, functions, {}), [])
    world.services = replace(world.services, workflows=rig)
    return rig


def sound(rig: Rig, closings: int) -> None:
    """Each period is closed once, chained and signed, and the heads are in the locked bucket."""
    books = rig.books
    names = [(closing.kind, closing.name) for closing in books.closings()]
    assert len(names) == len(set(names)) == closings
    assert books.verified(ChainName.CLOSINGS).intact
    assert rig.sealed(ChainName.CLOSINGS) == closings
    assert rig.vault.clashes == []


def test_fis_03_a_month_is_closed_by_hand_with_its_forgotten_days(rig: Rig) -> None:
    rig.books.shop.invoice(line("100"))
    rig.books.noon(date(2026, 12, 2))
    closed = rig.books.shop.world.do(ClosedPeriod, ClosePeriod(kind=MONTHLY, name="2026-11"))
    assert (closed.closing.name, closed.closing.operator_name) == ("2026-11", "Opérateur manager")
    assert [run.output for run in rig.runs] == [{"outcome": "done", "closed": 11}]
    assert tuple(dict.fromkeys(rig.faults.seen)) == POINTS
    sound(rig, 11)


def test_fis_03_the_clock_closes_after_a_week_of_outage(rig: Rig) -> None:
    rig.books.noon(date(2026, 12, 7))
    assert JOBS["close"](rig.books.shop.world.services) == {"closings_started": 1, "failed": 0}
    sound(rig, 17)
    assert close_due(rig.books.shop.world.services)["closings_started"] == 0


def test_fis_03_a_long_outage_is_made_up_for_in_several_calls(rig: Rig) -> None:
    rig.books.noon(date(2027, 3, 1))
    close_due(rig.books.shop.world.services)
    assert rig.runs[0].states.count("Close") == 4
    sound(rig, 100 + 4 + 1)


@pytest.mark.parametrize("error", [Broken, Killed], ids=["broken", "killed"])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("times", [1, 10_000], ids=["once", "until mended"])
def test_fis_03_a_fault_at_any_point_closes_nothing_twice(
    rig: Rig, point: str, error: type[BaseException], times: int
) -> None:
    rig.books.shop.invoice(line("100"))
    rig.books.noon(date(2026, 12, 1))
    rig.faults.plan[point], rig.faults.error = times, error
    services = rig.books.shop.world.services
    close_due(services)
    [run] = rig.runs
    if times == 1:
        assert run.status == "SUCCEEDED"
    rig.faults.clear()
    # The clock asks again within the hour, and whoever closes next copies the heads.
    rig.books.noon(date(2026, 12, 2))
    close_due(services)
    sound(rig, 12)
    assert rig.books.closing(MONTHLY, NOVEMBER).period.euro.balance.count == 1


def test_fis_03_no_workflow_dates_anything_into_a_closed_period(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that was asked for before its day closed, and one asked for afterwards, are refused by the writer."""
    shop = rig.books.shop
    early = shop.draft(wanted_date=date(2026, 11, 21))
    asked = shop.request(early)
    rig.books.noon(date(2026, 11, 22))
    close_due(shop.world.services)
    body = {"token": "t", "company": rig.books.company, "request": asked.model_dump(mode="json")}
    answers: list[dict[str, Any]] = []
    writer = issue.Writer(
        lambda: shop.world.services, lambda: shop.world.signer, lambda token, outcome: answers.append(outcome)
    )
    assert writer({"Records": [{"messageId": "m", "body": json.dumps(body)}]}) == {"batchItemFailures": []}
    assert [breach["code"] for breach in answers[0]["breaches"]] == ["period_closed"]
    with pytest.raises(PeriodClosed):
        rig.books.pay("1.00", date(2026, 11, 21))
    assert rig.books.periods.through == date(2026, 11, 21)
