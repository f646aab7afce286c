"""INV-13: a down payment takes the first expected money of a request, and falls due when it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money, total
from comptoir.treasury.advances import invoice_ahead
from comptoir.treasury.model import Instalment, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import Issued

DAY = date(2026, 11, 21)
IDS = SequentialIds(1)
ADVANCE = Issued(IDS.new(), "FA2026-000001")


def euros(cents: int) -> Money:
    return Money.of(Decimal(cents) / 100, "EUR")


def firm(*cents: int) -> tuple[TreasuryLine, ...]:
    """The lines of terms as a confirmed order expects them, a month apart."""
    return tuple(
        TreasuryLine(
            id=IDS.new(),
            amount=euros(amount),
            forecast_date=DAY + timedelta(days=30 * number),
            status=TreasuryStatus.FIRM,
            term=number,
        )
        for number, amount in enumerate(cents)
    )


def due(*cents: int) -> tuple[Instalment, ...]:
    return tuple(
        Instalment(due_date=DAY + timedelta(days=n), amount=euros(c), means="virement") for n, c in enumerate(cents)
    )


def told(lines: Sequence[TreasuryLine]) -> list[tuple[str, Decimal, date | None, int | None]]:
    return [(one.status.value, one.amount.amount, one.forecast_date, one.term) for one in lines]


def test_inv_13_terms_give_in_their_order_whatever_the_order_of_the_lines() -> None:
    lines = tuple(reversed(firm(3000, 7000)))
    after = invoice_ahead(lines, euros(4000), ADVANCE, due(4000), IDS.new)
    assert told(after) == [
        ("invoiced", Decimal("10.00"), DAY, 1),
        ("firm", Decimal("60.00"), DAY + timedelta(days=30), 1),
        ("invoiced", Decimal("30.00"), DAY, 0),
    ]
    assert [one.document for one in after] == [ADVANCE.document, None, ADVANCE.document]
    assert len({one.id for one in after}) == 3


def test_inv_13_what_nothing_expects_is_owed_too() -> None:
    """An order that is invoiced already: the down payment stands as its own instalments."""
    after = invoice_ahead(firm(1000), euros(4000), ADVANCE, due(500, 3500), IDS.new)
    assert told(after) == [
        ("invoiced", Decimal("5.00"), DAY, 0),
        ("invoiced", Decimal("5.00"), DAY + timedelta(days=1), 0),
        ("invoiced", Decimal("30.00"), DAY + timedelta(days=1), 0),
    ]


@given(st.lists(st.integers(1, 10**6), max_size=5), st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_inv_13_no_cent_is_lost_or_made(expected: list[int], asked: list[int]) -> None:
    lines, wanted = firm(*expected), due(*asked)
    after = invoice_ahead(lines, euros(sum(asked)), ADVANCE, wanted, IDS.new)
    invoiced = [one for one in after if one.document == ADVANCE.document]
    assert total((one.amount for one in invoiced), "EUR") == euros(sum(asked))
    assert total((one.amount for one in after), "EUR") == euros(max(sum(asked), sum(expected)))
    for step in {one.due_date for one in wanted}:
        own = total((one.amount for one in invoiced if one.forecast_date == step), "EUR")
        assert own == total((one.amount for one in wanted if one.due_date == step), "EUR")
    assert all(one.amount.amount > 0 for one in after)
    assert len({one.id for one in after}) == len(after)
