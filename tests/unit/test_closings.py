"""FIS-03: what closings come to, against the documents themselves; in order, once, by hand and by the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from comptoir.access.acting import companies
from comptoir.access.commands import UpdateCompany
from comptoir.access.model import Company
from comptoir.access.queries import Listing
from comptoir.closings import closing as closing_module
from comptoir.closings.commands import ClosePeriod, ClosingAsked
from comptoir.closings.model import ClosedPeriod, Closing, ClosingSummary
from comptoir.closings.queries import ListClosings, PeriodsView, ReadClosing, ReadPeriods
from comptoir.closings.tasks import close_due
from comptoir.kernel.errors import Forbidden, NotFound
from comptoir.ledger.model import ORIGIN, ChainName
from comptoir.ledger.periods import PeriodClosed
from tests.api.office import Started
from tests.unit.closings_support import ANNUAL, DAILY, MONTHLY, Books, open_books
from tests.unit.invoicing_support import codes, line
from tests.world import another_company

TODAY = date(2026, 11, 21)


@pytest.fixture
def books() -> Books:
    return open_books()


def nets(closing: Closing) -> list[int]:
    """Without VAT, in whole euros: of the period, of the fiscal year, since first use."""
    return [int(totals.euro.balance.net) for totals in (closing.period, closing.year, closing.perpetual)]


def test_fis_03_a_day_is_closed_once_it_is_over(books: Books) -> None:
    shop = books.shop
    invoice = shop.invoice(line("100", "2"), line("10", rate="5.5"))
    shop.issued(shop.credit(invoice))
    books.pay("120.00", means="card")
    books.pay("-20.00", kind="refund")
    assert books.close() == 0
    books.noon(date(2026, 11, 22))
    assert books.close() == 1
    closing = books.closing(DAILY, TODAY)
    assert (closing.start, closing.end, closing.operator_name, closing.siren) == (TODAY, TODAY, "Horloge", "732829320")
    [block] = closing.period.currencies
    assert block == closing.period.euro
    assert [(kind.kind, kind.count, kind.net, kind.gross) for kind in block.kinds] == [
        ("invoice", 1, Decimal("210.00"), Decimal("250.55")),
        ("credit_note", 1, Decimal("100.00"), Decimal("120.00")),
    ]
    assert (block.balance.gross, block.absolute.gross) == (Decimal("130.55"), Decimal("370.55"))
    assert [(row.rate, row.base, row.vat) for row in block.balance.rates] == [
        (Decimal("20"), Decimal("100.00"), Decimal("20.00")),
        (Decimal("5.5"), Decimal("10.00"), Decimal("0.55")),
    ]
    assert [(row.kind, row.means, row.count, row.amount) for row in block.payments] == [
        ("payment", "card", 1, Decimal("120.00")),
        ("refund", "transfer", 1, Decimal("-20.00")),
    ]
    assert (block.received, block.moved) == (Decimal("100.00"), Decimal("140.00"))
    assert closing.year == closing.perpetual == closing.period
    assert {chain: (span.first, span.last, span.count) for chain, span in closing.spans.items()} == {
        "documents": (1, 2, 2),
        "payments": (1, 2, 2),
    }
    assert closing.previous_hash == ORIGIN
    assert {head.chain: head.sequence for head in closing.heads}.keys() == {"documents", "payments", "events"}
    assert books.periods.through == TODAY


def test_fis_03_closings_form_a_signed_chain(books: Books) -> None:
    books.noon(date(2026, 12, 2))
    assert books.close() == 12
    assert books.verified(ChainName.CLOSINGS).intact
    entries, closings = books.entries(), books.closings()
    assert [closing.name for closing in closings[8:]] == ["2026-11-29", "2026-11-30", "2026-11", "2026-12-01"]
    assert [closing.previous_hash for closing in closings] == [ORIGIN, *(entry.hash for entry in entries[:-1])]
    assert all(entry.signature for entry in entries)
    stored = books.stored(MONTHLY, date(2026, 11, 30))
    assert (stored.sequence, stored.hash) == (11, entries[10].hash)


def test_fis_03_forgotten_days_are_closed_one_by_one_and_asking_again_changes_nothing(books: Books) -> None:
    books.noon(date(2026, 12, 6))
    before = books.close()
    names = [closing.name for closing in books.closings() if closing.kind is DAILY]
    assert names == [f"{TODAY + timedelta(days=n)}" for n in range(15)]
    assert before == 16
    assert books.close() == 0


def test_fis_03_a_closing_goes_no_further_than_was_asked(books: Books) -> None:
    books.noon(date(2027, 1, 5))
    assert books.close(DAILY, date(2026, 11, 24)) == 4
    assert books.close(MONTHLY, date(2026, 11, 30)) == 7
    assert books.periods.months_through == date(2026, 11, 30)
    assert books.close(MONTHLY, date(2026, 12, 31)) == 32
    assert (books.periods.through, books.periods.years_through) == (date(2026, 12, 31), None)
    assert books.close() == 5
    assert books.periods.years_through == date(2026, 12, 31)


def test_fis_03_a_year_closes_after_its_months_and_totals_go_on_for_ever(books: Books) -> None:
    shop = books.shop
    shop.invoice(line("100"))
    books.noon(date(2026, 12, 15))
    shop.invoice(line("10"))
    books.noon(date(2027, 1, 3))
    shop.invoice(line("1"))
    books.noon(date(2027, 1, 4))
    books.close()
    november, december = (books.closing(MONTHLY, end) for end in (date(2026, 11, 30), date(2026, 12, 31)))
    year, third = books.closing(ANNUAL, date(2026, 12, 31)), books.closing(DAILY, date(2027, 1, 3))
    assert nets(november) == [100, 100, 100]
    assert nets(december) == [10, 110, 110]
    assert nets(year) == [110, 110, 110]
    assert nets(third) == [1, 1, 111]
    assert (year.start, year.end, year.fiscal_year.start) == (date(2026, 1, 1), date(2026, 12, 31), date(2026, 1, 1))
    assert third.fiscal_year.start == date(2027, 1, 1)
    assert (year.spans["documents"].first, year.spans["documents"].last) == (1, 2)


def test_fis_03_fiscal_years_begin_with_the_month_of_the_settings(books: Books) -> None:
    world = books.shop.world
    change = UpdateCompany.model_validate({"fiscal_year_start": 12})
    assert world.do(Company, change, "administrator", if_match=1).fiscal_year_start == 12
    books.noon(date(2026, 12, 1))
    books.close()
    year = books.closing(ANNUAL, date(2026, 11, 30))
    assert (year.name, year.start, year.end) == ("2026-11", date(2025, 12, 1), date(2026, 11, 30))
    assert books.closings()[-1].kind is ANNUAL


def test_fis_03_documents_dated_before_the_opening_belong_to_closings_of_their_own(books: Books) -> None:
    """A company that begins by entering last month's documents closes from the first of their days on."""
    books.shop.invoice(line("7"), wanted_date=date(2026, 10, 30))
    books.shop.invoice(line("5"))
    assert books.close() == 23
    october, today = books.closing(MONTHLY, date(2026, 10, 31)), books.closings()[-1]
    assert (nets(october), october.start) == ([7, 7, 7], date(2026, 10, 1))
    assert (nets(today), today.end) == ([0, 7, 7], date(2026, 11, 20))


def test_fis_03_payments_are_counted_on_their_day_whatever_the_order_of_their_entries(books: Books) -> None:
    books.noon(date(2026, 11, 24))
    books.pay("1.00")
    books.pay("2.00", date(2026, 11, 22))
    books.pay("4.00", date(2026, 11, 24), means="cash")
    books.pay("8.00", date(2026, 11, 23))
    books.close()
    received = [closing.period.euro.received for closing in books.closings()]
    assert received == [0, 2, 8]
    assert [closing.complete["payments"] for closing in books.closings()] == [0, 0, 0]
    books.noon(date(2026, 11, 25))
    books.close()
    last = books.closings()[-1]
    assert [last.period.euro.received, last.perpetual.euro.received] == [5, 15]
    assert last.complete["payments"] == 4
    assert [(row.means, row.count) for row in last.period.euro.payments] == [("cash", 1), ("transfer", 1)]


def test_fis_03_nothing_is_dated_on_a_closed_day(books: Books) -> None:
    shop = books.shop
    invoice = shop.invoice(line("100"))
    books.noon(date(2026, 11, 22))
    books.close()
    late, note = shop.draft(wanted_date=TODAY), shop.credit(invoice, wanted_date=TODAY)
    opened = shop.draft()
    assert codes(shop.issue(late, note, opened)) == [["period_closed"], ["period_closed"], []]
    assert shop.read(opened).issue_date == date(2026, 11, 22)
    with pytest.raises(PeriodClosed):
        books.pay("1.00", TODAY)


def test_fis_03_many_entries_are_counted_over_several_calls(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing_module, "MOST_ENTRIES", 3)
    for number in range(8):
        books.shop.invoice(line(str(number + 1)))
        books.pay("1.00")
    books.noon(date(2026, 11, 22))
    asked = {"company": books.company, "kind": "daily", "end": "2026-11-21", "operator_name": "Horloge"}
    outcomes: list[str] = []
    while outcomes[-1:] != ["done"]:
        world = books.shop.world
        outcomes.append(closing_module.close_periods(world.services, world.signer, asked)["outcome"])
    assert outcomes == ["again", "done"]
    euro = books.closing(DAILY, TODAY).period.euro
    assert [euro.balance.count, euro.balance.net, euro.received] == [8, 36, 8]


def test_fis_08_a_new_version_of_the_product_is_told(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPTOIR_VERSION", "1.0.0")
    books.noon(date(2026, 11, 22))
    books.close()
    monkeypatch.setenv("COMPTOIR_VERSION", "1.1.0")
    books.noon(date(2026, 11, 24))
    books.close()
    events = [entry for entry in books.entries(ChainName.EVENTS) if entry.kind == "version_started"]
    assert len(events) == 1
    assert '"before":"1.0.0"' in events[0].payload
    assert [closing.version for closing in books.closings()] == ["1.0.0", "1.1.0", "1.1.0"]
    assert books.verified(ChainName.EVENTS).intact


def test_fis_03_without_the_key_nothing_is_closed(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    books.noon(date(2026, 11, 22))

    def broken(digest: bytes) -> bytes:
        raise OSError("key out of reach")

    monkeypatch.setattr(books.shop.world.signer, "sign", broken)
    with pytest.raises(OSError, match="key out of reach"):
        books.close()
    assert (books.periods.through, books.entries()) == (None, [])


def test_fis_03_a_period_is_closed_by_hand(books: Books) -> None:
    world, workflows = books.shop.world, Started()
    world.services = replace(world.services, workflows=workflows)
    books.noon(date(2026, 12, 2))
    asked = world.do(ClosingAsked, ClosePeriod(kind=MONTHLY, name="2026-11"))
    assert (asked.end, asked.operator_name) == (date(2026, 11, 30), "Opérateur manager")
    [(machine, name, payload)] = workflows.runs
    assert (machine, name) == ("closing", f"close-{books.company}-monthly-2026-11")
    assert payload == {
        "company": books.company,
        "kind": "monthly",
        "end": "2026-11-30",
        "operator": world.operators["manager"],
        "operator_name": "Opérateur manager",
    }
    books.run(payload)
    closed = world.do(ClosedPeriod, ClosePeriod(kind=MONTHLY, name="2026-11"))
    assert (closed.closing.operator, closed.closing.operator_name) == (payload["operator"], "Opérateur manager")
    assert len(workflows.runs) == 1


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (DAILY, "2026-11-21", ["period_not_over"]),
        (DAILY, "2026-11", ["period_name"]),
        (MONTHLY, "2026-11", ["period_not_over"]),
        (MONTHLY, "2026-1", ["period_name"]),
        (MONTHLY, "2026-13", ["period_name"]),
        (ANNUAL, "2026-12", ["period_not_over"]),
        (ANNUAL, "2026-10", ["not_end_of_year"]),
        (ANNUAL, "2027-11", ["period_not_over", "not_end_of_year"]),
        (ANNUAL, "", ["period_name"]),
    ],
)
def test_fis_03_what_cannot_be_closed_is_told(books: Books, kind: str, name: str, expected: list[str]) -> None:
    assert books.shop.refused(ClosePeriod.model_validate({"kind": kind, "name": name})) == expected


def test_acc_03_closing_needs_its_permission(books: Books) -> None:
    for profile in ("sales", "accountant", "assistant"):
        with pytest.raises(Forbidden):
            books.shop.world.execute_as(profile, ClosePeriod(kind=DAILY, name="2026-11-20"))


def test_fis_03_the_clock_starts_what_is_due_for_every_company(books: Books) -> None:
    workflows = Started()
    world = books.shop.world
    levant = another_company(world)
    world.services = replace(world.services, workflows=workflows)
    assert set(companies(world.services)) == {world.company, levant.company}
    assert close_due(world.services) == {"closings_started": 0, "failed": 0}
    books.noon(date(2026, 11, 22))
    assert close_due(world.services) == {"closings_started": 2, "failed": 0}
    payloads = {name: payload for _, name, payload in workflows.runs}
    assert payloads[f"close-{world.company}-2026-11-21"]["end"] == "2026-11-21"
    assert payloads[f"close-{world.company}-2026-11-21"]["operator_name"] == "Horloge"
    books.close()
    assert close_due(world.services)["closings_started"] == 1


def test_fis_03_closings_are_read_as_they_were_computed(books: Books) -> None:
    world = books.shop.world
    books.shop.invoice(line("100"))
    books.noon(date(2026, 12, 2))
    books.close()
    view = world.do(PeriodsView, ReadPeriods())
    assert (view.through, view.first_open, view.due) == (date(2026, 12, 1), date(2026, 12, 2), None)
    assert view.fiscal_year.end == date(2026, 12, 31)
    books.noon(date(2026, 12, 3))
    due = world.do(PeriodsView, ReadPeriods()).due
    assert due is not None
    assert (due.kind, due.name) == (DAILY, "2026-12-02")
    days = world.do(Listing[ClosingSummary], ListClosings(kind=DAILY, within="2026-11"), "accountant")
    assert [day.name for day in days.items][::9] == ["2026-11-30", "2026-11-21"]
    months = world.do(Listing[ClosingSummary], ListClosings(), "accountant")
    [month] = months.items
    assert (month.name, str(month.net), str(month.perpetual)) == ("2026-11", "100.00", "120.00")
    one = world.do(ClosedPeriod, ReadClosing(kind=MONTHLY, name="2026-11"), "accountant")
    assert one == books.stored(MONTHLY, date(2026, 11, 30))
    with pytest.raises(NotFound):
        world.execute_as("accountant", ReadClosing(kind=MONTHLY, name="2026-12"))
