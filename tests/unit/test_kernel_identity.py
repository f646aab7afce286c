"""Numbers of firms and accounts: what is right passes, one wrong digit does not (PTY-01)."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from comptoir.kernel.explain import breaches
from comptoir.kernel.identity import Address, BankAccount, Bic, Email, Iban, Phone, Siren, Siret, VatNumber
from tests.samples import numbers

seeds = st.integers(0, 2**32).map(Random)
places = st.integers(0, 40)
shifts = st.integers(1, 9)


def accepts(kind: Any, value: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def altered(value: str, place: int, shift: int) -> str:
    """The same text with one digit changed."""
    digits = [position for position, character in enumerate(value) if character.isdigit()]
    position = digits[place % len(digits)]
    return value[:position] + str((int(value[position]) + shift) % 10) + value[position + 1 :]


@given(seeds, places, shifts)
def test_one_wrong_digit_spoils_a_siren_a_siret_or_an_iban(random: Random, place: int, shift: int) -> None:
    siren = numbers.siren(random)
    for kind, value in (
        (Siren, siren),
        (Siret, numbers.siret(siren, random.randint(1, 99999 // 100))),
        (Iban, numbers.iban(random, random.choice(("FR", "DE", "BE", "NL", "GB", "PT", "IT")))),
    ):
        assert accepts(kind, value)
        assert not accepts(kind, altered(value, place, shift))


@given(seeds, st.integers(2, 10), shifts)
def test_the_key_of_a_french_vat_number_is_that_of_its_siren(random: Random, place: int, shift: int) -> None:
    number = numbers.french_vat(numbers.siren(random))
    assert accepts(VatNumber, number)
    wrong = f"{number[:place]}{(int(number[place]) + shift) % 10}{number[place + 1 :]}"
    assert not accepts(VatNumber, wrong)


@given(seeds, st.sampled_from(["DE", "BE", "IT", "ES", "NL", "PT", "LU"]))
def test_vat_numbers_of_other_states_have_their_own_length(random: Random, country: str) -> None:
    number = numbers.vat(random, country)
    assert accepts(VatNumber, number)
    assert not accepts(VatNumber, number + "0")
    assert not accepts(VatNumber, number[:-1])


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (Siren, "732 829 320", "732829320"),
        (Siret, "732 829 320 00074", "73282932000074"),
        (Siret, "35600000000048", "35600000000048"),
        (Siret, "35600000049837", "35600000049837"),
        (VatNumber, "fr 44 732.829.320", "FR44732829320"),
        (VatNumber, "FRK7399859412", "FRK7399859412"),
        (VatNumber, "EL123456789", "EL123456789"),
        (VatNumber, "CHE123456789", "CHE123456789"),
        (Iban, "FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        (Iban, "GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"),
        (Bic, "cmbr fr 2b", "CMBRFR2B"),
        (Email, " zoé@exemple.fr ", "zoé@exemple.fr"),
        (Phone, "+33 (0)2 98.00-00", "+33 (0)2 98.00-00"),
    ],
)
def test_what_is_right_is_kept_without_its_spaces(kind: Any, written: str, kept: str) -> None:
    assert TypeAdapter(kind).validate_python(written) == kept


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        (Siren, "73282932", "string_pattern_mismatch"),
        (Siren, "732829321", "siren_check_digit"),
        (Siren, "000000000", "siren_check_digit"),
        (Siren, "٧٣٢٨٢٩٣٢٠", "string_pattern_mismatch"),
        (Siret, "73282932000075", "siren_check_digit"),
        (Siret, "35600000000049", "siren_check_digit"),
        (VatNumber, "FR00732829320", "vat_number_key"),
        (VatNumber, "FR4473282932", "vat_number_format"),
        (VatNumber, "DE12345678", "vat_number_format"),
        (VatNumber, "12345", "string_pattern_mismatch"),
        (Iban, "FR7630006000011234567890188", "iban_check_digits"),
        (Iban, "FR76", "string_pattern_mismatch"),
        (Iban, "FR613000600001123456789", "iban_length"),
        (Bic, "CMBR", "string_pattern_mismatch"),
        (Email, "a@b", "string_pattern_mismatch"),
        (Email, "a b@c.fr", "string_pattern_mismatch"),
        (Phone, "téléphone", "string_pattern_mismatch"),
        (Siren, 732829320, "string_type"),
    ],
)
def test_what_is_wrong_is_explained(kind: Any, written: Any, code: str) -> None:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(written)
    (breach,) = breaches(error.value, "/here")
    assert (breach.code, breach.pointer) == (code, "/here")
    assert breach.fr != breach.en
    assert "^" not in breach.fr + breach.en


def test_an_address_and_an_account_hold_what_their_parts_allow() -> None:
    address = Address.model_validate({"lines": [" 12  quai "], "postcode": "29200", "city": "Brest"})
    assert (address.country, address.lines) == ("FR", ("12  quai",))
    with pytest.raises(ValidationError):
        Address.model_validate({"country": "France"})
    with pytest.raises(ValidationError):
        BankAccount.model_validate({"iban": "FR7630006000011234567890189", "holder": ""})
