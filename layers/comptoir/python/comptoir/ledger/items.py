"""How chains and periods lie in the table."""

from __future__ import annotations

from comptoir.ledger.model import Entry, Head, Periods
from comptoir.store.record import Kind

ENTRY = Kind("entry", Entry)
HEAD = Kind("head", Head)
PERIODS = Kind("periods", Periods)
