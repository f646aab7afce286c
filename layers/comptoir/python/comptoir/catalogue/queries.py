"""What reads the catalogue."""

from __future__ import annotations

from typing import Any, ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.import_job import Importable
from comptoir.access.imports import ReadImport
from comptoir.access.permissions import Permission
from comptoir.access.queries import HistoryQuery, Listing, ListQuery
from comptoir.catalogue.items import REFERENCE, REFERENCES, place
from comptoir.catalogue.model import ReferenceSummary
from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.ids import Id
from comptoir.store import backend, keys


class ReadReference(Query):
    """One reference, its supplier offers the most recent first."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    reference: Id

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(REFERENCE, keys.reference(ctx.company, self.reference))
        return Reply.of(stored.value, stored.version)


class ListReferences(ListQuery):
    """References by code, of one kind or of all."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    kind: ProductKind | None = None

    def read(self, ctx: Context) -> Reply:
        index, (pk, _) = place(ctx.company, self.kind)
        query = backend.Query(pk=pk, index=index)
        page = ctx.services.store.summaries(ReferenceSummary, query, self.cursor, self.limit)
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
