"""What reads the catalogue."""

from __future__ import annotations

from typing import Any, ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.import_model import Importable
from comptoir.access.imports import ReadImport
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, OfThing, ReadThing, ThingHistory
from comptoir.access.searching import ArchivableQuery, facet_terms
from comptoir.catalogue.groupings import REFERENCES
from comptoir.catalogue.items import ARCHIVED, REFERENCE, WHAT, place
from comptoir.catalogue.model import Price, ReferenceSummary
from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.ids import Id
from comptoir.store import backend, keys
from comptoir.store.findable import judged, sortable
from comptoir.store.record import AnyKind, Key
from comptoir.store.search import Between, Exact


class OfReference(OfThing):
    """A request on one reference."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    kind: ClassVar[AnyKind] = REFERENCE

    reference: Id

    def place(self, company: str) -> Key:
        return keys.reference(company, self.reference)


class ReadReference(OfReference, ReadThing):
    """One reference, its supplier offers the most recent first."""


class ListReferences(ArchivableQuery):
    """References by code, of one kind or of all, or those that words and filters find (CAT-03, CAT-05).

    Without words or filters each reference is listed; a search shows groupings in place of theirs.
    `stock_managed` leaves those alone that are kept in stock; the `archived` ones are listed by code, unfiltered.
    """

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    kind: ProductKind | None = None
    supplier: Id | None = None
    price_from: Price | None = None
    price_to: Price | None = None
    stock_managed: bool = False

    def read(self, ctx: Context) -> Reply:
        narrowing = self.supplier or self.stock_managed or self.tag or self.custom or self.search is not None
        priced = self.price_from is not None or self.price_to is not None
        filters = facet_terms(supplier=self.supplier, stock="managed" if self.stock_managed else None)
        if self.kind and (narrowing or priced):
            filters += [Exact(facet) for facet in [judged("kind", self.kind)] if facet]
        if priced:
            bounds = (None if each is None else sortable(each) for each in (self.price_from, self.price_to))
            filters.append(Between("price", *bounds))
        index, (pk, _) = place(ctx.company, self.kind)
        if self.archived:
            pk, _ = keys.by_kind(ctx.company, ARCHIVED, "")
        page = self.page(ctx, WHAT, ReferenceSummary, filters, backend.Query(pk=pk, index=index))
        return Reply.of(Listing[ReferenceSummary].of(page))


class ReadReferenceHistory(OfReference, ThingHistory):
    """Who changed what of a reference, newest first."""


class ReadReferenceImport(ReadImport):
    """Where an import of references stands."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    importable: ClassVar[Importable[Any]] = REFERENCES
