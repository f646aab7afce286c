"""Exchange rates that a company has taken from who publishes them."""

from __future__ import annotations

from comptoir.store.record import Key

RATES = "MONTH#"


def exchange_rates(company: str, currency: str, month: str) -> Key:
    """The rates of a currency published in a month (`2026-11`)."""
    return Key(f"{company}#RATES#{currency}", f"{RATES}{month}")
