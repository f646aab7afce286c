"""A supplier's file read through the API: supplier known by its numbers, lines mapped, duplicates seen (SUP-03)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from comptoir.docbase.items import file
from comptoir.docbase.model import FileKind, Owner
from comptoir.documents.facturx import facturx_xml
from comptoir.parties.model import Party
from comptoir.purchasing.commands import RecordSupplierInvoice
from comptoir.purchasing.model import SupplierDocument
from comptoir.purchasing.reading import NoReader, Reading, ReadOrderSupplierFile, ReadPartySupplierFile
from functions.render import app
from tests.golden import snapshots
from tests.unit.purchasing_support import Office, open_office
from tests.unit.suppliers_support import bought, french_supplier

CONTENT = snapshots.document(snapshots.goods(2))


class Bucket:
    """One file."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, key: str, most: int) -> bytes | None:
        return self.content if key == "base/x.xml" else None

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None:
        raise AssertionError("reading writes nothing")


class Reader:
    """The render function, asked directly."""

    def __init__(self, office: Office, content: bytes) -> None:
        self._services, self._bucket = office.world.services, Bucket(content)

    def render(self, task: Mapping[str, Any]) -> Mapping[str, Any]:
        if task["task"] == "read_supplier_invoice":
            return app.supplier_invoice(self._services, task, self._bucket)
        assert self._services.renderer is not None
        return self._services.renderer.render(task)


@pytest.fixture
def office() -> Office:
    """An office with a supplier that is the seller of the sample documents."""
    office = open_office()
    asked = french_supplier(code="PONANT", name="Comptoir du Ponant", siren="732829320")
    office.france = office.world.do(Party, asked)
    office.world.services = replace(office.world.services, renderer=Reader(office, facturx_xml(CONTENT)))
    return office


def filed(office: Office, owner: Owner, owned: str) -> str:
    """The file in a document base."""
    identifier = office.world.services.ids.new()
    told = {"title": "facture.xml", "author": "Anne", "sha256": "0" * 64, "size": 9, "key": "base/x.xml"}
    now = office.world.services.clock.now()
    office.world.services.store.transact(
        lambda tx: file(
            tx, office.world.company, identifier, owner, owned, FileKind.SUPPLIER_INVOICE, created_at=now, **told
        )
    )
    return identifier


def read(office: Office, request: ReadPartySupplierFile | ReadOrderSupplierFile) -> Reading:
    """What a file gives."""
    return office.world.do(Reading, request, "purchasing")


def test_what_is_read_can_be_recorded_as_it_is(office: Office) -> None:
    """SUP-03: read from CII; totals, VAT and due dates as the document says; then it is a duplicate."""
    name = filed(office, Owner.PARTY, office.france.id)
    reading = read(office, ReadPartySupplierFile(party=office.france.id, file=name))
    assert (reading.supplier, reading.recorded, reading.breaches) == (office.france.id, None, ())
    received = reading.received
    request = RecordSupplierInvoice(
        supplier=office.france.id,
        number=received.number,
        issue_date=received.issue_date,
        lines=reading.lines,
        vat=reading.vat,
        dues=reading.dues,
        format=received.format,
        file=name,
    )
    document = office.world.do(SupplierDocument, request, "purchasing")
    assert document.totals == CONTENT.totals
    assert document.sha256 == "0" * 64
    assert [each.due_date for each in document.instalments] == [received.due_date]
    again = read(office, ReadPartySupplierFile(party=office.france.id, file=name))
    assert again.recorded == document.id


def test_a_name_alone_is_no_proof(office: Office) -> None:
    """A supplier is known by SIREN, VAT number or IBAN; one of the same name is only told."""
    other = office.world.do(Party, french_supplier(code="AUTRE", name="Ponant Services"))
    office.world.services = replace(
        office.world.services, renderer=Reader(office, _without_numbers(facturx_xml(CONTENT)))
    )
    reading = read(office, ReadPartySupplierFile(party=other.id, file=filed(office, Owner.PARTY, other.id)))
    assert reading.supplier is None
    assert office.france.id in {each.supplier for each in reading.candidates}


def _without_numbers(xml: bytes) -> bytes:
    return xml.replace(b"732829320", b"999999999").replace(b"FR44999999999", b"FR00111111111")


def test_lines_are_mapped_to_the_products_of_the_order(office: Office) -> None:
    """Lines mapped by code or by their very words; what is not ordered stays without."""
    told = CONTENT.lines[0]
    order, _ = office.confirmed(
        bought(office.france, told.designation, str(told.quantity), "9.00", str(told.unit_price), "EUR")
    )
    name = filed(office, Owner.ORDER, order.id)
    reading = read(office, ReadOrderSupplierFile(order=order.id, file=name))
    assert reading.order == order.id
    [product] = office.products(order, office.france)
    assert [line.source for line in reading.lines] == [product.id, None]


def test_without_a_reader_it_is_said(office: Office) -> None:
    office.world.services = replace(office.world.services, renderer=None)
    name = filed(office, Owner.PARTY, office.france.id)
    with pytest.raises(NoReader):
        read(office, ReadPartySupplierFile(party=office.france.id, file=name))
