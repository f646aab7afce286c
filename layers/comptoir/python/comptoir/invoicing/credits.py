"""What a credit note may take of an invoice, and at which amounts (CRN-01, CRN-04).

Its parts are those of `shares`: the invoice can be brought to exactly zero, and never below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from comptoir.catalogue.pricing import (
    LUMP_SUM,
    PricedLine,
    ProductKind,
    Totals,
    VatCategory,
    VatRow,
    line_net,
    totals,
)
from comptoir.invoicing.model import Balance, CreditLine, CreditType, Document, DraftLine, LineCredit
from comptoir.invoicing.shares import Rated, part_totals, rests, rows_moved, share
from comptoir.invoicing.snapshot import Snapshot
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.money import Money, plain, total
from comptoir.parties.snapshot import Language

_REBATE = {
    Language.FRENCH: "Remise",
    Language.ENGLISH: "Rebate",
    Language.SPANISH: "Descuento",
    Language.GERMAN: "Nachlass",
}
_DESIGNATION = 4000


def credit(
    invoice: Snapshot, balance: Balance, kind: CreditType, wanted: Sequence[CreditLine]
) -> tuple[tuple[DraftLine, ...], Totals]:
    """The lines and totals of a credit note, at the invoice's own prices and rates (CRN-04, RULES §2.3).

    `balance` is what other credit notes, drafts included, have taken. Errors: `Refused`, naming every
    line that cannot be, or what remains of the invoice when the whole asks for more (CRN-01).
    """
    given = dict(balance.lines)
    lines: list[DraftLine] = []
    found: list[Breach] = []
    for number, ask in enumerate(wanted):
        breach = _unfit(ask, kind, invoice, given, f"/lines/{number}")
        if breach:
            found.append(breach)
            continue
        line = _line(ask, len(lines) + 1, invoice, given)
        _hold(given, line, 1)
        lines.append(line)
    refuse_if(found)
    return tuple(lines), _totals(invoice, balance, lines)


def taken(balance: Balance, note: Document) -> Balance:
    """The balance once a credit note holds its part."""
    return _moved(balance, note, 1, (*balance.documents, note.id))


def given_back(balance: Balance, note: Document) -> Balance:
    """The balance once a draft credit note is deleted."""
    return _moved(balance, note, -1, tuple(other for other in balance.documents if other != note.id))


def _moved(balance: Balance, note: Document, sign: int, documents: tuple[str, ...]) -> Balance:
    lines = dict(balance.lines)
    for line in note.lines:
        _hold(lines, line, sign)
    credited = balance.credited + _signed(note.totals.gross, sign)
    rows = rows_moved(balance.rows, note.totals.rows, sign)
    return balance.change(credited=credited, documents=documents, rows=rows, lines=lines)


def _signed(amount: Money, sign: int) -> Money:
    return amount if sign > 0 else -amount


def _hold(lines: dict[int, LineCredit], line: DraftLine, sign: int) -> None:
    """Note what a credit note's line takes of the invoice's line; a global rebate takes of none."""
    if line.origin is None:
        return
    held, net = _held(lines, line.origin, line.priced.net.currency), _signed(line.priced.net, sign)
    if line.rebate:
        lines[line.origin] = held.change(rebate=held.rebate + net)
    else:
        quantity = held.quantity + sign * line.priced.quantity
        lines[line.origin] = held.change(quantity=quantity, returned=held.returned + net)


def _held(lines: Mapping[int, LineCredit], position: int, currency: str) -> LineCredit:
    nothing = Money.zero(currency)
    return lines.get(position) or LineCredit(quantity=Decimal(0), returned=nothing, rebate=nothing)


def _unfit(
    ask: CreditLine, kind: CreditType, invoice: Snapshot, given: Mapping[int, LineCredit], at: str
) -> Breach | None:
    """Why a line cannot be, or None (CRN-03, CRN-04)."""

    def breach(code: str, fr: str, en: str, field: str) -> Breach:
        return Breach(code=code, fr=fr, en=en, pointer=f"{at}/{field}")

    if (kind is CreditType.GLOBAL_REBATE) != (ask.position is None):
        fr = "Une remise globale n'a pas de ligne de facture ; tout autre avoir en désigne une."
        en = "A global rebate names no line of the invoice; any other credit note names one."
        return breach("position_of_type", fr, en, "position")
    if ask.position is None:
        return _unfit_rebate(ask, invoice, at)
    line = next((line for line in invoice.lines if line.position == ask.position), None)
    if line is None:
        fr, en = "Cette ligne n'est pas dans la facture.", "No such line in the invoice."
        return breach("unknown_position", fr, en, "position")
    if (ask.quantity is None) == (ask.amount is None):
        fr, en = "Indiquez une quantité ou un montant.", "Give a quantity or an amount."
        return breach("quantity_or_amount", fr, en, "quantity")
    held = _held(given, line.position, invoice.currency)
    left = line.quantity - held.quantity
    if ask.quantity is not None and ask.quantity > left:
        shown = plain(left.normalize())
        fr = f"Il reste {shown} à créditer sur cette ligne, brouillons compris."
        en = f"{shown} remain to be credited on this line, drafts included."
        return breach("quantity_exceeded", fr, en, "quantity")
    rest = line.net - held.returned - held.rebate
    if rest < _net(ask, line, held):
        fr = f"Il reste {rest.amount} {rest.currency} HT à créditer sur cette ligne, brouillons compris."
        en = f"{rest.amount} {rest.currency} without VAT remain to be credited on this line, drafts included."
        return breach("amount_exceeded", fr, en, "amount" if ask.quantity is None else "quantity")
    return None


def _unfit_rebate(ask: CreditLine, invoice: Snapshot, at: str) -> Breach | None:
    if ask.amount is None or ask.vat_rate is None or ask.quantity is not None:
        field = "amount" if ask.amount is None else "vat_rate" if ask.vat_rate is None else "quantity"
        fr = "Une remise globale est un montant et un taux de TVA."
        en = "A global rebate is an amount and a VAT rate."
        return Breach(code="rebate_incomplete", fr=fr, en=en, pointer=f"{at}/{field}")
    if ask.vat_rate not in {row.rate for row in invoice.totals.rows}:
        fr, en = "Ce taux de TVA n'est pas dans la facture.", "This VAT rate is not in the invoice."
        return Breach(code="rate_not_invoiced", fr=fr, en=en, pointer=f"{at}/vat_rate")
    return None


def _net(ask: CreditLine, line: PricedLine, held: LineCredit) -> Money:
    """What a quantity of a line (with what remains of its rounding) or an amount is worth."""
    if ask.quantity is None:
        return Money.of(ask.amount or 0, line.net.currency)
    own = line_net(ask.quantity, line.unit_price, line.discount_rate, line.free, line.net.currency)
    return share(own, line.net - held.returned, held.quantity + ask.quantity == line.quantity)


def _line(ask: CreditLine, position: int, invoice: Snapshot, given: Mapping[int, LineCredit]) -> DraftLine:
    if ask.position is None:
        row = next(row for row in invoice.totals.rows if row.rate == ask.vat_rate)
        kind = max((line.kind for line in invoice.lines), key=lambda kind: kind is ProductKind.GOODS)
        rebate = ask.designation or _REBATE[invoice.language]
        return DraftLine(priced=_lump(ask, position, invoice, rebate, kind, row.rate, row.category), rebate=True)
    line = next(line for line in invoice.lines if line.position == ask.position)
    if ask.quantity is not None:
        net = _net(ask, line, _held(given, line.position, invoice.currency))
        return DraftLine(priced=line.change(position=position, quantity=ask.quantity, net=net), origin=ask.position)
    rebate = ask.designation or f"{_REBATE[invoice.language]} : {line.designation}"[:_DESIGNATION]
    priced = _lump(ask, position, invoice, rebate, line.kind, line.vat_rate, line.vat_category)
    return DraftLine(priced=priced, origin=ask.position, rebate=True)


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
        unit=LUMP_SUM[invoice.language],
        unit_price=net.amount,
        vat_rate=rate,
        vat_category=category,
        net=net,
    )


def _totals(invoice: Snapshot, balance: Balance, lines: Sequence[DraftLine]) -> Totals:
    """Totals within what remains of each rate, base and VAT. Errors: `Refused` with the remainder (CRN-01)."""
    left = rests(invoice.totals.rows, balance.rows)
    for row in totals((line.priced for line in lines), invoice.currency).rows:
        base = left[(row.category, row.rate)].base
        refuse_if([_exceeded(left, row.rate, base)] if base < row.base else [])
    result = part_totals((line.priced for line in lines), invoice.currency, left)
    refuse_if([] if result.gross else [_WORTH_NOTHING])
    return result


_WORTH_NOTHING = Breach(
    code="credit_of_nothing", fr="L'avoir doit être positif.", en="The credit note must be positive.", pointer="/lines"
)


def _exceeded(left: Mapping[Rated, VatRow], rate: Decimal, base: Money) -> Breach:
    currency = base.currency
    rest = total((row.base + row.vat for row in left.values()), currency)
    at = plain(rate.normalize())
    return Breach(
        code="credit_exceeds_invoice",
        fr="L'avoir dépasse ce qui reste de la facture, brouillons compris : "
        f"{rest.amount} {currency} TTC, dont {base.amount} {currency} HT à {at.replace('.', ',')} % de TVA.",
        en="The credit note exceeds what remains of the invoice, drafts included: "
        f"{rest.amount} {currency} with VAT, of which {base.amount} {currency} without VAT at {at}%.",
        pointer="/lines",
    )
