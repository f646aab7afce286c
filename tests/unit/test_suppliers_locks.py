"""What a confirmed order's supplier requests let change, and what they do not (CNF-05)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.errors import AlreadyExists, VersionMismatch
from comptoir.orders import supplier_rules
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.desk import ReadOrderTotals
from comptoir.orders.items import SUPPLIER, read_lines
from comptoir.orders.margins import OrderTotals
from comptoir.orders.model import Milestone, OrderStatus
from comptoir.orders.supplier_commands import AddSupplierRequest, SetSupplierLines
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.parties.model import Party, PartyKind
from comptoir.store import keys
from comptoir.treasury.model import CONFIRMATION, INVOICE, PaymentTerm, TreasuryStatus
from tests.unit.orders_support import codes, events, inputs, refusal, refused
from tests.unit.suppliers_support import BANK, Trade, bought, cost, open_trade, supplier_request
from tests.world import World


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def test_quantities_and_prices_change_on_the_request_and_not_on_the_sale(trade: Trade) -> None:
    """CNF-05: adjusted to reality; totals, firm treasury and the year's total follow, the sale does not."""
    order, _ = trade.confirmed()
    lines = trade.products(order, trade.china)
    lines[0] = lines[0].change(quantity=Decimal(12), unit_price=Decimal("11.00"))
    after = trade.desk.world.do(
        SupplierRequest, trade.send(order, trade.china, *lines), if_match=trade.version(order, trade.china)
    )
    assert str(after.totals.gross.amount) == "144.00"
    treasury = trade.treasury(order, trade.china).lines
    assert [(str(line.amount.amount), line.status) for line in treasury] == [("72.00", TreasuryStatus.FIRM)] * 2
    assert trade.ordered(trade.china) == ["144.00 USD"]
    kept = read_lines(trade.desk.world.services.store, trade.desk.world.company, order)[0]
    assert (str(kept.quantity), str(kept.purchase_quantity), str(kept.purchase_price)) == ("10", "12", "11.00")
    assert "supplier_lines_changed" in events(trade.desk, order)


def test_what_is_bought_no_longer_follows_what_is_sold(trade: Trade) -> None:
    """CNF-04, CNF-05: the customer takes more; the purchase order stands."""
    order, version = trade.confirmed()
    lines = inputs(trade.desk, order)
    lines[0] = lines[0].change(quantity=Decimal(11))
    trade.desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), version)
    assert trade.products(order, trade.china)[0].quantity == 10
    assert str(trade.request(order, trade.china).totals.net.amount) == "127.00"


def test_in_an_offer_what_is_bought_follows_what_is_sold(trade: Trade) -> None:
    order, version = trade.offer()
    lines = inputs(trade.desk, order)
    lines[0] = lines[0].change(quantity=Decimal(11))
    trade.desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=lines), version)
    assert trade.products(order, trade.china)[0].quantity == 11


def test_transports_and_services_are_added_goods_are_neither_added_nor_removed(trade: Trade) -> None:
    """CNF-05."""
    order, _ = trade.confirmed()
    version = trade.version(order, trade.china)
    lines = trade.products(order, trade.china)
    goods = cost("Caisse", "9.00", kind=ProductKind.GOODS)
    assert refused(trade.desk, trade.send(order, trade.china, *lines, goods), version) == [
        ("goods_added", "/lines/2/kind")
    ]
    assert refused(trade.desk, trade.send(order, trade.china, *lines[1:]), version) == [("goods_removed", "/lines")]
    freight = cost("Fret maritime", "380.00", kind=ProductKind.TRANSPORT, incoterm="CFR", incoterm_place="Le Havre")
    request = trade.send(order, trade.china, *lines, freight, cost("Inspection", "50.00"))
    after = trade.desk.world.do(SupplierRequest, request, if_match=version)
    assert (after.lines, str(after.totals.net.amount), after.final_incoterm) == (4, "557.00", "CFR")
    assert trade.ordered(trade.china) == ["557.00 USD"]
    gone = trade.send(order, trade.china, *trade.products(order, trade.china)[:2])
    assert trade.desk.world.do(SupplierRequest, gone, if_match=version + 1).lines == 2


def test_costs_of_requests_weigh_on_the_margin(trade: Trade) -> None:
    """OFF-05, IND-06: purchases are those of the supplier requests, whatever the customer sees of them."""
    order, _ = trade.offer()
    world = trade.desk.world
    before = world.do(OrderTotals, ReadOrderTotals(order=order.id)).purchases
    assert [f"{money.amount} {money.currency}" for money in before] == ["125.00 EUR", "127.00 USD"]
    lines = [*trade.products(order, trade.china), cost("Inspection", "50.00")]
    world.execute_as("manager", trade.send(order, trade.china, *lines), trade.version(order, trade.china))
    after = world.do(OrderTotals, ReadOrderTotals(order=order.id)).purchases
    assert [f"{money.amount} {money.currency}" for money in after] == ["125.00 EUR", "177.00 USD"]


def test_an_added_cost_cannot_become_goods(trade: Trade) -> None:
    order, _ = trade.confirmed()
    lines = [*trade.products(order, trade.china), cost("Inspection", "50.00")]
    version = trade.version(order, trade.china)
    trade.desk.world.execute_as("manager", trade.send(order, trade.china, *lines), version)
    lines = trade.products(order, trade.china)
    lines[2] = lines[2].change(kind=ProductKind.GOODS)
    assert refused(trade.desk, trade.send(order, trade.china, *lines), version + 1) == [
        ("goods_added", "/lines/2/kind")
    ]


def test_a_product_of_the_order_keeps_what_the_order_says_of_it(trade: Trade) -> None:
    order, _ = trade.confirmed()
    lines = trade.products(order, trade.china)
    lines[0] = lines[0].change(designation="Autre", unit="kg", code="X", incoterm="EXW", incoterm_place="Ningbo")
    found = refused(trade.desk, trade.send(order, trade.china, *lines), trade.version(order, trade.china))
    assert found == [("line_of_order", f"/lines/0/{name}") for name in ("code", "designation", "unit", "incoterm")]


def test_a_new_request_takes_services_only(trade: Trade) -> None:
    """CNF-05: a forwarder comes in after the confirmation, firm at once."""
    world = trade.desk.world
    forwarder = world.do(Party, supplier_request(code="TRANSIT", name="Transit", kinds=(PartyKind.PROVIDER,)))
    order, version = trade.confirmed()
    goods = AddSupplierRequest(
        order=order.id, supplier=forwarder.id, lines=(cost("Palette", "1", kind=ProductKind.GOODS),)
    )
    assert refused(trade.desk, goods, version) == [("goods_added", "/lines/0/kind")]
    request = AddSupplierRequest(order=order.id, supplier=forwarder.id, lines=(cost("Dédouanement", "120.00"),))
    added = world.do(SupplierRequest, request, if_match=version)
    assert (added.status, added.rank, added.lines) == (OrderStatus.CONFIRMED, 3, 1)
    assert {line.status for line in trade.treasury(order, forwarder).lines} == {TreasuryStatus.FIRM}
    assert trade.ordered(forwarder) == ["120.00 USD"]
    assert isinstance(
        refusal(trade.desk, request, trade.order_version(order)), AlreadyExists | supplier_rules.RequestExists
    )


def test_payment_terms_keep_all_but_account_and_comment(trade: Trade) -> None:
    """CNF-05: one by one."""
    order, _ = trade.confirmed()
    version = trade.version(order, trade.china)
    terms = trade.request(order, trade.china).terms
    other = BANK.change(iban="FR7612345987650123456789014")
    changed = terms[0].change(bank_account=other, comment="Compte en dollars")
    request = trade.update(order, trade.china, terms=(changed, terms[1]))
    assert trade.desk.world.do(SupplierRequest, request, if_match=version).terms[0] == changed
    assert trade.treasury(order, trade.china).lines[0].bank_account == other
    attempts = {
        "percentage": terms[0].change(percentage=Decimal(40)),
        "means": terms[0].change(means="cheque"),
        "milestone": terms[0].change(milestone=INVOICE),
        "steps": terms[0].change(steps=terms[1].steps),
    }
    for name, term in attempts.items():
        found = refused(trade.desk, trade.update(order, trade.china, terms=(term, terms[1])), version + 1)
        assert found == [("terms_fixed", f"/terms/0/{name}")]
    for fewer in ((), terms[:1], (*terms, PaymentTerm(percentage=Decimal(1), milestone=INVOICE))):
        assert refused(trade.desk, trade.update(order, trade.china, terms=fewer), version + 1) == [
            ("terms_fixed", "/terms")
        ]


def test_the_incoterm_is_fixed_dates_contact_and_message_are_not(trade: Trade) -> None:
    order, _ = trade.confirmed()
    version = trade.version(order, trade.china)
    fixed = trade.update(order, trade.china, incoterm="EXW", incoterm_place="Ningbo")
    assert [code for code, _ in refused(trade.desk, fixed, version)] == ["fixed_by_confirmation"] * 2
    dates = (Milestone(name=INVOICE, forecast=date(2027, 2, 1)),)
    free = trade.update(order, trade.china, contact="Chen", message="Urgent", milestones=dates, supplier_reference="Q1")
    after = trade.desk.world.do(SupplierRequest, free, if_match=version)
    assert (after.contact, after.supplier_reference) == ("Chen", "Q1")
    assert trade.treasury(order, trade.china).lines[1].forecast_date == date(2027, 3, 3)


def test_the_order_s_own_table_moves_no_product_between_requests(trade: Trade) -> None:
    """CNF-05 through the other door: the lines of the customer request."""
    order, version = trade.confirmed()
    lines = inputs(trade.desk, order)
    attempts = {
        "supplier": lines[0].change(supplier=trade.france.id),
        "purchase_incoterm": lines[0].change(purchase_incoterm="EXW"),
        "purchase_currency": lines[0].change(purchase_currency="EUR"),
    }
    for name, line in attempts.items():
        found = refused(trade.desk, SetOfferLines(order=order.id, lines=(line, *lines[1:])), version)
        assert found == [("purchase_fixed", f"/lines/0/{name}")]
    nobody = lines[3].change(supplier=trade.france.id)
    found = refused(trade.desk, SetOfferLines(order=order.id, lines=(*lines[:3], nobody)), version)
    assert found == [("purchase_fixed", "/lines/3/supplier")]
    dearer = lines[0].change(purchase_price=Decimal(12))
    trade.desk.world.execute_as("manager", SetOfferLines(order=order.id, lines=(dearer, *lines[1:])), version)
    assert str(trade.request(order, trade.china).totals.net.amount) == "132.00"


def test_a_price_that_was_not_known_may_be_entered(trade: Trade) -> None:
    """OFF-02, CNF-05: a purchase price is optional, and may come after the confirmation."""
    order, _ = trade.confirmed(bought(trade.china, "A", "10", "20.00", None, None))
    assert (trade.request(order, trade.china).unpriced, trade.ordered(trade.china)) == (1, [])
    [line] = trade.products(order, trade.china)
    priced = trade.send(order, trade.china, line.change(unit_price=Decimal("7.50")))
    after = trade.desk.world.do(SupplierRequest, priced, if_match=trade.version(order, trade.china))
    assert (after.unpriced, trade.ordered(trade.china)) == (0, ["75.00 USD"])


def test_a_completed_request_no_longer_changes(trade: Trade) -> None:
    """LOG-03."""
    order, _ = trade.confirmed()
    world, key = trade.desk.world, keys.supplier_request(trade.desk.world.company, order.id, trade.china.id)
    done = trade.request(order, trade.china).change(status=OrderStatus.COMPLETED)
    world.services.store.transact(lambda tx: tx.put(SUPPLIER, key, done))
    version = trade.version(order, trade.china)
    for request in (trade.update(order, trade.china), trade.send(order, trade.china)):
        assert codes(refusal(trade.desk, request, version)) == ["request_closed"]


def test_before_the_confirmation_terms_and_incoterm_are_free(trade: Trade) -> None:
    order, _ = trade.offer(bought(trade.china, "A", "10", "20.00", "11.50", "USD"))
    version = trade.version(order, trade.china)
    terms = (PaymentTerm(percentage=Decimal(100), milestone=INVOICE),)
    free = trade.update(order, trade.china, terms=terms, incoterm="CFR", incoterm_place="Le Havre")
    after = trade.desk.world.do(SupplierRequest, free, if_match=version)
    assert (after.terms, after.incoterm) == (terms, "CFR")
    assert [line.forecast_date for line in trade.treasury(order, trade.china).lines] == [date(2027, 1, 10)]
    assert isinstance(refusal(trade.desk, free, version), VersionMismatch)
    confirmation = trade.update(
        order, trade.china, milestones=(Milestone(name=CONFIRMATION, forecast=date(2027, 1, 1)),)
    )
    assert refused(trade.desk, confirmation, version + 1) == [("confirmation_milestone", "/milestones/0/name")]


def test_editing_a_request_changes_the_order_s_version(trade: Trade) -> None:
    """CNF-07: who confirms meant the requests as they were too."""
    order, version = trade.quoted()
    trade.desk.world.execute_as(
        "manager", trade.update(order, trade.china, contact="Chen"), trade.version(order, trade.china)
    )
    assert trade.order_version(order) == version + 1


def test_lines_sent_to_a_request_must_be_its_own(trade: Trade) -> None:
    order, _ = trade.offer()
    [other] = trade.products(order, trade.france)
    lines = trade.products(order, trade.china)
    request = SetSupplierLines(order=order.id, supplier=trade.china.id, lines=(*lines, other, lines[0]))
    found = refused(trade.desk, request, trade.version(order, trade.china))
    assert found == [("unknown_line", "/lines/2/id"), ("goods_added", "/lines/2/kind"), ("unknown_line", "/lines/3/id")]
