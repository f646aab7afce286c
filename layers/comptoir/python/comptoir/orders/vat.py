"""The VAT rate of an order's lines by what the sale is: at home, abroad, reverse charge, franchise (PTY-02, CAT-06)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from comptoir.catalogue.pricing import PricedLine, Totals, VatCategory, sum_rows, totals
from comptoir.catalogue.vat_cases import category_of, exemptions
from comptoir.catalogue.vat_sales import Sale, zero_case
from comptoir.kernel.errors import Breach
from comptoir.orders.model import LineInput, Order, OrderLine
from comptoir.parties.snapshot import Language

NORMAL = Decimal(20)
"""The rate of what names no reference."""


def taxed(zero: VatCategory) -> bool:
    """Whether sales of which a line without VAT is `zero` bear VAT at all: those at home, but under the franchise."""
    return zero is VatCategory.ZERO


def fitting(zero: VatCategory, usual: Decimal) -> Decimal:
    """The rate that a product bears on such a sale; `usual` is its own."""
    return usual if taxed(zero) else Decimal(0)


def proposal(zero: VatCategory, usual: Decimal) -> dict[str, Decimal]:
    """The rates of a line: its sale's, and where that bears none the one at which it is bought at home."""
    rate = fitting(zero, usual)
    return {"vat_rate": rate} | ({"purchase_vat_rate": usual} if usual != rate else {})


def left_out(line: LineInput) -> bool:
    """Whether a line that was sent tells no rate."""
    return "vat_rate" not in line.model_fields_set


def as_before(lines: Sequence[LineInput], before: Sequence[OrderLine]) -> tuple[LineInput, ...]:
    """Lines as sent; one that the order holds and that tells no rate keeps its own."""
    known = {line.id: line.vat_rate for line in before}
    return tuple(
        line.change(vat_rate=known[line.id]) if line.id in known and left_out(line) else line for line in lines
    )


def refitted(zero: VatCategory, lines: Sequence[OrderLine], usual: Mapping[str, Decimal]) -> tuple[OrderLine, ...]:
    """Lines whose sale now bears VAT, or no longer does; `usual` are the rates of the references, by identifier."""
    return tuple(line.change(**_rates(zero, line, usual)) for line in lines)


def _rates(zero: VatCategory, line: OrderLine, usual: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    if not taxed(zero):
        own = line.purchase_vat_rate
        return proposal(zero, line.vat_rate) | ({} if own is None else {"purchase_vat_rate": own})
    return {} if line.vat_rate else {"vat_rate": usual.get(line.reference or "", NORMAL)}


def reasoned(
    lines: Sequence[PricedLine], sums: Totals, sale: Sale, language: Language, day: date
) -> tuple[tuple[PricedLine, ...], Totals]:
    """Lines at 0 % in the category of their legal case, and totals that tell the reason (RULES §1.3).

    Amounts stay. A domestic sale has no reason that could be printed: `warnings` tells it.
    """
    case = zero_case(sale, {line.kind for line in lines if not line.vat_rate})
    if case is None or all(line.vat_rate for line in lines):
        return tuple(lines), sums
    category = category_of(case)
    moved = tuple(line if line.vat_rate else line.change(vat_category=category) for line in lines)
    free = totals((line for line in moved if not line.vat_rate), sums.currency, exemptions([case], language, day))
    return moved, sum_rows([*(row for row in sums.rows if row.rate), *free.rows], sums.currency)


def warnings(order: Order) -> list[Breach]:
    """Rates that the sale does not call for; they may be right, so they forbid nothing."""
    rates = {bool(row.rate) for row in order.totals.rows if row.base}
    if not taxed(order.zero_category) and True in rates:
        fr = "De la TVA est comptée alors que le régime de TVA de cette vente n'en prévoit pas."
        en = "VAT is charged though the VAT treatment of this sale calls for none."
        return [Breach(code="vat_not_expected", fr=fr, en=en, pointer="/lines", link=f"/parties/{order.customer}")]
    if taxed(order.zero_category) and False in rates:
        fr = "Des lignes sont sans TVA alors que la vente est nationale : leur motif d'exonération est à vérifier."
        en = "Some lines bear no VAT though the sale is domestic: check why they are exempt."
        return [Breach(code="vat_missing", fr=fr, en=en, pointer="/lines", link=f"/parties/{order.customer}")]
    return []
