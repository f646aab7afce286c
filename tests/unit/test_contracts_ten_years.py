"""Contracts over ten years, from the first night to their termination, against an independent reckoning (CTR-04 to 06).

Each day is looked at, and each amount is reckoned from the day's own price: nothing here uses the product's calendar.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from threading import Thread

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.contracts.commands import RenewContract
from comptoir.contracts.model import Contract
from comptoir.contracts.renewal import NothingToRenew
from comptoir.contracts.termination import TerminateContract, Terminated
from comptoir.kernel.errors import DomainError, Refused, VersionMismatch
from comptoir.kernel.spans import Span, Unit
from tests.unit.contracts_calendar import DAY, Stretch, begins, stretches, walk
from tests.unit.contracts_support import LINE, MONTH, YEAR, Agreements, open_agreements

CENT = Decimal("0.01")
MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
STARTS = st.sampled_from(
    [date(2027, 1, 31), date(2028, 2, 29), date(2026, 12, 31), date(2027, 3, 30), date(2027, 6, 1)]
)
PERIODS = st.sampled_from([MONTH, Span(count=2), Span(count=1, unit=Unit.QUARTER), YEAR])


def cents(amount: Decimal) -> Decimal:
    """To the cent, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def worth(price: Decimal, rate: Decimal, start: date, stretch: Stretch) -> Decimal:
    """What is billed of a period: the price of its anniversaries, then the part of its days."""
    years = sum(begins(day, start, 12) for day in walk(start + DAY, stretch.first))
    revised = cents(price * (1 + rate / 100) ** years)
    return cents(revised * ((stretch.last - stretch.first).days + 1) / stretch.whole)


def night(agreements: Agreements, day: date) -> None:
    """A night that renews all that is due, though it makes up for at most sixty periods of a contract."""
    while agreements.night(day)["renewed"]:
        day += DAY


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=STARTS,
    period=PERIODS,
    shift=st.integers(-400, 0),
    rate=st.sampled_from([Decimal(0), Decimal("1.5"), Decimal("-2"), Decimal("3.33")]),
    price=st.decimals("200", "9999.99", places=2),
    gaps=st.lists(st.integers(1, 900), min_size=5, max_size=5),
    back=st.integers(0, 400),
)
def test_what_is_invoiced_and_credited_is_what_each_day_is_worth(
    start: date, period: Span, shift: int, rate: Decimal, price: Decimal, gaps: list[int], back: int
) -> None:
    """CTR-01, CTR-04 to CTR-06: pro rata, indexation and termination in the middle, runs coming when they may."""
    agreements, anchor, months = open_agreements(), start + timedelta(days=shift), period.count * MONTHS[period.unit]
    made = agreements.conclude(
        start=start,
        anchor=anchor,
        period=period,
        indexation={"rate": rate} if rate else None,
        lines=[LINE | {"unit_price": price}],
    )
    for day in accumulate(gaps, lambda last, gap: last + timedelta(days=gap), initial=start):
        night(agreements, day)
    today = agreements.world.clock.now().date()
    periods = agreements.periods(made)
    expected = stretches(start, anchor, months, None, today)
    assert [(each.start, each.end, each.whole_days) for each in periods] == [
        (each.first, each.last, each.whole) for each in expected
    ]
    nets = [worth(price, rate, start, each) for each in expected]
    assert [each.net.amount for each in periods] == nets
    last = max(start, today - timedelta(days=back))
    beyond = [each for each in periods if each.end > last]
    agreements.issued(*(agreements.draft_of(each.document or "") for each in beyond))
    assert _credited(agreements, made, last) == [
        cents(net * (each.last - max(each.first - DAY, last)).days / ((each.last - each.first).days + 1))
        for each, net in zip(expected, nets, strict=True)
        if each.last > last
    ]
    while agreements.night(today + timedelta(days=1000))["renewed"]:
        today += DAY
    assert len(agreements.periods(made)) == len(periods)


def _credited(agreements: Agreements, contract: Contract, last: date) -> list[Decimal]:
    """What each period that reaches beyond the last day is credited of, the oldest first."""
    version = agreements.stored(contract).version
    ending = TerminateContract(contract=contract.id, last_day=last, reason="Vente", override="Accord")
    agreements.world.do(Terminated, ending, if_match=version)
    notes = [each.credit_note for each in agreements.periods(contract) if each.end > last]
    return [agreements.draft_of(note).totals.net.amount if note else Decimal(0) for note in notes]


def test_a_click_and_the_night_bill_one_period_once() -> None:
    """CTR-03, CTR-04: by hand beside the clock, many times; whoever comes second is told, and nothing is left out."""
    agreements = open_agreements()
    contracts = [agreements.conclude(name=f"Contrat {number}") for number in range(6)]
    agreements.on(date(2026, 12, 1))
    refused: list[DomainError] = []

    def click() -> None:
        for contract in contracts:
            try:
                agreements.world.execute_as("manager", RenewContract(contract=contract.id), if_match=1)
            except DomainError as error:
                refused.append(error)

    threads = [Thread(target=click), Thread(target=agreements.night), Thread(target=click)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all([each.start for each in agreements.periods(one)] == [date(2026, 12, 1)] for one in contracts)
    assert refused
    assert {type(error) for error in refused} <= {VersionMismatch, NothingToRenew}


def test_a_termination_beside_the_night_leaves_nothing_billed_beyond_it_that_is_not_told() -> None:
    """CTR-04, CTR-06: the night wins and the termination is another version, or no period is made any more."""
    agreements = open_agreements()
    contracts = [agreements.conclude(name=f"Contrat {number}", start="2026-11-01") for number in range(8)]
    agreements.night(date(2026, 11, 21))
    versions = {each.id: agreements.stored(each).version for each in contracts}
    agreements.on(date(2026, 12, 1))
    refused: list[str] = []

    def end() -> None:
        for contract in contracts:
            asked = TerminateContract(contract=contract.id, last_day=date(2026, 11, 30), reason="Fin", override="Oui")
            try:
                agreements.world.execute_as("manager", asked, if_match=versions[contract.id])
            except (VersionMismatch, Refused):
                refused.append(contract.id)

    threads = [Thread(target=agreements.night), Thread(target=end)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for contract in contracts:
        ended = agreements.contract(contract).termination is not None
        assert ended == (contract.id not in refused)
        assert [each.start.month for each in agreements.periods(contract)] == ([11] if ended else [11, 12])
