"""What documents have taken: of an invoice by credit notes, of an order by invoices (CRN-01, INV-13)."""

from __future__ import annotations

from pydantic import Field

from comptoir.catalogue.pricing import VatRow
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.money import Exact, Money, Quantity


class LineCredit(Model):
    """What credit notes have taken of an invoice's line: a quantity and its net amount, and rebates."""

    quantity: Quantity
    returned: Money
    rebate: Money


class Balance(Model):
    """What credit notes, drafts included, have taken of an issued invoice (CRN-01).

    `credited` is with VAT, `rows` the bases and VAT of each rate, what final invoices deduct of a down
    payment included, `lines` by position. `closed_by` is the cancellation or replacement, draft included,
    that takes back the whole (INV-09).
    """

    credited: Money
    closed_by: Id | None = None
    documents: tuple[Id, ...] = ()
    rows: tuple[VatRow, ...] = ()
    lines: dict[int, LineCredit] = Field(default_factory=dict)


class DownPayment(Model):
    """A down-payment invoice of an order, its draft included (INV-13).

    `rows` are its bases and VAT less validated credit notes, `deducted` what the final invoices of
    `finals`, drafts included, take off.
    """

    document: Id
    rows: tuple[VatRow, ...]
    deducted: tuple[VatRow, ...] = ()
    finals: tuple[Id, ...] = ()


class Billing(Model):
    """What the invoices of an order, drafts included, hold of it beside the quantities (INV-13).

    `nets` and `transports` are what the quantities taken of each line come to, without VAT in the order's
    currency; `rows` the bases and VAT of each rate, down payments apart.
    """

    nets: dict[str, Exact] = Field(default_factory=dict)
    transports: dict[str, Exact] = Field(default_factory=dict)
    rows: tuple[VatRow, ...] = ()
    down_payments: tuple[DownPayment, ...] = ()
