"""What a confirmed order no longer lets change (CNF-04)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.kernel.money import Money
from comptoir.orders import rules
from comptoir.orders.commands import CancelOffer, SetOfferLines
from comptoir.orders.imports import ImportOfferLines
from comptoir.orders.items import read_lines
from comptoir.orders.model import LineInput, Order
from comptoir.orders.quoting import GenerateQuote
from comptoir.treasury.model import TreasuryStatus
from tests.unit.orders_support import Desk, codes, open_desk, refusal, update
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def test_after_confirmation_products_and_prices_are_fixed(desk: Desk) -> None:
    """CNF-04: no product added or removed, prices fixed, quantities may change and move the firm treasury."""
    order, version = desk.quoted("100.00", "50.00")
    order, version = desk.confirm(order, version), version + 1
    lines = [LineInput(**line.__dict__) for line in read_lines(desk.world.services.store, desk.world.company, order)]
    attempts: dict[str, tuple[LineInput, ...]] = {
        "products_fixed": (*lines, *desk.lines("1.00")),
        "price_fixed": (lines[0].change(unit_price=Decimal(1)), lines[1]),
    }
    for code, entered in attempts.items():
        assert codes(refusal(desk, SetOfferLines(order=order.id, lines=entered), version)) == [code]
    assert codes(refusal(desk, SetOfferLines(order=order.id, lines=lines[:1]), version)) == ["products_fixed"]
    more = (lines[0].change(quantity=Decimal(2)), lines[1])
    reply = desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=more), version)
    assert Order.model_validate_json(reply.body).totals.gross == Money.of(300, "EUR")
    treasury = desk.treasury(order).lines
    assert [(line.status, line.amount.amount) for line in treasury] == [
        (TreasuryStatus.FIRM, Decimal("90.00")),
        (TreasuryStatus.FIRM, Decimal("210.00")),
    ]


def test_after_confirmation_the_quote_and_the_import_are_locked(desk: Desk) -> None:
    """CNF-04."""
    order, version = desk.quoted("1.00")
    desk.confirm(order, version)
    file = ImportOfferLines(order=order.id, file=b"D\xc3\xa9signation;Quantit\xc3\xa9\nA;1", filename="a.csv")
    for request, error in [
        (GenerateQuote(order=order.id), rules.QuoteLocked),
        (file, rules.NotAnOffer),
        (CancelOffer(order=order.id), rules.NotAnOffer),
    ]:
        assert isinstance(refusal(desk, request, version + 1), error)


def test_after_confirmation_the_head_is_fixed_but_other_milestones_move(desk: Desk) -> None:
    """CNF-03, CNF-04, TRS-01: the confirmation's own milestone neither changes nor goes."""
    order, version = desk.quoted("100.00")
    order, version = desk.confirm(order, version), version + 1
    assert codes(refusal(desk, update(order, currency="USD", terms=order.terms[:1]), version)) == [
        "fixed_by_confirmation",
        "fixed_by_confirmation",
    ]
    moved = order.milestones[0].change(actual=date(2026, 11, 1))
    for milestones in ((moved, order.milestones[1]), order.milestones[1:]):
        found = codes(refusal(desk, update(order, milestones=milestones), version))
        assert found == ["confirmation_milestone"]
    later = (order.milestones[0], order.milestones[1].change(forecast=date(2027, 3, 1)))
    reply = desk.world.execute_as("manager", update(order, milestones=later, message="Merci"), version)
    assert Order.model_validate_json(reply.body).message == "Merci"
    assert [(line.status, line.forecast_date) for line in desk.treasury(order).lines] == [
        (TreasuryStatus.FIRM, date(2026, 11, 21)),
        (TreasuryStatus.FIRM, date(2027, 4, 30)),
    ]
