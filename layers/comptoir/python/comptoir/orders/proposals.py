"""What the catalogue proposes to a line: supplier, offers in force, weights (OFF-02, OFF-08, CAT-02, CAT-03)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from comptoir.catalogue.model import Reference, SupplierOffer
from comptoir.catalogue.prices import SalePrice
from comptoir.catalogue.pricing import VatCategory
from comptoir.catalogue.rules import most_recent_first
from comptoir.kernel.errors import Breach
from comptoir.kernel.exchange import worth
from comptoir.kernel.money import exponent, quantize
from comptoir.orders import vat
from comptoir.orders.model import LineInput, Order, OrderLine

_OWN = ("net_weight", "gross_weight", "volume", "sale_account", "purchase_account")
"""What a line takes from its reference where it tells nothing else."""


def in_force(reference: Reference, today: date) -> tuple[SupplierOffer, ...]:
    """The supplier offers that may be chosen today, the most recent first, each in its own currency (CAT-02)."""
    return tuple(offer for offer in most_recent_first(reference.offers) if offer.in_force(today))


def default_supplier(reference: Reference) -> str | None:
    """The first supplier of the grouping (CAT-03)."""
    return reference.offers[0].supplier if reference.offers else None


def default_offer(reference: Reference, supplier: str | None, quantity: Decimal, today: date) -> SupplierOffer | None:
    """The most recent offer of the supplier, by default the first one's; at one date, that of the largest quantity."""
    wanted = supplier or default_supplier(reference)
    fitting = [each for each in in_force(reference, today) if each.supplier == wanted and _fits(each, quantity)]
    return max(fitting, key=lambda each: (each.valid_from, each.minimum_quantity or Decimal(0)), default=None)


def _fits(offer: SupplierOffer, quantity: Decimal) -> bool:
    return (offer.minimum_quantity or Decimal(0)) <= quantity


def purchase_of(offer: SupplierOffer, incoterm: str | None = None, place: str | None = None) -> dict[str, object]:
    """The purchase side of a line that buys under an offer (OFF-08); `incoterm` and `place` if others were agreed."""
    own = offer.incoterm_place if incoterm in (None, offer.incoterm) else None
    return {
        "supplier": offer.supplier,
        "purchase_offer": offer.valid_from,
        "purchase_price": offer.price,
        "purchase_currency": offer.currency,
        "purchase_incoterm": incoterm or offer.incoterm,
        "purchase_incoterm_place": place or own,
    }


def in_currency(price: SalePrice | None, order: Order) -> SalePrice | None:
    """A price in the order's currency, to the cent, or to four decimals below one; None without a rate of the order."""
    value = worth(price.price, price.currency, order.currency, order.rates) if price else None
    if price is None or value is None or price.currency == order.currency:
        return price if value is not None else None
    step = exponent(order.currency) if value >= 1 else _SMALL
    return price.change(price=quantize(value, step), currency=order.currency)


_SMALL = Decimal("0.0001")


def proposed(
    reference: Reference,
    order: Order,
    quantity: Decimal,
    price: SalePrice | None,
    today: date,
    supplier: str | None = None,
) -> LineInput:
    """The line that a reference makes in an order: its words in the order's language, its prices, rate and measures.

    The sale price comes in the order's currency, at the order's own rate, the purchase side from the supplier's
    most recent offer, by default from that of the grouping's first supplier (CAT-02 to CAT-04, OFF-12).
    """
    own = reference.picked(("code", "kind", "unit", *_OWN))
    offer = default_offer(reference, supplier, quantity, today)
    asked = in_currency(price, order)
    return LineInput.model_validate(
        own
        | vat.proposal(order.zero_category, reference.vat_rate)
        | {"supplier": supplier or default_supplier(reference)}
        | (purchase_of(offer) if offer else {})
        | {
            "reference": reference.id,
            "designation": reference.worded(order.language),
            "quantity": quantity,
            "unit_price": asked.price if asked else Decimal(0),
        }
    )


def looks_up(line: LineInput, before: OrderLine | None) -> bool:
    """Whether a line newly names a reference, or newly chooses an offer of it."""
    if line.reference is None:
        return False
    return before is None or before.reference != line.reference or _chooses(line, before)


def _chooses(line: LineInput, before: OrderLine | None) -> bool:
    if line.purchase_offer is None:
        return False
    chosen = (line.supplier, line.purchase_offer)
    return before is None or (before.supplier, before.purchase_offer) != chosen


def archived_reference(line: LineInput, before: OrderLine | None, reference: Reference | None, at: str) -> list[Breach]:
    """A reference that is archived stays on the lines that have it and comes on no other."""
    if reference is None or not reference.archived or (before and before.reference == line.reference):
        return []
    fr, en = f"« {reference.code} » est archivée.", f'"{reference.code}" is archived.'
    return [Breach(code="reference_archived", fr=fr, en=en, pointer=f"{at}/reference")]


def taken(
    line: LineInput, before: OrderLine | None, reference: Reference | None, zero: VatCategory, at: str
) -> tuple[Mapping[str, object], list[Breach]]:
    """What a line takes from its reference and its sale: what it leaves out, and the offer that it newly chooses."""
    fields: dict[str, object] = {}
    if before is None and vat.left_out(line):
        rates = vat.proposal(zero, reference.vat_rate if reference else vat.NORMAL)
        fields |= {name: rate for name, rate in rates.items() if name == "vat_rate" or line.purchase_vat_rate is None}
    if line.reference is None:
        return fields, []
    source = reference or before
    fields |= {name: getattr(source, name) for name in _OWN if getattr(line, name) is None}
    if not _chooses(line, before) or reference is None:
        return fields, []
    supplier = line.supplier or default_supplier(reference)
    dated = [o for o in reference.offers if o.supplier == supplier and o.valid_from == line.purchase_offer]
    fitting = [offer for offer in dated if _fits(offer, line.quantity)]
    if not fitting:
        return fields, [_below_minimum(at) if dated else _unknown_offer(at)]
    offer = max(fitting, key=lambda offer: offer.minimum_quantity or Decimal(0))
    return fields | purchase_of(offer, line.purchase_incoterm, line.purchase_incoterm_place), []


def _unknown_offer(at: str) -> Breach:
    fr, en = "Ce fournisseur n'a pas d'offre de cette date.", "This supplier has no offer of that date."
    return Breach(code="unknown_offer", fr=fr, en=en, pointer=f"{at}/purchase_offer")


def _below_minimum(at: str) -> Breach:
    fr = "La quantité est inférieure au minimum de cette offre."
    en = "The quantity is below the minimum of this offer."
    return Breach(code="below_minimum_quantity", fr=fr, en=en, pointer=f"{at}/quantity")
