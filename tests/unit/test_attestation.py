"""RULES §3.1: the publisher's attestation is nominative, of a major version, chained, and off by default."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from comptoir.access.context import Publisher
from comptoir.documents.attestation_page import attestation_texts, render_attestation
from comptoir.kernel.errors import Forbidden, Refused
from comptoir.ledger.attestation import Attestation, AttestationLink, AttestationOff, MakeAttestation
from comptoir.ledger.queries import ChainedEventPage, ListTechnicalEvents
from comptoir.runtime import services as composed
from infra.settings import SettingsError, load
from tests.world import World, open_world

PUBLISHER = Publisher(
    name="Éditions du Ponant, 1 quai Kerlévon, 29200 Brest",
    signatory="Yann Kervella",
    place="Brest",
    market_since=date(2026, 3, 1),
)
ASKED = MakeAttestation(signatory="Anne Le Goff", acquired_on=date(2026, 4, 1), used_since=date(2026, 4, 2))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """An installation whose deployer says who publishes."""
    monkeypatch.setenv("COMPTOIR_VERSION", "3.14.1")
    world = open_world()
    world.services = replace(world.services, publisher=PUBLISHER)
    return world


def events(world: World) -> list[str]:
    return [event.event for event in world.do(ChainedEventPage, ListTechnicalEvents()).items]


def test_it_is_off_by_default() -> None:
    """Nobody attests by accident, and a refusal leaves no event."""
    world = open_world()
    with pytest.raises(AttestationOff):
        world.execute_as("administrator", ASKED)
    assert "attestation_made" not in events(world)
    assert composed._publisher() is None


def test_the_deployer_names_the_publisher(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that an attestation says of the publisher, or nothing."""
    told = {f"publisher_{name}": value for name, value in PUBLISHER.model_dump(mode="json").items()}
    assert load(told, {}).publisher == PUBLISHER.model_dump(mode="json")
    assert load({}, {}).publisher == {}
    with pytest.raises(SettingsError, match="all four are needed"):
        load(told | {"publisher_place": ""}, {})
    with pytest.raises(SettingsError, match="publisher_market_since"):
        load(told | {"publisher_market_since": "demain"}, {})
    monkeypatch.setenv("COMPTOIR_PUBLISHER", PUBLISHER.model_dump_json())
    assert composed._publisher() == PUBLISHER


def test_it_names_the_company_the_version_and_its_root_and_is_chained(world: World) -> None:
    made = world.do(AttestationLink, ASKED, "administrator").attestation
    assert (made.company_name, made.licence) == ("COMPTOIR DU PONANT", world.company)
    assert (made.version, made.root, made.signatory) == ("3.14.1", "3", "Anne Le Goff")
    newest = world.do(ChainedEventPage, ListTechnicalEvents()).items[0]
    assert (newest.event, Attestation.model_validate(newest.content)) == ("attestation_made", made)


def test_dates_that_cannot_be_are_refused_together(world: World) -> None:
    asked = MakeAttestation(signatory="A", acquired_on=date(2999, 1, 2), used_since=date(2999, 1, 1))
    with pytest.raises(Refused) as caught:
        world.execute_as("administrator", asked)
    assert [(breach.code, breach.pointer) for breach in caught.value.breaches] == [
        ("date_before_acquisition", "/used_since"),
        ("date_future", "/acquired_on"),
        ("date_future", "/used_since"),
    ]


def test_only_administrators_make_it(world: World) -> None:
    for profile in set(world.operators) - {"administrator"}:
        with pytest.raises(Forbidden):
            world.execute_as(profile, ASKED)


@dataclass
class Printer:
    """The renderer and the links, remembered."""

    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(task)
        return {"key": "previews/x.pdf"}

    def link(self, bucket: str, key: str, seconds: int = 300) -> str:
        return f"{bucket}/{key}"


def test_the_api_links_to_its_pdf(world: World) -> None:
    printer = Printer()
    world.services = replace(world.services, renderer=printer, files=printer)  # type: ignore[arg-type]
    made = world.do(AttestationLink, ASKED, "administrator")
    assert made.url == "files/previews/x.pdf"
    [task] = printer.asked
    assert (task["task"], task["kind"]) == ("render_preview", "attestation")
    assert Attestation.model_validate(task["content"]) == made.attestation


def test_its_pdf_has_both_parts_in_the_words_of_the_model(world: World) -> None:
    """The same content gives the same bytes; nothing runs off the page."""
    made = world.do(AttestationLink, ASKED, "administrator").attestation
    content = render_attestation(made)
    assert content == render_attestation(made)
    first, second = (" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)
    for part, texts in zip((first, second), attestation_texts(made), strict=True):
        assert all(" ".join(text.split()) in part for text in texts)
        assert "441-1 du code pénal" in part
        assert "3° bis du I de l'article 286" in part
    assert "racine suivante : 3," in first
    assert "3.x.y" in first
    assert "01/03/2026" in first
    assert "Yann Kervella" in first
    assert "01/04/2026" in second
    assert "02/04/2026" in second
