"""The scheduled renewal: each contract once for each period, whatever happens to the runs (CTR-04, CTR-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.access.queries import Listing
from comptoir.contracts.commands import RunRenewals, RunStarted, SavePriceIndex
from comptoir.contracts.items import ContractSummary
from comptoir.contracts.model import Billing, Contract, ContractStatus
from comptoir.contracts.queries import ListContracts
from comptoir.contracts.renewal import bill
from comptoir.contracts.tasks import renew, renew_contracts
from comptoir.kernel.spans import Span, Unit
from comptoir.store.backend import Operation
from comptoir.store.record import Key, Record
from functions.schedule import app as schedule
from functions.steps import app as steps
from functions.steps.app import TASKS
from tests.unit.contracts_calendar import stretches
from tests.unit.contracts_support import LINE, MONTH, YEAR, Agreements, nights, open_agreements
from tests.unit.orders_support import on_backend


@pytest.fixture
def agreements() -> Agreements:
    return open_agreements()


def starts(agreements: Agreements, contract: Contract) -> list[date]:
    return [period.start for period in agreements.periods(contract)]


def drafts(agreements: Agreements, contract: Contract) -> set[str]:
    """The drafts of a contract's periods, each of them there."""
    found = {period.document or "" for period in agreements.periods(contract)}
    assert all(agreements.draft_of(each).contract for each in found)
    return found


def test_what_is_due_is_renewed_and_nothing_before_its_day(agreements: Agreements) -> None:
    """CTR-04: in advance, a week ahead, in arrears."""
    advance = agreements.conclude()
    ahead = agreements.conclude(lead_days=7)
    arrears = agreements.conclude(billing="arrears")
    agreements.night(date(2026, 11, 23))
    assert [starts(agreements, each) for each in (advance, ahead, arrears)] == [[], [], []]
    agreements.night(date(2026, 11, 24))
    assert [len(starts(agreements, each)) for each in (advance, ahead, arrears)] == [0, 1, 0]
    assert agreements.night(date(2026, 12, 1)) == {"outcome": "done", "renewed": 1, "failed": 0, "lost": 0}
    assert [len(starts(agreements, each)) for each in (advance, ahead, arrears)] == [1, 1, 0]
    agreements.night(date(2027, 1, 1))
    assert [len(starts(agreements, each)) for each in (advance, ahead, arrears)] == [2, 2, 1]


def test_a_night_run_again_makes_nothing_more(agreements: Agreements) -> None:
    """CTR-04: started twice, retried, and by hand beside the clock."""
    made = agreements.conclude()
    agreements.on(date(2026, 12, 1))
    for _ in range(3):
        agreements.night()
    agreements.run()
    assert starts(agreements, made) == [date(2026, 12, 1)]
    assert len(drafts(agreements, made)) == 1


def test_a_week_without_a_run_is_made_up_for(agreements: Agreements) -> None:
    """CTR-04: dates are the contract's own, not those of the run."""
    weekly = agreements.conclude(start="2026-12-02")
    old = agreements.conclude(start="2026-09-15")
    report = agreements.night(date(2026, 12, 9))
    assert report["renewed"] == 2
    assert starts(agreements, weekly) == [date(2026, 12, 2)]
    assert starts(agreements, old) == [date(2026, 9, 15), date(2026, 10, 15), date(2026, 11, 15)]


def test_renewals_at_the_same_time_bill_each_period_once(agreements: Agreements) -> None:
    """CTR-04: eight workers on the same contracts, six periods behind."""
    made = [agreements.conclude(start="2026-07-01", name=f"Contrat {number}") for number in range(4)]
    agreements.on(date(2026, 12, 15))
    company, services = agreements.world.company, agreements.world.services

    def work() -> None:
        for contract in made:
            renew(services, company, contract.id)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    agreements.night()
    for contract in made:
        assert starts(agreements, contract) == [date(2026, month, 1) for month in range(7, 13)]
        assert len(drafts(agreements, contract)) == 6
        assert agreements.contract(contract).failure is None


class Killed(BaseException):
    """The function is stopped."""


class Mortal:
    """A table whose user is stopped at its n-th transaction, before or after it is written."""

    def __init__(self, inner: Any, at: int, after: bool) -> None:
        self.inner, self.left, self.after = inner, at, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def get(self, keys: Sequence[Key]) -> dict[Key, Record]:
        found: dict[Key, Record] = self.inner.get(keys)
        return found

    def write(self, operations: Sequence[Operation]) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        self.inner.write(operations)
        if self.left == 0:
            raise Killed


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 8))
def test_a_run_killed_anywhere_is_ended_by_the_next(agreements: Agreements, at: int, after: bool) -> None:
    """CTR-04: before or after each transaction."""
    made = [agreements.conclude(start="2026-10-01"), agreements.conclude(start="2026-11-01", name="Autre")]
    agreements.on(date(2026, 12, 1))
    whole = agreements.world.services
    agreements.world.services = on_backend(whole, Mortal(whole.store.backend, at, after))
    killed = False
    try:
        agreements.night()
    except Killed:
        killed = True
    agreements.world.services = whole
    assert agreements.night()["failed"] == 0
    assert killed == (at <= 5)
    assert starts(agreements, made[0]) == [date(2026, month, 1) for month in (10, 11, 12)]
    assert starts(agreements, made[1]) == [date(2026, month, 1) for month in (11, 12)]
    assert [len(drafts(agreements, each)) for each in made] == [3, 2]


def test_one_failure_holds_up_nobody_and_is_told(agreements: Agreements) -> None:
    """CTR-04: a contract without the value of its index, among others; the next night does it."""
    index = SavePriceIndex(price_index="syntec", name="Syntec", values=())
    agreements.world.execute_as("manager", index)
    indexed = {"indexation": {"index": "syntec", "base": "100"}, "start": "2025-12-01", "period": YEAR}
    first, bad = agreements.conclude(name="Avant"), agreements.conclude(name="Sans indice", **indexed)
    last = agreements.conclude(name="Après")
    report = agreements.night(date(2026, 12, 1))
    assert (report["renewed"], report["failed"]) == (2, 1)
    assert [len(starts(agreements, each)) for each in (first, bad, last)] == [1, 1, 1]
    failed = agreements.world.do(Listing[ContractSummary], ListContracts(failed=True)).items
    assert [each.name for each in failed] == ["Sans indice"]
    kept = agreements.contract(bad).failure
    assert kept is not None
    assert [breach.code for breach in kept.breaches] == ["index_value_missing"]
    values: Any = [{"date": "2026-10-01", "value": "102"}]
    published = SavePriceIndex(price_index="syntec", name="Syntec", values=values)
    agreements.world.execute_as("manager", published)
    agreements.night(date(2026, 12, 2))
    assert agreements.contract(bad).failure is None
    assert len(starts(agreements, bad)) == 2


def test_an_error_that_nobody_foresaw_holds_up_nobody_either(
    agreements: Agreements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CTR-04: contracts behind it in the same shard are renewed, and it is told why it was not."""
    made = [agreements.conclude(name=f"Contrat {number}") for number in range(40)]

    def fail(tx: Any, ctx: Any, contract: Contract) -> Any:
        if contract.id == made[0].id:
            raise ZeroDivisionError
        return bill(tx, ctx, contract)

    monkeypatch.setattr("comptoir.contracts.tasks.bill", fail)
    run = agreements.run(date(2026, 12, 1))
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "done", "renewed": 39, "failed": 1, "lost": 0})
    kept = agreements.contract(made[0]).failure
    assert kept is not None
    assert [breach.code for breach in kept.breaches] == ["renewal_failed"]
    monkeypatch.undo()
    assert agreements.run(date(2026, 12, 2)).output["renewed"] == 1
    assert all(len(starts(agreements, each)) == 1 for each in made)


def test_the_workflow_goes_through_every_shard(agreements: Agreements, monkeypatch: pytest.MonkeyPatch) -> None:
    """CTR-04: the definition itself, with more contracts than one task takes."""
    monkeypatch.setattr("comptoir.contracts.tasks.AT_ONCE", 2)
    made = [agreements.conclude(name=f"Contrat {number}") for number in range(40)]
    run = agreements.run(date(2026, 12, 1))
    assert (run.status, run.output) == ("SUCCEEDED", {"outcome": "done", "renewed": 40, "failed": 0, "lost": 0})
    assert len(run.children) == 16
    assert all(len(starts(agreements, each)) == 1 for each in made)


def test_a_shard_that_is_lost_is_told_and_the_others_go_on(
    agreements: Agreements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CTR-04: what is due stays due."""
    made = [agreements.conclude(name=f"Contrat {number}") for number in range(12)]
    agreements.on(date(2026, 12, 1))

    def lose(services: Any, event: Any) -> Any:
        if event["shard"] == 3:
            raise OSError("out of reach")
        return renew_contracts(services, event)

    monkeypatch.setitem(TASKS, "renew_contracts", lose)
    assert agreements.run().error == "NotRenewed"
    monkeypatch.undo()
    assert agreements.run().status == "SUCCEEDED"
    assert all(len(starts(agreements, each)) == 1 for each in made)


class Started:
    """Workflows that are only remembered."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, str, Any]] = []

    def start(self, machine: str, name: str, payload: Any) -> None:
        self.runs.append((machine, name, payload))


def test_the_clock_and_an_operator_start_the_same_workflow(agreements: Agreements) -> None:
    """CTR-04: the job of the schedule, and the route of the company's own."""
    started = Started()
    agreements.world.services = replace(agreements.world.services, workflows=started)
    agreements.on(date(2026, 12, 1))
    schedule.JOBS["renew"](agreements.world.services)
    by_hand = [agreements.world.do(RunStarted, RunRenewals(), "sales", idempotency_key=key) for key in ("a", "a", "b")]
    assert [run == by_hand[0] for run in by_hand] == [True, True, False]
    company = agreements.world.company
    assert started.runs == [
        ("renewal", "renew-2026-12-01", {"day": "2026-12-01", "company": None}),
        *(("renewal", run.run, {"day": "2026-12-01", "company": company}) for run in by_hand),
    ]


def test_an_ended_contract_is_over_once_all_of_it_is_billed(agreements: Agreements) -> None:
    """CTR-02."""
    made = agreements.conclude(duration=MONTH)
    agreements.night(date(2026, 12, 15))
    assert agreements.contract(made).status is ContractStatus.ACTIVE
    agreements.night(date(2027, 1, 1))
    assert agreements.contract(made).status is ContractStatus.ENDED
    agreements.night(date(2027, 2, 1))
    assert len(starts(agreements, made)) == 1


PERIODS = st.sampled_from([MONTH, Span(count=2), Span(count=1, unit=Unit.QUARTER), YEAR])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.sampled_from([date(2027, 1, 31), date(2028, 2, 29), date(2026, 12, 31), date(2027, 3, 30)]),
    period=PERIODS,
    billing=st.sampled_from(Billing),
    gaps=st.lists(st.integers(1, 400), min_size=8, max_size=8),
)
def test_over_ten_years_of_irregular_nights_the_calendar_is_that_of_every_day(
    start: date, period: Span, billing: Billing, gaps: list[int]
) -> None:
    """CTR-04, CTR-05: against an independent calendar, runs coming when they may."""
    agreements = open_agreements()
    made = agreements.conclude(start=start, period=period, billing=billing, lines=[LINE])
    day = start
    for gap in gaps:
        day += timedelta(days=gap)
        agreements.night(day)
    months = period.count * {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}[period.unit]
    expected = [
        (each.first, each.last)
        for each in stretches(start, start, months, None, day)
        if (each.first if billing is Billing.ADVANCE else each.last + timedelta(days=1)) <= day
    ]
    assert [(each.start, each.end) for each in agreements.periods(made)] == expected


def test_every_night_of_a_leap_february_bills_once(agreements: Agreements) -> None:
    """CTR-05: from 31 January, the last day of February, then 31 March."""
    made = agreements.conclude(start="2028-01-31")
    for day in nights(date(2028, 1, 30), date(2028, 4, 2)):
        agreements.night(day)
    assert starts(agreements, made) == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)]


def test_a_night_with_a_failure_is_told_to_who_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """CTR-04: the line of the log that an alarm waits for; nothing is said of a night that went well."""
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(steps, "log", lambda level, message, **fields: told.append((level, message)))
    monkeypatch.setattr(steps, "light_services", lambda: None)
    for failed in (0, 2):
        runs = [{"outcome": "done", "counts": {"renewed": 3, "failed": failed}}]
        steps.handler({"task": "report_renewals", "runs": runs}, None)
    assert told == [("ERROR", steps.NOT_RENEWED)]
