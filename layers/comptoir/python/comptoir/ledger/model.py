"""Chains, their entries and heads (FIS-01, RULES §3.4)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, canonical, sha256

ORIGIN = "0" * 64
"""What the first entry of a chain names as its predecessor's hash."""


class ChainName(StrEnum):
    """The streams of a company; a closing seals the heads of the others."""

    DOCUMENTS = "documents"
    PAYMENTS = "payments"
    CLOSINGS = "closings"
    EVENTS = "events"


class Entry(Model):
    """One link: the full frozen content of a fact, chained to the one before.

    `payload` is canonical JSON; `hash` covers every field but the signature; `signature` (base64
    of a DER ECDSA P-256 signature over `hash`) stands on the last entry of each block that was
    written together and covers, through the chain, all before it.
    """

    format: int = 1
    company: Id
    chain: ChainName
    sequence: int
    at: str
    kind: Label
    payload: str
    payload_hash: str
    previous_hash: str
    hash: str
    signature: str | None = None
    key_id: str | None = None

    def digest(self) -> str:
        """The hash that this content must have, 64 hexadecimal digits."""
        covered = {
            "format": self.format,
            "company": self.company,
            "chain": self.chain,
            "sequence": self.sequence,
            "at": self.at,
            "kind": self.kind,
            "payload_hash": sha256(self.payload.encode()),
            "previous_hash": self.previous_hash,
        }
        return sha256(canonical(covered))


class Head(Model):
    """Where a chain stands: last sequence and hash, signed; for documents, number and date too.

    A copy of each head lies in the locked bucket, so that cutting the tail of the chain shows.
    """

    company: Id
    chain: ChainName
    sequence: int
    hash: str
    at: str
    signature: str
    key_id: str
    last_number: int = 0
    last_date: date | None = None


class Periods(Model):
    """How far a company has closed its days, months and fiscal years; each is the last day that is closed (FIS-03).

    `since` is the first day that was ever closed. While none is, everything is open.
    """

    since: date | None = None
    through: date | None = None
    months_through: date | None = None
    years_through: date | None = None
