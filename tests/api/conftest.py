"""A world for each test."""

from __future__ import annotations

import pytest

from tests.api.world import Client, World


@pytest.fixture
def world() -> World:
    """Two companies on an empty table."""
    return World()


@pytest.fixture
def admin(world: World) -> Client:
    """The first company's administrator."""
    return world.client()
