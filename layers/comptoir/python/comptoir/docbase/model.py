"""The document base: what stands in it, and what is about to (DOC-01, DOC-03)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.docbase.template import Digest, Picture
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.parties.snapshot import Language

MOST_BYTES = 20_000_000


class Owner(StrEnum):
    """What a document belongs to; a fiscal document is a `document`, a purchase one that no order made."""

    ORDER = "order"
    PARTY = "party"
    CONTRACT = "contract"
    DOCUMENT = "document"
    PURCHASE = "purchase"


class FileKind(StrEnum):
    """The type of a document (DOC-01)."""

    QUOTE = "quote"
    PROFORMA = "proforma"
    AMENDMENT = "amendment"
    PURCHASE_ORDER = "purchase_order"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    CANCELLATION = "cancellation"
    PAYMENT_REMINDER = "payment_reminder"
    SIGNED_QUOTE = "signed_quote"
    SUPPLIER_INVOICE = "supplier_invoice"
    TRANSPORT_DOCUMENT = "transport_document"
    OTHER = "other"


class UploadKind(StrEnum):
    """The types that people bring; the others are generated."""

    SIGNED_QUOTE = "signed_quote"
    SUPPLIER_INVOICE = "supplier_invoice"
    TRANSPORT_DOCUMENT = "transport_document"
    OTHER = "other"


class MediaType(StrEnum):
    """The types of files that are taken (DOC-03)."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    CSV = "text/csv"
    XML = "application/xml"


EXTENSIONS = {
    MediaType.PDF: "pdf",
    MediaType.JPEG: "jpg",
    MediaType.PNG: "png",
    MediaType.XLSX: "xlsx",
    MediaType.CSV: "csv",
    MediaType.XML: "xml",
}


class FiledView(Model):
    """A document of the base as lists show it; `version` counts those of one generated document.

    `party` is whom it is made for, if one party, and `contact` who there; `sent_at` when it was last mailed.
    """

    id: Id
    owner: Owner
    owner_id: Id
    kind: FileKind
    title: Line
    number: Label | None = None
    comment: Line | None = None
    language: Language | None = None
    author: Line
    created_at: datetime
    version: int = 1
    media_type: MediaType = MediaType.PDF
    sha256: Digest
    size: int
    party: Id | None = None
    contact: Line | None = None
    sent_at: datetime | None = None


class Filed(FiledView):
    """A document of the base with where its bytes lie: bucket `files` or `archive`, and the key."""

    bucket: str = "files"
    key: str

    def view(self) -> FiledView:
        """What lists and answers show of it."""
        return FiledView.model_validate(self.picked(FiledView.model_fields))


class FileLink(Model):
    """A document of the base with a short-lived link to its bytes."""

    file: FiledView
    url: str | None = None


class UploadFields(Model):
    """What is told of a file before it is sent; `size` in bytes."""

    filename: Line
    media_type: MediaType
    size: Annotated[int, Field(gt=0, le=MOST_BYTES)]
    sha256: Digest


class Upload(UploadFields):
    """A file that is to come: without `owner`, an image of the company. `file` or `image` once it is checked."""

    id: Id
    owner: Owner | None = None
    owner_id: Id | None = None
    kind: UploadKind = UploadKind.OTHER
    title: Line
    comment: Line | None = None
    language: Language | None = None
    author: Line
    created_at: datetime
    file: Id | None = None
    image: Picture | None = None

    @property
    def done(self) -> bool:
        """Whether it was checked and taken."""
        return self.file is not None or self.image is not None


class Ticket(Model):
    """Where and how to send a file: a PUT of exactly these bytes with these headers, within `expires_in` seconds."""

    upload: Upload
    method: str = "PUT"
    url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    expires_in: int = 900


class ImageLink(Model):
    """An image of the company with a short-lived link to its bytes; nothing where there is none."""

    image: Picture | None = None
    url: str | None = None


class Image(Picture):
    """An image of the company: a logo, an operator's picture, a reference's."""

    title: Line
    media_type: MediaType
    size: int
    created_at: datetime
