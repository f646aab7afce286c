"""The mentions of the law: dated rows with their condition and the data they need (INV-03, RULES §1).

A row is copied into the document when it is issued and never looked up again: a change of the law
is a new row with its dates, and reprints keep the old text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from comptoir.access.model import Company
from comptoir.catalogue.pricing import PricedLine, ProductKind
from comptoir.invoicing.model import Document
from comptoir.invoicing.snapshot import DocumentKind, Mention, OperationNature
from comptoir.kernel.errors import Breach
from comptoir.parties.model import Party
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import Wording

CGI_END = date(2028, 6, 30)
"""Until when the articles of the CGI may be cited, though the CIBS replaces it (ord. 2025-1247)."""


@dataclass(frozen=True)
class Case:
    """What decides on the mentions of a document; `document` has its VAT cases settled."""

    company: Company
    customer: Party
    document: Document

    @property
    def nature(self) -> OperationNature:
        """Goods, services or both."""
        return nature_of(line.priced for line in self.document.lines)

    @property
    def invoice(self) -> bool:
        """Whether it is an invoice of whatever type."""
        return self.document.kind is DocumentKind.INVOICE


Condition = Callable[[Case], bool]


@dataclass(frozen=True)
class Need:
    """A datum without which a mention cannot be printed, what is said then, and where to mend it."""

    code: str
    fr: str
    en: str
    pointer: str
    met: Condition
    link: str | None = None

    def breach(self, case: Case) -> Breach:
        """What is said where it lacks; `{customer}` in a link is the customer."""
        link = self.link.format(customer=case.document.customer) if self.link else None
        return Breach(code=self.code, fr=self.fr, en=self.en, pointer=self.pointer, link=link)


Fields = Callable[[Case, Language], Mapping[str, str]]


def no_fields(_: Case, __: Language) -> Mapping[str, str]:
    """A sentence that is the same on every document."""
    return {}


@dataclass(frozen=True)
class Row:
    """A mention between its dates: when it is due, its sentence, what fills it, what it needs, and its article.

    Without words it is printed by the document at a place of its own: a number, a date, an address.
    """

    code: str
    source: str
    due: Condition
    words: Wording | None = None
    fields: Fields = no_fields
    needs: tuple[Need, ...] = ()
    valid_from: date = date(1900, 1, 1)
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the row is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def in_force(rows: Iterable[Row], case: Case, day: date) -> list[Row]:
    """The rows due on a day for this case, in their order."""
    return [row for row in rows if row.holds(day) and row.due(case)]


def mentions(rows: Iterable[Row], case: Case, language: Language, day: date) -> tuple[Mention, ...]:
    """The sentences due on a day for this case, in the document's language."""
    return tuple(
        Mention(code=row.code, text=row.words.said(language).format_map(row.fields(case, language)))
        for row in in_force(rows, case, day)
        if row.words
    )


def lacking(rows: Iterable[Row], case: Case, day: date) -> list[Breach]:
    """Everything that the mentions due lack, each once."""
    needs = dict.fromkeys(need for row in in_force(rows, case, day) for need in row.needs)
    return [need.breach(case) for need in needs if not need.met(case)]


def nature_of(lines: Iterable[PricedLine]) -> OperationNature:
    """Goods, services or both: transport and services count as services."""
    kinds = {line.kind is ProductKind.GOODS for line in lines}
    if kinds == {True}:
        return OperationNature.GOODS
    return OperationNature.SERVICES if kinds == {False} else OperationNature.MIXED
