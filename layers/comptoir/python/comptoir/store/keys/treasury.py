"""Treasury sheets and payments."""

from __future__ import annotations

from comptoir.store.keys.invoicing import document_treasury
from comptoir.store.keys.orders import order_treasury
from comptoir.store.record import Key


def sheet(company: str, order: str | None, invoice: str) -> Key:
    """Where the treasury lines of an invoice's request lie: with its order, else with the invoice itself."""
    return order_treasury(company, order) if order else document_treasury(company, invoice)


def sheet_cash(sheet: Key) -> Key:
    """What the cash forecast has counted of a sheet of treasury lines."""
    return Key(f"{sheet.pk}#CASH", sheet.sk)


def cash(company: str, currency: str) -> Key:
    """What a company expects in a currency, by week and account."""
    return Key(f"{company}#CASH#{currency}", "HEAD")


def cash_behind(sheet: Key) -> Key:
    """A sheet of treasury lines that the cash forecast could not count."""
    return Key(f"{sheet.company}#CASH#BEHIND", f"{sheet.pk}#{sheet.sk}")


def payment(company: str, payment: str) -> Key:
    """A payment, refund, deduction or counter-entry, as the chain of payments holds it."""
    return Key(f"{company}#PAYMENT#{payment}", "HEAD")
