"""Copies of the heads of chains in the locked bucket: they make a tail cut off a chain show (RULES §3.4 rule 5)."""

from __future__ import annotations

from typing import Protocol

from comptoir.ledger.items import HEAD
from comptoir.ledger.model import ChainName
from comptoir.store import keys
from comptoir.store.store import Store


class Vault(Protocol):
    """The locked bucket: a key is written once, and writing the same bytes again changes nothing."""

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None: ...


def copy_heads(store: Store, vault: Vault, company: str) -> None:
    """Copy the heads of all chains of a company as they stand."""
    found = store.backend.get([keys.chain_head(company, chain) for chain in ChainName])
    for head in map(HEAD.load, found.values()):
        name = f"{head.sequence:012d}.json"
        vault.put(f"heads/{company}/{head.chain}/{name}", head.model_dump_json().encode(), "application/json", name)
