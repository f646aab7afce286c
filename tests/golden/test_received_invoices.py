"""Invoices of suppliers read from Factur-X, CII and UBL: one value whatever the format, nothing on trust (SUP-03)."""

from __future__ import annotations

import copy
from contextlib import suppress
from decimal import Decimal
from typing import Any

import facturx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comptoir.documents.facturx import facturx_xml
from comptoir.documents.render import render_document
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money
from comptoir.purchasing.formats.electronic import read_invoice
from comptoir.purchasing.received import ReceivedFormat, ReceivedInvoice, ReceivedKind, arithmetic
from tests.golden import snapshots

INVOICE = snapshots.document(snapshots.goods(20))
XML = facturx_xml(INVOICE)


def ubl(xml: bytes) -> bytes:
    """The same document in the other syntax."""
    made: bytes = facturx.generate_ubl_xml(copy.deepcopy(facturx.parse_ubl_cii_xml(xml)), check_schematron=False)
    return made


def codes(data: bytes) -> list[str]:
    """Why a file is refused."""
    with pytest.raises(Refused) as caught:
        read_invoice(data)
    return [breach.code for breach in caught.value.breaches]


def without(received: ReceivedInvoice) -> dict[str, Any]:
    """What an invoice says, whatever its format."""
    return received.model_dump(exclude={"format"})


def test_one_invoice_reads_alike_in_every_format() -> None:
    """SUP-03: Factur-X, CII and UBL, the XML counting and not what the PDF shows."""
    told = {
        ReceivedFormat.CII: read_invoice(XML),
        ReceivedFormat.UBL: read_invoice(ubl(XML)),
        ReceivedFormat.FACTURX: read_invoice(render_document(INVOICE)),
    }
    assert {received.format for received in told.values()} == set(told)
    assert (
        without(told[ReceivedFormat.CII]) == without(told[ReceivedFormat.UBL]) == without(told[ReceivedFormat.FACTURX])
    )


def test_everything_that_counts_is_read() -> None:
    received = read_invoice(XML)
    assert (received.number, received.kind) == (INVOICE.number, ReceivedKind.INVOICE)
    assert (received.issue_date, received.currency) == (INVOICE.issue_date, "EUR")
    assert received.due_date == min(each.due_date for each in INVOICE.instalments)
    assert (received.net, received.vat_total, received.gross) == (
        INVOICE.totals.net,
        INVOICE.totals.vat,
        INVOICE.totals.gross,
    )
    assert received.sender.siren == INVOICE.seller.siren
    assert received.sender.iban == "FR7630006000011234567890189"
    assert received.order_reference == INVOICE.customer_reference
    assert [line.net for line in received.lines] == [line.net for line in INVOICE.lines]
    assert arithmetic(received) == []


@pytest.mark.parametrize("form", [lambda xml: xml, ubl])
def test_a_credit_note_tells_its_invoice_in_positive_amounts(form: Any) -> None:
    """CRN-13: supplier credit notes mirror ours."""
    received = read_invoice(form(facturx_xml(snapshots.credit_note())))
    assert received.kind is ReceivedKind.CREDIT_NOTE
    assert received.gross.amount > 0
    assert received.corrects
    assert arithmetic(received) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml_malformed"),
        (b"<Statement/>", "unknown_format"),
        (b"%PDF-1.7 but nothing else", "pdf_unreadable"),
        (XML[:-40], "xml_truncated"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml_doctype"),
        (XML.replace(b"<ram:TypeCode>380</ram:TypeCode>", b"<ram:Nonsense>380</ram:Nonsense>"), "schema"),
        (b"<a>" * 400 + b"</a>" * 400, "xml_too_deep"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_reason(data: bytes, code: str) -> None:
    """Issue 6: XML read from outside is parsed safely (entities, size, depth), with clear errors."""
    assert codes(data) == [code]


def test_a_pdf_without_xml_is_told_so(tmp_path: Any) -> None:
    from fpdf import FPDF

    paper = FPDF()
    paper.add_page()
    assert codes(bytes(paper.output())) == ["no_xml_inside"]


@pytest.mark.parametrize("field", ["lines_net", "net", "vat_total", "gross", "due"])
def test_a_total_that_does_not_add_up_is_named(field: str) -> None:
    """SUP-03: totals checked; the supplier's arithmetic is not taken on trust."""
    received = read_invoice(XML)
    wrong = received.change(**{field: getattr(received, field) + Money.of("0.02", "EUR")})
    assert f"/{field}" in [breach.pointer for breach in arithmetic(wrong)]


def test_a_line_worth_more_than_its_quantity_and_price_is_named() -> None:
    received = read_invoice(XML)
    first = received.lines[0]
    lines = (first.change(net=first.net + Money.of("5.00", "EUR")), *received.lines[1:])
    assert "/lines/0/net" in [breach.pointer for breach in arithmetic(received.change(lines=lines))]


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(0, len(XML)), byte=st.integers(0, 255))
def test_no_damage_to_a_file_is_a_crash(cut: int, byte: int) -> None:
    """Whatever one byte becomes, the file is read or refused by name."""
    damaged = XML[:cut] + bytes([byte]) + XML[cut + 1 :]
    with suppress(Refused):
        assert isinstance(read_invoice(damaged).gross.amount, Decimal)
