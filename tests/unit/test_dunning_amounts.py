"""What a payment reminder asks for: amounts due, penalties at the printed rate, 40 € an invoice (INV-12)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.dunning.model import (
    SHIPPED,
    Tone,
)
from comptoir.dunning.rules import Printed, claim, late_amounts, overdue, step_of
from comptoir.invoicing.items import DOCUMENT
from comptoir.kernel.money import Money
from comptoir.parties.items import PARTY
from comptoir.store import keys
from comptoir.treasury.model import OpenAmount, OpenRequest
from tests.unit.dunning_support import DUE, Dunning, late, open_dunning


@pytest.fixture
def dunning() -> Dunning:
    return open_dunning()


def test_inv_12_penalties_run_from_the_day_after_the_due_date_and_the_indemnity_is_40_an_invoice(
    dunning: Dunning,
) -> None:
    """C. com. L441-10, D441-5: 1,200.00 at 12.40 % for 16 days is 6.52; what is claimed is outside VAT."""
    dunning.invoice("1000")
    dunning.invoice("500")
    dunning.on(late(16))
    content = dunning.write().content
    assert [(each.number, str(each.amount.amount), each.days, str(each.penalty.amount)) for each in content.lines] == [
        ("FA2026-000001", "1200.00", 16, "6.52"),
        ("FA2026-000002", "600.00", 16, "3.26"),
    ]
    assert (content.due, content.penalties, content.indemnity) == (
        Money.of(1800, "EUR"),
        Money.of("9.78", "EUR"),
        Money.of(80, "EUR"),
    )
    assert content.total == Money.of("1889.78", "EUR")
    assert content.pay_by == late(24)


def test_inv_12_a_courteous_reminder_claims_nothing(dunning: Dunning) -> None:
    dunning.invoice()
    dunning.on(late(5))
    content = dunning.write().content
    assert (content.penalties, content.indemnity, content.total) == (
        Money.zero("EUR"),
        Money.zero("EUR"),
        Money.of(1200, "EUR"),
    )
    assert all(each.rate is None for each in content.lines)


def test_inv_12_the_rate_is_the_one_that_the_invoice_printed(dunning: Dunning) -> None:
    """C. com. L441-10: what the company asks for later does not bind who was invoiced before."""
    dunning.invoice()
    dunning.rate("20")
    dunning.invoice()
    dunning.on(late(16))
    assert [each.rate for each in dunning.write().content.lines] == [Decimal("12.40"), Decimal(20)]


def test_inv_12_an_invoice_that_did_not_keep_its_rate_bears_the_company_s(dunning: Dunning) -> None:
    place = keys.document(dunning.world.company, dunning.invoice().id)
    old = dunning.world.services.store.require(DOCUMENT, place).value.change(penalty_rate=None)
    dunning.world.services.store.transact(lambda tx: tx.put(DOCUMENT, place, old))
    dunning.rate("20")
    dunning.on(late(16))
    assert [each.rate for each in dunning.write().content.lines] == [Decimal(20)]


def test_inv_12_what_is_due_today_is_not_overdue() -> None:
    """C. com. L441-10: late from the day after."""
    due = OpenAmount(document="1" * 26, number="1", amount=Money.of(1, "EUR"), due_date=DUE)
    assert overdue((OpenRequest(due=(due, due.change(due_date=None))),), DUE) == ()
    assert overdue((OpenRequest(due=(due,)),), late(1)) == (due,)


def test_inv_12_a_consumer_is_asked_for_the_invoices_alone(dunning: Dunning) -> None:
    """C. com. L441-10, D441-5 hold between professionals."""
    dunning.invoice()
    dunning.consumer()
    dunning.on(late(40))
    content = dunning.write().content
    assert (content.tone, content.claims, content.total) == (Tone.FORMAL_NOTICE, False, Money.of(1200, "EUR"))
    assert "40" not in (content.message or "")


def test_inv_12_what_was_paid_is_not_asked_for(dunning: Dunning) -> None:
    first, second = dunning.invoice("1000"), dunning.invoice("500")
    dunning.till.pay(first, "1200.00")
    dunning.till.pay(second, "100.00")
    dunning.on(late(5))
    content = dunning.write().content
    assert [(each.document, str(each.amount.amount)) for each in content.lines] == [(second.id, "500.00")]


def test_inv_12_credit_notes_left_to_deduct_are_told_and_not_taken_off(dunning: Dunning) -> None:
    """CRN-09: what is due ignores a credit note until it is deducted."""
    invoice = dunning.invoice()
    dunning.till.note(invoice, "100.00")
    dunning.on(late(5))
    content = dunning.write().content
    assert (content.credits, content.due) == (Money.of(100, "EUR"), Money.of(1200, "EUR"))


def test_inv_12_credit_notes_of_another_currency_are_another_letter_s(dunning: Dunning) -> None:
    dunning.till.note(dunning.invoice(), "100.00")
    dunning.till.invoice_in("USD", "1000")
    dunning.on(late(5))
    assert [dunning.write(currency=each).content.credits for each in ("USD", "EUR")] == [
        Money.zero("USD"),
        Money.of(100, "EUR"),
    ]


AMOUNTS = st.decimals("0.01", "9999999.99", places=2)


@given(AMOUNTS, st.decimals("0", "40", places=2), st.integers(0, 2000))
def test_a_penalty_is_the_yearly_rate_by_the_day_rounded_once(amount: Decimal, rate: Decimal, days: int) -> None:
    """C. com. L441-10, RULES §9: amount × rate × days / 365, half up."""
    exact = Fraction(amount) * Fraction(rate) * days / 36_500
    cents = Decimal(int(exact * 100 + Fraction(1, 2)))
    expected = (cents / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Money.of(amount, "EUR").interest(rate, days).amount == expected


@given(st.lists(st.tuples(AMOUNTS, st.integers(-10, 400), st.sampled_from("ABC")), max_size=8), st.booleans())
def test_a_letter_adds_up(rows: list[tuple[Decimal, int, str]], professional: bool) -> None:
    """Due and penalties are those of its lines, the indemnity 40 € for each invoice; nobody pays before a due date."""
    today = date(2027, 6, 1)
    amounts = [
        OpenAmount(
            document=name * 26, number=name, amount=Money.of(amount, "EUR"), due_date=today - timedelta(days=days)
        )
        for amount, days, name in rows
    ]
    printed = {name * 26: Printed(None, Decimal("12.40")) for name in "ABC"}
    lines = late_amounts(amounts, printed, SHIPPED, today, professional)
    assert all(each.days >= SHIPPED.steps[0].days and step_of(SHIPPED, each.days) == each.step for each in lines)
    asked = claim(lines, "EUR", SHIPPED.steps[2], professional)
    assert asked.due.amount == sum((each.amount.amount for each in lines), Decimal(0))
    assert asked.penalties.amount == sum((each.penalty.amount for each in lines), Decimal(0))
    invoices = len({each.document for each in lines}) if professional else 0
    assert asked.indemnity.amount == 40 * invoices
    assert asked.total == asked.due + asked.penalties + asked.indemnity


def test_inv_12_by_default_a_letter_is_in_the_customer_s_currency(dunning: Dunning) -> None:
    place = keys.party(dunning.world.company, dunning.customer)
    abroad = dunning.world.services.store.require(PARTY, place).value.change(currency="USD")
    dunning.world.services.store.transact(lambda tx: tx.put(PARTY, place, abroad))
    dunning.till.invoice_in("USD", "1000")
    dunning.on(late(5))
    assert dunning.write().content.currency == "USD"
