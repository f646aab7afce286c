"""Parties and references that are archived: kept where they are used, neither listed nor found (PTY-05, CAT-05)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comptoir.access.import_model import ImportMode
from comptoir.access.queries import Listing
from comptoir.catalogue.commands import CreateReference, ImportReferences, UpdateReference
from comptoir.catalogue.groupings import CreateGrouping, Grouping, UpdateGrouping
from comptoir.catalogue.model import Reference, ReferenceSummary
from comptoir.catalogue.queries import ListReferences, ReadReference
from comptoir.orders.commands import OpenOffer, SetOfferLines
from comptoir.orders.copying import CopyOrder
from comptoir.orders.imports import ImportOfferLines
from comptoir.orders.model import LineInput, Order
from comptoir.orders.supplier_commands import AddSupplierRequest
from comptoir.parties.commands import ImportParties, UpdateParty
from comptoir.parties.model import Party, PartySummary
from comptoir.parties.queries import ListParties
from comptoir.purchasing.buying import OpenPurchase
from tests.unit.orders_support import Desk, customer_request, inputs, open_desk, refused, update
from tests.unit.suppliers_support import Trade, bought, cost, open_trade
from tests.unit.test_catalogue_search import offer, reference
from tests.unit.test_catalogue_updates import party
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world)


@pytest.fixture
def trade(world: World) -> Trade:
    return open_trade(world)


def listed(world: World, **asked: Any) -> list[str]:
    request = ListReferences.model_validate(asked)
    return [each.code for each in world.do(Listing[ReferenceSummary], request).items]


def parties(world: World, **asked: Any) -> list[str]:
    return [each.code for each in world.do(Listing[PartySummary], ListParties.model_validate(asked)).items]


def archive(world: World, made: Reference, archived: bool = True, version: int = 1) -> Reference:
    request = UpdateReference.model_validate({"reference": made.id, "archived": archived})
    return world.do(Reference, request, if_match=version)


def test_an_archived_reference_is_in_a_list_of_its_own_and_comes_back(world: World) -> None:
    """CAT-05."""
    made = reference(world, "PAL-250", "Palan manuel", tags=["Levage"], sale_price="99.90")
    reference(world, "PAL-500", "Palan électrique")
    archive(world, made)
    assert listed(world) == listed(world, search="pal") == listed(world, kind="goods") == ["PAL-500"]
    assert listed(world, tag=["levage"]) == listed(world, price_to="100") == []
    assert listed(world, archived=True) == ["PAL-250"]
    assert world.do(Reference, ReadReference(reference=made.id)).archived
    archive(world, made, archived=False, version=2)
    assert listed(world) == listed(world, search="pal") == ["PAL-250", "PAL-500"]
    assert listed(world, archived=True) == []


def test_the_list_of_what_is_archived_has_no_filters() -> None:
    for query in (ListReferences, ListParties):
        with pytest.raises(ValueError, match="archived_unfiltered"):
            query.model_validate({"archived": True, "search": "palan"})


def test_an_archived_reference_stays_on_lines_and_comes_on_no_other(desk: Desk) -> None:
    """OFF-02, OFF-04: what was offered is kept, nothing new is."""
    world = desk.world
    made = world.do(Reference, CreateReference(code="PAL", designation="Palan", sale_price=Decimal(10)))
    named = LineInput(designation="Palan", reference=made.id, code="PAL", quantity=Decimal(1), unit_price=Decimal(10))
    order, version = desk.offer()
    version = world.execute_as("manager", SetOfferLines(order=order.id, lines=(named,)), version).version or 0
    archive(world, made)
    kept = tuple(line.change(quantity=Decimal(2)) for line in inputs(desk, order.change(lines=1)))
    request = SetOfferLines(order=order.id, lines=(*kept, named))
    assert refused(desk, request, version) == [("reference_archived", "/lines/1/reference")]
    world.execute_as("manager", SetOfferLines(order=order.id, lines=kept), version)
    empty, version = desk.offer()
    file = ImportOfferLines(order=empty.id, file="Référence;Quantité\nPAL;1".encode(), filename="lignes.csv")
    assert refused(desk, file, version) == [("reference_archived", "/rows/2/A")]


def test_a_grouping_holds_no_archived_reference(trade: Trade) -> None:
    """CAT-03."""
    world, suppliers = trade.desk.world, (trade.china, trade.france)
    made = [reference(world, f"LEV-{n}", "Levure", offers=[offer(party)]) for n, party in enumerate(suppliers)]
    members = [{"reference": r.id, "supplier": s.id} for r, s in zip(made, suppliers, strict=True)]
    request = CreateGrouping.model_validate({"designation": "Levure", "members": members})
    grouping = world.do(Grouping, request)
    archiving = UpdateReference.model_validate({"reference": made[0].id, "archived": True})
    assert refused(trade.desk, archiving, 2) == [("in_grouping", "/archived")]
    world.execute_as("manager", UpdateGrouping(grouping=grouping.id, members=()), 1)
    archive(world, made[0], version=3)
    assert refused(trade.desk, request) == [("reference_archived", "/members/0/reference")]


def test_nothing_new_begins_with_an_archived_party(trade: Trade) -> None:
    """PTY-05, OFF-01, OFF-11, CNF-05, SUP-01: what exists goes on."""
    world, desk = trade.desk.world, trade.desk
    other = world.do(Party, customer_request(code="AUTRE", name="Autre client", siren=None, vat_number="FR96552100554"))
    order, version = trade.offer()
    free = world.do(Order, OpenOffer(customer=other.id))
    for known in (trade.china, desk.customer):
        request = UpdateParty.model_validate({"party": known.id, "archived": True})
        world.execute_as("manager", request, 1)
    assert parties(world, search=desk.customer.name) == []
    assert sorted(parties(world, archived=True)) == sorted([trade.china.code, desk.customer.code])
    for opening in (OpenOffer(customer=desk.customer.id), CopyOrder(order=order.id)):
        assert refused(desk, opening) == [("party_archived", "/customer")]
    assert refused(desk, update(free, customer=desk.customer.id), 1) == [("party_archived", "/customer")]
    assert refused(desk, OpenPurchase(supplier=trade.china.id)) == [("party_archived", "/supplier")]
    freight = cost("Fret", "90.00")
    adding = AddSupplierRequest(order=free.id, supplier=trade.china.id, lines=(freight,))
    assert refused(desk, adding, 1) == [("party_archived", "/supplier")]
    line = bought(trade.china, "A", "1", "20.00", "11.50", "USD")
    assert refused(desk, SetOfferLines(order=free.id, lines=(line,)), 1) == [("party_archived", "/lines/0/supplier")]
    world.execute_as("manager", update(order, customer_reference="PO-7"), version)
    sent = trade.send(order, trade.china, *trade.products(order, trade.china), freight)
    world.execute_as("manager", sent, trade.version(order, trade.china))


def test_a_file_archives_and_brings_back(world: World) -> None:
    """PTY-05: a column of the files of parties and of references, filled or left alone."""
    reference(world, "PAL-250", "Palan manuel")
    party(world, "C1", name="Odet")
    for flag, left in (("oui", []), ("", []), ("non", ["PAL-250"])):
        rows = f"Code;Archivée\nPAL-250;{flag}\n".encode()
        world.execute_as("manager", ImportReferences(file=rows, filename="r.csv", mode=ImportMode.UPDATE))
        assert listed(world, search="palan") == left
    rows = "Code;Archivé\nC1;oui\n".encode()
    world.execute_as("manager", ImportParties(file=rows, filename="t.csv", mode=ImportMode.UPDATE))
    assert (parties(world, search="odet"), parties(world, archived=True)) == ([], ["C1"])
