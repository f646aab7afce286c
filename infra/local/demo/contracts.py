"""A maintenance company lives on contracts: renewed by the clock's own path and by hand, once each, one of them ended.

It is a company apart, so that its renewals depend on nothing else that is played. Everything is found again by name.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from comptoir.kernel.spans import months_after
from infra.local.demo import billing, mails
from infra.local.demo.client import Answer, Client, download
from infra.local.demo.people import SAMPLES, administrator_of
from infra.local.demo.stage import Stage, money, until

_IDENTITY: dict[str, Any] = {
    "name": "ENTRETIEN DE LA RADE",
    "trade_name": None,
    "legal_form": "SARL",
    "capital": "8000",
    "siren": "843216706",
    "siret": "84321670610004",
    "registry": "RCS Brest",
    "vat_number": "FR31843216706",
    "address": {"lines": ["7 rampe du Port"], "postcode": "29200", "city": "Brest", "country": "FR"},
    "bank_accounts": [{"iban": "FR7610096000317628354620567", "bic": "CMCIFRPP", "holder": "ENTRETIEN DE LA RADE"}],
}
_CUSTOMER: dict[str, Any] = {
    "code": "CHANTIER",
    "name": "Chantiers de la Penfeld",
    "kinds": ["customer"],
    "address": {"lines": ["1 quai Commandant Malbert"], "postcode": "29200", "city": "Brest", "country": "FR"},
    "siren": "552100554",
    "vat_number": "FR96552100554",
    "contacts": [{"name": "Nolwenn Cadiou", "email": "nolwenn.cadiou@penfeld.example"}],
}
_AHEAD = 366
"""Days before a renewal at which the customer is told of it: enough for the mail to go out on the first day."""
_MONTHLY, _QUARTER, _YEARLY, _INDEXED = "Entretien mensuel", "Visites trimestrielles", "Licence annuelle", "Indexé"


def play_contracts(stage: Stage) -> None:
    """Conclude, renew by the clock and by hand, terminate; everything once, however often it is played."""
    client = _open(stage)
    contracts = _conclude(stage, client)
    _by_the_clock(stage, client, contracts)
    _announced(stage, client, contracts[_YEARLY])
    _mended(stage, client, contracts[_INDEXED])
    _by_hand(stage, client, contracts[_YEARLY])
    documents = _ended(stage, client, contracts[_YEARLY])
    _tell(stage, client, contracts, documents)


def _open(stage: Stage) -> Client:
    sample = json.loads((SAMPLES / "company.json").read_text("utf-8"))
    operator = {"profile": "administrator", "name": "Gwenola Riou", "email": "administrator@entretien.example"}
    opening = {
        "identity": sample["identity"] | _IDENTITY,
        "terms": {"penalty_rate": "12.40"},
        "numbering": {"prefix": "ER{YYYY}-", "digits": 4, "first": 1},
        "operators": [operator],
    }
    with stage.step("Open a maintenance company"):
        return administrator_of(stage, opening)


def _wanted(today: dt.date, owner: str) -> dict[str, dict[str, Any]]:
    """What is agreed: a contract that is two months behind, one cut by the calendar, one without its index's value."""
    first = today.replace(day=1)
    ahead = months_after(first, 1)
    line = {"kind": "service", "vat_rate": "20"}
    mail = {"kind": "mail", "label": "Annoncer la reconduction", "days_ahead": _AHEAD, "owner": owner}
    return {
        _MONTHLY: {"start": f"{months_after(first, -2)}", "lines": [line | _sold("Entretien des palans", "180.00")]},
        _QUARTER: {
            "start": f"{today}",
            "anchor": f"{ahead}",
            "period": {"count": 1, "unit": "quarter"},
            "indexation": {"rate": "2"},
            "lines": [line | _sold("Visite de sécurité", "450.00")],
        },
        _YEARLY: {
            "start": f"{today}",
            "duration": {"count": 1, "unit": "year"},
            "period": {"count": 1, "unit": "year"},
            "tacit_renewal": True,
            "notice": {"count": 1, "unit": "month"},
            "reminders": [mail | {"automatic": True}],
            "lines": [line | _sold("Licence du logiciel de suivi", "730.00")],
        },
        _INDEXED: {
            "start": f"{months_after(today, -12)}",
            "period": {"count": 1, "unit": "year"},
            "indexation": {"index": "syntec", "base": "300"},
            "lines": [line | _sold("Assistance", "1200.00")],
        },
    }


def _sold(designation: str, price: str) -> dict[str, str]:
    return {"designation": designation, "unit_price": price}


def _conclude(stage: Stage, client: Client) -> dict[str, str]:
    """The contracts by name: identifiers, made or found again."""
    with stage.step("Conclude contracts"):
        found = {
            one["name"]: str(one["id"]) for status in ("active", "ended") for one in _listed(client, status=status)
        }
        parties = {one["code"]: str(one["id"]) for one in client.every("/parties")}
        party = parties.get(_CUSTOMER["code"]) or client.post("/parties", _CUSTOMER, (201,)).body["id"]
        if _INDEXED not in found:
            client.put("/price-indexes/syntec", {"name": "Indice Syntec", "values": []})
        for name, fields in _wanted(stage.today, client.get("/me").body["operator"]).items():
            if name not in found:
                made = client.post("/contracts", {"party": party, "name": name, **fields}, (201,)).body
                found[name] = made["id"]
                stage.tell(f"{made['number']} {name}, from {made['start']}")
    return found


def _listed(client: Client, **asked: Any) -> list[dict[str, Any]]:
    return list(client.every("/contracts", **asked))


def _periods(client: Client, contract: str) -> list[dict[str, Any]]:
    """What was billed of a contract, the oldest first."""
    return list(client.every(f"/contracts/{contract}/periods"))[::-1]


def _by_the_clock(stage: Stage, client: Client, contracts: Mapping[str, str]) -> None:
    """What EventBridge Scheduler calls each night; missed months are made up for, one failure holds up nobody."""
    with stage.step("Renew contracts as the clock does"):
        stage.job("renew")
        wanted = {_MONTHLY: 3, _QUARTER: 1, _YEARLY: 1, _INDEXED: 1}
        for name, count in wanted.items():
            path = f"/contracts/{contracts[name]}/periods"
            _billed(client, path, count)
            for period in _periods(client, contracts[name]):
                stage.tell(f"{name}: {_shown(period)}")


def _billed(client: Client, path: str, count: int) -> Answer:
    """The periods of a contract once there are so many."""
    return until(lambda: client.get(path), lambda came: len(came.body["items"]) >= count, path)


def _shown(period: Mapping[str, Any]) -> str:
    whole = period["days"] == period["whole_days"]
    part = "" if whole else f", {period['days']} of {period['whole_days']} days"
    return f"{period['start']} to {period['end']}{part}, {money(period['net'])}"


def _announced(stage: Stage, client: Client, contract: str) -> None:
    """The mail that the contract sends by itself before it renews (CTR-05): one, however often the clock comes."""
    with stage.step("The contract announces its renewal by mail"):
        for _ in range(2):
            stage.job("heal")
        written = list(client.every("/mails", owner="contract", owned=contract))
        stage.check("Mails of the contract", 1, len(written))
        number = client.get(f"/contracts/{contract}").body["number"]
        mails.keep(stage, client, written[0]["id"], number)


def _mended(stage: Stage, client: Client, contract: str) -> None:
    """The contract whose index had no value: told with its reason, then renewed by a run by hand."""
    index = client.get("/price-indexes/syntec")
    if not index.body["values"]:
        with stage.step("A contract that could not be renewed"):
            path = f"/contracts/{contract}"
            found = until(lambda: client.get(path), lambda came: came.body["failure"] is not None, path).body
            stage.check("Reason of the failure", "index_value_missing", found["failure"]["breaches"][0]["code"])
            # The list follows the contract, from the table's stream.
            until(lambda: client.get("/contracts", failed="true"), lambda came: _names(came) == [_INDEXED], "failed")
            stage.tell(found["failure"]["breaches"][0]["fr"])
            value = {"date": f"{months_after(stage.today, -1)}", "value": "306"}
            client.put("/price-indexes/syntec", {"name": index.body["name"], "values": [value]})
    with stage.step("Renew what is due by hand"):
        for _ in range(2):
            client.post("/contract-renewals", {}, (202,))
        billed = _billed(client, f"/contracts/{contract}/periods", 2).body["items"]
        stage.check("Price after the index went from 300 to 306", "1224.00", billed[0]["net"]["amount"])


def _names(listed: Answer) -> list[str]:
    return [one["name"] for one in listed.body["items"]]


def _by_hand(stage: Stage, client: Client, contract: str) -> None:
    """One more period of one contract, ahead of its day: proposed, then billed as an invoice draft."""
    periods = _periods(client, contract)
    if len(periods) == 1:
        with stage.step("Renew one contract by hand"):
            proposed = client.get(f"/contracts/{contract}/next-period")
            billed = client.post(f"/contracts/{contract}/renewal", {}, (201,), version=proposed.version).body
            stage.check("Period billed as it was proposed", proposed.body["start"], billed["start"])
            answer = client.post(f"/contracts/{contract}/renewal", {}, (412,), version=proposed.version)
            stage.refused("Renewing from the same page once more", answer, "version_mismatch")


def _ended(stage: Stage, client: Client, contract: str) -> list[dict[str, Any]]:
    """Invoice what was billed, end the contract before its term: what will not be used is credited (CTR-06)."""
    periods = _periods(client, contract)
    with stage.step("Invoice two years and end the contract within the first"):
        invoices = [billing.archived(stage, client, _draft(client, "invoices", one["document"])) for one in periods]
        before = client.get(f"/contracts/{contract}")
        if before.body["termination"] is None:
            last = dt.date.fromisoformat(periods[0]["start"]) + dt.timedelta(days=99)
            asked = {"last_day": f"{last}", "reason": "Vente du matériel"}
            answer = client.post(f"/contracts/{contract}/termination", asked, (422,), version=before.version)
            stage.refused("Ending it without the notice agreed", answer, "notice_not_respected")
            asked["override"] = "Accord du gérant"
            client.post(f"/contracts/{contract}/termination", asked, (200,), version=before.version)
        notes = [
            billing.archived(stage, client, _draft(client, "credit-notes", one["credit_note"]))
            for one in _periods(client, contract)
        ]
        return [_kept(stage, client, document) for document in (*invoices, *notes)]


def _draft(client: Client, folder: str, document: str) -> Answer:
    found = client.get(f"/{folder}/{document}")
    return Answer(found.status, found.body["document"], found.version)


def _kept(stage: Stage, client: Client, document: Mapping[str, Any]) -> dict[str, Any]:
    """The PDF of a document in `out/`, and what the summary tells of it."""
    path = billing.path_of(document)
    folder, name = path.split("/")[1], f"{document['number']}.pdf"
    content = download(client.get(f"{path}/file").body["url"])
    stage.keep(folder, name, content, kind=document["kind"], number=document["number"])
    stage.tell(f"{document['number']}: {money(document['totals']['net'])} without VAT")
    shown = {part: document[part] for part in ("kind", "number", "contract")}
    return {**shown, "net": document["totals"]["net"]["amount"], "file": f"{folder}/{name}"}


def _tell(stage: Stage, client: Client, contracts: Mapping[str, str], documents: list[dict[str, Any]]) -> None:
    told = []
    for name, contract in contracts.items():
        shown = client.get(f"/contracts/{contract}").body
        periods = [
            {part: one[part] for part in ("start", "end", "days", "whole_days", "net", "billed_by")}
            for one in _periods(client, contract)
        ]
        ended = shown["termination"] and shown["termination"]["last_day"]
        told.append({"number": shown["number"], "name": name, "periods": periods, "last_day": ended})
    told.sort(key=lambda one: str(one["number"]))
    stage.record.contracts = {"company": _IDENTITY["name"], "contracts": told, "documents": documents}
