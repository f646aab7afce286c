"""FIS-03: days close while documents and payments join: nothing falls between two days, none is counted twice."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from comptoir.invoicing.issue import IssueRequest, Outcome, issue
from comptoir.kernel.clock import PARIS, paris_date
from comptoir.kernel.errors import Contention
from comptoir.ledger.model import ChainName
from comptoir.ledger.periods import PeriodClosed
from comptoir.store import keys
from comptoir.store.backend import Operation
from tests.unit.closings_support import DAILY, Books, open_books
from tests.unit.invoicing_support import drafts, line, wrap

TODAY = date(2026, 11, 21)
MIDNIGHTS = [
    date(2026, 12, 31),
    date(2027, 6, 30),
    *(date(2027, m, d) for m, d in ((3, 27), (3, 28), (10, 30), (10, 31))),
]
"""New Year, the nights before and after both changes of the clock, and one in summer."""


def before_midnight(books: Books, day: date, seconds: float) -> None:
    """Let it be so many seconds before the midnight in Paris that ends a day."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), PARIS).astimezone(UTC)
    clock = books.shop.world.clock
    clock.advance(midnight - timedelta(seconds=seconds) - clock.now())


@pytest.mark.parametrize("day", MIDNIGHTS)
def test_fis_03_a_day_is_over_at_midnight_in_paris(day: date) -> None:
    books = open_books()
    before_midnight(books, day, 0.001)
    books.shop.invoice(line("100"))
    books.close(end=date(2099, 1, 1))
    assert books.periods.through == day - timedelta(days=1)
    before_midnight(books, day, 0)
    books.close(end=date(2099, 1, 1))
    assert books.periods.through == day
    closing = books.closing(DAILY, day)
    assert closing.period.euro.balance.count == 1
    assert paris_date(datetime.fromisoformat(closing.closed_at)) == day + timedelta(days=1)
    assert [closing.name for closing in books.closings() if closing.kind is DAILY][-1] == day.isoformat()


def test_fis_03_every_day_of_a_year_is_closed_once_however_long_it_is() -> None:
    books = open_books()
    before_midnight(books, date(2027, 11, 30), 0)
    books.close()
    days = [closing.end for closing in books.closings() if closing.kind is DAILY]
    assert days == [TODAY + timedelta(days=n) for n in range((date(2027, 11, 30) - TODAY).days + 1)]


@dataclass
class Night:
    """Four validate, one pays and one closes, each in its thread, while the clock goes through midnight."""

    books: Books
    requests: Sequence[IssueRequest]
    over: threading.Event = field(default_factory=threading.Event)
    refused: list[Outcome] = field(default_factory=list)

    def validate(self, share: int) -> None:
        world = self.books.shop.world
        for request in self.requests[share::4]:
            world.wait(seconds=1)
            outcomes: list[Outcome] = []
            while not outcomes:
                # Without pauses between tries writers may starve one another; the queue would hand it over again.
                with suppress(Contention):
                    outcomes = issue(world.services, world.signer, world.company, [request])
            self.refused += [outcome for outcome in outcomes if outcome.breaches]

    def pay(self) -> None:
        paid = 0
        while paid < 20:
            # The day may close between the look at the clock and the payment: then it is dated anew.
            with suppress(Contention, PeriodClosed):
                self.books.pay("1.00")
                paid += 1

    def close(self) -> None:
        while not self.over.is_set():
            with suppress(Contention):
                self.books.close(end=date(2099, 1, 1))

    def pass_by(self) -> None:
        """Until all is issued and paid."""
        closer = threading.Thread(target=self.close)
        workers = [threading.Thread(target=self.validate, args=(share,)) for share in range(4)]
        workers.append(threading.Thread(target=self.pay))
        for thread in (closer, *workers):
            thread.start()
        for worker in workers:
            worker.join()
        self.over.set()
        closer.join()


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2027, 3, 27), date(2027, 10, 31)])
def test_fis_03_what_is_validated_and_paid_around_midnight_is_in_the_closing_of_its_day(day: date) -> None:
    books = open_books()
    before_midnight(books, day, 30)
    books.close()
    night = Night(books, [books.shop.request(draft) for draft in drafts(books.shop, 60)])
    night.pass_by()
    assert night.refused == []
    before_midnight(books, day + timedelta(days=1), 0)
    books.close()
    documents = [books.shop.draft_of(request.document) for request in night.requests]
    closed = {closing.end: closing.period.euro for closing in books.closings() if closing.kind is DAILY}
    assert {document.issue_date for document in documents} == {day, day + timedelta(days=1)}
    for one, euro in closed.items():
        amounts = [document.totals.net.amount for document in documents if document.issue_date == one]
        assert (euro.balance.count, euro.balance.net) == (len(amounts), sum(amounts, Decimal(0)))
    assert sum(euro.received for euro in closed.values()) == 20
    assert all(books.verified(chain).intact for chain in ChainName)


def test_fis_03_an_entry_that_joins_while_a_day_is_closed_is_counted() -> None:
    """The closing fails on the head that it checked, counts what joined, and closes then."""
    books = open_books()
    books.shop.invoice(line("100"))
    late = books.shop.draft(line("7"), wanted_date=TODAY)
    books.noon(date(2026, 11, 22))
    store, joined = books.shop.world.services.store, list[bool]()

    def join(operations: Sequence[Operation]) -> None:
        closing = keys.closing(books.company, "daily", "2026-11-21")
        if not joined and any(operation.key == closing for operation in operations):
            joined.append(True)
            inner = replace(books.shop.world.services, store=store)
            [outcome] = issue(inner, books.shop.world.signer, books.company, [books.shop.request(late)])
            assert outcome.number

    wrap(books.shop, join)
    assert books.close() == 1
    assert joined == [True]
    assert books.closing(DAILY, TODAY).period.euro.balance.net == 107


def test_fis_03_many_that_close_at_once_make_each_closing_once() -> None:
    books = open_books()
    books.shop.invoice(line("100"))
    books.noon(date(2027, 1, 3))
    closers = [threading.Thread(target=books.close) for _ in range(6)]
    for closer in closers:
        closer.start()
    for closer in closers:
        closer.join()
    names = [(closing.kind, closing.name) for closing in books.closings()]
    assert len(set(names)) == len(names) == 43 + 2 + 1
    assert books.verified(ChainName.CLOSINGS).intact
