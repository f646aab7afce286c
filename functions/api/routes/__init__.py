"""The table of routes: one file per context, each with its own `ROUTES`; a new file is added here."""

from __future__ import annotations

from . import (
    access,
    accounting,
    archives,
    banking,
    catalogue,
    closings,
    contracts,
    documents,
    following,
    invoicing,
    ledger,
    mails,
    orders,
    own_purchases,
    parties,
    payments,
    purchases,
    rates,
    reminders,
    supplier_documents,
    templates,
    transfers,
)

_CONTEXTS = (
    access,
    parties,
    catalogue,
    orders,
    following,
    purchases,
    documents,
    templates,
    rates,
    invoicing,
    banking,
    payments,
    own_purchases,
    supplier_documents,
    transfers,
    mails,
    reminders,
    contracts,
    ledger,
    closings,
    archives,
    accounting,
)
ROUTES = tuple(route for context in _CONTEXTS for route in context.ROUTES)
