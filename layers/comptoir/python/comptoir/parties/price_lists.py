"""Price lists: named sets of sale prices that customers share (CAT-04); their prices lie with the references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.merging import Merge
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery, OfThing, ReadThing, ThingHistory
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label
from comptoir.store import backend, keys
from comptoir.store.record import AnyKind, Index, Key, Kind
from comptoir.store.transaction import Transaction


class PriceListFields(Model):
    """What is entered about a price list."""

    name: Label


class PriceList(PriceListFields):
    """A price list of the company."""

    id: Id


def _places(company: str, prices: PriceList) -> Mapping[int, Index]:
    return {1: keys.by_kind(company, "PRICELISTS", f"{prices.name.casefold()}#{prices.id}")}


PRICE_LIST = Kind("price_list", PriceList, summarise=lambda prices: prices, index=_places)


def price_list_breaches(tx: Transaction, company: str, price_list: str | None) -> list[Breach]:
    """The breach of a customer whose price list does not exist."""
    if price_list is None or tx.get(PRICE_LIST, keys.price_list(company, price_list)):
        return []
    fr, en = "Aucun tarif ne correspond.", "No price list matches."
    return [Breach(code="unknown_price_list", fr=fr, en=en, pointer="/price_list")]


class CreatePriceList(PriceListFields, Command):
    """Open a price list."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        prices = PriceList(id=ctx.new_id(), name=self.name)
        key = keys.price_list(ctx.company, prices.id)
        save(tx, ctx, PRICE_LIST, key, prices, "created")
        return Reply.of(prices, tx.next_version(key), 201)


class UpdatePriceList(Merge):
    """Rename a price list."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    fields: ClassVar[type[Model]] = PriceListFields

    price_list: Id

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.price_list(ctx.company, self.price_list)
        before = tx.require(PRICE_LIST, key)
        ctx.expect(tx, key)
        after = before.change(name=self.merged(before).name)
        save(tx, ctx, PRICE_LIST, key, after, "updated")
        return Reply.of(after, tx.next_version(key))


class OfPriceList(OfThing):
    """A request on one price list."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    kind: ClassVar[AnyKind] = PRICE_LIST

    price_list: Id

    def place(self, company: str) -> Key:
        return keys.price_list(company, self.price_list)


class ReadPriceList(OfPriceList, ReadThing):
    """One price list."""


class ReadPriceListHistory(OfPriceList, ThingHistory):
    """Who changed what of a price list, newest first (ACC-06)."""


class ListPriceLists(ListQuery):
    """Price lists by name."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, "PRICELISTS", "")[0], index=1)
        return self.summaries(ctx, PriceList, query)
