"""FIS-07: the accountant and the inspector only read, and each thing that they read is recorded."""

from __future__ import annotations

import pytest

from comptoir.access.accesses import Access
from comptoir.access.commands import SaveProfile
from comptoir.access.execute import Command, Query
from comptoir.access.model import Profiles
from comptoir.access.permissions import READY_MADE, Permission
from comptoir.access.queries import ListAccesses, Listing, ReadCompany, ReadMe
from comptoir.archives.commands import ListArchives
from comptoir.closings.model import PeriodKind
from comptoir.closings.queries import ListClosings, ReadPeriods
from comptoir.invoicing.month_view import ReadMonth
from comptoir.invoicing.queries import ReadInvoiceFile
from comptoir.kernel.errors import Forbidden, NotFound
from functions.api.routes import ROUTES
from tests.world import World, open_world

READS = (
    ListClosings(kind=PeriodKind.DAILY, within="2026-11"),
    ReadMonth(month="2026-11"),
    ListArchives(),
    ReadPeriods(),
    ReadMe(),
)


@pytest.fixture
def world() -> World:
    """A company with an operator of each profile."""
    return open_world()


def accesses(world: World, **asked: str) -> list[Access]:
    """What the manager sees of them, every page."""
    query, found = ListAccesses(limit=2, **asked), list[Access]()
    while True:
        page = world.do(Listing[Access], query, "manager")
        found += page.items
        if page.cursor is None:
            return found
        query = query.change(cursor=page.cursor)


@pytest.mark.parametrize("profile", ["accountant", "inspector"])
def test_each_thing_that_people_from_outside_read_is_recorded(world: World, profile: str) -> None:
    """FIS-07: who, when, which request, about what; newest first, of all or of one operator."""
    for request in READS:
        world.execute_as(profile, request)
        world.wait(seconds=1)
    found = accesses(world)
    assert [access.request for access in reversed(found)] == [type(request).__name__ for request in READS]
    assert {(access.operator, access.profile) for access in found} == {(world.operators[profile], profile)}
    assert found[-1].about == {"kind": "daily", "within": "2026-11"}
    assert sorted((access.at for access in found), reverse=True) == [access.at for access in found]
    assert accesses(world, operator=world.operators[profile]) == found
    assert accesses(world, operator=world.operators["sales"]) == accesses(world, month="2026-10") == []


def test_what_was_not_answered_leaves_nothing(world: World) -> None:
    """FIS-07: a refusal tells nothing of the company, and is no access."""
    with pytest.raises(Forbidden):
        world.execute_as("inspector", ReadCompany())
    with pytest.raises(NotFound):
        world.execute_as("inspector", ReadInvoiceFile(document="7" * 26))
    assert accesses(world) == []


def test_our_own_people_are_not_watched(world: World) -> None:
    """FIS-07: reading in the course of work is not recorded, and a company decides whom it watches."""
    world.execute_as("manager", ReadPeriods())
    assert accesses(world) == []
    asked = SaveProfile(code="sales", name="Commercial", permissions=(Permission.READ_INVOICES,), watched=True)
    profiles = world.do(Profiles, asked, "administrator", if_match=1)
    assert next(profile for profile in profiles.profiles if profile.code == "sales").watched
    world.execute_as("sales", ReadPeriods())
    assert [access.profile for access in accesses(world)] == ["sales"]


def test_only_managers_see_accesses(world: World) -> None:
    """FIS-07: the list is for who answers for the company."""
    for profile in set(READY_MADE) - {"administrator", "manager"}:
        with pytest.raises(Forbidden):
            world.execute_as(profile, ListAccesses())


def test_an_inspector_changes_nothing() -> None:
    """FIS-07: no route that changes anything is open to the profile, but it reads what the law asks for."""
    rights = READY_MADE["inspector"][1]
    opened = [route for route in ROUTES if route.request.permission in rights]
    assert all(issubclass(route.request, Query) for route in opened)
    assert not any(issubclass(route.request, Command) for route in opened)
    paths = {route.path for route in opened}
    assert paths >= {
        "/documents",
        "/invoices/{document}/file",
        "/accounting/months/{month}",
        "/closings",
        "/archives/{kind}/{name}/file",
        "/accounting/exports/{export}",
        "/ledger/{chain}/entries",
        "/ledger/keys",
    }
    assert not paths & {"/parties", "/orders", "/references", "/bank-accounts", "/cash-forecast", "/operators"}


def test_opening_a_fiscal_file_is_recorded_of_everybody() -> None:
    """RULES §3.2: prints are traced, whoever makes them."""
    recorded = {route.path for route in ROUTES if route.request.traced}
    assert recorded == {
        "/invoices/{document}/file",
        "/credit-notes/{document}/file",
        "/cancellations/{document}/file",
        "/archives/{kind}/{name}/file",
        "/accounting/exports/{export}",
    }
