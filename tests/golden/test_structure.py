"""The PDFs as archives and machines want them: PDF/A-3B and Factur-X structure, same bytes on any day.

RULES §7.3: no veraPDF can be had from the registries, so its main rules are checked here with pypdf.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from datetime import datetime, tzinfo
from io import BytesIO
from typing import Any

import fpdf.fpdf
import fpdf.output
import pytest
from lxml import etree
from pypdf import PdfReader
from pypdf.generic import StreamObject

from comptoir.documents.facturx import facturx_xml, machine_readable
from comptoir.documents.render import render_document, render_quote
from tests.golden import cases
from tests.golden import snapshots as samples

NS = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    "schema": "http://www.aiim.org/pdfa/ns/schema#",
    "property": "http://www.aiim.org/pdfa/ns/property#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
DOCUMENTS = {
    "invoice": lambda: render_document(samples.document(samples.goods(20))),
    "credit note": lambda: render_document(samples.credit_note()),
    "hostile": lambda: render_document(samples.hostile()),
    "every script": lambda: render_document(samples.in_script(*samples.NAMES.values())),
    "quote": lambda: render_quote(samples.quote()),
    "final in dollars": lambda: render_document(cases.CASES["usd"](samples.FRENCH)),
}


def every_case() -> bytes:
    """Documents of every kind and VAT case, one after the other."""
    return b"".join(render_document(make(samples.FRENCH)) for make in (cases.CASES | cases.UNREADABLE).values())


@pytest.fixture(params=DOCUMENTS, scope="module")
def pdf(request: pytest.FixtureRequest) -> bytes:
    return DOCUMENTS[request.param]()


def trailer(reader: PdfReader) -> Any:
    """The trailer, whose entries pypdf types as mere objects."""
    return reader.trailer


def xmp(reader: PdfReader) -> etree._Element:
    packet: bytes = trailer(reader)["/Root"]["/Metadata"].get_data()
    return etree.fromstring(packet)


def test_file_frame(pdf: bytes) -> None:
    """Header with a binary comment, an identifier, no encryption, no script, no forbidden filter."""
    assert re.match(rb"%PDF-1\.[4-7]\n%[\x80-\xff]{4}", pdf)
    reader = PdfReader(BytesIO(pdf))
    assert len(trailer(reader)["/ID"]) == 2
    assert "/Encrypt" not in reader.trailer
    for forbidden in (b"/JavaScript", b"/Launch", b"/XFA", b"/LZWDecode", b"/Crypt", b"/SMask", b"/Annots"):
        assert forbidden not in pdf


def test_metadata_declare_pdfa_3b(pdf: bytes) -> None:
    """XMP part and conformance; no information dictionary that could say something else."""
    reader = PdfReader(BytesIO(pdf))
    tree = xmp(reader)
    assert tree.findtext(".//pdfaid:part", namespaces=NS) == "3"
    assert tree.findtext(".//pdfaid:conformance", namespaces=NS) == "B"
    title, author = (tree.findtext(f".//dc:{name}//rdf:li", namespaces=NS) for name in ("title", "creator"))
    assert title
    assert author
    assert title.endswith(author)
    assert tree.findtext(".//xmp:CreateDate", namespaces=NS) == "2026-11-21T09:30:15+00:00"
    assert "/Info" not in reader.trailer
    assert trailer(reader)["/Root"]["/Lang"] == "fr-FR"


def test_output_intent_has_a_true_profile(pdf: bytes) -> None:
    (intent,) = trailer(PdfReader(BytesIO(pdf)))["/Root"]["/OutputIntents"]
    profile = intent.get_object()["/DestOutputProfile"].get_object()
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert profile["/N"] == 3
    assert profile.get_data()[36:40] == b"acsp"


def test_every_font_is_embedded_and_readable(pdf: bytes) -> None:
    """Subsets with glyph map, widths and Unicode, so that text can be searched and copied."""
    for page in PdfReader(BytesIO(pdf)).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            face = font.get_object()
            (descendant,) = face["/DescendantFonts"]
            inner = descendant.get_object()
            assert "/ToUnicode" in face
            assert "/W" in inner
            assert isinstance(inner["/CIDToGIDMap"].get_object(), StreamObject)
            assert "/FontFile2" in inner["/FontDescriptor"].get_object()


@pytest.mark.parametrize("name", ["invoice", "credit note", "hostile"])
def test_xml_is_an_associated_file(name: str) -> None:
    """`factur-x.xml` under its name, related as alternative, dated, and declared in the XMP with its schema."""
    reader = PdfReader(BytesIO(DOCUMENTS[name]()))
    root = trailer(reader)["/Root"]
    (spec,) = (entry.get_object() for entry in root["/AF"])
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    stream = spec["/EF"]["/F"].get_object()
    assert names[0] == spec["/F"] == spec["/UF"] == "factur-x.xml"
    assert names[1].get_object() == spec
    assert spec["/AFRelationship"] == "/Alternative"
    assert stream["/Subtype"] == "/text/xml"
    assert stream["/Params"]["/ModDate"].startswith("D:20261121")
    assert stream["/Params"]["/Size"] == len(stream.get_data())
    tree = xmp(reader)
    fields = {
        tag: tree.findtext(f".//fx:{tag}", namespaces=NS) for tag in ("DocumentType", "DocumentFileName", "Version")
    }
    assert fields == {"DocumentType": "INVOICE", "DocumentFileName": "factur-x.xml", "Version": "1.0"}
    assert tree.findtext(".//fx:ConformanceLevel", namespaces=NS) == "EN 16931"
    assert tree.findtext(".//schema:namespaceURI", namespaces=NS) == NS["fx"]
    declared = {name.text for name in tree.iterfind(".//property:name", namespaces=NS)}
    assert declared == {"DocumentFileName", "DocumentType", "Version", "ConformanceLevel"}


def test_attachment_is_the_checked_xml() -> None:
    snapshot = samples.document(samples.goods(3))
    (attached,) = PdfReader(BytesIO(render_document(snapshot))).attachments["factur-x.xml"]
    assert attached == facturx_xml(snapshot)


@pytest.mark.parametrize("name", cases.UNREADABLE)
def test_what_en_16931_cannot_hold_is_a_plain_archive(name: str) -> None:
    """A TEST, a seller without any number, thousandths: PDF/A-3 without the marks of an electronic invoice."""
    snapshot = cases.UNREADABLE[name](samples.FRENCH)
    assert machine_readable(snapshot) == snapshot.test
    pdf = render_document(snapshot)
    assert b"/EmbeddedFiles" not in pdf
    assert xmp(PdfReader(BytesIO(pdf))).find(".//fx:DocumentType", namespaces=NS) is None


def test_a_quote_carries_no_invoice_marks() -> None:
    pdf = render_quote(samples.quote())
    assert b"/EmbeddedFiles" not in pdf
    assert xmp(PdfReader(BytesIO(pdf))).find(".//fx:DocumentType", namespaces=NS) is None


def test_same_bytes_in_another_process() -> None:
    """INV-06: hash seed, time zone and working folder change nothing."""
    program = (
        "import hashlib;from tests.golden import snapshots as s,test_structure as t;"
        "from comptoir.documents.render import *;"
        "print(hashlib.sha256(render_document(s.document(s.goods(20)))+render_quote(s.quote())+"
        "t.DOCUMENTS['every script']()+t.every_case())"
        ".hexdigest())"
    )
    here = hashlib.sha256(
        DOCUMENTS["invoice"]() + DOCUMENTS["quote"]() + DOCUMENTS["every script"]() + every_case()
    ).hexdigest()
    for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/Lima")):
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == here


def test_same_bytes_on_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document rendered again years later is the archived one, byte for byte."""

    class AnyDatetime(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, datetime)

    class Later(datetime, metaclass=AnyDatetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Later:
            return cls(2034, 5, 6, 7, 8, 9, tzinfo=tz)

    today = DOCUMENTS["invoice"]() + every_case()
    for module in (fpdf.fpdf, fpdf.output, sys.modules["facturx.facturx"]):
        monkeypatch.setattr(module, "datetime", Later)
    assert DOCUMENTS["invoice"]() + every_case() == today
