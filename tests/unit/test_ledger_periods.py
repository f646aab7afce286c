"""FIS-03: what a closed period refuses, to the day, and what it costs a transaction."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.ledger.items import PERIODS
from comptoir.ledger.model import Periods
from comptoir.ledger.periods import PeriodClosed, closed_periods, first_open, require_open
from comptoir.store import keys
from comptoir.store.backend import Cancelled, Check
from comptoir.store.cursor import CursorSigner
from comptoir.store.memory import MemoryBackend
from comptoir.store.store import Store
from comptoir.store.transaction import Transaction

COMPANY = "0" * 26
DAY = date(2026, 10, 31)


def make_store(through: date | None = None) -> Store:
    store = Store(MemoryBackend(), CursorSigner(lambda: b"s"), sleep=lambda _: None)
    if through:
        close(store, through)
    return store


def close(store: Store, through: date) -> None:
    store.transact(lambda tx: tx.put(PERIODS, keys.periods(COMPANY), Periods(through=through)))


def test_fis_03_everything_is_open_until_a_day_is_closed() -> None:
    store = make_store()
    store.transact(lambda tx: require_open(tx, COMPANY, date(1990, 1, 1)))
    assert store.transact(lambda tx: closed_periods(tx, COMPANY)) == Periods()


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(-800, 800))
def test_fis_03_days_up_to_the_last_closed_one_are_refused_and_no_other(through: date, offset: int) -> None:
    store, day = make_store(through), through + timedelta(days=offset)
    assert store.transact(lambda tx: first_open(tx, COMPANY, day)) == max(day, through + timedelta(days=1))
    if offset > 0:
        store.transact(lambda tx: require_open(tx, COMPANY, day))
        return
    with pytest.raises(PeriodClosed) as caught:
        store.transact(lambda tx: require_open(tx, COMPANY, day))
    first = through + timedelta(days=1)
    assert caught.value.extra == {"date": day.isoformat(), "first_open": first.isoformat()}
    assert f"{first:%d/%m/%Y}" in caught.value.fr


def test_fis_03_one_check_covers_every_date_that_a_transaction_asks_about() -> None:
    transaction = Transaction(make_store(DAY).backend)
    for ahead in range(1, 40):
        require_open(transaction, COMPANY, DAY + timedelta(days=ahead))
    assert transaction.operations == [Check(keys.periods(COMPANY), 1)]


@pytest.mark.parametrize("closed_before", [None, DAY])
def test_fis_03_a_write_that_began_before_the_closing_does_not_come_through(closed_before: date | None) -> None:
    store = make_store(closed_before)
    transaction = Transaction(store.backend)
    require_open(transaction, COMPANY, DAY + timedelta(days=1))
    close(store, DAY + timedelta(days=1))
    with pytest.raises(Cancelled):
        store.backend.write(transaction.operations)
