"""Closing: totals, sealed heads and signature of a period in one transaction, which shuts it (FIS-03).

Only the writer closes, since only it can sign. The transaction fails when an entry of a counted chain joined since it
was counted, and every dated transaction fails when its day closed meanwhile: so nothing falls between two days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from comptoir.access.context import Services
from comptoir.access.items import COMPANY
from comptoir.access.model import Company
from comptoir.closings.calendar import Due, fiscal_year, month_end, name_of, next_due
from comptoir.closings.counting import CHAINS, Counting
from comptoir.closings.first_use import first_use
from comptoir.closings.items import CLOSING, PROGRESS
from comptoir.closings.model import ClosedPeriod, Closing, PeriodKind, Totals
from comptoir.kernel.clock import paris_date, stamp
from comptoir.kernel.ids import Id
from comptoir.ledger.chain import Fact, Signer, extend
from comptoir.ledger.events import technical_event
from comptoir.ledger.items import ENTRY, HEAD, PERIODS
from comptoir.ledger.model import ORIGIN, ChainName, Head, Periods
from comptoir.ledger.offline.closings import Tally
from comptoir.ledger.offline.totals import Totals as Sum
from comptoir.ledger.periods import closed_periods
from comptoir.store import keys
from comptoir.store.settings import product_version
from comptoir.store.transaction import Transaction

MOST_CLOSINGS, MOST_ENTRIES = 31, 3000
"""What one call does: so many closings at most, or so many entries counted; the workflow calls again."""

_FIELD = {PeriodKind.DAILY: "through", PeriodKind.MONTHLY: "months_through", PeriodKind.ANNUAL: "years_through"}


@dataclass(frozen=True)
class Asked:
    """Up to which period to close, itself included, and who asked: nobody when the clock did."""

    kind: PeriodKind
    end: date
    operator: Id | None
    operator_name: str

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Asked:
        """What an execution was started with."""
        kind, end = PeriodKind(event["kind"]), date.fromisoformat(event["end"])
        return cls(kind, end, event.get("operator"), event["operator_name"])


def close_periods(services: Services, signer: Signer, event: Mapping[str, Any]) -> dict[str, Any]:
    """The writer's task: close what is due up to what was asked, one after the other; `again` when there is more.

    Errors: those of the signer, `Contention`; what was closed before stays so, and asking again is safe.
    """
    asked, closed = Asked.of(event), 0
    for _ in range(MOST_CLOSINGS):
        step = _Step(services, signer, event["company"], asked)
        if step.due is None:
            return {"outcome": "done", "closed": closed}
        if not step.ready():
            return {"outcome": "again", "closed": closed}
        closed += services.store.transact(step.run)
    return {"outcome": "again", "closed": closed}


class _Step:
    """The next closing of a company."""

    def __init__(self, services: Services, signer: Signer, company: str, asked: Asked) -> None:
        self._services, self._signer, self._company, self._asked = services, signer, company, asked
        store = services.store
        self._settings: Company = store.require(COMPANY, keys.company(company)).value
        stored = store.get(PERIODS, keys.periods(company))
        self._periods = stored.value if stored else Periods()
        due = self._next_due(self._periods)
        self.due = due if due and due.rank <= Due(asked.kind, asked.end, asked.end).rank else None
        self._counting: Counting | None = None

    def _next_due(self, periods: Periods) -> Due | None:
        today = paris_date(self._services.clock.now())
        since = periods.since or first_use(self._services.store, self._company)
        return next_due(periods, self._settings.fiscal_year_start, since, today) if since else None

    def ready(self) -> bool:
        """Count the entries of the day, as far as one call can; keeps what was counted when there are more."""
        if self.due is None or self.due.kind is not PeriodKind.DAILY:
            return True
        store, key = self._services.store, keys.closing_progress(self._company)
        kept = store.get(PROGRESS, key)
        going_on = kept is not None and kept.value.day == self.due.end
        counting = Counting.of(kept.value) if kept and going_on else Counting.after(self._previous(), self.due.end)
        self._counting = counting
        found = store.backend.get([keys.chain_head(self._company, chain) for chain in CHAINS])
        heads = {head.chain: head.sequence for head in map(HEAD.load, found.values())}
        if counting.advance(store, self._company, heads, MOST_ENTRIES):
            return True
        store.transact(lambda tx: tx.put(PROGRESS, key, counting.kept()))
        return False

    def _previous(self) -> Closing | None:
        """The closing of the last day that is closed."""
        if self._periods.through is None:
            return None
        return self._closing(PeriodKind.DAILY, self._periods.through)

    def _closing(self, kind: PeriodKind, end: date) -> Closing:
        key = keys.closing(self._company, kind, name_of(kind, end))
        return self._services.store.require(CLOSING, key).value.closing

    def run(self, tx: Transaction) -> int:
        """Close it, unless another run did meanwhile; how many were closed."""
        due, periods = self.due, closed_periods(tx, self._company)
        if due is None or periods != self._periods:
            return 0
        now = self._services.clock.now()
        self._tell_version(tx, now)
        heads = self._heads(tx)
        if not self._all_counted(heads):
            return 0
        closing = self._made(due, now, heads)
        chain = ChainName.CLOSINGS
        [entry] = extend(tx, self._company, chain, [Fact(closing.kind, closing)], now, self._signer)
        closed = ClosedPeriod(closing=closing, sequence=entry.sequence, hash=entry.hash)
        tx.create(CLOSING, keys.closing(self._company, due.kind, due.period), closed)
        shut = {_FIELD[due.kind]: due.end, "since": periods.since or due.start}
        tx.put(PERIODS, keys.periods(self._company), periods.change(**shut))
        return 1

    def _all_counted(self, heads: Mapping[ChainName, Head]) -> bool:
        """Count what joined the chains since; false in the odd case that it is too much for this call."""
        places = {chain: head.sequence for chain, head in heads.items()}
        counting = self._counting
        return counting is None or counting.advance(self._services.store, self._company, places, MOST_ENTRIES)

    def _heads(self, tx: Transaction) -> dict[ChainName, Head]:
        """The heads of all chains; what is counted may not grow before this is written."""
        found: dict[ChainName, Head] = {}
        for chain in ChainName:
            key = keys.chain_head(self._company, chain)
            if head := tx.get(HEAD, key):
                found[chain] = head
            if chain in CHAINS:
                tx.check(key)
        return found

    def _tell_version(self, tx: Transaction, now: datetime) -> None:
        """A technical event when another version of the product closes than did before (FIS-08)."""
        head = tx.get(HEAD, keys.chain_head(self._company, ChainName.CLOSINGS))
        if head is None:
            return
        last = tx.require(ENTRY, keys.chain_entry(self._company, ChainName.CLOSINGS, head.sequence))
        before = Closing.model_validate_json(last.payload).version
        if before != product_version():
            told = technical_event("version_started", None, "Comptoir", {"before": before})
            extend(tx, self._company, ChainName.EVENTS, [told], now, self._signer)

    def _made(self, due: Due, now: datetime, heads: Mapping[ChainName, Head]) -> Closing:
        identity, last = self._settings.identity, heads.get(ChainName.CLOSINGS)
        return Closing(
            company=self._company,
            company_name=identity.name,
            siren=identity.siren,
            kind=due.kind,
            name=due.period,
            start=due.start,
            end=due.end,
            closed_at=stamp(now),
            operator=self._asked.operator,
            operator_name=self._asked.operator_name,
            version=product_version(),
            heads=tuple(heads.values()),
            previous_hash=last.hash if last else ORIGIN,
            **self._content(due),
        )

    def _content(self, due: Due) -> dict[str, Any]:
        if due.kind is PeriodKind.DAILY and self._counting:
            return self._of_day(self._counting)
        parts = self._parts(due)
        tally = Tally()
        for part in parts:
            tally.add(Tally.of(part.model_dump(mode="json", include={"spans", "period"})))
        last = self._closing(PeriodKind.DAILY, due.end)
        kept = last.picked(("fiscal_year", "year", "perpetual"))
        return {**tally.json(), "complete": {}, **kept}

    def _of_day(self, counting: Counting) -> dict[str, Any]:
        previous = self._previous()
        year = fiscal_year(self._periods, self._settings.fiscal_year_start, counting.day)
        same_year = previous is not None and previous.fiscal_year.start == year.start
        cumulated = {
            name: _cumulated(getattr(previous, name) if previous and kept else None, counting.tally.totals)
            for name, kept in (("year", same_year), ("perpetual", True))
        }
        return {**counting.tally.json(), "complete": counting.complete, "fiscal_year": year, **cumulated}

    def _parts(self, due: Due) -> list[Closing]:
        """The closings that one of several days sums up."""
        kind = PeriodKind.DAILY if due.kind is PeriodKind.MONTHLY else PeriodKind.MONTHLY
        day, wanted = max(due.start, self._periods.since or due.start), []
        while day <= due.end:
            end = day if kind is PeriodKind.DAILY else month_end(day)
            wanted.append(keys.closing(self._company, kind, name_of(kind, end)))
            day = end + timedelta(days=1)
        found = self._services.store.backend.get(wanted)
        return [CLOSING.load(found[key]).closing for key in wanted]


def _cumulated(before: Totals | None, period: Sum) -> dict[str, Any]:
    total = Sum.of(before.model_dump(mode="json") if before else None)
    total.add(period)
    return total.json()
