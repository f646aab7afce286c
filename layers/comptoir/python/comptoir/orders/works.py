"""Building or repair works at a customer's: what their quote must tell beside prices (RULES §1.5, QUO-01)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from comptoir.catalogue.model import Price
from comptoir.kernel.model import Model
from comptoir.kernel.text import Line


class Waste(Model):
    """The waste of the works (C. env. art. D541-45-1): how much, what becomes of it, its cost without VAT, where to."""

    quantity: Line
    handling: Line | None = None
    cost: Price
    collection_points: Annotated[tuple[Line, ...], Field(min_length=1, max_length=5)]


class Works(Model):
    """Where the works are done, what the quote itself costs without VAT (nothing: it is free), and their waste."""

    place: Line
    fee: Price | None = None
    waste: Waste | None = None
