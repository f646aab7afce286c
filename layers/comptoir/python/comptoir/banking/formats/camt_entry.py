"""One entry of a camt.053: amount and sign, dates, references, parties, remittance, batches, returns, charges."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from lxml import etree

from comptoir.banking.formats.reading import Faults, told, words
from comptoir.banking.statement import BatchDetail, Detail, Entry, signed
from comptoir.kernel.money import Money, total
from comptoir.markup.safe_xml import line_of


class Names:
    """Paths of elements in the namespace of a file."""

    def __init__(self, space: str) -> None:
        self._path = cache(lambda names: "/".join(space + name for name in names))

    def __call__(self, *names: str) -> str:
        return self._path(names)


@dataclass(frozen=True)
class _Payment:
    """A `TxDtls`: what it says, its amount without sign, and the one instructed in another currency."""

    detail: Detail
    amount: Money | None
    original: Money | None


class CamtEntry:
    """A `Ntry`."""

    def __init__(self, element: etree._Element, names: Names, faults: Faults) -> None:
        self._element, self._names, self._faults = element, names, faults
        self._line = line_of(element)
        self._credit = self._text("CdtDbtInd") == "CRDT"
        self._reversal = self._text("RvslInd").lower() in ("true", "1")

    def read(self, index: int) -> Entry | None:
        """The entry; None when it is not booked, or when something of it is told as a fault."""
        if (self._text("Sts", "Cd") or self._text("Sts")) != "BOOK":
            return None
        if self._text("CdtDbtInd") not in ("CRDT", "DBIT"):
            self._faults.add("sign_missing", self._line, "CdtDbtInd absent ou inconnu", "CdtDbtInd missing or unknown")
        amount, booked = self._amount(), self._day("BookgDt")
        if amount is None or booked is None:
            return None
        payments = [self._payment(found) for found in self._element.iterfind(self._names("NtryDtls", "TxDtls"))]
        single = payments[0] if len(payments) == 1 else None
        known = self._entry_detail(single.detail if single else None)
        return Entry(
            **known,
            index=index,
            amount=amount,
            booking_date=booked,
            value_date=self._day("ValDt") if self._text("ValDt", "Dt") or self._text("ValDt", "DtTm") else None,
            reversal=self._reversal,
            bank_reference=told(self._text("AcctSvcrRef") or self._text("NtryRef")),
            code=self._code(),
            charges=self._charges(),
            original=single.original if single else None,
            batch_count=self._count(len(payments)),
            details=() if single else tuple(self._batched(payment) for payment in payments),
        )

    def _batched(self, payment: _Payment) -> BatchDetail:
        return BatchDetail(**payment.detail.model_dump(), amount=self._signed(payment.amount))

    def _entry_detail(self, single: Detail | None) -> dict[str, str | None]:
        """What the only payment of an entry says, and where it is silent what the entry or its batch says."""
        known = (single or Detail()).model_dump()
        known["text"] = known["text"] or words(self._text("AddtlNtryInf"))
        known["payment_id"] = known["payment_id"] or told(self._text("NtryDtls", "Btch", "PmtInfId"))
        return known

    def _payment(self, found: etree._Element) -> _Payment:
        name, iban = self._party(found)
        unstructured = " ".join(text.text or "" for text in found.iterfind(self._names("RmtInf", "Ustrd")))
        reference = found.findtext(self._names("RmtInf", "Strd", "CdtrRefInf", "Ref"))
        detail = Detail(
            end_to_end=told(found.findtext(self._names("Refs", "EndToEndId"))),
            payment_id=told(found.findtext(self._names("Refs", "PmtInfId"))),
            reference=told(reference),
            text=words(unstructured) or words(found.findtext(self._names("AddtlTxInf"))),
            counterparty=name,
            counterparty_iban=iban,
            return_reason=told(found.findtext(self._names("RtrInf", "Rsn", "Cd"))),
        )
        own = found.find(self._names("Amt"))
        own = found.find(self._names("AmtDtls", "TxAmt", "Amt")) if own is None else own
        instructed = found.find(self._names("AmtDtls", "InstdAmt", "Amt"))
        foreign = instructed is not None and instructed.get("Ccy") != self._currency()
        return _Payment(detail, self._money(own), self._money(instructed) if foreign else None)

    def _party(self, found: etree._Element) -> tuple[str | None, str | None]:
        """Who is at the other end: the payer of a credit, the one paid by a debit; a reversal turns it round."""
        paid = self._credit != self._reversal
        for role in ("Dbtr", "Cdtr") if paid else ("Cdtr", "Dbtr"):
            parties = found.find(self._names("RltdPties"))
            if parties is None:
                return None, None
            name = parties.findtext(self._names(role, "Pty", "Nm")) or parties.findtext(self._names(role, "Nm"))
            iban = parties.findtext(self._names(f"{role}Acct", "Id", "IBAN"))
            if name or iban:
                return words(name) or None, re.sub(r"\s", "", iban or "").upper() or None
        return None, None

    def _amount(self) -> Money | None:
        money = self._money(self._element.find(self._names("Amt")))
        return self._signed(money)

    def _signed(self, money: Money | None) -> Money | None:
        return None if money is None else Money.of(signed(money.amount, self._credit), money.currency)

    def _money(self, element: etree._Element | None) -> Money | None:
        if element is None:
            return None
        return self._faults.amount(line_of(element), (element.text or "").strip(), element.get("Ccy", ""))

    def _currency(self) -> str:
        amount = self._element.find(self._names("Amt"))
        return "" if amount is None else amount.get("Ccy", "")

    def _charges(self) -> Money | None:
        """The charges of an entry: their total where it is told, else the sum of the records."""
        for path in _CHARGES:
            found = [self._money(each) for each in self._element.iterfind(self._names(*path))]
            amounts = [money for money in found if money and money.currency == self._currency()]
            if amounts:
                return total(amounts, self._currency())
        return None

    def _day(self, tag: str) -> date | None:
        text = self._text(tag, "Dt") or self._text(tag, "DtTm")
        return self._faults.iso_day(self._line, text)

    def _count(self, payments: int) -> int | None:
        text = self._text("NtryDtls", "Btch", "NbOfTxs")
        if text.isascii() and text.isdigit():
            return int(text)
        return payments if payments > 1 else None

    def _code(self) -> str | None:
        domain = [self._text("BkTxCd", "Domn", "Cd"), self._text("BkTxCd", "Domn", "Fmly", "Cd")]
        sub = self._text("BkTxCd", "Domn", "Fmly", "SubFmlyCd")
        return "-".join(part for part in (*domain, sub) if part) or told(self._text("BkTxCd", "Prtry", "Cd"))

    def _text(self, *path: str) -> str:
        return (self._element.findtext(self._names(*path)) or "").strip()


_CHARGES = (("Chrgs", "TtlChrgsAndTaxAmt"), ("Chrgs", "Rcrd", "Amt"), ("Chrgs", "Amt"))
