"""The table of routes: one file per context, each with its own `ROUTES`; a new file is added here."""

from __future__ import annotations

from . import access, ledger

ROUTES = (*access.ROUTES, *ledger.ROUTES)
