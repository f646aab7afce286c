"""Files of products: filled from the catalogue, every faulty cell told, all or nothing (OFF-04)."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from comptoir.catalogue.commands import CreateReference
from comptoir.catalogue.model import Reference, SupplierOffer
from comptoir.catalogue.price_requests import SavePrices
from comptoir.catalogue.prices import PriceBreak, Tariff
from comptoir.catalogue.pricing import ProductKind
from comptoir.kernel.money import Money
from comptoir.orders import rules
from comptoir.orders.imports import ImportOfferLines
from comptoir.orders.items import line_keys, read_lines
from comptoir.orders.model import (
    Order,
)
from comptoir.orders.quoting import GenerateQuote
from comptoir.orders.tasks import quote_to_render
from comptoir.parties.model import Party, PartyKind
from tests.unit.orders_support import Desk, customer_request, head, open_desk, refused
from tests.unit.test_orders_incoterms import BY_LINE, CFR
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def catalogue(desk: Desk) -> tuple[Reference, Party]:
    supplier = desk.world.do(Party, customer_request(code="FOURN", kinds=(PartyKind.SUPPLIER,), currency="USD"))
    offers = tuple(
        SupplierOffer(
            supplier=supplier.id,
            price=Decimal(price),
            currency="USD",
            incoterm="FOB",
            incoterm_place="Santos",
            valid_from=date(2026, month, 1),
        )
        for price, month in (("4.00", 1), ("5.50", 6), ("9.99", 12))
    )
    reference = CreateReference(
        code="CAFE-1", designation="Café moulu", sale_price=Decimal("12.34"), vat_rate=Decimal("5.5"), offers=offers
    )
    return desk.world.do(Reference, reference), supplier


def import_csv(order: Order, *rows: str) -> ImportOfferLines:
    return ImportOfferLines(order=order.id, file="\n".join(rows).encode(), filename="lignes.csv")


def test_a_file_fills_an_empty_table_from_the_catalogue(desk: Desk) -> None:
    """OFF-04, CAT-02: what a row leaves out comes from the reference; the most recent offer in force counts."""
    reference, supplier = catalogue(desk)
    order, version = desk.offer()
    request = import_csv(
        order,
        "Référence;Désignation;Quantité;Prix unitaire HT;Remise;TVA;Gratuit;Fournisseur;Prix d'achat;Nature",
        "cafe-1;;12;;;;;;;",
        "CAFE-1;Café à façon;1,5;10;10 %;20;;FOURN;3,25;",
        ";Fret maritime;1;850;;;;;;transport",
        ";Échantillon;2;;;;oui;;;",
    )
    reply = desk.world.execute_as("manager", request, version)
    order = Order.model_validate_json(reply.body)
    one, two, three, four = read_lines(desk.world.services.store, desk.world.company, order)
    assert (one.reference, one.designation, one.unit_price, one.vat_rate) == (
        reference.id,
        "Café moulu",
        Decimal("12.34"),
        Decimal("5.5"),
    )
    assert (one.supplier, one.purchase_price, one.purchase_currency, one.purchase_incoterm) == (
        supplier.id,
        Decimal("5.50"),
        "USD",
        "FOB",
    )
    assert (two.designation, two.quantity, two.discount_rate) == ("Café à façon", Decimal("1.5"), Decimal(10))
    assert (two.purchase_price, two.purchase_currency) == (Decimal("3.25"), "USD")
    assert (three.kind, three.unit_price) == (ProductKind.TRANSPORT, Decimal(850))
    assert (four.free, four.unit_price) == (True, Decimal(0))
    assert order.totals.net == Money.of(Decimal("12.34") * 12 + Decimal("13.50") + 850, "EUR")


def test_every_faulty_cell_is_told_and_nothing_is_imported(desk: Desk) -> None:
    """OFF-04."""
    catalogue(desk)
    order, version = desk.offer()
    request = import_csv(
        order,
        "Référence;Désignation;Quantité;Prix unitaire HT;Fournisseur;Prix d'achat",
        "INCONNUE;;1;;;",
        ";;beaucoup;1;;",
        ";Sans prix;1;;;",
        ";;-3;5;NUL;",
        "CAFE-1;;1;;;2,50",
        "CAFE-1;;1;;;",
    )
    assert refused(desk, request, version) == [
        ("not_a_number", "/rows/3/C"),
        ("greater_than", "/rows/5/C"),
        ("unknown_reference", "/rows/2/A"),
        ("price_missing", "/rows/4/D"),
        ("purchase_currency_missing", "/rows/6"),
    ]
    assert Order.model_validate_json(head(desk, order).body).lines == 0


def test_a_file_replaces_nothing(desk: Desk) -> None:
    order, version = desk.offer("1.00")
    with pytest.raises(rules.TableNotEmpty):
        desk.world.execute_as("manager", import_csv(order, "Désignation;Quantité", "A;1"), version)


def test_a_workbook_of_five_thousand_lines_is_one_transaction(desk: Desk) -> None:
    """OFF-04: all or nothing, in at most 25 chunks; one line more is refused."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["Désignation", "Quantité", "Prix unitaire HT"])
    for number in range(5000):
        sheet.append([f"Article nº {number} — façon «Ouessant»", number % 7 + 1, 1.25])
    body = io.BytesIO()
    workbook.save(body)
    order, version = desk.offer()
    request = ImportOfferLines(order=order.id, file=body.getvalue(), filename="lignes.xlsx")
    reply = desk.world.execute_as("manager", request, version)
    order = Order.model_validate_json(reply.body)
    assert (order.lines, reply.version) == (5000, version + 1)
    assert len(line_keys(desk.world.company, order)) == 25
    assert read_lines(desk.world.services.store, desk.world.company, order)[4999].designation.startswith(
        "Article nº 4999"
    )
    desk.world.execute_as("manager", GenerateQuote(order=order.id))
    event = {"company": desk.world.company, "order": order.id, "version": 1}
    assert len(quote_to_render(desk.world.services, event).lines) == 5000


def test_five_thousand_lines_are_refused_whole_for_one_cell_or_one_line_too_many(desk: Desk) -> None:
    """OFF-04: the fault of the last row is told alone, and nothing is imported."""
    order, version = desk.offer()
    rows = ["Désignation;Quantité;Prix unitaire HT", *(f"Article {n};{n % 7 + 1};1,25" for n in range(5000))]
    faulty = [*rows[:-1], "Article 4999;sept;1,25"]
    assert refused(desk, import_csv(order, *faulty), version) == [("not_a_number", "/rows/5001/B")]
    assert [code for code, _ in refused(desk, import_csv(order, *rows, "Un de trop;1;1"), version)] == [
        "too_many_lines"
    ]
    stored = head(desk, order)
    assert (Order.model_validate_json(stored.body).lines, stored.version) == (0, version)


def test_five_thousand_lines_bought_from_twenty_suppliers_are_one_transaction(desk: Desk) -> None:
    """OFF-04, OFF-09: every request and its treasury with them."""
    for number in range(20):
        name = f"Fournisseur {number}"
        desk.world.do(Party, customer_request(code=f"F{number}", name=name, kinds=(PartyKind.SUPPLIER,)))
    order, version = desk.offer()
    rows = (f"Article {n} de la criée;{n % 7 + 1};12,50;F{n % 20};8,25;EUR" for n in range(5000))
    heading = "Désignation;Quantité;Prix unitaire HT;Fournisseur;Prix d'achat;Devise d'achat"
    reply = desk.world.execute_as("manager", import_csv(order, heading, *rows), version)
    after = Order.model_validate_json(reply.body)
    assert (after.lines, len(after.suppliers), reply.version) == (5000, 20, version + 1)


def test_a_file_tells_incoterms_and_goods_and_transport_prices(desk: Desk) -> None:
    """OFF-04, OFF-06, OFF-07: two of the three prices are enough; goods that name the sale's incoterm follow it."""
    order, version = desk.offer(**CFR, transport=BY_LINE)
    request = import_csv(
        order,
        "Désignation;Quantité;Nature;Prix de la marchandise;Transport;Prix global;Incoterm;Lieu",
        "Café;1;;8;2;10;CFR;",
        "Thé;1;;;2,5;10;FOB;",
        "Cacao;1;;7;;10;;",
        "Poivre;1;;7;3;;;",
        "Sel;1;;;;4;;",
        "Livraison;1;service;50;;;DAP;Bastos",
    )
    reply = desk.world.execute_as("manager", request, version)
    order = Order.model_validate_json(reply.body)
    lines = read_lines(desk.world.services.store, desk.world.company, order)
    assert [(line.unit_price, line.transport_price, line.incoterm) for line in lines] == [
        (Decimal(8), Decimal(2), None),
        (Decimal("7.5"), Decimal("2.5"), None),
        (Decimal(7), Decimal(3), None),
        (Decimal(7), Decimal(3), None),
        (Decimal(4), Decimal(0), None),
        (Decimal(50), Decimal(0), "DAP"),
    ]
    assert [group.incoterm for group in order.figures.groups] == ["FOB", "CFR", "DAP"]


def test_prices_that_disagree_and_incoterms_that_do_not_fit_are_told_by_cell(desk: Desk) -> None:
    """OFF-04."""
    order, version = desk.offer(**CFR, transport=BY_LINE)
    request = import_csv(
        order,
        "Désignation;Quantité;Nature;Prix unitaire HT;Transport;Prix global;Incoterm;Lieu",
        "Café;1;;8;2;11;;",
        "Thé;1;;;12;10;;",
        "Cacao;1;;11;;10;;",
        "Poivre;1;;1;;;DAP;Bastos",
        "Camion;1;transport;1;1;;FOB;",
        "Livraison;1;service;1;;;DAP;",
        "Sel;1;;1;;;ABC;",
    )
    assert refused(desk, request, version) == [
        ("string_pattern_mismatch", "/rows/8/G"),
        ("prices_disagree", "/rows/2/F"),
        ("prices_disagree", "/rows/3/F"),
        ("prices_disagree", "/rows/4/F"),
        ("goods_incoterm", "/rows/5/G"),
        ("transport_price_unexpected", "/rows/6/E"),
        ("incoterm_below_sale", "/rows/6/G"),
        ("incoterm_place_missing", "/rows/7/H"),
    ]
    assert Order.model_validate_json(head(desk, order).body).lines == 0


def test_a_file_takes_the_prices_of_its_customer(desk: Desk) -> None:
    """OFF-04, CAT-04: the customer's own price for the quantity, before that of the catalogue."""
    reference, _ = catalogue(desk)
    breaks = (PriceBreak(price=Decimal(12)), PriceBreak(from_quantity=Decimal(10), price=Decimal(11)))
    tariff = Tariff(valid_from=date(2026, 1, 1), breaks=breaks)
    request = SavePrices(reference=reference.id, owner=desk.customer.id, tariffs=(tariff,))
    desk.world.execute_as("manager", request, 0)
    order, version = desk.offer()
    file = import_csv(order, "Référence;Quantité", "CAFE-1;9", "CAFE-1;10")
    order = Order.model_validate_json(desk.world.execute_as("manager", file, version).body)
    lines = read_lines(desk.world.services.store, desk.world.company, order)
    assert [line.unit_price for line in lines] == [Decimal(12), Decimal(11)]
