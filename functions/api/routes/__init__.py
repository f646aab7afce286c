"""The table of routes: one file per context, each with its own `ROUTES`; a new file is added here."""

from __future__ import annotations

from . import access, catalogue, documents, following, invoicing, ledger, orders, parties, purchases, templates

_CONTEXTS = (access, parties, catalogue, orders, following, purchases, documents, templates, invoicing, ledger)
ROUTES = tuple(route for context in _CONTEXTS for route in context.ROUTES)
