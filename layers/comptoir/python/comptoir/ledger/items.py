"""How chains and months lie in the table."""

from __future__ import annotations

from comptoir.ledger.model import Entry, Head, Month
from comptoir.store.record import Kind

ENTRY = Kind("entry", Entry)
HEAD = Kind("head", Head)
MONTH = Kind("month", Month)
