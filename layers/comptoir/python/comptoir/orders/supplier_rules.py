"""What may be entered on a supplier request, and what the confirmation has fixed on it (CNF-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from comptoir.catalogue.incoterms import place_breaches
from comptoir.catalogue.pricing import ProductKind, Totals
from comptoir.kernel.errors import Breach, Conflict
from comptoir.kernel.model import Model
from comptoir.kernel.money import plain
from comptoir.orders.model import CONFIRMATION, OrderStatus
from comptoir.orders.purchases import place_of, unplaced
from comptoir.orders.rules import milestone_breaches
from comptoir.orders.supplier_model import PurchaseInput, PurchaseLine, SupplierRequest, SupplierRequestFields
from comptoir.treasury.model import PaymentTerm

_FIXED = ("incoterm", "incoterm_place")
_OF_THE_ORDER = ("code", "designation", "kind", "unit")


class RequestClosed(Conflict):
    """The supplier request is completed or cancelled: it is kept as it is (LOG-03)."""

    code = "request_closed"
    fr = "La demande fournisseur est terminée ou annulée : elle ne change plus."
    en = "The supplier request is completed or cancelled: it no longer changes."


class RequestExists(Conflict):
    """An order has one request per supplier."""

    code = "supplier_request_exists"
    fr = "La commande a déjà une demande à ce fournisseur."
    en = "The order already has a request to this supplier."


def _breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer)


def editable(request: SupplierRequest) -> None:
    """Errors: `RequestClosed` when nothing of the request changes any more."""
    if not request.open:
        raise RequestClosed(status=request.status.value)


def head_breaches(before: SupplierRequest, after: SupplierRequestFields) -> list[Breach]:
    """What is wrong with the head of a request; once confirmed, terms keep all but account and comment (CNF-05)."""
    found = milestone_breaches(before.milestones, after.milestones)
    for number, milestone in enumerate(after.milestones):
        if milestone.name == CONFIRMATION:
            fr = "La confirmation est une date-repère de la commande, pas d'une demande fournisseur."
            en = "The confirmation is a milestone of the order, not of a supplier request."
            found.append(_breach("confirmation_milestone", fr, en, f"/milestones/{number}/name"))
    found += place_breaches(after.incoterm, after.incoterm_place, "/")
    if before.status is OrderStatus.OFFER:
        return found
    fr, en = "Figé par la confirmation.", "Fixed by the confirmation."
    found += [
        _breach("fixed_by_confirmation", fr, en, f"/{name}")
        for name in fixed_names(_FIXED, before)
        if getattr(before, name) != getattr(after, name)
    ]
    return [*found, *_term_breaches(before.terms, after.terms)]


def fixed_names(names: Sequence[str], before: Model) -> list[str]:
    """The fields that the confirmation has fixed: the place of an incoterm that had none may still be told."""
    return [name for name in names if not name.endswith("incoterm_place") or getattr(before, name)]


def left_without_place(request: SupplierRequest, lines: Sequence[PurchaseLine]) -> list[Breach]:
    """The breach of a request that no longer names the place of an incoterm on which some lines stand."""
    lost = unplaced(request, lines)
    if not lost:
        return []
    codes = ", ".join(dict.fromkeys(str(line.incoterm) for line in lost))
    fr = f"Des produits sont en {codes} sans lieu convenu propre : indiquez d'abord leur lieu."
    en = f"Some products are on {codes} without a named place of their own: tell their place first."
    return [_breach("incoterm_place_missing", fr, en, "/incoterm")]


def _term_breaches(before: Sequence[PaymentTerm], after: Sequence[PaymentTerm]) -> list[Breach]:
    if len(before) != len(after):
        fr = "La commande est confirmée : aucune condition de règlement ne s'ajoute ni ne se supprime."
        en = "The order is confirmed: no payment term can be added or removed."
        return [_breach("terms_fixed", fr, en, "/terms")]
    fr = "La commande est confirmée : seuls le compte bancaire et le commentaire changent."
    en = "The order is confirmed: only the bank account and the comment may change."
    return [
        _breach("terms_fixed", fr, en, f"/terms/{number}/{name}")
        for number, (was, term) in enumerate(zip(before, after, strict=True))
        for name in ("percentage", "means", "milestone", "steps")
        if getattr(was, name) != getattr(term, name)
    ]


def line_breaches(
    request: SupplierRequest, before: Sequence[PurchaseLine], after: Sequence[PurchaseInput]
) -> list[Breach]:
    """What is wrong with the products of a request: goods come from the order's lines alone (CNF-05)."""
    known, found, seen = {line.id: line for line in before}, [], set()
    for number, line in enumerate(after):
        at, was = f"/lines/{number}", known.get(line.id or "")
        if line.id and (was is None or line.id in seen):
            fr, en = "Ligne inconnue ou en double.", "Unknown or duplicate line."
            found.append(_breach("unknown_line", fr, en, f"{at}/id"))
        seen.add(line.id)
        if line.kind is ProductKind.GOODS and not (was and was.kind is ProductKind.GOODS):
            fr = "Une demande fournisseur ne reçoit pas de produit marchand : seulement du transport ou des services."
            en = "A supplier request takes no goods: transport and services only."
            found.append(_breach("goods_added", fr, en, f"{at}/kind"))
        if was and was.sold:
            found += _sold_breaches(request, was, line, at)
        found += place_breaches(line.incoterm, line.incoterm_place or place_of(request, line.incoterm), f"{at}/")
    lost = [line for line in before if line.kind is ProductKind.GOODS and line.id not in seen]
    found += [
        _breach(
            "goods_removed",
            f"« {line.designation} » est un produit marchand de la commande : il ne se supprime pas ici.",
            f'"{line.designation}" is a goods product of the order: it cannot be removed here.',
            "/lines",
        )
        for line in lost
    ]
    return found


def _sold_breaches(request: SupplierRequest, was: PurchaseLine, line: PurchaseInput, at: str) -> list[Breach]:
    """A requested product keeps what the order says of it; its incoterm too once confirmed (CNF-05)."""
    names = [*_OF_THE_ORDER, *([] if request.status is OrderStatus.OFFER else fixed_names(_FIXED, was))]
    fr = "Ce produit vient de la commande : ici seuls quantité, prix et TVA d'achat changent."
    en = "This product comes from the order: only its purchase quantity, price and VAT change here."
    return [_breach("line_of_order", fr, en, f"{at}/{n}") for n in names if getattr(was, n) != getattr(line, n)]


def minimum_breaches(
    whole: Totals, minimum: Decimal | None, lines: Sequence[PurchaseLine], quantities: Mapping[str, Decimal]
) -> list[Breach]:
    """What falls short of the supplier's minimum order, in amount or in quantity (SUP-04, PTY-03)."""
    found = []
    if minimum is not None and whole.net.amount < minimum:
        least, currency = plain(minimum), whole.currency
        fr = f"Le fournisseur demande au moins {least} {currency} HT : indiquez pourquoi commander moins."
        en = f"The supplier asks for {least} {currency} without VAT at least: say why less is ordered."
        found.append(_breach("below_minimum_order", fr, en, "/below_minimum"))
    for number, line in enumerate(lines):
        asked = quantities.get(line.code or "")
        if asked is not None and line.quantity < asked:
            shown = plain(asked.normalize())
            fr, en = f"La quantité minimum est {shown}.", f"The least quantity is {shown}."
            found.append(_breach("below_minimum_quantity", fr, en, f"/lines/{number}/quantity"))
    return found
