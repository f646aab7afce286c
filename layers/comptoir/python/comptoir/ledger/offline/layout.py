"""Where things lie in an archive."""

from __future__ import annotations

MANIFEST, SIGNATURE, KEYS, HEADS = "manifest.json", "signature.json", "keys.json", "heads.jsonl"
CHAINS = ("documents", "payments", "closings", "events")
SEALED = "archive_sealed"
"""The technical event that tells the hash of a manifest."""


def chain_file(chain: str, number: int) -> str:
    """A file of a chain's entries, one JSON object per line; a long chain goes on in the file of the next number."""
    return f"chains/{chain}-{number:04d}.jsonl"
