"""Custom fields and tags that a company defines on its parties, references, orders and contracts (ACC-07)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field

from comptoir.access.commands import Administration, chain
from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.history import save
from comptoir.access.model import Code
from comptoir.access.permissions import Permission
from comptoir.kernel.cells import as_date, as_number, as_text, choice
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.model import Model
from comptoir.kernel.money import plain
from comptoir.kernel.sheets import Value
from comptoir.kernel.table import Column
from comptoir.kernel.text import Label, Line
from comptoir.store import keys
from comptoir.store.findable import exact, ordered, sortable
from comptoir.store.record import Kind
from comptoir.store.search import Between, Exact, Term
from comptoir.store.transaction import Transaction

_NUMBER = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,6})?")
_FILTER = re.compile(r"([a-z][a-z0-9_-]{1,39}):(.+)", re.DOTALL)


class Subject(StrEnum):
    """What can carry custom fields and tags."""

    PARTY = "party"
    REFERENCE = "reference"
    ORDER = "order"
    CONTRACT = "contract"


class FieldType(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


class CustomField(Model):
    """A field that a company adds; one that is no longer `active` keeps its values and takes no new ones."""

    code: Code
    label: Label
    label_en: Label | None = None
    type: FieldType = FieldType.TEXT
    choices: Annotated[tuple[Label, ...], Field(max_length=100)] = ()
    on: Annotated[tuple[Subject, ...], Field(min_length=1, max_length=4)]
    active: bool = True


class TagList(Model):
    """The tags that may be set on a kind of thing."""

    on: Subject
    tags: Annotated[tuple[Label, ...], Field(min_length=1, max_length=300)]


class Customisation(Model):
    """The custom fields and the lists of tags of a company; where there is no list, any tag may be set."""

    fields: Annotated[tuple[CustomField, ...], Field(max_length=100)] = ()
    tags: Annotated[tuple[TagList, ...], Field(max_length=4)] = ()


CUSTOMISATION = Kind("customisation", Customisation)

CustomValues = Annotated[dict[Code, Line], Field(max_length=60)]
"""Values by the field's code, all as texts: numbers `-12.5`, dates `2026-11-21`."""


def fields_on(customisation: Customisation | None, subject: Subject) -> list[CustomField]:
    """The fields of a kind of thing, in the company's order."""
    return [field for field in customisation.fields if subject in field.on] if customisation else []


def customisation(tx: Transaction, company: str) -> Customisation | None:
    """What the company defined, if anything."""
    return tx.get(CUSTOMISATION, keys.customisation(company))


def custom_breaches(
    defined: Customisation | None,
    subject: Subject,
    values: Mapping[str, str],
    tags: Sequence[str],
    known: Mapping[str, str] | None = None,
) -> list[Breach]:
    """Everything that is wrong with the custom values and tags of a thing; `known` are its values so far."""
    fields = {field.code: field for field in fields_on(defined, subject)}
    found = []
    for code, value in values.items():
        field = fields.get(code)
        if field is None or not (field.active or (known or {}).get(code) == value):
            found.append(_breach("unknown_field", "Champ personnalisé inconnu.", "Unknown custom field.", code))
        elif fault := _fault(field, value):
            found.append(_breach("custom_value", *fault, code))
    allowed = {tag for each in (defined.tags if defined else ()) if each.on is subject for tag in each.tags}
    found += [
        Breach(code="unknown_tag", fr="Étiquette hors de la liste.", en="Tag not in the list.", pointer=f"/tags/{n}")
        for n, tag in enumerate(tags)
        if allowed and tag not in allowed
    ]
    return found


def _breach(code: str, fr: str, en: str, field: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=f"/custom/{field}")


def _fault(field: CustomField, value: str) -> tuple[str, str] | None:
    if field.type is FieldType.NUMBER and not _NUMBER.fullmatch(value):
        return "Un nombre est attendu, par exemple 12.5.", "A number is expected, for example 12.5."
    if field.type is FieldType.DATE and _date(value) is None:
        return "Une date AAAA-MM-JJ est attendue.", "A date YYYY-MM-DD is expected."
    if field.type is FieldType.CHOICE and value not in field.choices:
        shown = ", ".join(field.choices)
        return f"Valeur hors liste ; attendu : {shown}.", f"Not in the list: {shown}."
    return None


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None


def _measure(value: str) -> Decimal | date | None:
    """The number or date that a value is, for whoever compares."""
    return Decimal(value) if _NUMBER.fullmatch(value) else _date(value)


def _exact(code: str, value: str) -> str | None:
    measure = _measure(value)
    shown = plain(measure.normalize()) if isinstance(measure, Decimal) else value
    return exact(f"custom.{code}", shown)


def facets(tags: Iterable[str], values: Mapping[str, str]) -> Iterator[str | None]:
    """What tags and custom values make findable."""
    yield from (exact("tag", tag) for tag in tags)
    for code, value in values.items():
        yield _exact(code, value)
        yield ordered(f"custom.{code}", _measure(value))


def terms(tags: Iterable[str], filters: Sequence[str]) -> list[Term]:
    """The conditions of tags and of custom filters: `code:value`, `code:low..high`, `code:low..`.

    Errors: `Refused` for each filter that cannot be read.
    """
    found: list[Term] = [Exact(facet) for tag in tags if (facet := exact("tag", tag))]
    wrong = []
    for position, text in enumerate(filters):
        term = _term(text)
        if term is None:
            fr, en = "Filtre attendu : champ:valeur ou champ:de..à.", "A filter is field:value or field:from..to."
            wrong.append(Breach(code="custom_filter", fr=fr, en=en, pointer=f"/custom/{position}"))
        else:
            found.append(term)
    refuse_if(wrong)
    return found


def _term(text: str) -> Term | None:
    read = _FILTER.fullmatch(text)
    if read is None:
        return None
    code, value = read.groups()
    if ".." not in value:
        facet = _exact(code, value)
        return Exact(facet) if facet else None
    low, _, high = value.partition("..")
    bounds = [_measure(bound) if bound else None for bound in (low, high)]
    if any(given and bound is None for given, bound in zip((low, high), bounds, strict=True)):
        return None
    ends = [None if bound is None else sortable(bound) for bound in bounds]
    return Between(f"custom.{code}", *ends)


def columns(defined: Customisation | None, subject: Subject) -> list[Column]:
    """The columns of a file for the custom fields of a kind of thing, headed by their labels."""
    return [
        Column(f"custom.{field.code}", field.label, field.label_en or field.label, _reader(field))
        for field in fields_on(defined, subject)
    ]


def _reader(field: CustomField) -> Callable[[Value], Any]:
    if field.type is FieldType.CHOICE:
        return choice({word: word for word in field.choices})
    return _READERS[field.type]


def _as_number(value: Value) -> str | None:
    number = as_number(value)
    return None if number is None else plain(number)


def _as_date(value: Value) -> str | None:
    day = as_date(value)
    return None if day is None else day.isoformat()


@dataclass(frozen=True)
class _Measured:
    """A reader whose values are texts, and how they are written as cells."""

    read: Callable[[Value], str | None]
    write: Callable[[str], Value]

    def __call__(self, value: Value) -> str | None:
        return self.read(value)


_READERS: dict[FieldType, Callable[[Value], Any]] = {
    FieldType.TEXT: as_text,
    FieldType.NUMBER: _Measured(_as_number, Decimal),
    FieldType.DATE: _Measured(_as_date, date.fromisoformat),
}


class SaveCustomisation(Customisation, Administration):
    """Define the custom fields and the lists of tags; a field keeps its type and is never taken away (ACC-07)."""

    guarded: ClassVar[bool] = True

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.customisation(ctx.company)
        ctx.expect(tx, key)
        before = tx.get(CUSTOMISATION, key) or Customisation()
        refuse_if(_definition_breaches(self, before))
        after = Customisation(fields=self.fields, tags=self.tags)
        if after != before:
            save(tx, ctx, CUSTOMISATION, key, after, "customisation_saved")
            chain(tx, ctx, "customisation_saved", after)
        return Reply.of(after, tx.next_version(key))


def _definition_breaches(after: Customisation, before: Customisation) -> list[Breach]:
    found = []
    known = {field.code: field for field in before.fields}
    for position, field in enumerate(after.fields):
        at = f"/fields/{position}"
        if any(other.code == field.code for other in after.fields[:position]):
            fr, en = "Ce code de champ figure deux fois.", "This field code is given twice."
            found.append(Breach(code="duplicate_field", fr=fr, en=en, pointer=f"{at}/code"))
        if (field.type is FieldType.CHOICE) != bool(field.choices):
            fr, en = "Une liste de choix va avec le type « choix ».", "Choices go with the type choice."
            found.append(Breach(code="choices_of_choice", fr=fr, en=en, pointer=f"{at}/choices"))
        if field.code in known and known[field.code].type is not field.type:
            fr, en = "Le type d'un champ ne change pas.", "The type of a field does not change."
            found.append(Breach(code="type_fixed", fr=fr, en=en, pointer=f"{at}/type"))
    lost = known.keys() - {field.code for field in after.fields}
    if lost:
        shown = ", ".join(sorted(lost))
        fr = f"Un champ se désactive, il ne se retire pas : {shown}."
        en = f"A field is made inactive, not taken away: {shown}."
        found.append(Breach(code="field_kept", fr=fr, en=en, pointer="/fields"))
    subjects = [each.on for each in after.tags]
    if len(set(subjects)) < len(subjects):
        fr, en = "Une seule liste d'étiquettes par nature d'objet.", "One list of tags for each kind of thing."
        found.append(Breach(code="duplicate_tags", fr=fr, en=en, pointer="/tags"))
    return found


class ReadCustomisation(Query):
    """The custom fields and the lists of tags; version 0 as long as there are none."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.get(CUSTOMISATION, keys.customisation(ctx.company))
        return Reply.of(stored.value if stored else Customisation(), stored.version if stored else 0)
