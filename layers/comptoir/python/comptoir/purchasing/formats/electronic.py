"""Electronic invoices read into one value: Factur-X, CII and UBL, checked against their schema first (SUP-03).

The XML counts, never what the PDF shows beside it (RULES §8); the bytes stay as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import facturx
from pydantic import ValidationError

from comptoir.catalogue.pricing import VatCategory
from comptoir.kernel.errors import Refused
from comptoir.kernel.explain import breaches
from comptoir.kernel.money import Money
from comptoir.kernel.text import unbroken
from comptoir.markup.safe_xml import refused, tree
from comptoir.purchasing.received import ReceivedFormat, ReceivedInvoice, ReceivedKind

LARGEST = 10_000_000
Terms = Mapping[str, Any]
_SIREN, _SIRET = "0002", "0009"
_CREDITS = frozenset({"381", "261", "262", "296", "308", "396", "420", "458", "502", "503", "532"})
"""UNTDID 1001 codes of credit notes among those of EN 16931."""

_NOTE = 4000


def read_invoice(data: bytes) -> ReceivedInvoice:
    """An invoice from the bytes of its file. Errors: `Refused`, with the line or the field and the reason."""
    pdf = data[:1024].lstrip().startswith(b"%PDF")
    xml = _embedded(data) if pdf else data
    root = tree(xml, LARGEST)
    try:
        flavor = facturx.get_flavor(root)
    except Exception as error:
        raise refused("unknown_format", *_UNKNOWN) from error
    format = ReceivedFormat.UBL if flavor.startswith("ubl") else ReceivedFormat.FACTURX if pdf else ReceivedFormat.CII
    try:
        terms = facturx.parse_ubl_cii_xml(root, flavor=flavor)
    except Exception as error:
        raise refused("schema", *_of_schema(error)) from error
    return _invoice(format, terms)


_UNKNOWN = (
    "Ce fichier n'est ni un Factur-X, ni une facture CII ou UBL.",
    "This file is neither a Factur-X nor a CII or UBL invoice.",
)


def _of_schema(error: Exception) -> tuple[str, str]:
    reason = unbroken(str(error))[:500]
    return f"Le XML ne suit pas son schéma : {reason}", f"The XML does not follow its schema: {reason}"


def _embedded(data: bytes) -> bytes:
    if len(data) > 4 * LARGEST:
        raise refused("file_too_large", "Le PDF dépasse 40 Mo.", "The PDF is larger than 40 MB.")
    try:
        name, xml = facturx.get_xml_from_pdf(data, check_xsd=False)
    except Exception as error:
        raise refused("pdf_unreadable", "Ce PDF ne se lit pas.", "This PDF cannot be read.") from error
    if not name:
        fr = "Ce PDF ne contient pas de facture électronique : saisissez-la."
        en = "This PDF holds no electronic invoice: enter it by hand."
        raise refused("no_xml_inside", fr, en)
    content: bytes = xml
    return content


def _invoice(format: ReceivedFormat, terms: Terms) -> ReceivedInvoice:
    currency = str(terms.get("BT-5", ""))
    try:
        return ReceivedInvoice.model_validate(_fields(format, terms, currency))
    except ValidationError as error:
        raise Refused(breaches(error)) from error


def _fields(format: ReceivedFormat, terms: Terms, currency: str) -> dict[str, Any]:
    def amount(term: str) -> Money | None:
        return _money(terms.get(term), currency)

    nothing = Money.zero(currency)
    seller, buyer = terms.get("BG-4", {}), terms.get("BG-7", {})
    credit = str(terms.get("BT-3", "")) in _CREDITS
    net, gross = amount("BT-109"), amount("BT-112")
    fields: dict[str, Any] = {
        "format": format,
        "kind": ReceivedKind.CREDIT_NOTE if credit else ReceivedKind.INVOICE,
        "number": terms.get("BT-1"),
        "issue_date": terms.get("BT-2"),
        "due_date": terms.get("BT-9"),
        "currency": currency,
        "sender": _sender(seller, terms),
        "buyer_siren": buyer.get("legal_identifier") if buyer.get("legal_identifier_schemeid") == _SIREN else None,
        "buyer_name": buyer.get("name"),
        "order_reference": terms.get("BT-13"),
        "payment_reference": terms.get("BT-83"),
        "payment_terms": terms.get("BT-20"),
        "note": "\n".join(note["BT-22"] for note in terms.get("BG-1", ()))[:_NOTE] or None,
        "corrects": tuple(before["BT-25"] for before in terms.get("BG-3", ()) if before.get("BT-25")),
        "lines": tuple(_line(line, currency) for line in terms.get("BG-25", ())),
        "vat": tuple(_vat(row, currency) for row in terms.get("BG-23", ())),
        "lines_net": amount("BT-106") or net,
        "allowances": amount("BT-107") or nothing,
        "charges": amount("BT-108") or nothing,
        "net": net,
        "vat_total": amount("BT-110") or nothing,
        "gross": gross,
        "prepaid": amount("BT-113") or nothing,
        "due": amount("BT-115") or gross,
    }
    return _positive(fields) if credit else fields


def _positive(fields: dict[str, Any]) -> dict[str, Any]:
    """A credit note told in negative amounts, as some do, turned the right way round."""
    gross = fields["gross"]
    if not gross or gross.amount >= 0:
        return fields
    turned = {name: -value if isinstance(value, Money) else value for name, value in fields.items()}
    lines = tuple(line | {"quantity": -line["quantity"], "net": -line["net"]} for line in fields["lines"])
    vat = tuple(row | {"base": -row["base"], "vat": -row["vat"]} for row in fields["vat"])
    return turned | {"lines": lines, "vat": vat}


def _sender(seller: Terms, terms: Terms) -> dict[str, Any]:
    legal = seller.get("legal_identifier")
    siren = legal if seller.get("legal_identifier_schemeid") == _SIREN else None
    siret = seller.get("identifiers", {}).get(_SIRET)
    return {
        "name": seller.get("name"),
        "siren": siren or (siret[:9] if siret else None),
        "siret": siret,
        "vat_number": seller.get("vat_identifier"),
        "country": seller.get("country_code"),
        "iban": terms.get("BT-84"),
        "bic": terms.get("BT-86"),
    }


def _line(line: Terms, currency: str) -> dict[str, Any]:
    base = _number(line.get("BT-149")) or Decimal(1)
    return {
        "position": line.get("BT-126"),
        "code": line.get("BT-155"),
        "buyer_code": line.get("BT-156"),
        "designation": line.get("BT-153"),
        "quantity": _number(line.get("BT-129")),
        "unit": line.get("BT-130"),
        "unit_price": (_number(line.get("BT-146")) or Decimal(0)) / base,
        "vat_category": _category(line.get("BT-151")),
        "vat_rate": _number(line.get("BT-152")) or Decimal(0),
        "net": _money(line.get("BT-131"), currency),
    }


def _vat(row: Terms, currency: str) -> dict[str, Any]:
    return {
        "category": _category(row.get("BT-118")),
        "rate": _number(row.get("BT-119")) or Decimal(0),
        "base": _money(row.get("BT-116"), currency),
        "vat": _money(row.get("BT-117"), currency),
    }


def _category(code: Any) -> str:
    """A category that we know; overseas ones (L, M) are charged as any other."""
    known = {category.value for category in VatCategory}
    return str(code) if code in known else VatCategory.STANDARD.value


def _number(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _money(value: Any, currency: str) -> Money | None:
    number = _number(value)
    return None if number is None else Money.of(number, currency)
