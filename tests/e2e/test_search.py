"""PTY-05, CAT-05 on the deployed stack: the search follows the table, long imports end by themselves, exports come."""

from __future__ import annotations

import base64
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from infra.local.cloud import Cloud
from infra.local.demo.client import Client
from infra.local.demo.people import House, open_house
from infra.local.demo.stage import Stage
from infra.local.progress import Lines
from tests.e2e.waiting import eventually

ROWS = 2000


@pytest.fixture(scope="module")
def house(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The company with its operators signed in."""
    return open_house(Stage(cloud, tmp_path_factory.mktemp("search"), Lines()))


def codes(client: Client, path: str, **query: Any) -> list[str]:
    return [each["code"] for each in client.get(path, **query).body["items"]]


def file_of(text: str, **fields: Any) -> dict[str, Any]:
    return {"file": base64.b64encode(text.encode()).decode(), "filename": "tiers.csv"} | fields


def test_what_is_entered_is_found_at_once_by_its_own_company_alone(house: House) -> None:
    """PTY-05, ACC-05."""
    entered = {"code": "ZZ-1", "name": "Goémonerie du Zwin", "kinds": ["supplier", "provider"], "address": {}}
    made = house["manager"].post("/parties", entered)
    eventually(lambda: codes(house["manager"], "/parties", search="goemon") == ["ZZ-1"], seconds=5)
    assert codes(house["manager"], "/parties", search="zwin", kind="provider") == ["ZZ-1"]
    assert codes(house.stranger, "/parties", search="goemon") == []
    path = f"/parties/{made.body['id']}"
    house["manager"].patch(path, {"name": "Fucusserie du Zwin"}, version=made.version)
    eventually(lambda: codes(house["manager"], "/parties", search="goemon") == [], seconds=5)
    assert codes(house["manager"], "/parties", search="fucus") == ["ZZ-1"]


def test_a_long_import_is_ended_by_its_workflow_and_exported(house: House) -> None:
    """PTY-05: more than one request drives; then all of it in one file, through a short-lived link."""
    client = house["sales"]
    rows = "".join(f"L{n:05d};Longue liste {n};client;Brest\n" for n in range(ROWS))
    started = client.post("/parties/imports", file_of("Code;Nom;Type;Ville\n" + rows), (201, 202)).body
    eventually(lambda: client.get(f"/parties/imports/{started['id']}").body["state"] == "done", seconds=60)
    last = f"L{ROWS - 1:05d}"
    eventually(lambda: codes(client, "/parties", search=last) == [last], seconds=60)
    asked = {"format": "csv", "filters": {"search": "longue liste"}}
    export = client.post("/parties/exports", asked, (201, 202)).body
    eventually(lambda: client.get(f"/exports/{export['id']}").body["state"] == "done", seconds=60)
    ended = client.get(f"/exports/{export['id']}").body
    assert ended["rows"] == ROWS
    with urllib.request.urlopen(ended["url"], timeout=10) as came:
        content = came.read()
    assert len(content) == ended["size"]
    assert content.decode("utf-8-sig").count("\n") == ROWS + 1
    assert Path(ended["filename"]).suffix == ".csv"
