"""The sample files are what they say: made again alike, with right check digits, readable by the product."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from comptoir.access.model import Identity, NumberFormat, Terms
from comptoir.access.permissions import READY_MADE
from comptoir.catalogue.files import REFERENCE_TABLE
from comptoir.kernel.sheets import read_sheet
from comptoir.orders.imports import LINE_TABLE
from comptoir.parties.files import PARTY_TABLE
from comptoir.parties.model import VatTreatment
from comptoir.parties.rules import party_breaches
from tests.samples.make import FOLDER, make

ORDERS = (8, 60, 1000)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, made again."""
    folder = tmp_path_factory.mktemp("samples")
    make(folder)
    return folder


def _cells(path: Path) -> list[tuple[Any, ...]]:
    sheet: Any = load_workbook(path).active
    return [(cell.coordinate, cell.value, cell.data_type, cell.number_format) for row in sheet.rows for cell in row]


def test_making_them_again_gives_the_same(made: Path) -> None:
    names = {path.name for path in made.iterdir()}
    assert names == {path.name for path in FOLDER.iterdir() if path.suffix in {".csv", ".xlsx", ".json"}}
    for name in names:
        if name.endswith(".xlsx"):
            assert _cells(made / name) == _cells(FOLDER / name)
        else:
            assert (made / name).read_bytes() == (FOLDER / name).read_bytes()


def test_the_company_is_a_right_one() -> None:
    company = json.loads((FOLDER / "company.json").read_text("utf-8"))
    identity = Identity.model_validate(company["identity"])
    assert (identity.legal_form, identity.address.city) == ("SAS", "Brest")
    assert identity.siret
    assert identity.siren
    assert identity.vat_number == f"FR{(12 + 3 * int(identity.siren)) % 97:02d}{identity.siren}"
    assert identity.bank_accounts
    Terms.model_validate(company["terms"])
    NumberFormat.model_validate(company["numbering"])
    # An inspector is let in when one comes (FIS-07).
    assert {operator["profile"] for operator in company["operators"]} == set(READY_MADE) - {"inspector"}


@pytest.mark.parametrize(("name", "count"), [("customers", 50), ("suppliers", 12)])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_parties_are_right_and_varied(name: str, count: int, kind: str) -> None:
    reading = PARTY_TABLE.read(read_sheet((FOLDER / f"{name}.{kind}").read_bytes()))
    assert not reading.breaches
    parties = [entry.value for entry in reading.entries]
    assert not [breach for party in parties for breach in party_breaches(party)]
    assert len({party.code for party in parties}) == count
    assert all(party.address.lines and party.address.city for party in parties)
    assert all(party.contacts[0].email and party.contacts[0].phone for party in parties)
    if name == "suppliers":
        assert {party.currency for party in parties} == {"EUR", "USD", "GBP", "JPY"}
        return
    assert Counter(party.vat_treatment for party in parties)[VatTreatment.INTRA_COMMUNITY] == 6
    assert sum(not party.professional for party in parties) == 2
    names = [party.name for party in parties]
    for hostile in ("=HYPERLINK(", "<script>", 'Société "Le', "⚓", "Rindfleisch", "Erwan PRIGENT EI"):
        assert any(found.startswith(hostile) for found in names), hostile


def test_the_catalogue_has_300_references_and_all_currencies() -> None:
    for kind in ("csv", "xlsx"):
        reading = REFERENCE_TABLE.read(read_sheet((FOLDER / f"catalogue.{kind}").read_bytes()))
        assert not reading.breaches
        rows = [entry.value for entry in reading.entries]
        assert len({row.code for row in rows}) == 300
        assert {row.offer.currency for row in rows if row.offer} == {"EUR", "USD", "GBP", "JPY"}
        assert max(Counter(row.code for row in rows).values()) == 4


@pytest.mark.parametrize("lines", ORDERS)
def test_orders_read_alike_in_both_forms(lines: int) -> None:
    values = []
    for kind in ("csv", "xlsx"):
        reading = LINE_TABLE.read(read_sheet((FOLDER / f"order-{lines}.{kind}").read_bytes()))
        assert not reading.breaches
        values.append([entry.value for entry in reading.entries])
    assert values[0] == values[1]
    assert len(values[0]) == lines
    assert any(line.free for line in values[0])
    assert any(line.code is None for line in values[0])
    assert {line.vat_rate for line in values[0]} == {Decimal(20), Decimal("5.5")}


def test_the_faulty_order_is_faulty_where_it_says() -> None:
    reading = LINE_TABLE.read(read_sheet((FOLDER / "faulty-order.csv").read_bytes()))
    assert [(breach.code, breach.pointer) for breach in reading.breaches] == [
        ("greater_than", "/rows/2/D"),
        ("not_a_number", "/rows/3/F"),
    ]
    assert reading.entries[0].value.vat_rate == Decimal(33)
    assert reading.entries[1].value.supplier == "F999"
