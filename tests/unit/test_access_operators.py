"""ACC-01: an operator's sign-in is personal."""

from __future__ import annotations

import pytest

from comptoir.access.commands import CreateOperator, EmailTaken
from comptoir.access.items import OPERATOR
from comptoir.access.model import Operator
from comptoir.store import keys
from tests.world import World


def test_acc_01_two_operators_never_share_an_address(world: World) -> None:
    """The second is refused before anything is written, whatever the case of the letters."""
    first = world.do(
        Operator, CreateOperator(email="Lena@ponant.example", name="Léna", profile="sales"), "administrator"
    )
    with pytest.raises(EmailTaken) as caught:
        world.execute_as("administrator", CreateOperator(email="lena@ponant.example", name="Twin", profile="sales"))
    assert (caught.value.status, caught.value.breaches[0].pointer) == (409, "/email")
    stored = world.services.store.require(OPERATOR, keys.operator(world.company, first.id))
    assert stored.value.name == "Léna"
