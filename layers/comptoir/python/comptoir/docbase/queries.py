"""What reads the document base: lists newest first, short-lived links, images (DOC-01)."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.items import OPERATOR
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery
from comptoir.catalogue.items import REFERENCE
from comptoir.docbase.items import FILED, IMAGE, PORTRAIT, Portrait, image_key
from comptoir.docbase.model import FiledView, FileLink, Image, ImageLink
from comptoir.docbase.owning import OfContract, OfDocument, OfOrder, OfParty, OfPurchase, Owned
from comptoir.docbase.template import Picture
from comptoir.kernel.errors import NotFound
from comptoir.kernel.ids import Id
from comptoir.store import backend, keys


class ListFiles(ListQuery, Owned):
    """Base of the lists of the documents of something, newest first."""

    def read(self, ctx: Context) -> Reply:
        head = self.head(ctx.company)
        if not ctx.services.store.backend.get([head]):
            raise NotFound()
        pk = keys.filed(ctx.company, self.owner, self.owned, "").pk
        page = ctx.services.store.page(backend.Query(pk=pk, prefix=keys.FILE, reverse=True), self.cursor, self.limit)
        views = tuple(FILED.load(record).view() for record in page.items)
        return Reply.of(Listing[FiledView](items=views, cursor=page.cursor))


class ListOrderFiles(OfOrder, ListFiles):
    """The document base of an order, newest first."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS


class ListPartyFiles(OfParty, ListFiles):
    """The document base of a party, newest first."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES


class ListContractFiles(OfContract, ListFiles):
    """The document base of a contract, newest first."""

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS


class ListDocumentFiles(OfDocument, ListFiles):
    """The document base of an invoice or credit note, newest first."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES


class ListPurchaseFiles(OfPurchase, ListFiles):
    """The document base of a purchase that no order made, newest first."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES


class OpenFile(Query, Owned):
    """Base of the links to one document of something."""

    file: Id

    def read(self, ctx: Context) -> Reply:
        key = keys.filed(ctx.company, self.owner, self.owned, self.file)
        filed = ctx.services.store.require(FILED, key).value
        url = ctx.services.files.link(filed.bucket, filed.key) if ctx.services.files else None
        return Reply.of(FileLink(file=filed.view(), url=url))


class OpenOrderFile(OfOrder, OpenFile):
    """A document of an order, with a short-lived link."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS


class OpenPartyFile(OfParty, OpenFile):
    """A document of a party, with a short-lived link."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES


class OpenContractFile(OfContract, OpenFile):
    """A document of a contract, with a short-lived link."""

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS


class OpenDocumentFile(OfDocument, OpenFile):
    """A document of an invoice or credit note, with a short-lived link."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES


class OpenPurchaseFile(OfPurchase, OpenFile):
    """A document of a purchase that no order made, with a short-lived link."""

    permission: ClassVar[Permission] = Permission.READ_PURCHASES


class ListImages(ListQuery):
    """The company's images by title."""

    permission: ClassVar[Permission] = Permission.ADMINISTER

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, "IMAGES", "")[0], index=1)
        return self.summaries(ctx, Image, query)


class ReadPortrait(Query):
    """The picture of an operator on quotes."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    operator: Id

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(OPERATOR, keys.operator(ctx.company, self.operator))
        stored = ctx.services.store.get(PORTRAIT, keys.portrait(ctx.company, self.operator))
        return Reply.of(stored.value if stored else Portrait(), stored.version if stored else None)


class ReadReferencePicture(Query):
    """The picture of a reference, with a short-lived link (CAT-01)."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE

    reference: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(REFERENCE, keys.reference(ctx.company, self.reference))
        digest = stored.value.picture
        if digest is None:
            return Reply.of(ImageLink())
        image = ctx.services.store.require(IMAGE, keys.image(ctx.company, digest)).value
        url = ctx.services.files.link("files", image_key(ctx.company, digest)) if ctx.services.files else None
        return Reply.of(ImageLink(image=Picture(sha256=digest, width=image.width, height=image.height), url=url))
