"""Decisions on orders: prices, what may be entered, and what a confirmed order no longer lets change (CNF-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from comptoir.access.model import Company
from comptoir.catalogue.pricing import ProductKind, VatCategory
from comptoir.catalogue.vat_cases import category_of
from comptoir.catalogue.vat_sales import Sale, zero_case
from comptoir.kernel.errors import Breach, Conflict
from comptoir.orders.model import (
    CONFIRMATION,
    INVOICE,
    MAX_LINES,
    Confirmation,
    LineFields,
    LineInput,
    Milestone,
    OfferFields,
    Order,
    OrderLine,
    OrderStatus,
)
from comptoir.orders.selling import MOST
from comptoir.orders.selling import price as price
from comptoir.parties.model import Party
from comptoir.parties.rules import is_customer
from comptoir.treasury.model import Treasury

_FIXED_FIELDS = ("customer", "currency", "incoterm", "incoterm_place", "transport", "terms")
_FIXED_LINE_FIELDS = (
    "unit_price transport_price discount_rate vat_rate free kind reference code incoterm incoterm_place".split()
)


class OrderClosed(Conflict):
    """The order is completed or cancelled: its file is kept as it is (LOG-03)."""

    code = "order_closed"
    fr = "La commande est terminée ou annulée : elle ne change plus."
    en = "The order is completed or cancelled: it no longer changes."


class NotAnOffer(Conflict):
    """Only an offer in progress (*Offre en cours*) allows it."""

    code = "not_an_offer"
    fr = "La commande n'est plus au statut « Offre en cours »."
    en = "The order is no longer an offer in progress."


class QuoteLocked(NotAnOffer):
    """The quote of a confirmed order cannot be generated again (CNF-04)."""

    code = "quote_locked"
    fr = "La commande est confirmée : son devis ne peut plus être généré."
    en = "The order is confirmed: its quote can no longer be generated."


class TableNotEmpty(Conflict):
    """A file is imported into an empty table only (OFF-04)."""

    code = "lines_not_empty"
    fr = "Le tableau des produits n'est pas vide : l'import ne remplace rien."
    en = "The table of products is not empty: an import replaces nothing."


def dates(order: OfferFields) -> dict[str, date]:
    """The date of each milestone that has one, the actual rather than the forecast (LOG-01)."""
    known = {milestone.name: milestone.actual or milestone.forecast for milestone in order.milestones}
    return {name: day for name, day in known.items() if day}


def expected_dates(order: OfferFields) -> dict[str, date]:
    """The dates that what is not invoiced yet is expected by.

    Of an order that is invoiced in parts, the next invoice comes when one is forecast, not when the first one came.
    """
    known = dates(order)
    invoice = next((milestone for milestone in order.milestones if milestone.name == INVOICE), None)
    if invoice and invoice.actual and invoice.forecast:
        known[INVOICE] = max(invoice.actual, invoice.forecast)
    return known


def zero_category(company: Company, customer: Party) -> VatCategory:
    """What a line at 0 % VAT is on this sale, by the case of its goods or else of services alone (RULES §1.3).

    Each document decides by its own lines: this only tells whether the sale bears VAT, and how goods leave.
    """
    sale = Sale.of(company, customer)
    return category_of(zero_case(sale, {ProductKind.GOODS}) or zero_case(sale, {ProductKind.SERVICE}))


def entered(
    line: LineInput, before: OrderLine | None, identifier: str, taken: Mapping[str, Any] | None = None
) -> OrderLine:
    """The order's line that was entered, with what it takes from the catalogue.

    It is the very one of before when nothing of it changed.
    """
    fields = {**line.__dict__, "id": identifier, **(taken or {})}
    return before if before and before.__dict__ == fields else OrderLine.model_validate(fields)


def editable(order: Order) -> None:
    """Errors: `OrderClosed` when nothing of the order changes any more."""
    if order.status not in (OrderStatus.OFFER, OrderStatus.CONFIRMED):
        raise OrderClosed()


def customer_breaches(customer: Party | None) -> list[Breach]:
    """An offer is made to a known customer."""
    if customer is None:
        return [_breach("unknown_customer", "Client inconnu.", "Unknown customer.", "/customer")]
    if not is_customer(customer):
        fr, en = f"« {customer.name} » n'est pas un client.", f'"{customer.name}" is not a customer.'
        return [_breach("not_a_customer", fr, en, "/customer", f"/parties/{customer.id}")]
    return []


def milestone_breaches(before: Sequence[Milestone], after: Sequence[Milestone]) -> list[Breach]:
    """Names are unique; the confirmation's actual date is set by the confirmation alone (CNF-03)."""
    found, seen = [], set()
    for number, milestone in enumerate(after):
        if milestone.name in seen:
            fr, en = f"Date-repère « {milestone.name} » en double.", f'Milestone "{milestone.name}" comes twice.'
            found.append(_breach("duplicate_milestone", fr, en, f"/milestones/{number}/name"))
        seen.add(milestone.name)
    old = next((m for m in before if m.name == CONFIRMATION), None)
    new = next((m for m in after if m.name == CONFIRMATION), None)
    if (old and old.actual and new != old) or (new and new.actual and (old is None or old.actual != new.actual)):
        found.append(
            _breach(
                "confirmation_milestone",
                "La date-repère « Confirmation de commande » vient de la confirmation : elle ne se modifie pas.",
                'The milestone "order confirmation" comes from the confirmation: it cannot be changed.',
                "/milestones",
            )
        )
    return found


def fixed_head_breaches(before: Order, after: OfferFields) -> list[Breach]:
    """What the confirmation has fixed on the head of an order (CNF-04)."""
    if before.status is OrderStatus.OFFER:
        return []
    return [
        _breach("fixed_by_confirmation", "Figé par la confirmation.", "Fixed by the confirmation.", f"/{name}")
        for name in _FIXED_FIELDS
        if getattr(before, name) != getattr(after, name)
    ]


Exists = Callable[[str], bool]


def line_breaches(
    lines: Sequence[LineInput], before: Mapping[str, OrderLine], zero: VatCategory, reference: Exists, party: Exists
) -> list[Breach]:
    """What is wrong with a set of lines; references and suppliers are looked up where they are new (OFF-02)."""
    found, seen = [], set()
    if len(lines) > MAX_LINES:
        fr, en = f"Au plus {MAX_LINES} lignes.", f"At most {MAX_LINES} lines."
        found.append(_breach("too_many_lines", fr, en, "/lines"))
    for number, line in enumerate(lines):
        at, old = f"/lines/{number}", before.get(line.id or "")
        if line.id and (old is None or line.id in seen):
            fr, en = "Ligne inconnue ou en double.", "Unknown or duplicate line."
            found.append(_breach("unknown_line", fr, en, f"{at}/id"))
        seen.add(line.id)
        found += one_line_breaches(line, zero, at)
        if line.reference and (old is None or old.reference != line.reference) and not reference(line.reference):
            found.append(_breach("unknown_reference", "Référence inconnue.", "Unknown reference.", f"{at}/reference"))
        if line.supplier and (old is None or old.supplier != line.supplier) and not party(line.supplier):
            found.append(_breach("unknown_supplier", "Fournisseur inconnu.", "Unknown supplier.", f"{at}/supplier"))
    return found


def size_breaches(line: LineFields, at: str = "") -> list[Breach]:
    """What a line is worth, costs and weighs stays within what the sums over an order can hold."""
    unit = max(
        line.unit_price + line.transport_price,
        *(each or Decimal(0) for each in (line.purchase_price, line.net_weight, line.gross_weight, line.volume)),
    )
    if unit * max(line.quantity, line.purchase_quantity or Decimal(0)) < MOST:
        return []
    fr, en = "Le montant de cette ligne est hors limites.", "The amount of this line is out of range."
    return [_breach("amount_out_of_range", fr, en, f"{at}/quantity")]


def one_line_breaches(line: LineInput, zero: VatCategory, at: str = "") -> list[Breach]:
    """What is wrong with a line in itself; `at` is its pointer."""
    found = size_breaches(line, at)
    if line.purchase_price is not None and line.purchase_currency is None:
        fr, en = "Le prix d'achat n'a pas de devise.", "The purchase price has no currency."
        found.append(_breach("purchase_currency_missing", fr, en, f"{at}/purchase_currency"))
    if zero is VatCategory.EXEMPT and line.vat_rate and "vat_rate" in line.model_fields_set:
        fr = "La société est en franchise en base : le taux de TVA est 0 (art. 293 B du CGI)."
        en = "The company is under the VAT exemption scheme (franchise en base): the VAT rate is 0."
        found.append(_breach("vat_in_franchise", fr, en, f"{at}/vat_rate"))
    return found


def fixed_line_breaches(before: Sequence[OrderLine], after: Sequence[LineInput], treasury: Treasury) -> list[Breach]:
    """What the confirmation has fixed on the lines: no line more or less, no price; quantities may change (CNF-04).

    A quantity cannot fall below what invoices, drafts included, have taken of it.
    """
    if len(after) != len(before) or {line.id for line in before} != {line.id for line in after}:
        fr = "La commande est confirmée : aucun produit ne s'ajoute ni ne se supprime."
        en = "The order is confirmed: no product can be added or removed."
        return [_breach("products_fixed", fr, en, "/lines")]
    old, found = {line.id: line for line in before}, []
    for number, line in enumerate(after):
        was, at = old[line.id or ""], f"/lines/{number}"
        found += [
            _breach("price_fixed", "Figé par la confirmation.", "Fixed by the confirmation.", f"{at}/{name}")
            for name in _FIXED_LINE_FIELDS
            if getattr(line, name) != getattr(was, name)
        ]
        taken = treasury.taken.get(was.id, Decimal(0))
        if line.quantity < taken:
            fr, en = f"Déjà facturé : {taken:f}.", f"Already invoiced: {taken:f}."
            found.append(_breach("quantity_taken", fr, en, f"{at}/quantity"))
    return found


def confirmed(order: Order, confirmation: Confirmation) -> Order:
    """The order once confirmed: status, what was entered, and the milestone's actual date (CNF-03)."""
    old = next((milestone for milestone in order.milestones if milestone.name == CONFIRMATION), None)
    done = Milestone(name=CONFIRMATION, forecast=old.forecast if old else None, actual=confirmation.date)
    others = tuple(done if milestone == old else milestone for milestone in order.milestones)
    return order.change(
        status=OrderStatus.CONFIRMED,
        confirmation=confirmation,
        milestones=others if old else (*others, done),
    )


def quote_number(order: Order, version: int) -> str:
    """The number of a version of the quote: order `C-000012`, quote `D-000012-2`."""
    return f"D-{order.number.removeprefix('C-')}-{version}"


def _breach(code: str, fr: str, en: str, pointer: str, link: str | None = None) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer, link=link)
