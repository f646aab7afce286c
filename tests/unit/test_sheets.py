"""Files of rows are read exactly, bounded, and every faulty cell is told (OFF-04, PTY-05)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from pydantic import Field

from comptoir.kernel.cells import CellFault, as_code, as_date, as_flag, as_number, as_rate, as_text, choice, several
from comptoir.kernel.errors import Refused
from comptoir.kernel.model import Model
from comptoir.kernel.money import Quantity, UnitPrice
from comptoir.kernel.sheets import Limits, letters, read_sheet
from comptoir.kernel.table import MOST_BREACHES, Column, Reading, Table, capped
from comptoir.kernel.text import Label


class Contact(Model):
    name: Label
    email: Label | None = None


class Row(Model):
    code: Label
    price: Annotated[UnitPrice, Field(ge=0)]
    quantity: Quantity = Decimal(1)
    day: date | None = None
    free: bool = False
    words: tuple[Label, ...] = ()
    contacts: tuple[Contact, ...] = ()


TABLE = Table(
    Row,
    [
        Column("code", "Référence", "Code", as_code, required=True),
        Column("price", "Prix unitaire", "Unit price", as_number, required=True),
        Column("quantity", "Quantité", "Quantity", as_number, also=("Qté",)),
        Column("day", "Date", "Day", as_date),
        Column("free", "Gratuit", "Free", as_flag),
        Column("words", "Mots", "Words", several(as_text)),
        Column("contacts.0.name", "Contact", "Contact name"),
        Column("contacts.0.email", "Courriel", "E-mail"),
    ],
)


def xlsx(*rows: tuple[Any, ...], change: Callable[[Any], None] | None = None) -> bytes:
    workbook = Workbook()
    sheet: Any = workbook.active
    for row in rows:
        sheet.append(row)
    if change:
        change(sheet)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def read(data: bytes | str) -> Reading[Row]:
    return TABLE.read(read_sheet(data.encode() if isinstance(data, str) else data))


def codes(reading: Reading[Row]) -> list[tuple[str, str | None]]:
    return [(breach.code, breach.pointer) for breach in reading.breaches]


CSV = "référence;PRIX UNITAIRE;Qte;date\r\nab-1;1 234,50;2;31/12/2026\r\n\r\n ab-2 ;0,5;;2026-01-02\r\n"


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.encode("cp1252"),
        CSV.encode("utf-16"),
        ("sep=;\r\n" + CSV).encode(),
        CSV.replace(";", "\t").encode(),
        CSV.replace("1 234,50", '"1 234,50"').replace("0,5", '"0,5"').replace(";", ",").encode(),
    ],
    ids=["utf8", "bom", "cp1252", "utf16", "sep", "tab", "comma"],
)
def test_every_usual_csv_reads_alike(data: bytes) -> None:
    reading = read(data)
    assert not reading.breaches
    assert [(e.row, e.value.code, e.value.price, e.value.quantity, e.value.day) for e in reading.entries] == [
        (2, "AB-1", Decimal("1234.50"), Decimal(2), date(2026, 12, 31)),
        (4, "AB-2", Decimal("0.5"), Decimal(1), date(2026, 1, 2)),
    ]


def test_quoted_delimiters_and_line_breaks_stay_in_their_cell() -> None:
    reading = read('Code;Words;Unit price\nA;"x; ""y"";\nz";1\n')
    assert reading.entries[0].value.words == ("x", '"y"', "z")


def test_every_faulty_cell_is_told_in_both_languages() -> None:
    reading = read(
        "Code;Prix unitaire;Qté;Date;Gratuit;Courriel\n;douze;1,23456;31/02/2026;bof;a@b\nA;-1;;;;\nB;2;;;;\n"
    )
    assert codes(reading) == [
        ("not_a_number", "/rows/2/B"),
        ("not_a_date", "/rows/2/D"),
        ("not_a_flag", "/rows/2/E"),
        ("missing", "/rows/2/A"),
        ("too_many_decimals", "/rows/2/C"),
        ("missing", "/rows/2"),
        ("greater_than_equal", "/rows/3/B"),
    ]
    assert reading.breaches[5].fr == "Ligne 2 : colonne « Contact » : champ obligatoire."
    assert reading.breaches[0].fr == (
        "Cellule B2, colonne « Prix unitaire » : un nombre est attendu, par exemple 1 234,50."
    )
    assert reading.breaches[0].en == 'Cell B2, column "Unit price": a number is expected, for example 1234.50.'
    assert [entry.row for entry in reading.entries] == [4]


def test_headings_are_settled_before_rows() -> None:
    reading = read("Code;Code;Inconnue;\nA;B;C;D\n")
    assert codes(reading) == [
        ("duplicate_column", "/rows/1/B"),
        ("unknown_column", "/rows/1/C"),
        ("missing_column", "/rows/1"),
        ("heading_missing", "/rows/2/D"),
    ]
    assert not reading.entries


def test_a_later_finding_is_shown_on_its_cell() -> None:
    from comptoir.kernel.errors import Breach

    entry = read("Code;Prix unitaire;Contact\nA;1;Zoé\n").entries[0]
    told = {
        p: entry.at(Breach(code="c", fr="Faux", en="Wrong", pointer=p)).pointer for p in ("/code", "/contacts/0", "/x")
    }
    assert told == {"/code": "/rows/2/A", "/contacts/0": "/rows/2/C", "/x": "/rows/2"}


def test_a_workbook_gives_exact_decimals_dates_padding_and_percentages() -> None:
    def change(sheet: Any) -> None:
        sheet["A2"].number_format = "00000"
        sheet["C2"].number_format = "0%"

    rows = (
        ("Code", "Prix unitaire", "Quantité", "Date", "Gratuit"),
        (1230, 0.1 + 0.2, 0.2, date(2026, 3, 1), True),
    )
    reading = read(xlsx(*rows, change=change))
    assert not reading.breaches
    value = reading.entries[0].value
    assert (value.code, value.price, value.quantity, value.day, value.free) == (
        "01230",
        Decimal("0.3"),
        Decimal(20),
        date(2026, 3, 1),
        True,
    )


def test_a_day_number_is_a_date() -> None:
    assert read(xlsx(("Code", "Prix unitaire", "Date"), ("A", 1, 46082))).entries[0].value.day == date(2026, 3, 1)


def test_a_formula_counts_for_its_stored_value_only() -> None:
    fresh = xlsx(("Code", "Prix unitaire"), ("A", "=1+1"), ("B", 3))
    assert codes(read(fresh)) == [("cell_without_value", "/rows/2/B")]
    stored = _rewritten(
        fresh,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>"),
    )
    assert [entry.value.price for entry in read(stored).entries] == [2, 3]


def test_an_error_value_is_a_fault() -> None:
    def change(sheet: Any) -> None:
        sheet["B2"].value, sheet["B2"].data_type = "#REF!", "e"

    assert codes(read(xlsx(("Code", "Prix unitaire"), ("A", 1), change=change))) == [
        ("cell_without_value", "/rows/2/B")
    ]


def _rewritten(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, change(old.read(entry)) if entry == name else old.read(entry))
    return target.getvalue()


def _refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as refused:
        read_sheet(data, limits or Limits())
    return refused.value.breaches[0].code


def test_a_file_of_another_kind_is_refused_not_read() -> None:
    good = xlsx(("Code",), ("A",))
    entity = _rewritten(good, "xl/workbook.xml", lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml)
    assert _refusal(good[:200]) == "xlsx_unreadable"
    assert _refusal(entity) == "xlsx_unreadable"
    assert _refusal(_rewritten(good, "xl/worksheets/sheet1.xml", lambda xml: xml[:80])) == "xlsx_unreadable"
    assert _refusal(_rewritten(good, "xl/workbook.xml", lambda _: b"")) == "xlsx_unreadable"
    assert _refusal(b'Code\n"A\n') == "csv_malformed"
    assert _refusal(b"Code\n\x81\n") == "encoding_unknown"
    assert _refusal(b" \n;;\n") == "file_empty"


def test_a_file_is_bounded_before_it_is_read() -> None:
    limits = Limits(size=20_000, unpacked=100_000, rows=3, columns=3)
    bomb = _rewritten(xlsx(("Code",)), "xl/styles.xml", lambda xml: xml + b" " * 1_000_000)
    assert _refusal(b"x" * 20_001, limits) == "file_too_large"
    assert len(bomb) < limits.size
    assert _refusal(bomb, limits) == "file_too_large"
    assert _refusal(b"a;b;c;d\n", limits) == "too_many_columns"
    assert _refusal(b"a\n1\n2\n3\n4\n", limits) == "too_many_rows"
    assert len(read_sheet(b"a\n1\n2\n3\n", limits).rows) == 3


def test_a_cell_far_away_costs_nothing() -> None:
    def change(sheet: Any) -> None:
        sheet["A1048576"] = "far"

    assert _refusal(xlsx(("Code",), ("A",), change=change), Limits(rows=100)) == "too_many_rows"


def test_letters_are_those_of_spreadsheets() -> None:
    assert [letters(n) for n in (1, 26, 27, 52, 53, 702, 703)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,50", "1234.50"),
        ("1\u202f234\u00a0567,5", "1234567.5"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1'234.5", "1234.5"),
        ("1,234", "1.234"),
        ("-0,5", "-0.5"),
        ("−3", "-3"),
        (",5", "0.5"),
        ("12,50 €", "12.50"),
    ],
)
def test_numbers_as_people_write_them(text: str, number: str) -> None:
    assert as_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "-", "1 23", "1,2,3", "12 %", "1e5", "NaN", "∞", "٣", "1.23,4.5", "9" * 41])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(CellFault):
        as_number(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**11), max_value=10**11))
def test_a_number_written_the_french_way_reads_back(value: Decimal) -> None:
    assert as_number(f"{value:,}".replace(",", "\u202f").replace(".", ",")) == value
    assert as_number(f"{value:f}") == value


@given(st.dates(min_value=date(1900, 3, 1)))
def test_a_date_reads_back_in_each_form(day: date) -> None:
    assert as_date(f"{day:%d/%m/}{day.year:04d}") == as_date(day.isoformat()) == day
    assert as_date(Decimal((day - date(1899, 12, 30)).days)) == day


def test_rates_flags_and_lists() -> None:
    assert as_rate("5,5 %") == Decimal("5.5")
    assert (as_flag("Oui"), as_flag("FAUX"), as_flag(Decimal(1)), as_flag(None)) == (True, False, True, None)
    read_kind = several(choice({"Client": "customer", "fournisseur": "supplier"}))
    assert read_kind("CLIENT, Fournisseur") == ["customer", "supplier"]
    with pytest.raises(CellFault):
        read_kind("client/fournisseur?")


def test_an_answer_names_no_more_cells_than_it_can_hold() -> None:
    reading = read("Code;Prix unitaire\n" + "A;x\n" * (MOST_BREACHES + 7))
    assert len(reading.breaches) == MOST_BREACHES + 7
    shown = capped(reading.breaches)
    assert len(shown) == MOST_BREACHES + 1
    assert shown[-1].fr.startswith("7 ")
