"""Due dates, instalments and the life of treasury lines: INV-05, TRS-01, CNF-03, CRN-07."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money, total
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import (
    CONFIRMATION,
    INVOICE,
    TRANSITIONS,
    DueStep,
    Instalment,
    PaymentMeans,
    PaymentTerm,
    TreasuryLine,
    TreasuryStatus,
)
from comptoir.treasury.rules import (
    TreasuryLocked,
    balance,
    due_date,
    firm,
    instalments,
    invoice,
    move,
    recompute,
    redate,
    shares,
)
from tests.unit.treasury_support import ACCOUNT, credit_line, issued

EOM = DueStep(end_of_month=True)
FOUR_YEARS = [date(2024, 1, 1) + timedelta(days=n) for n in range(1461)]
DAY = date(2026, 11, 21)


def days(number: int) -> DueStep:
    return DueStep(days=number)


def on(number: int) -> DueStep:
    return DueStep(day_of_month=number)


def walk(start: date, steps: list[DueStep]) -> date:
    """The same date by walking one day at a time: no calendar arithmetic of the rules is used."""
    day, one = start, timedelta(days=1)
    for step in steps:
        if step.days is not None:
            for _ in range(step.days):
                day += one
        elif step.end_of_month:
            while (day + one).month == day.month:
                day += one
        else:
            wanted = step.day_of_month or 0
            while not (day.day == wanted or (day.day < wanted and (day + one).month != day.month)):
                day += one
    return day


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [days(30)],
        [days(60)],
        [days(45), EOM],
        [EOM, days(45)],
        [EOM],
        [days(30), EOM, on(10)],
        [on(31)],
        [on(29)],
        [days(30), on(15)],
        [days(45), EOM, on(15), days(5)],
    ],
    ids=lambda steps: "+".join(f"{s.days or s.day_of_month or 'eom'}" for s in steps) or "none",
)
def test_due_dates_are_those_of_a_walk_through_every_day_of_four_years(steps: list[DueStep]) -> None:
    """INV-05: days, end of month in both orders, day of month; 2024 is a leap year."""
    for start in FOUR_YEARS:
        assert due_date(start, steps) == walk(start, steps), (start, steps)


def test_45_days_end_of_month_has_two_meanings() -> None:
    """INV-05, C. com. L441-10: the two computations differ, and both exist."""
    start = date(2026, 1, 20)
    assert due_date(start, [days(45), EOM]) == date(2026, 3, 31)
    assert due_date(start, [EOM, days(45)]) == date(2026, 3, 17)


@pytest.mark.parametrize("fields", [{}, {"days": 30, "end_of_month": True}, {"days": 0, "day_of_month": 3}])
def test_a_step_is_one_thing(fields: dict[str, int | bool]) -> None:
    with pytest.raises(ValidationError):
        DueStep.model_validate(fields)


percentages = st.lists(
    st.decimals(min_value=Decimal("0.01"), max_value=100, places=4).filter(lambda p: p > 0), min_size=1, max_size=8
)
cents = st.integers(min_value=0, max_value=10**9)


def terms_of(shares_wanted: list[Decimal], milestone: str = CONFIRMATION) -> tuple[PaymentTerm, ...]:
    return tuple(PaymentTerm(percentage=share, milestone=milestone) for share in shares_wanted)


def hundred(raw: list[int]) -> list[Decimal]:
    """Percentages with two decimals that make 100 %."""
    parts = Money.of(100, "EUR").split([Decimal(value) for value in raw])
    return [part.amount for part in parts if part.amount > 0]


hundreds = st.lists(st.integers(min_value=1, max_value=100), min_size=1, max_size=8).map(hundred)


@given(hundreds, cents, st.sampled_from(["EUR", "JPY", "TND"]))
def test_instalments_lose_no_cent(wanted: list[Decimal], amount: int, currency: str) -> None:
    """INV-05: instalments of 100 % add up to the amount, each within one smallest unit of its share."""
    money = Money.of(Decimal(amount) / 100, currency)
    parts = instalments(terms_of(wanted), money, {CONFIRMATION: DAY}, Language.FRENCH)
    assert total((part.amount for part in parts), currency) == money
    unit = Decimal(1).scaleb(money.amount.as_tuple().exponent)  # type: ignore[arg-type]
    for share, part in zip(wanted, parts, strict=True):
        assert abs(part.amount.amount - money.amount * share / 100) <= unit


@given(percentages, cents)
def test_shares_of_any_percentages_make_that_percentage(wanted: list[Decimal], amount: int) -> None:
    """An offer whose terms make 80 % expects 80 % of its amount, not all of it."""
    money = Money.of(Decimal(amount) / 100, "EUR")
    assert total(shares(terms_of(wanted), money), "EUR") == money.percent(sum(wanted, Decimal(0)))


def test_instalments_wait_for_every_date_and_never_precede_the_document() -> None:
    terms = (
        PaymentTerm(percentage=Decimal(30), milestone=CONFIRMATION),
        PaymentTerm(percentage=Decimal(70), milestone=INVOICE, steps=(days(45), EOM), means=PaymentMeans.CHEQUE),
    )
    amount = Money.of("1000.01", "EUR")
    assert instalments(terms, amount, {CONFIRMATION: DAY}, Language.FRENCH) == ()
    dates = {CONFIRMATION: date(2026, 10, 1), INVOICE: DAY}
    first, second = instalments(terms, amount, dates, Language.ENGLISH, not_before=DAY)
    assert first == Instalment(due_date=DAY, amount=Money.of("300.00", "EUR"), means="bank transfer")
    assert second == Instalment(due_date=date(2027, 1, 31), amount=Money.of("700.01", "EUR"), means="cheque")


def new_ids() -> SequentialIds:
    return SequentialIds(1000)


def forecast(wanted: list[Decimal], amount: Money) -> tuple[TreasuryLine, ...]:
    dates = {CONFIRMATION: DAY}
    return recompute((), terms_of(wanted), dates, amount, TreasuryStatus.FORECAST, SequentialIds(1).new)


def test_lines_come_from_terms_milestones_and_total() -> None:
    """TRS-01; a term whose milestone has no date yet gives a line without date."""
    terms = (
        PaymentTerm(percentage=Decimal(30), milestone=CONFIRMATION),
        PaymentTerm(percentage=Decimal(70), milestone="delivery", steps=(days(30),), means=PaymentMeans.CARD),
    )
    amount = Money.of("99.99", "EUR")
    lines = recompute((), terms, {CONFIRMATION: DAY}, amount, TreasuryStatus.FORECAST, new_ids().new)
    shown = [(line.amount.amount, line.forecast_date, line.means, line.status, line.term) for line in lines]
    assert shown == [
        (Decimal("30.00"), DAY, PaymentMeans.TRANSFER, TreasuryStatus.FORECAST, 0),
        (Decimal("69.99"), None, PaymentMeans.CARD, TreasuryStatus.FORECAST, 1),
    ]


@given(hundreds, hundreds, cents, cents)
def test_recomputing_follows_the_total_and_keeps_what_is_outside(
    first: list[Decimal], then: list[Decimal], before: int, after: int
) -> None:
    """TRS-01: forecast lines follow terms and total, lines outside products stay, identifiers are kept."""
    ids = new_ids()
    outside = credit_line("5", DAY, ids)
    old = (*recompute((), terms_of(first), {}, Money.of(before, "EUR"), TreasuryStatus.FORECAST, ids.new), outside)
    lines = recompute(
        old, terms_of(then), {CONFIRMATION: DAY}, Money.of(after, "EUR"), TreasuryStatus.FORECAST, ids.new
    )
    assert outside in lines
    assert balance(lines, "EUR") == Money.of(after, "EUR")
    by_term = {line.term: line.id for line in old if not line.outside_products}
    for line in lines:
        if line.term in by_term:
            assert line.id == by_term[line.term]


@given(hundreds, st.integers(1, 10**7), st.integers(1, 10**7), st.integers(1, 10**7))
def test_recomputing_after_an_invoice_only_moves_what_is_open(
    wanted: list[Decimal], whole: int, billed: int, later: int
) -> None:
    """CNF-04: a quantity changed after an invoice changes the firm rest alone; invoiced lines stay."""
    ids = new_ids()
    amount = Money.of(whole, "EUR")
    lines = invoice(firm(forecast(wanted, amount)), Money.of(min(billed, whole), "EUR"), issued(ids), (), ids.new)
    invoiced = [line for line in lines if line.status is TreasuryStatus.INVOICED]
    again = recompute(lines, terms_of(wanted), {}, Money.of(later, "EUR"), TreasuryStatus.FIRM, ids.new)
    assert [line for line in again if line.status is TreasuryStatus.INVOICED] == invoiced
    settled = total((line.amount for line in invoiced), "EUR")
    assert balance(again, "EUR") == max(Money.of(later, "EUR"), settled)


@given(hundreds, st.integers(1, 10**9), st.data())
def test_an_invoice_takes_its_amount_from_the_firm_lines(
    wanted: list[Decimal], whole: int, data: st.DataObject
) -> None:
    """INV-02: any number of partial invoices leave the total, never overdraw a line, and end on zero firm."""
    ids, cent = new_ids(), Decimal("0.01")
    lines = firm(forecast(wanted, Money.of(whole * cent, "EUR")))
    left = whole
    for _ in range(3):
        part = data.draw(st.integers(0, left))
        document = issued(ids)
        lines = invoice(lines, Money.of(part * cent, "EUR"), document, (), ids.new)
        left -= part
        made = [line for line in lines if line.document == document.document]
        assert all(line.number == document.number for line in made)
        assert total((line.amount for line in made), "EUR") == Money.of(part * cent, "EUR")
        assert all(line.amount.amount > 0 for line in lines)
        assert balance(lines, "EUR") == Money.of(whole * cent, "EUR")
    lines = invoice(lines, Money.of(left * cent, "EUR"), issued(ids), (), ids.new)
    assert {line.status for line in lines} == {TreasuryStatus.INVOICED}
    assert len({line.id for line in lines}) == len(lines)


def test_an_invoice_dates_its_lines_as_it_prints_them() -> None:
    """INV-05: the invoiced part takes the invoice's due date, the firm rest keeps its own."""
    ids = new_ids()
    lines = firm(forecast([Decimal(30), Decimal(70)], Money.of(1000, "EUR")))
    due = [
        Instalment(due_date=date(2026, 12, 1), amount=Money.of(150, "EUR"), means="virement"),
        Instalment(due_date=date(2027, 1, 31), amount=Money.of(350, "EUR"), means="virement"),
    ]
    document = issued(ids)
    after = invoice(lines, Money.of(500, "EUR"), document, due, ids.new)
    shown = [(line.status, line.amount.amount, line.forecast_date, line.document) for line in after]
    assert shown == [
        (TreasuryStatus.INVOICED, Decimal("150.00"), date(2026, 12, 1), document.document),
        (TreasuryStatus.FIRM, Decimal("150.00"), DAY, None),
        (TreasuryStatus.INVOICED, Decimal("350.00"), date(2027, 1, 31), document.document),
        (TreasuryStatus.FIRM, Decimal("350.00"), DAY, None),
    ]


def test_an_invoice_without_an_order_makes_its_own_lines() -> None:
    """What no firm line covers is owed all the same, as the document's instalments."""
    ids = new_ids()
    due = [
        Instalment(due_date=DAY, amount=Money.of("33.33", "EUR"), means="virement"),
        Instalment(due_date=date(2026, 12, 31), amount=Money.of("66.67", "EUR"), means="virement"),
    ]
    terms = (
        PaymentTerm(percentage=Decimal(34), milestone=INVOICE, means=PaymentMeans.CHEQUE, bank_account=ACCOUNT),
        PaymentTerm(percentage=Decimal(66), milestone=INVOICE),
    )
    lines = invoice((), Money.of(100, "EUR"), issued(ids), due, ids.new, terms)
    assert [(line.amount, line.forecast_date) for line in lines] == [(step.amount, step.due_date) for step in due]
    assert [(line.means, line.bank_account) for line in lines] == [(t.means, t.bank_account) for t in terms]
    assert {line.status for line in lines} == {TreasuryStatus.INVOICED}


def test_lines_outside_products_pay_no_invoice() -> None:
    ids = new_ids()
    outside = TreasuryLine(
        id=ids.new(),
        amount=Money.of(50, "EUR"),
        forecast_date=DAY,
        status=TreasuryStatus.FIRM,
        outside_products=True,
    )
    assert outside in invoice((outside,), Money.of(50, "EUR"), issued(ids), (), ids.new)


def test_confirming_makes_forecast_lines_firm_and_dates_them_from_the_actual_milestone() -> None:
    """CNF-03: amounts stay, dates follow the milestone."""
    lines = forecast([Decimal(30), Decimal(70)], Money.of(100, "EUR"))
    terms = terms_of([Decimal(30), Decimal(70)])
    after = redate(firm(lines), terms, {CONFIRMATION: date(2026, 11, 25)})
    assert [line.amount for line in after] == [line.amount for line in lines]
    assert {(line.status, line.forecast_date) for line in after} == {(TreasuryStatus.FIRM, date(2026, 11, 25))}


@pytest.mark.parametrize(("start", "end"), list(itertools.product(TreasuryStatus, TreasuryStatus)))
def test_statuses_move_by_the_table_alone(start: TreasuryStatus, end: TreasuryStatus) -> None:
    """TRS-01: forecast → firm → invoiced → paid; back only by undoing a confirmation or cancelling an invoice."""
    line = TreasuryLine(id="0" * 26, amount=Money.of(1, "EUR"), forecast_date=DAY, status=start)
    if end in TRANSITIONS[start]:
        assert move(line, end).status is end
    else:
        with pytest.raises(TreasuryLocked):
            move(line, end)


def test_what_is_settled_goes_back_to_what_it_was() -> None:
    """TRS-03, CRN-13: by a counter-entry, and nowhere else: nothing is deducted twice (CRN-10)."""
    covered, credit = TreasuryStatus.INVOICED, TreasuryStatus.CREDIT_TO_DEDUCT
    assert TRANSITIONS[TreasuryStatus.CREDIT_DEDUCTED] == {covered, credit}
    assert TRANSITIONS[TreasuryStatus.PAID] == {TreasuryStatus.INVOICED}
