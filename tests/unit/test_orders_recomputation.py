"""TRS-01: treasury lines follow dates, quantities and terms, to the cent, and leave alone what is outside products."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money, total
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.milestones import DELIVERY
from comptoir.orders.model import Milestone, Order
from comptoir.orders.rules import dates
from comptoir.store import keys
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import CONFIRMATION, INVOICE, PaymentTerm, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import due_date, recompute
from tests.unit.orders_support import MILESTONES, TERMS, Desk, head, inputs, open_desk, update
from tests.unit.treasury_support import credit_line
from tests.world import World

START = date(2026, 11, 21)
KEPT = (TreasuryStatus.INVOICED, TreasuryStatus.PAID)


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def terms(*weights: int) -> tuple[PaymentTerm, ...]:
    """Terms in these proportions, 100 % in all."""
    parts = Money.of(100, "EUR").split([Decimal(weight) for weight in weights])
    return tuple(PaymentTerm(percentage=part.amount, milestone=f"m{n}") for n, part in enumerate(parts))


splits = st.lists(st.integers(1, 50), min_size=1, max_size=5)
moneys = st.decimals(min_value=Decimal("0.05"), max_value=10**7, places=2).map(lambda amount: Money.of(amount, "EUR"))


@given(
    splits, st.lists(moneys, min_size=1, max_size=5), st.sampled_from([TreasuryStatus.FORECAST, TreasuryStatus.FIRM])
)
def test_whatever_changes_the_open_lines_make_the_total(
    weights: list[int], amounts: list[Money], status: TreasuryStatus
) -> None:
    """TRS-01: no cent lost or made by any sequence of totals; a term keeps its line's identifier."""
    ids, asked = SequentialIds(1), terms(*weights)
    lines: tuple[TreasuryLine, ...] = ()
    known: dict[int | None, str] = {}
    for number, amount in enumerate(amounts):
        days = {f"m{n}": START + timedelta(days=number + n) for n in range(len(asked))}
        lines = recompute(lines, asked, days, amount, status, ids.new)
        assert total((line.amount for line in lines), "EUR") == amount
        assert {line.status for line in lines} <= {status}
        for line in lines:
            assert line.term is not None
            assert line.forecast_date == due_date(days[f"m{line.term}"], asked[line.term].steps)
        same = {line.term: line.id for line in lines if line.term in known}
        assert same.items() <= known.items()
        known = {line.term: line.id for line in lines}


@given(splits, moneys, moneys, st.data())
def test_what_is_invoiced_stays_and_the_rest_follows(
    weights: list[int], before: Money, after: Money, data: st.DataObject
) -> None:
    """TRS-01: invoiced and paid lines stay as they were; open ones make up the rest of the new total."""
    ids, asked = SequentialIds(1), terms(*weights)
    lines = recompute((), asked, {}, before, TreasuryStatus.FIRM, ids.new)
    chosen = [data.draw(st.sampled_from([None, *KEPT])) for _ in lines]
    lines = tuple(line.change(status=to) if to else line for line, to in zip(lines, chosen, strict=True))
    settled = [line for line in lines if line.status in KEPT]
    outside = credit_line("7", START, ids)
    again = recompute((*lines, outside), asked, {}, after, TreasuryStatus.FIRM, ids.new)
    assert outside in again
    assert [line for line in again if line.status in KEPT] == settled
    still_open = [line for line in again if line.status is TreasuryStatus.FIRM]
    rest = after - total((line.amount for line in settled), "EUR")
    assert total((line.amount for line in still_open), "EUR") == max(rest, Money.zero("EUR"))
    assert all(line.amount.amount > 0 for line in still_open)


def add_outside(desk: Desk, order: Order) -> TreasuryLine:
    """A line outside the requested products: a credit note to deduct."""
    store, place = desk.world.services.store, keys.order_treasury(desk.world.company, order.id)
    line = credit_line("12.34", START, desk.world.services.ids)
    store.transact(
        lambda tx: tx.put(
            TREASURY, place, tx.require(TREASURY, place).change(lines=(*tx.require(TREASURY, place).lines, line))
        )
    )
    return line


@pytest.mark.parametrize("confirmed", [False, True])
def test_quantities_move_forecast_and_firm_lines_alike(desk: Desk, confirmed: bool) -> None:
    """TRS-01, CNF-04: an offer's forecast, a confirmed order's firm lines; what is outside the products stays."""
    order, version = desk.quoted("100.00", "33.33")
    if confirmed:
        order, version = desk.confirm(order, version), version + 1
    outside = add_outside(desk, order)
    ids = {line.term: line.id for line in desk.treasury(order).lines if not line.outside_products}
    one, two = inputs(desk, order)
    request = SetOfferLines(order=order.id, lines=(one.change(quantity=Decimal("2.5")), two))
    after = Order.model_validate_json(desk.world.execute_as("manager", request, version).body)
    lines = [line for line in desk.treasury(order).lines if line != outside]
    assert len(lines) == len(desk.treasury(order).lines) - 1
    assert after.totals.gross == Money.of("340.00", "EUR")
    status = TreasuryStatus.FIRM if confirmed else TreasuryStatus.FORECAST
    assert [(line.amount.amount, line.status) for line in lines] == [(Decimal(102), status), (Decimal(238), status)]
    assert {line.term: line.id for line in lines} == ids


@pytest.mark.parametrize("confirmed", [False, True])
def test_dates_move_what_hangs_on_them(desk: Desk, confirmed: bool) -> None:
    """TRS-01: the date of a milestone, forecast then actual; amounts, identifiers and outside lines stay."""
    terms = tuple(term.change(milestone=DELIVERY) if term.milestone == INVOICE else term for term in TERMS)
    planned = (MILESTONES[0], Milestone(name=DELIVERY, forecast=date(2027, 1, 10)))
    order, version = desk.quoted("100.00", terms=terms, milestones=planned)
    if confirmed:
        order, version = desk.confirm(order, version), version + 1
    outside = add_outside(desk, order)
    before = [line for line in desk.treasury(order).lines if line != outside]
    current = Order.model_validate_json(head(desk, order).body)
    delivery = next(milestone for milestone in current.milestones if milestone.name == DELIVERY)
    others = tuple(milestone for milestone in current.milestones if milestone.name != DELIVERY)
    for moved in (delivery.change(forecast=date(2027, 5, 5)), delivery.change(actual=date(2026, 11, 6))):
        request = update(current, milestones=(*others, moved))
        version = desk.world.execute_as("manager", request, version).version or 0
        after = desk.treasury(order).lines
        assert outside in after
        changed = [line for line in after if line != outside]
        assert [line.change(forecast_date=None) for line in changed] == [
            line.change(forecast_date=None) for line in before
        ]
        known = dates(current.change(milestones=(*others, moved)))
        for line in changed:
            term = current.terms[line.term or 0]
            assert line.forecast_date == due_date(known[term.milestone], term.steps)
    assert {term.milestone for term in current.terms} == {CONFIRMATION, DELIVERY}
