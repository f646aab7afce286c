"""Every route × every ready-made profile × two companies; unknown fields and hostile input on every route."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.access.permissions import READY_MADE
from functions.api.routes import ROUTES
from functions.api.routing import Route
from tests.api.furniture import Furnished, example, fill, send
from tests.api.office import UNKNOWN, Office

every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
NAMES = {"code", "chain", "version", "template", "milestone", "currency", "day", "kind", "name", "month", "price_index"}
"""Parts of paths that every company has alike; every other one is an identifier."""


@pytest.fixture(scope="module")
def house() -> tuple[Office, Furnished, Callable[[], None]]:
    """One furnished company for all: furnishing it anew for each route would take minutes."""
    office = Office()
    furnished = Furnished(office)
    return office, furnished, office.keep()


@pytest.fixture
def office(house: tuple[Office, Furnished, Callable[[], None]]) -> Office:
    """The companies as they were furnished, whatever the test before did."""
    office, _, put_back = house
    put_back()
    return office


@pytest.fixture
def furnished(house: tuple[Office, Furnished, Callable[[], None]]) -> Furnished:
    """What there is to ask about."""
    return house[1]


def table(office: Office) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Everything that is stored, to see that nothing moved."""
    return dict(office.backend._items), dict(office.backend._counters)


@every_route
def test_without_token_nobody_gets_an_answer(office: Office, furnished: Furnished, route: Route) -> None:
    """ACC-01."""
    before = table(office)
    answer = send(office.stranger(), route, furnished.path(route), furnished.body(route))
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert table(office) == before


@every_route
def test_a_profile_may_what_its_permissions_say_and_nothing_else(
    office: Office, furnished: Furnished, route: Route
) -> None:
    """ACC-02, ACC-03: without the permission 403, and nothing is written."""
    needed = route.request.permission
    for profile, (_, permissions) in READY_MADE.items():
        before = table(office)
        answer = send(office.client(profile), route, furnished.path(route), furnished.body(route))
        if needed in permissions:
            assert answer.status not in (401, 403), answer.text
            assert answer.status < 500, answer.text
        else:
            assert (answer.status, answer.code) == (403, "forbidden")
            assert answer.json["context"] == {"permission": needed.value}
            assert table(office) == before


@every_route
def test_another_company_s_identifiers_are_unknown_ones(office: Office, furnished: Furnished, route: Route) -> None:
    """ACC-05: the second company's administrator learns nothing from the first one's identifiers."""
    theirs, unknown = furnished.names, dict.fromkeys(furnished.names, UNKNOWN)
    identified = set(route.parameters) - NAMES
    if not identified | set(route.example or ()) & set(theirs):
        return
    other = office.client(company=1)
    before = table(office)
    foreign = send(other, route, fill(route, theirs), example(route, theirs))
    nothing = send(other, route, fill(route, unknown), example(route, unknown))
    assert foreign.status == nothing.status
    if foreign.status >= 400:
        assert foreign.without_request() == nothing.without_request()
    if identified:
        assert (foreign.status, foreign.code) == (404, "not_found")
    if foreign.status < 400:
        assert foreign.json["items"] == []
    assert table(office) == before


@every_route
def test_an_answer_is_what_the_table_of_routes_declares(office: Office, furnished: Furnished, route: Route) -> None:
    answer = send(office.client(), route, furnished.path(route), furnished.body(route))
    if answer.status >= 300:
        assert answer.status in (409, 422)
        return
    model = route.answers[answer.status]
    assert model is not None
    model.model_validate_json(answer.text)
    if route.location and answer.status in (201, 202):
        assert office.client().get(answer.headers["location"]).status == 200


@every_route
def test_what_a_route_does_not_know_is_refused(office: Office, furnished: Furnished, route: Route) -> None:
    admin, path = office.client(), furnished.path(route)
    headers = {"If-Match": '"1"', "Idempotency-Key": "k"}
    answer = admin.send(route.method, path, furnished.body(route), query="surprise=1", headers=headers)
    assert (answer.status, answer.code) == (422, "rules_broken")
    assert "/surprise" in {error.get("pointer") for error in answer.json["errors"]}
    if route.has_body:
        body = (furnished.body(route) or {}) | {"surprise": 1}
        answer = admin.send(route.method, path, body, headers=headers)
        assert "/surprise" in {error.get("pointer") for error in answer.json["errors"]}


@every_route
def test_a_field_that_the_address_says_is_not_sent_again(office: Office, furnished: Furnished, route: Route) -> None:
    if not route.has_body or not route.parameters:
        return
    name = route.parameters[0]
    body = (furnished.body(route) or {}) | {name: UNKNOWN}
    answer = send(office.client(), route, furnished.path(route), body)
    assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (422, [f"/{name}"])


@every_route
def test_a_guarded_change_needs_the_version_that_was_read(office: Office, furnished: Furnished, route: Route) -> None:
    if not getattr(route.request, "guarded", False):
        return
    path, body = furnished.path(route), furnished.body(route)
    answer = office.client().send(route.method, path, body, headers={"Idempotency-Key": "k"})
    assert (answer.status, answer.code) == (428, "precondition_required")
    answer = send(office.client(), route, path, body, version=999)
    assert (answer.status, answer.code) == (412, "version_mismatch")


@every_route
def test_a_post_that_changes_something_needs_its_key(office: Office, furnished: Furnished, route: Route) -> None:
    if not route.needs_idempotency_key:
        return
    answer = office.client().send("POST", furnished.path(route), furnished.body(route), headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (428, "idempotency_key_required")


texts = st.text(max_size=30) | st.sampled_from(
    ["", "0", "-1", "1e999", "NaN", "2026-02-30", "\x00", "EUR", UNKNOWN, "é" * 300]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


def parts(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(deeper for name, item in inner for deeper in parts(item, (*place, name)))]


def replaced(value: Any, place: tuple[Any, ...], other: Any) -> Any:
    """The JSON value with another one at this place."""
    if not place:
        return other
    copy = json.loads(json.dumps(value))
    target = copy
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = other
    return copy


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.has_body], ids=lambda route: f"{route.method} {route.path}"
)
def test_no_body_whatever_breaks_a_route(office: Office, furnished: Furnished, route: Route) -> None:
    """Examples with any part replaced by anything: an answer of the 200s or a problem of the 400s, never a fault."""
    base, path, admin = furnished.body(route) or {}, furnished.path(route), office.client()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from(parts(base)), values)
    def holds(place: tuple[Any, ...], value: Any) -> None:
        body = json.dumps(replaced(base, place, value))
        answer = send(admin, route, path, body)  # type: ignore[arg-type]
        assert answer.status < 500, answer.text
        if answer.status in (400, 422):
            assert answer.json["detail"]["fr"]

    holds()


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if not route.has_body], ids=lambda route: f"{route.method} {route.path}"
)
def test_no_query_whatever_breaks_a_route(office: Office, furnished: Furnished, route: Route) -> None:
    path, admin = furnished.path(route), office.client()
    names = st.sampled_from([*route.sent, "x"])

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(st.tuples(names, texts), max_size=3))
    def holds(query: list[tuple[str, str]]) -> None:
        from urllib.parse import urlencode

        answer = admin.send(route.method, path, query=urlencode(query), headers={"If-Match": '"1"'})
        assert answer.status < 500, answer.text

    holds()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.text(max_size=40), st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"]))
def test_no_path_whatever_breaks_the_router(path: str, method: str) -> None:
    answer = _OFFICE.client().send(method, f"/{path}")
    assert answer.status in (400, 404, 405, 428)


_OFFICE = Office()
