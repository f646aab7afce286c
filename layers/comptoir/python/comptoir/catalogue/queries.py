"""What reads the catalogue."""

from __future__ import annotations

from typing import Any, ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.import_model import Importable
from comptoir.access.imports import ReadImport
from comptoir.access.permissions import Permission
from comptoir.access.queries import HistoryQuery, Listing
from comptoir.access.searching import SearchQuery, facet_terms
from comptoir.catalogue.groupings import REFERENCES
from comptoir.catalogue.items import REFERENCE, WHAT, place
from comptoir.catalogue.model import Price, ReferenceSummary
from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.ids import Id
from comptoir.store import backend, keys
from comptoir.store.search import Between, sortable


class ReadReference(Query):
    """One reference, its supplier offers the most recent first."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    reference: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(REFERENCE, keys.reference(ctx.company, self.reference))
        return Reply.of(stored.value, stored.version)


class ListReferences(SearchQuery):
    """References by code, of one kind or of all, or those that words and filters find (CAT-03, CAT-05).

    Without words or filters each reference is listed; a search shows groupings in place of theirs.
    """

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    kind: ProductKind | None = None
    supplier: Id | None = None
    price_from: Price | None = None
    price_to: Price | None = None

    def read(self, ctx: Context) -> Reply:
        narrowing = self.supplier or self.tag or self.custom or self.search is not None
        priced = self.price_from is not None or self.price_to is not None
        filters = facet_terms(supplier=self.supplier)
        if narrowing or priced:
            filters += facet_terms(kind=self.kind)
        if priced:
            bounds = (None if each is None else sortable(each) for each in (self.price_from, self.price_to))
            filters.append(Between("price", *bounds))
        index, (pk, _) = place(ctx.company, self.kind)
        page = self.page(ctx, WHAT, ReferenceSummary, filters, backend.Query(pk=pk, index=index))
        return Reply.of(Listing[ReferenceSummary].of(page))


class ReadReferenceHistory(HistoryQuery):
    """Who changed what of a reference, newest first."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    reference: Id

    def read(self, ctx: Context) -> Reply:
        key = keys.reference(ctx.company, self.reference)
        ctx.services.store.require(REFERENCE, key)
        return self.history(ctx, key.pk)


class ReadReferenceImport(ReadImport):
    """Where an import of references stands."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    importable: ClassVar[Importable[Any]] = REFERENCES
