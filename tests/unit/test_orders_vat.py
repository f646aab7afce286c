"""The VAT rate of an order's lines follows what the sale is: at home, abroad, franchise (PTY-02, CAT-06, OFF-02)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.commands import UpdateCompany
from comptoir.access.model import VatRegime
from comptoir.catalogue.pricing import VatCategory
from comptoir.kernel.identity import Address
from comptoir.orders import vat
from comptoir.orders.carriage import Transport, TransportDetail
from comptoir.orders.commands import OpenOffer, SetOfferLines, UpdateOffer
from comptoir.orders.copying import CopyOrder
from comptoir.orders.desk import LineProposal, ProposeLine, ReadOrderTotals
from comptoir.orders.items import read_lines
from comptoir.orders.margins import OrderTotals
from comptoir.orders.model import LineInput, Order, OrderLine
from comptoir.orders.supplier_model import SupplierRequest
from comptoir.orders.supplier_queries import ReadSupplierRequest
from comptoir.parties.model import Party, VatTreatment
from tests.unit.orders_support import Desk, change_customer, customer_request, inputs, open_desk, refused
from tests.unit.test_orders_imports import catalogue, import_csv
from tests.world import World

ABROAD = (VatTreatment.INTRA_COMMUNITY, VatTreatment.EXPORT, VatTreatment.REVERSE_CHARGE)
CIF = Transport(detail=TransportDetail.ORDER, transport_amount=Decimal(100))


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


WHERE = {VatTreatment.EXPORT: ("US", None), VatTreatment.INTRA_COMMUNITY: ("IE", "IE6388047V")}


def customer(desk: Desk, treatment: VatTreatment) -> Party:
    fields = abroad(treatment)
    return desk.world.do(Party, customer_request(code="AILLEURS").change(**fields))


def abroad(treatment: VatTreatment) -> dict[str, Any]:
    """What makes a customer one that is taxed so."""
    if treatment not in WHERE:
        return {"vat_treatment": treatment}
    country, number = WHERE[treatment]
    address = Address(lines=("1 Main Street",), city="Boston", country=country)
    return {"vat_treatment": treatment, "address": address, "vat_number": number, "siren": None, "siret": None}


def franchise(desk: Desk) -> None:
    regime = UpdateCompany(identity={"vat_regime": VatRegime.FRANCHISE})
    desk.world.execute_as("administrator", regime, 1)


def set_lines(desk: Desk, order: Order, version: int, *lines: LineInput) -> Order:
    return desk.world.do(Order, SetOfferLines(order=order.id, lines=lines), if_match=version)


def stored(desk: Desk, order: Order) -> tuple[OrderLine, ...]:
    return read_lines(desk.world.services.store, desk.world.company, order)


def rates(desk: Desk, order: Order) -> list[Decimal]:
    return [line.vat_rate for line in stored(desk, order)]


def warnings(desk: Desk, order: Order) -> list[str]:
    return [breach.code for breach in desk.world.do(OrderTotals, ReadOrderTotals(order=order.id)).warnings]


@pytest.mark.parametrize("treatment", list(VatTreatment))
def test_a_proposal_bears_the_rate_of_the_sale(desk: Desk, treatment: VatTreatment) -> None:
    """PTY-02: the catalogue's rate at home alone; what is bought at home keeps it."""
    reference, _ = catalogue(desk)
    order, _ = desk.offer(customer=customer(desk, treatment).id)
    line = desk.world.do(LineProposal, ProposeLine(order=order.id, reference=reference.id)).line
    home = treatment is VatTreatment.DOMESTIC
    assert line.vat_rate == (Decimal("5.5") if home else 0)
    assert line.purchase_vat_rate == (None if home else Decimal("5.5"))


def test_under_the_franchise_nothing_bears_vat(desk: Desk) -> None:
    """RULES §1.3: neither a proposal nor a line that tells no rate; one that tells it is refused."""
    franchise(desk)
    reference, _ = catalogue(desk)
    order, version = desk.offer()
    assert desk.world.do(LineProposal, ProposeLine(order=order.id, reference=reference.id)).line.vat_rate == 0
    order = set_lines(desk, order, version, LineInput(designation="A", quantity=Decimal(1), unit_price=Decimal(10)))
    assert rates(desk, order) == [0]
    taxed = LineInput(designation="A", quantity=Decimal(1), vat_rate=Decimal(20))
    wrong = refused(desk, SetOfferLines(order=order.id, lines=(taxed,)), version + 1)
    assert wrong == [("vat_in_franchise", "/lines/0/vat_rate")]


@pytest.mark.parametrize("treatment", ABROAD)
def test_lines_that_tell_no_rate_take_the_one_that_fits(desk: Desk, treatment: VatTreatment) -> None:
    """OFF-02, OFF-04: by hand and from a file, with a reference and without; a rate that is told stands."""
    reference, _ = catalogue(desk)
    for party, expected in ((customer(desk, treatment).id, [0, 0, 20]), (desk.customer.id, [Decimal("5.5"), 20, 20])):
        order, version = desk.offer(customer=party)
        lines = (
            LineInput(reference=reference.id, designation="Café", quantity=Decimal(1)),
            LineInput(designation="A", quantity=Decimal(1)),
            LineInput(designation="B", quantity=Decimal(1), vat_rate=Decimal(20)),
        )
        assert rates(desk, set_lines(desk, order, version, *lines)) == expected
        order, version = desk.offer(customer=party)
        request = import_csv(
            order, "Référence;Désignation;Quantité;Prix unitaire HT;TVA", "CAFE-1;;1;2;", ";A;1;2;", ";B;1;2;20"
        )
        assert rates(desk, desk.world.do(Order, request, if_match=version)) == expected


def test_a_line_that_is_sent_again_without_rate_keeps_its_own(desk: Desk) -> None:
    order, version = desk.offer("10")
    [line] = inputs(desk, order)
    order = set_lines(desk, order, version, line.change(vat_rate=Decimal("5.5")))
    again = LineInput(id=line.id, designation=line.designation, quantity=Decimal(3), unit_price=line.unit_price)
    assert rates(desk, set_lines(desk, order, version + 1, again)) == [Decimal("5.5")]


@pytest.mark.parametrize("treatment", ABROAD)
def test_another_customer_brings_the_rates_of_its_sale(desk: Desk, treatment: VatTreatment) -> None:
    """PTY-02: lines follow their references when the sale begins to bear VAT, or ceases to; nothing else changes."""
    reference, supplier = catalogue(desk)
    order, version = desk.offer(incoterm="CFR", incoterm_place="Boston", transport=CIF.change(vat_rate=Decimal(20)))
    entered = (
        LineInput(reference=reference.id, designation="Café", quantity=Decimal(2), unit_price=Decimal(10)),
        LineInput(designation="A", quantity=Decimal(1), unit_price=Decimal(10), supplier=supplier.id),
    )
    before = set_lines(desk, order, version, *entered)
    assert (before.totals.net.amount, before.totals.vat.amount) == (Decimal("130.00"), Decimal("23.10"))
    elsewhere = customer(desk, treatment)
    after = desk.world.do(Order, UpdateOffer(order=order.id, customer=elsewhere.id), if_match=version + 1)
    assert (after.totals.net.amount, after.totals.vat.amount) == (Decimal("130.00"), Decimal(0))
    assert rates(desk, after) == [0, 0]
    request = desk.world.do(SupplierRequest, ReadSupplierRequest(order=order.id, supplier=supplier.id))
    assert {row.rate for row in request.totals.rows} == {Decimal(20)}, "a domestic supplier charges VAT all the same"
    home = desk.world.do(Order, UpdateOffer(order=order.id, customer=desk.customer.id), if_match=version + 2)
    assert home.totals == before.totals
    assert rates(desk, home) == [Decimal("5.5"), 20]


def test_a_customer_that_is_taxed_otherwise_now_changes_its_offers_at_their_next_change(desk: Desk) -> None:
    order, version = desk.offer("100")
    change_customer(desk, **abroad(VatTreatment.EXPORT))
    after = desk.world.do(Order, UpdateOffer(order=order.id, message="Bonjour"), if_match=version)
    assert (after.zero_category, after.totals.gross.amount) == (VatCategory.EXPORT, Decimal("100.00"))


def test_off_11_a_copy_for_a_customer_abroad_bears_no_vat(desk: Desk) -> None:
    order, _ = desk.offer("100", incoterm="CFR", incoterm_place="Boston", transport=CIF)
    assert order.totals.vat.amount == Decimal("40.00")
    elsewhere = customer(desk, VatTreatment.EXPORT)
    copy = desk.world.do(Order, CopyOrder(order=order.id, customer=elsewhere.id))
    assert (copy.totals.vat.amount, rates(desk, copy)) == (Decimal(0), [Decimal(0)])
    back = desk.world.do(Order, CopyOrder(order=copy.id, customer=desk.customer.id))
    assert back.totals.vat.amount == Decimal("40.00")


def test_off_06_transport_told_for_the_order_bears_the_rate_of_the_sale(desk: Desk) -> None:
    offers = [
        OpenOffer(customer=party, incoterm="CFR", incoterm_place="Boston", transport=CIF)
        for party in (desk.customer.id, customer(desk, VatTreatment.EXPORT).id)
    ]
    costs = [
        desk.world.do(OrderTotals, ReadOrderTotals(order=desk.world.do(Order, offer).id)).order_costs
        for offer in offers
    ]
    assert [[cost.vat_rate for cost in each] for each in costs] == [[20], [0]]


def test_a_rate_that_the_sale_does_not_call_for_is_told_and_allowed(desk: Desk) -> None:
    abroad, version = desk.offer(customer=customer(desk, VatTreatment.EXPORT).id)
    taxed = LineInput(designation="A", quantity=Decimal(1), unit_price=Decimal(5), vat_rate=Decimal(20))
    set_lines(desk, abroad, version, taxed)
    assert warnings(desk, abroad) == ["vat_not_expected"]
    home, version = desk.offer()
    set_lines(desk, home, version, taxed, taxed.change(vat_rate=Decimal(0)))
    assert warnings(desk, home) == ["vat_missing"]
    set_lines(desk, home, version + 1, taxed)
    assert warnings(desk, home) == []


def test_a_purchase_rate_of_its_own_is_kept_when_the_sale_ceases_to_bear_vat() -> None:
    line = OrderLine(
        id="0" * 26, designation="A", quantity=Decimal(1), vat_rate=Decimal(20), purchase_vat_rate=Decimal(10)
    )
    [after] = vat.refitted(VatCategory.EXPORT, (line,), {})
    assert (after.vat_rate, after.purchase_vat_rate) == (Decimal(0), Decimal(10))
