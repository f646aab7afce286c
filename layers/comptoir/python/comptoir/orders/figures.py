"""What an order weighs, takes up and costs: figures made when its lines are saved (OFF-05)."""

from __future__ import annotations

from decimal import Decimal

from comptoir.catalogue.pricing import Group
from comptoir.kernel.model import Model
from comptoir.kernel.money import Exact, Money


class Figures(Model):
    """Sums over an order's lines, kept with its head so that reading them reads no line.

    Weights are in kilograms, the volume in m³; `unweighed` counts the goods lines that lack one of
    the three. `purchases` are the purchase amounts by currency, `unpriced` counts the lines without
    purchase price. `groups` are the subtotals by incoterm, the final one last.
    """

    net_weight: Exact = Decimal(0)
    gross_weight: Exact = Decimal(0)
    volume: Exact = Decimal(0)
    unweighed: int = 0
    purchases: tuple[Money, ...] = ()
    unpriced: int = 0
    groups: tuple[Group, ...] = ()
