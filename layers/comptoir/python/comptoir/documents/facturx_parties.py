"""Who sells, who buys and who answers for the VAT, as EN 16931 names them (BG-4, BG-7, BG-11; RULES §7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comptoir.kernel.identity import Address
from comptoir.parties.snapshot import Buyer, Seller

Terms = dict[str, Any]
"""Business terms by their EN 16931 identifiers, as the factur-x package takes them."""

_ADDRESS_MAX = 125


def address_terms(address: Address) -> Terms:
    """Three lines at most, as the model has them; the country is always known."""
    lines = dict(zip(("addr_l1", "addr_l2", "addr_l3"), address.lines, strict=False))
    return {**lines, "postcode": address.postcode, "city": address.city, "country_code": address.country}


def _endpoint(routing: str | None, email: str | None) -> Terms:
    """The electronic address: in the French directory one that begins with the SIREN, an e-mail for others, or none."""
    if routing:
        return {"einvoicing_addr": routing, "einvoicing_addr_schemeid": "0225"}
    if email and len(email) <= _ADDRESS_MAX:
        return {"einvoicing_addr": email, "einvoicing_addr_schemeid": "EM"}
    return {}


def _registered(siren: str | None) -> Terms:
    return {"legal_identifier": siren, "legal_identifier_schemeid": "0002"} if siren else {}


def seller_terms(seller: Seller, outside: bool) -> Terms:
    """BG-4; outside the scope of VAT, or without a VAT number, the SIREN is the tax number (BR-O-02, BR-E-02)."""
    vat = None if outside else seller.vat_number
    group = seller.vat_group if not outside else None
    return {
        "name": seller.name,
        **_registered(seller.siren),
        "identifiers": _identifiers({"0009": seller.siret, "0231": group.siren if group else None}),
        **({"vat_identifier": vat} if vat else {"tax_identifier": seller.siren}),
        **address_terms(seller.address),
        **_endpoint(seller.siren, seller.email),
    }


def _identifiers(known: Mapping[str, str | None]) -> dict[str, str]:
    return {scheme: value for scheme, value in known.items() if value}


def representative_terms(seller: Seller) -> Terms | None:
    """BG-11: the tax representative; for a member of a VAT group the group (BR-FR-CO-15)."""
    found = seller.vat_group or seller.tax_representative
    if found is None:
        return None
    return {"name": found.name, "vat_identifier": found.vat_number, **address_terms(found.address)}


def buyer_terms(buyer: Buyer, outside: bool) -> Terms:
    """BG-7; outside the scope of VAT without a VAT number (BR-O-02)."""
    return {
        "name": buyer.name,
        **_registered(buyer.siren),
        "identifiers": _identifiers({"0009": buyer.siret if buyer.siren else None}),
        "vat_identifier": None if outside else buyer.vat_number,
        **address_terms(buyer.address),
        **_endpoint(buyer.routing_address or buyer.siren, buyer.email),
    }
