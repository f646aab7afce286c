"""A mail: what it says, what it carries, and what is known of its way (SUP-01, INV-12)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from comptoir.docbase.model import FileKind, MediaType, Owner
from comptoir.docbase.template import Digest
from comptoir.kernel.identity import Email
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line, Paragraph, Treatise
from comptoir.parties.snapshot import Language

MOST_RECIPIENTS = 10
MOST_ATTACHMENTS = 10
Addresses = Annotated[tuple[Email, ...], Field(max_length=MOST_RECIPIENTS)]


class MailState(StrEnum):
    """Where a mail is.

    Waiting to be handed over, being handed over, taken by the mail service, with all that it is for, come back
    from one of them; never taken, for the reason told; or handed over without an answer, so that nobody knows.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


FAILED = frozenset({MailState.BOUNCED, MailState.REFUSED, MailState.UNCERTAIN})
"""What somebody has to look at; it may be sent again."""


class Outcome(StrEnum):
    """What the mail service tells of one address, from what leaves most hope to what leaves least."""

    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINED = "complained"
    BOUNCED = "bounced"


class Delivery(Model):
    """What became of a mail at one address; `detail` is what its server said."""

    address: Line
    outcome: Outcome
    at: datetime
    detail: Line | None = None


class Attached(Model):
    """A document of the base of `owner` that a mail carries: its bytes are those of `sha256`."""

    file: Id
    owner: Owner
    owner_id: Id
    kind: FileKind
    title: Line
    filename: Line
    media_type: MediaType
    sha256: Digest
    size: int
    bucket: str
    key: str


class MailFields(Model):
    """What is entered of a mail; what is left out is as proposed.

    `attachments` are other documents of the same base.
    """

    to: Addresses = ()
    cc: Addresses = ()
    subject: Line | None = None
    message: Paragraph | None = None
    attachments: Annotated[tuple[Id, ...], Field(max_length=MOST_ATTACHMENTS - 1)] = ()


class MailProposal(Model):
    """What a mail with a document would be: to the contact that it is made for, in the document's language.

    `to` is empty where nobody is known. `footer` is what every letter of the company bears (C. com. R123-237).
    """

    to: Addresses
    subject: Line
    message: Paragraph
    footer: Paragraph
    language: Language
    reply_to: Email


class MailSummary(Model):
    """A mail in a list; what the product tells the company's own operators belongs to no `owner`."""

    id: Id
    owner: Owner | None = None
    owner_id: Id | None = None
    to: Addresses
    subject: Line
    author: Line
    created_at: datetime
    state: MailState
    reason: Line | None = None


class MailView(MailSummary):
    """A mail with what is known of its way; `reason` is why it was not taken.

    The message is longer than any that is entered: a letter's words stand between greeting and signature.
    """

    party: Id | None = None
    language: Language
    sender: Line
    reply_to: Email
    cc: Addresses = ()
    message: Treatise
    footer: Paragraph
    operator: Id
    attempts: int = 0
    tried_at: datetime | None = None
    sent_at: datetime | None = None
    message_id: Label | None = None
    deliveries: tuple[Delivery, ...] = ()
    attachments: tuple[Attached, ...]


class Mail(MailView):
    """A mail as it lies in the table."""

    @property
    def recipients(self) -> tuple[Email, ...]:
        """Everybody that it is for."""
        return (*self.to, *self.cc)
