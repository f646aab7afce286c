"""What stays fixed on an order beside its prices: what it buys once confirmed, and what is invoiced of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from comptoir.kernel.errors import Breach, Conflict
from comptoir.orders.model import LineFields, LineInput, OfferFields, Order, OrderLine, OrderStatus
from comptoir.treasury.model import UNINVOICED, Treasury

_TOLD_LATER = ("purchase_currency", "purchase_incoterm_place")
"""What may still be told where it was not known."""
_INVOICED_HEAD = ("customer", "currency", "transport")
_INVOICED_LINE = ("unit_price", "transport_price", "discount_rate", "vat_rate", "free")


class AlreadyInvoiced(Conflict):
    """An offer that was confirmed and invoiced before can't be cancelled: its invoices stand."""

    code = "already_invoiced"
    fr = "La commande a des factures ou des règlements : elle ne peut plus être annulée."
    en = "The order has invoices or payments: it can no longer be cancelled."


def _breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer)


def fixed_purchase_breaches(before: Sequence[OrderLine], after: Sequence[LineInput]) -> list[Breach]:
    """Once confirmed, no product enters or leaves a supplier request by its order's line (CNF-05).

    Purchase quantities and prices may change; a price that was not known may be entered.
    """
    old, found = {line.id: line for line in before}, []
    for number, line in enumerate(after):
        was = old.get(line.id or "")
        if was is None:
            continue
        names = ["supplier", "purchase_incoterm", *(name for name in _TOLD_LATER if getattr(was, name))]
        found += [
            _breach(
                "purchase_fixed",
                "Figé par la confirmation sur la demande fournisseur.",
                "Fixed by the confirmation on the supplier request.",
                f"/lines/{number}/{name}",
            )
            for name in names
            if getattr(line, name) != getattr(was, name)
        ]
    return found


def invoiced(treasury: Treasury) -> bool:
    """Whether drafts, invoices or payments hang on the customer request."""
    return any(treasury.taken.values()) or any(line.status not in UNINVOICED for line in treasury.lines)


def invoiced_head_breaches(before: Order, after: OfferFields, treasury: Treasury) -> list[Breach]:
    """An offer whose confirmation was undone keeps the customer and the currency of its invoices (CNF-06)."""
    if before.status is not OrderStatus.OFFER or not invoiced(treasury):
        return []
    fr, en = "La commande a des factures : figé.", "The order has invoices: fixed."
    return [
        _breach("fixed_by_invoices", fr, en, f"/{name}")
        for name in _INVOICED_HEAD
        if getattr(before, name) != getattr(after, name)
    ]


def invoiced_line_breaches(
    order: Order, before: Sequence[OrderLine], after: Sequence[LineFields], treasury: Treasury
) -> list[Breach]:
    """What drafts and invoices have taken of an offer's lines stays, at its price (CNF-06)."""
    if order.status is not OrderStatus.OFFER or not any(treasury.taken.values()):
        return []
    places = {getattr(line, "id", None): (number, line) for number, line in enumerate(after)}
    found = []
    for was in before:
        taken = treasury.taken.get(was.id, Decimal(0))
        if not taken:
            continue
        number, line = places.get(was.id, (None, None))
        if line is None:
            fr = f"« {was.designation} » a été facturé : la ligne ne se supprime pas."
            en = f'"{was.designation}" has been invoiced: the line cannot be removed.'
            found.append(_breach("line_invoiced", fr, en, "/lines"))
            continue
        if line.quantity < taken:
            fr, en = f"Déjà facturé : {taken:f}.", f"Already invoiced: {taken:f}."
            found.append(_breach("quantity_taken", fr, en, f"/lines/{number}/quantity"))
        found += [
            _breach(
                "price_invoiced", "Déjà facturé à ce prix.", "Already invoiced at this price.", f"/lines/{number}/{n}"
            )
            for n in _INVOICED_LINE
            if getattr(line, n) != getattr(was, n)
        ]
    return found
