"""One credit transfer as a bank reads it: currency and decimals, charges, places, SEPA."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from lxml import etree

from comptoir.kernel.errors import Breach
from comptoir.kernel.money import exponent

_SEPA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO CH GB GI MC SM AD VA "
    "AL ME MK MD RS".split()
)
"""Countries of the IBANs of SEPA."""
_SEPA_MOST = Decimal("999999999.99")
_NOT_PROVIDED = "NOTPROVIDED"


class Transaction:
    """A `CdtTrfTxInf`; `at` is its place, `service` the service level of its payment information."""

    def __init__(self, element: etree._Element, at: str, service: str) -> None:
        self._element, self._at, self._service = element, at, service
        self._space = element.tag[: element.tag.index("}") + 1]
        told = element.find(self._path("Amt", "InstdAmt"))
        self.currency = "" if told is None else told.get("Ccy", "")
        self._written = "" if told is None else told.text or ""
        self.amount = _decimal(self._written)

    def identifiers(self) -> Iterator[tuple[str, str]]:
        """What no other transaction may carry."""
        for kind in ("InstrId", "EndToEndId"):
            value = self._text("PmtId", kind)
            if value and value != _NOT_PROVIDED:
                yield kind, value

    def breaches(self) -> Iterator[Breach]:
        """Everything that is wrong with it beyond its grammar."""
        yield from self._amount()
        if self._service == "SEPA":
            yield from self._sepa()
        elif self._service == "NURG":
            yield from self._abroad()
        yield from self._addresses()

    def _amount(self) -> Iterator[Breach]:
        if self.amount <= 0:
            yield self._breach("amount_not_positive", "Amt/InstdAmt", "montant nul", "an amount of nothing")
        places = len(self._written.partition(".")[2])
        if re.fullmatch("[A-Z]{3}", self.currency) and self.amount % exponent(self.currency):
            yield self._breach(
                "too_many_decimals",
                "Amt/InstdAmt",
                f"{places} décimales en {self.currency}",
                f"{places} decimals in {self.currency}",
            )

    def _sepa(self) -> Iterator[Breach]:
        iban = self._text("CdtrAcct", "Id", "IBAN")
        if iban[:2] not in _SEPA:
            yield self._breach("not_in_sepa", "CdtrAcct/Id", "compte hors SEPA", "an account outside SEPA")
        if self.amount > _SEPA_MOST:
            yield self._breach("amount_over_sepa", "Amt/InstdAmt", "montant trop élevé", "too large an amount")
        if self._text("ChrgBr") not in ("", "SLEV"):
            yield self._breach("charges_in_sepa", "ChrgBr", "SLEV attendu en SEPA", "SLEV is expected in SEPA")

    def _abroad(self) -> Iterator[Breach]:
        if self._element.find(self._path("Cdtr", "PstlAdr")) is None:
            yield self._breach("address_missing", "Cdtr/PstlAdr", "ville et pays attendus", "town and country expected")
        bank = self._element.find(self._path("CdtrAgt", "FinInstnId"))
        if bank is None or all(bank.find(self._path(tag)) is None for tag in ("BIC", "BICFI", "ClrSysMmbId")):
            yield self._breach("bank_missing", "CdtrAgt", "BIC ou code de banque attendu", "a BIC or a code expected")
        if self._text("ChrgBr") == "SLEV":
            yield self._breach("charges_abroad", "ChrgBr", "SLEV hors SEPA", "SLEV outside SEPA")

    def _addresses(self) -> Iterator[Breach]:
        """Hybrid at most: two free lines, not beside a street, that do not say the town again (RULES §5.3)."""
        for address in self._element.iter(self._path("PstlAdr")):
            lines = [line.text or "" for line in address.iterfind(self._path("AdrLine"))]
            town = (address.findtext(self._path("TwnNm")) or "").casefold()
            if len(lines) > 2:
                yield self._breach("address_lines", "PstlAdr/AdrLine", "plus de deux lignes", "more than two lines")
            if lines and address.find(self._path("StrtNm")) is not None:
                yield self._breach("address_mixed", "PstlAdr", "rue et lignes libres", "a street and free lines")
            if town and town in (line.casefold() for line in lines):
                yield self._breach("address_repeated", "PstlAdr/AdrLine", "ville répétée", "the town repeated")

    def _text(self, *path: str) -> str:
        return self._element.findtext(self._path(*path), "")

    def _path(self, *names: str) -> str:
        return "/".join([self._space + name for name in names])

    def _breach(self, code: str, place: str, fr: str, en: str) -> Breach:
        return breach_at(code, f"{self._at}/{place}", fr, en)


def breach_at(code: str, at: str, fr: str, en: str) -> Breach:
    """A breach told with its place in the file, where it has one."""
    return Breach(code=code, pointer=at, fr=f"{at} : {fr}." if at else f"{fr}.", en=f"{at}: {en}." if at else f"{en}.")


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return value if value.is_finite() else Decimal(0)
