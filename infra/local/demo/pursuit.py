"""What follows the order in US dollars: route, tracking, milestones, formalities, actions with their dates."""

from __future__ import annotations

import datetime as dt

from infra.local.demo.dollars import Desk
from infra.local.demo.stage import Stage

_FORMALITIES = (
    {
        "code": "certificate-of-origin",
        "label": "Demander le certificat d'origine",
        "label_en": "Ask for the certificate of origin",
        "role": "logistics",
        "when": {"milestone": "etd", "alert_days": -15, "due_days": -5},
        "countries": ["US"],
    },
    {
        "code": "export-declaration",
        "label": "Déposer la déclaration d'exportation (DAU)",
        "label_en": "Lodge the export declaration",
        "role": "logistics",
        "when": {"milestone": "etd", "alert_days": -4, "due_days": -1},
        "countries": ["US", "GB", "CH"],
    },
)
_BOOKING = {
    "label": "Réserver le fret",
    "label_en": "Book the freight",
    "role": "logistics",
    "when": {"milestone": "etd", "alert_days": -30, "due_days": -20},
}
_TRACKING = {"carrier": "Armor Lines", "number": "MSKU1234565", "url": "https://suivi.example/c?n=MSKU1234565"}


def set_route(stage: Stage, desk: Desk) -> None:
    """Plan the route: its departure is the date that a payment term waits for."""
    leaves, comes = (stage.today + dt.timedelta(days=days) for days in (28, 49))
    leg = {
        "origin": "Le Havre",
        "destination": "Boston, MA",
        "mode": "sea",
        "carrier": "Armor Lines",
        "departure": {"forecast": leaves.isoformat()},
        "arrival": {"forecast": comes.isoformat()},
    }
    desk.put("/route", {"route": [leg]})
    stage.tell(f"Le Havre, {leaves}, to Boston, {comes}")


def save_formalities(stage: Stage, desk: Desk) -> None:
    """Define what the company has to do on exports, before the confirmation makes actions of it."""
    administrator = desk.house["administrator"]
    read = administrator.get("/formalities")
    if not read.body["formalities"]:
        administrator.put("/formalities", {"formalities": _FORMALITIES}, version=read.version)
    stage.tell(f"formalities of the company: {', '.join(str(one['code']) for one in _FORMALITIES)}")


def follow(stage: Stage, desk: Desk) -> None:
    """Say whose the order is and where it can be tracked, add an action by hand, and list all dates."""
    with stage.step("Milestones, formalities, actions"):
        if not desk.order()["tracking"]:
            everybody = desk.house["administrator"].every("/operators")
            logistics = next(one["id"] for one in everybody if one["profile"] == "logistics")
            desk.patch("/operators", {"logistics_operator": logistics})
            desk.sales.post(f"{desk.path}/actions", _BOOKING, (201,), key="demo-usd-booking")
            desk.put("/tracking", {"links": [_TRACKING]})
        milestones = desk.sales.get(f"{desk.path}/milestones").body["items"]
        for one in milestones:
            stage.tell(f"{one['label']}: {one['actual'] or one['forecast']}")
        actions = desk.sales.get(f"{desk.path}/actions").body["actions"]
        for one in actions:
            late = f", {one['lateness']}" if one["lateness"] else ""
            stage.tell(f"{one['label']}: alert {one['alert_on']}, due {one['due_on']}{late}")
        stage.record.trade["milestones"] = [
            {name: one[name] for name in ("name", "label", "forecast", "actual", "terms")} for one in milestones
        ]
        stage.record.trade["actions"] = [
            {name: one[name] for name in ("label", "formality", "alert_on", "due_on", "state")} for one in actions
        ]
