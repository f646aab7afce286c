"""The cash to come counted again from every sheet of treasury lines in the table, without the rules under test."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from comptoir.banking.cash import CASH
from comptoir.store import codec, keys
from comptoir.store.memory import MemoryBackend
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury
from tests.world import World

_OPEN = ("forecast", "firm", "invoiced", "credit_to_deduct")
Counted = dict[tuple[str, str, bool], Decimal]
"""Amounts by Monday ("" without a day), IBAN ("" without an account) and whether only offered."""


def recomputed(world: World, currency: str) -> Counted:
    """What is open of all lines in a currency."""
    found: Counted = defaultdict(Decimal)
    backend = world.services.store.backend
    assert isinstance(backend, MemoryBackend)
    for item in backend._items.values():
        if item["t"]["S"] != TREASURY.name:
            continue
        record = codec.decode(item)
        sheet = TREASURY.load(record)
        sign = -1 if "SUPPLIER" in record.key.sk or _owed(sheet) else 1
        for line in sheet.lines:
            if line.amount.currency != currency or line.status.value not in _OPEN:
                continue
            day = line.forecast_date
            week = str(day - timedelta(days=day.isoweekday() - 1)) if day else ""
            iban = line.bank_account.iban if line.bank_account else ""
            found[week, iban, line.status.value == "forecast"] += sign * line.amount.amount
    return {place: amount for place, amount in found.items() if amount}


def _owed(sheet: Treasury) -> bool:
    return sheet.debtor is not None and sheet.debtor.side.value == "supplier"


def stored(world: World, currency: str) -> Counted:
    """What the table keeps counted."""
    kept = world.services.store.get(CASH, keys.cash(world.company, currency))
    found: Counted = {}
    for text, amount in kept.value.flows.items() if kept else ():
        told, week, iban, offered = text.split("|")
        assert (told, amount.currency) == (currency, currency)
        found[week, iban, bool(offered)] = amount.amount
    return found
