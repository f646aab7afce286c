"""Who gets an answer: tokens, open addresses, and what a stranger learns (ACC-01, ACC-05)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from comptoir.access.context import Services
from comptoir.access.execute import Call, Reply, run
from comptoir.store import keys
from comptoir.store.backend import Put
from comptoir.store.record import Record
from functions.api.app import Api, handler
from tests.api.office import OPERATOR, UNKNOWN, Client, Office, check_problem, claims


def test_health_needs_no_token_and_no_service(office: Office) -> None:
    """ACC-01: the health check alone, beside the description of the API, answers without token."""

    def none() -> Services:
        raise AssertionError("no service is needed")

    for path in ("/health", "/openapi.json", "/docs"):
        client = Client(Api(none), None)
        assert client.get(path).status == 200
        assert client.send("HEAD", path).text == ""
        check_problem(client.send("POST", path), 405, "method_not_allowed")
        assert client.send("OPTIONS", path).headers["allow"] == "GET, HEAD, OPTIONS"
    assert office.stranger().get("/health").json["status"] == "ok"


def test_the_lambda_handler_answers_health() -> None:
    assert handler(Client(Api(lambda: None), None).event("GET", "/health"), None)["statusCode"] == 200  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    "broken",
    [
        {"token_use": "access"},
        {"token_use": None},
        {"custom:company": None},
        {"custom:operator": ""},
        {"custom:operator": "../../other"},
        {"custom:company": UNKNOWN},
        {"custom:operator": UNKNOWN},
    ],
)
def test_only_an_id_token_of_an_operator_signs_in(office: Office, broken: dict[str, Any]) -> None:
    """ACC-01: access tokens, foreign and malformed identifiers are refused alike."""
    company = office.companies[0]
    good = claims(company, office.operators[company]["administrator"])
    answer = Client(office.api, {**good, **broken}).get("/me")
    check_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_an_operator_of_another_company_is_nobody(office: Office) -> None:
    """ACC-05: company and operator of a token must belong together."""
    first, second = office.companies
    check_problem(
        Client(office.api, claims(first, office.operators[second]["manager"])).get("/me"), 401, "unauthenticated"
    )


def test_a_deactivated_operator_is_shut_out_at_once(office: Office, admin: Client) -> None:
    operator = office.operators[office.companies[0]]["sales"]
    assert office.client("sales").get("/me").status == 200
    body = {"name": "Op", "profile": "sales", "active": False}
    assert admin.patch(f"/operators/{operator}", body, 1).status == 200
    check_problem(office.client("sales").get("/me"), 401, "unauthenticated")
    assert list(office.directory.active.values()) == [False]


def test_nothing_shows_which_paths_exist_without_a_token(office: Office) -> None:
    for path in ("/nothing", "/company", "/"):
        for method in ("GET", "OPTIONS", "DELETE"):
            check_problem(office.stranger().send(method, path), 401, "unauthenticated")


def test_what_must_be_signed_is_handed_to_the_writer(office: Office, admin: Client) -> None:
    """FIS-08: the API cannot sign; it passes caller, request and headers on, and shows what comes back."""
    calls = []

    class Writer:
        def run(self, call: Call) -> Reply:
            calls.append(call)
            return run(call, office.services)

    api = Api(lambda: replace(office.services, writer=Writer(), events=None))
    created = Client(api, admin.claims).post("/operators", OPERATOR, **{"Idempotency-Key": "k"})
    assert (created.status, created.json["name"]) == (201, "Léa")
    assert [(call.idempotency_key, call.caller.company) for call in calls] == [("k", office.companies[0])]
    assert Client(api, admin.claims).get("/operators").status == 200
    assert len(calls) == 1


def test_a_fault_is_told_to_the_log_and_not_to_the_caller(
    office: Office, admin: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret of Mme Dupont")

    monkeypatch.setattr(office.backend, "get", broken)
    answer = admin.get("/company")
    check_problem(answer, 500, "unexpected")
    assert "ZeroDivision" not in answer.text
    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert (entry["level"], entry["id"], entry["error"]) == ("ERROR", "r-1", "ZeroDivisionError")
    assert entry["company"] == office.companies[0]
    assert entry["place"][0].endswith(" broken")
    assert "Dupont" not in line


def test_stored_data_that_cannot_be_read_is_our_fault_not_the_caller_s(office: Office, admin: Client) -> None:
    office.backend.write([Put(Record(keys.company(office.companies[0]), "company", "{}", version=2))])
    check_problem(admin.get("/company"), 500, "unexpected")


def test_logs_hold_no_personal_data(admin: Client, capsys: pytest.CaptureFixture[str]) -> None:
    admin.post("/operators", OPERATOR | {"name": "Zoé Durand"})
    admin.get("/operators", query={"cursor": "zoe-durand"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["route"] for line in lines] == ["/operators", "/operators"]
    assert [line["status"] for line in lines] == [201, 400]
    assert not any(word in json.dumps(lines).lower() for word in ("durand", "lea@", "example.com"))
