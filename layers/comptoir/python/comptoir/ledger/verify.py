"""Verifying a chain in the product: the very code that archives carry, on the product's own heads (FIS-02)."""

from __future__ import annotations

from collections.abc import Iterable

from comptoir.ledger.model import Head
from comptoir.ledger.offline import chain
from comptoir.ledger.offline.chain import Fault as Fault
from comptoir.ledger.offline.chain import Verdict as Verdict
from comptoir.ledger.offline.keyring import KeyRing as KeyRing


def verify(
    lines: Iterable[str | bytes], ring: KeyRing, heads: Iterable[Head] = (), start: chain.Start = chain.WHOLE
) -> Verdict:
    """Verify entries, one per line in order from `start`, with the heads kept in the locked bucket."""
    return chain.verify(lines, ring, [head.model_dump(mode="json") for head in heads], start)
