"""Suppliers with hostile names in every country, orders that pay them, and the official schemas where they are."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from lxml import etree

from comptoir.banking.formats.pain import write
from comptoir.banking.model import (
    AddressStyle,
    Charges,
    Creditor,
    Debtor,
    MessageVersion,
    Transfer,
    TransferKind,
    TransferOrder,
    Urgency,
)
from comptoir.banking.references import end_to_end
from comptoir.banking.target import target_day
from comptoir.kernel.banks import ForeignBank
from comptoir.kernel.identity import _IBAN_LENGTHS, EU, Address
from comptoir.kernel.money import Money

TODAY = date(2026, 11, 26)
CREATED = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
SEPA_IBANS = sorted(EU | set("IS LI NO CH GB GI MC SM AD VA AL ME MK MD RS".split()))
OTHER_IBANS = sorted(set(_IBAN_LENGTHS) - set(SEPA_IBANS))
WITHOUT_IBAN = ("US", "CN", "JP", "CA", "AU", "IN", "KR", "MA", "SN", "CI", "VN", "NC", "PF")
CURRENCIES = ("EUR", "USD", "JPY", "XPF", "KRW", "TND", "KWD", "GBP", "CHF")
"""With two, no and three decimals."""


def folder_of_schemas() -> Path | None:
    """`shared/standards/xsd` beside the project or above it: the official schemas are not the project's to carry."""
    for parent in Path(__file__).resolve().parents:
        if (found := parent / "shared" / "standards" / "xsd").is_dir():
            return found
    return None


needs_schemas = pytest.mark.skipif(
    folder_of_schemas() is None,
    reason="no folder shared/standards/xsd: files are not compared with the official schemas",
)


@cache
def schema(version: MessageVersion) -> etree.XMLSchema:
    """The official schema of a version."""
    folder = folder_of_schemas()
    assert folder is not None
    return etree.XMLSchema(file=str(folder / f"{version.value}.xsd"))


def schema_errors(version: MessageVersion, data: bytes) -> list[str]:
    """What the official schema says against a file."""
    official = schema(version)
    official.validate(etree.fromstring(data))
    return str(official.error_log).splitlines()


def identifier(number: int) -> str:
    """A well-formed id."""
    return f"{number:026d}"


def iban(country: str, digits: str = "") -> str:
    """An IBAN of the right length and check digits."""
    body = digits.ljust(_IBAN_LENGTHS[country] - 4, "0")[: _IBAN_LENGTHS[country] - 4]
    moved = int("".join(str(int(character, 36)) for character in f"{body}{country}00"))
    return f"{country}{98 - moved % 97:02d}{body}"


def bic(country: str) -> str:
    """A BIC of a bank in a country."""
    return f"BANK{country}2B"


DEBTOR = Debtor(
    name="Comptoir du Ponant & Fils",
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
    address=Address(lines=("12 bis, quai Malbert",), postcode="29200", city="Brest"),
)
HAMBURG = Address(lines=("Speicherstraße 2",), postcode="20095", city="Hamburg", country="DE")


def creditor(country: str = "DE", **more: Any) -> Creditor:
    """A supplier with an account in a country."""
    fields = {"name": "Müller & Söhne GmbH", "iban": iban(country), "bic": bic(country), "address": HAMBURG}
    return Creditor.model_validate(fields | more)


def transfer(number: int = 1, amount: str = "1234.56", currency: str = "EUR", **more: Any) -> Transfer:
    """A payment of an invoice."""
    fields = {
        "id": identifier(number + 100),
        "creditor": creditor(),
        "amount": Money.of(amount, currency),
        "end_to_end": f"FA2026-{number:04d}",
        "remittance": "Facture n° 12 – merci",
    }
    return Transfer.model_validate(fields | more)


def order(
    version: MessageVersion = MessageVersion.SEPA_2009,
    *transfers: Transfer,
    kind: TransferKind | None = None,
    **more: Any,
) -> TransferOrder:
    """An order of these transfers, or of one."""
    fields: dict[str, Any] = {
        "id": identifier(1),
        "kind": kind or TransferKind.SEPA,
        "version": version,
        "debtor": DEBTOR,
        "transfers": transfers or (transfer(),),
        "execution_date": date(2026, 11, 30),
        "created": CREATED,
    }
    return TransferOrder.model_validate(fields | more)


def abroad(version: MessageVersion = MessageVersion.GENERAL_2009, **more: Any) -> TransferOrder:
    """An order in dollars to a bank in New York."""
    address = Address(lines=("Pier 57",), postcode="98101", city="Seattle, WA", country="US")
    paid = creditor(iban=None, account="0123456789", bic="CHASUS33", address=address, name="Pacific Rope & Chain Co.")
    return order(version, transfer(currency="USD", creditor=paid), kind=TransferKind.SWIFT, **more)


def file(of: TransferOrder) -> bytes:
    """The bytes of an order's message."""
    written = io.BytesIO()
    write(of, written)
    return written.getvalue()


_LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn"))
_HOSTILE = st.sampled_from(
    [
        "L'Œuvre & Cie_«Été» <b>/ // ]]> \U0001f600",
        "//Société//",
        "株式会社大洋漁業",
        "ООО «Ромашка»",
        "شركة التجارة",
        "a" * 200,
        "é" * 69 + " œ" + "x" * 100,
        " . ",
        "Würth…",
        "Ægir Þórsson @ Föroyar",
        "=cmd|' /C calc'!A0",
    ]
)


def _named(text: str) -> str:
    """With a letter at least, so that something of it can be written."""
    return f"{text.strip()[:190]} Z".strip()


names = st.one_of(st.text(_LETTERS, min_size=1, max_size=190), _HOSTILE).map(_named)
words = st.one_of(st.none(), st.text(_LETTERS, min_size=1, max_size=190).map(lambda text: f"{text} z"), _HOSTILE)
references = st.one_of(
    st.none(), st.text(_LETTERS, max_size=60), st.sampled_from(["RF18539007547034", "A//B/", "2026-1"])
)
digits = st.text("0123456789", min_size=12, max_size=12)


@st.composite
def addresses(draw: st.DrawFn, country: str) -> Address:
    lines = tuple(draw(st.lists(names, max_size=3)))
    return Address(
        lines=lines,
        postcode=draw(st.one_of(st.none(), names.map(lambda text: text[:30]))),
        city=draw(names)[:70] + "z",
        country=country,
    )


@st.composite
def transfers(draw: st.DrawFn, number: int, kind: TransferKind, version: MessageVersion, currency: str) -> Transfer:
    if kind is TransferKind.SEPA:
        country = draw(st.sampled_from(SEPA_IBANS))
        account: dict[str, Any] = {"iban": iban(country, draw(digits))}
    else:
        country = draw(st.sampled_from([*OTHER_IBANS, *WITHOUT_IBAN, *(SEPA_IBANS if currency != "EUR" else ())]))
        known = country in _IBAN_LENGTHS
        account = {"iban": iban(country, draw(digits))} if known else {"account": draw(digits)}
    needs_bic = version is MessageVersion.SEPA_2009 or kind is TransferKind.SWIFT
    bank = None
    code: str | None = bic(country) if needs_bic or draw(st.booleans()) else None
    if kind is TransferKind.SWIFT and "account" in account and draw(st.booleans()):
        code = None
        bank = ForeignBank(
            clearing_system="USABA", clearing_code="021000021", name=draw(names), city="X", country=country
        )
    decimals = {"JPY": 0, "XPF": 0, "KRW": 0, "TND": 3, "KWD": 3}.get(currency, 2)
    most = 99_999_999_999 if kind is TransferKind.SEPA else 10**14
    units = draw(st.integers(1, most))
    reference = draw(references)
    return Transfer(
        id=identifier(1000 + number),
        creditor=Creditor(name=draw(names), bic=code, bank=bank, address=draw(addresses(country)), **account),
        amount=Money(amount=Decimal(units).scaleb(-decimals), currency=currency),
        end_to_end=end_to_end(f"{reference} {number}" if reference else None, identifier(1000 + number)),
        remittance=draw(words),
        purpose="SUPP" if country in ("AE", "CN", "IN") else draw(st.sampled_from([None, "SUPP"])),
        charges=Charges.SHARED if kind is TransferKind.SWIFT and draw(st.booleans()) else None,
    )


_KINDS = [
    (TransferKind.SEPA, MessageVersion.SEPA_2009),
    (TransferKind.SEPA, MessageVersion.GENERAL_2009),
    (TransferKind.SEPA, MessageVersion.GENERAL_2019),
    (TransferKind.SWIFT, MessageVersion.GENERAL_2009),
    (TransferKind.SWIFT, MessageVersion.GENERAL_2019),
]


@st.composite
def orders(draw: st.DrawFn) -> TransferOrder:
    """Orders that our rules take, of every kind, version and urgency."""
    kind, version = draw(st.sampled_from(_KINDS))
    currency = "EUR" if kind is TransferKind.SEPA else draw(st.sampled_from(CURRENCIES))
    urgencies = [Urgency.NORMAL, Urgency.PRIORITY]
    if version is not MessageVersion.SEPA_2009:
        urgencies.append(Urgency.SAME_DAY)
    if kind is TransferKind.SEPA and version is MessageVersion.GENERAL_2019:
        urgencies.append(Urgency.INSTANT)
    count = draw(st.integers(1, 4))
    return TransferOrder(
        id=identifier(draw(st.integers(1, 10**6))),
        kind=kind,
        version=version,
        debtor=DEBTOR.change(name=draw(names)),
        transfers=tuple(draw(transfers(number, kind, version, currency)) for number in range(count)),
        execution_date=target_day(draw(st.dates(TODAY, date(2027, 12, 31)))),
        created=CREATED,
        urgency=draw(st.sampled_from(urgencies)),
        batch_booking=draw(st.sampled_from([None, True, False])),
        label=draw(st.one_of(st.none(), names)),
        addresses=draw(st.sampled_from(AddressStyle)),
    )
