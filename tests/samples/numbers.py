"""Numbers with right check digits, made from a seeded generator: none was taken from a register."""

from __future__ import annotations

from random import Random


def digits(random: Random, count: int) -> str:
    """So many random digits, the first one not zero."""
    return str(random.randint(1, 9)) + "".join(str(random.randint(0, 9)) for _ in range(count - 1))


def _luhn(body: str) -> str:
    total = 0
    for position, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def siren(random: Random) -> str:
    """Eight digits and their Luhn key."""
    body = digits(random, 8)
    return body + _luhn(body)


def siret(of: str, establishment: int = 1) -> str:
    """The SIRET of an establishment of a SIREN."""
    body = f"{of}{establishment:04d}"
    return body + _luhn(body)


def french_vat(of: str) -> str:
    """The French VAT number of a SIREN."""
    return f"FR{(12 + 3 * (int(of) % 97)) % 97:02d}{of}"


def _german_vat(random: Random) -> str:
    body = digits(random, 8)
    product = 10
    for digit in body:
        rest = (int(digit) + product) % 10 or 10
        product = 2 * rest % 11
    return f"DE{body}{(11 - product) % 10}"


def _belgian_vat(random: Random) -> str:
    body = "0" + digits(random, 7)
    return f"BE{body}{97 - int(body) % 97:02d}"


def _italian_vat(random: Random) -> str:
    body = digits(random, 10)
    return f"IT{body}{_luhn(body)}"


def _spanish_vat(random: Random) -> str:
    body = digits(random, 7)
    total = sum(sum(divmod(int(d) * 2, 10)) if n % 2 == 0 else int(d) for n, d in enumerate(body))
    return f"ESB{body}{-total % 10}"


def _dutch_vat(random: Random) -> str:
    while True:
        body = digits(random, 8)
        key = sum(int(digit) * weight for digit, weight in zip(body, range(9, 1, -1), strict=True)) % 11
        if key < 10:
            return f"NL{body}{key}B01"


def _portuguese_vat(random: Random) -> str:
    body = "5" + digits(random, 7)
    key = 11 - sum(int(digit) * weight for digit, weight in zip(body, range(9, 1, -1), strict=True)) % 11
    return f"PT{body}{key if key < 10 else 0}"


def _luxembourg_vat(random: Random) -> str:
    body = digits(random, 6)
    return f"LU{body}{int(body) % 89:02d}"


_VAT = {
    "DE": _german_vat,
    "BE": _belgian_vat,
    "IT": _italian_vat,
    "ES": _spanish_vat,
    "NL": _dutch_vat,
    "PT": _portuguese_vat,
    "LU": _luxembourg_vat,
}


def vat(random: Random, country: str) -> str:
    """A VAT number of another member state."""
    return _VAT[country](random)


_BBAN = {"ES": 20, "LU": 16}


def _iban(country: str, account: str) -> str:
    moved = "".join(str(int(character, 36)) for character in f"{account}{country}00")
    return f"{country}{98 - int(moved) % 97:02d}{account}"


def iban(random: Random, country: str) -> str:
    """An IBAN; the French, Belgian and Portuguese ones with their national keys too."""
    if country == "FR":
        bank, branch, account = digits(random, 5), digits(random, 5), digits(random, 11)
        key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
        return _iban("FR", f"{bank}{branch}{account}{key:02d}")
    if country == "BE":
        body = digits(random, 10)
        return _iban("BE", f"{body}{int(body) % 97 or 97:02d}")
    if country == "PT":
        body = digits(random, 19)
        return _iban("PT", f"{body}{98 - int(body) * 100 % 97:02d}")
    if country == "NL":
        return _iban("NL", f"ABNA{digits(random, 10)}")
    if country == "GB":
        return _iban("GB", f"BARC{digits(random, 14)}")
    if country == "IT":
        return _iban("IT", f"X{digits(random, 18):0<22}")
    return _iban(country, digits(random, 18)[: _BBAN.get(country, 18)].ljust(_BBAN.get(country, 18), "0"))
