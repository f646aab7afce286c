"""What reads the company, its operators, its profiles and the history of any object."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from pydantic import Field

from comptoir.access.accesses import ACCESS, Access
from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.items import COMPANY, HISTORY, OPERATOR, PROFILES
from comptoir.access.model import HistoryEntry, OperatorSummary
from comptoir.access.permissions import Permission
from comptoir.kernel.clock import stamp
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import MonthName
from comptoir.store import backend, keys
from comptoir.store.record import AnyKind, Key, Record
from comptoir.store.store import Page

T = TypeVar("T", bound=Model)


class Listing(Model, Generic[T]):
    """A page of a list; `cursor` asks for the next one, absent at the end."""

    items: tuple[T, ...]
    cursor: str | None = None

    @classmethod
    def of(cls, page: Page[T]) -> Listing[T]:
        """The listing of a page."""
        return cls(items=page.items, cursor=page.cursor)


class ListQuery(Query):
    """Base of the queries that page through a list."""

    cursor: str | None = Field(None, max_length=1000)
    limit: int = Field(50, ge=1, le=backend.MAX_PAGE)

    def summaries(self, ctx: Context, kind: type[T], query: backend.Query) -> Reply:
        """The page of what an index tells of each thing."""
        page = ctx.services.store.summaries(kind, query, self.cursor, self.limit)
        return Reply.of(Listing[kind].of(page))  # type: ignore[valid-type]


class OfThing(Model):
    """A request on one thing: how it lies in the table, and where."""

    kind: ClassVar[AnyKind]

    @abstractmethod
    def place(self, company: str) -> Key:
        """Where the thing lies."""


class ReadThing(OfThing, Query):
    """Base of the queries that answer one thing as it lies, with its version. Errors: `NotFound`."""

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.require(self.kind, self.place(ctx.company))
        return Reply.of(stored.value, stored.version)


class ReadCompany(ReadThing):
    """The company's legal identity and settings."""

    permission: ClassVar[Permission] = Permission.READ_PARTIES
    kind: ClassVar[AnyKind] = COMPANY

    def place(self, company: str) -> Key:
        return keys.company(company)


class ReadProfiles(ReadThing):
    """All profiles with their permissions."""

    permission: ClassVar[Permission] = Permission.ADMINISTER
    kind: ClassVar[AnyKind] = PROFILES

    def place(self, company: str) -> Key:
        return keys.profiles(company)


class OfOperator(OfThing):
    """A request on one operator."""

    permission: ClassVar[Permission] = Permission.ADMINISTER
    kind: ClassVar[AnyKind] = OPERATOR

    operator: Id

    def place(self, company: str) -> Key:
        return keys.operator(company, self.operator)


class ReadOperator(OfOperator, ReadThing):
    """One operator."""


class ListOperators(ListQuery):
    """Operators by e-mail address."""

    permission: ClassVar[Permission] = Permission.ADMINISTER

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, "OPERATORS", "")[0], index=1)
        return self.summaries(ctx, OperatorSummary, query)


def team_query(company: str, manager: str) -> backend.Query:
    """The operators that a manager has, by name (ACC-04)."""
    return backend.Query(pk=keys.team(company, manager, "")[0], index=2)


class ListTeam(ListQuery):
    """The operators whose manager is the signed-in operator, by name (ACC-04)."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    def read(self, ctx: Context) -> Reply:
        query = team_query(ctx.company, ctx.operator.id)
        return Reply.of(
            Listing[OperatorSummary].of(ctx.services.store.summaries(OperatorSummary, query, self.cursor, self.limit))
        )


class Me(Model):
    """Who is signed in, and what the profile allows."""

    company: Id
    operator: Id
    email: str
    name: str
    profile: str
    permissions: tuple[Permission, ...]


class ReadMe(Query):
    """The signed-in operator and its permissions (ACC-02)."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES

    def read(self, ctx: Context) -> Reply:
        operator = ctx.operator
        return Reply.of(
            Me(
                company=ctx.company,
                operator=operator.id,
                email=operator.email,
                name=operator.name,
                profile=operator.profile,
                permissions=ctx.profile.permissions,
            )
        )


class HistoryQuery(ListQuery):
    """Base of the queries that read the history of one object, newest first (ACC-06)."""

    def page(self, ctx: Context, pk: str) -> Page[Record]:
        """The records of a page of the history in partition `pk`."""
        query = backend.Query(pk=pk, prefix=keys.HISTORY, reverse=True)
        return ctx.services.store.page(query, self.cursor, self.limit)

    def history(self, ctx: Context, pk: str) -> Reply:
        """The page of the history in partition `pk`."""
        page = self.page(ctx, pk)
        entries = tuple(HISTORY.load(record) for record in page.items)
        return Reply.of(Listing[HistoryEntry](items=entries, cursor=page.cursor))


class ThingHistory(OfThing, HistoryQuery):
    """Base of the queries that read the history of one thing that exists. Errors: `NotFound`."""

    def read(self, ctx: Context) -> Reply:
        place = self.place(ctx.company)
        ctx.services.store.require(self.kind, place)
        return self.history(ctx, place.pk)


class ReadCompanyHistory(HistoryQuery):
    """History of the company's settings and profiles."""

    permission: ClassVar[Permission] = Permission.ADMINISTER

    def read(self, ctx: Context) -> Reply:
        return self.history(ctx, keys.company(ctx.company).pk)


class ReadOperatorHistory(OfOperator, ThingHistory):
    """History of an operator."""


class ListAccesses(ListQuery):
    """What people from outside read, and whoever opened a fiscal file, in a month, newest first; of one operator.

    This month by default (FIS-07).
    """

    permission: ClassVar[Permission] = Permission.SEE_ACCESSES

    month: MonthName | None = None
    operator: Id | None = None

    def read(self, ctx: Context) -> Reply:
        month, store = self.month or stamp(ctx.now)[:7], ctx.services.store
        if self.operator:
            query = backend.Query(pk=keys.accesses_of(ctx.company, self.operator, month, "")[0], index=1, reverse=True)
            return Reply.of(Listing[Access].of(store.summaries(Access, query, self.cursor, self.limit)))
        query = backend.Query(pk=keys.access(ctx.company, month, "", "").pk, reverse=True)
        page = store.page(query, self.cursor, self.limit)
        return Reply.of(Listing[Access](items=tuple(map(ACCESS.load, page.items)), cursor=page.cursor))
