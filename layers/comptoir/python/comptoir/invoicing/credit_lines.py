"""The lines of a credit note as they are entered: amounts, percentages, quantities, rebates by unit (CRN-04)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from comptoir.catalogue.pricing import LUMP_SUM, PricedLine, ProductKind, line_net
from comptoir.invoicing.balances import LineCredit
from comptoir.invoicing.model import CreditLine, CreditPart, CreditType, DraftLine
from comptoir.invoicing.shares import share
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.errors import Breach
from comptoir.kernel.money import Money, exactly, plain
from comptoir.parties.snapshot import Language
from comptoir.parties.wording import labelled
from comptoir.treasury.words import percentage_in_words

OF_NO_LINE = frozenset({CreditType.GLOBAL_REBATE, CreditType.EARLY_PAYMENT_DISCOUNT})
"""What is taken off the whole invoice, rate by rate, and off no line of it."""

_WORDS = {
    CreditType.GLOBAL_REBATE: {
        Language.FRENCH: "Remise",
        Language.ENGLISH: "Rebate",
        Language.SPANISH: "Descuento",
        Language.GERMAN: "Nachlass",
    },
    CreditType.EARLY_PAYMENT_DISCOUNT: {
        Language.FRENCH: "Escompte de règlement",
        Language.ENGLISH: "Early-payment discount",
        Language.SPANISH: "Descuento por pronto pago",
        Language.GERMAN: "Skonto",
    },
}
_DESIGNATION = 4000
_WAYS = "amount percentage quantity rebate_price".split()
_MEANT = ({"amount"}, {"percentage"}, {"percentage", "amount"}, {"quantity"}, {"quantity", "rebate_price"})
"""What is entered together: a percentage helps to find an amount, which stays free (CRN-04)."""


def held_of(lines: Mapping[int, LineCredit], position: int, currency: str) -> LineCredit:
    """What credit notes have taken of a line."""
    nothing = Money.zero(currency)
    return lines.get(position) or LineCredit(quantity=Decimal(0), returned=nothing, rebate=nothing)


def unfit(
    ask: CreditLine, kind: CreditType, invoice: Snapshot, given: Mapping[int, LineCredit], at: str
) -> list[Breach]:
    """Why a line cannot be (CRN-03, CRN-04); `given` is what credit notes have taken of the invoice's lines."""
    if (kind in OF_NO_LINE) != (ask.position is None):
        fr = "Une remise globale n'a pas de ligne de facture ; tout autre avoir en désigne une."
        en = "A global rebate names no line of the invoice; any other credit note names one."
        return [_breach("position_of_type", fr, en, f"{at}/position")]
    if ask.position is None:
        return _unfit_rebate(ask, invoice, at)
    lines = targets(ask, invoice)
    if not lines:
        known = any(line.position == ask.position for line in invoice.lines)
        fr, en = "Cette ligne n'est pas dans la facture.", "No such line in the invoice."
        if known:
            fr, en = "Le transport de cette ligne n'est pas à part.", "The transport of this line is not told apart."
        code, field = ("no_transport", "part") if known else ("unknown_position", "position")
        return [_breach(code, fr, en, f"{at}/{field}")]
    entered = {name for name in _WAYS if getattr(ask, name) is not None}
    if entered not in _MEANT:
        fr = "Indiquez un montant, un pourcentage, une quantité, ou une quantité et une remise par unité."
        en = "Give an amount, a percentage, a quantity, or a quantity and a rebate by unit."
        return [_breach("quantity_or_amount", fr, en, f"{at}/quantity")]
    if len(lines) > 1 and entered & {"amount", "rebate_price"}:
        fr = "Un montant se répartit : indiquez celui de la marchandise et celui du transport."
        en = "An amount is shared: give that of the goods and that of the transport."
        return [_breach("amount_of_both", fr, en, f"{at}/part")]
    return [
        breach
        for line in lines
        for breach in _unfit_line(ask, line, held_of(given, line.position, invoice.currency), at)
    ]


def targets(ask: CreditLine, invoice: Snapshot) -> list[PricedLine]:
    """The lines of the invoice that a line means: the one at its position, or the parts that it names.

    Goods sold with an intermediate incoterm are two lines, whichever of them is named (OFF-06).
    """
    named = next((line for line in invoice.lines if line.position == ask.position), None)
    if named is None or ask.part is None:
        return [named] if named else []
    goods = named.transport_of or named.position
    pair = {
        CreditPart.GOODS: [line for line in invoice.lines if line.position == goods],
        CreditPart.TRANSPORT: [line for line in invoice.lines if line.transport_of == goods],
    }
    if ask.part is CreditPart.BOTH:
        return [*pair[CreditPart.GOODS], *pair[CreditPart.TRANSPORT]] if pair[CreditPart.TRANSPORT] else []
    return pair[ask.part]


def _unfit_line(ask: CreditLine, line: PricedLine, held: LineCredit, at: str) -> list[Breach]:
    left = line.quantity - held.quantity
    if ask.quantity is not None and ask.quantity > left:
        shown = plain(left.normalize())
        fr = f"Il reste {shown} à créditer sur cette ligne, brouillons compris."
        en = f"{shown} remain to be credited on this line, drafts included."
        return [_breach("quantity_exceeded", fr, en, f"{at}/quantity")]
    if ask.rebate_price is not None and ask.rebate_price > line.unit_price * (100 - line.discount_rate) / 100:
        fr, en = "La remise par unité dépasse le prix facturé.", "The rebate by unit exceeds the price invoiced."
        return [_breach("rebate_above_price", fr, en, f"{at}/rebate_price")]
    rest = line.net - held.returned - held.rebate
    if rest < _worth(ask, line, held):
        fr = f"Il reste {rest.amount} {rest.currency} HT à créditer sur cette ligne, brouillons compris."
        en = f"{rest.amount} {rest.currency} without VAT remain to be credited on this line, drafts included."
        field = next(name for name in ("amount", "percentage", "quantity") if getattr(ask, name) is not None)
        return [_breach("amount_exceeded", fr, en, f"{at}/{field}")]
    return []


def _unfit_rebate(ask: CreditLine, invoice: Snapshot, at: str) -> list[Breach]:
    unwanted = [name for name in ("quantity", "percentage", "rebate_price", "part") if getattr(ask, name) is not None]
    if ask.amount is None or ask.vat_rate is None or unwanted:
        field = "amount" if ask.amount is None else "vat_rate" if ask.vat_rate is None else unwanted[0]
        fr = "Une remise globale est un montant et un taux de TVA."
        en = "A global rebate is an amount and a VAT rate."
        return [_breach("rebate_incomplete", fr, en, f"{at}/{field}")]
    if ask.vat_rate not in {row.rate for row in invoice.totals.rows}:
        fr, en = "Ce taux de TVA n'est pas dans la facture.", "This VAT rate is not in the invoice."
        return [_breach("rate_not_invoiced", fr, en, f"{at}/vat_rate")]
    return []


def _worth(ask: CreditLine, line: PricedLine, held: LineCredit) -> Money:
    """What is taken off: an amount; a percentage of the line; a quantity, with what remains of its rounding."""
    currency = line.net.currency
    if ask.amount is not None:
        return Money.of(ask.amount, currency)
    if ask.percentage is not None:
        return line.net.percent(ask.percentage)
    quantity = ask.quantity or Decimal(0)
    if ask.rebate_price is not None:
        with exactly():
            return Money.of(quantity * ask.rebate_price, currency)
    own = line_net(quantity, line.unit_price, line.discount_rate, line.free, currency)
    return share(own, line.net - held.returned, held.quantity + quantity == line.quantity)


def made(
    ask: CreditLine, kind: CreditType, invoice: Snapshot, given: Mapping[int, LineCredit], before: int
) -> list[DraftLine]:
    """The lines that an entry which fits becomes, the first one after `before` others."""
    if ask.position is None:
        return [_off_the_whole(ask, kind, invoice, before + 1)]
    return [
        _of_line(ask, line, held_of(given, line.position, invoice.currency), invoice, position)
        for position, line in enumerate(targets(ask, invoice), before + 1)
    ]


def _off_the_whole(ask: CreditLine, kind: CreditType, invoice: Snapshot, position: int) -> DraftLine:
    row = next(row for row in invoice.totals.rows if row.rate == ask.vat_rate)
    goods = any(line.kind is ProductKind.GOODS for line in invoice.lines)
    net = Money.of(ask.amount or 0, invoice.currency)
    priced = PricedLine(
        position=position,
        kind=ProductKind.GOODS if goods else invoice.lines[0].kind,
        designation=ask.designation or _WORDS[kind][invoice.language],
        quantity=Decimal(1),
        unit=LUMP_SUM[invoice.language],
        unit_price=net.amount,
        vat_rate=row.rate,
        vat_category=row.category,
        net=net,
    )
    return DraftLine(priced=priced, rebate=True, entered=ask)


def _of_line(ask: CreditLine, line: PricedLine, held: LineCredit, invoice: Snapshot, position: int) -> DraftLine:
    """A quantity taken back is the invoice's line; anything else a rebate on it, at its rate."""
    net = _worth(ask, line, held)
    alone = {"position": position, "net": net, "transport_of": None}
    if ask.quantity is not None and ask.rebate_price is None:
        back = line.change(quantity=ask.quantity, **alone)
        return DraftLine(priced=back, origin=line.position, entered=ask)
    rebate = _WORDS[CreditType.GLOBAL_REBATE][invoice.language]
    if ask.percentage is not None and ask.amount is None:
        rebate += f" {percentage_in_words(ask.percentage, invoice.language)}"
    told = {
        "designation": (ask.designation or labelled(rebate, line.designation, invoice.language))[:_DESIGNATION],
        "quantity": ask.quantity or Decimal(1),
        "unit": line.unit if ask.quantity else LUMP_SUM[invoice.language],
        "unit_price": net.amount if ask.rebate_price is None else ask.rebate_price,
        "discount_rate": Decimal(0),
        "free": False,
        "code": None,
    }
    return DraftLine(priced=line.change(**told, **alone), origin=line.position, rebate=True, entered=ask)


def _breach(code: str, fr: str, en: str, pointer: str) -> Breach:
    return Breach(code=code, fr=fr, en=en, pointer=pointer)
