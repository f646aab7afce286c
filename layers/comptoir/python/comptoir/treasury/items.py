"""How treasury lies in the table: one sheet for each request, with its order or with its invoice."""

from __future__ import annotations

from comptoir.store.record import Kind
from comptoir.treasury.model import Treasury

TREASURY = Kind("treasury", Treasury)
