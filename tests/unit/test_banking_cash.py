"""The cash to come is kept in step with the treasury and read without its lines (TRS-11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest

from comptoir.banking import cash
from comptoir.banking.accounts import OpenBankAccount, OwnAccountView
from comptoir.banking.cash import BEHIND, ReadCashForecast, count, count_again
from comptoir.banking.cash_forecast import CashForecast, Weather
from comptoir.kernel.errors import Contention
from comptoir.kernel.money import Money
from comptoir.store import keys
from comptoir.store.memory import MemoryBackend
from comptoir.store.record import Key
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury, TreasuryLine, TreasuryStatus
from tests.unit.banks import IBAN
from tests.unit.cash_recomputed import recomputed, stored
from tests.unit.invoicing_support import line
from tests.unit.payments_support import open_till
from tests.unit.purchasing_support import item, open_office
from tests.world import World, open_world

TODAY = date(2026, 11, 21)


def forecast(world: World, **asked: Any) -> CashForecast:
    return world.do(CashForecast, ReadCashForecast(**asked), "accountant")


def coming(world: World, **asked: Any) -> Decimal:
    """All that is expected, on a known day or not."""
    told = forecast(world, **asked)
    return sum((week.movement.amount for week in told.total.weeks), told.undated.amount)


def sheet(world: World, number: int, *amounts: int, version: int = 0) -> Key:
    """A sheet of an order with firm lines, put as it is."""
    key = keys.order_treasury(world.company, f"{number:026d}")
    lines = tuple(
        TreasuryLine(
            id=f"{number:013d}{place:013d}",
            amount=Money.of(amount, "EUR"),
            forecast_date=TODAY,
            status=TreasuryStatus.FIRM,
        )
        for place, amount in enumerate(amounts)
    )
    world.services.store.transact(lambda tx: tx.put(TREASURY, key, Treasury(lines=lines)))
    return key


def test_what_customers_owe_comes_in_and_what_suppliers_are_owed_goes_out() -> None:
    """TRS-11: both sides, in the week in which they are due, from what stands on the accounts."""
    office = open_office()
    world = office.world
    world.do(OwnAccountView, OpenBankAccount(iban=IBAN, label="Compte courant"), "administrator")
    office.record(item("100.00"))
    told = forecast(world)
    assert stored(world, "EUR") == recomputed(world, "EUR")
    out = [week for week in told.total.weeks if week.movement.amount]
    assert out
    assert all(week.movement.amount < 0 for week in out)
    assert told.accounts[0].opening == Money.zero("EUR")


def test_an_offer_counts_when_asked_for_alone() -> None:
    """TRS-11: what no customer confirmed is no cash to come, unless one wants to see it."""
    till = open_till()
    order, version = till.desk.quoted("1000")
    assert not coming(till.world)
    assert coming(till.world, offers=True) == order.totals.gross.amount
    till.desk.confirm(order, version)
    assert coming(till.world) == coming(till.world, offers=True) == order.totals.gross.amount
    assert stored(till.world, "EUR") == recomputed(till.world, "EUR")


def test_what_is_paid_is_expected_no_more() -> None:
    till = open_till()
    invoice = till.invoice(line("100"))
    assert stored(till.world, "EUR") == recomputed(till.world, "EUR") != {}
    till.pay(invoice, "40")
    assert sum(recomputed(till.world, "EUR").values()) == invoice.totals.gross.amount - 40
    assert stored(till.world, "EUR") == recomputed(till.world, "EUR")


def test_a_sheet_told_twice_or_late_counts_once_as_it_is_now() -> None:
    world = open_world()
    key = sheet(world, 1, 10, 20)
    assert count(world.services.store, [key, key]) == []
    assert count(world.services.store, [key]) == []
    assert sum(stored(world, "EUR").values()) == 30
    sheet(world, 1, 5)
    assert sum(stored(world, "EUR").values()) == 5
    sheet(world, 1)
    assert stored(world, "EUR") == {}


def test_sheets_counted_at_once_lose_nothing() -> None:
    """TRS-11: forty followers on the same sums."""
    world = open_world()
    backend = world.services.store.backend
    assert isinstance(backend, MemoryBackend)
    follow, backend.stream = backend.stream, lambda _: None
    sheets = [sheet(world, number, number) for number in range(1, 41)]
    lost: list[Key] = []
    threads = [
        Thread(target=lambda part=part: lost.extend(count(world.services.store, part)))
        for part in ([key] for key in sheets)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    backend.stream = follow
    assert lost == []
    count_again(world.services.store)
    assert sum(stored(world, "EUR").values()) == sum(range(1, 41))


def test_what_could_not_be_counted_is_counted_by_the_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    world = open_world()

    def refuse(*_: object) -> None:
        raise Contention()

    monkeypatch.setattr(cash, "_bring", refuse)
    key = sheet(world, 1, 10)
    monkeypatch.undo()
    assert stored(world, "EUR") == {}
    assert world.services.store.require(BEHIND, keys.cash_behind(key)).value.settled is False
    assert count_again(world.services.store) == {"counted_again": 1, "failed": 0}
    assert stored(world, "EUR") == recomputed(world, "EUR") != {}
    assert count_again(world.services.store) == {"counted_again": 0, "failed": 0}


def test_the_nearest_trough_is_told_with_its_level() -> None:
    """TRS-11: more goes out this week than comes in."""
    office = open_office()
    office.record(item("100.00"), issue_date=date(2026, 10, 1))
    told = forecast(office.world)
    assert told.total.trough is not None
    assert told.total.weather is not Weather.SUN


def test_a_supplier_request_that_nothing_was_invoiced_of_goes_out() -> None:
    world = open_world()
    key = keys.supplier_treasury(world.company, f"{1:026d}", f"{2:026d}")
    owed = TreasuryLine(id=f"{1:026d}", amount=Money.of(7, "EUR"), forecast_date=None, status=TreasuryStatus.FIRM)
    world.services.store.transact(lambda tx: tx.put(TREASURY, key, Treasury(lines=(owed,))))
    assert forecast(world).undated == Money.of(-7, "EUR")
