"""Extending a chain: entries and the new signed head, in the caller's transaction (FIS-01).

The head's version is the only guard needed: whoever extends it read it, so that there is no gap
and no fork. The signature is made before the transaction is written; without the key nothing is.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from comptoir.kernel.clock import stamp
from comptoir.kernel.model import Model
from comptoir.kernel.text import canonical_json, sha256
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ORIGIN, ChainName, Entry, Head
from comptoir.ledger.series import Series
from comptoir.store import keys
from comptoir.store.transaction import Transaction


class Signer(Protocol):
    """Signs SHA-256 digests with ECDSA P-256 and gives DER bytes. Errors: `SigningFailed`."""

    @property
    def key_id(self) -> str: ...

    def sign(self, digest: bytes) -> bytes: ...


@dataclass(frozen=True)
class Fact:
    """What an entry records: its kind and its full content."""

    kind: str
    payload: Model


def extend(
    tx: Transaction,
    company: str,
    chain: ChainName,
    facts: Sequence[Fact],
    now: datetime,
    signer: Signer,
    series: Series | None = None,
) -> list[Entry]:
    """Append `facts` (at least one) to a chain and sign its new head; `series` is the one after them."""
    head_key = keys.chain_head(company, chain)
    head = tx.get(HEAD, head_key)
    entries = _link(company, chain, facts, stamp(now), head)
    signature = base64.b64encode(signer.sign(bytes.fromhex(entries[-1].hash))).decode()
    entries[-1] = entries[-1].change(signature=signature, key_id=signer.key_id)
    for entry in entries:
        tx.create(ENTRY, keys.chain_entry(company, chain, entry.sequence), entry)
    last = entries[-1]
    tx.put(
        HEAD,
        head_key,
        Head(
            company=company,
            chain=chain,
            sequence=last.sequence,
            hash=last.hash,
            at=last.at,
            signature=signature,
            key_id=signer.key_id,
            last_number=series.last_number if series else 0,
            last_date=series.last_date if series else None,
        ),
    )
    return entries


def _link(company: str, chain: ChainName, facts: Sequence[Fact], at: str, head: Head | None) -> list[Entry]:
    entries: list[Entry] = []
    previous, sequence = (head.hash, head.sequence) if head else (ORIGIN, 0)
    for fact in facts:
        sequence += 1
        payload = canonical_json(fact.payload.model_dump_json())
        draft = Entry(
            company=company,
            chain=chain,
            sequence=sequence,
            at=at,
            kind=fact.kind,
            payload=payload.decode(),
            payload_hash=sha256(payload),
            previous_hash=previous,
            hash="",
        )
        previous = draft.digest()
        entries.append(draft.change(hash=previous))
    return entries
