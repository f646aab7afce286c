"""Contracts, what was billed of them, the actions they make, and the indexes that revise their prices."""

from __future__ import annotations

import zlib
from datetime import date

from comptoir.store.keys.indexes import SHARDS, due_partition
from comptoir.store.record import Index, Key

PERIOD = "PERIOD#"


def contract(company: str, contract: str) -> Key:
    """A contract."""
    return Key(f"{company}#CONTRACT#{contract}", "HEAD")


def contract_period(company: str, contract: str, start: date) -> Key:
    """A period of a contract that was billed: created once, whoever renews it (CTR-04)."""
    return Key(f"{company}#CONTRACT#{contract}", f"{PERIOD}{start}")


def contract_action(company: str, action: str) -> Key:
    """Something to do before a contract renews or its notice is over."""
    return Key(f"{company}#CONTRACTACTION#{action}", "HEAD")


def price_index(company: str, code: str) -> Key:
    """A published index with its values."""
    return Key(f"{company}#PRICEINDEX#{code}", "HEAD")


def contract_due(contract: str, order: str) -> Index:
    """Index place of a contract on which something is to be done, spread by contract and not by company."""
    return (due_partition("CONTRACT", zlib.crc32(contract.encode()) % len(SHARDS)), order)
