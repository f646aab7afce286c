"""Templates: how a company's documents look and what they say besides their data (QUO-06).

A template is copied into each document when it is frozen: changing it later changes nothing of what
is issued. The legal mentions are no part of it, so that no template can leave one out.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from comptoir.access.model import Code
from comptoir.kernel.explain import flaw, shaped
from comptoir.kernel.model import Model
from comptoir.kernel.text import Line, Paragraph, Treatise
from comptoir.parties.snapshot import Language

Colour = Annotated[
    str,
    shaped(r"^#[0-9A-F]{6}$", "Couleur attendue, par exemple #0F4C5C.", "A colour is expected, for example #0F4C5C."),
]
Digest = Annotated[
    str,
    shaped(
        r"^[0-9a-f]{64}$",
        "Empreinte SHA-256 attendue : 64 chiffres hexadécimaux en minuscules.",
        "A SHA-256 digest is expected: 64 small hexadecimal digits.",
    ),
]


class PrintKind(StrEnum):
    """What a template's texts can be meant for."""

    QUOTE = "quote"
    PROFORMA = "proforma"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    CANCELLATION = "cancellation"
    PURCHASE_ORDER = "purchase_order"
    PAYMENT_REMINDER = "payment_reminder"


class Head(StrEnum):
    """The head of the first page: names in colour, a coloured band, or plain ink under a rule."""

    CLASSIC = "classic"
    BAND = "band"
    PLAIN = "plain"


class TableHead(StrEnum):
    """The titles of the columns: above a rule, on the colour, or on its tint."""

    RULED = "ruled"
    FILLED = "filled"
    TINTED = "tinted"


class Rows(StrEnum):
    """What parts the lines: rules, a tint on every other one, or nothing."""

    RULED = "ruled"
    STRIPED = "striped"
    OPEN = "open"


class Due(StrEnum):
    """The amount that counts: on the colour, or between two rules."""

    FILLED = "filled"
    RULED = "ruled"


class Density(StrEnum):
    """How close the lines stand."""

    AIRY = "airy"
    NORMAL = "normal"
    COMPACT = "compact"


class LogoPlace(StrEnum):
    """Where the logo stands at the head of the first page."""

    LEFT = "left"
    RIGHT = "right"


class OptionalColumn(StrEnum):
    """Columns that the law does not ask for."""

    POSITION = "position"
    CODE = "code"
    UNIT = "unit"


class Look(Model):
    """The layout choices of a template; `logo_height` in millimetres."""

    accent: Colour = "#0F4C5C"
    head: Head = Head.CLASSIC
    table_head: TableHead = TableHead.RULED
    rows: Rows = Rows.RULED
    due: Due = Due.FILLED
    density: Density = Density.NORMAL
    logo_place: LogoPlace = LogoPlace.LEFT
    logo_height: int = Field(16, ge=8, le=30)
    columns: tuple[OptionalColumn, ...] = Field((OptionalColumn.CODE, OptionalColumn.UNIT), max_length=3)


class Picture(Model):
    """An image of the company by the hash of its bytes, which lie in the files bucket; size in pixels."""

    sha256: Digest
    width: int = Field(ge=1)
    height: int = Field(ge=1)


def _once(texts: tuple[Texts, ...]) -> tuple[Texts, ...]:
    seen: set[tuple[Language, PrintKind | None]] = set()
    for words in texts:
        places = {(words.language, kind) for kind in words.kinds or (None,)}
        if places & seen:
            raise flaw(
                "texts_twice",
                "Deux textes pour la même langue et le même document.",
                "Two texts for the same language and document.",
            )
        seen |= places
    return texts


class Wording(Model):
    """What a document says of the company's own: lines under its head and above its foot, general terms, mentions.

    The general terms have at most 12,000 characters: two dense pages.
    """

    header: Line | None = None
    footer: Line | None = None
    general_terms: Treatise | None = None
    mentions: Annotated[tuple[Paragraph, ...], Field(max_length=10)] = ()


class Texts(Wording):
    """The wording in one language, for the kinds named; without any, for every kind that has none of its own."""

    language: Language
    kinds: Annotated[tuple[PrintKind, ...], Field(max_length=6)] = ()


class TemplateFields(Model):
    """What a company chooses in a template, and what its file holds."""

    name: Line
    look: Look = Look()
    texts: Annotated[tuple[Texts, ...], Field(max_length=12), AfterValidator(_once)] = ()


class Template(TemplateFields):
    """A template of a company; `logo` is one of the company's images."""

    code: Code
    logo: Picture | None = None


class TemplateSummary(Model):
    """A template in a list; a ready-made one that the company has not changed is `ready_made`."""

    code: Code
    name: Line
    accent: Colour
    ready_made: bool
    default: bool = False


class Appearance(Wording):
    """A template as a document of one kind and language keeps it for ever."""

    template: Line
    look: Look
    logo: Picture | None = None


def frozen(template: Template, language: Language, kind: PrintKind) -> Appearance:
    """The part of a template that a document of this kind prints."""
    words = _wording(template.texts, language, kind)
    own = words.picked(Wording.model_fields) if words else {}
    return Appearance(template=template.name, look=template.look, logo=template.logo, **own)


def _wording(texts: Sequence[Texts], language: Language, kind: PrintKind) -> Texts | None:
    spoken = [words for words in texts if words.language is language]
    return next((w for w in spoken if kind in w.kinds), next((w for w in spoken if not w.kinds), None))
