"""How drafts of invoices are filled: from lines of an order, or from direct entry (INV-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from comptoir.catalogue.pricing import PricedLine, VatCategory, line_net
from comptoir.catalogue.vat import STANDARD_RATE
from comptoir.invoicing.balances import Billing
from comptoir.invoicing.billing import Taken, worth
from comptoir.invoicing.model import MAX_LINES, DirectLine, DraftLine, OrderQuantity
from comptoir.invoicing.shares import share
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.money import plain
from comptoir.orders.incoterms import order_costs
from comptoir.orders.model import Order, OrderLine
from comptoir.orders.selling import sold


def from_order(
    order: Order,
    lines: Sequence[OrderLine],
    taken: Taken,
    billing: Billing,
    wanted: Sequence[OrderQuantity] | None,
) -> tuple[DraftLine, ...]:
    """The lines of an invoice of an order: the quantities wanted, or all that remains (INV-01).

    Both parts of a line whose transport is told apart are invoiced with its quantity, and so are the
    transport and insurance of the whole order. `taken` and `billing` are what other invoices, drafts
    included, hold. Errors: `Refused`, naming every line that is unknown, asked for twice, or asks for
    more than remains.
    """
    lines = (*lines, *order_costs(order))
    rest = {line.id: line.quantity - taken.get(line.id, Decimal(0)) for line in lines}
    if wanted is None:
        quantities = {key: quantity for key, quantity in rest.items() if quantity > 0}
    else:
        refuse_if([breach for number, ask in enumerate(wanted) for breach in _excess(ask, rest, wanted[:number])])
        quantities = {ask.line: ask.quantity for ask in wanted}
    refuse_if([] if quantities else [_NOTHING_LEFT])
    chosen = [line for line in lines if line.id in quantities]
    parts = sold(order, chosen, quantities, worth(order, taken, billing))
    refuse_if(_too_many(parts))
    return tuple(DraftLine(priced=priced, source=source) for priced, source in parts)


def of_replaced(whole: Sequence[DraftLine], wanted: Sequence[OrderQuantity] | None) -> tuple[DraftLine, ...]:
    """The lines of an invoice that replaces one of an order: at most the quantities of that one (INV-09).

    A quantity that stays keeps its amount to the cent. Errors: `Refused`, as `from_order`.
    """
    rest = {line.source: line.priced.quantity for line in whole if line.source and line.priced.transport_of is None}
    asked = wanted or [OrderQuantity(line=line, quantity=quantity) for line, quantity in rest.items()]
    refuse_if([breach for number, ask in enumerate(asked) for breach in _excess(ask, rest, asked[:number])])
    quantities = {ask.line: ask.quantity for ask in asked}
    kept = [line for line in whole if line.source in quantities]
    places = {line.priced.position: number for number, line in enumerate(kept, 1)}
    return tuple(
        line.change(priced=_part(line.priced, quantities[line.source or ""], places), origin=None) for line in kept
    )


def _part(line: PricedLine, quantity: Decimal, places: Mapping[int, int]) -> PricedLine:
    own = line_net(quantity, line.unit_price, line.discount_rate, line.free, line.net.currency)
    return line.change(
        position=places[line.position],
        quantity=quantity,
        net=share(own, line.net, quantity == line.quantity),
        transport_of=places[line.transport_of] if line.transport_of else None,
    )


_NOTHING_LEFT = Breach(
    code="nothing_to_invoice",
    fr="Tout est déjà facturé, brouillons compris.",
    en="Everything is invoiced already, drafts included.",
    pointer="/quantities",
)


def _excess(ask: OrderQuantity, rest: Mapping[str, Decimal], before: Sequence[OrderQuantity]) -> list[Breach]:
    def breach(code: str, fr: str, en: str, field: str) -> list[Breach]:
        return [Breach(code=code, fr=fr, en=en, pointer=f"/quantities/{len(before)}/{field}")]

    if ask.line not in rest:
        fr, en = "Cette ligne n'est pas dans la commande.", "This line is not in the order."
        return breach("unknown_line", fr, en, "line")
    if any(other.line == ask.line for other in before):
        fr, en = "Cette ligne est demandée deux fois.", "This line is asked for twice."
        return breach("duplicate_line", fr, en, "line")
    if ask.quantity > rest[ask.line]:
        left = plain(rest[ask.line].normalize())
        fr = f"Il reste {left} à facturer sur cette ligne, brouillons compris."
        en = f"{left} remain to be invoiced on this line, drafts included."
        return breach("quantity_exceeded", fr, en, "quantity")
    return []


def _too_many(lines: Sequence[object]) -> list[Breach]:
    """A document has at most 2,000 lines, so that it fits its chain entry."""
    if len(lines) <= MAX_LINES:
        return []
    fr = f"Une facture a au plus {MAX_LINES} lignes : choisissez les quantités d'une partie d'entre elles."
    en = f"An invoice has at most {MAX_LINES} lines: choose the quantities of some of them."
    return [Breach(code="too_many_lines", fr=fr, en=en, pointer="/quantities")]


def direct(lines: Sequence[DirectLine], currency: str, usual: Decimal = STANDARD_RATE) -> tuple[DraftLine, ...]:
    """The lines of a directly entered invoice, those without a VAT rate at the usual one.

    Errors: `Refused`, naming every line worth a hundred billion or more.
    """
    refuse_if([_worth(number) for number, line in enumerate(lines) if line.quantity * line.unit_price >= _MOST])
    return tuple(
        DraftLine(priced=_direct(line, number, currency, usual), vat_case=line.vat_case)
        for number, line in enumerate(lines, start=1)
    )


_MOST = Decimal("1e11")
"""What no line is worth, so that the sum of 2,000 stays within what an amount can hold."""


def _worth(number: int) -> Breach:
    fr, en = "Le montant de cette ligne est hors limites.", "The amount of this line is out of range."
    return Breach(code="amount_out_of_range", fr=fr, en=en, pointer=f"/lines/{number}/quantity")


def _direct(line: DirectLine, position: int, currency: str, usual: Decimal) -> PricedLine:
    rate = line.vat_rate if line.vat_rate is not None else Decimal(0) if line.vat_case else usual
    return PricedLine(
        position=position,
        vat_rate=rate,
        vat_category=VatCategory.STANDARD if rate else VatCategory.ZERO,
        net=line_net(line.quantity, line.unit_price, line.discount_rate, line.free, currency),
        **{name: getattr(line, name) for name in DirectLine.model_fields if name not in ("vat_rate", "vat_case")},
    )
