"""What sets and reads special prices (CAT-04)."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Command, Query, Reply
from comptoir.access.history import save
from comptoir.access.permissions import Permission
from comptoir.access.queries import Listing, ListQuery
from comptoir.catalogue.items import REFERENCE
from comptoir.catalogue.prices import SPECIAL_PRICES, PriceSource, SpecialPrices, Tariffs, tariff_breaches
from comptoir.kernel.errors import NotFound, refuse_if
from comptoir.kernel.ids import Id
from comptoir.parties.items import PARTY
from comptoir.parties.price_lists import PRICE_LIST
from comptoir.store import backend, keys
from comptoir.store.transaction import Transaction


def _source(tx: Transaction, company: str, owner: str) -> PriceSource:
    """Whether an owner is a customer or a price list. Errors: `NotFound`."""
    party, prices = keys.party(company, owner), keys.price_list(company, owner)
    tx.prefetch([party, prices])
    if tx.get(PARTY, party):
        return PriceSource.CUSTOMER
    if tx.get(PRICE_LIST, prices):
        return PriceSource.PRICE_LIST
    raise NotFound()


class SavePrices(Command):
    """Set the tariffs of a reference for a customer or a price list; none takes them away (CAT-04)."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    guarded: ClassVar[bool] = True

    reference: Id
    owner: Id
    tariffs: Tariffs

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        reference = tx.require(REFERENCE, keys.reference(ctx.company, self.reference))
        source = _source(tx, ctx.company, self.owner)
        key = keys.special_prices(ctx.company, self.reference, self.owner)
        ctx.expect(tx, key)
        refuse_if(tariff_breaches(self.tariffs))
        prices = SpecialPrices(
            reference=reference.id,
            reference_code=reference.code,
            owner=self.owner,
            source=source,
            tariffs=tuple(sorted(self.tariffs, key=lambda tariff: tariff.valid_from, reverse=True)),
        )
        save(tx, ctx, SPECIAL_PRICES, key, prices, "prices_saved")
        return Reply.of(prices, tx.next_version(key))


class ReadPrices(Query):
    """The tariffs of a reference for a customer or a price list; none yet is version 0."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    reference: Id
    owner: Id

    def read(self, ctx: Context) -> Reply:
        tx = Transaction(ctx.services.store.backend)
        reference = tx.require(REFERENCE, keys.reference(ctx.company, self.reference))
        source = _source(tx, ctx.company, self.owner)
        key = keys.special_prices(ctx.company, self.reference, self.owner)
        stored = tx.get(SPECIAL_PRICES, key)
        empty = SpecialPrices(reference=reference.id, reference_code=reference.code, owner=self.owner, source=source)
        return Reply.of(stored or empty, tx.version(key))


class ListReferencePrices(ListQuery):
    """Special prices of a reference, by owner."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    reference: Id

    def read(self, ctx: Context) -> Reply:
        key = keys.reference(ctx.company, self.reference)
        ctx.services.store.require(REFERENCE, key)
        page = ctx.services.store.page(backend.Query(pk=key.pk, prefix=keys.PRICES), self.cursor, self.limit)
        prices = tuple(SPECIAL_PRICES.load(record) for record in page.items)
        return Reply.of(Listing[SpecialPrices](items=prices, cursor=page.cursor))


class ListOwnerPrices(ListQuery):
    """References with a special price for a customer or in a price list, by code."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    owner: Id

    def read(self, ctx: Context) -> Reply:
        _source(Transaction(ctx.services.store.backend), ctx.company, self.owner)
        query = backend.Query(pk=keys.by_owner(ctx.company, self.owner, "")[0], index=2)
        return self.summaries(ctx, SpecialPrices, query)
