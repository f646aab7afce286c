"""The signed chains, for anyone of the company who wants to verify them."""

from __future__ import annotations

from comptoir.ledger.model import Head
from comptoir.ledger.queries import Entries, PublicKeys, ReadEntries, ReadHead, ReadPublicKeys

from ..routing import Route

ROUTES = (
    Route("GET", "/ledger/keys", ReadPublicKeys, PublicKeys),
    Route("GET", "/ledger/{chain}/head", ReadHead, Head),
    Route("GET", "/ledger/{chain}/entries", ReadEntries, Entries),
)
