"""Incoterms of a sale: where each line stands, what may be entered, and what to warn of (OFF-06, OFF-07, RULES §10)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from comptoir.catalogue.incoterms import RULES, insured, level, mixed, place_breaches, place_missing
from comptoir.catalogue.pricing import LUMP_SUM, ProductKind, VatCategory
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import derived_id
from comptoir.kernel.money import exponent, quantize
from comptoir.orders.carriage import TransportDetail
from comptoir.orders.model import LineFields, OfferFields, Order, OrderLine
from comptoir.orders.route import Mode
from comptoir.orders.vat import NORMAL, fitting
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import labelled

_DESIGNATION = 4000
_TRANSPORT = {
    Language.FRENCH: "Transport",
    Language.ENGLISH: "Transport",
    Language.SPANISH: "Transporte",
    Language.GERMAN: "Transport",
}
_INSURANCE = {
    Language.FRENCH: "Assurance",
    Language.ENGLISH: "Insurance",
    Language.SPANISH: "Seguro",
    Language.GERMAN: "Versicherung",
}


def goods_incoterm(head: OfferFields) -> str | None:
    """The incoterm of the goods: the intermediate one when transport is told line by line, else the sale's."""
    by_line = head.transport.detail is TransportDetail.LINES
    return head.transport.intermediate_incoterm if by_line else head.incoterm


def line_incoterm(head: OfferFields, line: LineFields) -> str | None:
    """The incoterm on which a line stands (OFF-06, OFF-07)."""
    return goods_incoterm(head) if line.kind is ProductKind.GOODS else line.incoterm or head.incoterm


def place_of(head: OfferFields, incoterm: str | None) -> str | None:
    """The named place that the order's head gives to an incoterm."""
    if incoterm is not None and incoterm == head.transport.intermediate_incoterm:
        return head.transport.intermediate_place
    known = head.incoterm is not None and incoterm in (head.incoterm, insured(head.incoterm))
    return head.incoterm_place if known else None


def transport_of(designation: str, language: Language) -> str:
    """The designation of the transport of a goods line."""
    return labelled(_TRANSPORT[language], designation, language)[:_DESIGNATION]


def order_costs(order: Order) -> tuple[OrderLine, ...]:
    """Transport and insurance entered once for the order, as lines of their own (OFF-06).

    Insurance makes CFR a CIF, CPT a CIP. Their identifiers are the order's, so that invoices may take
    part of them.
    """
    transport, sale = order.transport, order.incoterm
    entered = (
        ("transport", ProductKind.TRANSPORT, _TRANSPORT, transport.transport_amount, sale),
        ("insurance", ProductKind.SERVICE, _INSURANCE, transport.insurance_amount, sale and insured(sale)),
    )
    return tuple(
        OrderLine(
            id=derived_id("order", order.id, what),
            designation=words[order.language],
            kind=kind,
            quantity=Decimal(1),
            unit=LUMP_SUM[order.language],
            unit_price=amount,
            vat_rate=fitting(order.zero_category, NORMAL) if transport.vat_rate is None else transport.vat_rate,
            incoterm=incoterm,
        )
        for what, kind, words, amount, incoterm in entered
        if amount
    )


def head_breaches(head: OfferFields, currency: str, zero: VatCategory) -> list[Breach]:
    """What is wrong with the incoterm of a sale and its detail of transport; `currency` is the order's."""
    found, transport = [], head.transport
    if head.incoterm and not head.incoterm_place:
        found.append(place_missing("/incoterm_place"))
    if transport.detail is not TransportDetail.NONE and not (head.incoterm and RULES[head.incoterm].carriage):
        fr = "Le transport ne se détaille que pour un incoterm qui le comprend (CFR, CPT, CIF, CIP, DAP, DPU, DDP)."
        en = "Transport is detailed for an incoterm that includes it only (CFR, CPT, CIF, CIP, DAP, DPU, DDP)."
        found.append(_breach("transport_not_included", fr, en, "/transport/detail"))
    if transport.detail is TransportDetail.LINES:
        found += _intermediate_breaches(head)
    found += _unexpected(head)
    for name in ("transport_amount", "insurance_amount"):
        amount = getattr(transport, name)
        if amount is not None and amount != quantize(amount, exponent(currency)):
            fr, en = f"Ce montant n'existe pas en {currency}.", f"There is no such amount in {currency}."
            found.append(_breach("off_currency_grid", fr, en, f"/transport/{name}"))
    if transport.detail is TransportDetail.ORDER and zero is VatCategory.EXEMPT and transport.vat_rate:
        fr = "La société est en franchise en base : le taux de TVA est 0 (art. 293 B du CGI)."
        en = "The company is under the VAT exemption scheme (franchise en base): the VAT rate is 0."
        found.append(_breach("vat_in_franchise", fr, en, "/transport/vat_rate"))
    return found


def _intermediate_breaches(head: OfferFields) -> list[Breach]:
    code, found = head.transport.intermediate_incoterm, []
    if code is None or RULES[code].carriage:
        fr = "L'incoterm intermédiaire est sans transport principal : EXW, FCA, FAS ou FOB."
        en = "The intermediate incoterm is one without main carriage: EXW, FCA, FAS or FOB."
        found.append(_breach("intermediate_incoterm", fr, en, "/transport/intermediate_incoterm"))
    if code and not head.transport.intermediate_place:
        found.append(place_missing("/transport/intermediate_place"))
    return found


_OF_DETAIL = {
    "intermediate_incoterm": TransportDetail.LINES,
    "intermediate_place": TransportDetail.LINES,
    "transport_amount": TransportDetail.ORDER,
    "insurance_amount": TransportDetail.ORDER,
}


def _unexpected(head: OfferFields) -> list[Breach]:
    """What belongs to the other way of telling transport."""
    fr, en = "Sans objet pour ce détail du transport.", "Not for this way of detailing transport."
    return [
        _breach("not_of_this_detail", fr, en, f"/transport/{name}")
        for name, detail in _OF_DETAIL.items()
        if getattr(head.transport, name) is not None and head.transport.detail is not detail
    ]


def line_breaches(head: OfferFields, lines: Sequence[LineFields]) -> list[Breach]:
    """What is wrong with the incoterms and transport prices of lines on an order of this head."""
    places: dict[str, str | None] = {}
    return [
        breach
        for number, line in enumerate(lines)
        for breach in one_line_breaches(head, line, places, f"/lines/{number}")
    ]


def one_line_breaches(head: OfferFields, line: LineFields, places: dict[str, str | None], at: str = "") -> list[Breach]:
    """What is wrong with a line's incoterm and transport price; `places` gathers the place of each incoterm."""
    found = []
    by_line = head.transport.detail is TransportDetail.LINES and line.kind is ProductKind.GOODS and not line.free
    if line.transport_price and not by_line:
        fr = "Seule une marchandise vendue a un prix de transport, quand l'offre le détaille ligne à ligne."
        en = "Only goods that are sold have a transport price, when the offer tells it line by line."
        found.append(_breach("transport_price_unexpected", fr, en, f"{at}/transport_price"))
    if line.incoterm is None:
        return [*found, *place_breaches(None, line.incoterm_place, f"{at}/")]
    if line.kind is ProductKind.GOODS:
        fr, en = "Les marchandises suivent l'incoterm de vente.", "Goods follow the sale incoterm."
        return [*found, _breach("goods_incoterm", fr, en, f"{at}/incoterm")]
    return [*found, *_above(head, line, line.incoterm, places, at)]


def _above(head: OfferFields, line: LineFields, incoterm: str, places: dict[str, str | None], at: str) -> list[Breach]:
    """A service stands on the goods' incoterm or above it, transport on the sale's or above it (OFF-07)."""
    least = goods_incoterm(head) if line.kind is ProductKind.SERVICE else head.incoterm
    if least is None:
        fr, en = "L'offre n'a pas d'incoterm de vente.", "The offer has no sale incoterm."
        return [_breach("sale_incoterm_missing", fr, en, f"{at}/incoterm")]
    if level(incoterm) < level(least):
        fr, en = f"L'incoterm de cette ligne est au moins {least}.", f"The incoterm of this line is {least} or above."
        return [_breach("incoterm_below_sale", fr, en, f"{at}/incoterm")]
    place, own = line.incoterm_place, place_of(head, incoterm)
    first = places.setdefault(incoterm, own or place)
    if place is None and own is None:
        return [place_missing(f"{at}/incoterm_place")]
    if place and place != first:
        fr = f"L'incoterm {incoterm} a déjà un autre lieu dans cette offre : {first}."
        en = f"The incoterm {incoterm} already has another place in this offer: {first}."
        return [_breach("incoterm_two_places", fr, en, f"{at}/incoterm_place")]
    return []


def warnings(order: Order) -> list[Breach]:
    """What the incoterms of an order call to watch without forbidding it (RULES §10)."""
    codes = [group.incoterm for group in order.figures.groups] or [order.incoterm]
    found, at = [], mixed([*codes, order.incoterm])
    if at:
        told = ", ".join(at)
        fr = f"Incoterms maritimes et multimodaux mêlés au même stade : {told}."
        en = f"Sea-only and any-mode incoterms mixed at one stage: {told}."
        found.append(_breach("incoterms_mixed", fr, en, "/incoterm"))
    if "EXW" in codes and order.zero_category in (VatCategory.EXPORT, VatCategory.INTRA_COMMUNITY):
        fr = "EXW pour un client étranger : sans preuve de l'expédition, l'exonération de TVA est fragile (CGI 262 I)."
        en = "EXW for a foreign buyer: without proof of shipment the VAT exemption is fragile (CGI 262 I)."
        found.append(_breach("exw_foreign_buyer", fr, en, "/incoterm"))
    found += _of_route(order, [code for code in dict.fromkeys(codes) if code and RULES[code].sea])
    if "DDP" in codes:
        fr = "DDP : le vendeur peut devoir s'immatriculer à la TVA dans le pays d'arrivée."
        en = "DDP: the seller may have to register for VAT in the country of arrival."
        found.append(_breach("ddp_registration", fr, en, "/incoterm"))
    return found


_FOR_CONTAINERS = {"FAS": "FCA", "FOB": "FCA", "CFR": "CPT", "CIF": "CIP"}
_BY_WATER = frozenset({Mode.SEA, Mode.INLAND_WATER})


def _of_route(order: Order, codes: Sequence[str]) -> list[Breach]:
    """Sea-only incoterms where the goods travel otherwise, or in containers, which are handed over before the quay."""
    if not codes or not order.route:
        return []
    if _BY_WATER.isdisjoint(leg.mode for leg in order.route):
        told = ", ".join(codes)
        fr, en = f"Aucun trajet par eau : {told} est maritime.", f"No leg goes by water: {told} is for the sea."
        return [_breach("incoterm_not_by_sea", fr, en, "/route")]
    if not any(leg.containers for leg in order.route):
        return []
    told = ", ".join(f"{code} → {_FOR_CONTAINERS[code]}" for code in codes)
    fr = f"En conteneurs, la marchandise est remise avant le bord : {told}."
    en = f"Containers are handed over before they are on board: {told}."
    return [_breach("incoterm_for_containers", fr, en, "/incoterm")]


def _breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer)
