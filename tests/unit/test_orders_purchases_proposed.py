"""What the catalogue proposes to a line: suppliers, offers, prices, measures (OFF-02, OFF-08, CAT-02 to CAT-04)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from comptoir.catalogue.commands import CreateReference
from comptoir.catalogue.groupings import CreateGrouping, Member
from comptoir.catalogue.model import Reference, SupplierOffer
from comptoir.kernel.exchange import ExchangeRate
from comptoir.orders.commands import SetOfferLines
from comptoir.orders.desk import LineProposal, ProposeLine, SetOrderRates
from comptoir.orders.imports import ImportOfferLines
from comptoir.orders.items import read_lines
from comptoir.orders.model import LineInput, Order, OrderLine
from comptoir.parties.model import Party, PartyKind
from comptoir.parties.snapshot import Language
from tests.unit.orders_support import Desk, customer_request, inputs, open_desk, refused
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


def suppliers(desk: Desk) -> list[Party]:
    kinds = (PartyKind.SUPPLIER,)
    return [desk.world.do(Party, customer_request(code=code, kinds=kinds)) for code in ("FOURN-A", "FOURN-B")]


def reference(desk: Desk, first: Party, second: Party) -> Reference:
    """A grouping: first supplier A, then B; an offer of the past, one to come, and one for large quantities."""

    def offer(of: Party, price: str, currency: str, start: date, **fields: Any) -> SupplierOffer:
        return SupplierOffer(supplier=of.id, price=Decimal(price), currency=currency, valid_from=start, **fields)

    offers = (
        offer(first, "4", "USD", date(2026, 1, 1), incoterm="EXW", incoterm_place="Cali"),
        offer(first, "5", "USD", date(2026, 6, 1), incoterm="FOB", incoterm_place="Buenaventura"),
        offer(
            first,
            "4.5",
            "USD",
            date(2026, 6, 1),
            incoterm="FCA",
            incoterm_place="Bogotá",
            minimum_quantity=Decimal(100),
        ),
        offer(second, "3", "GBP", date(2026, 9, 1)),
        offer(second, "2", "GBP", date(2026, 2, 1), valid_to=date(2026, 10, 31)),
        offer(first, "9", "USD", date(2026, 12, 1)),
    )
    return desk.world.do(
        Reference,
        CreateReference(
            code="CAFE-1",
            designation="Café moulu",
            designation_en="Ground coffee",
            designation_de="Gemahlener Kaffee",
            sale_price=Decimal("12.34"),
            vat_rate=Decimal("5.5"),
            net_weight=Decimal("0.25"),
            gross_weight=Decimal("0.27"),
            volume=Decimal("0.001"),
            offers=offers,
        ),
    )


def stored(desk: Desk, order: Order) -> OrderLine:
    [found] = read_lines(desk.world.services.store, desk.world.company, order)
    return found


def test_offers_in_force_are_proposed_the_most_recent_first_in_their_currency(desk: Desk) -> None:
    """CAT-02, CAT-03: the first supplier of the grouping by default, another one if told."""
    one, two = suppliers(desk)
    product = reference(desk, one, two)
    order, _ = desk.offer()
    found = desk.world.do(LineProposal, ProposeLine(order=order.id, reference=product.id), "sales")
    assert [(offer.price, offer.currency) for offer in found.offers] == [
        (Decimal(3), "GBP"),
        (Decimal(5), "USD"),
        (Decimal("4.5"), "USD"),
        (Decimal(4), "USD"),
    ]
    line = found.line
    assert (
        line.supplier,
        line.purchase_price,
        line.purchase_currency,
        line.purchase_incoterm,
        line.purchase_offer,
    ) == (
        one.id,
        Decimal(5),
        "USD",
        "FOB",
        date(2026, 6, 1),
    )
    assert (line.designation, line.unit_price, line.vat_rate) == ("Café moulu", Decimal("12.34"), Decimal("5.5"))
    assert (line.net_weight, line.gross_weight, line.volume) == (Decimal("0.25"), Decimal("0.27"), Decimal("0.001"))
    other = desk.world.do(LineProposal, ProposeLine(order=order.id, reference=product.id, supplier=two.id))
    assert (other.line.supplier, other.line.purchase_price, other.line.purchase_currency) == (two.id, Decimal(3), "GBP")


def test_a_reference_of_a_grouping_proposes_the_others_and_its_own_supplier(desk: Desk) -> None:
    """CAT-03: the references of the grouping are choices, the first by default; each has its supplier there."""
    one, two = suppliers(desk)
    first = reference(desk, one, two)
    offer = SupplierOffer(supplier=two.id, price=Decimal(4), currency="EUR", valid_from=date(2026, 1, 1))
    second = desk.world.do(Reference, CreateReference(code="CAFE-2", designation="Café", offers=(offer,)))
    members = (Member(reference=second.id, supplier=two.id), Member(reference=first.id, supplier=two.id))
    desk.world.execute_as("manager", CreateGrouping(designation="Café", members=members))
    order, _ = desk.offer()
    found = desk.world.do(LineProposal, ProposeLine(order=order.id, reference=first.id))
    assert (found.choices, found.line.supplier) == (members, two.id)
    told = desk.world.do(LineProposal, ProposeLine(order=order.id, reference=first.id, supplier=one.id))
    assert told.line.supplier == one.id


def test_a_proposal_speaks_the_language_of_the_order_and_its_currency(desk: Desk) -> None:
    """CAT-01, CAT-04: a price in another currency is told, not put on the line."""
    product = reference(desk, *suppliers(desk))
    order, _ = desk.offer(language=Language.ENGLISH, currency="USD")
    found = desk.world.do(LineProposal, ProposeLine(order=order.id, reference=product.id))
    assert (found.line.designation, found.line.unit_price) == ("Ground coffee", Decimal(0))
    assert found.sale_price is not None
    assert (found.sale_price.price, found.sale_price.currency) == (Decimal("12.34"), "EUR")


@pytest.mark.parametrize(("rate", "price"), [("1.0876", "13.42"), ("0.0501", "0.6182")])
def test_a_price_in_another_currency_is_converted_at_the_rate_of_the_order(desk: Desk, rate: str, price: str) -> None:
    """CAT-04, OFF-12: to the cent, or to four decimals below one; what the catalogue asks is told beside it."""
    product = reference(desk, *suppliers(desk))
    order, _ = desk.offer(language=Language.ENGLISH, currency="USD")
    told = ExchangeRate(base="EUR", quote="USD", rate=Decimal(rate), date=date(2026, 11, 20), source="BCE")
    desk.world.execute_as("sales", SetOrderRates(order=order.id, rates=(told,)), 1)
    found = desk.world.do(LineProposal, ProposeLine(order=order.id, reference=product.id))
    assert found.line.unit_price == Decimal(price)
    assert found.sale_price is not None
    assert (found.sale_price.price, found.sale_price.currency) == (Decimal("12.34"), "EUR")
    file = ImportOfferLines(order=order.id, file="Référence;Quantité\nCAFE-1;1".encode(), filename="lignes.csv")
    desk.world.execute_as("sales", file, 2)
    assert stored(desk, order.change(lines=1)).unit_price == Decimal(price)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.FRENCH, "Café moulu"),
        (Language.ENGLISH, "Ground coffee"),
        (Language.GERMAN, "Gemahlener Kaffee"),
        (Language.SPANISH, "Café moulu"),
    ],
)
def test_cat_01_a_designation_is_told_in_the_language_of_the_order(desk: Desk, language: Language, words: str) -> None:
    """In French where the catalogue has no words of it."""
    product = reference(desk, *suppliers(desk))
    order, _ = desk.offer(language=language)
    assert desk.world.do(LineProposal, ProposeLine(order=order.id, reference=product.id)).line.designation == words


def test_a_proposed_line_can_be_sent_as_it_is(desk: Desk) -> None:
    product = reference(desk, *suppliers(desk))
    order, version = desk.offer()
    found = desk.world.do(LineProposal, ProposeLine(order=order.id, reference=product.id, quantity=Decimal(100)))
    desk.world.execute_as("sales", SetOfferLines(order=order.id, lines=(found.line,)), version)
    after = stored(desk, order.change(lines=1))
    assert (after.purchase_price, after.purchase_incoterm, after.quantity) == (Decimal("4.5"), "FCA", Decimal(100))
    assert after.purchase_incoterm_place == "Bogotá"


def test_choosing_an_offer_fills_the_purchase_side(desk: Desk) -> None:
    """OFF-02, OFF-08: price, currency and incoterm come from it, for the quantity; then they may be changed."""
    one, two = suppliers(desk)
    product = reference(desk, one, two)
    order, version = desk.offer()

    def send(*lines: LineInput) -> OrderLine:
        nonlocal version
        reply = desk.world.execute_as("sales", SetOfferLines(order=order.id, lines=lines), version)
        version = reply.version or 0
        return stored(desk, Order.model_validate_json(reply.body))

    chosen = LineInput(designation="Café", quantity=Decimal(10), reference=product.id, purchase_offer=date(2026, 6, 1))
    line = send(chosen)
    assert (line.supplier, line.purchase_price, line.purchase_currency, line.purchase_incoterm) == (
        one.id,
        Decimal(5),
        "USD",
        "FOB",
    )
    assert line.purchase_incoterm_place == "Buenaventura"
    assert (line.net_weight, line.gross_weight, line.volume) == (Decimal("0.25"), Decimal("0.27"), Decimal("0.001"))
    [again] = inputs(desk, order.change(lines=1))
    assert send(again.change(purchase_price=Decimal("4.8"))).purchase_price == Decimal("4.8")
    [again] = inputs(desk, order.change(lines=1))
    other = {"purchase_incoterm": "DAP", "purchase_incoterm_place": "Brest"}
    line = send(again.change(supplier=two.id, purchase_offer=date(2026, 9, 1), **other))
    assert (line.purchase_price, line.purchase_currency) == (Decimal(3), "GBP")
    assert (line.purchase_incoterm, line.purchase_incoterm_place) == ("DAP", "Brest")
    line = send(LineInput(id=line.id, designation="Café", quantity=Decimal(1), reference=product.id))
    assert (line.purchase_price, line.supplier, line.net_weight) == (None, None, Decimal("0.25"))


def test_an_offer_that_is_not_there_is_told(desk: Desk) -> None:
    """OFF-02: an unknown date, another supplier's, or a quantity below its minimum."""
    one, two = suppliers(desk)
    product = reference(desk, one, two)
    order, version = desk.offer()
    fields = {"designation": "Café", "quantity": Decimal(1), "reference": product.id}
    unknown = LineInput.model_validate(fields | {"purchase_offer": date(2026, 3, 3)})
    others = LineInput.model_validate(fields | {"purchase_offer": date(2026, 6, 1), "supplier": two.id})
    request = SetOfferLines(order=order.id, lines=(unknown, others))
    assert refused(desk, request, version) == [
        ("unknown_offer", "/lines/0/purchase_offer"),
        ("unknown_offer", "/lines/1/purchase_offer"),
    ]
    large = SupplierOffer(
        supplier=one.id, price=Decimal(1), currency="EUR", valid_from=date(2026, 1, 1), minimum_quantity=Decimal(50)
    )
    bulk = desk.world.do(Reference, CreateReference(code="VRAC", designation="Vrac", offers=(large,)))
    line = LineInput.model_validate(fields | {"reference": bulk.id, "purchase_offer": date(2026, 1, 1)})
    request = SetOfferLines(order=order.id, lines=(line,))
    assert refused(desk, request, version) == [("below_minimum_quantity", "/lines/0/quantity")]
    found = desk.world.do(LineProposal, ProposeLine(order=order.id, reference=bulk.id))
    assert (found.line.supplier, found.line.purchase_price) == (one.id, None)


def test_measures_of_a_line_may_be_its_own(desk: Desk) -> None:
    """OFF-05: copied from the reference where the line leaves them out, so that totals read no reference."""
    product = reference(desk, *suppliers(desk))
    order, version = desk.offer()
    line = LineInput(designation="A", quantity=Decimal(4), reference=product.id, net_weight=Decimal(1))
    reply = desk.world.execute_as("sales", SetOfferLines(order=order.id, lines=(line,)), version)
    after = Order.model_validate_json(reply.body)
    assert (after.figures.net_weight, after.figures.gross_weight) == (Decimal(4), Decimal("1.08"))
    assert after.figures.unweighed == 0
