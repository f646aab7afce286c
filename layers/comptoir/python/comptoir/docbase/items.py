"""How the document base, uploads, images and templates lie in the table."""

from __future__ import annotations

from typing import Any

from comptoir.access.model import Code
from comptoir.docbase.model import Filed, FileKind, Image, Owner, Upload
from comptoir.docbase.template import Picture, Template, TemplateSummary
from comptoir.kernel.model import Model
from comptoir.store import keys
from comptoir.store.record import Kind
from comptoir.store.transaction import Transaction


class Default(Model):
    """The template that documents use when they name none."""

    template: Code


class Portrait(Model):
    """The picture of an operator on quotes, if any."""

    picture: Picture | None = None


def _summary(template: Template) -> TemplateSummary:
    return TemplateSummary(code=template.code, name=template.name, accent=template.look.accent, ready_made=False)


FILED = Kind("filed", Filed)
UPLOAD = Kind("upload", Upload)
IMAGE = Kind(
    "image",
    Image,
    summarise=lambda image: image,
    index=lambda company, image: {1: keys.by_kind(company, "IMAGES", f"{image.title}#{image.sha256}")},
)
TEMPLATE = Kind(
    "template",
    Template,
    summarise=_summary,
    index=lambda company, template: {1: keys.by_kind(company, "TEMPLATES", template.code)},
)
DEFAULT = Kind("default_template", Default)
PORTRAIT = Kind("portrait", Portrait)


def image_key(company: str, digest: str) -> str:
    """Where the bytes of an image lie: under their hash, for ever."""
    return f"images/{company}/{digest}"


def file(
    tx: Transaction, company: str, identifier: str, owner: Owner, owned: str, kind: FileKind, **told: Any
) -> Filed:
    """Put a document into the base of what owns it, beside all the others (DOC-01).

    `told` are the other fields of `Filed`. The caller sees to it that this happens once.
    """
    filed = Filed(id=identifier, owner=owner, owner_id=owned, kind=kind, **told)
    tx.create(FILED, keys.filed(company, owner, owned, identifier), filed)
    return filed
