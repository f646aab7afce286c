"""What tests share: a company in memory, and one beside it."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.world import World, another_company, open_world

# How long an example takes says how busy the machine is, and nothing else.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture
def world() -> World:
    """A company with one operator of each ready-made profile, on 21 November 2026."""
    return open_world()


@pytest.fixture
def other(world: World) -> World:
    """A second company in the same table."""
    return another_company(world)
