"""Quotes of building and repair works: place, whether the quote is free, waste (RULES §1.5, QUO-01)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comptoir.documents.layouts import quote_layout
from comptoir.documents.quote_view import quote_view
from comptoir.documents.texts import TEXTS
from comptoir.documents.works import _WORDS
from comptoir.kernel.money import Money
from comptoir.orders.works import Waste, Works
from comptoir.parties.snapshot import Language
from tests.golden import snapshots as samples

PLACE = "14 rue des Glénan, 29200 Brest"
WASTE = Waste(
    quantity="2,5 m³ de gravats",
    handling="Tri sur place, enlèvement par nos soins",
    cost=Decimal("180"),
    collection_points=("Déchèterie de Plouzané", "Recyclerie du Relecq"),
)


def told(works: Works | None, language: Language) -> str:
    """Everything that the quote prints."""
    sheets = quote_layout(quote_view(samples.quote(8, language, works=works)))
    return " ".join(text.text for sheet in sheets for text in sheet.texts)


@pytest.mark.parametrize("language", Language)
def test_a_quote_of_works_says_where_what_it_costs_itself_and_what_becomes_of_waste(language: Language) -> None:
    words, texts = _WORDS[language], TEXTS[language]
    free, charged = (told(Works(place=PLACE, fee=fee, waste=WASTE), language) for fee in (None, Decimal("45.50")))
    assert words.free in free
    assert words.free not in charged
    assert words.charged.format(texts.money(Money.of("45.50", "EUR"))) in charged
    for said in (PLACE, WASTE.quantity, WASTE.handling or "", texts.money(Money.of("180", "EUR")), "Relecq"):
        assert said in free, said


def test_other_quotes_say_nothing_of_works() -> None:
    assert "Devis gratuit" not in told(None, Language.FRENCH)
    assert "gravats" not in told(Works(place=PLACE), Language.FRENCH)
