"""Invoices of an order as its drafts are made and changed: parts of quantities, and the final one (INV-01, INV-13)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from comptoir.access.context import Context
from comptoir.catalogue.pricing import VatRow, totals
from comptoir.invoicing.balances import Billing, DownPayment
from comptoir.invoicing.billing import Taken, billed, billing_moved, open_rows, quantities_moved, undeducted
from comptoir.invoicing.deductions import fitting
from comptoir.invoicing.drafting import NotInvoiceable
from comptoir.invoicing.drafts import from_order
from comptoir.invoicing.holding import balance_of, billing_of
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import Document, OrderQuantity
from comptoir.invoicing.shares import place, rests
from comptoir.invoicing.snapshot import Deduction, DocumentKind, InvoiceType
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.money import total
from comptoir.orders.incoterms import order_costs
from comptoir.orders.items import ORDER, load_lines
from comptoir.orders.model import Order, OrderLine, OrderStatus
from comptoir.store import keys
from comptoir.store.transaction import Transaction
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Treasury


def invoiceable(tx: Transaction, ctx: Context, order: str) -> Order:
    """An order that may be invoiced, checked until the transaction is written. Errors: `NotFound`, `NotInvoiceable`."""
    key = keys.order(ctx.company, order)
    found = tx.require(ORDER, key)
    if found.status not in (OrderStatus.CONFIRMED, OrderStatus.COMPLETED):
        raise NotInvoiceable()
    # Lines and status are those of this version of the head, whoever changes it meanwhile.
    tx.check(key)
    return found


def blank(ctx: Context, order: Order, **fields: Any) -> Document:
    """A draft invoice of an order, of nothing yet."""
    told = "customer customer_name language currency customer_reference template terms".split()
    return Document(
        id=ctx.new_id(),
        kind=DocumentKind.INVOICE,
        order=order.id,
        order_number=order.number,
        totals=totals((), order.currency),
        created_on=ctx.today,
        **(order.picked(told) | fields),
    )


def part_of(
    tx: Transaction, ctx: Context, draft: Document, order: Order, wanted: Sequence[OrderQuantity] | None
) -> Document:
    """The draft with quantities of its order, priced beside what other documents hold.

    The one that leaves nothing of the order is final: it deducts every down payment that nothing deducts.
    Errors: `Refused`.
    """
    sheet = tx.get(TREASURY, keys.order_treasury(ctx.company, order.id)) or Treasury()
    billing, lines = billing_of(tx, ctx.company, order.id), load_lines(tx, ctx.company, order)
    parts = from_order(order, lines, sheet.taken, billing, wanted)
    payments = [payment for payment in billing.down_payments if undeducted(payment)]
    final = _nothing_left(order, lines, quantities_moved(sheet.taken, parts, 1))
    alone = {"invoice_type": InvoiceType.STANDARD, "deductions": ()}
    part = draft.change(lines=parts, totals=billed(order, billing, parts, final), **alone)
    if final and payments:
        deducted = fitting(_deductions(tx, ctx, payments), part.totals)
        return part.change(invoice_type=InvoiceType.FINAL, deductions=deducted)
    refuse_if(_room(order, billing_moved(billing, part, 1)) if payments else [])
    return part


def _nothing_left(order: Order, lines: Sequence[OrderLine], taken: Taken) -> bool:
    return all(line.quantity <= taken.get(line.id, Decimal(0)) for line in (*lines, *order_costs(order)))


def _room(order: Order, after: Billing) -> list[Breach]:
    """An invoice that is not final leaves to the final one at least what the down payments are worth (INV-13)."""
    if all(row.base.amount >= 0 for row in open_rows(order, after)):
        return []
    open_ones = (row for payment in after.down_payments for row in undeducted(payment))
    worth = total((row.base + row.vat for row in open_ones), order.currency)
    fr = f"Il resterait moins à facturer que les acomptes à déduire, {worth.amount} {worth.currency} TTC : "
    en = f"Less would remain to be invoiced than the down payments to deduct, {worth.amount} {worth.currency} with VAT"
    return [
        Breach(
            code="down_payments_exceed_rest",
            fr=fr + "facturez tout ce qui reste, la facture finale les déduit.",
            en=en + ": invoice all that remains, the final invoice deducts them.",
            pointer="/quantities",
        )
    ]


def _deductions(tx: Transaction, ctx: Context, payments: Sequence[DownPayment]) -> list[Deduction]:
    """The down payments of an order, net of their credit notes. Errors: `Refused`, naming each that is not settled.

    What a draft credit note or a draft cancellation may still take of one keeps the final invoice waiting.
    """
    heads = {payment.document: keys.document(ctx.company, payment.document) for payment in payments}
    balances = [keys.document_balance(ctx.company, payment.document) for payment in payments]
    tx.prefetch([*heads.values(), *balances])
    found, made = [], []
    for payment in payments:
        document = tx.require(DOCUMENT, heads[payment.document])
        rows = undeducted(payment)
        found += _unsettled(tx, ctx, document, rows)
        if document.number and document.issue_date:
            told = {"document": document.id, "number": document.number, "issue_date": document.issue_date}
            worth = total((row.base + row.vat for row in rows), document.currency)
            made.append(Deduction(gross=worth, rows=rows, **told))
    refuse_if(found)
    return made


def _unsettled(tx: Transaction, ctx: Context, document: Document, wanted: Sequence[VatRow]) -> list[Breach]:
    """Why a down payment cannot be deducted now, naming it."""

    def breach(code: str, fr: str, en: str) -> list[Breach]:
        return [Breach(code=code, fr=fr, en=en, link=f"/invoices/{document.id}")]

    worth = f"{document.totals.gross.amount} {document.currency}"
    if not document.issued:
        fr = f"Un acompte de {worth} est en brouillon : validez-le ou supprimez-le."
        return breach("down_payment_draft", fr, f"A down payment of {worth} is a draft: validate or delete it.")
    balance = balance_of(tx, ctx.company, document.id, document.currency)
    left = rests(document.totals.rows, balance.rows)
    short = any(rest is None or rest.base < row.base for row in wanted for rest in [left.get(place(left, row))])
    if balance.closed_by or short:
        fr = f"Un brouillon porte sur l'acompte {document.number} : validez-le ou supprimez-le."
        en = f"A draft stands on down payment {document.number}: validate or delete it."
        return breach("down_payment_unsettled", fr, en)
    return []
