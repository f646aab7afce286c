"""A statement comes in once, in whatever format, order and overlap; books balance at every step (TRS-04)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.banking.formats.detect import read_statements
from comptoir.banking.importing import Placement, counts, entry_id, fingerprint, place, reconcile, shared_days
from comptoir.banking.statement import Balance, Entry, Statement
from comptoir.banking.statement_rules import find_account, is_account, judge_statement
from comptoir.kernel.money import Money, total
from tests.unit.banks import open_bank
from tests.unit.statement_writers import IBAN, WRITERS, camt, entry, statement, statements

BALANCED = [name for name in WRITERS if name != "csv"]


class Account:
    """What is stored of an account: statements known by their fingerprint, entries by their id."""

    def __init__(self) -> None:
        self.statements: dict[str, Statement] = {}
        self.entries: dict[str, Entry] = {}

    def take(self, of: Statement) -> Placement | None:
        """Import a statement as a command does; None when it is known already."""
        key = fingerprint("main", of)
        if key in self.statements:
            return None
        stored = counts(self.entries.values())
        on_day = Counter(each.booking_date for each in self.entries.values())
        placed = place("main", of, stored, shared_days(of, stored, on_day, *self._neighbours(of)))
        for added in placed.new:
            assert added.id not in self.entries
            self.entries[added.id] = added.entry
        self.statements[key] = of
        return placed

    def _neighbours(self, of: Statement) -> tuple[list[Money], list[Money]]:
        """Balances of the stored statements that end where this one begins, and begin where it ends."""
        ended = [each.closing.amount for each in self.statements.values() if each.closing and each.ends == of.begins]
        begun = [each.opening.amount for each in self.statements.values() if each.opening and each.begins == of.ends]
        return ended, begun

    @property
    def movement(self) -> Money:
        return total((each.amount for each in self.entries.values()), "EUR")


def read(of: Statement, name: str) -> Statement:
    [found] = read_statements(WRITERS[name](of))
    return found


@settings(max_examples=60, deadline=None)
@given(statements(), st.permutations(BALANCED))
def test_the_same_statement_in_every_format_is_one_statement(of: Statement, names: list[str]) -> None:
    assert len({fingerprint("main", read(of, name)) for name in names}) == 1
    account = Account()
    assert account.take(read(of, names[0])) is not None
    assert all(account.take(read(of, name)) is None for name in names[1:])
    assert len(account.entries) == len(of.entries)


@settings(max_examples=60, deadline=None)
@given(statements(least=1), st.booleans())
def test_a_table_of_what_a_statement_told_adds_nothing_and_neither_does_the_statement_after_it(
    of: Statement, table_first: bool
) -> None:
    """A table tells no day of its balances, so it is known by its entries."""
    bare = read(of, "csv").change(opening=None, closing=None)
    account = Account()
    for found in (bare, read(of, "mt940")) if table_first else (read(of, "mt940"), bare):
        account.take(found)
    assert counts(account.entries.values()) == counts(of.entries)


def _cut(of: Statement, start: int, end: int) -> Statement:
    """The statement of some of the entries, with the balances before and after them."""
    assert of.opening
    opening = of.opening.amount + total((each.amount for each in of.entries[:start]), "EUR")
    return statement(of.entries[start:end], str(opening.amount)).change(id=f"{start}-{end}")


@settings(max_examples=150, deadline=None)
@given(statements(least=4), st.integers(0, 2**32))
def test_statements_one_after_the_other_in_any_format_add_up_to_the_account(of: Statement, seed: int) -> None:
    """Consecutive ones, twice each, cut within a day: equal movements of a day are told from repeated ones."""
    of = statement(tuple(each.change(amount=max(each.amount, -each.amount)) for each in of.entries))
    random, account = Random(seed), Account()
    cuts = sorted({0, len(of.entries), *(random.randrange(len(of.entries)) for _ in range(3))})
    assert of.opening
    for start, end in pairwise(cuts):
        part = _cut(of, start, end)
        account.take(read(part, random.choice(BALANCED)))
        account.take(read(part, random.choice(BALANCED)))
        assert part.closing
        assert of.opening.amount + account.movement == part.closing.amount
    assert counts(account.entries.values()) == counts(of.entries)


@settings(max_examples=100, deadline=None)
@given(statements(least=4), st.integers(1, 3), st.sampled_from(BALANCED), st.sampled_from(BALANCED))
def test_the_later_statement_may_come_first(of: Statement, cut: int, one: str, other: str) -> None:
    of = statement(tuple(each.change(amount=max(each.amount, -each.amount)) for each in of.entries))
    account = Account()
    account.take(read(_cut(of, cut, len(of.entries)), one))
    account.take(read(_cut(of, 0, cut), other))
    assert counts(account.entries.values()) == counts(of.entries)


def _by_days(of: Statement, first: date, last: date) -> Statement:
    """What a bank gives for a range of days: all entries of these days."""
    places = [number for number, each in enumerate(of.entries) if first <= each.booking_date <= last]
    if not places:
        return _cut(of, 0, 0).change(first_day=first, last_day=last)
    return _cut(of, places[0], places[-1] + 1).change(first_day=first, last_day=last)


@settings(max_examples=150, deadline=None)
@given(statements(least=4), st.integers(0, 2**32))
def test_ranges_of_days_that_overlap_in_any_order_bring_each_entry_once(of: Statement, seed: int) -> None:
    random, account = Random(seed), Account()
    days = sorted({each.booking_date for each in of.entries})
    covered: set[date] = set()
    for _ in range(5):
        first, last = sorted(random.choices(days, k=2))
        part = _by_days(of, first, last)
        account.take(part if random.random() < 0.5 else part.change(opening=None, closing=None))
        covered |= {day for day in days if first <= day <= last}
        known = [each for each in of.entries if each.booking_date in covered]
        assert counts(account.entries.values()) == counts(known)


def test_two_equal_movements_of_a_day_are_two_and_stay_two() -> None:
    twice = statement((entry("-5"), entry("-5")))
    account = Account()
    account.take(twice)
    account.take(twice)
    more = statement((entry("-5"),), opening="990.00").change(id="second of the day")
    account.take(more)
    assert [each.amount.amount for each in account.entries.values()] == [Decimal(-5)] * 3


def test_an_id_of_an_entry_depends_on_nothing_that_formats_tell_otherwise() -> None:
    one = entry("-5", text="VIR", end_to_end="A")
    assert entry_id("main", one, 0) == entry_id("main", entry("-5", text="other"), 0)
    others = {
        entry_id("main", one, 1),
        entry_id("other", one, 0),
        entry_id("main", entry("-5.01"), 0),
        entry_id("main", entry("-5", "2026-11-03"), 0),
        entry_id("main", one, 0),
    }
    assert len(others) == 5


def test_a_missing_statement_is_told_with_the_amount_that_is_missing() -> None:
    """TRS-04: whether what is missing lies before the latest statement or after the earliest."""
    third = statement((entry("1", "2026-11-04"),), "1012.00").change(id="third")
    placed = place("main", third, {})
    [breach] = reconcile(third, placed, Money.of("1005.00", "EUR"), None)
    assert (breach.code, "7.00" in breach.en, "7.00" in breach.fr) == ("balance_not_reached", True, True)
    second = statement((entry("7", "2026-11-03"),), "1005.00")
    placed = place("main", second, {})
    assert reconcile(second, placed, Money.of(1005, "EUR"), None) == []
    assert reconcile(second, placed, None, Money.of(1012, "EUR")) == []
    [breach] = reconcile(second, placed, None, Money.of(1000, "EUR"))
    assert (breach.code, "1012.00" in breach.fr, "-12.00" in breach.en) == ("balance_not_reached", True, True)


def test_an_earlier_statement_that_does_not_lead_to_the_first_is_told() -> None:
    """TRS-04: it moves the balance of the account, so nobody is left to find that out from the total."""
    bank = open_bank()
    bank.send(camt(statement((entry("100.00", "2026-11-03"),), "1000.00"), "08"))
    [before] = bank.send(camt(statement((entry("1.00", "2026-11-02"),), "999.00"), "08")).statements
    [lost] = bank.send(camt(statement((entry("1.00", "2026-09-05"),), "500.00"), "08")).statements
    assert [each.code for each in (*before.warnings, *lost.warnings)] == ["balance_not_reached"]
    assert "498.00" in lost.warnings[0].fr


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (IBAN, True),
        ("30006000011234567890189", True),
        ("30006 00001 12345678901", True),
        ("12345678901", True),
        ("300060000112345678901", True),
        ("MC" + IBAN[2:], True),
        ("FR7630006000011234567890188", False),
        ("98765432109", False),
        ("01", False),
        ("", False),
        ("DE89370400440532013000", False),
    ],
)
def test_the_account_of_a_file_is_found_by_iban_rib_or_number(told: str, known: bool) -> None:
    assert is_account(told, IBAN) is known


def test_an_unknown_account_and_another_currency_are_told() -> None:
    of = statement((entry("5"),))
    assert find_account(of, {"a": (IBAN, "EUR")}) == ("a", [])
    name, [breach] = find_account(of, {"a": (IBAN, "USD")})
    assert (name, breach.code) == ("a", "account_currency")
    name, [breach] = find_account(of.change(account="FR1420041010050500013M02606"), {"a": (IBAN, "EUR")})
    assert (name, breach.code) == (None, "account_unknown")
    _, [breach] = find_account(of.change(account="12345678901"), {"a": (IBAN, "EUR"), "b": (IBAN, "EUR")})
    assert breach.code == "account_ambiguous"


def test_balances_of_another_currency_are_told() -> None:
    of = statement((entry("5"),))
    wrong = of.change(closing=Balance(amount=Money.of(1005, "USD")))
    assert [breach.code for breach in judge_statement(wrong)] == ["balance_currency"]
    assert judge_statement(of) == []
