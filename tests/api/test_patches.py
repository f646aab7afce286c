"""Merge patches over HTTP (RFC 7396): which routes take them, and how they are described."""

from __future__ import annotations

from comptoir.access.merging import Merge
from functions.api.openapi import document
from functions.api.routes import ROUTES
from tests.api.office import Office, check_problem


def subclasses(kind: type) -> set[type]:
    below: set[type] = set(kind.__subclasses__())
    return below | {deeper for each in below for deeper in subclasses(each)}


def test_every_change_of_a_head_is_a_patch_and_no_other_route_is() -> None:
    """One way for all heads: a PUT replaces the whole of something."""
    merges = {route.request for route in ROUTES if route.merges}
    assert merges == {kind for kind in subclasses(Merge) if "fields" in vars(kind)}
    assert [route.path for route in ROUTES if (route.method == "PATCH") != route.merges] == []
    assert all(route.request.guarded for route in ROUTES if issubclass(route.request, Merge))


def test_a_patch_may_say_that_it_is_one(office: Office) -> None:
    """RFC 7396 has a media type of its own; another one is refused."""
    admin, guard = office.client(), {"If-Match": '"1"'}
    merge = {"Content-Type": "application/merge-patch+json"} | guard
    answer = admin.send("PATCH", "/company", {"terms": {"quote_validity_days": 45}}, headers=merge)
    assert answer.json["terms"]["quote_validity_days"] == 45
    text = {"Content-Type": "text/plain", "If-Match": '"2"'}
    check_problem(admin.send("PATCH", "/company", {}, headers=text), 415, "unsupported_media_type")


def test_a_patch_is_told_as_one_in_the_description() -> None:
    shown = document()
    schema = shown["components"]["schemas"]["UpdateCompany"]
    assert "required" not in schema
    assert schema["properties"]["identity"] == {"$ref": "#/components/schemas/IdentityPatch"}
    identity = shown["components"]["schemas"]["IdentityPatch"]
    assert "required" not in identity
    assert {"type": "null"} in identity["properties"]["insurance"]["anyOf"]
    assert all("default" not in value for value in identity["properties"].values())
