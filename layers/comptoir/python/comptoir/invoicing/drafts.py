"""How drafts are filled: lines of an order, of direct entry, or of the invoice that is credited."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from comptoir.catalogue.pricing import PricedLine, ProductKind, VatCategory, line_net
from comptoir.invoicing.model import CreditLine, DirectLine, DraftLine, OrderQuantity
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.money import Money
from comptoir.orders.model import LineFields, Order, OrderLine
from comptoir.parties.snapshot import Language

_REBATE = {Language.FRENCH: "Remise", Language.ENGLISH: "Rebate"}


def _priced(
    line: LineFields | DirectLine, quantity: Decimal, position: int, currency: str, zero: VatCategory
) -> PricedLine:
    return PricedLine(
        position=position,
        kind=line.kind,
        code=line.code,
        designation=line.designation,
        quantity=quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        discount_rate=line.discount_rate,
        free=line.free,
        vat_rate=line.vat_rate,
        vat_category=zero if line.vat_rate == 0 else VatCategory.STANDARD,
        net=line_net(quantity, line.unit_price, line.discount_rate, line.free, currency),
    )


def from_order(
    order: Order, lines: Sequence[OrderLine], taken: dict[str, Decimal], wanted: Sequence[OrderQuantity] | None
) -> tuple[DraftLine, ...]:
    """The lines of an invoice of an order: the quantities wanted, or all that remains (INV-01).

    `taken` holds what other invoices, drafts included, have of each line. Errors: `Refused`, naming
    every line that is unknown or asks for more than remains.
    """
    rest = {line.id: line.quantity - taken.get(line.id, Decimal(0)) for line in lines}
    if wanted is None:
        quantities = {key: quantity for key, quantity in rest.items() if quantity > 0}
    else:
        refuse_if([breach for n, ask in enumerate(wanted) for breach in _excess(ask, rest, n)])
        quantities = {ask.line: ask.quantity for ask in wanted}
    refuse_if([] if quantities else [_NOTHING_LEFT])
    chosen = [line for line in lines if line.id in quantities]
    return tuple(
        DraftLine(priced=_priced(line, quantities[line.id], n, order.currency, order.zero_category), source=line.id)
        for n, line in enumerate(chosen, start=1)
    )


_NOTHING_LEFT = Breach(
    code="nothing_to_invoice",
    fr="Tout est déjà facturé, brouillons compris.",
    en="Everything is invoiced already, drafts included.",
    pointer="/quantities",
)


def _excess(ask: OrderQuantity, rest: dict[str, Decimal], index: int) -> list[Breach]:
    if ask.line not in rest:
        return [
            Breach(
                code="unknown_line",
                fr="Cette ligne n'est pas dans la commande.",
                en="This line is not in the order.",
                pointer=f"/quantities/{index}/line",
            )
        ]
    if ask.quantity > rest[ask.line]:
        left = f"{rest[ask.line].normalize():f}"
        return [
            Breach(
                code="quantity_exceeded",
                fr=f"Il reste {left} à facturer sur cette ligne, brouillons compris.",
                en=f"{left} remain to be invoiced on this line, drafts included.",
                pointer=f"/quantities/{index}/quantity",
            )
        ]
    return []


def direct(lines: Sequence[DirectLine], currency: str) -> tuple[DraftLine, ...]:
    """The lines of a directly entered invoice."""
    return tuple(
        DraftLine(priced=_priced(line, line.quantity, n, currency, VatCategory.ZERO))
        for n, line in enumerate(lines, start=1)
    )


def from_invoice(invoice: Snapshot, wanted: Sequence[CreditLine]) -> tuple[DraftLine, ...]:
    """The lines of a credit note, at the invoice's own rates (CRN-04, RULES §2.3).

    Errors: `Refused`, naming every line that cannot be.
    """
    by_position = {line.position: line for line in invoice.lines}
    refuse_if([breach for n, ask in enumerate(wanted) for breach in _uncreditable(ask, by_position, invoice, n)])
    return tuple(
        DraftLine(priced=_credited(ask, by_position, invoice, n), origin=ask.position)
        for n, ask in enumerate(wanted, start=1)
    )


def _uncreditable(ask: CreditLine, lines: dict[int, PricedLine], invoice: Snapshot, index: int) -> list[Breach]:
    def breach(code: str, fr: str, en: str, field: str) -> list[Breach]:
        return [Breach(code=code, fr=fr, en=en, pointer=f"/lines/{index}/{field}")]

    if ask.position is None:
        if ask.amount is None or ask.vat_rate is None:
            missing = "amount" if ask.amount is None else "vat_rate"
            return breach(
                "rebate_incomplete",
                "Une remise globale demande un montant et un taux de TVA.",
                "A global rebate needs an amount and a VAT rate.",
                missing,
            )
        if ask.vat_rate not in {row.rate for row in invoice.totals.rows}:
            return breach(
                "rate_not_invoiced",
                "Ce taux de TVA n'est pas dans la facture.",
                "This VAT rate is not in the invoice.",
                "vat_rate",
            )
        return []
    line = lines.get(ask.position)
    if line is None:
        return breach(
            "unknown_position", "Cette ligne n'est pas dans la facture.", "No such line in the invoice.", "position"
        )
    if (ask.quantity is None) == (ask.amount is None):
        return breach(
            "quantity_or_amount",
            "Indiquez une quantité ou un montant.",
            "Give a quantity or an amount.",
            "quantity",
        )
    if ask.quantity is not None and ask.quantity > line.quantity:
        return breach("quantity_exceeded", "Plus que la quantité facturée.", "More than was invoiced.", "quantity")
    if ask.amount is not None and ask.amount > line.net.amount:
        return breach("amount_exceeded", "Plus que le montant de la ligne.", "More than the line's amount.", "amount")
    return []


def _credited(ask: CreditLine, lines: dict[int, PricedLine], invoice: Snapshot, position: int) -> PricedLine:
    if ask.position is None:
        row = next(row for row in invoice.totals.rows if row.rate == ask.vat_rate)
        kind = max((line.kind for line in invoice.lines), key=lambda k: k is ProductKind.GOODS)
        return _lump(ask, position, invoice, ask.designation or _REBATE[invoice.language], kind, row.rate, row.category)
    line = lines[ask.position]
    if ask.quantity is not None:
        net = line_net(ask.quantity, line.unit_price, line.discount_rate, line.free, invoice.currency)
        return line.change(position=position, quantity=ask.quantity, net=min(net, line.net))
    designation = ask.designation or f"{_REBATE[invoice.language]} : {line.designation}"
    return _lump(ask, position, invoice, designation[:4000], line.kind, line.vat_rate, line.vat_category)


def _lump(
    ask: CreditLine,
    position: int,
    invoice: Snapshot,
    designation: str,
    kind: ProductKind,
    rate: Decimal,
    category: VatCategory,
) -> PricedLine:
    net = Money.of(ask.amount or 0, invoice.currency)
    return PricedLine(
        position=position,
        kind=kind,
        designation=designation,
        quantity=Decimal(1),
        unit="forfait" if invoice.language is Language.FRENCH else "lump sum",
        unit_price=net.amount,
        vat_rate=rate,
        vat_category=category,
        net=net,
    )
