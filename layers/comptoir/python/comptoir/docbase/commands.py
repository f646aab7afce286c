"""Uploads: a file is announced, sent to the bucket, then checked and put into the document base (DOC-03)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from comptoir.access.context import Caller, Context, Services
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.items import OPERATOR
from comptoir.access.permissions import Permission
from comptoir.docbase.items import IMAGE, PORTRAIT, UPLOAD, Portrait
from comptoir.docbase.model import MediaType, Owner, Ticket, Upload, UploadFields, UploadKind
from comptoir.docbase.owning import OfContract, OfDocument, OfOrder, OfParty, OfPurchase, Owned
from comptoir.docbase.template import Digest, Picture
from comptoir.kernel.errors import Breach, NotFound, Refused
from comptoir.kernel.ids import Id
from comptoir.kernel.text import Line
from comptoir.parties.snapshot import Language
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

_DAY = 86_400
LINK_SECONDS = 900
MOST_IMAGE_BYTES = 2_000_000


def place(company: str, upload: Upload) -> str:
    """Where a file is sent: a key of its own, which expires by itself."""
    return f"uploads/{company}/{upload.sha256}/{upload.id}"


class Announce(Command, UploadFields):
    """Base of the announcements: the answer says where to send the file."""

    @abstractmethod
    def announced(self, tx: Transaction, ctx: Context) -> Upload:
        """What is to come. Errors: `NotFound` when nothing is there to own it."""

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        upload = self.announced(tx, ctx)
        tx.create(UPLOAD, keys.upload(ctx.company, upload.id), upload, expires=int(ctx.now.timestamp()) + _DAY)
        return Reply.of(upload, status=201)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        upload = Upload.model_validate_json(reply.body)
        if services.files is None:
            return Reply.of(Ticket(upload=upload, expires_in=LINK_SECONDS), status=reply.status)
        key = place(caller.company, upload)
        url, headers = services.files.accept(key, upload.media_type, upload.size, upload.sha256, LINK_SECONDS)
        return Reply.of(Ticket(upload=upload, url=url, headers=headers, expires_in=LINK_SECONDS), status=reply.status)


class AnnounceFile(Announce, Owned):
    """Base of the announcements of a file for the document base of something."""

    kind: UploadKind = UploadKind.OTHER
    title: Line | None = None
    comment: Line | None = None
    language: Language | None = None

    def keys(self, company: str) -> Sequence[Key]:
        return [self.head(company)]

    def announced(self, tx: Transaction, ctx: Context) -> Upload:
        if not tx.version(self.head(ctx.company)):
            raise NotFound()
        told = self.picked((*UploadFields.model_fields, "kind", "comment", "language"))
        return Upload(
            id=ctx.new_id(),
            owner=self.owner,
            owner_id=self.owned,
            title=self.title or self.filename,
            author=ctx.operator.name,
            created_at=ctx.now,
            **told,
        )


class AnnounceOrderFile(OfOrder, AnnounceFile):
    """Announce a file for the document base of an order."""

    permission: ClassVar[Permission] = Permission.EDIT_ORDERS


class AnnouncePartyFile(OfParty, AnnounceFile):
    """Announce a file for the document base of a party."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES


class AnnounceContractFile(OfContract, AnnounceFile):
    """Announce a file for the document base of a contract."""

    permission: ClassVar[Permission] = Permission.EDIT_CONTRACTS


class AnnounceDocumentFile(OfDocument, AnnounceFile):
    """Announce a file for the document base of an invoice or credit note."""

    permission: ClassVar[Permission] = Permission.DRAFT_INVOICES


class AnnouncePurchaseFile(OfPurchase, AnnounceFile):
    """Announce a file for the document base of a purchase that no order made."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES


class AnnounceImage(Announce):
    """Announce an image of the company: a logo, an operator's picture."""

    permission: ClassVar[Permission] = Permission.ADMINISTER

    title: Line | None = None

    def announced(self, tx: Transaction, ctx: Context) -> Upload:
        if self.media_type not in (MediaType.PNG, MediaType.JPEG) or self.size > MOST_IMAGE_BYTES:
            raise Refused([_IMAGE_ONLY])
        return Upload(
            id=ctx.new_id(),
            title=self.title or self.filename,
            author=ctx.operator.name,
            created_at=ctx.now,
            **self.picked(UploadFields.model_fields),
        )


_IMAGE_ONLY = Breach(
    code="image_only",
    fr="Une image PNG ou JPEG de 2 Mo au plus est attendue.",
    en="A PNG or JPEG image of at most 2 MB is expected.",
    pointer="/media_type",
)


class AnnouncePicture(AnnounceImage):
    """Announce a picture for the references of the catalogue (CAT-01)."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE


class Complete(Command):
    """Base of the completions: what was sent is checked, then taken; done again, it answers the same."""

    natural: ClassVar[bool] = True

    upload: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.upload(company, self.upload)]

    def owning(self) -> tuple[Owner | None, str | None]:
        """What the address says that the file belongs to."""
        return None, None

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        upload = tx.require(UPLOAD, keys.upload(ctx.company, self.upload))
        if (upload.owner, upload.owner_id) != self.owning():
            raise NotFound()
        return Reply.of(upload, status=201 if upload.done else 202)

    def after(self, services: Services, caller: Caller, reply: Reply) -> Reply:
        if reply.status == 201 or services.renderer is None:
            return reply
        services.renderer.render({"task": "check_upload", "company": caller.company, "upload": self.upload})
        stored = services.store.require(UPLOAD, keys.upload(caller.company, self.upload))
        return Reply.of(stored.value, status=201 if stored.value.done else 202)


class CompleteFile(Complete, Owned):
    """Base of the completions of files for the document base of something."""

    def owning(self) -> tuple[Owner | None, str | None]:
        return self.owner, self.owned


class CompleteOrderFile(OfOrder, CompleteFile):
    """Have a file that was sent checked and put into the document base of an order."""

    permission: ClassVar[Permission] = Permission.EDIT_ORDERS


class CompletePartyFile(OfParty, CompleteFile):
    """Have a file that was sent checked and put into the document base of a party."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES


class CompleteContractFile(OfContract, CompleteFile):
    """Have a file that was sent checked and put into the document base of a contract."""

    permission: ClassVar[Permission] = Permission.EDIT_CONTRACTS


class CompleteDocumentFile(OfDocument, CompleteFile):
    """Have a file that was sent checked and put into the document base of an invoice or credit note."""

    permission: ClassVar[Permission] = Permission.DRAFT_INVOICES


class CompletePurchaseFile(OfPurchase, CompleteFile):
    """Have a file that was sent checked and put into the document base of a purchase that no order made."""

    permission: ClassVar[Permission] = Permission.EDIT_PURCHASES


class CompleteImage(Complete):
    """Have an image that was sent checked, made ready to print, and kept."""

    permission: ClassVar[Permission] = Permission.ADMINISTER


class CompletePicture(Complete):
    """Have a picture for the catalogue checked and kept; a reference takes it by its hash (CAT-01)."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE


class SetPortrait(Command):
    """Choose the picture of an operator that quotes show (QUO-01), one of the company's images; none takes it away."""

    permission: ClassVar[Permission] = Permission.ADMINISTER
    guarded: ClassVar[bool] = False

    operator: Id
    image: Digest | None = None

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.operator(company, self.operator), keys.portrait(company, self.operator)]
        return [*own, keys.image(company, self.image)] if self.image else own

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        tx.require(OPERATOR, keys.operator(ctx.company, self.operator))
        portrait = Portrait(picture=known(tx, ctx.company, self.image, "/image"))
        save(tx, ctx, PORTRAIT, keys.portrait(ctx.company, self.operator), portrait, "portrait_set")
        return Reply.of(portrait, tx.next_version(keys.portrait(ctx.company, self.operator)))


def known(tx: Transaction, company: str, sha256: str | None, pointer: str) -> Picture | None:
    """The company's image of this hash. Errors: `Refused` when there is none."""
    if sha256 is None:
        return None
    image = tx.get(IMAGE, keys.image(company, sha256))
    if image is None:
        fr, en = "Image inconnue : elle doit d'abord être téléversée.", "Unknown image: it has to be uploaded first."
        raise Refused([Breach(code="unknown_image", fr=fr, en=en, pointer=pointer)])
    return Picture(sha256=image.sha256, width=image.width, height=image.height)
