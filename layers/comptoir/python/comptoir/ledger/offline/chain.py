"""Verifying a chain, with the public keys alone (FIS-02, RULES §3.4 rule 7).

What a valid signature covers, directly or through the hashes that lead to it, is genuine. Walking
the export in order, the first entry that breaks the chain is named with what happened to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

ORIGIN = "0" * 64
"""What the first entry of a chain names as its predecessor's hash."""

_TEXTS = ("company", "chain", "at", "kind", "payload", "payload_hash", "previous_hash", "hash")
_NUMBERS = ("format", "sequence")
_OPTIONAL = ("signature", "key_id")
_FIELDS = {*_TEXTS, *_NUMBERS, *_OPTIONAL}
Entry = Mapping[str, Any]
"""One entry as it was exported: the fields of `comptoir.ledger.model.Entry`."""


class Ring(Protocol):
    """Whatever verifies signatures."""

    def verifies(self, key_id: object, digest: object, signature: object) -> bool: ...


class Fault(StrEnum):
    """What can have happened to a chain, to a closing or to the files of an archive."""

    UNREADABLE = "unreadable"
    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    BAD_SIGNATURE = "bad_signature"
    UNSIGNED = "unsigned"
    TRUNCATED = "truncated"
    FOREIGN = "foreign"
    TOTALS_DIFFER = "totals_differ"
    FILE_MISSING = "file_missing"
    FILE_ALTERED = "file_altered"
    FILE_UNKNOWN = "file_unknown"


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


@dataclass(frozen=True)
class Start:
    """Where a part of a chain begins; `previous` is the hash before it, None when nothing else tells it."""

    sequence: int = 1
    previous: str | None = ORIGIN


WHOLE = Start()


@dataclass(frozen=True, slots=True)
class _Link:
    """What is kept of an entry: memory stays small on long chains."""

    scope: tuple[str, str]
    sequence: int
    stated: str
    actual: str
    previous: str
    signed: bool | None


def read_entry(line: str | bytes) -> Entry:
    """The entry of one line. Errors: `ValueError` when it is none, or says anything more."""
    entry = json.loads(line, object_pairs_hook=_once)
    if not isinstance(entry, dict) or not _FIELDS - set(_OPTIONAL) <= set(entry) <= _FIELDS:
        raise ValueError("these are not the fields of an entry")
    if not all(isinstance(entry[name], str) for name in _TEXTS):
        raise ValueError("an entry's texts are texts")
    if not all(type(entry[name]) is int for name in _NUMBERS):
        raise ValueError("an entry's format and sequence are whole numbers")
    return entry


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; the same name twice would let two readers see two things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest(entry: Entry) -> str:
    """The hash that an entry must have: of the canonical JSON of all its fields but the signature."""
    covered = {name: entry[name] for name in ("format", "company", "chain", "sequence", "at", "kind", "previous_hash")}
    covered["payload_hash"] = sha256(entry["payload"])
    return sha256(json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def verify(
    lines: Iterable[str | bytes], ring: Ring, heads: Iterable[Mapping[str, Any]] = (), start: Start = WHOLE
) -> Verdict:
    """Verify an export: one entry per line in order from `start`, with the heads kept in the locked bucket.

    Without heads, a tail cut off at the end of a signed block cannot show.
    """
    links: list[_Link] = []
    for number, line in enumerate(lines, start=1):
        try:
            links.append(_link(read_entry(line), ring))
        except ValueError as error:
            return Verdict(number - 1, Fault.UNREADABLE, start.sequence + number - 1, f"line {number}: {error}")
    trusted = [head for head in heads if ring.verifies(head.get("key_id"), head.get("hash"), head.get("signature"))]
    return _walk(links, trusted, start)


def _link(entry: Entry, ring: Ring) -> _Link:
    actual = digest(entry)
    signature = entry.get("signature")
    signed = ring.verifies(entry.get("key_id"), actual, signature) if signature else None
    # The payload's own hash is stated beside it: stating another one is an alteration too.
    stated = entry["hash"] if entry["payload_hash"] == sha256(entry["payload"]) else ""
    return _Link((entry["company"], entry["chain"]), entry["sequence"], stated, actual, entry["previous_hash"], signed)


def _genuine(links: list[_Link], heads: list[Mapping[str, Any]]) -> set[str]:
    """Hashes that a valid signature covers: anchors, and all that they lead back to."""
    known = {link.actual: link for link in links}
    genuine: set[str] = set()
    for anchor in [link.actual for link in links if link.signed] + [str(head["hash"]) for head in heads]:
        cursor = anchor
        while cursor in known and cursor not in genuine:
            genuine.add(cursor)
            cursor = known[cursor].previous
        genuine.add(cursor)
    return genuine


def _walk(links: list[_Link], heads: list[Mapping[str, Any]], start: Start) -> Verdict:
    genuine = _genuine(links, heads)
    covered = max((n for n, link in enumerate(links) if link.actual in genuine), default=-1)
    expected, previous = start.sequence, start.previous
    for position, link in enumerate(links):
        fault = _misplaced(link, expected, links) or _broken(position, previous, links, genuine)
        if fault is not None:
            named = expected if fault in (Fault.MISSING, Fault.REORDERED) else link.sequence
            return Verdict(len(links), fault, named, f"line {position + 1}")
        expected, previous = link.sequence + 1, link.actual
    verdict = _against_heads(links, heads, start)
    if verdict.intact and covered < len(links) - 1:
        return Verdict(len(links), Fault.UNSIGNED, links[covered + 1].sequence, "no valid signature covers the tail")
    return verdict


def _misplaced(link: _Link, expected: int, links: list[_Link]) -> Fault | None:
    if link.scope != links[0].scope:
        return Fault.FOREIGN
    if link.sequence > expected:
        return Fault.REORDERED if any(other.sequence == expected for other in links) else Fault.MISSING
    return Fault.INSERTED if link.sequence < expected else None


def _broken(position: int, previous: str | None, links: list[_Link], genuine: set[str]) -> Fault | None:
    link = links[position]
    if link.stated != link.actual or previous not in (None, link.previous):
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


def _against_heads(links: list[_Link], heads: list[Mapping[str, Any]], start: Start) -> Verdict:
    last = start.sequence + len(links) - 1
    for head in sorted(heads, key=lambda head: int(head["sequence"])):
        sequence = int(head["sequence"])
        if sequence < start.sequence or (links and (head["company"], head["chain"]) != links[0].scope):
            continue
        if sequence > last:
            detail = f"a locked head at sequence {sequence} shows that the tail is missing"
            return Verdict(len(links), Fault.TRUNCATED, last + 1, detail)
        if links[sequence - start.sequence].actual != head["hash"]:
            return Verdict(len(links), Fault.ALTERED, sequence, "differs from the locked head")
    return Verdict(len(links))
