"""What invoices take of an order, and at which amounts, so that together they are worth it (INV-01, INV-13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from comptoir.catalogue.pricing import Totals, VatRow
from comptoir.invoicing.balances import Billing, DownPayment
from comptoir.invoicing.model import Document, DraftLine
from comptoir.invoicing.shares import by_rate, part_totals, rests, rows_moved, share
from comptoir.invoicing.snapshot import InvoiceType
from comptoir.kernel.money import Money
from comptoir.orders.model import Order, OrderLine
from comptoir.orders.selling import Nets, Worth, nets

Taken = Mapping[str, Decimal]
"""The quantities that documents hold of an order's lines."""


def worth(order: Order, taken: Taken, billing: Billing) -> Worth:
    """What a quantity of a line comes to beside what documents hold of it: the last one takes all that remains."""

    def of(line: OrderLine, quantity: Decimal) -> Nets:
        own, whole = nets(order, line, quantity), nets(order, line, line.quantity)
        last = taken.get(line.id, Decimal(0)) + quantity == line.quantity

        def part(mine: Money, all_of_it: Money, held: Mapping[str, Decimal]) -> Money:
            return share(mine, all_of_it - Money.of(held.get(line.id, 0), order.currency), last)

        goods = part(own.goods, whole.goods, billing.nets)
        if own.transport is None or whole.transport is None:
            return Nets(goods)
        return Nets(goods, part(own.transport, whole.transport, billing.transports))

    return of


def billed(order: Order, billing: Billing, lines: Sequence[DraftLine], final: bool) -> Totals:
    """The totals of an invoice of an order: the one that exhausts a rate takes all the VAT that remains of it.

    One that is not final leaves aside what down payments are worth: the final one deducts them.
    """
    left = rests(order.totals.rows, billing.rows) if final else by_rate(open_rows(order, billing))
    return part_totals((line.priced for line in lines), order.currency, left)


def undeducted(payment: DownPayment) -> tuple[VatRow, ...]:
    """What final invoices can still deduct of a down payment; no rate falls below nothing."""
    return tuple(row for row in rests(payment.rows, payment.deducted).values() if row.base.amount > 0)


def open_rows(order: Order, billing: Billing) -> tuple[VatRow, ...]:
    """What remains of an order to invoice in each rate, down payments that nothing deducts included."""
    left = tuple(rests(order.totals.rows, billing.rows).values())
    for payment in billing.down_payments:
        left = tuple(rests(left, undeducted(payment)).values())
    return left


def quantities_moved(taken: Taken, lines: Sequence[DraftLine], sign: int) -> dict[str, Decimal]:
    """The quantities held once `lines` are taken (`sign` 1) or given back (−1)."""
    found = dict(taken)
    for line in lines:
        if line.source and line.priced.transport_of is None:
            found[line.source] = found.get(line.source, Decimal(0)) + sign * line.priced.quantity
    return {source: quantity for source, quantity in found.items() if quantity}


def billing_moved(billing: Billing, invoice: Document, sign: int) -> Billing:
    """The amounts held once an invoice takes its part of the order (`sign` 1) or gives it back (−1)."""
    if invoice.invoice_type is InvoiceType.DOWN_PAYMENT:
        others = tuple(one for one in billing.down_payments if one.document != invoice.id)
        own = (DownPayment(document=invoice.id, rows=invoice.totals.rows),) if sign > 0 else ()
        return billing.change(down_payments=(*others, *own))
    sold, carried = dict(billing.nets), dict(billing.transports)
    for line in invoice.lines:
        if line.source:
            held = sold if line.priced.transport_of is None else carried
            _add(held, line.source, sign * line.priced.net.amount)
    return billing.change(
        nets=sold,
        transports=carried,
        rows=rows_moved(billing.rows, invoice.totals.rows, sign),
        down_payments=tuple(_deducted(one, invoice, sign) for one in billing.down_payments),
    )


def _deducted(payment: DownPayment, final: Document, sign: int) -> DownPayment:
    rows = next((one.rows for one in final.deductions if one.document == payment.document), None)
    if rows is None:
        return payment
    finals = (*payment.finals, final.id) if sign > 0 else tuple(one for one in payment.finals if one != final.id)
    return payment.change(deducted=rows_moved(payment.deducted, rows, sign), finals=finals)


def _add(held: dict[str, Decimal], source: str, amount: Decimal) -> None:
    """Lines of which nothing is held go."""
    after = held.pop(source, Decimal(0)) + amount
    if after:
        held[source] = after
