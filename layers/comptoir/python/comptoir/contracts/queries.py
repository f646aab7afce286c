"""What reads contracts, their periods, actions and indexes (CTR-02)."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.model import Code
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery, OfThing, ReadThing, ThingHistory
from comptoir.access.searching import SearchQuery, facet_terms
from comptoir.contracts.indexation import PriceIndex
from comptoir.contracts.items import CONTRACT, PRICE_INDEX, WHAT, ContractAction, ContractSummary, rank
from comptoir.contracts.model import BilledPeriod, ContractKind, ContractStatus, Side
from comptoir.contracts.renewal import proposed
from comptoir.kernel.ids import Id
from comptoir.kernel.text import MonthName
from comptoir.parties.items import PARTY
from comptoir.store import backend, keys
from comptoir.store.record import AnyKind, Key
from comptoir.store.search import ranked
from comptoir.store.store import Page
from comptoir.store.transaction import Transaction


class Sort(StrEnum):
    """What a list of contracts is sorted by."""

    RENEWAL = "renewal"
    NAME = "name"
    PARTY = "party"
    AMOUNT = "amount"


class ListContracts(SearchQuery):
    """Contracts of a status, those that renew first at the head: late ones before those that renew soon (CTR-02).

    `renewing_until` leaves those that renew by a day. Sorted by name, party or amount they are read along an index
    of their own; what a search, a kind, a side, tags or `failed` narrow is in the order of the numbers.
    """

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS

    status: ContractStatus = ContractStatus.ACTIVE
    kind: ContractKind | None = None
    side: Side | None = None
    failed: bool = False
    renewing_until: dt.date | None = None
    sort: Sort = Sort.RENEWAL
    descending: bool = False

    def read(self, ctx: Context) -> Reply:
        filters = facet_terms(kind=self.kind, side=self.side, failed="yes" if self.failed else None)
        return _flagged(ctx, self.page(ctx, WHAT, ContractSummary, filters, self._listed(ctx)))

    def _listed(self, ctx: Context) -> backend.Query:
        if self.sort is not Sort.RENEWAL:
            return ranked(ctx.company, WHAT, rank(self.sort.value, self.status), self.descending)
        pk = keys.by_kind(ctx.company, f"{WHAT}#{self.status.value}", "")[0]
        between = ("!", f"{self.renewing_until or ''}~")
        return backend.Query(pk=pk, index=1, between=between, reverse=self.descending)


def _flagged(ctx: Context, page: Page[ContractSummary]) -> Reply:
    items = tuple(each.flagged(ctx.today) for each in page.items)
    return Reply.of(Listing[ContractSummary](items=items, cursor=page.cursor))


class OfContract(OfThing):
    """A request on one contract."""

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS
    kind: ClassVar[AnyKind] = CONTRACT

    contract: Id

    def place(self, company: str) -> Key:
        return keys.contract(company, self.contract)


class ReadContract(OfContract, ReadThing):
    """One contract."""


class ReadContractHistory(OfContract, ThingHistory):
    """Who changed what of a contract, newest first."""


class ReadNextPeriod(OfContract, Query):
    """What renewing a contract now would bill (CTR-03). Errors: `NothingToRenew`, `Refused` when an index lacks."""

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(CONTRACT, self.place(ctx.company))
        return Reply.of(proposed(Transaction(ctx.services.store.backend), ctx, stored.value), stored.version)


class ListContractPeriods(OfContract, ListQuery):
    """The periods of a contract that were billed, the latest first."""

    def read(self, ctx: Context) -> Reply:
        key = self.place(ctx.company)
        ctx.services.store.require(CONTRACT, key)
        query = backend.Query(pk=key.pk, prefix=keys.PERIOD, reverse=True)
        return self.summaries(ctx, BilledPeriod, query)


class ListPartyContracts(ListQuery):
    """The contracts of a party, those that renew first at the head (PTY-04, CTR-02)."""

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS

    party: Id

    def read(self, ctx: Context) -> Reply:
        ctx.services.store.require(PARTY, keys.party(ctx.company, self.party))
        query = backend.Query(pk=keys.by_party(ctx.company, self.party, "CONTRACT", "")[0], index=2)
        return _flagged(ctx, ctx.services.store.summaries(ContractSummary, query, self.cursor, self.limit))


class ListRenewals(ListQuery):
    """The periods billed in a month, by default this one, by day: by scheduled runs and operators (CTR-04)."""

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS

    month: MonthName | None = None

    def read(self, ctx: Context) -> Reply:
        month = self.month or f"{ctx.today:%Y-%m}"
        pk = keys.by_month(ctx.company, "RENEWAL", month, "")[0]
        return self.summaries(ctx, BilledPeriod, backend.Query(pk=pk, index=1))


class ListContractActions(ListQuery):
    """Calls and mails to be made, by day; with `mine` those of the signed-in operator (CTR-05)."""

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS

    mine: bool = False

    def read(self, ctx: Context) -> Reply:
        what = f"CONTRACTACTIONS#{ctx.operator.id}" if self.mine else "CONTRACTACTIONS"
        query = backend.Query(pk=keys.by_kind(ctx.company, what, "")[0], index=2 if self.mine else 1)
        return self.summaries(ctx, ContractAction, query)


class OfPriceIndex(OfThing):
    """A request on one index."""

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS
    kind: ClassVar[AnyKind] = PRICE_INDEX

    price_index: Code

    def place(self, company: str) -> Key:
        return keys.price_index(company, self.price_index)


class ReadPriceIndex(OfPriceIndex, ReadThing):
    """One index with its values."""


class ListPriceIndexes(ListQuery):
    """The indexes of the company, by code."""

    permission: ClassVar[Permission] = Permission.READ_CONTRACTS

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, "INDEXES", "")[0], index=1)
        return self.summaries(ctx, PriceIndex, query)
