"""Lists that words and filters narrow: answered by the search, or in their own order without any (CAT-05, PTY-05)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints, model_validator

from comptoir.access.context import Context
from comptoir.access.custom import terms
from comptoir.access.queries import ListQuery
from comptoir.kernel.explain import flaw
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label
from comptoir.store import backend
from comptoir.store.findable import exact
from comptoir.store.search import Exact, Term, search
from comptoir.store.store import Page

S = TypeVar("S", bound=Model)
_Filter = Annotated[str, StringConstraints(max_length=500)]


class SearchQuery(ListQuery):
    """Base of the queries that search: `search` from 3 characters, each word the beginning of one.

    `tag` and `custom` (`field:value`, or `field:from..to` for numbers and dates) may be given several
    times; all must hold. A page may hold fewer than `limit`, with a cursor, when filters keep little.
    """

    search: Annotated[str, StringConstraints(max_length=200)] | None = None
    tag: Annotated[tuple[Label, ...], Field(max_length=5)] = ()
    custom: Annotated[tuple[_Filter, ...], Field(max_length=5)] = ()

    def page(self, ctx: Context, what: str, model: type[S], filters: Sequence[Term], listed: backend.Query) -> Page[S]:
        """A page of what is found, or of `listed` when nothing narrows it."""
        store = ctx.services.store
        conditions = [*filters, *terms(self.tag, self.custom)]
        if self.search is None and not conditions:
            return store.summaries(model, listed, self.cursor, self.limit)
        page = search(store, ctx.company, what, self.search, conditions, self.cursor, self.limit)
        found = tuple(model.model_validate_json(record.summary) for record in page.items if record.summary)
        return Page(found, page.cursor)


class ArchivableQuery(SearchQuery):
    """Base of the lists of what can be archived: `archived` lists what is, which nothing narrows."""

    archived: bool = False

    @model_validator(mode="after")
    def _whole(self) -> ArchivableQuery:
        if self.archived and self.model_fields_set - {"archived", "cursor", "limit"}:
            fr, en = "La liste des archivés ne se filtre pas.", "The list of what is archived has no filters."
            raise flaw("archived_unfiltered", fr, en)
        return self


def facet_terms(**facets: str | None) -> list[Term]:
    """The conditions of facets that are asked for by name; None asks nothing."""
    return [Exact(facet) for name, value in facets.items() if (facet := exact(name, value))]
