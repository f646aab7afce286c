"""Lines paid, in part, given back and reversed; invoices taken back: TRS-03, CRN-09, INV-09."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.errors import Refused
from comptoir.kernel.ids import SequentialIds
from comptoir.kernel.money import Money
from comptoir.treasury.credits import credit
from comptoir.treasury.model import Expected, PaymentMeans, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import recompute
from comptoir.treasury.settling import (
    Receipt,
    SettlementState,
    invoiced_due,
    open_lines,
    pay,
    remaining_due,
    reverse,
    settlement,
    to_deduct,
    uninvoice,
    uninvoice_breaches,
)
from tests.unit.treasury_support import ACCOUNT, DAY, OTHER, credit_line, eur, issued, owed, paid, summed

CENT = Decimal("0.01")
amounts = st.lists(st.integers(1, 10**6), min_size=1, max_size=5)


def receipt(ids: SequentialIds) -> Receipt:
    return Receipt(ids.new(), DAY, PaymentMeans.CHEQUE, ACCOUNT)


def test_trs_03_a_partial_payment_splits_the_line_and_the_rest_stays_itself() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    [line] = owed(ids, invoice, "100.00", account=OTHER)
    money = receipt(ids)
    rest, piece = pay([line], [line], eur("30.01"), money, ids.new)
    assert rest == line.change(amount=eur("69.99"))
    assert (piece.status, piece.amount, piece.term) == (TreasuryStatus.PAID, eur("30.01"), line.term)
    assert (piece.payment, piece.actual_date) == (money.payment, DAY)
    assert (piece.bank_account, piece.means) == (ACCOUNT, PaymentMeans.CHEQUE)
    assert piece.expected == Expected(means=PaymentMeans.TRANSFER, bank_account=OTHER)
    assert piece.id != line.id


def test_trs_03_money_covers_the_oldest_due_date_first() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = owed(ids, invoice, "10.00", "20.00", "30.00")[::-1]
    after = paid(lines, invoice, "25.00", ids)
    shown = sorted((line.term or 0, line.status.value, line.amount.amount) for line in after)
    assert shown == [
        (0, "paid", Decimal("10.00")),
        (1, "invoiced", Decimal("5.00")),
        (1, "paid", Decimal("15.00")),
        (2, "invoiced", Decimal("30.00")),
    ]


def test_trs_03_more_than_is_due_is_never_taken() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    with pytest.raises(ValueError, match=r"lack 0\.01"):
        paid(owed(ids, invoice, "10.00"), invoice, "10.01", ids)


def expected(line: TreasuryLine) -> str:
    """The line without the identifier that it happens to have."""
    return line.change(id="0" * 26).model_dump_json()


@given(amounts, st.data())
def test_trs_03_payments_lose_no_cent_and_their_reversal_brings_back_what_was_expected(
    due: list[int], data: st.DataObject
) -> None:
    """In whatever order payments are reversed, the lines are those from before, dates, means and accounts included."""
    ids = SequentialIds(1)
    invoice = issued(ids)
    before = owed(ids, invoice, *(str(cents * CENT) for cents in due), account=OTHER)
    lines, left = before, sum(due)
    payments: list[str] = []
    while left and len(payments) < 4:
        part = data.draw(st.integers(1, left))
        money, left = receipt(ids), left - part
        lines = pay(lines, open_lines(lines), eur(part * CENT), money, ids.new)
        payments.append(money.payment)
        assert summed(lines) == sum(due) * CENT
        assert summed(line for line in lines if line.payment == money.payment) == part * CENT
        shown = settlement(lines, invoice.document, "EUR")
        assert (shown.open, shown.paid) == (eur(left * CENT), eur((sum(due) - left) * CENT))
        assert shown.state is (SettlementState.PARTLY if left else SettlementState.SETTLED)
    for payment in data.draw(st.permutations(payments)):
        lines = reverse(lines, payment)
        assert not any(line.payment == payment for line in lines)
        assert summed(lines) == sum(due) * CENT
    told = {(line.term, line.amount.amount, line.means, line.bank_account, line.forecast_date) for line in lines}
    assert told == {
        (line.term, line.amount.amount, line.means, line.bank_account, line.forecast_date) for line in before
    }
    assert len(lines) == len(before)


def test_trs_03_a_credit_note_is_given_back_and_the_refund_reversed() -> None:
    ids = SequentialIds(1)
    line = credit_line("12.50", DAY, ids).change(bank_account=OTHER)
    money = receipt(ids)
    rest, piece = pay([line], to_deduct([line], line.document or ""), eur("2.50"), money, ids.new)
    assert (piece.status, piece.amount, piece.actual_date) == (TreasuryStatus.CREDIT_REFUNDED, eur("-2.50"), DAY)
    assert (piece.bank_account, rest.amount) == (ACCOUNT, eur("-10.00"))
    shown = settlement([piece, rest], line.document or "", "EUR")
    assert (shown.open, shown.paid, shown.state) == (eur(10), eur("2.50"), SettlementState.PARTLY)
    assert reverse([rest, piece], money.payment) == (line,)


def test_trs_03_a_reversed_payment_leaves_the_credit_notes_that_took_of_it_without_account() -> None:
    """CRN-08: what is not paid any more has no account; other payments' parts stay."""
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = owed(ids, invoice, "60.00", "40.00")
    lines = paid(lines, invoice, "60.00", ids)
    lines = paid(lines, invoice, "40.00", ids, DAY + timedelta(days=1), OTHER)
    lines = (*lines, *credit(lines, invoice.document, eur(10), issued(ids), DAY, ids.new))
    first = next(line.payment for line in lines if line.bank_account == ACCOUNT and line.payment)
    after = [line for line in reverse(lines, first) if line.credited]
    assert [(line.amount, line.bank_account) for line in after] == [(eur("-6.00"), None), (eur("-4.00"), OTHER)]
    assert after[0].credited is not None
    assert (after[0].credited.part, after[0].credited.paid_on) == (None, None)


def line_of(ids: SequentialIds, status: TreasuryStatus, amount: str) -> TreasuryLine:
    return TreasuryLine(id=ids.new(), amount=eur(amount), forecast_date=DAY, status=status)


def test_crn_09_what_remains_due_ignores_a_credit_note_until_it_is_deducted() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = (*owed(ids, invoice, "50.00"), line_of(ids, TreasuryStatus.FIRM, "30.00"), credit_line("20.00", DAY, ids))
    assert remaining_due(lines, "EUR") == eur(80)
    assert invoiced_due(lines, "EUR") == eur(50)
    lines = (*paid(lines, invoice, "15.00", ids), line_of(ids, TreasuryStatus.FORECAST, "1.00"))
    assert remaining_due(lines, "EUR") == eur(66)
    assert invoiced_due(lines, "EUR") == eur(35)
    assert settlement(lines, invoice.document, "EUR").credited == Money.zero("EUR")


def test_inv_09_the_lines_of_a_cancelled_invoice_are_firm_again_or_gone() -> None:
    ids = SequentialIds(1)
    kept, cancelled = issued(ids), issued(ids)
    lines = (*owed(ids, kept, "5.00"), *owed(ids, cancelled, "10.00", "20.00"))
    after = uninvoice(lines, cancelled.document, ordered=True)
    assert after[0] == lines[0]
    assert [(line.status, line.document, line.number, line.amount) for line in after[1:]] == [
        (TreasuryStatus.FIRM, None, None, eur(10)),
        (TreasuryStatus.FIRM, None, None, eur(20)),
    ]
    assert uninvoice(lines, cancelled.document, ordered=False) == lines[:1]


def test_inv_09_what_was_firm_again_is_the_order_s_terms_once_recomputed() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    after = uninvoice(owed(ids, invoice, "10.00", "20.00"), invoice.document, ordered=True)
    assert recompute(after, (), {}, eur(0), TreasuryStatus.FIRM, ids.new) == ()


def test_inv_09_a_paid_covered_or_credited_invoice_stays_and_every_reason_is_told() -> None:
    ids = SequentialIds(1)
    invoice, other = issued(ids), issued(ids)
    lines = (*owed(ids, invoice, "10.00", "20.00"), *paid(owed(ids, other, "7.00"), other, "7.00", ids))
    assert uninvoice_breaches(lines, invoice.document) == []
    lines = paid(lines, invoice, "1.00", ids)
    assert [breach.code for breach in uninvoice_breaches(lines, invoice.document)] == ["invoice_paid"]
    lines = (*lines, *credit(lines, invoice.document, eur(2), issued(ids), DAY, ids.new))
    [covered] = (line for line in lines if line.amount == eur(20))
    lines = (*lines, covered.change(id=ids.new(), status=TreasuryStatus.CREDIT_DEDUCTED))
    found = uninvoice_breaches(lines, invoice.document)
    assert [breach.code for breach in found] == ["invoice_paid", "invoice_covered", "invoice_credited"]
    assert {breach.link for breach in found} == {f"/invoices/{invoice.document}"}
    with pytest.raises(Refused):
        uninvoice(lines, invoice.document, ordered=True)


def test_a_line_without_date_is_covered_last() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    first, second = owed(ids, invoice, "1.00", "2.00")
    undated = first.change(forecast_date=None)
    assert open_lines([undated, second]) == [second, undated]
    assert open_lines([undated, second], invoice.document, undated.id) == [undated]
    assert open_lines([undated, second], ids.new()) == []
    assert date(2026, 2, 28) == second.forecast_date
