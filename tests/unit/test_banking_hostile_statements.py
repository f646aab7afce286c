"""Files that are no statements, or broken ones: refused with line and reason, never half read (TRS-04)."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.banking.formats.detect import read_statements
from comptoir.banking.statement import Statement
from comptoir.kernel.errors import Refused
from comptoir.markup import safe_xml
from tests.unit.statement_writers import IBAN, SPACE, WRITERS, camt, cfonb, mt940, table
from tests.unit.test_banking_statements import FORMATS, ORDINARY, refused

XML, RECORDS, SWIFT, CSV = camt(ORDINARY, "02"), cfonb(ORDINARY), mt940(ORDINARY), table(ORDINARY)
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">{_LAUGHS}]><Document xmlns="{SPACE}02">&l9;</Document>'


def attempted(data: bytes) -> tuple[Statement, ...]:
    """The statements of bytes, or none when they are refused; anything else than a refusal is raised."""
    with suppress(Refused):
        return read_statements(data)
    return ()


@FORMATS
def test_a_truncated_file_is_refused_wherever_it_ends(name: str) -> None:
    data = WRITERS[name](ORDINARY)
    for part in (0.3, 0.5, 0.8, 0.95):
        cut = data[: int(len(data) * part)]
        if name == "csv":
            # A table has no end: what is left of it counts, except a row that was cut.
            continue
        assert refused(cut)


@pytest.mark.parametrize(
    ("data", "code", "told"),
    [
        (XML[:-30], "xml_truncated", "Line"),
        (RECORDS[:-122], "statement_truncated", "record 07"),
        (SWIFT[: SWIFT.index(b":62F:")], "statement_truncated", ":62F:"),
        (BOMB.encode(), "xml_doctype", "Line 1"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml_doctype", "Line 1"),
        (("<a>" * 400 + "</a>" * 400).encode(), "xml_too_deep", "deeply"),
        (XML.decode().encode("utf-16"), "xml_encoding", "UTF-8"),
        (XML.replace(b"UTF-8", b"UTF-7"), "xml_encoding", "UTF-8"),
        (XML.replace(b"camt.053", b"camt.054"), "not_camt_053", "camt.054"),
        (b"<html><body/></html>", "no_statement", "no statement"),
        (XML.replace(b"CLBD", b"XXXX"), "balance_missing", "closing balance"),
        (XML.replace(b"12.34", b"12.345"), "too_many_decimals", "more decimals"),
        (XML.replace(b"12.34", b"1e3x"), "amount_unreadable", "1e3x"),
        (XML.replace(b"12.34", b"1e1"), "amount_unreadable", "1e1"),
        (XML.replace(b"12.34", b"1_2.34"), "amount_unreadable", "1_2.34"),
        (XML.replace(b"12.34", "١٢.٣٤".encode()), "amount_unreadable", "amount"),
        (XML.replace(b"12.34", b"NaN"), "amount_unreadable", "NaN"),
        (XML.replace(b"12.34", b"9" * 16), "amount_unreadable", "999"),
        (XML.replace(b"2026-11-02</Dt></BookgDt>", b"2026-13-02</Dt></BookgDt>"), "date_unreadable", "impossible date"),
        (XML.replace(b"DBIT</CdtDbtInd><Sts>", b"</CdtDbtInd><Sts>"), "sign_missing", "CdtDbtInd"),
        (XML.replace(b'<Ntry><Amt Ccy="EUR">12', b'<Ntry><Amt Ccy="USD">12'), "entry_currency", "in USD"),
        (XML.replace(b"1987.66", b"1987.67"), "balance_wrong", "a difference of EUR 0.01"),
        (RECORDS.replace(b"0000000005000{", b"0000000005001{"), "balance_wrong", "a difference of EUR -0.20"),
        (SWIFT.replace(b"EUR1987,66", b"EUR1987,60"), "balance_wrong", "EUR 1,987.66"),
        (CSV.replace(b"500,00", b"500,01", 1), "balance_wrong", "Line 4"),
        (RECORDS.replace(b"\r\n04", b"\r\n09", 1), "record_unknown", '"09"'),
        (RECORDS.split(b"\r\n", 1)[1], "record_outside", "Line 1"),
        (RECORDS.replace(b"0000000000123M", b"0000000000123?"), "amount_unreadable", "123?"),
        (RECORDS.replace(b"021126", b"321126", 1), "date_unreadable", "impossible date"),
        (RECORDS.replace(b"\r\n", b"x\r\n", 1), "record_length", "121"),
        (RECORDS.replace(b"07" + RECORDS[2:7], b"0799999"), "account_changes", "99999"),
        (SWIFT.replace(b":61:2611021102D12,34NTRF", b":61:rubbish"), "movement_unreadable", "rubbish"),
        (SWIFT.replace(b":60F:C", b":60F:X"), "balance_unreadable", "Line 4"),
        (b":25:x\r\n:20:y\r\n", "field_expected", "Line 1"),
        (CSV.replace(b"12,34", b"douze"), "not_a_number", "cell"),
        (CSV.replace(b"02/11/2026", b"32/11/2026"), "not_a_date", "cell"),
        (b"Nom;Ville\nA;B\n", "headings_missing", "headings"),
        (b"Date;Montant\n02/11/2026;\n", "amount_missing", "cell"),
        (b"Date;Montant\n", "no_statement", "no statement"),
        (b"", "file_empty", "empty"),
        (b"  \n ", "file_empty", "empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place_and_its_reason(data: bytes, code: str, told: str) -> None:
    found = refused(data)
    assert code in found, found
    assert told in found[code]


def test_every_fault_of_a_file_is_told() -> None:
    broken = RECORDS.replace(b"\r\n04", b"\r\n09", 1).replace(b"031126", b"991126")
    assert {"record_unknown", "date_unreadable"} <= refused(broken).keys()


def test_a_file_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused) as error:
        safe_xml.guard(XML, largest=100)
    assert [breach.code for breach in error.value.breaches] == ["file_too_large"]


def test_no_entity_of_a_file_is_ever_followed() -> None:
    data = XML.replace(b"VIR RECU", b"&secret;", 1)
    assert "xml_malformed" in refused(data)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([XML, RECORDS, SWIFT, CSV]), st.integers(0, 2**32))
def test_damaged_bytes_give_a_refusal_or_statements_that_add_up_and_nothing_else(data: bytes, seed: int) -> None:
    random, damaged = Random(seed), bytearray(data)
    for _ in range(random.randint(1, 8)):
        place = random.randrange(len(damaged) or 1)
        match random.randrange(3):
            case 0:
                damaged[place : place + 1] = bytes([random.randrange(256)])
            case 1:
                del damaged[place : place + random.randint(1, 200)]
            case _:
                damaged[place:place] = damaged[place // 2 :][:60]
    for each in attempted(bytes(damaged)):
        if each.opening and each.closing:
            assert each.opening.amount + each.movement == each.closing.amount


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=300).map(str.encode), st.just(f":20:{IBAN}".encode())))
def test_whatever_bytes_come_they_are_refused_or_read(data: bytes) -> None:
    attempted(data)
