"""Reading the chains: heads and entries, for anyone who wants to verify them."""

from __future__ import annotations

import json
from typing import ClassVar

from pydantic import Field

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.permissions import Permission
from comptoir.kernel.model import Model
from comptoir.ledger.events import TechnicalEvent
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ChainName, Entry
from comptoir.ledger.reading import last_sequence
from comptoir.store import backend, keys


class ReadHead(Query):
    """The signed head of a chain. Errors: `NotFound` while the chain is empty."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES
    chain: ChainName

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(HEAD, keys.chain_head(ctx.company, self.chain))
        return Reply.of(stored.value, stored.version)


class Entries(Model):
    """Consecutive entries of a chain; `next` is the sequence to go on from, absent at the end."""

    items: tuple[Entry, ...]
    next: int | None = None


class ReadEntries(Query):
    """Entries of a chain in order, from a sequence on: one bounded block at a time (FIS-02)."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES
    chain: ChainName
    first: int = Field(1, ge=1)

    def read(self, ctx: Context) -> Reply:
        block = keys.chain_block(ctx.company, self.chain, self.first)
        last = (self.first // keys.BLOCK + 1) * keys.BLOCK - 1
        between = (f"{self.first:012d}", f"{last:012d}")
        records = ctx.services.store.records(backend.Query(pk=block, between=between))
        head = ctx.services.store.get(HEAD, keys.chain_head(ctx.company, self.chain))
        more = head is not None and head.value.sequence > last
        return Reply.of(Entries(items=tuple(map(ENTRY.load, records)), next=last + 1 if more else None))


class PublicKeys(Model):
    """The keys that verify the chains: key id → public key (PEM)."""

    keys: dict[str, str]


class ReadPublicKeys(Query):
    """Public keys of the chains' signatures: all that verification needs (FIS-02)."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES

    def read(self, ctx: Context) -> Reply:
        source = ctx.services.public_keys
        return Reply.of(PublicKeys(keys=source.pems() if source else {}))


class ChainedEvent(TechnicalEvent):
    """A technical event as the chain holds it: its place, its instant, and the content that it records."""

    sequence: int
    at: str


class ChainedEventPage(Model):
    """Technical events, newest first; `next` is the sequence to ask `before` of, absent at the end."""

    items: tuple[ChainedEvent, ...]
    next: int | None = None


class ListTechnicalEvents(Query):
    """Technical events, newest first, before a sequence: one bounded block at a time (FIS-08)."""

    permission: ClassVar[Permission] = Permission.READ_ARCHIVES
    before: int | None = Field(None, ge=1)

    def read(self, ctx: Context) -> Reply:
        chain, store = ChainName.EVENTS, ctx.services.store
        last = self.before - 1 if self.before else last_sequence(store, ctx.company, chain)
        first = last // keys.BLOCK * keys.BLOCK
        between = (f"{first:012d}", f"{last:012d}")
        records = store.records(backend.Query(pk=keys.chain_block(ctx.company, chain, last), between=between))
        items = tuple(_event(ENTRY.load(record)) for record in reversed(records))
        return Reply.of(ChainedEventPage(items=items, next=first if first > 1 else None))


def _event(entry: Entry) -> ChainedEvent:
    return ChainedEvent(sequence=entry.sequence, at=entry.at, **json.loads(entry.payload))
