"""The EN 16931 invoice that machines read, made by the factur-x package from a snapshot (INV-06, RULES §7).

Amounts come from the snapshot and are never computed again, except a line's allowance: what lies
between quantity × price and the line's net, so that BT-131 = BT-129 × BT-146 − BT-136 to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from facturx import generate_xml

from comptoir.catalogue.pricing import PricedLine, VatCategory, VatRow
from comptoir.documents.facturx_parties import Terms, address_terms, buyer_terms, representative_terms, seller_terms
from comptoir.documents.invoice_view import settlement
from comptoir.documents.texts import TEXTS, Texts
from comptoir.documents.units import unit_code
from comptoir.invoicing.snapshot import DocumentKind, InvoiceType, OperationNature, Origin, Snapshot
from comptoir.kernel.money import Money, exponent, plain
from comptoir.treasury.model import PaymentMeans
from comptoir.treasury.phrases import PHRASES

TYPES = {
    InvoiceType.STANDARD: "380",
    InvoiceType.FINAL: "380",
    InvoiceType.DOWN_PAYMENT: "386",
    InvoiceType.REPLACEMENT: "384",
}
TAKING_BACK = "381"
LETTERS = {OperationNature.GOODS: "B", OperationNature.SERVICES: "S", OperationNature.MIXED: "M"}
# BT-8, when VAT falls due: at delivery for goods, on payment for services; a mixed invoice has no single answer.
CHARGEABLE = {OperationNature.GOODS: "29", OperationNature.SERVICES: "72"}
SUBJECTS = {
    "late_fee_40": "PMT",
    "late_penalty": "PMD",
    "no_discount": "AAB",
    "discount": "AAB",
    "early_payment": "AAB",
    "legal_identity": "REG",
}
VAT_GROUP = "MEMBRE_ASSUJETTI_UNIQUE"
"""The note by which a member of a VAT group says so (BR-FR-CO-14)."""
NO_VAT_SHOWN = frozenset({VatCategory.OUTSIDE_SCOPE})
_CENT = Decimal("0.01")
TRANSFER = "30"
_UNDEFINED = "1"
_CODES = {
    PaymentMeans.TRANSFER: TRANSFER,
    PaymentMeans.CHEQUE: "20",
    PaymentMeans.CARD: "48",
    PaymentMeans.DIRECT_DEBIT: "59",
    PaymentMeans.CASH: "10",
    PaymentMeans.BILL_OF_EXCHANGE: "24",
    PaymentMeans.PROMISSORY_NOTE: "60",
    PaymentMeans.DOCUMENTARY_CREDIT: _UNDEFINED,
    PaymentMeans.DOCUMENTARY_COLLECTION: _UNDEFINED,
}
# UNTDID 4461 by the first word of an instalment's means; what is not listed is not defined.
MEANS = {words.casefold().split()[0]: _CODES[means] for said in PHRASES.values() for means, words in said.means.items()}
_NAME = 100


def machine_readable(snapshot: Snapshot) -> bool:
    """Whether EN 16931 can hold the document: of a seller that has its number, in amounts of two decimals at most."""
    seller, totals = snapshot.seller, snapshot.totals
    amounts = (totals.net, totals.vat, totals.gross, *(line.net for line in snapshot.lines))
    parts = (amount for row in totals.rows for amount in (row.base, row.vat))
    whole = all(amount.amount % _CENT == 0 for amount in (*amounts, *parts, snapshot.due))
    return whole and bool(seller.siren or seller.vat_number)


def facturx_xml(snapshot: Snapshot) -> bytes:
    """The CII D22B XML of profile EN 16931, checked against its schema; the package raises on a breach."""
    xml: bytes = generate_xml(
        terms(snapshot), flavor="factur-x", level="en16931", check_xsd=True, check_schematron=False
    )
    return xml


def terms(snapshot: Snapshot) -> Terms:
    """The business terms of a snapshot; amounts positive for a credit note too (RULES §1.4)."""
    texts = TEXTS[snapshot.language]
    totals, euro = snapshot.totals, snapshot.euro
    outside = any(row.category in NO_VAT_SHOWN for row in totals.rows)
    delivered = snapshot.buyer.delivery_address or snapshot.buyer.address
    data: Terms = {
        "BT-1": snapshot.number,
        "BT-2": snapshot.issue_date,
        "BT-3": TYPES[snapshot.invoice_type] if snapshot.kind is DocumentKind.INVOICE else TAKING_BACK,
        "BT-5": snapshot.currency,
        "BT-6": "EUR" if euro else None,
        "BT-8": _chargeable(snapshot),
        "BT-13": snapshot.customer_reference,
        "BT-14": snapshot.order_number,
        "BT-23": _frame(snapshot),
        "BT-72": snapshot.delivery_date,
        "BT-73": snapshot.period.start if snapshot.period else None,
        "BT-74": snapshot.period.end if snapshot.period else None,
        "BG-1": _notes(snapshot, texts),
        "BG-3": _preceding(snapshot),
        "BG-4": seller_terms(snapshot.seller, outside),
        "BG-7": buyer_terms(snapshot.buyer, outside),
        "BG-11": None if outside else representative_terms(snapshot.seller),
        "BG-13": {"name": snapshot.buyer.name, **address_terms(delivered)},
        "BG-23": [_vat_row(row) for row in totals.rows],
        "BG-25": [_line(line, texts) for line in snapshot.lines],
        "BT-106": _amount(totals.net),
        "BT-109": _amount(totals.net),
        "BT-110": _amount(totals.vat),
        "BT-111": _amount(euro.vat) if euro else None,
        "BT-112": _amount(totals.gross),
        "BT-113": _amount(snapshot.paid) if snapshot.paid else None,
        "BT-115": _amount(snapshot.due),
        **_payment(snapshot, texts),
    }
    return {term: value for term, value in data.items() if value}


def _frame(snapshot: Snapshot) -> str:
    """BT-23: what is sold, and whether it is the final invoice after a deposit (4), paid already (2) or neither."""
    kind = "1"
    if snapshot.deductions:
        kind = "4"
    elif snapshot.paid and not snapshot.due:
        kind = "2"
    return LETTERS[snapshot.nature] + kind


def _chargeable(snapshot: Snapshot) -> str | None:
    """BT-8: at the invoice's date by option, on payment of a deposit, else as the nature of the operation says."""
    if any(mention.code == "vat_on_debits" for mention in snapshot.mentions):
        return "5"
    if snapshot.invoice_type is InvoiceType.DOWN_PAYMENT:
        return "72"
    return CHARGEABLE.get(snapshot.nature)


def _amount(money: Money) -> str:
    """On the currency's grid, but never with more than two decimals (BR-DEC, BR-FR-DEC-01)."""
    return plain(money.amount if exponent(money.currency) >= _CENT else money.amount.quantize(_CENT))


def _rate(value: Decimal) -> str:
    """A percentage without useless zeros: BR-FR-DEC-04 counts its characters."""
    return plain(value.normalize())


def _notes(snapshot: Snapshot, texts: Texts) -> list[Terms]:
    """BG-1: each subject code once (BR-FR-06); what else is to be said goes without a code."""
    mentions = [(SUBJECTS.get(mention.code), mention.text) for mention in snapshot.mentions]
    if all(subject != "REG" for subject, _ in mentions):
        mentions.append(("REG", snapshot.seller.legal_line))
    if treatment := _treatment(snapshot):
        mentions.append(("BAR", treatment))
    if snapshot.seller.vat_group:
        mentions.append(("TXD", VAT_GROUP))
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
    """BG-3: the invoice that is taken back or replaced, exactly one (BR-FR-CO-04), else the deposits deducted."""
    about = snapshot.origin or snapshot.replaces
    before: Sequence[Origin] = (about,) if about else snapshot.deductions
    return [{"BT-25": each.number, "BT-26": each.issue_date} for each in before]


def _vat_row(row: VatRow) -> Terms:
    return {
        "BT-116": _amount(row.base),
        "BT-117": _amount(row.vat),
        "BT-118": row.category.value,
        "BT-119": None if row.category in NO_VAT_SHOWN else _rate(row.rate),
        "BT-120": row.exemption,
        "BT-121": row.vatex,
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
        paid = {"BT-9": snapshot.issue_date} if snapshot.paid and not snapshot.due else {}
        return {"BT-20": words, **paid}
    first = min(instalment.due_date for instalment in snapshot.instalments)
    schedule = "; ".join(f"{texts.day(i.due_date)}: {i.means} {texts.money(i.amount)}" for i in snapshot.instalments)
    return {"BT-9": first, "BT-20": schedule, **_means(snapshot)}


def _means(snapshot: Snapshot) -> Terms:
    """BG-16 of the first instalment: 58 for a SEPA transfer in euro, 30 for another, to a known account."""
    label = snapshot.instalments[0].means
    code = MEANS.get(label.casefold().split()[0], _UNDEFINED)
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
