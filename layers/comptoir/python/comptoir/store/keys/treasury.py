"""Treasury sheets and payments."""

from __future__ import annotations

from comptoir.store.keys.invoicing import document_treasury
from comptoir.store.keys.orders import order_treasury
from comptoir.store.record import Key


def sheet(company: str, order: str | None, invoice: str) -> Key:
    """Where the treasury lines of an invoice's request lie: with its order, else with the invoice itself."""
    return order_treasury(company, order) if order else document_treasury(company, invoice)


def payment(company: str, payment: str) -> Key:
    """A payment, refund, deduction or counter-entry, as the chain of payments holds it."""
    return Key(f"{company}#PAYMENT#{payment}", "HEAD")
