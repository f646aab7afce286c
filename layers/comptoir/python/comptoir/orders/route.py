"""The route of an order, leg by leg, and where its shipments can be tracked (LOG-01)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from comptoir.kernel.explain import flaw, shaped
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line

MAX_LEGS = 20
MAX_LINKS = 30
HttpsUrl = Annotated[
    str,
    StringConstraints(max_length=2000),
    shaped(
        r"^https://([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}(:[0-9]{1,5})?"
        r"([/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?$",
        "Adresse https attendue, avec un nom de domaine et sans identifiants (https://suivi.example/XY12).",
        "An https address is expected, with a domain name and no credentials (https://track.example/XY12).",
    ),
]


class Mode(StrEnum):
    """How goods travel."""

    SEA = "sea"
    AIR = "air"
    ROAD = "road"
    RAIL = "rail"
    INLAND_WATER = "inland_water"
    COURIER = "courier"


class Planned(Model):
    """A date as it is expected, and as it was."""

    forecast: date | None = None
    actual: date | None = None

    @property
    def day(self) -> date | None:
        """The actual date, else the forecast one."""
        return self.actual or self.forecast


class Leg(Model):
    """A part of the route: from where to where, how, by whom, its departure (ETD) and arrival (ETA)."""

    origin: Line
    destination: Line
    mode: Mode
    containers: bool = False
    carrier: Line | None = None
    vessel: Label | None = None
    departure: Planned = Planned()
    arrival: Planned = Planned()

    @model_validator(mode="after")
    def _departs_first(self) -> Leg:
        for name in ("forecast", "actual"):
            start, end = getattr(self.departure, name), getattr(self.arrival, name)
            if start and end and end < start:
                raise flaw(
                    "arrival_before_departure",
                    "L'arrivée d'un trajet ne précède pas son départ.",
                    "A leg does not arrive before it departs.",
                )
        return self


class Tracking(Model):
    """Where a carrier tells how far a shipment has come."""

    carrier: Line
    number: Label | None = None
    url: HttpsUrl


Route = Annotated[tuple[Leg, ...], Field(max_length=MAX_LEGS)]
TrackingLinks = Annotated[tuple[Tracking, ...], Field(max_length=MAX_LINKS)]
