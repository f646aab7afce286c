"""How the transport that a sale incoterm includes is told to the customer (OFF-06)."""

from __future__ import annotations

from enum import StrEnum

from comptoir.catalogue.incoterms import Incoterm
from comptoir.catalogue.model import Price
from comptoir.kernel.model import Model
from comptoir.kernel.money import Rate
from comptoir.kernel.text import Line


class TransportDetail(StrEnum):
    """Not at all, on each goods line through an intermediate incoterm, or once for the order."""

    NONE = "none"
    LINES = "lines"
    ORDER = "order"


class Transport(Model):
    """The detail of transport that an order gives.

    Line by line, goods stand on the intermediate incoterm, one without main carriage, and their
    transport on the sale's. For the order, the amounts are without VAT, in the order's currency, at
    `vat_rate`, by default the one that fits the sale, and are lines of their own on documents.
    """

    detail: TransportDetail = TransportDetail.NONE
    intermediate_incoterm: Incoterm | None = None
    intermediate_place: Line | None = None
    transport_amount: Price | None = None
    insurance_amount: Price | None = None
    vat_rate: Rate | None = None
