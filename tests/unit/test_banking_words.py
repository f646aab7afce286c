"""Letters, references, days and countries of transfers (TRS-07, TRS-08, RULES §5.1, §5.3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.easter import easter as reckoned
from hypothesis import given
from hypothesis import strategies as st

from comptoir.banking.charset import cut, fitted, is_latin, is_reference, latin, reference
from comptoir.banking.model import TransferKind
from comptoir.banking.references import NOT_PROVIDED, creditor_reference, end_to_end, message_id, payment_id
from comptoir.banking.target import easter, is_target_day, target_day
from comptoir.banking.zones import agree, decide
from tests.unit.banking_support import SEPA_IBANS, bic, iban, identifier

text = st.text(max_size=300)


@pytest.mark.parametrize(
    ("entered", "written"),
    [
        ("Société Générale", "Societe Generale"),
        ("Cœur & Æther_ß", "Coeur + Aether-ss"),
        ("compta@exemple.fr", "compta(at)exemple.fr"),
        ("Würth", "Wurth"),
        ("Þórður Łódź Ñandú", "Thordur Lodz Nandu"),
        ("Москва", "Moskva"),
        ("Ελλάδα", "Ellada"),
        ("L’été – « fin »…", "L'ete - fin ..."),
        ("100 % <b>[x]*#;", "100 b x"),
        ("n° 12 / № 3", "no 12 / No 3"),
        ("12 €", "12 EUR"),
        ("fete \U0001f389 !", "fete"),
        ("a\tb\nc", "a b c"),
        ("e\u0301te\u0301", "ete"),
        ("", ""),
        ("★★★", ""),
    ],
)
def test_texts_are_brought_down_to_the_letters_of_banks(entered: str, written: str) -> None:
    assert latin(entered) == written


@given(text)
def test_whatever_is_entered_a_bank_takes_what_is_written_and_writing_it_again_changes_nothing(entered: str) -> None:
    written = latin(entered)
    assert is_latin(written)
    assert written == written.strip()
    assert "  " not in written
    assert latin(written) == written


@given(text, st.integers(1, 140))
def test_cutting_leaves_neither_a_space_at_the_end_nor_an_ellipsis(entered: str, limit: int) -> None:
    whole, short = latin(entered), fitted(entered, limit)
    assert len(short) <= limit
    assert whole.startswith(short)
    assert not short.endswith(" ")
    assert cut("abc def", 4) == "abc"


@given(st.text("/ aé-:", max_size=80), st.integers(1, 35))
def test_references_have_no_slash_at_their_ends_and_none_doubled(entered: str, limit: int) -> None:
    written = reference(entered, limit)
    assert len(written) <= limit
    assert not written or is_reference(written, limit)
    assert "//" not in written
    assert written == written.strip(" /")


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ("RF18539007547034", "RF18539007547034"),
        ("rf18 5390 0754 7034", "RF18539007547034"),
        ("RF19539007547034", None),
        ("RF18", None),
        ("Facture RF18539007547034", None),
        (None, None),
    ],
)
def test_a_motive_that_is_an_iso_11649_reference_is_known_by_its_check_digits(
    entered: str | None, kept: str | None
) -> None:
    assert creditor_reference(entered) == kept


@given(st.lists(st.one_of(st.none(), st.text("FA/2é ", max_size=6), text), min_size=1, max_size=20))
def test_no_two_transfers_have_the_same_end_to_end_reference(numbers: list[str | None]) -> None:
    taken: set[str] = set()
    for place, number in enumerate(numbers):
        found = end_to_end(number, identifier(place + 1), taken)
        assert found not in taken
        assert is_reference(found)
        assert found != NOT_PROVIDED
        taken.add(found)


def test_the_suppliers_number_is_the_reference_as_far_as_it_can_be() -> None:
    one = identifier(7)
    assert end_to_end("FA 2026/12", one) == "FA 2026/12"
    assert end_to_end("FA_2026/12/", one) == "FA-2026/12"
    assert end_to_end("FA1", one, {"FA1"}) == "FA1-0000000007"
    assert end_to_end(None, one) == one
    assert end_to_end("★", one) == one
    assert end_to_end(NOT_PROVIDED, one) == f"{NOT_PROVIDED}-0000000007"
    long = end_to_end("A" * 60, one)
    assert long == f"{'A' * 24}-0000000007"


@given(st.one_of(st.none(), text))
def test_the_identifiers_of_a_file_are_made_of_the_orders_own(label: str | None) -> None:
    one = identifier(7)
    assert message_id(one) == one
    assert payment_id(one, label).startswith(one)
    assert is_reference(payment_id(one, label))


def test_the_label_for_the_own_statement_stands_in_the_payments_identifier() -> None:
    assert payment_id(identifier(7), "Été 2026 corderie") == f"{identifier(7)}-Ete 2026"
    assert payment_id(identifier(7), None) == identifier(7)


@given(st.integers(1900, 2199))
def test_easter_is_where_others_reckon_it(year: int) -> None:
    assert easter(year) == reckoned(year)


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        ("2026-12-24", True),
        ("2026-12-25", False),
        ("2026-12-26", False),
        ("2027-01-01", False),
        ("2027-03-26", False),
        ("2027-03-29", False),
        ("2027-03-30", True),
        ("2026-05-01", False),
        ("2026-05-08", True),
        ("2026-07-14", True),
        ("2026-11-11", True),
        ("2026-11-28", False),
        ("2026-11-29", False),
    ],
)
def test_target_closes_on_six_days_and_weekends_and_on_no_french_holiday(day: str, opens: bool) -> None:
    assert is_target_day(date.fromisoformat(day)) is opens


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_next_day_on_which_banks_settle_is_near(day: date) -> None:
    found = target_day(day)
    assert is_target_day(found)
    assert day <= found <= day + timedelta(days=5)
    assert all(not is_target_day(day + timedelta(days=n)) for n in range((found - day).days))


@pytest.mark.parametrize("country", SEPA_IBANS)
def test_euro_to_any_country_of_sepa_goes_by_sepa_and_other_money_by_swift(country: str) -> None:
    assert decide("EUR", bic(country), iban(country)) is TransferKind.SEPA
    assert decide("EUR", None, iban(country)) is TransferKind.SEPA
    assert decide("USD", bic(country), iban(country)) is TransferKind.SWIFT


@pytest.mark.parametrize("country", ["NC", "PF", "WF"])
def test_the_french_pacific_has_french_ibans_and_is_not_in_sepa(country: str) -> None:
    assert decide("EUR", bic(country), iban("FR")) is TransferKind.SWIFT
    assert agree(bic(country), iban("FR"))


@pytest.mark.parametrize(
    ("where", "account", "kind"),
    [
        ("GP", "FR", TransferKind.SEPA),
        ("RE", "FR", TransferKind.SEPA),
        ("JE", "GB", TransferKind.SEPA),
        ("TN", "TN", TransferKind.SWIFT),
        ("TR", "TR", TransferKind.SWIFT),
        ("US", "FR", TransferKind.SWIFT),
    ],
)
def test_the_banks_country_decides_with_the_ibans(where: str, account: str, kind: TransferKind) -> None:
    assert decide("EUR", bic(where), iban(account)) is kind


def test_without_an_iban_a_transfer_goes_by_swift() -> None:
    assert decide("EUR", bic("FR"), None) is TransferKind.SWIFT
