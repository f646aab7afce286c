"""HTTP as the API understands it: tokens, methods, headers, bodies, and problems for all that is wrong."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from comptoir.access.permissions import READY_MADE
from comptoir.kernel.errors import Contention
from functions.api.http import MAX_BODY
from tests.api.office import OPERATOR, UNKNOWN, Answer, Client, Office, check_problem, claims


def test_unknown_paths_and_methods(admin: Client) -> None:
    for path in ("/", "/nothing", "/company/", "/operators/", "/operators/x/y", "/company/history/x"):
        check_problem(admin.get(path), 404, "not_found")
    answer = admin.send("DELETE", "/company")
    check_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, PATCH"
    options = admin.send("OPTIONS", "/operators")
    assert (options.status, options.headers["allow"], options.text) == (204, "GET, HEAD, OPTIONS, POST", "")


def test_head_answers_as_get_without_body(admin: Client) -> None:
    read, head = admin.get("/company"), admin.send("HEAD", "/company")
    assert (head.status, head.headers, head.text) == (read.status, read.headers, "")


def test_a_stage_prefix_is_taken_off_and_given_back(office: Office) -> None:
    company = office.companies[0]
    client = Client(office.api, claims(company, office.operators[company]["administrator"]), stage="prod")
    assert client.get("/prod/me").status == 200
    assert client.get("/me").status == 200
    created = client.post("/prod/operators", OPERATOR)
    assert created.headers["location"] == f"/prod/operators/{created.json['id']}"
    assert client.get("/prod/nothing").json["instance"] == "/prod/nothing"


def test_a_change_goes_from_etag_to_if_match(admin: Client) -> None:
    read = admin.get("/company")
    assert read.headers["etag"] == '"1"'
    body = {name: read.json[name] for name in ("identity", "terms", "numbering")}
    body["terms"]["quote_validity_days"] = 45
    changed = admin.send("PATCH", "/company", body, headers={"If-Match": f"W/{read.headers['etag']}"})
    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    assert admin.get("/company").json == changed.json
    check_problem(admin.patch("/company", body, 1), 412, "version_mismatch")
    assert admin.patch("/company", body, 1).json["context"] == {"current": 2}
    check_problem(admin.patch("/company", body), 428, "precondition_required")


@pytest.mark.parametrize("value", ["7", '"x"', "*", '"7", "8"', '"-1"', '""', 'w/"7"', f'"{10**15}"', '"٧"'])
def test_an_if_match_that_names_no_version_is_malformed(admin: Client, value: str) -> None:
    check_problem(admin.send("PATCH", "/company", {}, headers={"If-Match": value}), 400, "malformed_request")


def test_a_post_sent_twice_does_it_once(office: Office, admin: Client) -> None:
    headers = {"Idempotency-Key": "lea-2026-11-21"}
    first = admin.post("/operators", OPERATOR, **headers)
    assert first.status == 201
    assert first.headers["location"] == f"/operators/{first.json['id']}"
    again = admin.post("/operators", OPERATOR, **headers)
    assert (again.status, again.text, again.headers) == (first.status, first.text, first.headers)
    assert len(admin.get("/operators").json["items"]) == len(office.operators[office.companies[0]]) + 1
    check_problem(admin.post("/operators", OPERATOR | {"name": "Lea"}, **headers), 409, "idempotency_key_reused")


def test_a_post_sent_by_many_at_once_is_done_once(office: Office, admin: Client) -> None:
    """The twins that lose the race find the winner's answer, whatever they collided on."""
    body = {"code": "C1", "name": "Aubier", "kinds": ["customer"], "address": {"city": "Lyon"}}
    with ThreadPoolExecutor(16) as pool:
        sent = [pool.submit(admin.post, "/parties", body, **{"Idempotency-Key": "once"}) for _ in range(16)]
    assert {(answer.result().status, answer.result().text) for answer in sent} == {(201, sent[0].result().text)}
    assert len(admin.get("/parties").json["items"]) == 1


def test_an_idempotency_key_is_its_operator_s_own(office: Office, admin: Client) -> None:
    """ACC-05: another company's key replays nothing."""
    headers = {"Idempotency-Key": "same"}
    first = admin.post("/operators", OPERATOR, **headers)
    other = office.client(company=1).post("/operators", OPERATOR | {"name": "Other"}, **headers)
    assert (first.status, other.status) == (201, 201)
    assert first.json["id"] != other.json["id"]


def test_a_post_must_say_which_one_it_is(admin: Client) -> None:
    check_problem(admin.send("POST", "/operators", OPERATOR), 428, "idempotency_key_required")


@pytest.mark.parametrize("value", ["", "a b", "é", "x" * 81, "a\tb"])
def test_a_malformed_idempotency_key(admin: Client, value: str) -> None:
    check_problem(admin.post("/operators", OPERATOR, **{"Idempotency-Key": value}), 400, "malformed_request")


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "nope",
        "[]",
        '"text"',
        "1",
        "null",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"name": "a", "name": "b"}',
        '{"name": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"a": ' + "9" * 5000 + "}",
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
)
def test_a_body_that_is_not_a_json_object(admin: Client, body: str) -> None:
    check_problem(admin.post("/operators", body), 400, "malformed_request")


def test_bodies_are_json_of_bounded_size(admin: Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonp"):
        check_problem(admin.post("/operators", "{}", **{"Content-Type": kind}), 415, "unsupported_media_type")
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        check_problem(admin.post("/operators", "{}", **{"Content-Type": kind}), 422, "rules_broken")
    check_problem(admin.post("/operators", '"' + "é" * (MAX_BODY // 2) + '"'), 413, "body_too_large")


def test_a_body_in_base64_is_read_alike(admin: Client) -> None:
    def send(body: bytes | str) -> Answer:
        coded = base64.b64encode(body).decode() if isinstance(body, bytes) else body
        return admin.send("POST", "/operators", coded, headers={"Idempotency-Key": coded[:20]}, isBase64Encoded=True)

    assert send(json.dumps(OPERATOR).encode()).json["name"] == "Léa"
    check_problem(send("*not base64*"), 400, "malformed_request")
    check_problem(send(b"\xff\xfe\x00"), 400, "malformed_request")


def test_a_read_takes_no_body(admin: Client) -> None:
    check_problem(admin.send("GET", "/company", {"a": 1}), 400, "malformed_request")


def test_every_breach_is_told_in_both_languages_with_its_pointer(admin: Client) -> None:
    answer = admin.post("/operators", {"email": "nobody", "profile": "X", "extra": 1})
    check_problem(answer, 422, "rules_broken")
    errors = answer.json["errors"]
    assert {error["pointer"] for error in errors} == {"/email", "/name", "/profile", "/extra"}
    assert all(error["fr"] and error["en"] and error["code"] for error in errors)


def test_rules_answer_as_validation_does(admin: Client) -> None:
    answer = admin.post("/operators", OPERATOR | {"profile": "nowhere", "manager": UNKNOWN})
    check_problem(answer, 422, "rules_broken")
    assert {error["pointer"] for error in answer.json["errors"]} == {"/profile", "/manager"}


def test_amounts_are_never_binary_floats(admin: Client) -> None:
    read = admin.get("/company").json
    body = {name: read[name] for name in ("identity", "terms", "numbering")}
    body["terms"]["penalty_rate"] = 12.15
    answer = admin.patch("/company", body, 1)
    check_problem(answer, 422, "rules_broken")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/terms/penalty_rate"]
    body["terms"]["penalty_rate"] = "12.15"
    assert admin.patch("/company", body, 1).json["terms"]["penalty_rate"] == "12.15"


def test_a_field_of_the_path_is_not_sent_again(office: Office, admin: Client) -> None:
    operator = office.operators[office.companies[0]]["sales"]
    body = {"name": "Op", "profile": "sales", "operator": operator}
    answer = admin.patch(f"/operators/{operator}", body, 1)
    check_problem(answer, 422, "rules_broken")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/operator"]


def test_query_parameters_are_checked(admin: Client) -> None:
    assert admin.get("/operators", query={"limit": 2}).status == 200
    for query, pointer in (
        ({"limit": 0}, "/limit"),
        ({"limit": 101}, "/limit"),
        ({"limit": "many"}, "/limit"),
        ({"limit": [1, 2]}, "/limit"),
        ({"offset": 3}, "/offset"),
        ({"a/b~c": 3}, "/a~1b~0c"),
    ):
        answer = admin.get("/operators", query=query)
        check_problem(answer, 422, "rules_broken")
        assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    check_problem(admin.get("/company", query="x=%FF"), 400, "malformed_request")
    check_problem(admin.get("/company", query="&".join("x=1" for _ in range(60))), 400, "malformed_request")
    answer = admin.send("PATCH", "/company", {}, query="limit=1", headers={"If-Match": '"1"'})
    check_problem(answer, 422, "rules_broken")


def test_lists_go_on_from_their_cursor_alone(office: Office, admin: Client) -> None:
    """ACC-05: a cursor is good for the list of the company that it was made for."""
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query: dict[str, Any] = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = admin.get("/operators", query=query).json
        seen += [item["email"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == len(READY_MADE)
    assert seen == sorted(seen)
    first = admin.get("/operators", query={"limit": 3}).json["cursor"]
    for client, path, sent in (
        (admin, "/operators", first[:-2] + "AA"),
        (admin, "/operators", "x"),
        (admin, "/company/history", first),
        (office.client(company=1), "/operators", first),
    ):
        check_problem(client.get(path, query={"cursor": sent}), 400, "invalid_cursor")


def test_path_segments_are_decoded_once_and_malformed_identifiers_are_unknown(office: Office, admin: Client) -> None:
    operator = office.operators[office.companies[0]]["sales"]
    assert admin.get(f"/operators/%{ord(operator[0]):02X}{operator[1:]}").status == 200
    for path in ("/operators/x", "/operators/%2e%2e", f"/operators/{operator}%00", "/ledger/nothing/head"):
        check_problem(admin.get(path), 404, "not_found")


def test_every_answer_is_kept_from_caches_and_sniffers(admin: Client) -> None:
    for answer in (admin.get("/me"), admin.get("/nothing"), admin.post("/operators", OPERATOR)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_contention_asks_to_try_again(office: Office, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise Contention()

    monkeypatch.setattr(office.backend, "get", busy)
    answer = admin.get("/company")
    check_problem(answer, 503, "contention")
    assert answer.headers["retry-after"] == "1"
