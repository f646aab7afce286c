"""What a transfer order must be before a file is made of it: every breach told, with its place (TRS-06 to TRS-08)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from comptoir.banking.credit_transfer import preview
from comptoir.banking.formats.check import check
from comptoir.banking.model import (
    AccountSettings,
    AddressStyle,
    Charges,
    Creditor,
    MessageVersion,
    TransferKind,
    TransferOrder,
    Urgency,
)
from comptoir.banking.rules import judge
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money
from tests.unit.banking_support import (
    DEBTOR,
    HAMBURG,
    TODAY,
    abroad,
    bic,
    creditor,
    file,
    iban,
    identifier,
    needs_schemas,
    order,
    schema_errors,
    transfer,
)

SEPA_2009, GENERAL_2009, GENERAL_2019 = MessageVersion
SWIFT = TransferKind.SWIFT


def changed(of: TransferOrder, **fields: Any) -> TransferOrder:
    """The same order with its only transfer changed."""
    return of.change(transfers=(of.transfers[0].change(**fields),))


def paid_to(of: TransferOrder, **fields: Any) -> TransferOrder:
    """The same order with the creditor of its only transfer changed."""
    return changed(of, creditor=of.transfers[0].creditor.change(**fields))


MIXED = order(GENERAL_2009, transfer(1, currency="USD"), transfer(2, currency="CHF"), kind=SWIFT)
TWICE = order(SEPA_2009, transfer(1), transfer(1, end_to_end="B"))
DOUBLED = order(SEPA_2009, transfer(1), transfer(2, end_to_end="FA2026-0001"))
SWEDISH = order(GENERAL_2009, transfer(currency="SEK"), kind=SWIFT)
TOWNLESS = HAMBURG.change(city=None)
NAMELESS = {"clearing_system": "USABA", "clearing_code": "021000021"}

BREACHES: list[tuple[str, TransferOrder, str, str]] = [
    ("no transfer", order().change(transfers=()), "no_transfer", "/transfers"),
    ("yesterday", order(execution_date=date(2026, 11, 25)), "execution_date_past", "/execution_date"),
    ("Saturday", order(execution_date=date(2026, 11, 28)), "not_a_target_day", "/execution_date"),
    ("Christmas", order(execution_date=date(2026, 12, 25)), "not_a_target_day", "/execution_date"),
    ("SWIFT in SEPA's message", abroad(SEPA_2009), "version_for_swift", "/version"),
    ("today in SEPA's message", order(urgency=Urgency.SAME_DAY), "urgency_of_version", "/urgency"),
    ("instant in 2009", order(GENERAL_2009, urgency=Urgency.INSTANT), "instant_of_version", "/urgency"),
    ("instant abroad", abroad(GENERAL_2019, urgency=Urgency.INSTANT), "instant_of_version", "/urgency"),
    ("two currencies", MIXED, "several_currencies", "/transfers"),
    ("debtor's name", order(debtor=DEBTOR.change(name="★")), "name_unwritable", "/debtor/name"),
    ("debtor's BIC", order(debtor=DEBTOR.change(bic=None)), "bic_missing", "/debtor/bic"),
    ("debtor outside SEPA", order(debtor=DEBTOR.change(bic=bic("PF"))), "debtor_outside_sepa", "/debtor/iban"),
    ("debtor's town", abroad(debtor=DEBTOR.change(address=None)), "debtor_town_missing", "/debtor/address/city"),
    ("transfer twice", TWICE, "transfer_repeated", "/transfers/1/id"),
    ("reference twice", DOUBLED, "end_to_end_repeated", "/transfers/1/end_to_end"),
    ("dollars in SEPA", order(SEPA_2009, transfer(currency="USD")), "not_sepa", "~"),
    ("account outside SEPA", paid_to(order(), iban=iban("TN"), bic=bic("TN")), "not_sepa", "~"),
    ("New Caledonia", paid_to(order(), iban=iban("FR"), bic=bic("NC")), "not_sepa", "~"),
    ("SEPA by SWIFT", order(GENERAL_2009, kind=SWIFT), "not_swift", "~"),
    ("nothing", changed(order(), amount=Money.zero("EUR")), "amount_not_positive", "~/amount"),
    ("negative", changed(order(), amount=Money.of(-1, "EUR")), "amount_not_positive", "~/amount"),
    ("over SEPA", changed(order(), amount=Money.of("1000000000.00", "EUR")), "amount_over_sepa", "~/amount"),
    ("name", paid_to(order(), name="★★"), "name_unwritable", "~/creditor/name"),
    ("no BIC", paid_to(order(), bic=None), "bic_missing", "~/creditor/bic"),
    ("test BIC", paid_to(order(), bic="BANKDE2O"), "bic_refused", "~/creditor/bic"),
    ("BIC of elsewhere", paid_to(order(), bic=bic("FR")), "bic_of_another_country", "~/creditor/bic"),
    ("no bank abroad", paid_to(abroad(), bic=None), "bank_missing", "~/creditor/bic"),
    ("code without a name", paid_to(abroad(), bic=None, bank=NAMELESS), "bank_name_missing", "~/creditor/bank/name"),
    ("no town abroad", paid_to(abroad(), address=TOWNLESS), "creditor_town_missing", "~/creditor/address/city"),
    ("no address abroad", paid_to(abroad(), address=None), "creditor_town_missing", "~/creditor/address/city"),
    ("reference", changed(order(), end_to_end="FA//1/"), "end_to_end_unwritable", "~/end_to_end"),
    ("charges in SEPA", changed(order(GENERAL_2009), charges=Charges.DEBTOR), "charges_in_sepa", "~/charges"),
    ("charges in the EEA", changed(SWEDISH, charges=Charges.DEBTOR), "charges_shared", "~/charges"),
    ("scheme's charges abroad", changed(abroad(), charges=Charges.SERVICE_LEVEL), "charges_shared", "~/charges"),
    ("purpose in China", paid_to(abroad(), bic=bic("CN")), "purpose_missing", "~/purpose"),
    ("purpose of 2009", changed(order(), purpose="GOODS"), "purpose_not_iso", "~/purpose"),
]  # fmt: skip


@pytest.mark.parametrize(("of", "code", "place"), [row[1:] for row in BREACHES], ids=[row[0] for row in BREACHES])
def test_each_breach_is_told_with_its_place_in_two_languages(of: TransferOrder, code: str, place: str) -> None:
    """`~` stands for the first transfer."""
    place = place.replace("~", "/transfers/0")
    found = {(breach.code, breach.pointer): breach for breach in judge(of, TODAY)}
    assert (code, place) in found
    assert found[code, place].fr != found[code, place].en


@pytest.mark.parametrize(
    "of",
    [
        order(),
        order(GENERAL_2009),
        order(GENERAL_2019),
        abroad(),
        abroad(GENERAL_2019),
        paid_to(order(GENERAL_2019), bic=None),
        order(GENERAL_2019, urgency=Urgency.INSTANT, execution_date=date(2026, 11, 28)),
        order(GENERAL_2009, urgency=Urgency.SAME_DAY),
        changed(abroad(), charges=Charges.DEBTOR),
        order(SEPA_2009, transfer(1, end_to_end="NOTPROVIDED"), transfer(2, end_to_end="NOTPROVIDED")),
    ],
)
def test_what_a_bank_takes_has_no_breach(of: TransferOrder) -> None:
    assert judge(of, TODAY) == []


def test_every_breach_comes_back_at_once() -> None:
    of = changed(paid_to(order(execution_date=date(2026, 11, 28)), bic=None, name="★"), amount=Money.of(-1, "EUR"))
    codes = {breach.code for breach in judge(of, TODAY)}
    assert codes == {"not_a_target_day", "bic_missing", "name_unwritable", "amount_not_positive"}


def test_a_missing_bic_proposes_the_message_that_does_without() -> None:
    [breach] = judge(paid_to(order(), bic=None), TODAY)
    assert "pain.001.001.09" in breach.fr
    assert "pain.001.001.09" in breach.en


@needs_schemas
def test_the_message_of_2009_has_indeed_no_place_for_a_missing_bic() -> None:
    assert schema_errors(SEPA_2009, file(paid_to(order(), bic=None)))
    assert schema_errors(GENERAL_2019, file(paid_to(order(GENERAL_2019), bic=None))) == []


def test_the_next_banking_day_is_proposed() -> None:
    [breach] = judge(order(execution_date=date(2026, 12, 25)), TODAY)
    assert "28/12/2026" in breach.fr
    assert "2026-12-28" in breach.en


def test_settings_of_an_account_choose_message_and_urgency() -> None:
    """TRS-02, TRS-07, TRS-08: what the box *virement urgent* means is agreed with each bank."""
    usual = AccountSettings()
    assert usual.version(TransferKind.SEPA, usual.urgency(False)) is SEPA_2009
    assert usual.version(SWIFT, usual.urgency(True)) is GENERAL_2009
    assert usual.urgency(True) is Urgency.PRIORITY
    same_day = AccountSettings(urgent=Urgency.SAME_DAY)
    assert same_day.version(TransferKind.SEPA, same_day.urgency(True)) is GENERAL_2009
    assert same_day.version(TransferKind.SEPA, same_day.urgency(False)) is SEPA_2009
    instant = AccountSettings(urgent=Urgency.INSTANT, sepa=GENERAL_2019)
    assert instant.version(TransferKind.SEPA, instant.urgency(True)) is GENERAL_2019
    with pytest.raises(ValidationError):
        AccountSettings(swift=SEPA_2009)


@pytest.mark.parametrize(
    ("of", "priority", "level", "instrument"),
    [
        (order(), None, "SEPA", None),
        (order(urgency=Urgency.PRIORITY), "HIGH", "SEPA", None),
        (order(GENERAL_2009, urgency=Urgency.SAME_DAY), "HIGH", "URGP", None),
        (order(GENERAL_2019, urgency=Urgency.INSTANT), None, "SEPA", "INST"),
        (abroad(), None, "NURG", None),
        (abroad(urgency=Urgency.PRIORITY), "HIGH", "URGP", None),
    ],
)
def test_urgency_is_told_as_each_message_can(
    of: TransferOrder, priority: str | None, level: str, instrument: str | None
) -> None:
    data = file(of).decode()
    assert ("<InstrPrty>HIGH</InstrPrty>" in data) is (priority == "HIGH")
    assert f"<SvcLvl><Cd>{level}</Cd></SvcLvl>" in data
    assert ("<LclInstrm><Cd>INST</Cd></LclInstrm>" in data) is (instrument == "INST")


@pytest.mark.parametrize(
    ("lines", "style", "written"),
    [
        (("12 bis, quai Malbert",), AddressStyle.STRUCTURED, "<StrtNm>quai Malbert</StrtNm><BldgNb>12 bis</BldgNb>"),
        (("Speicherstraße 2",), AddressStyle.STRUCTURED, "<StrtNm>Speicherstrasse</StrtNm><BldgNb>2</BldgNb>"),
        (("Zone du Vernis",), AddressStyle.STRUCTURED, "<StrtNm>Zone du Vernis</StrtNm>"),
        (("Bât. B", "3 rue du Port"), AddressStyle.STRUCTURED, "<StrtNm>rue du Port</StrtNm><BldgNb>3</BldgNb>"),
        ((), AddressStyle.STRUCTURED, ""),
        (
            ("Bât. B", "3 rue du Port", "BP 12"),
            AddressStyle.HYBRID,
            "<AdrLine>Bat. B</AdrLine><AdrLine>3 rue du Port, BP 12</AdrLine>",
        ),
        (("3 rue du Port", "29200 Brest", "BREST"), AddressStyle.HYBRID, "<AdrLine>3 rue du Port</AdrLine>"),
    ],
)
def test_addresses_are_structured_or_hybrid_and_never_free(
    lines: tuple[str, ...], style: AddressStyle, written: str
) -> None:
    address = Address(lines=lines, postcode="29200", city="Brest")
    of = order(GENERAL_2019, transfer(creditor=creditor("FR", address=address)), addresses=style)
    data = file(of).decode().partition("<Cdtr>")[2]
    town = "<PstCd>29200</PstCd><TwnNm>Brest</TwnNm><Ctry>FR</Ctry>"
    before, after = ("", written) if style is AddressStyle.HYBRID else (written, "")
    assert f"<PstlAdr>{before}{town}{after}</PstlAdr>" in data
    left_out = [change for change in preview(of) if not change.after]
    assert bool(left_out) == (lines[:1] == ("Bât. B",) and style is AddressStyle.STRUCTURED)


@pytest.mark.parametrize(
    ("lines", "city"),
    [
        (("Saint-Remy-en-Bouzemont-Saint-Genes",), "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"),
        (("X", "A", "B"), "A, B"),
    ],
)
def test_a_hybrid_address_never_says_its_town_again(lines: tuple[str, ...], city: str) -> None:
    """RULES §5.3: not even where the town is cut at 35 characters, or where lines that are joined make it up."""
    address = Address(lines=lines, postcode="51290", city=city)
    data = file(order(GENERAL_2019, transfer(creditor=creditor("FR", address=address)), addresses=AddressStyle.HYBRID))
    town = re.findall("<TwnNm>(.*?)</TwnNm>", data.decode())[-1]
    assert town not in re.findall("<AdrLine>(.*?)</AdrLine>", data.decode())
    assert check(data) == []


def test_the_preview_tells_where_and_why_a_text_changes() -> None:
    of = order(
        SEPA_2009,
        transfer(creditor=creditor(name="Œ" * 80), remittance="RF18 5390 0754 7034"),
        label="Été à Brest 2026",
    )
    told = {change.pointer: change for change in preview(of)}
    assert told["/transfers/0/creditor/name"].after == "Oe" * 35
    assert "70" in told["/transfers/0/creditor/name"].fr
    assert told["/label"].after == "Ete a Br"
    assert "/transfers/0/remittance" not in told


@pytest.mark.parametrize(
    "fields",
    [
        {"iban": None},
        {"account": "0123"},
        {"bank": {"clearing_system": "USABA"}},
        {"bank": {"clearing_system": "usaba", "clearing_code": "1"}},
    ],
)
def test_an_account_is_an_iban_or_else_a_number_and_a_code_has_its_system(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Creditor.model_validate({"name": "A", "iban": iban("DE"), **fields})


def test_an_account_without_iban_is_written_with_its_bank() -> None:
    of = paid_to(
        abroad(),
        bic=None,
        bank={
            "clearing_system": "USABA",
            "clearing_code": "021000021",
            "name": "Chase",
            "city": "New York",
            "country": "US",
        },
    )
    assert judge(of, TODAY) == []
    data = file(of).decode()
    assert (
        "<ClrSysMmbId><ClrSysId><Cd>USABA</Cd></ClrSysId><MmbId>021000021</MmbId></ClrSysMmbId><Nm>Chase</Nm>" in data
    )
    assert "<CdtrAcct><Id><Othr><Id>0123456789</Id></Othr></Id></CdtrAcct>" in data
    assert identifier(101) in data
