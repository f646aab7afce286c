"""Offers through `execute`: opening, head, lines, cancellation (OFF-01 to OFF-05, TRS-01)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.catalogue.pricing import VatCategory
from comptoir.kernel.errors import (
    PreconditionRequired,
    VersionMismatch,
)
from comptoir.kernel.money import Money
from comptoir.orders import rules
from comptoir.orders.commands import CancelOffer, OpenOffer, SetOfferLines
from comptoir.orders.items import LINES, line_keys, read_lines
from comptoir.orders.model import (
    CONFIRMATION,
    Milestone,
    Order,
    OrderStatus,
)
from comptoir.orders.queries import (
    ReadOrderHistory,
)
from comptoir.orders.quoting import GenerateQuote
from comptoir.parties.model import Party, PartyKind, VatTreatment
from comptoir.parties.snapshot import Language
from tests.unit.orders_support import Desk, customer_request, inputs, open_desk, refused, update
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def test_an_offer_takes_from_the_customer_what_is_not_said(desk: Desk) -> None:
    """OFF-01, PTY-02: currency, language, contact; numbers follow each other."""
    request = customer_request(code="US1", name="Ohio Foods", currency="USD", language=Language.ENGLISH, siren=None)
    american = desk.world.do(
        Party, request.change(vat_number=None, vat_treatment=VatTreatment.EXPORT, address={"country": "US"})
    )
    order, _ = desk.offer(customer=american.id)
    assert (order.currency, order.language, order.contact) == ("USD", Language.ENGLISH, "Yann Kerbrat")
    assert (order.customer_name, order.zero_category) == ("Ohio Foods", VatCategory.EXPORT)
    assert (order.number, order.status, order.totals.gross) == ("C-000001", OrderStatus.OFFER, Money.zero("USD"))
    second, _ = desk.offer(currency="EUR", contact="Ana")
    assert (second.number, second.currency, second.contact) == ("C-000002", "EUR", "Ana")


def test_an_offer_is_made_to_a_customer(desk: Desk) -> None:
    supplier = desk.world.do(Party, customer_request(code="SUP", kinds=(PartyKind.SUPPLIER,)))
    assert refused(desk, OpenOffer(customer=supplier.id)) == [("not_a_customer", "/customer")]
    assert refused(desk, OpenOffer(customer="Z" * 26)) == [("unknown_customer", "/customer")]


def test_lines_make_totals_and_treasury(desk: Desk) -> None:
    """OFF-05, TRS-01: totals are stored at save; the treasury follows the terms."""
    order, version = desk.offer("100.00", "33.33")
    assert version == 2
    assert (order.lines, order.totals.net, order.totals.gross) == (
        2,
        Money.of("133.33", "EUR"),
        Money.of("160.00", "EUR"),
    )
    lines = desk.treasury(order).lines
    assert [(line.amount.amount, line.forecast_date) for line in lines] == [
        (Decimal("48.00"), date(2026, 12, 1)),
        (Decimal("112.00"), date(2027, 2, 28)),
    ]


def test_lines_keep_their_identifier_and_only_changed_chunks_are_rewritten(desk: Desk) -> None:
    """OFF-03; the history tells the one line that changed (ACC-06)."""
    order, version = desk.offer(*["1.00"] * 450)
    places = line_keys(desk.world.company, order)
    before = desk.world.services.store.backend.get(places)
    entered = inputs(desk, order)
    entered[210] = entered[210].change(quantity=Decimal(7))
    reply = desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=tuple(entered)), version)
    after = desk.world.services.store.backend.get(places)
    assert [after[place].version - before[place].version for place in places] == [0, 1, 0]
    assert [line.id for line in LINES.load(after[places[1]]).lines] == [line.id for line in entered[200:400]]
    assert reply.version == version + 1
    history = desk.world.do(Listing[HistoryEntry], ReadOrderHistory(order=order.id, limit=10))
    changed = next(entry.changes for entry in history.items if entry.event == "lines_changed")
    assert changed == {f"/lines/{entered[210].id}/quantity": ["1", "7"]}


def test_saving_the_same_lines_writes_nothing(desk: Desk) -> None:
    order, version = desk.offer("1.00")
    reply = desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=tuple(inputs(desk, order))), version)
    assert reply.version == version


def test_a_line_whose_words_change_changes_the_version(desk: Desk) -> None:
    """The head's version guards the lines, be the totals the same."""
    order, version = desk.offer("1.00")
    [line] = inputs(desk, order)
    request = SetOfferLines(order=order.id, lines=(line.change(designation="Autre"),))
    assert desk.world.execute_as("manager", request, version).version == version + 1
    with pytest.raises(VersionMismatch):
        desk.world.execute_as("manager", request, version)


def test_a_shorter_set_leaves_no_line_behind_and_a_longer_one_finds_its_place(desk: Desk) -> None:
    """Chunks are emptied, never deleted (FIS-04's deny on delete), and filled again."""
    order, version = desk.offer(*["1.00"] * 401)
    for count in (3, 250, 0, 405):
        request = SetOfferLines(order=order.id, lines=desk.lines(*["2.00"] * count))
        reply = desk.world.execute_as("manager", request, version)
        order, version = Order.model_validate_json(reply.body), reply.version or 0
        assert len(read_lines(desk.world.services.store, desk.world.company, order)) == order.lines == count
        assert order.totals.net == Money.of(2 * count, "EUR")


def test_reordering_is_told(desk: Desk) -> None:
    """OFF-03."""
    order, version = desk.offer("1.00", "2.00")
    entered = tuple(reversed(inputs(desk, order)))
    desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=entered), version)
    assert [line.id for line in inputs(desk, order)] == [line.id for line in entered]
    history = desk.world.do(Listing[HistoryEntry], ReadOrderHistory(order=order.id))
    assert any(entry.changes.get("/lines") == "reordered" for entry in history.items)


def test_changing_terms_and_milestones_recomputes_the_forecast(desk: Desk) -> None:
    """TRS-01."""
    order, version = desk.offer("100.00")
    later = (Milestone(name=CONFIRMATION, forecast=date(2027, 1, 5)), order.milestones[1])
    desk.world.execute_as("manager", update(order, milestones=later, terms=order.terms[:1]), version)
    [line] = desk.treasury(order).lines
    assert (line.amount, line.forecast_date) == (Money.of("36.00", "EUR"), date(2027, 1, 5))


def test_changing_the_currency_prices_the_lines_again(desk: Desk) -> None:
    order, version = desk.offer("100.55")
    reply = desk.world.execute_as("manager", update(order, currency="JPY"), version)
    assert Order.model_validate_json(reply.body).totals.net == Money.of(101, "JPY")
    assert {line.amount.currency for line in desk.treasury(order).lines} == {"JPY"}


def test_nobody_but_the_confirmation_dates_its_milestone(desk: Desk) -> None:
    """CNF-03."""
    done = (Milestone(name=CONFIRMATION, actual=date(2026, 11, 1)),)
    request = OpenOffer(customer=desk.customer.id, milestones=done)
    assert refused(desk, request) == [("confirmation_milestone", "/milestones")]
    order, version = desk.offer("1.00")
    assert refused(desk, update(order, milestones=done), version) == [("confirmation_milestone", "/milestones")]


def test_changes_are_guarded(desk: Desk) -> None:
    order, version = desk.offer("1.00")
    for request in (update(order), SetOfferLines(order=order.id, lines=()), CancelOffer(order=order.id)):
        with pytest.raises(PreconditionRequired):
            desk.world.execute_as("manager", request)
        with pytest.raises(VersionMismatch):
            desk.world.execute_as("manager", request, version - 1)


def test_a_cancelled_offer_keeps_its_file_and_changes_no_more(desk: Desk) -> None:
    """LOG-03."""
    order, version = desk.quoted("1.00")
    reply = desk.world.execute_as("manager", CancelOffer(order=order.id, reason="Trop cher"), version)
    cancelled = Order.model_validate_json(reply.body)
    assert (cancelled.status, cancelled.cancel_reason, cancelled.quotes) == (OrderStatus.CANCELLED, "Trop cher", 1)
    assert desk.treasury(order).lines == (), "TRS-01: no money is expected of it any more"
    for request, error in [
        (update(order), rules.OrderClosed),
        (SetOfferLines(order=order.id, lines=()), rules.OrderClosed),
        (CancelOffer(order=order.id), rules.NotAnOffer),
    ]:
        with pytest.raises(error):
            desk.world.execute_as("manager", request, reply.version)
    with pytest.raises(rules.QuoteLocked):
        desk.world.execute_as("manager", GenerateQuote(order=order.id))
