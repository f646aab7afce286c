"""The EN 16931 invoice that machines read, made by the factur-x package from a snapshot (INV-06, RULES §7).

Amounts come from the snapshot and are never computed again, except a line's allowance: what lies
between quantity × price and the line's net, so that BT-131 = BT-129 × BT-146 − BT-136 to the cent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from facturx import generate_xml

from comptoir.catalogue.pricing import PricedLine, VatCategory, VatRow
from comptoir.documents.invoice_view import settlement
from comptoir.documents.texts import TEXTS, Texts
from comptoir.documents.units import unit_code
from comptoir.invoicing.snapshot import DocumentKind, OperationNature, Snapshot
from comptoir.kernel.identity import Address
from comptoir.kernel.money import Money, plain
from comptoir.parties.snapshot import Buyer, Seller
from comptoir.treasury.model import PaymentMeans
from comptoir.treasury.phrases import PHRASES

Terms = dict[str, Any]
"""Business terms by their EN 16931 identifiers, as the factur-x package takes them."""

TYPES = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381", DocumentKind.CANCELLATION: "381"}
FRAMES = {OperationNature.GOODS: "B1", OperationNature.SERVICES: "S1", OperationNature.MIXED: "M1"}
# BT-8, when VAT falls due: at delivery for goods, on payment for services; a mixed invoice has no single answer.
CHARGEABLE = {OperationNature.GOODS: "29", OperationNature.SERVICES: "72"}
SUBJECTS = {
    "late_fee_40": "PMT",
    "late_penalty": "PMD",
    "no_discount": "AAB",
    "discount": "AAB",
    "legal_identity": "REG",
}
EXEMPTIONS = {
    VatCategory.REVERSE_CHARGE: "VATEX-EU-AE",
    VatCategory.INTRA_COMMUNITY: "VATEX-EU-IC",
    VatCategory.EXPORT: "VATEX-EU-G",
    VatCategory.OUTSIDE_SCOPE: "VATEX-EU-O",
}
FRANCHISE = ("293 B", "VATEX-FR-FRANCHISE")
NO_VAT_SHOWN = frozenset({VatCategory.OUTSIDE_SCOPE})
TRANSFER = "30"
_CODES = {
    PaymentMeans.TRANSFER: TRANSFER,
    PaymentMeans.CHEQUE: "20",
    PaymentMeans.CARD: "48",
    PaymentMeans.DIRECT_DEBIT: "59",
    PaymentMeans.CASH: "10",
}
# UNTDID 4461 by the first word of an instalment's means; what is not listed is "1", not defined.
MEANS = {words.casefold().split()[0]: _CODES[means] for said in PHRASES.values() for means, words in said.means.items()}
_NAME = 100
_ADDRESS_MAX = 125


def facturx_xml(snapshot: Snapshot) -> bytes:
    """The CII D22B XML of profile EN 16931, checked against its schema; the package raises on a breach."""
    xml: bytes = generate_xml(
        terms(snapshot), flavor="factur-x", level="en16931", check_xsd=True, check_schematron=False
    )
    return xml


def terms(snapshot: Snapshot) -> Terms:
    """The business terms of a snapshot; amounts positive for a credit note too (RULES §1.4)."""
    texts = TEXTS[snapshot.language]
    totals = snapshot.totals
    outside = any(row.category in NO_VAT_SHOWN for row in totals.rows)
    data: Terms = {
        "BT-1": snapshot.number,
        "BT-2": snapshot.issue_date,
        "BT-3": TYPES[snapshot.kind],
        "BT-5": snapshot.currency,
        "BT-8": "5" if _on_debits(snapshot) else CHARGEABLE.get(snapshot.nature),
        "BT-13": snapshot.customer_reference,
        "BT-14": snapshot.order_number,
        "BT-23": FRAMES[snapshot.nature],
        "BT-72": snapshot.delivery_date,
        "BG-1": _notes(snapshot, texts),
        "BG-3": _preceding(snapshot),
        "BG-4": _seller(snapshot.seller, outside),
        "BG-7": _buyer(snapshot.buyer, outside),
        "BG-13": {"name": snapshot.buyer.name, **_address(snapshot.buyer.delivery_address or snapshot.buyer.address)},
        "BG-23": [_vat_row(row) for row in totals.rows],
        "BG-25": [_line(line, texts) for line in snapshot.lines],
        "BT-106": _amount(totals.net),
        "BT-109": _amount(totals.net),
        "BT-110": _amount(totals.vat),
        "BT-112": _amount(totals.gross),
        "BT-115": _amount(totals.gross),
        **_payment(snapshot, texts),
    }
    return {term: value for term, value in data.items() if value}


def _amount(money: Money) -> str:
    return plain(money.amount)


def _rate(value: Decimal) -> str:
    """A percentage without useless zeros: BR-FR-DEC-04 counts its characters."""
    return plain(value.normalize())


def _on_debits(snapshot: Snapshot) -> bool:
    return any(mention.code == "vat_on_debits" for mention in snapshot.mentions)


def _notes(snapshot: Snapshot, texts: Texts) -> list[Terms]:
    """BG-1: each subject code once (BR-FR-06); what else is to be said goes without a code."""
    mentions = [(SUBJECTS.get(mention.code), mention.text) for mention in snapshot.mentions]
    if all(subject != "REG" for subject, _ in mentions):
        mentions.append(("REG", snapshot.seller.legal_line))
    if treatment := _treatment(snapshot):
        mentions.append(("BAR", treatment))
    mentions += [(None, text) for text in (snapshot.reason, snapshot.note) if text]
    notes: list[Terms] = []
    used: set[str] = set()
    for subject, text in mentions:
        coded = {"BT-21": subject} if subject and subject not in used else {}
        used |= set(coded.values())
        notes.append({**coded, "BT-22": text})
    return notes


def _treatment(snapshot: Snapshot) -> str:
    """The circuit of the document (BAR): a French firm is only B2B with its SIREN (BR-FR-11)."""
    buyer = snapshot.buyer
    abroad = buyer.address.country != "FR"
    if not buyer.professional:
        return "B2CINT" if abroad else "B2C"
    if abroad:
        return "B2BINT"
    return "B2B" if buyer.siren else ""


def _preceding(snapshot: Snapshot) -> list[Terms]:
    if snapshot.origin is None:
        return []
    return [{"BT-25": snapshot.origin.number, "BT-26": snapshot.origin.issue_date}]


def _address(address: Address) -> Terms:
    """Three lines at most, as the model has them; the country is always known."""
    lines = dict(zip(("addr_l1", "addr_l2", "addr_l3"), address.lines, strict=False))
    return {**lines, "postcode": address.postcode, "city": address.city, "country_code": address.country}


def _endpoint(siren: str | None, email: str | None) -> Terms:
    """The electronic address: the SIREN in the French directory, an e-mail for others, else none."""
    if siren:
        return {"einvoicing_addr": siren, "einvoicing_addr_schemeid": "0225"}
    if email and len(email) <= _ADDRESS_MAX:
        return {"einvoicing_addr": email, "einvoicing_addr_schemeid": "EM"}
    return {}


def _registered(siren: str | None) -> Terms:
    return {"legal_identifier": siren, "legal_identifier_schemeid": "0002"} if siren else {}


def _seller(seller: Seller, outside: bool) -> Terms:
    """BG-4; outside the scope of VAT the tax number replaces the VAT number (BR-O-02)."""
    tax = {"tax_identifier": seller.siren} if outside else {"vat_identifier": seller.vat_number}
    return {
        "name": seller.name,
        **_registered(seller.siren),
        "identifiers": {"0009": seller.siret} if seller.siret else {},
        **tax,
        **_address(seller.address),
        **_endpoint(seller.siren, seller.email),
    }


def _buyer(buyer: Buyer, outside: bool) -> Terms:
    return {
        "name": buyer.name,
        **_registered(buyer.siren),
        "vat_identifier": None if outside else buyer.vat_number,
        **_address(buyer.address),
        **_endpoint(buyer.siren, buyer.email),
    }


def _vat_row(row: VatRow) -> Terms:
    franchise = FRANCHISE[1] if row.exemption and FRANCHISE[0] in row.exemption else None
    return {
        "BT-116": _amount(row.base),
        "BT-117": _amount(row.vat),
        "BT-118": row.category.value,
        "BT-119": None if row.category in NO_VAT_SHOWN else _rate(row.rate),
        "BT-120": row.exemption,
        "BT-121": EXEMPTIONS.get(row.category, franchise),
    }


def _line(line: PricedLine, texts: Texts) -> Terms:
    """BG-25. A price is never negative (BR-27): its sign goes to the quantity. A free line costs nothing."""
    quantity, price = line.quantity, Decimal(0) if line.free else line.unit_price
    if price < 0:
        quantity, price = -quantity, -price
    name, _, more = line.designation.partition("\n")
    item = {
        "BT-126": str(line.position),
        "BT-129": plain(quantity),
        "BT-130": unit_code(line.unit),
        "BT-131": _amount(line.net),
        "BT-146": plain(price),
        "BT-151": line.vat_category.value,
        "BT-152": None if line.vat_category in NO_VAT_SHOWN else _rate(line.vat_rate),
        "BT-153": name[:_NAME],
        "BT-154": line.designation if more or len(name) > _NAME else None,
        "BT-155": line.code,
        "BG-27": _allowance(line, quantity * price, texts),
    }
    # The package looks into every term that it is given, empty or not.
    return {term: value for term, value in item.items() if value}


def _allowance(line: PricedLine, value: Decimal, texts: Texts) -> list[Terms]:
    base = Money.of(value, line.net.currency)
    if base == line.net:
        return []
    rated = {"base_amount": _amount(base), "rate": _rate(line.discount_rate)} if line.discount_rate else {}
    return [{"amount": _amount(base - line.net), **rated, "reason": texts.discount, "reason_code": "95"}]


def _payment(snapshot: Snapshot, texts: Texts) -> Terms:
    """Due date and means. BT-9 is the first due date, BT-20 says all of them in words."""
    words = settlement(snapshot, texts)
    if words:
        return {"BT-20": words}
    first = min(instalment.due_date for instalment in snapshot.instalments)
    schedule = "; ".join(f"{texts.day(i.due_date)}: {i.means} {texts.money(i.amount)}" for i in snapshot.instalments)
    return {"BT-9": first, "BT-20": schedule, **_means(snapshot)}


def _means(snapshot: Snapshot) -> Terms:
    """BG-16 of the first instalment: 58 for a SEPA transfer in euro, 30 for another, to a known account."""
    label = snapshot.instalments[0].means
    code = MEANS.get(label.casefold().split()[0], "1")
    account = snapshot.seller.bank_account
    if code != TRANSFER or account is None:
        return {"BT-81": "1" if code == TRANSFER else code, "BT-82": label}
    return {
        "BT-81": "58" if snapshot.currency == "EUR" else TRANSFER,
        "BT-82": label,
        "BT-83": snapshot.number,
        "BT-84": account.iban,
        "BT-85": account.holder,
        "BT-86": account.bic,
    }
