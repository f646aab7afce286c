"""Since when a company uses the product: the first day that is closed (RULES §3.3)."""

from __future__ import annotations

import json
from datetime import date, datetime

from comptoir.kernel.clock import paris_date
from comptoir.ledger.items import ENTRY
from comptoir.ledger.model import ChainName, Entry
from comptoir.ledger.offline.closings import COUNTED
from comptoir.store import keys
from comptoir.store.store import Store


def first_use(store: Store, company: str) -> date | None:
    """The day on which the company was opened, or an earlier one that its first document or payment is dated."""
    wanted = [keys.chain_entry(company, chain, 1) for chain in (ChainName.EVENTS, *COUNTED)]
    found = map(ENTRY.load, store.backend.get(wanted).values())
    return min(map(_day, found), default=None)


def _day(entry: Entry) -> date:
    if entry.chain is ChainName.EVENTS:
        return paris_date(datetime.fromisoformat(entry.at))
    return date.fromisoformat(json.loads(entry.payload)[COUNTED[entry.chain]])
