"""Texts, canonical bytes, dates and identifiers (RULES §3.4; FIS-01)."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from comptoir.kernel.clock import FixedClock, SystemClock, paris_date, stamp
from comptoir.kernel.ids import Id, RandomIds, SequentialIds, derived_id
from comptoir.kernel.text import Label, Line, Paragraph, canonical, canonical_json, plain_words, sha256

LINE: TypeAdapter[str] = TypeAdapter(Line)
ID: TypeAdapter[str] = TypeAdapter(Id)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.text())
def test_a_line_is_trimmed_normal_and_free_of_controls(value: str) -> None:
    try:
        kept = LINE.validate_python(value)
    except ValidationError:
        return
    assert kept
    assert kept == unicodedata.normalize("NFC", kept)
    assert not any(unicodedata.category(character) == "Cs" for character in kept)
    assert not set(kept) & {"\x00", "\x1b", "\u202e", "\u2066", "\ufeff"}


@pytest.mark.parametrize(
    "value", ["a\x00b", "\u202eabc", "a\u2069", "\ufeffa", "\x85a\x9f", "\ud800", "", "   ", "x" * 201, 5, None]
)
def test_what_could_deceive_or_break_a_document_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        LINE.validate_python(value)


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", '=HYPERLINK("x")', "⚓ 👩🏽‍✈️", "شركة", "株式会社", "a\tb"]
)
def test_hostile_looking_texts_are_only_texts(value: str) -> None:
    assert LINE.validate_python(value) == value


def test_lengths_are_counted_in_characters() -> None:
    assert TypeAdapter(Label).validate_python("é" * 80)
    assert TypeAdapter(Paragraph).validate_python("ligne\n" * 600).count("\n") == 599
    with pytest.raises(ValidationError):
        TypeAdapter(Label).validate_python("é" * 81)


@given(json_values)
def test_canonical_bytes_do_not_depend_on_how_it_was_written(value: object) -> None:
    once = canonical(value)
    assert canonical_json(json.dumps(value, indent=3)) == once
    assert canonical_json(once) == once
    shuffled = dict(reversed(value.items())) if isinstance(value, dict) else value
    assert canonical(shuffled) == once
    assert sha256(once) == sha256(canonical(shuffled))


@pytest.mark.parametrize("value", [1.5, {"a": [0.1]}, [float("nan")], {"a": {"b": float("inf")}}])
def test_floats_have_no_canonical_form(value: object) -> None:
    with pytest.raises(ValueError, match="canonical"):
        canonical(value)


def test_canonical_bytes_are_normal_and_sorted() -> None:
    assert canonical({"b": "e\u0301", "a": 1}) == '{"a":1,"b":"é"}'.encode()
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.text())
def test_words_are_plain_and_stay_what_they_are(value: str) -> None:
    words = plain_words(value)
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
    assert plain_words(" ".join(words)) == words
    assert plain_words(value.upper()) == plain_words(value.upper().lower())


def test_words_are_found_whatever_the_accents() -> None:
    assert plain_words("Société Générale — « L'Œuvre » n°5 / ÆGIR Straße Łódź") == [
        "societe", "generale", "l", "oeuvre", "n", "5", "aegir", "strasse", "lodz",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_business_day_is_that_of_paris(instant: datetime, day: date) -> None:
    """RULES §2.2 rule 4: dates are Europe/Paris, daylight saving included."""
    assert paris_date(instant) == day


@given(instants, instants)
def test_stamps_sort_as_time_does(first: datetime, second: datetime) -> None:
    assert (stamp(first) < stamp(second)) == (first < second)
    assert datetime.fromisoformat(stamp(first)) == first
    assert (paris_date(first) <= paris_date(second)) or first > second


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.advance(timedelta(days=1))
    assert clock.now() == datetime(2026, 11, 22, tzinfo=UTC)
    assert SystemClock().now().tzinfo is UTC


def test_identifiers_sort_by_time_and_never_meet() -> None:
    clock = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
    ids = RandomIds(clock)
    early = {ids.new() for _ in range(200)}
    clock.advance(timedelta(milliseconds=1))
    late = {ids.new() for _ in range(200)}
    assert len(early | late) == 400
    assert max(early) < min(late)
    assert all(ID.validate_python(identifier) for identifier in early | late)
    sequence = SequentialIds()
    assert [sequence.new() for _ in range(2)] == ["0" * 25 + "1", "0" * 25 + "2"]


@given(st.lists(st.text().filter(lambda part: "\x00" not in part), min_size=1, max_size=4), st.data())
def test_a_derived_identifier_belongs_to_its_parts_alone(parts: list[str], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.text().filter(lambda part: "\x00" not in part), min_size=1, max_size=4))
    assert ID.validate_python(derived_id(*parts))
    assert (derived_id(*parts) == derived_id(*other)) == (parts == other)
