"""Duplicating orders and offers (OFF-11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.access.execute import Reply
from comptoir.catalogue.pricing import VatCategory
from comptoir.kernel.errors import NotFound
from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money
from comptoir.orders.calculation import ApplyCalculator, CalculatorView, ReadCalculator, SaveCalculator
from comptoir.orders.calculator import Cost
from comptoir.orders.commands import CancelOffer, SetOfferLines
from comptoir.orders.copying import CopyOrder
from comptoir.orders.desk import SetOrderRates
from comptoir.orders.items import read_lines
from comptoir.orders.model import LineInput, Milestone, Order, OrderLine, OrderStatus
from comptoir.parties.model import Party, PartyKind, VatTreatment
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import TreasuryStatus
from tests.unit.orders_support import Desk, customer_request, events, head, open_desk, refused
from tests.unit.test_orders_incoterms import BY_LINE, CFR
from tests.world import World

USD = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=date(2026, 11, 20), source="BCE")
COST = Cost(label="Fret", amount=Money.of(100, "EUR"))


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def lines_of(desk: Desk, order: Order) -> list[OrderLine]:
    return list(read_lines(desk.world.services.store, desk.world.company, order))


def source(desk: Desk) -> tuple[Order, int]:
    """An offer with everything that a copy takes along."""
    order, version = desk.offer(**CFR, transport=BY_LINE, customer_reference="PO-1", message="Merci")
    entered = (
        LineInput(designation="A", quantity=Decimal(2), purchase_price=Decimal(10), purchase_currency="USD"),
        LineInput(designation="B", quantity=Decimal(1), kind="service", incoterm="FOB", unit_price=Decimal(5)),
    )
    desk.world.execute_as("sales", SetOfferLines(order=order.id, lines=entered), version)
    desk.world.execute_as("sales", SetOrderRates(order=order.id, rates=(USD,)), version + 1)
    request = SaveCalculator(order=order.id, transport=(COST,), markup_rate=Decimal(20))
    desk.world.execute_as("sales", request, version + 2)
    own = {lines_of(desk, Order.model_validate_json(head(desk, order).body))[0].id: Decimal(3)}
    reply = desk.world.execute_as("sales", ApplyCalculator(order=order.id, coefficients=own), version + 3)
    return Order.model_validate_json(reply.body), reply.version or 0


def copied(reply: Reply) -> Order:
    assert (reply.status, reply.version) == (201, 1)
    return Order.model_validate_json(reply.body)


def test_a_copy_takes_lines_terms_and_calculator_under_a_number_of_its_own(desk: Desk) -> None:
    """OFF-11: a fresh number and fresh line identifiers; dates and the customer's reference are forgotten."""
    order, _ = source(desk)
    desk.world.wait(days=3)
    copy = copied(desk.world.execute_as("assistant", CopyOrder(order=order.id)))
    assert (copy.number, copy.created_on, copy.sales_name) == ("C-000002", date(2026, 11, 24), "Opérateur assistant")
    assert (copy.customer_reference, copy.message, copy.contact) == (None, "Merci", order.contact)
    assert copy.milestones == tuple(Milestone(name=milestone.name) for milestone in order.milestones)
    for name in ("customer", "currency", "incoterm", "transport", "terms", "rates", "totals", "figures", "lines"):
        assert getattr(copy, name) == getattr(order, name), name
    before, after = lines_of(desk, order), lines_of(desk, copy)
    assert [line.change(id=old.id) for line, old in zip(after, before, strict=True)] == before
    assert not {line.id for line in after} & {line.id for line in before}
    view = desk.world.do(CalculatorView, ReadCalculator(order=copy.id))
    assert (view.inputs.transport, view.inputs.coefficients) == ((COST,), {after[0].id: Decimal(3)})
    assert {line.forecast_date for line in desk.treasury(copy).lines} == {None}
    assert sum(line.amount.amount for line in desk.treasury(copy).lines) == copy.totals.gross.amount
    assert "copied" in events(desk, copy)
    assert head(desk, order).body == order.model_dump_json()


def test_a_confirmed_or_cancelled_order_makes_a_new_offer(desk: Desk) -> None:
    """OFF-11: whatever became of the order, its copy begins as an offer, with nothing of its confirmation or quotes."""
    order, version = desk.quoted("100.00")
    desk.confirm(order, version)
    copy = copied(desk.world.execute_as("sales", CopyOrder(order=order.id)))
    assert (copy.status, copy.confirmation, copy.quotes) == (OrderStatus.OFFER, None, 0)
    assert {line.status for line in desk.treasury(copy).lines} == {TreasuryStatus.FORECAST}
    other, version = desk.offer()
    desk.world.execute_as("manager", CancelOffer(order=other.id), version)
    bare = copied(desk.world.execute_as("sales", CopyOrder(order=other.id)))
    assert (bare.status, bare.cancel_reason, bare.lines) == (OrderStatus.OFFER, None, 0)


def test_a_copy_for_another_customer_takes_what_is_its_own(desk: Desk) -> None:
    """OFF-11, PTY-02: contact, language and VAT treatment are the other customer's; prices and currency stay."""
    request = customer_request(code="US1", name="Ohio Foods", language=Language.ENGLISH, siren=None, vat_number=None)
    american = desk.world.do(
        Party,
        request.change(
            vat_treatment=VatTreatment.EXPORT, address=Address(country="US", lines=("1 Main St",)), contacts=()
        ),
    )
    order, _ = desk.offer("100.00", contact="Ana")
    copy = copied(desk.world.execute_as("sales", CopyOrder(order=order.id, customer=american.id)))
    assert (copy.customer, copy.customer_name, copy.contact) == (american.id, "Ohio Foods", None)
    assert (copy.language, copy.zero_category, copy.currency) == (Language.ENGLISH, VatCategory.EXPORT, "EUR")
    assert copy.totals.net == order.totals.net
    supplier = desk.world.do(Party, customer_request(code="SUP", kinds=(PartyKind.SUPPLIER,)))
    assert refused(desk, CopyOrder(order=order.id, customer=supplier.id)) == [("not_a_customer", "/customer")]
    with pytest.raises(NotFound):
        desk.world.execute_as("sales", CopyOrder(order="Z" * 26))


def test_a_thousand_lines_are_copied_whole(desk: Desk) -> None:
    """OFF-11: in one transaction."""
    order, _ = desk.offer(*["1.00"] * 1000)
    copy = copied(desk.world.execute_as("sales", CopyOrder(order=order.id)))
    assert [line.designation for line in lines_of(desk, copy)] == [line.designation for line in lines_of(desk, order)]
