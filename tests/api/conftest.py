"""Two companies behind the API, anew for each test."""

from __future__ import annotations

import pytest

from tests.api.office import Client, Office


@pytest.fixture
def office() -> Office:
    """Two companies on one table."""
    return Office()


@pytest.fixture
def admin(office: Office) -> Client:
    """The first company's administrator."""
    return office.client()
