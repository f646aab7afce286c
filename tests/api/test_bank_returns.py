"""A payment that the bank returns, from its proposal to the route that the proposal names (TRS-04)."""

from __future__ import annotations

from comptoir.banking.bringing import Bringing
from comptoir.banking.stored import StatementFile
from comptoir.banking.waiting import Acceptance
from functions.api.routes import ROUTES
from tests.api.furniture import Furnished
from tests.api.office import Office
from tests.unit.statement_writers import entry, statement

_MONTH = "month=2026-11"


def test_trs_04_what_is_proposed_as_returned_is_accepted_by_the_route_that_it_names(office: Office) -> None:
    furnished, admin = Furnished(office), office.client()
    names = furnished.names
    payment = admin.get(f"/payments/{names['payment']}").json
    amount = str(-float(payment["amount"]["amount"]))
    told = statement((entry(amount, payment["date"], text="PRLV IMPAYE", return_reason="AM04"),), "5.00")
    file = StatementFile.model_validate(admin.get(f"/bank-statements/files/{names['statement_file']}").json)
    Bringing(office.services, office.companies[0], names["account"], file, told).bring()
    entries = admin.get(f"/bank-accounts/{names['account']}/entries", query=_MONTH).json["items"]
    [back] = [each["id"] for each in entries if each["amount"]["amount"].startswith("-")]
    [proposal] = admin.get(f"/bank-entries/{back}/proposals").json["proposals"]
    assert {reason["criterion"] for reason in proposal["reasons"]} >= {"amount", "return"}
    assert proposal["accepted_by"] == "return-matches"
    returned = proposal["parts"][0]["returned"]
    assert returned["payment"] == names["payment"]
    body = {"payment": returned["payment"], "reason": returned["reason"]}
    answer = admin.post(f"/bank-entries/{back}/{proposal['accepted_by']}", body)
    assert (answer.status, answer.json["state"]) == (201, "matched")
    assert admin.get(f"/payments/{names['payment']}").json["reversed_by"]
    assert admin.get(f"/bank-entries/{back}/proposals").json["proposals"] == []


def test_trs_04_every_route_that_a_proposal_can_name_is_there() -> None:
    posts = {route.path for route in ROUTES if route.method == "POST"}
    assert {f"/bank-entries/{{entry}}/{each}" for each in Acceptance} <= posts
