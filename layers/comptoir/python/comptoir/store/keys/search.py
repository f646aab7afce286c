"""What the search keeps beside its entries."""

from __future__ import annotations

from comptoir.store.record import Key


def failed_indexing(thing: Key, version: int) -> Key:
    """A change of a thing whose search entries could not be written."""
    return Key(f"{thing.company}#SEARCH#FAILED", f"{thing.pk}#{version:012d}")
