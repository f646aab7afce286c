"""What reads parties."""

from __future__ import annotations

from typing import Any, ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Reply
from comptoir.access.import_model import Importable
from comptoir.access.imports import ReadImport
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, OfThing, ReadThing, ThingHistory
from comptoir.access.searching import ArchivableQuery, facet_terms
from comptoir.kernel.ids import Id
from comptoir.parties.items import ARCHIVED, PARTIES, PARTY, WHAT
from comptoir.parties.model import PartyKind, PartySummary
from comptoir.store import backend, keys
from comptoir.store.record import AnyKind, Key


class OfParty(OfThing):
    """A request on one party."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES
    kind: ClassVar[AnyKind] = PARTY

    party: Id

    def place(self, company: str) -> Key:
        return keys.party(company, self.party)


class ReadParty(OfParty, ReadThing):
    """One party."""


class ListParties(ArchivableQuery):
    """Parties by name, or those that words and filters find (PTY-05); the `archived` ones by name, unfiltered."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES
    kind: PartyKind | None = None

    def read(self, ctx: Context) -> Reply:
        what = ARCHIVED if self.archived else WHAT
        listed = backend.Query(pk=keys.by_kind(ctx.company, what, "")[0], index=1)
        page = self.page(ctx, WHAT, PartySummary, facet_terms(kind=self.kind), listed)
        return Reply.of(Listing[PartySummary].of(page))


class ReadPartyHistory(OfParty, ThingHistory):
    """Who changed what of a party, newest first."""


class ReadPartyImport(ReadImport):
    """Where an import of parties stands."""

    permission: ClassVar[Permission] = Permission.EDIT_PARTIES
    importable: ClassVar[Importable[Any]] = PARTIES
