"""Statements read from every format into one value: round trips, what each format tells, what is refused (TRS-04)."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal

import mt940 as reference_reader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.banking.formats.detect import detect, read_statements
from comptoir.banking.statement import Statement, StatementFormat
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from tests.unit.statement_writers import IBAN, WRITERS, camt, cfonb, entry, mt940, statement, statements, table

FORMATS = pytest.mark.parametrize("name", WRITERS)
ORDINARY = statement(
    (
        entry(
            "-12.34",
            end_to_end="FA2026-1",
            text="VIR CORDERIES Facture 12",
            counterparty="Corderies",
            bank_reference="B1",
        ),
        entry("500", "2026-11-03", text="VIR RECU", counterparty="Morvan", counterparty_iban="DE89370400440532013000"),
        entry("500", "2026-11-03", text="VIR RECU"),
    )
)


def one(data: bytes, currency: str = "EUR") -> Statement:
    [found] = read_statements(data, currency)
    return found


def refused(data: bytes) -> dict[str, str]:
    """The codes of what is wrong with a file, with their sentences in English."""
    with pytest.raises(Refused) as error:
        read_statements(data)
    assert all(breach.fr != breach.en and breach.pointer for breach in error.value.breaches)
    return {breach.code: breach.en for breach in reversed(error.value.breaches)}


@FORMATS
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_statement_written_in_any_format_is_read_as_it_was(name: str, data: st.DataObject) -> None:
    currency = data.draw(st.sampled_from(["EUR", "USD"] if "120" in name else ["EUR", "USD", "XPF", "TND"]))
    wanted = data.draw(statements(least=1, currency=currency))
    found = one(WRITERS[name](wanted), currency)
    assert found.account == IBAN
    assert found.currency == currency
    assert found.opening is not None
    assert found.closing is not None
    assert (found.opening.amount, found.closing.amount) == (wanted.opening.amount, wanted.closing.amount)  # type: ignore[union-attr]
    for index, (got, was) in enumerate(zip(found.entries, wanted.entries, strict=True)):
        assert got.index == index
        assert (got.amount, got.booking_date, got.value_date) == (was.amount, was.booking_date, was.value_date)
        assert got.end_to_end == was.end_to_end
        # CFONB cuts a long text at the end of its label.
        assert got.text.replace(" ", "") == was.text.replace(" ", "")
        assert got.counterparty == was.counterparty
        assert name == "csv" or got.bank_reference == was.bank_reference


@pytest.mark.parametrize("currency", ["XPF", "TND"])
def test_amounts_of_cfonb_have_the_decimals_that_each_record_tells(currency: str) -> None:
    places = {"XPF": 0, "TND": 3}[currency]
    wanted = statement((entry("-1500", currency=currency), entry("7", currency=currency)), "100", currency)
    assert one(cfonb(wanted, decimals=places)).movement == Money.of(-1493, currency)
    assert one(cfonb(ORDINARY).replace(b"EUR2", b"EUR ")).movement == ORDINARY.movement


@FORMATS
def test_the_format_is_told_from_the_content(name: str) -> None:
    wanted = {"camt": StatementFormat.CAMT_053, "cfon": StatementFormat.CFONB_120, "mt94": StatementFormat.MT940}
    assert detect(WRITERS[name](ORDINARY)) is wanted.get(name[:4], StatementFormat.TABLE)


def test_several_statements_of_a_file_are_all_read() -> None:
    second = statement((entry("1", "2026-11-05"),), opening="1987.66", day="2026-11-05")
    for write in (cfonb, mt940):
        assert [len(each.entries) for each in read_statements(write(ORDINARY) + write(second))] == [3, 1]
    xml = camt(ORDINARY, "08").replace(b"</BkToCstmrStmt></Document>\n", b"")
    other = camt(second, "08").partition(b"</GrpHdr>")[2]
    assert [len(each.entries) for each in read_statements(xml + other)] == [3, 1]


def test_reversals_and_returns_keep_their_sign_and_their_reason() -> None:
    """A reversal is told as such; its sign is that of its effect on the account."""
    back = statement(
        (entry("12.34", reversal=True, return_reason="AC04", counterparty="Corderies"), entry("-5", reversal=True))
    )
    for data in (camt(back, "02"), camt(back, "08"), mt940(back)):
        found = one(data)
        assert [each.reversal for each in found.entries] == [True, True]
        assert [each.amount.amount for each in found.entries] == [Decimal("12.34"), Decimal(-5)]
    assert one(camt(back, "02")).entries[0].return_reason == "AC04"
    assert one(camt(back, "02")).entries[0].counterparty == "Corderies"


def test_only_booked_entries_of_camt_count() -> None:
    data = camt(ORDINARY, "02").replace(
        b"<Ntry>",
        b'<Ntry><Amt Ccy="EUR">9</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts></Ntry><Ntry>',
        1,
    )
    assert one(data).entries == one(camt(ORDINARY, "02")).entries


BATCH = b"""<NtryDtls><Btch><PmtInfId>ORDER-1</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>
<TxDtls><Refs><EndToEndId>F1</EndToEndId></Refs><Amt Ccy="EUR">10.00</Amt>
<RltdPties><Cdtr><Pty><Nm>A</Nm></Pty></Cdtr></RltdPties></TxDtls>
<TxDtls><Refs><EndToEndId>F2</EndToEndId></Refs><Amt Ccy="EUR">2.34</Amt></TxDtls></NtryDtls>
<AddtlNtryInf>VIR SEPA GROUPE</AddtlNtryInf>"""


def test_a_batch_keeps_its_payments_and_the_order_that_it_is_of() -> None:
    [batched] = one(_with_details(BATCH)).entries
    assert (batched.payment_id, batched.batch_count, batched.text) == ("ORDER-1", 2, "VIR SEPA GROUPE")
    assert [each.end_to_end for each in batched.details] == ["F1", "F2"]
    assert [each.amount for each in batched.details] == [Money.of("-10.00", "EUR"), Money.of("-2.34", "EUR")]
    assert batched.end_to_end is None


def _with_details(details: bytes) -> bytes:
    data = camt(statement((entry("-12.34"),)), "08")
    start, end = data.index(b"<NtryDtls>"), data.index(b"</Ntry>")
    return data[:start] + details + data[end:]


def test_exchange_and_charges_are_read() -> None:
    details = b"""<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">1.50</TtlChrgsAndTaxAmt></Chrgs><NtryDtls><TxDtls><AmtDtls>
    <InstdAmt><Amt Ccy="USD">13.00</Amt></InstdAmt></AmtDtls></TxDtls></NtryDtls>"""
    [found] = one(_with_details(details)).entries
    assert found.charges == Money.of("1.50", "EUR")
    assert found.original == Money.of(13, "USD")


def test_details_of_cfonb_feed_their_fields() -> None:
    records = cfonb(statement((entry("-12.34", text="VIR SEPA"),))).split(b"\r\n")
    told = [
        ("LIB", "suite"),
        ("REF", "REMISE-7"),
        ("CBE", "DE89370400440532013000"),
        ("MMO", "USD200000000001300"),
        ("ZZZ", "x"),
    ]
    more = [b"05" + records[1][2:45] + f"{code}{text:70}".encode() + b"  " for code, text in told]
    [found] = one(b"\r\n".join([*records[:2], *more, *records[2:]])).entries
    assert found.text == "VIR SEPA suite"
    assert (found.bank_reference, found.counterparty_iban) == ("REMISE-7", "DE89370400440532013000")
    assert found.original == Money.of(13, "USD")


GERMAN = "166?00GUTSCHR?20EREF+E2E-1?21SVWZ+Facture 12?30BYLADEM1001?31DE89370400440532013000?32Morvan ?33SARL"


@pytest.mark.parametrize(
    ("information", "name", "text"),
    [
        ("/EREF/E2E-1/ORDP//NAME/Morvan SARL/REMI/Facture 12", "Morvan SARL", "Facture 12"),
        (GERMAN, "Morvan SARL", "Facture 12"),
        ("VIREMENT RECU Facture 12", None, "VIREMENT RECU Facture 12"),
    ],
)  # fmt: skip
def test_field_86_is_understood_between_slashes_numbered_or_free(information: str, name: str | None, text: str) -> None:
    lines = [
        ":20:X",
        f":25:{IBAN}",
        ":28C:1",
        ":60F:C261101EUR1,00",
        ":61:2611021102C5,00NTRFNONREF",
        f":86:{information}",
    ]
    [found] = one("\r\n".join([*lines, ":62F:C261102EUR6,00", "-"]).encode()).entries
    assert (found.counterparty, found.text) == (name, text)
    assert found.end_to_end == (None if name is None else "E2E-1")


def test_pages_of_an_mt940_are_one_statement() -> None:
    head = f":20:X\r\n:25:{IBAN}\r\n:28C:7/"
    pages = [
        f"{head}1\r\n:60F:C261101EUR1,00\r\n:61:2611021102C5,00NTRFA\r\n:62M:C261102EUR6,00\r\n-\r\n",
        f"{head}2\r\n:60M:C261102EUR6,00\r\n:61:2611031103D2,00NTRFB\r\n:62F:C261103EUR4,00\r\n:86:Bonjour\r\n-\r\n",
    ]
    found = one("".join(pages).encode())
    assert [each.amount.amount for each in found.entries] == [Decimal(5), Decimal(-2)]
    assert found.sequence == "7"


def test_a_booking_date_falls_in_the_year_nearest_to_its_value_date() -> None:
    lines = (
        f":20:X\r\n:25:{IBAN}\r\n:28C:1\r\n:60F:C261231EUR0,\r\n:61:2612310102C5,00NTRFA\r\n:62F:C270102EUR5,00\r\n-"
    )
    [found] = one(lines.encode()).entries
    assert (found.value_date, found.booking_date) == (date(2026, 12, 31), date(2027, 1, 2))


@settings(max_examples=40, deadline=None)
@given(statements(least=1))
def test_mt940_is_read_as_another_reader_does(wanted: Statement) -> None:
    data = mt940(wanted)
    theirs = json.loads(json.dumps(reference_reader.parse(io.BytesIO(data)), cls=reference_reader.JSONEncoder))
    ours = one(data)
    assert [Decimal(each["amount"]["amount"]) for each in theirs["transactions"]] == [
        each.amount.amount for each in ours.entries
    ]
    assert [each["date"] for each in theirs["transactions"]] == [str(each.value_date) for each in ours.entries]
    assert [each["entry_date"] for each in theirs["transactions"]] == [str(each.booking_date) for each in ours.entries]


@pytest.mark.parametrize(
    ("rows", "amounts"),
    [
        ("Date;Libellé;Montant(EUROS)\n03/11/2026;A;1 234,50\n02/11/2026;B;-5\n", ["-5", "1234.50"]),
        ("Booking date,Description,Amount,Currency\n2026-11-02,A,-1.5,EUR\n2026-11-03,B,2,EUR\n", ["-1.5", "2"]),
        ("Date\tLibellé\tDébit\tCrédit\n02/11/2026\tA\t-5,00\t\n02/11/2026\tB\t\t7,00\n", ["-5", "7"]),
        ("Date;Libellé;Débit;Crédit\n02/11/26;A;5,00;\n", ["-5"]),
        ("x\n\nDate opération;Valeur;Débit;Crédit\n02/11/2026;03/11/2026;5,00;\n;;;\n", ["-5"]),
    ],
)
def test_tables_are_read_by_their_headings(rows: str, amounts: list[str]) -> None:
    found = one(rows.encode())
    assert [each.amount.amount for each in found.entries] == [Decimal(amount) for amount in amounts]
    assert found.opening is None


def test_a_table_of_one_day_is_put_in_order_by_its_balances() -> None:
    day = statement(tuple(entry(amount) for amount in ("5", "-7", "1")))
    assert [each.amount for each in one(table(day)).entries] == [each.amount for each in day.entries]


@pytest.mark.parametrize(
    "told", [IBAN, f"AGRIFRPP/{IBAN}", f"{IBAN}EUR", f"{IBAN[:4]} {IBAN[4:]}", f"AGRIFRPPXXX/{IBAN}EUR"]
)
def test_the_account_of_an_mt940_is_told_from_what_banks_write_around_it(told: str) -> None:
    assert one(mt940(ORDINARY).replace(IBAN.encode(), told.encode(), 1)).account == IBAN
