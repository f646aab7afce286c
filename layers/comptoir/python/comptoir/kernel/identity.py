"""Who and where: addresses and the numbers that identify firms and accounts, with their check digits."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from comptoir.kernel.explain import flaw, shaped
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line

Country = Annotated[
    str,
    shaped(
        r"^[A-Z]{2}$",
        "Code de pays ISO 3166 attendu : deux majuscules (FR).",
        "An ISO 3166 country code is expected: two capitals (FR).",
    ),
]
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())

_VAT_FORMATS = {
    "AT": r"U[0-9]{8}",
    "BE": r"[01][0-9]{9}",
    "BG": r"[0-9]{9,10}",
    "CY": r"[0-9]{8}[A-Z]",
    "CZ": r"[0-9]{8,10}",
    "ES": r"[A-Z0-9][0-9]{7}[A-Z0-9]",
    "FR": r"[0-9A-HJ-NP-Z]{2}[0-9]{9}",
    "IE": r"[0-9][A-Z0-9+*][0-9]{5}[A-Z]{1,2}",
    "LT": r"[0-9]{9}|[0-9]{12}",
    "NL": r"[A-Z0-9+*]{10}[0-9]{2}",
    "RO": r"[0-9]{2,10}",
    "XI": r"[0-9]{9}|[0-9]{12}|(GD|HA)[0-9]{3}",
    **dict.fromkeys(("DE", "EE", "EL", "PT"), r"[0-9]{9}"),
    **dict.fromkeys(("DK", "FI", "HU", "LU", "MT", "SI"), r"[0-9]{8}"),
    **dict.fromkeys(("HR", "IT", "LV"), r"[0-9]{11}"),
    **dict.fromkeys(("PL", "SK"), r"[0-9]{10}"),
    "SE": r"[0-9]{12}",
}
"""The VAT numbers of the member states (EL: Greece, XI: Northern Ireland), after the prefix."""


def _compact(value: object) -> object:
    return re.sub(r"[\s.-]", "", value).upper() if isinstance(value, str) else value


def _luhn(number: str) -> bool:
    digits = [int(d) for d in reversed(number)]
    doubled = sum(sum(divmod(2 * d, 10)) for d in digits[1::2])
    return (sum(digits[0::2]) + doubled) % 10 == 0


def _siren(value: str) -> str:
    if not int(value) or not _luhn(value):
        raise flaw(
            "siren_check_digit",
            "La clé de contrôle de ce SIREN/SIRET est fausse.",
            "The check digit of this SIREN/SIRET is wrong.",
        )
    return value


def _siret(value: str) -> str:
    # The head office and the post offices of La Poste are numbered by a plain sum of digits.
    if value.startswith("356000000") and sum(map(int, value)) % 5 == 0:
        return value
    return _siren(value)


def siret_not_of_siren() -> ValueError:
    """The flaw of a SIRET that belongs to another SIREN than the one beside it."""
    return flaw(
        "siret_not_of_siren",
        "Le SIRET doit commencer par le SIREN.",
        "The SIRET must begin with the SIREN.",
    )


_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK SA SE SK TN VG RO",
        25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""How long the IBANs of a country are (ISO 13616 registry); others are known by their check digits alone."""


def check97(value: str) -> bool:
    """Whether the two check digits after the first two letters are right (ISO 7064 mod 97-10: IBAN, RF reference)."""
    return int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1


def _iban(value: str) -> str:
    length = _IBAN_LENGTHS.get(value[:2], len(value))
    if len(value) != length:
        raise flaw(
            "iban_length",
            f"Un IBAN {value[:2]} a {length} caractères, celui-ci {len(value)}.",
            f"A {value[:2]} IBAN has {length} characters, this one {len(value)}.",
        )
    if not check97(value):
        raise flaw(
            "iban_check_digits",
            "La clé de contrôle de cet IBAN est fausse.",
            "The check digits of this IBAN are wrong.",
        )
    return value


def _vat(value: str) -> str:
    expected = _VAT_FORMATS.get(value[:2])
    if expected and not re.fullmatch(expected, value[2:]):
        raise flaw(
            "vat_number_format",
            f"Ce n'est pas un numéro de TVA {value[:2]} : vérifiez le nombre de caractères.",
            f"This is not a {value[:2]} VAT number: check the number of characters.",
        )
    if value.startswith("FR") and value[2:4].isdigit() and int(value[2:4]) != (12 + 3 * int(value[4:])) % 97:
        raise flaw(
            "vat_number_key",
            "La clé de ce numéro de TVA français ne correspond pas à son SIREN.",
            "The key of this French VAT number does not match its SIREN.",
        )
    return value


Siren = Annotated[
    str,
    BeforeValidator(_compact),
    shaped(r"^[0-9]{9}$", "Un SIREN a neuf chiffres.", "A SIREN has nine digits."),
    AfterValidator(_siren),
]
Siret = Annotated[
    str,
    BeforeValidator(_compact),
    shaped(r"^[0-9]{14}$", "Un SIRET a quatorze chiffres.", "A SIRET has fourteen digits."),
    AfterValidator(_siret),
]
RoutingAddress = Annotated[
    str,
    shaped(
        r"^[0-9]{9}[A-Za-z0-9_.-]{0,116}$",
        "Adresse de facturation électronique attendue : le SIREN, puis lettres, chiffres, points, tirets, soulignés.",
        "An electronic invoicing address is expected: the SIREN, then letters, digits, dots, dashes, underscores.",
    ),
]
VatNumber = Annotated[
    str,
    BeforeValidator(_compact),
    shaped(
        r"^[A-Z]{2}[0-9A-Z+*]{2,13}$",
        "Un numéro de TVA commence par le code du pays (FR40303265045).",
        "A VAT number begins with the country code (FR40303265045).",
    ),
    AfterValidator(_vat),
]
Iban = Annotated[
    str,
    BeforeValidator(_compact),
    shaped(
        r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
        "Un IBAN a deux lettres de pays, deux chiffres de clé et 11 à 30 caractères.",
        "An IBAN has two country letters, two check digits and 11 to 30 characters.",
    ),
    AfterValidator(_iban),
]
Bic = Annotated[
    str,
    BeforeValidator(_compact),
    shaped(
        r"^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$",
        "Un BIC a huit ou onze caractères (CMBRFR2B).",
        "A BIC has eight or eleven characters (CMBRFR2B).",
    ),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    shaped(
        r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        "Adresse électronique attendue (nom@domaine.fr).",
        "An e-mail address is expected (name@domain.com).",
    ),
]
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    shaped(
        r"^\+?[0-9 ().-]{4,30}$",
        "Numéro de téléphone attendu (+33 2 98 00 00 00).",
        "A telephone number is expected (+33 2 98 00 00 00).",
    ),
]


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
