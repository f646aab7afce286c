"""Who and where: addresses and the numbers that identify firms and accounts, with their check digits."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())


def _compact(value: object) -> object:
    return re.sub(r"[\s.-]", "", value).upper() if isinstance(value, str) else value


def _luhn(number: str) -> bool:
    digits = [int(d) for d in reversed(number)]
    doubled = sum(sum(divmod(2 * d, 10)) for d in digits[1::2])
    return (sum(digits[0::2]) + doubled) % 10 == 0


def _siren(value: str) -> str:
    if not _luhn(value):
        raise ValueError("the check digit of this SIREN/SIRET is wrong")
    return value


def _siret(value: str) -> str:
    # The head office and the post offices of La Poste are numbered by a plain sum of digits.
    if value.startswith("356000000") and sum(map(int, value)) % 5 == 0:
        return value
    return _siren(value)


def _mod97(value: str) -> int:
    return int("".join(str(int(c, 36)) for c in value)) % 97


def _iban(value: str) -> str:
    if _mod97(value[4:] + value[:4]) != 1:
        raise ValueError("the check digits of this IBAN are wrong")
    return value


def _vat(value: str) -> str:
    if value.startswith("FR"):
        if not re.fullmatch(r"FR[0-9A-HJ-NP-Z]{2}[0-9]{9}", value):
            raise ValueError("a French VAT number is FR, a two-character key and the SIREN")
        if value[2:4].isdigit() and int(value[2:4]) != (12 + 3 * (int(value[4:]) % 97)) % 97:
            raise ValueError("the key of this French VAT number does not match its SIREN")
    return value


Siren = Annotated[str, BeforeValidator(_compact), StringConstraints(pattern=r"^[0-9]{9}$"), AfterValidator(_siren)]
Siret = Annotated[str, BeforeValidator(_compact), StringConstraints(pattern=r"^[0-9]{14}$"), AfterValidator(_siret)]
VatNumber = Annotated[
    str, BeforeValidator(_compact), StringConstraints(pattern=r"^[A-Z]{2}[0-9A-Z+*]{2,13}$"), AfterValidator(_vat)
]
Iban = Annotated[
    str,
    BeforeValidator(_compact),
    StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"),
    AfterValidator(_iban),
]
Bic = Annotated[
    str, BeforeValidator(_compact), StringConstraints(pattern=r"^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")
]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9 ().-]{4,30}$")]


class Address(Model):
    """A postal address: up to three lines, then town and country apart, as SEPA asks since 15 Nov 2026."""

    lines: tuple[Line, ...] = ()
    postcode: Label | None = None
    city: Label | None = None
    country: Country = "FR"


class BankAccount(Model):
    """An account that money is paid to: checked IBAN, BIC, and the holder's exact name."""

    iban: Iban
    bic: Bic | None = None
    holder: Line
