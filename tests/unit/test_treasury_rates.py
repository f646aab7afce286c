"""Exchange rates of treasury lines and the average of a request (TRS-05, CRN-12)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.exchange import ExchangeRate
from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money
from comptoir.treasury.model import CONFIRMATION, Certification, PaymentTerm, TreasuryLine, TreasuryStatus
from comptoir.treasury.rates import RatesNotCertified, average_rate, rate_breaches
from comptoir.treasury.rules import Issued, invoice, recompute
from tests.unit.treasury_support import DAY, credit_line

SEAL = Certification(operator="0" * 26, name="Anne", at=datetime(2026, 11, 21, tzinfo=UTC))


def rate(value: str, base: str = "EUR", quote: str = "USD") -> ExchangeRate:
    return ExchangeRate(base=base, quote=quote, rate=Decimal(value), date=date(2026, 11, 20), source="BCE")


def line(amount: str, value: ExchangeRate | None, currency: str = "USD", certified: bool = True) -> TreasuryLine:
    return TreasuryLine(
        id=SequentialIds(1).new(),
        amount=Money.of(amount, currency),
        forecast_date=DAY,
        rate=value,
        certified=SEAL if certified else None,
    )


def test_trs_05_a_rate_links_the_line_to_the_company_s_currency() -> None:
    dollars, euros = line("10", None), line("10", None, "EUR")
    assert rate_breaches(dollars, rate("1.1"), "EUR") == []
    assert rate_breaches(dollars, rate("0.9", "USD", "EUR"), "EUR") == []
    assert [breach.code for breach in rate_breaches(dollars, rate("1.1", "EUR", "GBP"), "EUR")] == [
        "rate_of_other_currency"
    ]
    assert [breach.code for breach in rate_breaches(euros, rate("1.1"), "EUR")] == ["rate_needless"]


def test_crn_12_the_average_rate_is_weighted_by_the_amounts() -> None:
    """100 USD at 0.90 and 300 USD at 1.25 USD the euro are worth 90 + 240 EUR."""
    lines = [line("100", rate("0.90", "USD", "EUR")), line("300", rate("1.25"))]
    assert average_rate(lines, "EUR") == Decimal("0.825")
    assert average_rate([line("7", None, "EUR", certified=False)], "EUR") == 1


def test_crn_12_credit_lines_are_certified_too_but_weigh_nothing() -> None:
    credit = credit_line("50", DAY, SequentialIds(9)).change(
        amount=Money.of("-50", "USD"), rate=rate("2"), certified=SEAL
    )
    lines = [line("100", rate("0.9", "USD", "EUR")), credit]
    assert average_rate(lines, "EUR") == Decimal("0.9")
    with pytest.raises(RatesNotCertified) as caught:
        average_rate([line("1", rate("1.1"), certified=False), lines[0], credit.change(certified=None)], "EUR")
    assert [breach.pointer for breach in caught.value.breaches] == ["/lines/0/certified", "/lines/2/certified"]
    with pytest.raises(ValueError, match="worth nothing"):
        average_rate([credit], "EUR")


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 10**6)), min_size=1, max_size=8))
def test_crn_12_the_average_lies_between_the_rates_and_values_the_whole(raw: list[tuple[int, int]]) -> None:
    lines = [line(str(Decimal(cents) / 100), rate(str(Decimal(value) / 10**4), "USD", "EUR")) for cents, value in raw]
    rates = [each.rate.rate for each in lines if each.rate]
    average, step = average_rate(lines, "EUR"), Decimal("1e-12")
    assert min(rates) - step <= average <= max(rates) + step
    whole = sum(each.amount.amount for each in lines)
    exact = sum(each.amount.amount * each.rate.rate for each in lines if each.rate)
    assert abs(whole * average - exact) <= whole * step


def test_trs_05_a_line_keeps_its_rate_when_it_is_split_or_recomputed() -> None:
    ids = SequentialIds(1)
    terms = (PaymentTerm(percentage=Decimal(100), milestone=CONFIRMATION),)
    amount = Money.of(100, "USD")
    [made] = recompute((), terms, {CONFIRMATION: DAY}, amount, TreasuryStatus.FIRM, ids.new)
    sealed = made.change(rate=rate("1.1"), certified=SEAL)
    [again] = recompute((sealed,), terms, {}, Money.of(120, "USD"), TreasuryStatus.FIRM, ids.new)
    assert (again.rate, again.certified) == (sealed.rate, SEAL)
    parts = invoice((again,), Money.of(50, "USD"), Issued(ids.new(), "FA2026-000001"), (), ids.new)
    assert {(part.rate, part.certified) for part in parts} == {(sealed.rate, SEAL)}
    [euros] = recompute((again,), terms, {}, Money.of(120, "EUR"), TreasuryStatus.FIRM, ids.new)
    assert (euros.rate, euros.certified) == (None, None)
