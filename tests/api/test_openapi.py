"""The description of the API: valid, true to the code, committed, and readable."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from typing import Annotated, Any

import pytest
from openapi_spec_validator import validate
from pydantic import StringConstraints, TypeAdapter, ValidationError

from comptoir.kernel.explain import breaches
from functions.api.docs import render
from functions.api.pages import DOCUMENT
from functions.api.routes import ROUTES
from functions.api.routing import Route, Router

COMMITTED: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))


def test_the_committed_document_is_the_one_that_the_code_makes() -> None:
    """In a process of its own, since it tells of every error class that is loaded."""
    script = "import sys; from functions.api.openapi import written; sys.stdout.buffer.write(written().encode())"
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env={"PYTHONPATH": _path()})
    assert made.stdout.decode() == DOCUMENT.read_text("utf-8"), "run python -m functions.api.openapi"


def _path() -> str:
    return ":".join(path for path in sys.path if path)


def _patterns(part: Any) -> set[str]:
    """Every pattern that a part of the document gives."""
    if isinstance(part, list):
        return {found for each in part for found in _patterns(each)}
    if not isinstance(part, dict):
        return set()
    own = part.get("pattern")
    inner = {found for name, each in part.items() if name != "examples" for found in _patterns(each)}
    return inner | ({own} if isinstance(own, str) else set())


_TOLD_OTHERWISE = {r"^-?[0-9]+(\.[0-9]+)?$", r'^(W/)?"[0-9]{1,15}"$', r"^[!-~]{1,80}$"}
"""Decimals, whose sentences are those of numbers; the headers If-Match and Idempotency-Key, which have their own."""


@pytest.mark.parametrize("pattern", sorted(_patterns(COMMITTED) - _TOLD_OTHERWISE))
def test_what_breaks_a_pattern_is_told_in_words(pattern: str) -> None:
    """No user reads a regular expression: every pattern that a request can break has its sentences."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)]).validate_python("\n~")
    [breach] = breaches(caught.value)
    assert pattern not in breach.fr
    assert pattern not in breach.en


def test_it_is_valid_openapi_3_1() -> None:
    validate(COMMITTED)


def test_every_route_is_described_with_its_permission_and_guards() -> None:
    """ACC-02: each operation tells the permission that it needs."""
    for route in ROUTES:
        operation = COMMITTED["paths"][route.path][route.method.lower()]
        assert operation["x-permission"] == route.request.permission.value
        assert operation["summary"]
        headers = {p["name"]: p["required"] for p in operation.get("parameters", []) if p["in"] == "header"}
        assert headers.get("Idempotency-Key", False) == route.needs_idempotency_key
        assert headers.get("If-Match", False) == getattr(route.request, "guarded", False)
        assert str(route.status) in operation["responses"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_examples_are_what_the_requests_take(route: Route) -> None:
    """A route with required fields in its body has an example, and examples hold nothing unknown."""
    assert set(route.example or {}) <= set(route.sent)
    required = {name for name in route.sent if not route.merges and route.body.model_fields[name].is_required()}
    assert not route.has_body or required <= set(route.example or {})


def test_operations_have_one_name_each() -> None:
    names = [route.operation for route in ROUTES]
    assert len(names) == len(set(names))


def without_examples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_examples(part) for name, part in value.items() if name not in {"example", "examples"}}
    return [without_examples(part) for part in value] if isinstance(value, list) else value


def test_amounts_are_text_everywhere() -> None:
    """No schema takes or gives a binary number; an example may name a custom field's type so."""
    assert '"type": "number"' not in json.dumps(without_examples(COMMITTED))


def test_two_routes_of_one_path_and_method_are_refused() -> None:
    with pytest.raises(ValueError, match="two routes"):
        Router([ROUTES[0], ROUTES[0]])


class _Page(HTMLParser):
    """Which elements, anchors and links a page has, and whether it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self.ids |= {found["id"] or ""} if "id" in found else set()
        self.links |= {(found["href"] or "")} if "href" in found else set()
        assert "src" not in found
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_shows_every_route_and_loads_nothing() -> None:
    html = render(COMMITTED)
    page = _Page()
    page.feed(html)
    assert page.open == []
    assert {route.operation for route in ROUTES} <= page.ids
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert "http://" not in html


def test_the_page_escapes_what_the_document_says() -> None:
    hostile = json.loads(json.dumps(COMMITTED).replace("Company", "<script>"))
    assert "<script>" not in render(hostile)
