"""Every input error is told in French and in English, with the place to mend."""

from __future__ import annotations

import string
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import pytest
from pydantic import AfterValidator, AwareDatetime, Field, FutureDate, TypeAdapter, ValidationError
from pydantic_core import core_schema

from comptoir.kernel.errors import Breach, Conflict, Refused, Reported, problem, refuse_if
from comptoir.kernel.explain import breaches, flaw, pointer, shaped
from comptoir.kernel.model import Model
from comptoir.kernel.sentences import SENTENCES

PYTHON_ONLY = set(
    """no_such_attribute needs_python_object frozen_field frozen_instance get_attribute_error dataclass_exact_type
    named_tuple_type default_factory_not_called iteration_error frozen_dict_type ordered_dict_type counter_type
    deque_type missing_sentinel_error ellipsis_error is_instance_of is_subclass_of callable_type arguments_type
    missing_argument unexpected_keyword_argument missing_keyword_only_argument unexpected_positional_argument
    missing_positional_only_argument multiple_argument_values fraction_type fraction_parsing complex_type
    complex_str_parsing""".split()
)
"""Errors of Python values and of types that no request of ours has."""


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Model):
    name: str


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise AssertionError("an odd number")
    return value


def _fails(value: int) -> int:
    raise ValueError("always")


CASES: list[tuple[Any, Any, str, str]] = [
    (Inner, {}, "missing", "Champ obligatoire."),
    (Inner, {"name": "a", "x": 1}, "extra_forbidden", "Champ inconnu."),
    (Inner, [], "model_type", "Un objet est attendu."),
    (dict[str, int], 1, "dict_type", "Un objet est attendu."),
    (tuple[int, ...], "a", "tuple_type", "Une liste est attendue."),
    (list[int], 1, "list_type", "Une liste est attendue."),
    (Annotated[list[int], Field(min_length=1)], [], "too_short", "Au moins 1 élément attendu ; reçu : 0."),
    (Annotated[list[int], Field(max_length=2)], [1, 2, 3], "too_long", "Au plus 2 éléments attendus ; reçu : 3."),
    (str, 1, "string_type", "Un texte est attendu."),
    (Annotated[str, Field(min_length=2)], "a", "string_too_short", "Au moins 2 caractères attendus."),
    (Annotated[str, Field(max_length=1)], "ab", "string_too_long", "Au plus 1 caractère admis."),
    (Annotated[str, Field(pattern="^a$")], "b", "string_pattern_mismatch", "Format inattendu (^a$)."),
    (Colour, "green", "enum", "Valeur hors liste ; attendu : 'red' ou 'blue'."),
    (Literal["a", "b"], "c", "literal_error", "Valeur hors liste ; attendu : 'a' ou 'b'."),
    (bool, "peut-être", "bool_parsing", "Vrai ou faux est attendu (true ou false)."),
    (bool, [], "bool_type", "Vrai ou faux est attendu (true ou false)."),
    (int, "x", "int_parsing", "Un nombre entier est attendu."),
    (int, [], "int_type", "Un nombre entier est attendu."),
    (int, 1.5, "int_from_float", "Un nombre entier est attendu."),
    (int, "9" * 5000, "int_parsing_size", "Nombre trop grand."),
    (Annotated[int, Field(gt=0)], 0, "greater_than", "Doit être supérieur à 0."),
    (Annotated[int, Field(ge=1)], 0, "greater_than_equal", "Doit être supérieur ou égal à 1."),
    (Annotated[Decimal, Field(lt=100)], "1e2", "less_than", "Doit être inférieur à 100."),
    (Annotated[Decimal, Field(le=Decimal("1E+2"))], "101", "less_than_equal", "Doit être inférieur ou égal à 100."),
    (Annotated[int, Field(multiple_of=5)], 7, "multiple_of", "Doit être un multiple de 5."),
    (Decimal, "x", "decimal_parsing", SENTENCES["decimal_parsing"][0]),
    (Decimal, [], "decimal_type", SENTENCES["decimal_type"][0]),
    (Decimal, "NaN", "finite_number", "Un nombre fini est attendu."),
    (Annotated[Decimal, Field(max_digits=2)], "123", "decimal_max_digits", "Au plus 2 chiffres en tout."),
    (Annotated[Decimal, Field(decimal_places=1)], "1.23", "decimal_max_places", "Au plus 1 décimale."),
    (date, "31/12/2026", "date_from_datetime_parsing", "Une date est attendue (AAAA-MM-JJ)."),
    (date, "2026-01-01T10:00:00", "date_from_datetime_inexact", "Une date sans heure est attendue."),
    (date, [], "date_type", "Une date est attendue (AAAA-MM-JJ)."),
    (FutureDate, "2000-01-01", "date_future", "La date doit être à venir."),
    (datetime, "x", "datetime_from_date_parsing", SENTENCES["datetime_parsing"][0]),
    (AwareDatetime, "2026-01-01T10:00:00", "timezone_aware", "Le fuseau horaire est requis."),
    (time, "x", "time_parsing", "Une heure est attendue (hh:mm:ss)."),
    (timedelta, "x", "time_delta_parsing", "Une durée est attendue (ISO 8601)."),
    (UUID, "x", "uuid_parsing", "Un UUID est attendu."),
    (None, 1, "none_required", "Ce champ doit rester vide."),
    (Annotated[int, AfterValidator(_odd)], 2, "assertion_error", "Valeur refusée : an odd number."),
    (Annotated[int, AfterValidator(_fails)], 2, "value_error", "Valeur refusée : always."),
]


@pytest.mark.parametrize(("kind", "value", "code", "fr"), CASES, ids=[case[2] for case in CASES])
def test_each_error_reads_in_both_languages(kind: Any, value: Any, code: str, fr: str) -> None:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(value)
    breach = breaches(error.value)[0]
    assert (breach.code, breach.fr) == (code, fr)
    assert breach.en != breach.fr
    assert breach.en.endswith((".", ")."))


def test_no_error_that_pydantic_knows_is_forgotten() -> None:
    assert set(get_args(core_schema.ErrorType)) == SENTENCES.keys() | PYTHON_ONLY


def test_sentences_of_both_languages_say_the_same_values() -> None:
    def fields(sentence: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

    for code, (fr, en) in SENTENCES.items():
        assert fields(fr) == fields(en), code
        assert fr.endswith("."), code


def test_an_error_without_a_sentence_is_still_told() -> None:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(complex).validate_python("x")
    assert breaches(error.value)[0].fr.startswith("Valeur refusée : ")


def test_json_that_is_none_is_told() -> None:
    with pytest.raises(ValidationError) as error:
        Inner.model_validate_json("{")
    assert [(b.code, b.pointer, b.fr) for b in breaches(error.value)] == [
        ("json_invalid", "", "Le contenu n'est pas un JSON valide.")
    ]


def test_our_validators_and_patterns_speak_both_languages() -> None:
    def refuse(value: str) -> str:
        raise flaw("odd_hull", "La coque {est} fendue.", "The hull {is} split.")

    kind = Annotated[str, shaped(r"^[a-z]+$", "Des minuscules.", "Small letters."), AfterValidator(refuse)]
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    found = []
    for value in ("A", "a"):
        with pytest.raises(ValidationError) as error:
            adapter.validate_python(value)
        found += breaches(error.value, "/hull")
    assert [(b.code, b.fr, b.en, b.pointer) for b in found] == [
        ("string_pattern_mismatch", "Des minuscules.", "Small letters.", "/hull"),
        ("odd_hull", "La coque {est} fendue.", "The hull {is} split.", "/hull"),
    ]
    assert isinstance(flaw("a", "b", "c"), ValueError)


def test_places_are_json_pointers() -> None:
    assert pointer(()) == ""
    assert pointer(("lines", 0, "a/b~c")) == "/lines/0/a~1b~0c"
    with pytest.raises(ValidationError) as error:
        TypeAdapter(dict[str, dict[int, Inner]]).validate_python({"a": {"x": {"name": "b"}, 2: {}}})
    assert [b.pointer for b in breaches(error.value, "/body")] == ["/body/a/x", "/body/a/2/name"]


def test_a_problem_shows_every_breach_and_comes_back_as_it_was() -> None:
    refuse_if([])
    wrong = [Breach(code="a", fr="b", en="c", pointer="/d"), Breach(code="e", fr="f", en="g", link="/h")]
    with pytest.raises(Refused) as refused:
        refuse_if(wrong)
    told = problem(refused.value)
    assert (told["status"], told["code"], len(told["errors"])) == (422, "rules_broken", 2)
    assert told["errors"][1] == {"code": "e", "fr": "f", "en": "g", "link": "/h"}
    assert problem(Reported(told)) == told
    conflict = problem(Conflict(state="done"))
    assert (conflict["status"], conflict["context"], "errors" in conflict) == (409, {"state": "done"}, False)


class Basket(Model):
    inners: Annotated[tuple[Inner, ...], Field(min_length=2)]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([{}, {"name": "a"}], ["/inners/0/name"]),
        ([{}, {"name": 1}], ["/inners/0/name", "/inners/1/name"]),
        ([{}], ["/inners/0/name", "/inners"]),
        ([{"name": "a"}], ["/inners"]),
        ([], ["/inners"]),
    ],
)
def test_a_list_of_faulty_elements_is_not_told_to_be_too_short(sent: list[Any], told: list[str]) -> None:
    """Whoever sent two lines, one wrong, is not told that two are missing."""
    with pytest.raises(ValidationError) as caught:
        Basket.model_validate({"inners": sent})
    assert [breach.pointer for breach in breaches(caught.value)] == told
