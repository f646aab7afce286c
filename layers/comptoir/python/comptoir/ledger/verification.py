"""Verifications of the chains: asked for, under way, and what they found (FIS-02, FIS-08)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.ledger.model import ORIGIN, ChainName
from comptoir.ledger.offline.chain import Fault
from comptoir.store import keys
from comptoir.store.record import Index, Kind


class VerificationState(StrEnum):
    """Being read; read, and its verdict not in the chain yet; then whole, or broken."""

    READING = "reading"
    READ = "read"
    INTACT = "intact"
    BROKEN = "broken"


UNDER_WAY = frozenset({VerificationState.READING, VerificationState.READ})


class Place(Model):
    """How far a chain is verified: the last entry, and its hash, which is genuine."""

    sequence: int = 0
    hash: Label = ORIGIN


class BrokenLink(Model):
    """The first broken link of a chain: which entry, and what happened to it."""

    chain: ChainName
    sequence: int
    fault: Fault
    detail: Line


class VerificationReport(Model):
    """A verification as it is shown: how many entries of each chain were read, and the first broken link of each."""

    id: Id
    operator: Id | None
    operator_name: Line
    started_at: Label
    finished_at: Label | None = None
    state: VerificationState = VerificationState.READING
    entries: dict[ChainName, int] = {}
    broken: tuple[BrokenLink, ...] = ()


class Verification(VerificationReport):
    """The same with what going on takes: how far each chain is verified, and how far it reached when it was come to."""

    places: dict[ChainName, Place] = {}
    ends: dict[ChainName, int] = {}

    def report(self) -> VerificationReport:
        """What is shown of it."""
        return VerificationReport(**self.picked(VerificationReport.model_fields))


DUE_VERIFICATIONS = "VERIFYING"
"""Work that heals: verifications that did not end."""


def _index(company: str, verification: Verification) -> Mapping[int, Index]:
    order = f"{verification.started_at}#{verification.id}"
    places = {1: keys.by_kind(company, "VERIFICATIONS", order)}
    if verification.state in UNDER_WAY:
        places[2] = keys.due(DUE_VERIFICATIONS, company, order)
    return places


VERIFICATION = Kind("verification", Verification, summarise=Verification.report, index=_index)
