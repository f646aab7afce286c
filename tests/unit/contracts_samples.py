"""Contracts as values, for what needs no table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from comptoir.contracts.model import Contract, ContractLine, Reminder, Side
from comptoir.kernel.ids import derived_id


def contract_line(price: str | Decimal = "100", quantity: str = "1", number: int = 1, **fields: Any) -> ContractLine:
    """A line of a contract."""
    given = {"designation": "Maintenance", "unit": "mois", "vat_rate": Decimal(20)}
    own = {"id": derived_id("line", str(number)), "quantity": Decimal(quantity), "unit_price": Decimal(price)}
    return ContractLine(**(given | own | fields))


def reminder(**fields: Any) -> Reminder:
    """A call a month ahead of the renewal."""
    given = {"id": derived_id("reminder"), "label": "Appeler le client", "owner": derived_id("owner")}
    return Reminder(**(given | fields))


def contract(**fields: Any) -> Contract:
    """A contract of 100.00 a month without end, begun on the first of January 2027."""
    given: dict[str, Any] = {
        "id": derived_id("contract"),
        "number": "CT-000001",
        "side": Side.CUSTOMER,
        "party": derived_id("party"),
        "party_name": "Conserverie du port",
        "name": "Maintenance",
        "currency": "EUR",
        "start": date(2027, 1, 1),
        "lines": (contract_line(),),
        "created_on": date(2026, 11, 21),
        "created_by": "Opérateur manager",
    }
    return Contract(**(given | fields))
