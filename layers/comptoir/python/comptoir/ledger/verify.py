"""Verifying a chain offline, with the public keys alone (FIS-02, RULES §3.4 rule 7).

What a valid signature covers, directly or through the hashes that lead to it, is genuine. Walking
the export in order, the first entry that breaks the chain is named with what happened to it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from pydantic import ValidationError

from comptoir.ledger.model import ORIGIN, Entry, Head


class Fault(StrEnum):
    """What can have happened to a chain."""

    UNREADABLE = "unreadable"
    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    BAD_SIGNATURE = "bad_signature"
    UNSIGNED = "unsigned"
    TRUNCATED = "truncated"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Verdict:
    """The outcome: `fault` None when the chain is whole; else the first sequence concerned."""

    entries: int
    fault: Fault | None = None
    sequence: int | None = None
    detail: str = ""

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.fault is None


@dataclass(frozen=True, slots=True)
class _Link:
    """What is kept of an entry: memory stays small on long chains."""

    scope: tuple[str, str]
    sequence: int
    stated: str
    actual: str
    previous: str
    signed: bool | None


class KeyRing:
    """Public keys by key id (PEM), checking ECDSA P-256 signatures over SHA-256 digests."""

    def __init__(self, pems: Mapping[str, str]) -> None:
        self._keys: dict[str, Any] = {i: serialization.load_pem_public_key(p.encode()) for i, p in pems.items()}

    def verifies(self, key_id: str | None, digest: str, signature: str | None) -> bool:
        """Whether `signature` (base64 DER) is that key's over `digest` (hexadecimal)."""
        key = self._keys.get(key_id or "")
        if not isinstance(key, ec.EllipticCurvePublicKey) or signature is None:
            return False
        try:
            raw = base64.b64decode(signature, validate=True)
            key.verify(raw, bytes.fromhex(digest), ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def verify(lines: Iterable[str | bytes], ring: KeyRing, heads: Iterable[Head] = ()) -> Verdict:
    """Verify an export: one entry per line in order, with the heads kept in the locked bucket.

    Without heads, a tail cut off at the end of a signed block cannot show.
    """
    links: list[_Link] = []
    for number, line in enumerate(lines, start=1):
        try:
            entry = Entry.model_validate_json(line)
        except ValidationError as error:
            return Verdict(number - 1, Fault.UNREADABLE, number, f"line {number}: {error.error_count()} faults")
        links.append(_link(entry, ring))
    trusted = [head for head in heads if ring.verifies(head.key_id, head.hash, head.signature)]
    return _walk(links, trusted)


def _link(entry: Entry, ring: KeyRing) -> _Link:
    actual = entry.digest()
    signed = ring.verifies(entry.key_id, actual, entry.signature) if entry.signature else None
    # The payload's own hash is stated beside it: stating another one is an alteration too.
    stated = entry.hash if entry.payload_hash == _payload_hash(entry) else ""
    return _Link((entry.company, entry.chain), entry.sequence, stated, actual, entry.previous_hash, signed)


def _payload_hash(entry: Entry) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(entry.payload.encode())
    return digest.finalize().hex()


def _genuine(links: list[_Link], heads: list[Head]) -> set[str]:
    """Hashes that a valid signature covers: anchors, and all that they lead back to."""
    known = {link.actual: link for link in links}
    genuine: set[str] = set()
    for anchor in [link.actual for link in links if link.signed] + [head.hash for head in heads]:
        cursor = anchor
        while cursor in known and cursor not in genuine:
            genuine.add(cursor)
            cursor = known[cursor].previous
        genuine.add(cursor)
    return genuine


def _walk(links: list[_Link], heads: list[Head]) -> Verdict:
    genuine = _genuine(links, heads)
    covered = max((n for n, link in enumerate(links) if link.actual in genuine), default=-1)
    expected, previous = 1, ORIGIN
    for position, link in enumerate(links):
        fault = _misplaced(link, expected, links) or _broken(position, previous, links, genuine)
        if fault is not None:
            named = expected if fault in (Fault.MISSING, Fault.REORDERED) else link.sequence
            return Verdict(len(links), fault, named, f"line {position + 1}")
        expected, previous = link.sequence + 1, link.actual
    verdict = _against_heads(links, heads)
    if verdict.intact and covered < len(links) - 1:
        return Verdict(len(links), Fault.UNSIGNED, links[covered + 1].sequence, "no valid signature covers the tail")
    return verdict


def _misplaced(link: _Link, expected: int, links: list[_Link]) -> Fault | None:
    if link.scope != links[0].scope:
        return Fault.FOREIGN
    if link.sequence > expected:
        return Fault.REORDERED if any(other.sequence == expected for other in links) else Fault.MISSING
    return Fault.INSERTED if link.sequence < expected else None


def _broken(position: int, previous: str, links: list[_Link], genuine: set[str]) -> Fault | None:
    link = links[position]
    if link.stated != link.actual or link.previous != previous:
        return Fault.ALTERED
    if link.signed is False:
        return Fault.BAD_SIGNATURE
    following = links[position + 1] if position + 1 < len(links) else None
    if link.actual in genuine or following is None or following.stated != following.actual:
        return None
    # Consistent in itself, but what follows was chained to something else: it took another's place.
    if following.previous == link.actual or following.sequence > link.sequence + 1:
        return None
    rivals = any(other.sequence == link.sequence and other is not link for other in links)
    return Fault.INSERTED if rivals else Fault.ALTERED


def _against_heads(links: list[_Link], heads: list[Head]) -> Verdict:
    for head in sorted(heads, key=lambda head: head.sequence):
        if links and (head.company, head.chain) != links[0].scope:
            continue
        if head.sequence > len(links):
            detail = f"a locked head at sequence {head.sequence} shows that the tail is missing"
            return Verdict(len(links), Fault.TRUNCATED, len(links) + 1, detail)
        if links[head.sequence - 1].actual != head.hash:
            return Verdict(len(links), Fault.ALTERED, head.sequence, "differs from the locked head")
    return Verdict(len(links))
