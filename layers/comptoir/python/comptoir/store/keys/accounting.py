"""The books: chart of accounts, exports, and what they have taken."""

from __future__ import annotations

from comptoir.store.keys.ledger import BLOCK
from comptoir.store.record import Key


def chart(company: str) -> Key:
    """The chart of accounts of a company."""
    return Key(f"{company}#COMPANY", "CHART")


def books(company: str) -> Key:
    """The last number given to an accounting export, and the one that is being written."""
    return Key(f"{company}#BOOKS", "HEAD")


def accounting_export(company: str, export: str) -> Key:
    """An accounting export and the files that it became."""
    return Key(f"{company}#BOOKEXPORT#{export}", "HEAD")


def posted(company: str, source: str, sequence: int) -> Key:
    """What accounting exports have taken of a block of entries of a source."""
    return Key(f"{company}#POSTED#{source}#{sequence // BLOCK:08d}", "HEAD")
