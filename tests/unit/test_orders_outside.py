"""What an order expects beside its products: recomputed by nothing, left out of the balance (TRS-01, CNF-01)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from comptoir.kernel.errors import DomainError, Forbidden
from comptoir.orders.commands import CancelOffer
from comptoir.orders.following import CompleteOrder, SetMilestone
from comptoir.orders.model import Order
from comptoir.orders.outside import SetOutsideLines, SetSupplierOutsideLines
from comptoir.orders.queries import Criteria, ReadConfirmationCriteria
from comptoir.orders.undo import UndoConfirmation
from comptoir.parties.model import Party
from comptoir.store import keys
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import TreasuryLine, TreasuryStatus
from comptoir.treasury.settling import TreasuryView
from tests.unit.orders_support import head, refused
from tests.unit.suppliers_support import Trade, open_trade
from tests.world import World


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def caution(amount: str = "500.00", currency: str = "EUR", **fields: Any) -> dict[str, Any]:
    return {"label": "Caution", "amount": {"amount": amount, "currency": currency}} | fields


def asked(order: Order, *lines: dict[str, Any]) -> SetOutsideLines:
    return SetOutsideLines.model_validate({"order": order.id, "lines": lines})


def bought(order: Order, supplier: Party, *lines: dict[str, Any]) -> SetSupplierOutsideLines:
    return SetSupplierOutsideLines.model_validate({"order": order.id, "supplier": supplier.id, "lines": lines})


def version_of(trade: Trade, order: Order) -> int:
    return head(trade.desk, order).version or 0


def outside(trade: Trade, order: Order, supplier: Party | None = None) -> list[TreasuryLine]:
    sheet = trade.treasury(order, supplier) if supplier else trade.desk.treasury(order)
    return [line for line in sheet.lines if line.outside_products]


def test_they_are_left_alone_and_out_of_the_balance(trade: Trade) -> None:
    """TRS-01, CNF-01 criterion 4, CNF-03, CNF-06: recomputed by nothing, firm and forecast with the others."""
    world = trade.desk.world
    order, _ = trade.quoted()
    duty = caution("310.00", "USD", label="Droits de douane", forecast_date="2027-02-15")
    world.execute_as("manager", bought(order, trade.china, duty), trade.version(order, trade.china))
    view = world.do(TreasuryView, asked(order, caution(), caution("-12.50")), if_match=version_of(trade, order))
    kept = [line for line in view.lines if line.outside_products]
    assert [(line.label, str(line.amount.amount), line.status) for line in kept] == [
        ("Caution", "500.00", TreasuryStatus.FORECAST),
        ("Caution", "-12.50", TreasuryStatus.FORECAST),
    ]
    eta = SetMilestone(order=order.id, milestone="eta", forecast=date(2027, 1, 15))
    world.execute_as("manager", eta, version_of(trade, order))
    assert outside(trade, order) == kept
    assert world.do(Criteria, ReadConfirmationCriteria(order=order.id)).breaches == ()
    confirmed = trade.desk.confirm(order, version_of(trade, order))
    for supplier in (None, trade.china):
        assert {line.status for line in outside(trade, confirmed, supplier)} == {TreasuryStatus.FIRM}
    late = caution("90.00", label="Surestaries")
    known = [caution(id=kept[0].id, forecast_date="2027-03-01"), late]
    world.execute_as("manager", asked(order, *known), version_of(trade, order))
    after = outside(trade, order)
    assert [(line.id == kept[0].id, line.status) for line in after] == [
        (True, TreasuryStatus.FIRM),
        (False, TreasuryStatus.FIRM),
    ]
    world.execute_as("manager", UndoConfirmation(order=order.id), version_of(trade, order))
    assert {line.status for line in outside(trade, order)} == {TreasuryStatus.FORECAST}


@pytest.mark.parametrize("end", ["cancel", "complete"])
def test_they_end_with_the_order(trade: Trade, end: str) -> None:
    """LOG-03: nothing more is expected beside its products, on either side; what is due of these stays."""
    world = trade.desk.world
    order, _ = trade.quoted() if end == "cancel" else trade.confirmed()
    world.execute_as("manager", bought(order, trade.china, caution("10.00", "USD")), trade.version(order, trade.china))
    world.execute_as("manager", asked(order, caution()), version_of(trade, order))
    request = CancelOffer(order=order.id) if end == "cancel" else CompleteOrder(order=order.id)
    world.execute_as("manager", request, version_of(trade, order))
    assert outside(trade, order) == outside(trade, order, trade.china) == []
    assert bool(trade.desk.treasury(order).lines) is (end == "complete")
    with pytest.raises(DomainError) as refused:
        world.execute_as("manager", asked(order, caution()), version_of(trade, order))
    assert refused.value.code == "order_closed"


def test_they_do_not_keep_an_order_open(trade: Trade) -> None:
    """LOG-03: delivered, invoiced and paid, it is completed whatever was expected beside."""
    world, store = trade.desk.world, trade.desk.world.services.store
    order, _ = trade.confirmed()
    world.execute_as("manager", asked(order, caution()), version_of(trade, order))
    sheets = [keys.order_treasury(world.company, order.id)]
    sheets += [keys.supplier_treasury(world.company, order.id, each.id) for each in (trade.china, trade.france)]
    for sheet in sheets:
        known = store.require(TREASURY, sheet).value
        paid = (line if line.outside_products else line.change(status=TreasuryStatus.PAID) for line in known.lines)
        after = known.change(lines=tuple(paid))
        store.transact(lambda tx, at=sheet, value=after: tx.put(TREASURY, at, value))  # type: ignore[misc]
    for milestone in ("goods_receipt", "delivery"):
        done = SetMilestone(order=order.id, milestone=milestone, actual=date(2026, 11, 20))
        after_order = world.do(Order, done, if_match=version_of(trade, order))
    assert after_order.status == "completed"
    assert outside(trade, order) == []


def test_what_is_wrong_with_them_is_told_at_once(trade: Trade) -> None:
    """TRS-01: and of a request, in its own currency; who sells does not edit purchases."""
    order, version = trade.quoted()
    wrong = [
        caution(id="0" * 26),
        caution("0.00"),
        caution("5.00", "USD"),
        caution(bank_account="DE89370400440532013000"),
    ]
    assert refused(trade.desk, asked(order, *wrong), version) == [
        ("unknown_line", "/lines/0/id"),
        ("amount_zero", "/lines/1/amount"),
        ("currency_of_request", "/lines/2/amount/currency"),
        ("unknown_bank_account", "/lines/3/bank_account"),
    ]
    assert outside(trade, order) == []
    with pytest.raises(Forbidden):
        trade.desk.world.execute_as("accountant", bought(order, trade.china), 1)
