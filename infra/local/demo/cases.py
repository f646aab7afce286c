"""An invoice of every VAT case, each to a customer of its own (INV-03, RULES §1.3 and §2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.demo.client import Answer
from infra.local.demo.workshop import Workshop, lines_of

_TERMS = [{"percentage": "100", "milestone": "invoice", "steps": [{"days": 30}]}]
_BREST = {"lines": ["8 rue de Siam"], "postcode": "29200", "city": "Brest", "country": "FR"}
_BERLIN = {"lines": ["Hafenstraße 1"], "postcode": "10115", "city": "Berlin", "country": "DE"}
_BOSTON = {"lines": ["1 Harbor Way"], "postcode": "02110", "city": "Boston", "country": "US"}
_FRENCH = {"address": _BREST, "siren": "552100554", "vat_number": "FR96552100554"}
_GERMAN = {"address": _BERLIN, "vat_number": "DE123456788", "vat_treatment": "intra_community", "language": "de"}
_AMERICAN = {"address": _BOSTON, "vat_treatment": "export", "language": "en"}
NORMAL, DEBITS, FRANCHISE = "normal", "debits", "franchise"


@dataclass(frozen=True)
class Case:
    """A case under its name: the customer, what is sold, and under which VAT regime of the company."""

    name: str
    customer: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    regime: str = NORMAL


def _goods(designation: str, price: str, **more: Any) -> dict[str, Any]:
    return {"designation": designation, "unit_price": price, **more}


def _service(designation: str, price: str, **more: Any) -> dict[str, Any]:
    return _goods(designation, price, kind="service", **more)


def cases(today: str) -> tuple[Case, ...]:
    """Every case, those that need another regime of the company last."""
    return (
        Case(
            "domestic",
            {"name": "Voilerie de l'Iroise", **_FRENCH},
            (
                _goods("Winch en bronze", "320.00", quantity="2", discount_rate="5", vat_rate="20"),
                _goods("Guide nautique", "24.17", quantity="3", vat_rate="5.5"),
            ),
        ),
        Case(
            "reverse-charge",
            {"name": "Bâtisseurs du Léon", **_FRENCH, "vat_treatment": "reverse_charge"},
            (_service("Pose de menuiseries (sous-traitance)", "2400.00"),),
        ),
        Case(
            "intra-community-goods",
            {"name": "Hanse Bootsbau GmbH", **_GERMAN, "vat_checked_on": today},
            (_goods("Beschlag aus Bronze", "180.00", quantity="4"),),
            {"delivery_date": today},
        ),
        Case(
            "intra-community-services",
            {"name": "Ostsee Charter GmbH", **_GERMAN, "vat_checked_on": today},
            (_service("Gutachten", "650.00"),),
        ),
        Case(
            "export",
            {"name": "Harbor Chandlery Inc.", **_AMERICAN},
            (_goods("Bronze cleat", "42.00", quantity="12"), _goods("Ocean freight", "210.00", kind="transport")),
        ),
        Case(
            "services-outside-union",
            {"name": "Cape Survey LLC", **_AMERICAN},
            (_service("Remote survey of drawings", "900.00"),),
        ),
        Case(
            "margin",
            {"name": "Antiquités de la Penfeld", **_FRENCH},
            (_goods("Sextant d'occasion", "480.00", vat_rate="0", vat_case="second_hand"),),
        ),
        Case(
            "dollars",
            {"name": "Armement Transmanche", **_FRENCH},
            (_goods("Radar de pont", "2150.00", vat_rate="20"),),
            {"currency": "USD"},
        ),
        Case(
            "debits",
            {"name": "Port de plaisance du Château", **_FRENCH},
            (_service("Révision de moteur", "760.00", vat_rate="20"),),
            {"period": {"start": today, "end": today}},
            DEBITS,
        ),
        Case(
            "franchise",
            {"name": "Club nautique de la Rade", **_FRENCH},
            (_goods("Pavillon brodé", "35.00", quantity="6"),),
            regime=FRANCHISE,
        ),
    )


def play_cases(workshop: Workshop) -> None:
    """Invoice every case, or find again what an earlier run invoiced."""
    today = workshop.stage.today.isoformat()
    with workshop.stage.step("Invoices of every VAT case"):
        workshop.client.post(
            "/exchange-rates", {"date": today, "source": "BCE", "rates": [{"currency": "USD", "rate": "1.0876"}]}
        )
        for case in cases(today):
            _invoice(workshop, case)
        _regime(workshop, NORMAL)


def _invoice(workshop: Workshop, case: Case) -> None:
    customer = workshop.customer(f"CAS-{case.name.upper()}", case.customer)
    made = workshop.documents(customer)
    workshop.settle(made[0] if made else _drafted(workshop, case, customer), case.name)


def _drafted(workshop: Workshop, case: Case, customer: str) -> Answer:
    _regime(workshop, case.regime)
    asked = {"customer": customer, "terms": _TERMS, "lines": list(lines_of(*case.lines)), **case.fields}
    return workshop.client.post("/invoices", asked, (201,))


def _regime(workshop: Workshop, regime: str) -> None:
    """Put the company under a VAT regime; under the franchise it has no VAT number to print."""
    identity = workshop.client.get("/company").body["identity"]
    if identity["vat_regime"] != regime:
        number = None if regime == FRANCHISE else workshop.stage.record.workshop["vat_number"]
        workshop.company({"identity": {"vat_regime": regime, "vat_number": number}})
