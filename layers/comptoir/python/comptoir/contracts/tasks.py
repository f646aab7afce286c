"""The scheduled renewal: what is due is found in an index, each contract renewed by itself (CTR-04, CTR-05)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from comptoir.access.acting import by_itself
from comptoir.access.context import Services
from comptoir.contracts.items import CONTRACT
from comptoir.contracts.model import Contract, ContractStatus, Failure
from comptoir.contracts.periods import next_period, work_on
from comptoir.contracts.renewal import bill, kept, passed
from comptoir.kernel.clock import paris_date
from comptoir.kernel.errors import Breach, DomainError, Refused
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.transaction import Transaction

AT_ONCE = 60
"""Contracts that one task renews, well within its twenty seconds; then it is called again."""

_MOST_PERIODS = 60
"""Periods of one contract that one run makes up for: five years by the month."""


def plan_renewals(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """The shards of what is due, each with the day that counts: today in Paris, or one that is over.

    `company` leaves the contracts of one, where an operator asked for it.
    """
    today = paris_date(services.clock.now())
    day = min(date.fromisoformat(event["day"]), today) if event.get("day") else today
    asked = {"day": f"{day}", "company": event.get("company"), "after": "", "counts": _NOTHING}
    return {"shards": [{"shard": shard, **asked} for shard in keys.SHARDS]}


def renew_contracts(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """Renew what is due of a shard, so many contracts at a time: `again` with where to go on, then `done`.

    A contract that cannot be renewed is counted, keeps its reason, and holds up no other.
    """
    counts, after, seen = dict(event["counts"]), event["after"], 0
    for place, company, contract in due(services, event["shard"], event["day"], after):
        if event.get("company") in (None, company):
            counts["renewed" if renew(services, company, contract) else "failed"] += 1
            seen += 1
        after = place
        if seen == AT_ONCE:
            return {**event, "outcome": "again", "after": after, "counts": counts}
    return {**event, "outcome": "done", "after": after, "counts": counts}


_NOTHING = {"renewed": 0, "failed": 0}


def report_renewals(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """What all shards came to: contracts gone through, those that failed, and shards that were lost."""
    runs = event["runs"]
    counts = {name: sum(run["counts"][name] for run in runs) for name in _NOTHING}
    lost = sum(run["outcome"] == "lost" for run in runs)
    return {"outcome": "lost" if lost else "done", **counts, "lost": lost}


def renewals_due(services: Services) -> dict[str, Any]:
    """Start the renewal of the day, for the clock; runs of a day share a name, and a missed day is made up for."""
    today = paris_date(services.clock.now())
    if services.workflows:
        services.workflows.start("renewal", f"renew-{today}", {"day": f"{today}", "company": None})
    return {"renewals_started": 1}


def due(services: Services, shard: int, day: str, after: str) -> Iterator[tuple[str, str, str]]:
    """The contracts of a shard on which something is to be done by a day, the oldest first, beyond a place."""
    start: tuple[str, ...] | None = None
    while True:
        between = (f"{after}~" if after else "!", f"{day}~")
        part = services.store.backend.query(
            Query(pk=keys.due_partition("CONTRACT", shard), index=3, between=between, limit=AT_ONCE, start=start)
        )
        for record in part.records:
            place = record.indexes[3][1]
            company, _, identifier = place.partition("#")[2].partition("#")
            yield place, company, identifier
        if part.next is None:
            return
        start = part.next


def renew(services: Services, company: str, contract: str) -> bool:
    """Do everything that is due on a contract, a period at a time; False when it could not be done."""
    try:
        for _ in range(_MOST_PERIODS):
            if not _step(services, company, contract):
                return True
    except Exception as error:
        # Whatever it is, the contracts behind this one are not to wait for it. Where nothing can be written at all,
        # not even this, the task fails and is tried again.
        _fail(services, company, contract, error)
        return False
    return True


def _step(services: Services, company: str, contract: str) -> bool:
    """One period, or what time alone brings; whether anything was done."""
    ctx, key = by_itself(services, company), keys.contract(company, contract)

    def work(tx: Transaction) -> bool:
        before = tx.require(CONTRACT, key)
        day = work_on(before)
        if day is None or day > ctx.today:
            return False
        period = next_period(before) if before.status is ContractStatus.ACTIVE else None
        billing = period is not None and period.due_on <= ctx.today
        after = bill(tx, ctx, before)[0] if billing else before
        after = passed(tx, ctx, after)
        if after == before:
            return False
        kept(tx, ctx, after, "renewed_by_itself" if billing else "went_on")
        return True

    return services.store.transact(work, [key, keys.company(company)])


def _fail(services: Services, company: str, contract: str, error: Exception) -> None:
    """Keep why a contract was not renewed, where lists show it; the next run tries again."""
    ctx, key = by_itself(services, company), keys.contract(company, contract)
    found = _breaches(error)

    def work(tx: Transaction) -> None:
        before = tx.require(CONTRACT, key)
        after: Contract = before.change(failure=Failure(on=ctx.today, breaches=found))
        if after != before:
            kept(tx, ctx, after, "not_renewed")

    services.store.transact(work, [key])


def _breaches(error: Exception) -> tuple[Breach, ...]:
    if isinstance(error, Refused):
        return tuple(error.breaches)
    if isinstance(error, DomainError):
        return (Breach(code=error.code, fr=error.fr, en=error.en),)
    fr = f"Erreur inattendue ({type(error).__name__}) : le contrat est repris la nuit suivante."
    en = f"Unexpected error ({type(error).__name__}): the contract is taken up again the next night."
    return (Breach(code="renewal_failed", fr=fr, en=en),)
