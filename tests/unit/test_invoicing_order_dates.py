"""LOG-01: the milestone « Facture » of an order has the date of its first invoice, and what hangs on it follows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.invoicing.cancelling import CancelInvoice
from comptoir.invoicing.following import date_order
from comptoir.invoicing.model import Document, OrderQuantity
from comptoir.invoicing.tasks import archive_document
from comptoir.kernel.errors import Refused
from comptoir.orders.actions import AddAction, ReadActions
from comptoir.orders.agenda import AgendaView, Role, When
from comptoir.orders.commands import UpdateOffer
from comptoir.orders.following import CompleteOrder, SetMilestone
from comptoir.orders.following_queries import Milestones, ReadMilestones
from comptoir.orders.items import ORDER
from comptoir.orders.lists import ListOrders
from comptoir.orders.model import CONFIRMATION, INVOICE, LineInput, Milestone, Order, OrderLine, OrderStatus
from comptoir.orders.queries import ReadOrder, ReadOrderHistory
from comptoir.orders.summary import OrderSummary
from comptoir.store import keys
from comptoir.treasury.model import DueStep, PaymentTerm, TreasuryStatus
from tests.unit.invoicing_support import Shop, open_shop

TODAY = date(2026, 11, 21)
FORECAST = date(2026, 12, 20)
LATER = (PaymentTerm(percentage=Decimal(100), milestone=INVOICE, steps=(DueStep(days=30),)),)
DATES = (Milestone(name=CONFIRMATION, forecast=TODAY), Milestone(name=INVOICE, forecast=FORECAST))


class Vault:
    """A locked bucket that takes everything."""

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        """Nothing is looked at."""


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def sale(shop: Shop) -> tuple[Order, OrderLine]:
    order, [line] = shop.confirmed(
        LineInput(designation="Bouée", quantity=Decimal(10), unit_price=Decimal(10)), milestones=DATES, terms=LATER
    )
    return order, line


def archived(shop: Shop, draft: Document) -> Document:
    """The document once its workflow is through, its last task done twice."""
    [document] = shop.issued(draft)
    event = {"company": shop.world.company, "document": document.id, "key": "a", "sha256": "0" * 64, "size": 1}
    for _ in range(2):
        archive_document(shop.world.services, Vault(), event)
    return document


def part(shop: Shop, order: Order, line: OrderLine, quantity: int) -> Document:
    return shop.invoice_order(order, quantities=(OrderQuantity(line=line.id, quantity=Decimal(quantity)),))


def head(shop: Shop, order: Order) -> tuple[Order, int]:
    reply = shop.world.execute_as("manager", ReadOrder(order=order.id))
    return Order.model_validate_json(reply.body), reply.version or 0


def invoiced_on(shop: Shop, order: Order) -> tuple[date | None, date | None]:
    [milestone] = [each for each in head(shop, order)[0].milestones if each.name == INVOICE]
    return milestone.forecast, milestone.actual


def due_of_action(shop: Shop, order: Order) -> date | None:
    [action] = shop.world.do(AgendaView, ReadActions(order=order.id)).actions
    return action.due_on


def test_the_first_invoice_dates_it_and_what_hangs_on_it(shop: Shop, sale: tuple[Order, OrderLine]) -> None:
    order, line = sale
    when = When(milestone=INVOICE, due_days=10)
    shop.world.execute_as("manager", AddAction(order=order.id, label="Relancer", role=Role.SALES, when=when))
    assert due_of_action(shop, order) == date(2026, 12, 30)
    archived(shop, part(shop, order, line, 4))
    assert invoiced_on(shop, order) == (FORECAST, TODAY)
    assert due_of_action(shop, order) == date(2026, 12, 1)
    found = shop.world.do(
        Listing[OrderSummary], ListOrders(milestone=INVOICE, milestone_since=TODAY, milestone_until=TODAY)
    ).items
    assert [each.number for each in found] == [order.number]
    shop.world.wait(days=40)
    archived(shop, part(shop, order, line, 6))
    assert invoiced_on(shop, order) == (FORECAST, TODAY)


def test_what_is_not_invoiced_yet_waits_for_the_next_invoice(shop: Shop, sale: tuple[Order, OrderLine]) -> None:
    """TRS-01: of an order invoiced in parts, the rest is expected when an invoice is forecast."""
    order, line = sale
    archived(shop, part(shop, order, line, 4))
    expected = {one.status: one.forecast_date for one in shop.of_order(order).lines}
    assert expected == {
        TreasuryStatus.INVOICED: date(2026, 12, 21),
        TreasuryStatus.FIRM: date(2027, 1, 19),
    }


def test_history_tells_it_once_and_in_nobody_s_name(shop: Shop, sale: tuple[Order, OrderLine]) -> None:
    """ACC-06: done again, it changes nothing."""
    order, line = sale
    document = archived(shop, part(shop, order, line, 4))
    date_order(shop.world.services, shop.world.company, document.id)
    history = shop.world.do(Listing[HistoryEntry], ReadOrderHistory(order=order.id, limit=100)).items
    told = [entry for entry in history if entry.event == "invoiced"]
    assert [(entry.operator, entry.operator_name) for entry in told] == [(None, "Comptoir")]
    assert "2026-11-21" in str(told[0].changes)


def test_inv_09_a_cancelled_invoice_dates_nothing(shop: Shop, sale: tuple[Order, OrderLine]) -> None:
    """The next one that stands does; without any, the milestone is as it was."""
    order, line = sale
    first = archived(shop, part(shop, order, line, 4))
    shop.world.wait(days=3)
    second = archived(shop, part(shop, order, line, 2))
    for document, left in ((first, date(2026, 11, 24)), (second, None)):
        archived(shop, shop.do(CancelInvoice(document=document.id, reason="Erreur")))
        assert invoiced_on(shop, order) == (FORECAST, left)


def test_credit_notes_and_documents_without_order_date_nothing(shop: Shop, sale: tuple[Order, OrderLine]) -> None:
    order, line = sale
    archived(shop, shop.draft())
    assert invoiced_on(shop, order) == (FORECAST, None)
    invoice = archived(shop, part(shop, order, line, 4))
    shop.world.wait(days=3)
    archived(shop, shop.credit(invoice))
    assert invoiced_on(shop, order) == (FORECAST, TODAY)


def test_a_milestone_that_no_forecast_named_appears_with_its_date(shop: Shop) -> None:
    order, _ = shop.confirmed(
        LineInput(designation="Bouée", quantity=Decimal(1), unit_price=Decimal(10)),
        milestones=DATES[:1],
        terms=(PaymentTerm(percentage=Decimal(100), milestone=CONFIRMATION),),
    )
    archived(shop, shop.invoice_order(order))
    assert invoiced_on(shop, order) == (None, TODAY)


def test_a_completed_order_is_dated_and_stays_completed(shop: Shop, sale: tuple[Order, OrderLine]) -> None:
    """LOG-03: an invoice that was validated while the order was closed by hand."""
    order, line = sale
    [document] = shop.issued(part(shop, order, line, 4))
    shop.world.do(Order, CompleteOrder(order=order.id), if_match=head(shop, order)[1])
    date_order(shop.world.services, shop.world.company, document.id)
    after, _ = head(shop, order)
    assert (after.status, invoiced_on(shop, order)) == (OrderStatus.COMPLETED, (FORECAST, TODAY))


def refused(shop: Shop, request: Any, version: int) -> list[str]:
    with pytest.raises(Refused) as error:
        shop.world.execute_as("manager", request, version)
    return [breach.code for breach in error.value.breaches]


def test_nobody_enters_it(shop: Shop, sale: tuple[Order, OrderLine]) -> None:
    order, line = sale
    version = head(shop, order)[1]
    by_hand = SetMilestone(order=order.id, milestone=INVOICE, actual=TODAY)
    assert refused(shop, by_hand, version) == ["milestone_of_invoices"]
    archived(shop, part(shop, order, line, 4))
    after, version = head(shop, order)
    cleared = SetMilestone.model_validate({"order": order.id, "milestone": INVOICE, "actual": None})
    assert refused(shop, cleared, version) == ["milestone_of_invoices"]
    without = UpdateOffer(order=order.id, milestones=after.milestones[:1])
    assert refused(shop, without, version) == ["milestone_of_invoices"]
    shop.world.execute_as("manager", SetMilestone(order=order.id, milestone=INVOICE, forecast=TODAY), version)
    assert invoiced_on(shop, order) == (TODAY, TODAY)
    automatic = [each.code for each in shop.world.do(Milestones, ReadMilestones()).items if each.automatic]
    assert automatic == [CONFIRMATION, INVOICE]


def test_dating_meets_an_edit_of_the_order_and_loses_neither(shop: Shop, sale: tuple[Order, OrderLine]) -> None:
    """The order changes between the reading and the writing: it is dated on the order as it then is."""
    order, line = sale
    [document] = shop.issued(part(shop, order, line, 4))
    backend, key = shop.world.services.store.backend, keys.order(shop.world.company, order.id)
    plain, edits = backend.write, list[bool]()

    def interrupted(operations: Any) -> None:
        if not edits:
            edits.append(True)
            version = shop.world.services.store.require(ORDER, key).version
            shop.world.execute_as("manager", UpdateOffer(order=order.id, message="Bonjour"), version)
        plain(operations)

    backend.write = interrupted  # type: ignore[method-assign]
    date_order(shop.world.services, shop.world.company, document.id)
    assert invoiced_on(shop, order) == (FORECAST, TODAY)
    assert head(shop, order)[0].message == "Bonjour"
