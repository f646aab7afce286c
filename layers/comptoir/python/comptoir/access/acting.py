"""The product acting by itself: what follows from something that was done, in nobody's name (ACC-06)."""

from __future__ import annotations

from collections.abc import Iterator

from comptoir.access.context import Context, Services
from comptoir.access.items import COMPANIES
from comptoir.access.model import Operator, Profile

PRODUCT = Operator(id="0" * 26, email="product@comptoir.invalid", name="Comptoir", profile="product", active=False)
"""Nobody: no sign-in, no right; history entries name no operator."""


def who(operator: Operator) -> str | None:
    """The identifier of an operator, None of nobody."""
    return None if operator == PRODUCT else operator.id


def by_itself(services: Services, company: str) -> Context:
    """A context of the product in a company, without any permission."""
    profile = Profile(code=PRODUCT.profile, name=PRODUCT.name, permissions=())
    return Context(services, company, PRODUCT, profile, services.clock.now())


def companies(services: Services) -> Iterator[str]:
    """Every company."""
    for record in services.store.due(COMPANIES, 1):
        yield record.key.company
