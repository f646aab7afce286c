"""Every table of words holds every language, each its own: none falls back to another (PTY-02, SUP-01)."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest

import comptoir
from comptoir.catalogue.pricing import LUMP_SUM
from comptoir.documents.canvas import Sheet
from comptoir.documents.countries import NAMES
from comptoir.documents.invoice_view import invoice_view
from comptoir.documents.language import Texts
from comptoir.documents.layouts import invoice_layout, purchase_order_layout, quote_layout
from comptoir.documents.purchase_order_view import purchase_order_view
from comptoir.documents.purchase_words import WORDS
from comptoir.documents.quote_view import quote_view
from comptoir.documents.texts import TEXTS
from comptoir.documents.units import unit_in
from comptoir.kernel.money import Money
from comptoir.parties.snapshot import Language
from tests.golden import snapshots as samples
from tests.golden import templates
from tests.golden.test_purchase_orders import purchase_order

FRENCH, ENGLISH, SPANISH, GERMAN = (TEXTS[language] for language in Language)
NARROW = "\u202f"
# What is the same by nature: numbers of French law, codes, and words that two languages share.
SHARED = {"siren", "siret", "iban", "bic", "phone", "reference", "incoterm", "incoterm_total", "page"}


def tables() -> Iterator[tuple[str, Mapping[Language, Any]]]:
    """Every mapping by language that a module of the library holds, at any depth of its tables."""
    for module in pkgutil.walk_packages(comptoir.__path__, "comptoir."):
        if not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                yield from _within(f"{module.name}.{name}", value)


def _within(name: str, value: object) -> Iterator[tuple[str, Mapping[Language, Any]]]:
    if isinstance(value, dict) and value:
        if all(isinstance(key, Language) for key in value):
            yield name, value
        else:
            for key, part in value.items():
                yield from _within(f"{name}[{key!r}]", part)


def test_every_table_by_language_holds_every_language() -> None:
    found = dict(tables())
    assert len(found) >= 10
    assert {name: set(Language) - set(table) for name, table in found.items() if set(table) != set(Language)} == {}


def test_no_two_languages_share_a_table() -> None:
    """A table that names one language's texts for another would be a silent fall-back."""
    for table in (TEXTS, WORDS, NAMES):
        assert len({id(value) for value in table.values()}) == len(Language)


def _strings(texts: Texts) -> dict[str, str]:
    """Each text by its name; the pieces of tuples and of tables under their own."""
    found: dict[str, str] = {}
    for field in fields(texts):
        value = getattr(texts, field.name)
        pieces = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()
        found |= {field.name: value} if isinstance(value, str) else {f"{field.name}.{k}": v for k, v in pieces}
    return found


@pytest.mark.parametrize("texts", [FRENCH, SPANISH, GERMAN], ids=lambda texts: texts.tag)
def test_texts_ask_for_the_same_data_in_every_language(texts: Texts) -> None:
    def data(text: str) -> Counter[str | None]:
        return Counter(field for _, field, _, _ in Formatter().parse(text) if field is not None)

    english = _strings(ENGLISH)
    for name, text in _strings(texts).items():
        if name in english:
            assert data(text) == data(english[name]), name


@pytest.mark.parametrize("texts", [FRENCH, SPANISH, GERMAN], ids=lambda texts: texts.tag)
def test_sentences_are_in_their_own_language(texts: Texts) -> None:
    english = _strings(ENGLISH)
    kept = {name for name, text in _strings(texts).items() if english.get(name) == text and " " in text}
    assert {name for name in kept if not name.startswith("units.")} <= SHARED


DOCUMENTS = ("invoice", "credit note", "quote", "pro forma", "amendment", "purchase order", "preview")


def printed(kind: str, language: Language) -> list[Sheet]:
    """A document of a kind with everything that it may say."""
    if kind == "invoice":
        return invoice_layout(invoice_view(templates.invoice("classique", language, 60)))
    if kind == "credit note":
        return invoice_layout(invoice_view(samples.credit_note(language)))
    if kind == "purchase order":
        return purchase_order_layout(purchase_order_view(purchase_order(language, 60)))
    quotes = {
        "quote": lambda: templates.quote("classique", language, 60),
        "pro forma": lambda: templates.quote("marine", language, proforma=True),
        "amendment": lambda: templates.amendment(language),
        "preview": lambda: templates.quote("sobre", language, preview=True),
    }
    return quote_layout(quote_view(quotes[kind]()))


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("language", Language)
def test_a_document_holds_no_word_of_another_language(kind: str, language: Language) -> None:
    """Labels, titles, units and countries printed are those of its language, never another's."""
    said = {text.text for sheet in printed(kind, language) for text in sheet.texts}
    own = set(_strings(TEXTS[language]).values()) | set(vars_of(language))
    for other in Language:
        foreign = (set(_strings(TEXTS[other]).values()) | set(vars_of(other))) - own
        assert said & foreign == set(), other
    assert said & own


def vars_of(language: Language) -> Iterator[str]:
    """The words of purchase orders, of units and of countries in a language."""
    yield from (word for word in WORDS[language] if isinstance(word, str))
    yield from (words.partition(", ")[0] for words in TEXTS[language].units.values())
    yield from (name.upper() for name in NAMES[language].values())


@pytest.mark.parametrize(
    ("amount", "spanish", "german"),
    [
        ("1234.5", f"1.234,50{NARROW}€", f"1.234,50{NARROW}€"),
        ("-1234567.89", f"−1.234.567,89{NARROW}€", f"−1.234.567,89{NARROW}€"),
        ("0", f"0,00{NARROW}€", f"0,00{NARROW}€"),
    ],
)
def test_amounts_are_written_as_the_language_does(amount: str, spanish: str, german: str) -> None:
    money = Money.of(amount, "EUR")
    assert (SPANISH.money(money), GERMAN.money(money)) == (spanish, german)


def test_dates_and_rates_are_written_as_the_language_does() -> None:
    day = date(2026, 3, 1)
    written = ["01/03/2026", "1 March 2026", "01/03/2026", "01.03.2026"]
    assert [texts.day(day) for texts in TEXTS.values()] == written
    rates = [f"5,5{NARROW}%", "5.5%", f"5,5{NARROW}%", f"5,5{NARROW}%"]
    assert [texts.rate(Decimal("5.50")) for texts in TEXTS.values()] == rates


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("bobines", ("bobines", "reel", "bobina", "Spule")),
        ("pièce", ("pièce", "piece", "pieza", "Stück")),
        ("pièces", ("pièces", "piece", "pieza", "Stück")),
        ("Std.", ("heure", "hour", "hora", "Std.")),
        ("KGM", ("kg", "kg", "kg", "kg")),
        ("m2", ("m2", "m2", "m2", "m2")),
        ("forfait", ("forfait", "lump sum", "tanto alzado", "pauschal")),
        ("caja", ("boîte", "box", "caja", "Schachtel")),
        ("hogshead", ("hogshead", "hogshead", "hogshead", "hogshead")),
    ],
)
def test_units_are_told_in_the_language_of_the_document(unit: str, words: tuple[str, ...]) -> None:
    """A unit that no table knows, and one of the language already, stays as entered."""
    assert tuple(unit_in(unit, texts) for texts in TEXTS.values()) == words


def test_units_have_one_code_and_every_language() -> None:
    codes = [set(texts.units) for texts in TEXTS.values()]
    assert all(found == codes[0] for found in codes)
    for language, texts in TEXTS.items():
        words = [word.casefold() for words in texts.units.values() for word in words.split(", ")]
        assert len(words) == len(set(words))
        assert texts.units["LS"].split(", ")[0] == LUMP_SUM[language]


def test_every_country_has_a_name_in_every_language() -> None:
    codes = [set(names) for names in NAMES.values()]
    assert all(found == codes[0] for found in codes)
    assert len(codes[0]) == 250
    assert [names["DE"] for names in NAMES.values()] == ["Allemagne", "Germany", "Alemania", "Deutschland"]
