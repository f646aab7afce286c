"""Verifying the chains of a company as they lie in the table, part by part in constant memory (FIS-02).

The very code that archives carry walks each part, from the last genuine hash before it, with the copies of heads in
the locked bucket. A chain is read as far as its head stood when the verification came to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from comptoir.access.acting import companies
from comptoir.access.context import Author, Services
from comptoir.kernel.clock import paris_date, stamp
from comptoir.kernel.errors import DomainError
from comptoir.kernel.ids import derived_id
from comptoir.ledger.items import HEAD
from comptoir.ledger.model import ChainName, Head
from comptoir.ledger.offline.chain import Fault, Ring, Start, Verdict, verify
from comptoir.ledger.verification import (
    DUE_VERIFICATIONS,
    UNDER_WAY,
    VERIFICATION,
    BrokenLink,
    Place,
    Verification,
    VerificationState,
)
from comptoir.store import keys
from comptoir.store.backend import Query
from comptoir.store.transaction import Transaction

PART = 2000
"""Entries that are verified at a time; a part ends with a signed one."""

PARTS = 50
"""Parts of one run of the task, which is called again while there are more."""

_SLACK = 2 * keys.BLOCK
_RUN = timedelta(hours=1)
CLOCK = "Horloge"
"""Who verifies when nobody asks."""


class Vault(Protocol):
    """The locked bucket: copies of heads."""

    def names(self, prefix: str, after: str) -> Iterator[str]: ...

    def read(self, key: str, most: int) -> bytes | None: ...


def verify_chains(services: Services, event: Mapping[str, Any], vault: Vault, ring: Ring) -> dict[str, Any]:
    """The renderer's task: verify the next parts; `again` while there are more, `verified` when all are read."""
    key = keys.verification(event["company"], event["job"])
    verification = services.store.require(VERIFICATION, key).value
    reading = _Reading(services, event["company"], vault, ring)
    for _ in range(PARTS):
        if verification.state is not VerificationState.READING:
            return {"outcome": "verified"}
        before, verification = verification, reading.step(verification)

        def keep(tx: Transaction, before: Verification = before, after: Verification = verification) -> None:
            if tx.require(VERIFICATION, key) == before:
                tx.put(VERIFICATION, key, after)

        services.store.transact(keep, [key])
    return {"outcome": "again"}


@dataclass(frozen=True)
class _Reading:
    services: Services
    company: str
    vault: Vault
    ring: Ring

    def step(self, verification: Verification) -> Verification:
        """The verification after its next part."""
        broken = {link.chain for link in verification.broken}
        for chain in ChainName:
            head = self._head(chain)
            end = verification.ends.get(chain) or (head.sequence if head else 0)
            reached = end > 0 and verification.places.get(chain, Place()).sequence >= end
            if chain in broken or reached or (end == 0 and not self._locked(chain, 0)):
                continue
            return self._part(verification.change(ends=verification.ends | {chain: end}), chain, head)
        return verification.change(state=VerificationState.READ, finished_at=stamp(self.services.clock.now()))

    def _head(self, chain: ChainName) -> Head | None:
        found = self.services.store.get(HEAD, keys.chain_head(self.company, chain))
        return found.value if found else None

    def _part(self, verification: Verification, chain: ChainName, head: Head | None) -> Verification:
        place, end = verification.places.get(chain, Place()), verification.ends[chain]
        lines = list(self._lines(chain, place.sequence + 1, end))
        last = place.sequence + len(lines)
        heads = self._heads(chain, place.sequence, end, head) if last >= end or not lines else []
        verdict = verify(lines, self.ring, heads, Start(place.sequence + 1, place.hash))
        if verdict.intact and not lines:
            verdict = Verdict(0, Fault.TRUNCATED, last + 1, f"the chain reached entry {end}")
        if verdict.intact and head and not self._signed(head):
            verdict = Verdict(len(lines), Fault.BAD_SIGNATURE, head.sequence, "the head is not signed by the key")
        if not verdict.intact:
            return verification.change(broken=(*verification.broken, _link(chain, place, verdict)))
        reached = Place(sequence=last, hash=json.loads(lines[-1])["hash"])
        return verification.change(
            places=verification.places | {chain: reached}, entries=verification.entries | {chain: last}
        )

    def _signed(self, head: Head) -> bool:
        return self.ring.verifies(head.key_id, head.hash, head.signature)

    def _lines(self, chain: ChainName, first: int, end: int) -> Iterator[str]:
        """Entries as they are stored, from `first` on, to a signed one about a part further or to `end`."""
        count = 0
        while first <= end:
            last = min(end, (first // keys.BLOCK + 1) * keys.BLOCK - 1)
            block = keys.chain_block(self.company, chain, first)
            for record in self.services.store.records(Query(pk=block, between=(f"{first:012d}", f"{last:012d}"))):
                yield record.data
                count += 1
                if count >= PART + _SLACK or (count >= PART and '"signature":null' not in record.data):
                    return
            first = last + 1

    def _heads(self, chain: ChainName, after: int, end: int, head: Head | None) -> list[Mapping[str, Any]]:
        """What tells where the chain must reach: its head, and the newest copy of one in the locked bucket.

        A copy beyond the head is of a tail that was cut off; one between `end` and the head is of what joined since.
        """
        copies, now = self._locked(chain, after), self._head(chain)
        grown = now.sequence if now else 0
        kept = [told for told in copies if not end < int(told["sequence"]) <= grown]
        return [*kept, head.model_dump(mode="json")] if head and head.sequence == end else kept

    def _locked(self, chain: ChainName, after: int) -> list[Mapping[str, Any]]:
        """The newest copy of a head beyond a sequence: older ones say nothing that signatures do not."""
        prefix, newest = f"heads/{self.company}/{chain}/", ""
        for name in self.vault.names(prefix, f"{prefix}{after:012d}.json"):
            newest = name
        content = self.vault.read(newest, 10_000) if newest else None
        return [json.loads(content)] if content else []


def _link(chain: ChainName, place: Place, verdict: Verdict) -> BrokenLink:
    fault, sequence = verdict.fault or Fault.UNREADABLE, verdict.sequence or place.sequence + 1
    return BrokenLink(chain=chain, sequence=sequence, fault=fault, detail=verdict.detail[:200] or str(fault))


def conclude_verification(services: Services, event: Mapping[str, Any]) -> dict[str, Any]:
    """The writer's task: chain the verdict as a technical event; done before, nothing is done (FIS-08).

    `broken` has the run fail, which raises its alarm.
    """
    company, events = event["company"], services.events
    if events is None:
        raise RuntimeError("a verdict is chained in a function that can sign")
    key = keys.verification(company, event["job"])

    def work(tx: Transaction) -> dict[str, Any]:
        found = tx.require(VERIFICATION, key)
        if found.state is VerificationState.READ:
            state = VerificationState.BROKEN if found.broken else VerificationState.INTACT
            after = found.change(state=state)
            author = Author(company, found.operator, found.operator_name, services.clock.now())
            events.record(tx, author, "chains_verified", after.report().model_dump(mode="json"))
            tx.put(VERIFICATION, key, after)
        return {"outcome": "broken" if found.broken else "sealed"}

    return services.store.transact(work, [key, keys.chain_head(company, ChainName.EVENTS)])


def start(services: Services, company: str, verification: str, name: str) -> None:
    """Have the chains verified by the workflow."""
    if services.workflows:
        payload = {"task": "verify_chains", "company": company, "job": verification}
        services.workflows.start("jobs", name, payload)


def verify_due(services: Services) -> dict[str, int]:
    """Begin the verification of each company's chains, once a day however often it is called; for the schedule."""
    now, counts = services.clock.now(), {"verifications_started": 0, "failed": 0}
    for company in companies(services):
        id = derived_id("verification", company, f"{paris_date(now)}")
        asked = Verification(id=id, operator=None, operator_name=CLOCK, started_at=stamp(now))
        try:
            if services.store.transact(partial(begin, company=company, asked=asked)):
                start(services, company, id, f"verify-{id}")
                counts["verifications_started"] += 1
        except DomainError:
            counts["failed"] += 1
    return counts


def begin(tx: Transaction, company: str, asked: Verification) -> bool:
    """Note a verification, unless it is; whether it was noted now."""
    key = keys.verification(company, asked.id)
    if tx.get(VERIFICATION, key):
        return False
    tx.create(VERIFICATION, key, asked)
    return True


def resume_verifications(services: Services) -> dict[str, int]:
    """Have every verification that its run should have ended, and did not, go on; for the schedule."""
    now, counts = services.clock.now(), {"verifications_resumed": 0, "failed": 0}
    hour, late = f"{now:%Y%m%dT%H}", stamp(now - _RUN)
    for record in services.store.due(DUE_VERIFICATIONS, 2):
        found = services.store.require(VERIFICATION, record.key).value
        if found.state not in UNDER_WAY or found.started_at > late:
            continue
        try:
            start(services, record.key.company, found.id, f"verify-{found.id}-{hour}")
            counts["verifications_resumed"] += 1
        except DomainError:
            counts["failed"] += 1
    return counts
