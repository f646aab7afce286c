"""Templates as company data: ready-made, own, chosen, exported, imported, frozen into documents (QUO-06)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.docbase.items import IMAGE, Default
from comptoir.docbase.model import Image, MediaType
from comptoir.docbase.ready import READY
from comptoir.docbase.template import Look, PrintKind, Template, Texts, frozen
from comptoir.docbase.templates import (
    ChooseTemplate,
    ExportTemplate,
    ImportTemplate,
    ListTemplates,
    ReadTemplate,
    ReadTemplateHistory,
    SaveTemplate,
    TemplateFile,
    Templates,
)
from comptoir.kernel.errors import AlreadyExists, NotFound, Refused
from comptoir.orders.model import QuoteView
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.tasks import quote_to_render
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from tests.unit.invoicing_support import line, open_shop
from tests.unit.orders_support import Desk, head, open_desk, refused, update
from tests.world import START, World, another_company

FRENCH, ENGLISH = Language.FRENCH, Language.ENGLISH
TEXTS = (
    Texts(language=FRENCH, header="Pour tout", mentions=("Réserve de propriété.",)),
    Texts(language=FRENCH, kinds=(PrintKind.QUOTE,), header="Pour les devis", general_terms="Article 1"),
)


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def save(world: World, code: str = "maison", version: int = 0, **fields: Any) -> Template:
    request = SaveTemplate(template=code, **({"name": "Maison"} | fields))
    return world.do(Template, request, "administrator", if_match=version)


def test_five_ready_made_templates_ship(world: World) -> None:
    """QUO-06: five, each unlike the others, the first by default."""
    listed = world.do(Templates, ListTemplates()).items
    assert {item.code for item in listed} == {"classique", "marine", "sobre", "compact", "export"}
    assert [item.code for item in listed if item.default] == ["classique"]
    assert len({template.look for template in READY.values()}) == 5


def test_a_ready_made_template_becomes_the_company_s_own(world: World) -> None:
    """QUO-06: saved under the same code; another company still has the ready-made one."""
    save(world, "marine", name="Notre marine", look=Look(accent="#000000"))
    assert world.do(Template, ReadTemplate(template="marine")).name == "Notre marine"
    listed = {item.code: item for item in world.do(Templates, ListTemplates()).items}
    assert (len(listed), listed["marine"].ready_made) == (5, False)
    assert another_company(world).do(Template, ReadTemplate(template="marine")) == READY["marine"]
    [saved] = world.do(Listing[HistoryEntry], ReadTemplateHistory(template="marine"), "administrator").items
    assert (saved.event, saved.changes["/name"]) == ("template_saved", [None, "Notre marine"]), "ACC-06"
    for request in (ReadTemplate(template="inconnu"), ReadTemplateHistory(template="inconnu")):
        with pytest.raises(NotFound):
            world.execute_as("administrator", request)


def test_texts_go_by_language_and_kind() -> None:
    """QUO-06: those of the kind, else those of every kind, else none."""
    template = READY["classique"].change(texts=TEXTS)
    assert frozen(template, FRENCH, PrintKind.QUOTE).header == "Pour les devis"
    assert frozen(template, FRENCH, PrintKind.INVOICE).mentions == ("Réserve de propriété.",)
    assert frozen(template, ENGLISH, PrintKind.QUOTE).header is None


def test_documents_keep_the_template_that_they_were_made_with(desk: Desk) -> None:
    """QUO-06: the company's default, or the order's own; a later change of the template changes nothing."""
    world = desk.world
    save(world, texts=TEXTS)
    assert world.do(Default, ChooseTemplate(template="maison"), "administrator").template == "maison"
    order, _ = desk.quoted("100.00")
    save(world, version=1, name="Nouvelle", texts=())
    world.execute_as("manager", update(order, template="export"), head(desk, order).version)
    world.do(QuoteView, GenerateQuote(order=order.id))
    task = {"company": world.company, "order": order.id}
    looks = [quote_to_render(world.services, task | {"version": version}).appearance for version in (1, 2)]
    assert looks[0] is not None
    assert looks[1] is not None
    assert (looks[0].template, looks[0].header, looks[0].general_terms) == ("Maison", "Pour les devis", "Article 1")
    assert (looks[1].template, looks[1].look) == ("Export", READY["export"].look)
    assert refused(desk, update(order, template="inconnu"), head(desk, order).version) == [
        ("unknown_template", "/template")
    ]


def test_an_issued_invoice_holds_its_template_for_ever() -> None:
    """QUO-06, INV-07: copied into the signed content of the chain."""
    shop = open_shop()
    save(shop.world, texts=TEXTS)
    shop.world.do(Default, ChooseTemplate(template="maison"), "administrator")
    [invoice] = shop.issued(shop.invoice(line("5")))
    save(shop.world, version=1, look=Look(accent="#FF0000"), texts=())
    content = shop.snapshot(invoice)
    assert content.appearance is not None
    assert (content.appearance.template, content.appearance.header) == ("Maison", "Pour tout")
    assert content.appearance.look == Look()
    assert [mention.code for mention in content.mentions]


def test_a_template_goes_from_one_company_to_another_as_a_file(world: World) -> None:
    """QUO-06: all but the logo, which belongs to its company; a taken code is refused."""
    picture = Image(
        sha256="0" * 64, width=9, height=9, title="Logo", media_type=MediaType.PNG, size=9, created_at=START
    )
    place = keys.image(world.company, picture.sha256)
    world.services.store.transact(lambda tx: tx.create(IMAGE, place, picture))
    mine = save(world, look=Look(accent="#123456"), texts=TEXTS, logo=picture.sha256)
    assert mine.logo is not None
    exported = world.do(TemplateFile, ExportTemplate(template="maison"))
    assert picture.sha256 not in exported.model_dump_json()
    other = another_company(world)
    values = json.loads(exported.model_dump_json())
    taken = other.do(Template, ImportTemplate(template="recu", **values), "administrator")
    assert taken == mine.change(code="recu", logo=None)
    for code in ("recu", "marine"):
        with pytest.raises(AlreadyExists):
            other.execute_as("administrator", ImportTemplate(template=code, **values))
    with pytest.raises(Refused):
        save(other, "autre", logo=picture.sha256)


@pytest.mark.parametrize(
    "hostile",
    [
        {"format": "comptoir-template-2"},
        {"script": "alert(1)"},
        {"name": "x" * 201},
        {"name": "a\x00b"},
        {"look": {"accent": "red"}},
        {"look": {"accent": "#12345"}},
        {"look": {"accent": "url(http://evil)"}},
        {"look": {"logo_height": 10_000}},
        {"look": {"columns": ["vat"]}},
        {"look": {"font": "../../etc/passwd"}},
        {"logo": {"sha256": "0" * 64, "width": 1, "height": 1}},
        {"texts": [{"language": "fr", "general_terms": "x" * 12_001}]},
        {"texts": [{"language": "fr", "header": "\u202eabc"}]},
        {"texts": [{"language": "fr"}, {"language": "fr"}]},
        {"texts": [{"language": "fr"}] * 13},
        {"texts": [{"language": "xx"}]},
        {"texts": [{"language": "fr", "mentions": ["m"] * 11}]},
    ],
)
def test_a_file_that_holds_anything_else_is_refused(hostile: dict[str, Any]) -> None:
    """QUO-06: unknown fields, other values, too much text, control characters."""
    with pytest.raises(ValidationError):
        ImportTemplate.model_validate({"template": "recu", "name": "Reçu"} | hostile)


def test_braces_in_texts_are_only_text() -> None:
    """Nothing of a template is filled in."""
    words = Texts(language=FRENCH, header="{0.__class__} %s {}")
    assert frozen(READY["sobre"].change(texts=(words,)), FRENCH, PrintKind.INVOICE).header == "{0.__class__} %s {}"
