"""How a cell of a file is read: texts, numbers, dates, yes or no, and words of a list.

French and international writing are both understood: `1 234,50`, `1.234,50`, `1,234.50`;
`31/12/2026`, `2026-12-31`, or the day number that a spreadsheet stores.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from comptoir.kernel.money import plain
from comptoir.kernel.sheets import Value
from comptoir.kernel.text import plain_words

_SPACES = re.compile(r"[\s'’_]")
_SIGNS = re.compile(r"^([+-]?)(.*?)(?:€|EUR)?$")
_PLAIN = re.compile(r"[0-9]*[.,]?[0-9]+|[0-9]+[.,]")
_GROUPED = (
    (re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3}){2,}"), "."),
    (re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3}){2,}"), ","),
)
_SPACED = re.compile(r"[0-9]{1,3}(?:[\s'’_][0-9]{3})*(?:[.,][0-9]+)?")
_FRENCH_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00:00)?")
_EPOCH = date(1899, 12, 30)
_SERIALS = range(61, 2_958_466)
"""Day numbers from 1 March 1900 (earlier ones differ between spreadsheets) to 31 December 9999."""


class CellFault(Exception):
    """Why a cell cannot be read as what its column holds."""

    def __init__(self, code: str, fr: str, en: str) -> None:
        super().__init__(code)
        self.code, self.fr, self.en = code, fr, en


def as_text(value: Value) -> str | None:
    """The cell as text: a number without a spurious `.0`, a date in ISO form."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, date):
        return value.isoformat()
    return plain(value)


def as_code(value: Value) -> str | None:
    """The cell as a code in capitals."""
    text = as_text(value)
    return text.upper() if text else None


def as_number(value: Value) -> Decimal | None:
    """The cell as an exact decimal; one separator alone is the decimal one."""
    if value is None or isinstance(value, Decimal):
        return value
    text = as_text(value) or ""
    sign, digits = _split_sign(text)
    if _SPACES.search(digits):
        digits = _SPACES.sub("", digits) if _SPACED.fullmatch(digits) else "?"
    for grouped, separator in _GROUPED:
        if grouped.fullmatch(digits):
            digits = digits.replace(separator, "")
    if len(digits) > 40 or not _PLAIN.fullmatch(digits):
        raise CellFault(
            "not_a_number",
            "un nombre est attendu, par exemple 1 234,50",
            "a number is expected, for example 1234.50",
        )
    return Decimal(sign + digits.replace(",", "."))


def _split_sign(text: str) -> tuple[str, str]:
    found = _SIGNS.match(text.replace("−", "-").strip())
    return (found[1], found[2].strip()) if found else ("", text)


def as_rate(value: Value) -> Decimal | None:
    """The cell as a percentage: 20 means 20 %, with or without the sign."""
    return as_number(value.removesuffix("%").rstrip() if isinstance(value, str) else value)


def as_date(value: Value) -> date | None:
    """The cell as a date: of the spreadsheet, JJ/MM/AAAA, ISO, or a day number."""
    if value is None or isinstance(value, date):
        return value
    text = as_text(value) or ""
    try:
        if found := _FRENCH_DATE.fullmatch(text):
            day, month, year = (int(part) for part in found.groups())
            return date(year if year > 99 else 2000 + year, month, day)
        if found := _ISO_DATE.fullmatch(text):
            return date(*(int(part) for part in found.groups()))
        if text.isascii() and text.isdigit() and int(text) in _SERIALS:
            return _EPOCH + timedelta(days=int(text))
    except ValueError as error:
        raise _no_date() from error
    raise _no_date()


def _no_date() -> CellFault:
    return CellFault("not_a_date", "une date JJ/MM/AAAA est attendue", "a date DD/MM/YYYY or YYYY-MM-DD is expected")


_YES = frozenset("oui o yes y vrai true x 1".split())
_NO = frozenset("non n no faux false 0".split())


def as_flag(value: Value) -> bool | None:
    """The cell as yes or no, in French or English."""
    if value is None or isinstance(value, bool):
        return value
    word = " ".join(plain_words(as_text(value) or ""))
    if word in _YES or word in _NO:
        return word in _YES
    raise CellFault("not_a_flag", "oui ou non est attendu", "yes or no is expected")


class choice:
    """A reader of one word of a list: what may be written → the value it means."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._by_word = {" ".join(plain_words(word)): meaning for word, meaning in words.items()}
        self._shown = ", ".join(words)
        self._written = {str(meaning): word for word, meaning in reversed(list(words.items()))}

    def __call__(self, value: Value) -> str | None:
        text = as_text(value)
        if text is None:
            return None
        meaning = self._by_word.get(" ".join(plain_words(text)))
        if meaning is None:
            fr, en = f"valeur hors liste ; attendu : {self._shown}", f"not in the list: {self._shown}"
            raise CellFault("not_in_list", fr, en)
        return meaning

    def write(self, value: Any) -> Value:
        """The first word of the list for a value."""
        return self._written.get(str(value), str(value))


class several:
    """A reader of several values in one cell, separated by commas, semicolons, bars or line breaks."""

    def __init__(self, read: Callable[[Value], Any]) -> None:
        self._read = read

    def __call__(self, value: Value) -> list[Any] | None:
        text = as_text(value)
        if text is None:
            return None
        return [self._read(part.strip()) for part in re.split(r"[,;|\n]", text) if part.strip()]

    def write(self, value: Any) -> Value:
        """The values in one cell; a comma inside one would cut it in two."""
        cells = [str(written(self._read, each)).replace("|", "/") for each in value]
        return " | ".join(cells) or None


def written(read: Callable[[Value], Any], value: Any) -> Value:
    """The cell that `read` reads as a JSON value: numbers and dates as such, yes or no in French."""
    if value is None:
        return None
    write = getattr(read, "write", None) or _WRITE.get(read, _as_written)
    cell: Value = write(value)
    return cell


def _as_written(value: Any) -> Value:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


_WRITE: dict[Callable[[Value], Any], Callable[[Any], Value]] = {
    as_number: Decimal,
    as_rate: Decimal,
    as_date: date.fromisoformat,
}


_COUNTRIES = {
    "AT": "Autriche Austria",
    "AU": "Australie Australia",
    "BE": "Belgique Belgium",
    "BG": "Bulgarie Bulgaria",
    "BR": "Brésil Brazil",
    "CA": "Canada",
    "CH": "Suisse Switzerland",
    "CI": "Côte-d'Ivoire Ivory-Coast",
    "CN": "Chine China",
    "CY": "Chypre Cyprus",
    "CZ": "Tchéquie Czechia République-tchèque Czech-Republic",
    "DE": "Allemagne Germany Deutschland",
    "DK": "Danemark Denmark",
    "DZ": "Algérie Algeria",
    "EE": "Estonie Estonia",
    "ES": "Espagne Spain España",
    "FI": "Finlande Finland",
    "FR": "France",
    "GB": "Royaume-Uni United-Kingdom Grande-Bretagne Great-Britain",
    "GR": "Grèce Greece",
    "HR": "Croatie Croatia",
    "HU": "Hongrie Hungary",
    "IE": "Irlande Ireland",
    "IN": "Inde India",
    "IT": "Italie Italy Italia",
    "JP": "Japon Japan",
    "KR": "Corée-du-Sud South-Korea",
    "LT": "Lituanie Lithuania",
    "LU": "Luxembourg",
    "LV": "Lettonie Latvia",
    "MA": "Maroc Morocco",
    "MC": "Monaco",
    "MT": "Malte Malta",
    "NL": "Pays-Bas Netherlands",
    "NO": "Norvège Norway",
    "PL": "Pologne Poland",
    "PT": "Portugal",
    "RO": "Roumanie Romania",
    "SE": "Suède Sweden",
    "SI": "Slovénie Slovenia",
    "SK": "Slovaquie Slovakia",
    "SN": "Sénégal Senegal",
    "TN": "Tunisie Tunisia",
    "TR": "Turquie Turkey Türkiye",
    "US": "États-Unis United-States USA",
}
_BY_COUNTRY_NAME = {" ".join(plain_words(name)): code for code, names in _COUNTRIES.items() for name in names.split()}


def as_country(value: Value) -> str | None:
    """The cell as an ISO 3166 code, from the code or from the French or English name of a usual country."""
    text = as_text(value)
    return _BY_COUNTRY_NAME.get(" ".join(plain_words(text)), text.upper()) if text else None
