"""Index places that several contexts use: lists, and work that a schedule drives again."""

from __future__ import annotations

from comptoir.store.record import Index

_SHARDS = 16
SHARDS = range(_SHARDS)
"""Every shard of the work of a kind."""


def by_month(company: str, what: str, month: str, order: str) -> Index:
    """Index place of things listed by month (`what`: DOC, ORDER …), sorted by `order`."""
    return (f"{company}#{what}#{month}", order)


def by_kind(company: str, what: str, order: str) -> Index:
    """Index place of things listed all together, by name or code."""
    return (f"{company}#{what}", order)


def by_party(company: str, party: str, what: str, order: str) -> Index:
    """Index place of what hangs on a party, newest last."""
    return (f"{company}#PARTY#{party}#{what}", order)


def due(what: str, company: str, order: str) -> Index:
    """Index place of work that a schedule drives again, spread over shards."""
    return (due_partition(what, sum(company.encode()) % _SHARDS), order)


def due_partition(what: str, shard: int) -> str:
    """One shard of the work of a kind."""
    return f"DUE#{what}#{shard:02d}"
