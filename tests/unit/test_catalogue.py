"""The catalogue: references, supplier offers, VAT rates, lists, files (CAT-01, CAT-02, CAT-06, PTY-05)."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from comptoir.access.import_model import ImportReport, ImportState
from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import ContinueReferenceImport, CreateReference, ImportReferences, UpdateReference
from comptoir.catalogue.items import ReferenceCodeTaken, references_by_code
from comptoir.catalogue.model import Reference, ReferenceSummary
from comptoir.catalogue.pricing import ProductKind
from comptoir.catalogue.queries import ListReferences, ReadReference, ReadReferenceHistory, ReadReferenceImport
from comptoir.catalogue.vat import RATES, accepted, rates
from comptoir.kernel.cells import as_number
from comptoir.kernel.errors import Forbidden, NotFound, PreconditionRequired, Refused, VersionMismatch
from comptoir.parties.commands import ContinuePartyImport, CreateParty, ImportParties
from comptoir.parties.items import parties_by_code
from comptoir.parties.model import Party
from tests.world import World

SAMPLES = Path(__file__).parents[1] / "samples"
ROPE: dict[str, Any] = {"code": "COR-010", "designation": "Cordage Ø 10 mm", "unit": "bobine", "sale_price": "42.50"}


def create(world: World, **fields: Any) -> Reference:
    return world.do(Reference, CreateReference.model_validate(ROPE | fields), "purchasing")


def supplier(world: World, code: str, kind: str = "supplier") -> str:
    request = CreateParty.model_validate({"code": code, "name": f"Tiers {code}", "kinds": [kind], "address": {}})
    return world.do(Party, request).id


def offer(supplier: str, day: str, price: str = "10", **fields: Any) -> dict[str, Any]:
    return {"supplier": supplier, "price": price, "currency": "EUR", "valid_from": day} | fields


def refusal(world: World, **fields: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        create(world, **fields)
    return [(breach.code, breach.pointer) for breach in refused.value.breaches]


def listed(world: World, kind: ProductKind | None = None) -> list[str]:
    def pages() -> Iterator[str]:
        cursor = None
        while True:
            page = world.do(Listing[ReferenceSummary], ListReferences(kind=kind, cursor=cursor, limit=100))
            yield from (reference.code for reference in page.items)
            cursor = page.cursor
            if cursor is None:
                return

    return list(pages())


def test_the_most_recent_offer_comes_first_in_its_own_currency(world: World) -> None:
    """CAT-02."""
    first, second = supplier(world, "F1"), supplier(world, "F2", "provider")
    offers = [
        offer(first, "2025-01-01"),
        offer(second, "2026-06-01", "1500", currency="JPY"),
        offer(first, "2026-01-01"),
    ]
    reference = create(world, offers=offers)
    assert [(o.supplier, str(o.valid_from), o.currency) for o in reference.offers] == [
        (second, "2026-06-01", "JPY"),
        (first, "2026-01-01", "EUR"),
        (first, "2025-01-01", "EUR"),
    ]
    assert world.do(Reference, ReadReference(reference=reference.id)) == reference


def test_every_breach_of_a_reference_is_told_at_once(world: World, other: World) -> None:
    customer, maker, foreign = supplier(world, "C1", "customer"), supplier(world, "F1"), supplier(other, "F1")
    offers = [
        offer(customer, "2026-01-01"),
        offer(foreign, "2026-01-01"),
        offer(maker, "2026-02-01", valid_to="2026-01-31"),
        offer(maker, "2026-02-01"),
        offer(maker, "2026-02-01", minimum_quantity="100"),
    ]
    fields = {"vat_rate": "19.6", "net_weight": "2", "gross_weight": "1.9", "kind": "service", "stock_managed": True}
    assert refusal(world, offers=offers, **fields) == [
        ("vat_rate_unknown", "/vat_rate"),
        ("gross_below_net", "/gross_weight"),
        ("stock_of_goods_only", "/stock_managed"),
        ("unknown_supplier", "/offers/0/supplier"),
        ("unknown_supplier", "/offers/1/supplier"),
        ("ends_before_start", "/offers/2/valid_to"),
        ("duplicate_offer", "/offers/3/supplier"),
    ]
    assert not listed(world)


def test_two_references_never_share_a_code(world: World) -> None:
    create(world)
    with pytest.raises(ReferenceCodeTaken) as taken:
        create(world)
    assert (taken.value.code, taken.value.breaches[0].pointer) == ("reference_code_taken", "/code")
    second = create(world, code="COR-012")
    renamed = UpdateReference.model_validate(ROPE | {"reference": second.id, "code": "COR-014"})
    world.execute_as("purchasing", renamed, if_match=1)
    assert create(world, code="COR-012").id != second.id
    found = world.services.store.transact(lambda tx: references_by_code(tx, world.company, ["COR-014", "X"]))
    assert {code: reference.id for code, reference in found.items()} == {"COR-014": second.id}


def test_a_change_is_guarded_and_leaves_its_trace(world: World, other: World) -> None:
    """ACC-05, ACC-06."""
    reference = create(world)
    request = UpdateReference.model_validate(ROPE | {"reference": reference.id, "sale_price": "43"})
    with pytest.raises(PreconditionRequired):
        world.execute_as("purchasing", request)
    with pytest.raises(VersionMismatch):
        world.execute_as("purchasing", request, if_match=7)
    with pytest.raises(Forbidden):
        world.execute_as("sales", request, if_match=1)
    for unknown in (ReadReference(reference=reference.id), ReadReferenceHistory(reference=reference.id)):
        with pytest.raises(NotFound):
            other.execute_as("manager", unknown)
    world.wait(minutes=1)
    world.execute_as("purchasing", request, if_match=1)
    entries = world.do(Listing[HistoryEntry], ReadReferenceHistory(reference=reference.id)).items
    assert [(e.event, e.changes.get("/sale_price")) for e in entries] == [
        ("updated", ["42.50", "43"]),
        ("created", [None, "42.50"]),
    ]


def test_references_are_listed_by_code_and_kind(world: World) -> None:
    for code, kind in (("B", "goods"), ("A", "service"), ("C", "transport"), ("D", "goods")):
        create(world, code=code, kind=kind)
    assert listed(world) == ["A", "B", "C", "D"]
    assert listed(world, ProductKind.GOODS) == ["B", "D"]
    assert listed(world, ProductKind.SERVICE) == ["A"]


def test_accepted_vat_rates_are_those_of_the_list_dated() -> None:
    """CAT-06, RULES §2.3 (BR-FR-16)."""
    listed = {Decimal(text) for text in "0 0.9 1.05 1.75 2.1 5.5 7 8.5 9.2 9.6 10 13 19.6 20 20.6".split()}
    assert {rate.rate for rate in RATES} == listed
    assert all(rate.valid_to is None or rate.valid_from < rate.valid_to for rate in RATES)
    standard = [Decimal(text) for text in ("20.6", "19.6", "20")]
    for day, rate in ((date(2000, 3, 31), 0), (date(2000, 4, 1), 1), (date(2013, 12, 31), 1), (date(2014, 1, 1), 2)):
        assert [accepted(one, day) for one in standard] == [place == rate for place in range(3)]
    today = date(2026, 11, 21)
    assert listed - {rate.rate for rate in rates(today)} == {Decimal(7), Decimal("19.6"), Decimal("20.6")}


def file_of(data: bytes | str, **fields: Any) -> ImportReferences:
    content = base64.b64encode(data.encode() if isinstance(data, str) else data).decode()
    return ImportReferences.model_validate({"file": content, "filename": "catalogue"} | fields)


@pytest.fixture
def supplied(world: World) -> World:
    """The company with the suppliers of the samples."""
    content = base64.b64encode((SAMPLES / "suppliers.xlsx").read_bytes()).decode()
    world.execute_as("sales", ImportParties.model_validate({"file": content, "filename": "f.xlsx"}))
    return world


def _read_csv() -> dict[str, list[dict[str, str]]]:
    text = (SAMPLES / "catalogue.csv").read_text("utf-8-sig")
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(text), delimiter=";"):
        rows.setdefault(row["Code"], []).append(row)
    return rows


@pytest.mark.parametrize("name", ["catalogue.csv", "catalogue.xlsx"])
def test_the_sample_catalogue_is_imported_whole(supplied: World, name: str) -> None:
    """Every price and offer of the file stands in the catalogue, to the last digit."""
    report = supplied.do(ImportReport, file_of((SAMPLES / name).read_bytes()), "purchasing")
    assert (report.state, report.count, report.written) == (ImportState.DONE, 300, 300)
    expected = _read_csv()
    assert listed(supplied) == sorted(expected)
    makers = supplied.services.store.transact(
        lambda tx: parties_by_code(tx, supplied.company, [f"F{n:03d}" for n in range(1, 13)])
    )
    found = supplied.services.store.transact(lambda tx: references_by_code(tx, supplied.company, expected))
    for code, rows in expected.items():
        reference = found[code]
        assert reference.designation == rows[0]["Désignation"]
        assert reference.sale_price == as_number(rows[0]["Prix de vente"])
        offered = [row for row in rows if row["Fournisseur"]]
        starts = [offer.valid_from for offer in reference.offers]
        assert starts == sorted(starts, reverse=True)
        assert sorted((o.supplier, o.price, o.currency) for o in reference.offers) == sorted(
            (makers[row["Fournisseur"]].id, as_number(row["Prix d'achat"]), row["Devise d'achat"]) for row in offered
        )
    assert {offer.currency for reference in found.values() for offer in reference.offers} == {
        "EUR",
        "USD",
        "GBP",
        "JPY",
    }


def faults(world: World, data: bytes | str) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        world.execute_as("purchasing", file_of(data))
    assert not listed(world)
    return sorted((breach.code, breach.pointer) for breach in refused.value.breaches)


def test_the_faulty_sample_names_each_cell(supplied: World) -> None:
    assert faults(supplied, (SAMPLES / "faulty-catalogue.xlsx").read_bytes()) == [
        ("gross_below_net", "/rows/4/G"),
        ("not_a_number", "/rows/2/K"),
        ("unknown_supplier", "/rows/3/O"),
    ]


HEAD = "Code;Désignation;TVA;Fournisseur;Prix d'achat;Devise d'achat;Valable du\n"


def test_rows_of_one_code_are_one_reference(supplied: World) -> None:
    text = (
        HEAD + "A;Bouée;20;F001;10;EUR;01/01/2026\na;;;F006;1500;JPY;\nB;Ancre;20;;;;\nA;Bouée;;F001;9;EUR;01/06/2025\n"
    )
    assert supplied.do(ImportReport, file_of(text), "purchasing").count == 2
    found = supplied.services.store.transact(lambda tx: references_by_code(tx, supplied.company, ["A", "B"]))
    assert [(str(o.valid_from), o.currency) for o in found["A"].offers] == [
        ("2026-11-21", "JPY"),
        ("2026-01-01", "EUR"),
        ("2025-06-01", "EUR"),
    ]
    assert not found["B"].offers


def test_faults_across_rows_are_told_where_they_stand(supplied: World) -> None:
    text = HEAD + (
        "A;Bouée;33;F001;10;EUR;\n"  # a rate that is none
        "A;Autre;;F001;11;EUR;\n"  # another designation, and the same offer again
        "B;;20;F999;5;EUR;\n"  # no designation, an unknown supplier
        "C;Ancre;20;F002;;EUR;\n"  # an offer without its price
        "C;;;F998;7;EUR;\n"  # its second row is not blamed for it
        "D;Filet;20;F997;x;EUR;\n"  # a faulty row, with an unknown supplier too
    )
    assert faults(supplied, text) == [
        ("duplicate_offer", "/rows/3/D"),
        ("missing", "/rows/4/B"),
        ("missing", "/rows/5/E"),
        ("not_a_number", "/rows/7/E"),
        ("rows_differ", "/rows/3/B"),
        ("unknown_supplier", "/rows/4/D"),
        ("unknown_supplier", "/rows/6/D"),
        ("unknown_supplier", "/rows/7/D"),
        ("vat_rate_unknown", "/rows/2/C"),
    ]


def test_codes_in_use_are_told_even_of_faulty_rows(supplied: World) -> None:
    create(supplied, code="A")
    with pytest.raises(Refused) as refused:
        supplied.execute_as("purchasing", file_of("Code;Désignation;TVA\nA;Bouée;x\n"))
    assert [(b.code, b.pointer) for b in refused.value.breaches] == [
        ("not_a_number", "/rows/2/C"),
        ("reference_code_taken", "/rows/2/A"),
    ]


def test_an_import_is_read_as_what_it_is(supplied: World) -> None:
    job = supplied.do(ImportReport, file_of("Code;Désignation\nA;Bouée\n"), "purchasing").id
    assert job
    assert supplied.do(ImportReport, ReadReferenceImport(job=job), "purchasing").written == 1
    assert supplied.do(ImportReport, ContinueReferenceImport(job=job), "purchasing").state is ImportState.DONE
    with pytest.raises(NotFound):
        supplied.execute_as("purchasing", ContinuePartyImport(job=job))
    with pytest.raises(Forbidden):
        supplied.execute_as("sales", file_of("Code;Désignation\nB;Bouée\n"))
