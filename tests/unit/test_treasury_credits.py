"""What credit notes take of their invoice, and what they are deducted from: CRN-07, CRN-08, CRN-10."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kernel.identity import BankAccount
from comptoir.kernel.ids import SequentialIds
from comptoir.treasury.credits import Place, credit, deduct
from comptoir.treasury.model import Credited, TreasuryLine, TreasuryStatus
from comptoir.treasury.rules import Issued
from comptoir.treasury.settling import open_lines, replaced, reverse, settlement, to_deduct
from tests.unit.treasury_support import ACCOUNT, DAY, OTHER, eur, issued, owed, paid, summed

CENT = Decimal("0.01")
LATER = DAY + timedelta(days=9)
Lines = tuple[TreasuryLine, ...]


def credited(lines: Lines, invoice: Issued, amount: str | Decimal, ids: SequentialIds, day: date = LATER) -> Lines:
    """The lines of a new credit note."""
    return credit(lines, invoice.document, eur(amount), issued(ids), day, ids.new)


def told(lines: Sequence[TreasuryLine]) -> list[tuple[str, str | None]]:
    """Amount and account of lines."""
    return [(str(line.amount.amount), line.bank_account.iban[-3:] if line.bank_account else None) for line in lines]


def used(
    credits: Sequence[TreasuryLine], dues: Sequence[TreasuryLine], amount: str | Decimal, ids: SequentialIds
) -> dict[str, Lines]:
    return deduct(credits, dues, eur(amount), ids.new(), (Place("C" * 26, "C-000001"), Place()), ids.new)


def test_crn_07_a_credit_note_leaves_negative_lines_to_deduct() -> None:
    """Dated as the credit note, without actual date, outside the requested products."""
    ids = SequentialIds(1)
    invoice, note = issued(ids), issued(ids)
    lines = owed(ids, invoice, "100.00")
    [line] = credit(lines, invoice.document, eur("12.50"), note, LATER, ids.new)
    assert (line.amount, line.status, line.label) == (eur("-12.50"), TreasuryStatus.CREDIT_TO_DEDUCT, "Avoir à déduire")
    assert (line.forecast_date, line.actual_date, line.outside_products) == (LATER, None, True)
    assert (line.document, line.number) == (note.document, note.number)
    assert line.credited == Credited(invoice=invoice.document)


def test_crn_08_nothing_paid_no_account() -> None:
    """Even where the customer is expected to pay into one."""
    ids = SequentialIds(1)
    invoice = issued(ids)
    assert told(credited(owed(ids, invoice, "60.00", "40.00", account=OTHER), invoice, "70.00", ids)) == [
        ("-70.00", None)
    ]


def test_crn_08_all_paid_the_accounts_of_the_payments_in_proportion() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = paid(owed(ids, invoice, "60.00", "40.00"), invoice, "75.00", ids)
    lines = paid(lines, invoice, "25.00", ids, LATER, OTHER)
    made = credited(lines, invoice, "10.01", ids)
    assert told(made) == [("-7.51", "189"), ("-2.50", "143")]
    assert [line.credited and line.credited.paid_on for line in made] == [DAY, LATER]


def test_crn_08_partly_paid_the_unpaid_part_first_then_the_payments_by_date() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = owed(ids, invoice, "100.00")
    lines = paid(lines, invoice, "30.00", ids, LATER, OTHER)
    lines = paid(lines, invoice, "50.00", ids, DAY, ACCOUNT)
    assert told(credited(lines, invoice, "15.00", ids)) == [("-15.00", None)]
    made = credited(lines, invoice, "75.00", ids)
    assert told(made) == [("-20.00", None), ("-50.00", "189"), ("-5.00", "143")]


def test_crn_08_the_unpaid_part_keeps_the_account_where_it_is_expected() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = paid(owed(ids, invoice, "10.00", "40.00", "50.00", account=OTHER), invoice, "10.00", ids)
    assert told(credited(lines, invoice, "95.00", ids)) == [("-90.00", "143"), ("-5.00", "189")]


def test_crn_08_earlier_credit_notes_keep_what_they_took_of_each_part() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = paid(owed(ids, invoice, "100.00"), invoice, "50.00", ids)
    lines = paid(lines, invoice, "30.00", ids, LATER, OTHER)
    lines += credited(lines, invoice, "60.00", ids)
    assert told(credited(lines, invoice, "25.00", ids)) == [("-10.00", "189"), ("-15.00", "143")]


def test_crn_08_what_was_taken_unpaid_and_is_paid_since_is_what_was_paid_last() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = paid(owed(ids, invoice, "100.00"), invoice, "50.00", ids)
    lines += credited(lines, invoice, "50.00", ids)
    lines = paid(lines, invoice, "50.00", ids, LATER, OTHER)
    assert told(credited(lines, invoice, "50.00", ids)) == [("-50.00", "189")]


def test_crn_08_what_a_credit_note_covers_of_its_own_invoice_is_gone_on_both_sides() -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = owed(ids, invoice, "100.00")
    first = credited(lines, invoice, "30.00", ids)
    lines = (*lines, *first)
    lines = replaced(lines, used(first, open_lines(lines), "30.00", ids))
    assert settlement(lines, invoice.document, "EUR").open == eur(70)
    assert told(credited(lines, invoice, "70.00", ids)) == [("-70.00", None)]


def test_crn_08_what_another_invoice_s_credit_note_covers_is_settled_on_its_account() -> None:
    ids = SequentialIds(1)
    first, second = issued(ids), issued(ids)
    origin = paid(owed(ids, first, "40.00"), first, "40.00", ids, DAY, OTHER)
    note = credited(origin, first, "40.00", ids)
    target = owed(ids, second, "100.00")
    target = replaced(target, used(note, open_lines(target), "40.00", ids))
    assert told(credited(target, second, "75.00", ids)) == [("-60.00", None), ("-15.00", "143")]
    target = paid(target, second, "60.00", ids)
    made = credited(target, second, "50.00", ids)
    assert told(made) == [("-20.00", "143"), ("-30.00", "189")]
    assert told(credited((*target, *made), second, "50.00", ids)) == [("-20.00", "143"), ("-30.00", "189")]


def test_crn_08_what_the_invoice_s_lines_do_not_hold_has_no_account() -> None:
    """A final invoice is credited for the whole supply, of which down payments were invoiced apart."""
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = paid(owed(ids, invoice, "70.00"), invoice, "70.00", ids)
    assert told(credited(lines, invoice, "100.00", ids)) == [("-70.00", "189"), ("-30.00", None)]
    assert told(credited((), invoice, "5.00", ids)) == [("-5.00", None)]
    part = paid(owed(ids, invoice, "10.00", account=OTHER), invoice, "4.00", ids)
    assert told(credited(part, invoice, "11.00", ids)) == [("-6.00", "143"), ("-4.00", "189"), ("-1.00", None)]


steps = st.lists(st.tuples(st.sampled_from(["pay", "credit", "reverse"]), st.integers(1, 10**6)), max_size=12)


@given(st.lists(st.integers(1, 10**5), min_size=1, max_size=4), steps)
def test_crn_08_whatever_comes_first_the_split_is_exact_and_no_part_gives_twice(
    due: list[int], wanted: list[tuple[str, int]]
) -> None:
    """Payments, credit notes and counter-entries in any order: exact sums, no payment credited beyond itself."""
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = owed(ids, invoice, *(str(cents * CENT) for cents in due))
    gross, taken, day = sum(due), 0, DAY
    for action, number in wanted:
        day += timedelta(days=1)
        left = settlement(lines, invoice.document, "EUR").open.amount / CENT
        payments = sorted({line.payment for line in lines if line.payment})
        if action == "pay" and left:
            lines = paid(lines, invoice, (number % int(left) + 1) * CENT, ids, day, (ACCOUNT, OTHER)[number % 2])
        elif action == "credit" and gross - taken:
            part = number % (gross - taken) + 1
            made = credited(lines, invoice, part * CENT, ids, day)
            assert -summed(made) == part * CENT
            assert all(line.amount.amount < 0 for line in made)
            check_order(lines, made)
            lines, taken = lines + made, taken + part
        elif action == "reverse" and payments:
            lines = reverse(lines, payments[number % len(payments)])
        check_parts(lines)
    assert -summed(lines, TreasuryStatus.CREDIT_TO_DEDUCT) == taken * CENT
    assert summed(lines, TreasuryStatus.INVOICED, TreasuryStatus.PAID) == gross * CENT


def check_parts(lines: Lines) -> None:
    """No payment is credited beyond what it paid, and each credit line is on its account and date."""
    for payment in {line.payment for line in lines if line.payment}:
        own = [line for line in lines if line.payment == payment]
        of_it = [line for line in lines if line.credited and line.credited.part == payment]
        assert -summed(of_it) <= summed(own)
        assert {line.bank_account for line in of_it} <= {own[0].bank_account}
        assert {line.credited and line.credited.paid_on for line in of_it} <= {own[0].actual_date}


def check_order(lines: Lines, made: Lines) -> None:
    """The unpaid part first; the payments by date unless all is paid."""
    days = [(line.credited and line.credited.paid_on) or date.min for line in made]
    if any(line.status is TreasuryStatus.INVOICED for line in lines):
        assert days == sorted(days)
        if not any(line.payment for line in lines):
            assert [line.bank_account for line in made] == [None]
    else:
        assert all(line.credited and line.credited.part for line in made)


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=6), st.data())
def test_crn_08_in_proportion_means_within_one_cent(payments: list[int], data: st.DataObject) -> None:
    ids = SequentialIds(1)
    invoice = issued(ids)
    lines = owed(ids, invoice, str(sum(payments) * CENT))
    for number, cents in enumerate(payments):
        account = (ACCOUNT, OTHER)[number % 2]
        lines = paid(lines, invoice, cents * CENT, ids, DAY + timedelta(days=number), account)
    part = data.draw(st.integers(1, sum(payments)))
    made = credited(lines, invoice, part * CENT, ids)
    worth = {line.credited and line.credited.paid_on: -line.amount.amount for line in made}
    for number, cents in enumerate(payments):
        exact = Decimal(part) * cents / sum(payments) * CENT
        assert abs(worth.get(DAY + timedelta(days=number), Decimal(0)) - exact) <= CENT


def test_crn_10_each_piece_has_its_counterpart_linked_both_ways() -> None:
    """Same account, same amount, the date of the payment that was credited, else of the credit note."""
    ids = SequentialIds(1)
    first, second = issued(ids), issued(ids)
    origin = paid(owed(ids, first, "100.00"), first, "80.00", ids, DAY, ACCOUNT)
    note = credited(origin, first, "50.00", ids)
    target = owed(ids, second, "35.00", "40.00", account=OTHER)
    made = deduct(note, open_lines(target), eur(50), "P" * 26, (Place("C" * 26, "C-000001"), Place()), ids.new)
    ours = [line for line in replaced(note, made) if line.link]
    theirs = {line.id: line for line in replaced(target, made) if line.link}
    assert told(ours) == [("-20.00", None), ("-15.00", "189"), ("-15.00", "189")]
    assert [line.actual_date for line in ours] == [LATER, DAY, DAY]
    for line in ours:
        assert line.link is not None
        other = theirs.pop(line.link.line)
        assert (other.amount, other.bank_account, other.actual_date) == (
            -line.amount,
            line.bank_account,
            line.actual_date,
        )
        assert (line.link.document, line.link.number, line.link.order) == (second.document, second.number, None)
        assert other.link is not None
        assert (other.link.document, other.link.line) == (line.document, line.id)
        assert (other.link.order, other.link.order_number) == ("C" * 26, "C-000001")
        assert {line.status, other.status} == {TreasuryStatus.CREDIT_DEDUCTED}
        assert {line.payment, other.payment} == {"P" * 26}
        assert {line.label, other.label} == {"Avoir déduit"}
        assert (line.outside_products, other.outside_products) == (True, False)
    assert theirs == {}
    [rest] = open_lines(replaced(target, made))
    assert (rest.amount, rest.bank_account, rest.id) == (eur(25), OTHER, target[1].id)


@given(
    st.lists(st.integers(1, 10**5), min_size=1, max_size=5),
    st.lists(st.integers(1, 10**5), min_size=1, max_size=5),
    st.data(),
)
def test_crn_10_a_deduction_keeps_both_sums_to_the_cent(parts: list[int], due: list[int], data: st.DataObject) -> None:
    ids = SequentialIds(1)
    first, second = issued(ids), issued(ids)
    origin = owed(ids, first, str(sum(parts) * CENT))
    for number, cents in enumerate(parts):
        account: BankAccount | None = (ACCOUNT, OTHER, None)[number % 3]
        origin = paid(origin, first, cents * CENT, ids, DAY + timedelta(days=number), account)
    note = credited(origin, first, sum(parts) * CENT, ids)
    target = owed(ids, second, *(str(cents * CENT) for cents in due))
    amount = data.draw(st.integers(1, min(sum(parts), sum(due)))) * CENT
    made = used(note, open_lines(target), amount, ids)
    after, covered = replaced(note, made), replaced(target, made)
    assert (summed(after), summed(covered)) == (summed(note), summed(target))
    assert summed(after, TreasuryStatus.CREDIT_DEDUCTED) == -amount
    assert summed(covered, TreasuryStatus.CREDIT_DEDUCTED) == amount
    left = to_deduct(after, note[0].document or "")
    assert -summed(left) == summed(note) * -1 - amount
    assert len({line.id for line in (*after, *covered)}) == len(after) + len(covered)


def test_crn_10_neither_side_gives_more_than_it_holds() -> None:
    ids = SequentialIds(1)
    first, second = issued(ids), issued(ids)
    origin, target = owed(ids, first, "10.00"), owed(ids, second, "8.00")
    note = credited(origin, first, "10.00", ids)
    for amount in ("8.01", "10.01"):
        with pytest.raises(ValueError, match="lack"):
            used(note, open_lines(target), amount, ids)
