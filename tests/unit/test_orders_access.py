"""Permissions and companies on every request of orders (ACC-02, ACC-05)."""

from __future__ import annotations

import pytest

from comptoir.access.execute import Request
from comptoir.access.queries import Listing
from comptoir.kernel.errors import (
    DomainError,
    Forbidden,
    NotFound,
)
from comptoir.orders.commands import CancelOffer, OpenOffer, SetOfferLines
from comptoir.orders.confirmation import ConfirmOrder
from comptoir.orders.imports import ImportOfferLines
from comptoir.orders.lists import ListOrders
from comptoir.orders.model import Order
from comptoir.orders.queries import (
    Criteria,
    ListQuotes,
    ReadConfirmationCriteria,
    ReadOrder,
    ReadOrderHistory,
    ReadOrderLines,
    ReadOrderTreasury,
    ReadQuote,
)
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.summary import OrderSummary
from tests.unit.orders_support import Desk, open_desk, update
from tests.world import World, another_company


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def import_csv(order: Order, *rows: str) -> ImportOfferLines:
    return ImportOfferLines(order=order.id, file="\n".join(rows).encode(), filename="lignes.csv")


def every_request(desk: Desk, order: Order) -> dict[Request, str]:
    """Each request on an order → a ready-made profile that lacks its permission."""
    identifier = order.id
    changes: list[Request] = [
        OpenOffer(customer=desk.customer.id),
        update(order),
        SetOfferLines(order=identifier, lines=()),
        import_csv(order, "Désignation;Quantité", "A;1"),
        GenerateQuote(order=identifier),
        CancelOffer(order=identifier),
    ]
    reads: list[Request] = [
        ReadOrder(order=identifier),
        ReadOrderLines(order=identifier),
        ReadOrderTreasury(order=identifier),
        ReadQuote(order=identifier),
        ListQuotes(order=identifier),
        ReadConfirmationCriteria(order=identifier),
        ReadOrderHistory(order=identifier),
        ListOrders(),
    ]
    lacking = dict.fromkeys(changes, "purchasing") | dict.fromkeys(reads, "accountant")
    return lacking | {ConfirmOrder(order=identifier): "logistics"}


def test_each_request_asks_for_its_permission(desk: Desk) -> None:
    """ACC-02: checked by `execute`, before anything else."""
    order, version = desk.quoted("1.00")
    for request, profile in every_request(desk, order).items():
        with pytest.raises(Forbidden):
            desk.world.execute_as(profile, request, version)


def test_another_company_s_orders_are_unknown(desk: Desk) -> None:
    """ACC-05: the same answer as for an identifier that never was."""
    order, version = desk.quoted("1.00")
    other = another_company(desk.world)
    for request in every_request(desk, order):
        if isinstance(request, ListOrders):
            assert other.do(Listing[OrderSummary], request).items == ()
            continue
        with pytest.raises(DomainError) as error:
            other.execute_as("manager", request, version)
        if isinstance(request, OpenOffer):
            assert [breach.code for breach in getattr(error.value, "breaches", ())] == ["unknown_customer"]
        else:
            assert isinstance(error.value, NotFound)


def test_the_criteria_show_what_the_asking_operator_lacks(desk: Desk) -> None:
    """WEB-03: the same list that the confirmation would refuse with."""
    order, _ = desk.offer("1.00")
    mine = desk.world.do(Criteria, ReadConfirmationCriteria(order=order.id))
    theirs = desk.world.do(Criteria, ReadConfirmationCriteria(order=order.id), "logistics")
    assert [breach.code for breach in mine.breaches] == ["quote_missing"]
    assert [breach.code for breach in theirs.breaches] == ["confirmation_not_permitted", "quote_missing"]
    desk.world.execute_as("manager", GenerateQuote(order=order.id))
    assert desk.world.do(Criteria, ReadConfirmationCriteria(order=order.id)).ready
