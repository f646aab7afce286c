"""What the tests of down payments stand on: products sold, parts of them asked, and what documents charge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from comptoir.catalogue.pricing import VatRow
from comptoir.invoicing.deductions import charged
from comptoir.invoicing.model import Document, OrderQuantity
from comptoir.invoicing.shares import rows_moved
from comptoir.orders.model import LineInput, OrderLine


def product(quantity: str, price: str, **fields: Any) -> LineInput:
    """A line of an offer."""
    given = {"designation": "Bouée", "quantity": Decimal(quantity), "unit_price": Decimal(price)}
    return LineInput.model_validate(given | fields)


def ask(line: OrderLine, quantity: str | Decimal) -> OrderQuantity:
    """So much of a line to invoice."""
    return OrderQuantity(line=line.id, quantity=Decimal(quantity))


def rows_of(*documents: Document) -> tuple[VatRow, ...]:
    """What documents charge together, rate by rate."""
    rows: tuple[VatRow, ...] = ()
    for one in documents:
        rows = rows_moved(rows, charged(one.totals, one.deductions).rows, one.kind.sign)
    return tuple(sorted(rows, key=lambda row: -row.rate))
