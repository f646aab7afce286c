"""Chains, and periods open or closed."""

from __future__ import annotations

from comptoir.store.record import Key

BLOCK = 100
"""Entries of a chain per partition: partitions stay bounded."""


def chain_head(company: str, chain: str) -> Key:
    """The head of a chain: last sequence, hash, date, number."""
    return Key(f"{company}#CHAIN#{chain}", "HEAD")


def chain_block(company: str, chain: str, sequence: int) -> str:
    """The partition of the block of entries that holds `sequence`."""
    return f"{company}#CHAIN#{chain}#{sequence // BLOCK:08d}"


def chain_entry(company: str, chain: str, sequence: int) -> Key:
    """One entry of a chain."""
    return Key(chain_block(company, chain, sequence), f"{sequence:012d}")


def periods(company: str) -> Key:
    """How far the periods of a company are closed."""
    return Key(f"{company}#PERIODS", "HEAD")


def closing(company: str, kind: str, name: str) -> Key:
    """The closing of a day, a month or a fiscal year."""
    return Key(f"{company}#CLOSING#{kind}#{name}", "HEAD")


def closing_progress(company: str) -> Key:
    """How far the entries of the day that is being closed are counted."""
    return Key(f"{company}#PERIODS", "PROGRESS")


def archive(company: str, kind: str, name: str) -> Key:
    """The archive of a closed month or fiscal year."""
    return Key(f"{company}#ARCHIVE#{kind}#{name}", "HEAD")


def verification(company: str, id: str) -> Key:
    """A verification of the chains, and what it found."""
    return Key(f"{company}#VERIFICATION#{id}", "HEAD")
