"""Verifying closings: totals computed again from the entries, sums of sums, sealed heads (FIS-02, FIS-03)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .chain import Entry, Fault, Verdict
from .totals import Totals

DAILY, MONTHLY, ANNUAL = "daily", "monthly", "annual"
COUNTED = {"documents": "issue_date", "payments": "date"}
"""The chains whose entries closings count, and the field of their content that says on which day."""


@dataclass
class Span:
    """Which entries of a chain were counted."""

    first: int | None = None
    last: int | None = None
    count: int = 0

    def take(self, first: int | None, last: int | None, count: int) -> None:
        """Count these too."""
        self.first = min((n for n in (self.first, first) if n is not None), default=None)
        self.last = max((n for n in (self.last, last) if n is not None), default=None)
        self.count += count

    def json(self) -> dict[str, int | None]:
        """As it lies in a closing."""
        return {"first": self.first, "last": self.last, "count": self.count}


@dataclass
class Tally:
    """What a day, a month or a year comes to, and which entries it counts."""

    totals: Totals = field(default_factory=Totals)
    spans: dict[str, Span] = field(default_factory=lambda: {chain: Span() for chain in COUNTED})

    def entry(self, chain: str, sequence: int, payload: Mapping[str, Any]) -> None:
        """Count one entry. Errors: `KeyError`, `ValueError` on content that cannot be counted."""
        (self.totals.document if chain == "documents" else self.totals.payment)(payload)
        self.spans[chain].take(sequence, sequence, 1)

    def add(self, other: Tally) -> None:
        """Add another one."""
        self.totals.add(other.totals)
        for chain, span in other.spans.items():
            self.spans[chain].take(span.first, span.last, span.count)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Tally:
        """The tally that a closing tells."""
        return cls(Totals.of(told["period"]), {chain: Span(**told["spans"][chain]) for chain in COUNTED})

    def json(self) -> dict[str, Any]:
        """As it lies in a closing."""
        return {"spans": {chain: span.json() for chain, span in self.spans.items()}, "period": self.totals.json()}


class Days:
    """The tallies of days, by date: what is kept of any number of entries."""

    def __init__(self) -> None:
        self._days: dict[str, Tally] = {}

    def count(self, entry: Entry) -> None:
        """Count one entry on its day. Errors: `KeyError`, `ValueError` on content that cannot be counted."""
        payload = json.loads(entry["payload"])
        day = payload[COUNTED[entry["chain"]]]
        self._days.setdefault(day, Tally()).entry(entry["chain"], entry["sequence"], payload)

    def taken(self, start: str | None, end: str) -> Tally:
        """All that is dated up to `end`, once; what lies before `start` was counted earlier and is dropped."""
        tally = Tally()
        for day in sorted(day for day in self._days if day <= end):
            counted = self._days.pop(day)
            if start is None or day >= start:
                tally.add(counted)
        return tally


class Audit:
    """Walks closings in their order and holds each against the days, the closings that it sums up, and its heads.

    `hashes` tells the hash of an entry of a chain where it is known. Closings of what lies before `begins` are only
    the anchor of what is cumulated.
    """

    def __init__(self, days: Days, hashes: Mapping[tuple[str, int], str], begins: str = "") -> None:
        self._days, self._hashes, self._begins = days, hashes, begins
        self._month, self._year = Tally(), Tally()
        self._before: Mapping[str, Any] | None = None

    def faults(self, entries: Iterable[Entry]) -> Iterator[Verdict]:
        """What is wrong with closings, the first one first."""
        for number, entry in enumerate(entries, 1):
            closing = json.loads(entry["payload"])
            reason = self._wrong(closing) if closing["end"] >= self._begins else None
            if reason:
                yield Verdict(number, Fault.TOTALS_DIFFER, entry["sequence"], f"{closing['kind']} closing: {reason}")
            if closing["kind"] == DAILY:
                self._before = closing

    def _wrong(self, closing: Mapping[str, Any]) -> str | None:
        tally = self._tally(closing)
        expected = tally.json()
        if closing["spans"] != expected["spans"]:
            return f"it counts {closing['spans']}, the entries of {closing['start']} to {closing['end']} are otherwise"
        if closing["period"] != expected["period"]:
            return f"the totals of {closing['start']} to {closing['end']} are not those of its entries"
        return self._cumulated(closing, tally) or self._heads(closing)

    def _tally(self, closing: Mapping[str, Any]) -> Tally:
        """What the closing has to tell of its period; a closing of several days takes what its parts came to."""
        if closing["kind"] == MONTHLY:
            month, self._month = self._month, Tally()
            self._year.add(month)
            return month
        if closing["kind"] == ANNUAL:
            year, self._year = self._year, Tally()
            return year
        day = self._days.taken(closing["start"] if self._before else None, closing["end"])
        self._month.add(day)
        return day

    def _cumulated(self, closing: Mapping[str, Any], tally: Tally) -> str | None:
        before = self._before or {}
        if closing["kind"] != DAILY:
            kept = all(closing[name] == before.get(name) for name in ("year", "perpetual"))
            return None if kept else "the cumulated totals are not those of its last day"
        same_year = before.get("fiscal_year", {}).get("start") == closing["fiscal_year"]["start"]
        for name, base in (("year", before.get("year") if same_year else None), ("perpetual", before.get("perpetual"))):
            cumulated = Totals.of(base)
            cumulated.add(tally.totals)
            if closing[name] != cumulated.json():
                return f"the {name} totals are not those before with its period's added"
        return None

    def _heads(self, closing: Mapping[str, Any]) -> str | None:
        for head in closing["heads"]:
            chain, place = head["chain"], head["sequence"]
            if self._hashes.get((chain, place), head["hash"]) != head["hash"]:
                return f"the head of {chain} that it seals is not the entry {place}"
            last = closing["spans"].get(chain, {}).get("last")
            if last is not None and last > place:
                return f"it counts entries of {chain} after the head that it seals"
        return None
